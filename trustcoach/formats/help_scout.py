"""Help Scout conversations and threads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import dig, first, identity, items, json_match, read_json, string
from trustcoach.reading.source import Source

TITLE = "Help Scout conversations"
EXPECTS = "conversations with _embedded.threads, or the threads of a loader"
RECOGNISED_BY = "`_embedded.threads`; or threads with `createdBy` (`created_by`), `state` and `type`"
CONFIDENCE = "B"
JOINS = True

_ROLES = {"user": Role.AGENT, "customer": Role.CUSTOMER, "team": Role.SYSTEM}  # here a user works for the company
_SPOKEN = ("customer", "message", "chat", "beaconchat", "phone", "forwardparent", "forwardchild", "reply")


def kind(record: dict[str, Any]) -> str | None:
    if any(kind(thread) for thread in items(record, "_embedded", "threads")):
        return "conversation"
    told = {"createdBy", "created_by"} & record.keys() and {"savedReplyId", "saved_reply_id", "action"} & record.keys()
    threaded = "createdBy" in record and record.get("type") in (*_SPOKEN, "note", "lineitem") and "state" in record
    return "message" if told or threaded else None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 90, "threads")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    threads = items(record, "_embedded", "threads")
    if not threads:
        return Draft(id=identity(record.get("conversation_id")), messages=[_message(record, context)])
    return Draft(
        id=identity(record.get("id")),
        messages=[_message(thread, context) for thread in threads],
        channel=first(record.get("type"), dig(record, "source", "type")) or None,
        tags=tuple(name for tag in items(record, "tags") if (name := first(tag.get("tag"), tag.get("name")))),
    )


def _message(thread: dict[str, Any], context: Context) -> Message:
    author = dig(thread, "createdBy") or dig(thread, "created_by")
    what = string(thread.get("type"))
    names = [first(dig(author, "first")), first(dig(author, "last"))]
    published = thread.get("state") in (None, "published")
    return Message(
        text=first(thread.get("body")),
        html=True,
        mail=True,
        role=_ROLES.get(string(dig(author, "type")), Role.UNKNOWN),
        speaker=" ".join(name for name in names if name) or first(dig(author, "email")) or None,
        speaker_id=identity(dig(author, "id")),
        time=context.clock.read(first(thread.get("createdAt"), thread.get("created_at"))),
        id=identity(thread.get("id")),
        kind="note" if what == "note" else "message" if what in _SPOKEN and published else "event",
        attachments=len(items(thread, "_embedded", "attachments")),
    )
