"""Freshdesk (and Freshservice) tickets and their conversations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message, Person
from trustcoach.reading.json_records import dig, first, identity, items, json_match, read_json, string
from trustcoach.reading.source import Source

TITLE = "Freshdesk tickets"
EXPECTS = "tickets with conversations, or the conversation entries of one or more tickets"
RECOGNISED_BY = "entries with `incoming`, `private` and `body` or `body_text`; tickets with `description_text`"
CONFIDENCE = "A"
JOINS = True

_CHANNELS = {"1": "email", "2": "portal", "3": "phone", "7": "chat", "9": "feedback widget", "10": "outbound email"}
_EVENTS = ("6",)  # survey feedback


def kind(record: dict[str, Any]) -> str | None:
    if {"incoming", "private"} <= record.keys() and {"body_text", "body"} & record.keys():
        return "message"
    if {"requester_id", "source"} <= record.keys() and {"description_text", "conversations"} & record.keys():
        return "conversation" if "conversations" in record else "message"
    return None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 90, "tickets with incoming and outgoing entries")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    if "incoming" in record:
        return Draft(id=identity(record.get("ticket_id")), messages=[_message(record, context)])
    requester = identity(record.get("requester_id"))
    plain = first(record.get("description_text"))
    opening = Message(
        text=plain or first(record.get("description")),
        html=not plain,
        mail=True,
        role=Role.CUSTOMER,
        speaker_id=requester,
        time=context.clock.read(record.get("created_at")),
        attachments=len(items(record, "attachments")),
    )
    tags = record.get("tags")
    name = first(dig(record, "requester", "name"))
    return Draft(
        id=identity(record.get("id")),
        messages=[opening] * bool(opening.text)
        + [_message(entry, context) for entry in items(record, "conversations")],
        channel=_CHANNELS.get(string(record.get("source"))),
        tags=tuple(map(string, tags)) if isinstance(tags, list) else (),
        people={requester: Person(name=name)} if requester and name else {},
        customer_ids=(requester,) if requester else (),
        others=Role.AGENT,
    )


def _message(entry: dict[str, Any], context: Context) -> Message:
    plain = first(entry.get("body_text"))
    source = string(entry.get("source"))
    return Message(
        text=plain or first(entry.get("body")),
        html=not plain,
        mail=True,
        role=Role.CUSTOMER
        if entry.get("incoming") is True
        else Role.AGENT
        if entry.get("incoming") is False
        else Role.UNKNOWN,
        speaker_id=identity(entry.get("user_id")),
        time=context.clock.read(entry.get("created_at")),
        id=identity(entry.get("id")),
        kind="note" if entry.get("private") is True else "event" if source in _EVENTS else "message",
        edited=bool(entry.get("last_edited_at")),
        attachments=len(items(entry, "attachments")),
    )
