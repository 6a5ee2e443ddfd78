"""Zendesk Chat (formerly Zopim): chats with their history, and messages left while nobody was there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import dig, first, identity, items, json_match, read_json, string
from trustcoach.reading.source import Source

TITLE = "Zendesk Chat history"
EXPECTS = "chats with history: {chats: […]}, {docs: {…}}, an array, or one a line"
RECOGNISED_BY = "`history` whose items have a type such as `chat.msg`; or type `offline_msg`"
CONFIDENCE = "A"

_ROLES = {"visitor": Role.CUSTOMER, "agent": Role.AGENT, "trigger": Role.BOT}


def kind(record: dict[str, Any]) -> str | None:
    if record.get("type") == "offline_msg" and "message" in record:
        return "conversation"
    if any(string(entry.get("type")).startswith("chat.") for entry in items(record, "history")):
        return "conversation"
    return "conversation" if record.get("type") == "chat" and isinstance(record.get("history"), list) else None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 90, "chats with history")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    visitor = first(dig(record, "visitor", "name"))
    messages = [_message(entry, record, visitor, context) for entry in items(record, "history")]
    if record.get("type") == "offline_msg":
        time = context.clock.read(record.get("timestamp"))
        messages = [Message(text=string(record.get("message")), role=Role.CUSTOMER, speaker=visitor or None, time=time)]
    tags = record.get("tags")
    return Draft(
        id=identity(record.get("id")),
        messages=messages,
        channel="chat",
        rating=identity(record.get("rating")),
        tags=tuple(map(string, tags)) if isinstance(tags, list) else (),
    )


def _message(entry: dict[str, Any], chat: dict[str, Any], visitor: str, context: Context) -> Message:
    what = string(entry.get("type"))
    name = first(entry.get("name"), entry.get("nick"))
    return Message(
        text=string(entry.get("msg")),
        role=_role(entry, chat, name, visitor),
        speaker=name or None,
        speaker_id=identity(entry.get("agent_id")),
        time=context.clock.read(entry.get("timestamp")),
        id=identity(entry.get("msg_id")),
        kind="message" if what in ("chat.msg", "chat.file") else "event",
        automated=_role(entry, chat, name, visitor) is Role.BOT,
        attachments=1 if what == "chat.file" else 0,
    )


def _role(entry: dict[str, Any], chat: dict[str, Any], name: str, visitor: str) -> Role:
    sender = string(entry.get("sender_type")).casefold()
    if sender in _ROLES:
        return _ROLES[sender]
    nick = first(entry.get("nick"), entry.get("channel")).casefold()
    if nick.startswith("agent:trigger"):
        return Role.BOT
    if nick.startswith("agent:"):
        return Role.AGENT
    if nick.startswith("visitor"):
        return Role.CUSTOMER
    names = chat.get("agent_names")
    if isinstance(names, list) and name in names:
        return Role.AGENT
    return Role.CUSTOMER if name and name == visitor else Role.UNKNOWN
