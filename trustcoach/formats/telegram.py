"""Telegram Desktop: the result.json of a chat or of a whole account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import first, identity, items, json_match, read_json, string
from trustcoach.reading.source import Source

TITLE = "Telegram chat export"
EXPECTS = "result.json of one chat, or of all; --agent NAME says who is yours"
RECOGNISED_BY = "messages with `date_unixtime`, or with `from_id` and `date`"
CONFIDENCE = "B"


def kind(record: dict[str, Any]) -> str | None:
    messages = items(record, "messages")
    fits = any("date_unixtime" in message or {"from_id", "date"} <= message.keys() for message in messages)
    return "conversation" if fits else None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 90, "messages with date_unixtime")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    messages = [_message(message, context) for message in items(record, "messages")]
    known = {name.casefold() for name in context.options.agents}
    others = {m.speaker for m in messages if m.kind == "message" and (m.speaker or "").casefold() not in known}
    if known and len(others) == 1:
        context.guess("the only other person in a Telegram chat read as the customer")
        for message in messages:
            message.role = Role.CUSTOMER if message.speaker in others else message.role
    return Draft(id=identity(record.get("id")), messages=messages, channel="telegram")


def _message(message: dict[str, Any], context: Context) -> Message:
    text = message.get("text")
    parts = text if isinstance(text, list) else [text]
    return Message(
        text="".join(
            part if isinstance(part, str) else first(part.get("text")) for part in parts if isinstance(part, str | dict)
        ),
        speaker=first(message.get("from")) or None,
        speaker_id=identity(message.get("from_id")),
        time=context.clock.read(first(message.get("date_unixtime"), message.get("date"))),
        id=identity(message.get("id")),
        kind="message" if string(message.get("type")) in ("message", "") else "event",
        edited=bool(message.get("edited_unixtime")),
        attachments=sum(key in message for key in ("photo", "file")),
    )
