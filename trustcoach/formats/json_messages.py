"""JSON of unknown origin with messages in it: whatever has a text and a role or speaker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.reading.columns import ALIASES
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft
from trustcoach.reading.json_records import first, identity, json_match, read_json
from trustcoach.reading.nested import LISTS, is_message, message_from, messages_of
from trustcoach.reading.roles import fold
from trustcoach.reading.source import Source

TITLE = "JSON with messages"
EXPECTS = "objects with a list of messages, or messages with a conversation id; each with a text and a role or speaker"
RECOGNISED_BY = "a list whose items have a text and a role or speaker, by the usual names"
CONFIDENCE = "B"
JOINS = True


def kind(record: dict[str, Any]) -> str | None:
    for key, value in record.items():
        if fold(key) in LISTS and isinstance(value, list) and any(map(is_message, value)):
            return "conversation"
        if fold(key) in ("data", "attributes") and isinstance(value, dict) and kind(value):
            return "conversation"
    return "message" if is_message(record) else None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 30, "a list of messages with text and role or speaker")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    folded = {fold(key): value for key, value in record.items()}
    name = first(*(folded.get(alias) for alias in ALIASES["conversation_id"]))
    messages = messages_of(record, context)
    if messages is None:
        inner = next(
            (value for key, value in folded.items() if key in ("data", "attributes") and isinstance(value, dict)), None
        )
        messages = messages_of(inner, context) if inner is not None else None
    if messages is None:
        return Draft(id=name or None, messages=[message_from(record, context)])
    rating = first(*(folded.get(alias) for alias in ALIASES["rating"]))
    return Draft(id=name or identity(folded.get("id")), messages=messages, rating=rating or None)
