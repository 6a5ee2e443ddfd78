"""Zendesk QA (Klaus): the payload of its custom import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import first, identity, items, json_match, read_json
from trustcoach.reading.source import Source

TITLE = "Zendesk QA (Klaus) import"
EXPECTS = "{data: […]} of tickets with comments that have `comment` and `authorIsNotClient`"
RECOGNISED_BY = "`comments` with `comment`, and `assigneeEmail` or `authorIsNotClient`"
CONFIDENCE = "B"


def kind(record: dict[str, Any]) -> str | None:
    comments = items(record, "comments")
    fits = any("comment" in comment for comment in comments)
    told = "assigneeEmail" in record or any("authorIsNotClient" in comment for comment in comments)
    return "conversation" if fits and told else None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 90, "tickets with comments of clients and others")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    assignee = first(record.get("assigneeEmail"))
    messages = []
    for comment in items(record, "comments"):
        mail = first(comment.get("authorEmail"))
        staff = comment.get("authorIsNotClient") is True or bool(mail and mail == assignee)
        told = staff or comment.get("authorIsNotClient") is False or bool(mail and assignee)
        messages.append(
            Message(
                text=first(comment.get("comment")),
                mail=True,
                role=Role.AGENT if staff else Role.CUSTOMER if told else Role.UNKNOWN,
                speaker=first(comment.get("authorName"), mail) or None,
                speaker_id=mail or None,
                time=context.clock.read(first(comment.get("created"), comment.get("createdAt"))),
                id=identity(comment.get("id")),
                kind="note" if comment.get("isPublic") is False or comment.get("public") is False else "message",
            )
        )
    description = first(record.get("description"))
    opening = Message(text=description, role=Role.CUSTOMER, time=context.clock.read(record.get("created")))
    return Draft(id=identity(record.get("id")), messages=messages, fallback=opening if description else None)
