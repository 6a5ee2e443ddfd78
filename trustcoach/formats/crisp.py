"""Crisp conversations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import dig, first, identity, json_match, read_json, string
from trustcoach.reading.source import Source

TITLE = "Crisp messages"
EXPECTS = "{data: […]} of messages, an array, or one a line"
RECOGNISED_BY = "`session_id`, `fingerprint` and `from`"
CONFIDENCE = "A"
JOINS = True

_ROLES = {"user": Role.CUSTOMER, "operator": Role.AGENT}


def kind(record: dict[str, Any]) -> str | None:
    return "message" if {"session_id", "fingerprint", "from"} <= record.keys() else None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 90, "messages with session_id and fingerprint")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    what = string(record.get("type"))
    content = record.get("content")
    message = Message(
        text=first(content, dig(content, "text")),
        role=_ROLES.get(string(record.get("from")), Role.UNKNOWN),
        speaker=first(dig(record, "user", "nickname")) or None,
        speaker_id=identity(dig(record, "user", "user_id")),
        time=context.clock.read(record.get("timestamp"), "ms"),
        id=identity(record.get("fingerprint")),
        kind="note" if what == "note" else "event" if what == "event" else "message",
        automated=record.get("automated") is True,
        edited=record.get("edited") is True,
        attachments=1 if what in ("file", "animation", "audio") else 0,
    )
    return Draft(id=identity(record["session_id"]), messages=[message], channel=identity(record.get("origin")))
