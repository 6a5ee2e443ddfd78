"""Sunshine Conversations: the messages behind Zendesk Messaging."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import dig, first, identity, items, json_match, read_json, string
from trustcoach.reading.source import Source

TITLE = "Sunshine Conversations (Zendesk Messaging)"
EXPECTS = "{messages: […]} of one conversation, or webhook events that hold them"
RECOGNISED_BY = "author type `user` or `business`, with `received` and a content type"
CONFIDENCE = "A"
JOINS = True

_BUSINESS = {"agent": Role.AGENT, "bot": Role.BOT, "AI": Role.BOT, "activity": Role.SYSTEM}


def kind(record: dict[str, Any]) -> str | None:
    fits = dig(record, "author", "type") in ("user", "business") and "received" in record and "content" in record
    return "message" if fits else None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 95, "messages of users and the business")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    conversation = first(dig(beside, "conversation", "id"), beside.get("conversationId"), record.get("conversationId"))
    return Draft(id=conversation or None, messages=[_message(record, context)], channel="messaging")


def _message(record: dict[str, Any], context: Context) -> Message:
    author = dig(record, "author")
    subtypes = author.get("subtypes")
    subtype = string(subtypes[0]) if isinstance(subtypes, list) and subtypes else ""
    role = (
        Role.CUSTOMER if author["type"] == "user" else _BUSINESS.get(subtype, Role.UNKNOWN if subtype else Role.AGENT)
    )
    if role is Role.AGENT and not subtype:
        context.guess("messages of the business without a subtype read as the agent's")
    content = dig(record, "content") or {}
    plain = first(content.get("text"), content.get("markdownText"))
    if content.get("type") == "formResponse":
        fields = [
            (first(f.get("label"), f.get("name")), first(f.get("text"), f.get("email")))
            for f in items(content, "fields")
        ]
        plain = "\n".join(f"{label}: {answer}" if label else answer for label, answer in fields if answer)
    return Message(
        text=plain or first(content.get("htmlText"), content.get("altText")),
        html=not plain and bool(content.get("htmlText")),
        role=role,
        speaker=first(author.get("displayName")) or None,
        speaker_id=identity(author.get("userId")),
        time=context.clock.read(record.get("received")),
        id=identity(record.get("id")),
        kind="event" if subtype == "activity" or "activity" in record else "message",
        automated=role is Role.BOT,
        deleted=record.get("deleted") is True,
        attachments=1 if content.get("type") in ("image", "file", "carousel", "list", "location", "template") else 0,
    )
