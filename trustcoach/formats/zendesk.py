"""Zendesk Support tickets with their comments: account export, API pages, streams of data loaders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.errors import FormatError
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message, Person
from trustcoach.reading.json_records import dig, first, identity, items, json_match, read_json, string
from trustcoach.reading.source import Source
from trustcoach.reading.tables import any_table_of

TITLE = "Zendesk Support tickets"
EXPECTS = "tickets with comments: one a line, an array, or {tickets: […]}; users beside them give names and roles"
RECOGNISED_BY = "`comments` with `public` or `author_id` and a requester; or `ticket_id`, `public`, `author_id`"
CONFIDENCE = "B"
JOINS = True

_ROLES = {"end-user": Role.CUSTOMER, "agent": Role.AGENT, "admin": Role.AGENT}


def kind(record: dict[str, Any]) -> str | None:
    keys = record.keys()
    if "comments" in keys and {"requester", "requester_id", "submitter", "submitter_id", "assignee_id"} & keys:
        comments = items(record, "comments")
        if not comments or any({"public", "author_id"} & comment.keys() for comment in comments):
            return "conversation"
    if {"public", "author_id"} <= keys and {"body", "plain_body", "html_body"} & keys:
        return "message"
    if {"requester_id", "subject", "description", "via"} <= keys:
        return "message"
    if record.get("role") in _ROLES and "id" in keys and {"email", "name"} & keys and "messages" not in keys:
        return "person"
    return None


def sniff(source: Source) -> Match | None:
    if source.kind == "text" and (table := any_table_of(source)):
        names = {name.strip().casefold() for name in table.header}
        if {"ticket status", "requester", "subject"} <= names or {
            "id",
            "requester",
            "subject",
            "status",
            "group",
        } <= names:
            raise FormatError(
                "This is a list of tickets without their messages.",
                path=source.name,
                remedy="Export the tickets as JSON; only that export holds the comments.",
            )
    return json_match(source, kind, 90, "tickets with comments")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft, _person)


def _person(record: dict[str, Any]) -> Person:
    return Person(name=first(record.get("name"), record.get("email")) or None, role=_ROLES[record["role"]])


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    if "comments" not in record and "author_id" in record:
        ticket = identity(record.get("ticket_id")) or identity(beside.get("ticket_id"))
        return Draft(id=ticket, messages=[_message(record, context)])
    people: dict[str, Person] = {}
    for place in ("submitter", "assignee", "requester"):
        if who := identity(dig(record, place, "id")):
            role = _ROLES.get(string(dig(record, place, "role")), Role.AGENT if place == "assignee" else Role.UNKNOWN)
            people[who] = Person(name=first(dig(record, place, "name"), dig(record, place, "email")) or None, role=role)
    requester = identity(record.get("requester_id")) or identity(dig(record, "requester", "id"))
    assignee = identity(record.get("assignee_id"))
    if assignee and assignee != requester and assignee not in people and assignee not in context.people:
        people[assignee] = Person(role=Role.AGENT)
    description = first(record.get("description"))
    opening = Message(
        text=description,
        role=Role.CUSTOMER,
        speaker_id=requester,
        time=context.clock.read(record.get("created_at")),
        mail=True,
    )
    tags = record.get("tags")
    score = record.get("satisfaction_rating")
    rating = first(score, dig(score, "score"))
    return Draft(
        id=identity(record.get("id")),
        messages=[_message(comment, context) for comment in items(record, "comments")],
        channel=identity(dig(record, "via", "channel")),
        rating=None if rating in ("offered", "unoffered") else rating or None,
        tags=tuple(map(string, tags)) if isinstance(tags, list) else (),
        fallback=opening if description else None,
        people=people,
        customer_ids=(requester,) if requester else (),
        others=Role.AGENT,
        partial="comments" not in record,
    )


def _message(comment: dict[str, Any], context: Context) -> Message:
    author = identity(comment.get("author_id"))
    plain = first(comment.get("plain_body"), comment.get("body"))
    return Message(
        text=plain or first(comment.get("html_body")),
        html=not plain,
        mail=True,
        role=Role.BOT if author == "-1" else Role.UNKNOWN,
        speaker_id=author,
        time=context.clock.read(comment.get("created_at")),
        id=identity(comment.get("id")),
        kind="note"
        if comment.get("public") is False
        else "event"
        if comment.get("type") == "VoiceComment"
        else "message",
        automated=author == "-1",
        attachments=len(items(comment, "attachments")),
    )
