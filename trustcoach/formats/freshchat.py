"""Freshchat conversations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import dig, first, identity, items, json_match, read_json, string
from trustcoach.reading.source import Source

TITLE = "Freshchat messages"
EXPECTS = "{messages: […]}, a conversation with messages, or webhook bodies"
RECOGNISED_BY = "`message_parts` with `actor_type` or `actor_id`"
CONFIDENCE = "B"
JOINS = True

_ROLES = {"user": Role.CUSTOMER, "agent": Role.AGENT, "system": Role.SYSTEM, "bot": Role.BOT}


def kind(record: dict[str, Any]) -> str | None:
    fits = isinstance(record.get("message_parts"), list) and {"actor_type", "actor_id", "user_id"} & record.keys()
    return "message" if fits else None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 90, "messages with message_parts")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    parts = items(record, "message_parts")
    texts = [text for part in parts if (text := first(dig(part, "text", "content")))]
    word = first(record.get("actor_type"), dig(beside, "actor", "type")) or ("user" if "user_id" in record else "")
    role = _ROLES.get(word, Role.UNKNOWN)
    what = string(record.get("message_type"))
    message = Message(
        text="\n".join(texts),
        role=role,
        speaker_id=first(record.get("actor_id"), record.get("user_id")) or None,
        time=context.clock.read(record.get("created_time")),
        id=identity(record.get("id")),
        kind="note" if what == "private" else "event" if what == "system" else "message",
        automated=role is Role.BOT,
        attachments=len(parts) - len(texts),
    )
    return Draft(
        id=first(record.get("conversation_id"), beside.get("conversation_id")) or None,
        messages=[message],
        channel=identity(record.get("message_source")),
    )
