"""The project's own JSON Lines: what `trustcoach convert --to jsonl` writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import identity, items, json_match, read_json, string
from trustcoach.reading.source import Source

TITLE = "trustcoach JSON Lines"
EXPECTS = "one conversation a line: id, turns with role and text (and index, speaker, time, id), channel, rating, tags"
RECOGNISED_BY = "`turns` whose items have `role` and `text`"
CONFIDENCE = "A"


def kind(record: dict[str, Any]) -> str | None:
    turns = record.get("turns")
    if not isinstance(turns, list) or not isinstance(record.get("id", record.get("conversation_id", "")), str | int):
        return None
    fits = not turns or any(isinstance(turn, dict) and {"role", "text"} <= turn.keys() for turn in turns)
    return "conversation" if fits and ("id" in record or "conversation_id" in record or turns) else None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 100, "turns with role and text")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    tags = record.get("tags")
    return Draft(
        id=identity(record.get("id")) or identity(record.get("conversation_id")),
        messages=[_message(turn, context) for turn in items(record, "turns")],
        channel=identity(record.get("channel")),
        rating=identity(record.get("rating")),
        tags=tuple(string(tag) for tag in tags if string(tag)) if isinstance(tags, list) else (),
        exact=True,
    )


def _message(turn: dict[str, Any], context: Context) -> Message:
    role = string(turn.get("role")).casefold()
    index = turn.get("index", turn.get("i"))
    return Message(
        text=string(turn.get("text")),
        role=Role(role) if role in [*Role] else Role.UNKNOWN,
        speaker=identity(turn.get("speaker")),
        time=context.clock.read(turn.get("time")),
        id=identity(turn.get("id")),
        index=index if isinstance(index, int) and not isinstance(index, bool) and index >= 0 else None,
    )
