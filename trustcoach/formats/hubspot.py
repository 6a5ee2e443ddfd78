"""HubSpot conversation threads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message, Person
from trustcoach.reading.json_records import dig, first, identity, items, json_match, read_json, string
from trustcoach.reading.source import Source

TITLE = "HubSpot conversation threads"
EXPECTS = "{results: […]} of thread messages; actors beside them give names"
RECOGNISED_BY = "`conversationsThreadId`"
CONFIDENCE = "A"
JOINS = True

_PREFIXES = {"A": Role.AGENT, "V": Role.CUSTOMER, "B": Role.BOT, "L": Role.BOT, "S": Role.SYSTEM, "E": Role.CUSTOMER}
_TYPES = {
    "AGENT": Role.AGENT,
    "VISITOR": Role.CUSTOMER,
    "EMAIL": Role.CUSTOMER,
    "BOT": Role.BOT,
    "LLM": Role.BOT,
    "SYSTEM": Role.SYSTEM,
}


def kind(record: dict[str, Any]) -> str | None:
    if "conversationsThreadId" in record:
        return "message"
    return "person" if record.get("type") in _TYPES and "id" in record and "name" in record else None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 90, "messages of threads")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft, _person)


def _person(record: dict[str, Any]) -> Person:
    return Person(name=first(record.get("name")) or None, role=_TYPES[record["type"]])


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    sender = next(iter(items(record, "senders")), {})
    actor = first(sender.get("actorId"), record.get("createdBy"))
    direction = {"INCOMING": Role.CUSTOMER, "OUTGOING": Role.AGENT}.get(string(record.get("direction")), Role.UNKNOWN)
    by_actor = _PREFIXES.get(actor[:1], Role.UNKNOWN) if actor[1:2] == "-" else Role.UNKNOWN
    role = by_actor if by_actor is not Role.UNKNOWN and direction is not Role.CUSTOMER else direction
    what = string(record.get("type"))
    if record.get("truncationStatus") == "TRUNCATED":
        context.guess("some messages were cut by HubSpot; what is missing there cannot be judged")
    plain = first(record.get("text"))
    message = Message(
        text=plain or first(record.get("richText")),
        html=not plain,
        mail=True,
        role=Role.BOT if what == "WELCOME_MESSAGE" else role,
        speaker=first(sender.get("name"), dig(sender, "deliveryIdentifier", "value")) or None,
        speaker_id=actor or None,
        time=context.clock.read(record.get("createdAt")),
        id=identity(record.get("id")),
        kind="note" if what == "COMMENT" else "message" if what in ("MESSAGE", "WELCOME_MESSAGE") else "event",
        automated=what == "WELCOME_MESSAGE" or role is Role.BOT,
        attachments=len(items(record, "attachments")),
    )
    return Draft(
        id=identity(record["conversationsThreadId"]), messages=[message], channel=identity(record.get("channelId"))
    )
