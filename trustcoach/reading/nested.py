"""Lists of messages in JSON whose vendor is unknown: whatever has a text and somebody who said it."""

from __future__ import annotations

from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.columns import ALIASES, BOOLEAN_ROLES
from trustcoach.reading.draft import Context, Message
from trustcoach.reading.roles import fold, role_of, role_of_label

__all__ = ["LISTS", "is_message", "message_from", "messages_of"]

LISTS = (
    "messages",
    "turns",
    "conversation",
    "conversations",
    "dialogue",
    "dialog",
    "transcript",
    "utterances",
    "chat",
    "history",
    "comments",
    "events",
    "items",
)
_TEXT = [
    name
    for name in ALIASES["text"]
    if name
    not in ("conversation", "dialogue", "dialog", "chattranscript", "conversationtext", "messages", "turns", "chat")
] + ["value"]
_WHO = list(dict.fromkeys(ALIASES["role"] + ["from"] + ALIASES["speaker"]))


def _find(record: dict[str, Any], names: list[str]) -> tuple[str, Any]:
    folded = {fold(key): value for key, value in record.items() if isinstance(key, str)}
    for name in names:
        if folded.get(name) not in (None, ""):
            return name, folded[name]
    return "", None


def is_message(record: Any) -> bool:
    """Whether a JSON value has a text and a role or speaker."""
    if not isinstance(record, dict):
        return False
    names = {fold(key) for key in record if isinstance(key, str)}
    return bool(names.intersection(_TEXT)) and bool(names.intersection(_WHO))


def messages_of(value: Any, context: Context) -> list[Message] | None:
    """The messages of a list, or of the list inside an object; `None` if there are none."""
    if isinstance(value, dict):
        for name in LISTS:
            for key, inner in value.items():
                if (
                    isinstance(key, str)
                    and fold(key) == name
                    and isinstance(inner, list)
                    and any(map(is_message, inner))
                ):
                    return messages_of(inner, context)
        return None
    if not isinstance(value, list) or not any(map(is_message, value)):
        return None
    return [message_from(item, context) for item in value if is_message(item)]


def message_from(record: dict[str, Any], context: Context) -> Message:
    """One message from an object with the usual names."""
    _, text = _find(record, _TEXT)
    role, speaker = _who(record, context)
    _, time = _find(record, ALIASES["timestamp"])
    _, identity = _find(record, ALIASES["message_id"])
    private = _is_private(record)
    return Message(
        text=_plain(text),
        role=role,
        speaker=speaker,
        time=context.clock.read(time),
        id=str(identity) if isinstance(identity, str | int) else None,
        kind="note" if private else "message",
    )


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(_plain(item) for item in value if isinstance(item, str | dict))
    if isinstance(value, dict):
        return _plain(value.get("text") or value.get("content") or value.get("body") or "")
    return "" if value is None else str(value)


def _is_private(record: dict[str, Any]) -> bool:
    for key, value in record.items():
        name = fold(key) if isinstance(key, str) else ""
        if name in ("private", "isprivate", "internal", "isinternal", "isnote", "internalnote") and value in (
            True,
            1,
            "true",
            "1",
        ):
            return True
        if name in ("public", "ispublic") and value in (False, 0, "false", "0"):
            return True
        if (
            name in ("type", "messagetype", "parttype")
            and isinstance(value, str)
            and fold(value) in ("note", "internalnote", "privatenote")
        ):
            return True
    return False


def _who(record: dict[str, Any], context: Context) -> tuple[Role, str | None]:
    role: Role | None = None
    speaker: str | None = None
    folded = {fold(key): value for key, value in record.items() if isinstance(key, str)}
    for name in _WHO:
        value = folded.get(name)
        if isinstance(value, dict):
            inner = {fold(key): v for key, v in value.items() if isinstance(key, str)}
            role = role or next(
                (r for k in ("role", "type") if (r := role_of(inner.get(k), context.options.role_words))), None
            )
            named = next((inner[k] for k in ("name", "displayname", "email", "id") if inner.get(k)), None)
            speaker = speaker or (str(named) if named is not None else None)
        elif name in BOOLEAN_ROLES and isinstance(value, bool | int) and value in (0, 1):
            yes = BOOLEAN_ROLES[name]
            role = role or (yes if value else Role.CUSTOMER if yes is Role.AGENT else Role.AGENT)
        elif isinstance(value, str) and value:
            word = role_of(value, context.options.role_words)
            if word:
                role = role or word
            elif name in ALIASES["speaker"] and name not in ("channel", "type"):
                speaker = speaker or value
    if role is None and speaker:
        told = role_of_label(speaker)
        if told:
            role, speaker = told
    if role is Role.AGENT and context.options.assistant_role == "bot":
        for name in _WHO:
            if isinstance(folded.get(name), str) and fold(folded[name]) == "assistant":
                role = Role.BOT
    return role or Role.UNKNOWN, speaker
