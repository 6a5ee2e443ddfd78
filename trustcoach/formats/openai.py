"""Chat logs of language models: one `messages` list each, with roles user and assistant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import first, identity, items, json_match, read_json, string
from trustcoach.reading.source import Source

TITLE = "OpenAI-style messages"
EXPECTS = "{messages: [{role, content}]}: one a line, an array, or one object"
RECOGNISED_BY = "`messages` whose items have `role` and `content`"
CONFIDENCE = "A"

_ROLES = {"user": Role.CUSTOMER, "assistant": Role.AGENT}
_OTHERS = ("system", "developer", "tool", "function")


def kind(record: dict[str, Any]) -> str | None:
    messages = items(record, "messages")
    known = [
        m for m in messages if string(m.get("role")) in (*_ROLES, *_OTHERS) and {"content", "tool_calls"} & m.keys()
    ]
    return "conversation" if known and len(known) * 2 >= len(messages) else None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 80, "messages with role and content")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    return Draft(
        id=first(record.get("id"), record.get("conversation_id")) or None,
        messages=[_message(message, context) for message in items(record, "messages")],
        ordered=True,
    )


def _message(message: dict[str, Any], context: Context) -> Message:
    word = string(message.get("role"))
    bot = word == "assistant" and context.options.assistant_role == "bot"
    content = message.get("content")
    parts = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    text = "\n".join(t for part in parts if (t := first(part.get("text"), part.get("refusal")))) or first(content)
    return Message(
        text=text,
        role=Role.BOT if bot else _ROLES.get(word, Role.SYSTEM if word in _OTHERS else Role.UNKNOWN),
        speaker=first(message.get("name")) or None,
        id=identity(message.get("id")),
        kind="event" if not text and ("tool_calls" in message or word in _OTHERS) else "message",
        attachments=sum("text" not in part and "refusal" not in part for part in parts),
    )
