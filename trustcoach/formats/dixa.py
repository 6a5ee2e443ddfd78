"""Dixa: the messages of its exports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import first, identity, items, json_match, read_json, string
from trustcoach.reading.source import Source

TITLE = "Dixa messages"
EXPECTS = "message rows with csid, one a line, an array, or {data: […]}"
RECOGNISED_BY = "`csid`, `direction` and `text`"
CONFIDENCE = "A"
JOINS = True

_ROLES = {"inbound": Role.CUSTOMER, "outbound": Role.AGENT}


def kind(record: dict[str, Any]) -> str | None:
    return "message" if {"csid", "direction", "text"} <= record.keys() else None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 90, "messages with csid and direction")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    message = Message(
        text=first(record.get("text")),
        mail=record.get("initial_channel") == "email",
        role=_ROLES.get(string(record.get("direction")).casefold(), Role.UNKNOWN),
        speaker=first(record.get("author_name"), record.get("author_email")) or None,
        time=context.clock.read(record.get("created_at")),
        id=identity(record.get("id")),
        automated=record.get("is_automated_message") is True,
        attachments=len(items(record, "attached_files")),
    )
    return Draft(id=identity(record["csid"]), messages=[message], channel=identity(record.get("initial_channel")))
