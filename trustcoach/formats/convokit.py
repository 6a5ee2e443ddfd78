"""ConvoKit corpora: a folder or archive with utterances, speakers and conversations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.errors import InputError
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import dig, first, identity, json_match, read_json, string
from trustcoach.reading.roles import role_of, role_of_label
from trustcoach.reading.source import Source

TITLE = "ConvoKit corpus"
EXPECTS = "a folder or ZIP with utterances.jsonl, speakers.json and conversations.json, or the utterances alone"
RECOGNISED_BY = "the files' names; lines with `conversation_id` (or `root`), `speaker` (or `user`) and `reply-to`"
CONFIDENCE = "A"
MARKERS = (("utterances.jsonl",), ("utterances.json",))

_KEYS = ("role", "is_agent", "speaker_role", "type", "user_type", "role_type")


def kind(record: dict[str, Any]) -> str | None:
    keys = record.keys()
    fits = {"conversation_id", "root"} & keys and {"speaker", "user"} & keys and {"reply-to", "reply_to"} & keys
    return "message" if fits and "text" in keys else None


def sniff(source: Source) -> Match | None:
    if source.members:
        return Match(100, "a folder with utterances") if _file(source, "utterances") else None
    return json_match(source, kind, 95, "utterances with reply-to")


def _file(source: Source, name: str) -> Source | None:
    return source.members.get(f"{name}.jsonl") or source.members.get(f"{name}.json")


def _table(source: Source, *names: str) -> dict[str, Any]:
    """A JSON object by id, from the first of the files that is there."""
    for name in names:
        member = _file(source, name)
        if member is not None and member.kind == "json":
            found: dict[str, Any] = {}
            for _, value in member.values():
                found |= value if isinstance(value, dict) else {}
            return found
    return {}


def read(source: Source, context: Context) -> Iterator[Draft]:
    utterances = _file(source, "utterances") if source.members else source
    if utterances is None:
        raise InputError("The corpus has no utterances.", path=source.name, remedy="Give the whole corpus folder.")
    speakers = _table(source, "speakers", "users")
    context.cache["speakers"] = {key: _role(dig(value, "meta") or value) for key, value in speakers.items()}
    context.cache["conversations"] = _table(source, "conversations")
    return read_json(utterances, context, kind, _draft)


def _role(meta: Any) -> Role:
    for key in _KEYS:
        value = dig(meta, key)
        if isinstance(value, bool) and key == "is_agent":
            return Role.AGENT if value else Role.CUSTOMER
        if found := role_of(value):
            return found
    return Role.UNKNOWN


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    speaker = record.get("speaker", record.get("user"))
    name = first(speaker, dig(speaker, "id"), dig(speaker, "name"))
    role = _role(record.get("meta"))
    if role is Role.UNKNOWN:
        role = context.cache["speakers"].get(name, Role.UNKNOWN)
    if role is Role.UNKNOWN and isinstance(speaker, dict):
        role = _role(speaker)
    if role is Role.UNKNOWN and (told := role_of_label(name.replace("_", " "))):
        role = told[0]
    conversation = first(record.get("conversation_id"), record.get("root"))
    meta = dig(context.cache["conversations"].get(conversation), "meta")
    tags = dig(meta, "tags")
    message = Message(
        text=string(record.get("text")),
        role=role,
        speaker=name or None,
        time=context.clock.read(record.get("timestamp")),
        id=identity(record.get("id")),
    )
    return Draft(
        id=conversation or None,
        messages=[message],
        channel=first(dig(meta, "channel")) or None,
        rating=first(dig(meta, "rating")) or None,
        tags=tuple(map(string, tags)) if isinstance(tags, list) else (),
        ordered=True,
    )
