"""Zendesk conversation log: the events of a ticket, comments and messages alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import dig, first, identity, items, json_match, read_json, string
from trustcoach.reading.source import Source

TITLE = "Zendesk conversation log"
EXPECTS = "{events: […]} of one ticket, as the conversation_log endpoint gives it"
RECOGNISED_BY = "events of type `Comment` or `Messaging::ConversationMessage`, or an author with `zen:support:user_id`"
CONFIDENCE = "A"
JOINS = True

_ROLES = {"user": Role.CUSTOMER, "agent": Role.AGENT, "bot": Role.BOT}
_KEPT = ("Comment", "Messaging::ConversationMessage")


def kind(record: dict[str, Any]) -> str | None:
    if record.get("type") in _KEPT and {"author", "content"} <= record.keys():
        return "message"
    return "message" if "zen:support:user_id" in (dig(record, "author") or ()) and "type" in record else None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 95, "events with comments and messages")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    links = " ".join(map(string, (dig(beside, "links", "next"), dig(beside, "links", "prev"))))
    linked = re.search(r"/tickets/(\d+)/", links)
    ticket = identity(beside.get("ticket_id")) or identity(record.get("ticket_id")) or (linked[1] if linked else None)
    return Draft(id=ticket or identity(beside.get("id")), messages=[_message(record, context)])


def _message(event: dict[str, Any], context: Context) -> Message:
    author = dig(event, "author") or {}
    html = dig(event, "content", "type") == "html"
    machine = author.get("zen:support:user_id") == -1 or author.get("type") == "bot"
    public = dig(event, "metadata", "public") is not False
    return Message(
        text=first(dig(event, "content", "body" if html else "text"), dig(event, "content", "body")),
        html=html,
        mail=html,
        role=Role.BOT if machine else _ROLES.get(string(author.get("type")), Role.UNKNOWN),
        speaker=first(author.get("display_name")) or None,
        speaker_id=first(author.get("zen:support:user_id"), author.get("zen:sunco:user_id")) or None,
        time=context.clock.read(first(event.get("received_at"), event.get("created_at"))),
        id=identity(event.get("id")),
        kind="event" if event.get("type") not in _KEPT else "message" if public else "note",
        automated=machine,
        attachments=len(items(event, "attachments")),
    )
