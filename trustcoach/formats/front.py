"""Front conversations: messages and internal comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import dig, first, identity, items, json_match, read_json
from trustcoach.reading.source import Source

TITLE = "Front messages"
EXPECTS = "{_results: […]} of messages (and comments)"
RECOGNISED_BY = "`is_inbound` and `_links` or `blurb`; comments with `posted_at`"
CONFIDENCE = "B"
JOINS = True


def kind(record: dict[str, Any]) -> str | None:
    if "is_inbound" in record and {"_links", "blurb", "is_draft"} & record.keys():
        return "message"
    return "message" if {"posted_at", "author", "body"} <= record.keys() else None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 90, "messages with is_inbound")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    link = first(dig(record, "_links", "related", "conversation"), dig(beside, "_links", "self"))
    conversation = next((part for part in link.split("/") if part.startswith("cnv_")), None)
    inbound = record.get("is_inbound")
    author = record.get("author")
    customer = next((first(r.get("handle")) for r in items(record, "recipients") if r.get("role") == "from"), "")
    sender = customer if inbound is True else ""
    names = [first(dig(author, "first_name")), first(dig(author, "last_name"))]
    plain = first(record.get("text"))
    message = Message(
        text=plain or first(record.get("body")),
        html=not plain,
        mail=True,
        role=Role.CUSTOMER if inbound is True else Role.AGENT if inbound is False else Role.UNKNOWN,
        speaker=" ".join(name for name in names if name) or first(dig(author, "email"), sender) or None,
        speaker_id=identity(dig(author, "id")),
        time=context.clock.read(first(record.get("created_at"), record.get("posted_at"))),
        id=identity(record.get("id")),
        kind="note" if "posted_at" in record else "event" if record.get("is_draft") is True else "message",
        attachments=len(items(record, "attachments")),
    )
    return Draft(id=conversation, messages=[message], channel=identity(record.get("type")))
