"""Gorgias tickets and messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import dig, first, identity, items, json_match, read_json
from trustcoach.reading.source import Source

TITLE = "Gorgias messages"
EXPECTS = "tickets with messages, {data: […]} of messages, or the messages of a loader"
RECOGNISED_BY = "messages with `from_agent` and `stripped_text` or `body_text`"
CONFIDENCE = "A"
JOINS = True


def kind(record: dict[str, Any]) -> str | None:
    if "from_agent" in record and {"stripped_text", "body_text", "body_html"} & record.keys():
        return "message"
    return "conversation" if any(kind(message) for message in items(record, "messages")) else None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 90, "messages with from_agent")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    if "from_agent" in record:
        return Draft(id=identity(record.get("ticket_id")), messages=[_message(record, context)])
    return Draft(
        id=identity(record.get("id")),
        messages=[_message(message, context) for message in items(record, "messages")],
        channel=identity(record.get("channel")),
        rating=first(dig(record, "satisfaction_survey", "score")) or None,
        tags=tuple(name for tag in items(record, "tags") if (name := first(tag.get("name")))),
    )


def _message(record: dict[str, Any], context: Context) -> Message:
    plain = first(record.get("stripped_text"), record.get("body_text"))
    agent = record.get("from_agent")
    sender = record.get("sender")
    return Message(
        text=plain or first(record.get("body_html")),
        html=not plain,
        mail=True,
        role=Role.AGENT if agent is True else Role.CUSTOMER if agent is False else Role.UNKNOWN,
        speaker=first(dig(sender, "name"), dig(sender, "firstname"), dig(sender, "email")) or None,
        speaker_id=identity(dig(sender, "id")),
        time=context.clock.read(first(record.get("sent_datetime"), record.get("created_datetime"))),
        id=identity(record.get("id")),
        kind="note" if record.get("public") is False or record.get("channel") == "internal-note" else "message",
        automated=bool(record.get("rule_id")) or record.get("via") == "rule",
        deleted=bool(record.get("deleted_datetime")),
        attachments=len(items(record, "attachments")),
    )
