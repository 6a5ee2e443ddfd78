"""JSON exports: recognising their records, and taking them out of the envelopes around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from trustcoach.errors import InputError
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Person
from trustcoach.reading.source import Source

__all__ = ["dig", "expand", "first", "identity", "items", "json_match", "read_json", "sample", "string"]

Kind = Callable[[dict[str, Any]], str | None]
"""Tells what a record is to a format: `conversation`, `message` (a part of one), `person`, or `None`."""

_AROUND = (
    "data results _results records entities value docs chats conversations tickets events messages comments threads "
    "items transcripts conversation_parts conversationEntries _embedded list rows payload message body"
)
_ENVELOPES = _AROUND.split()
_PEOPLE = ("users", "agents", "contacts", "participants", "requesters", "operators", "customers")


def sample(source: Source) -> list[Any]:
    """The first JSON values of a source, up to five; none if it is not JSON."""
    if "sample" not in source.cache:
        values: list[Any] = []
        if source.kind == "json":
            try:
                values += (_trimmed(value) for _, value in islice(source.values(quiet=True), 5))
            except InputError as error:
                if not values:
                    raise
                source.cache["broken"] = error
        source.cache["sample"] = values
    found: list[Any] = source.cache["sample"]
    return found


def _trimmed(value: Any, depth: int = 0) -> Any:
    """The beginning of a value, which is enough to recognise it."""
    if isinstance(value, dict):
        return {key: _trimmed(inner, depth + 1) for key, inner in value.items()} if depth < 8 else {}
    if isinstance(value, list):
        return [_trimmed(inner, depth + 1) for inner in value[:20]] if depth < 8 else []
    return value


def json_match(source: Source, kind: Kind, score: int, reason: str) -> Match | None:
    """A match if there are records of the kind among the first values."""
    found = (record for value in sample(source) for record, _ in islice(expand(value, kind), 20))
    fits = any(kind_of(record, kind) in ("conversation", "message") for record in found)
    return Match(score, reason) if fits else None


def expand(
    value: Any, kind: Kind, beside: dict[str, Any] | None = None, depth: int = 0
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The records inside a JSON value, each with the envelope it came out of."""
    beside = beside or {}
    if depth > 4:
        return
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict | list):
                yield from expand(item, kind, beside, depth + 1)
        return
    if not isinstance(value, dict) or _is_control(value):
        return
    loaded = _loaded(value)
    if loaded is not None:
        yield from expand(loaded, kind, {**beside, "stream": value.get("stream")}, depth + 1)
        return
    if kind_of(value, kind):
        yield value, beside
        return
    outer = {**beside, **{key: inner for key, inner in value.items() if key not in _ENVELOPES}}
    for people in _PEOPLE:
        if isinstance(value.get(people), list):
            yield from ((p, outer) for p in value[people] if kind_of(p, kind) == "person")
    for name in _ENVELOPES:
        inner = value.get(name)
        if name == "docs" and isinstance(inner, dict):
            inner = list(inner.values())
        if isinstance(inner, list | dict) and inner:
            yield from expand(inner, kind, outer, depth + 1)


def kind_of(record: Any, kind: Kind) -> str | None:
    """What a record is to a format; nothing, if its values are not of the types that the format knows."""
    if not isinstance(record, dict):
        return None
    try:
        return kind(record)
    except (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError):
        return None


def _is_control(value: Any) -> bool:
    """Whether this is a line that data loaders write between the records."""
    return (
        isinstance(value, dict)
        and value.get("type") in ("SCHEMA", "STATE", "ACTIVATE_VERSION", "LOG", "SPEC", "TRACE", "CONNECTION_STATUS")
        and not {"messages", "turns", "comments", "history"} & value.keys()
    )


def _loaded(value: dict[str, Any]) -> dict[str, Any] | None:
    """The record inside a line of a Singer or Airbyte data loader."""
    if value.get("type") == "RECORD" and isinstance(value.get("record"), dict):
        record: dict[str, Any] = value["record"]
        inner = record.get("data")
        return inner if isinstance(record.get("stream"), str) and isinstance(inner, dict) else record
    if isinstance(value.get("stream"), str) and isinstance(value.get("data"), dict) and "emitted_at" in value:
        data: dict[str, Any] = value["data"]
        return data
    if isinstance(value.get("_airbyte_data"), dict):
        raw: dict[str, Any] = value["_airbyte_data"]
        return raw
    return None


def read_json(
    source: Source,
    context: Context,
    kind: Kind,
    draft: Callable[[dict[str, Any], dict[str, Any], Context], Draft | None],
    person: Callable[[dict[str, Any]], Person | None] | None = None,
) -> Iterator[Draft]:
    """The drafts in a JSON source: *draft* makes one from each record; people are remembered by their ids."""
    for where, value in source.values():
        found = False
        for record, beside in expand(value, kind):
            found = True
            what = kind_of(record, kind)
            if what == "person":
                someone = person(record) if person else None
                if someone is not None:
                    context.people[string(record.get("id"))] = someone
                continue
            made = context.safely(where, lambda r=record, b=beside: draft(r, b, context))  # type: ignore[misc]
            if made is not None:
                made.where = made.where or where
                made.partial = made.partial or what == "message"
                yield made
        if not found and not _is_control(value) and value not in ({}, []):
            context.unreadable(where, "This is not a record of the format.")


def dig(value: Any, *path: str) -> Any:
    """What lies at a path of keys, or `None` where it ends early."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def items(value: Any, *path: str) -> list[dict[str, Any]]:
    """The objects of the list at a path; nothing else."""
    found = dig(value, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def string(value: Any) -> str:
    """A scalar as text; the empty string for anything else. A whole number keeps its digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def first(*values: Any) -> str:
    """The first value that is a text with something in it."""
    return next((text for value in values if (text := string(value)).strip()), "")


def identity(value: Any) -> str | None:
    """An id as text, or `None`."""
    return string(value) or None
