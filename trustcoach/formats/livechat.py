"""LiveChat (text.com) chats and archives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.errors import FormatError
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message, Person
from trustcoach.reading.json_records import dig, first, identity, items, json_match, read_json, sample, string
from trustcoach.reading.source import Source

TITLE = "LiveChat chats and archives"
EXPECTS = "{chats: […]} with a thread each, or a chat with threads, as the API gives them"
RECOGNISED_BY = "`thread` or `threads` with `events`, and `users` with a type"
CONFIDENCE = "A"

_ROLES = {"customer": Role.CUSTOMER, "agent": Role.AGENT}
_SPOKEN = ("message", "filled_form", "file", "rich_message", "form", "custom", "system_message")


def kind(record: dict[str, Any]) -> str | None:
    threads = _threads(record)
    return "conversation" if threads and "users" in record else None


def _threads(record: dict[str, Any]) -> list[dict[str, Any]]:
    one = record.get("thread")
    threads = [one] if isinstance(one, dict) else items(record, "threads")
    return [thread for thread in threads if "events" in thread or "restricted_access" in thread]


def sniff(source: Source) -> Match | None:
    for value in sample(source):
        if any("last_thread_summary" in chat for chat in items(value, "chats_summary") + items(value, "chats")):
            raise FormatError(
                "This is a list of chats without their messages.",
                path=source.name,
                remedy="Export the archives (list_archives) or single chats (get_chat).",
            )
    return json_match(source, kind, 90, "chats with threads of events")


def read(source: Source, context: Context) -> Iterator[Draft]:
    def threads(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft | None:
        found = _threads(record)
        waiting.extend(_draft(thread, record, context) for thread in found[1:])
        return _draft(found[0], record, context)

    waiting: list[Draft] = []
    for draft in read_json(source, context, kind, threads):
        yield draft
        yield from waiting
        waiting.clear()


def _draft(thread: dict[str, Any], chat: dict[str, Any], context: Context) -> Draft:
    if "events" not in thread:
        context.unreadable("", "The plan does not allow to export a thread.", string(thread.get("restricted_access")))
    people = {
        string(user.get("id")): Person(
            name=first(user.get("name")) or None, role=_ROLES.get(string(user.get("type")), Role.UNKNOWN)
        )
        for user in items(chat, "users")
    }
    score = first(dig(thread, "properties", "rating", "score"), dig(chat, "properties", "rating", "score"))
    tags = thread.get("tags")
    return Draft(
        id=identity(thread.get("id")) or identity(chat.get("id")),
        messages=[_message(event, context) for event in items(thread, "events")],
        channel="chat",
        rating={"0": "bad", "1": "good"}.get(score),
        tags=tuple(map(string, tags)) if isinstance(tags, list) else (),
        people=people,
    )


def _message(event: dict[str, Any], context: Context) -> Message:
    what = string(event.get("type"))
    text = first(event.get("text"))
    if what == "filled_form":
        answers = [(first(f.get("label")).rstrip(": "), _answer(f)) for f in items(event, "fields")]
        text = "\n".join(f"{label}: {answer}" if label else answer for label, answer in answers if answer)
    if what == "rich_message":
        texts = (first(e.get(key)) for e in items(event, "elements") for key in ("title", "subtitle"))
        text = "\n".join(t for t in texts if t)
    return Message(
        text=text,
        role=Role.SYSTEM if what == "system_message" else Role.UNKNOWN,
        speaker_id=identity(event.get("author_id")),
        time=context.clock.read(event.get("created_at")),
        id=identity(event.get("id")),
        kind="note" if event.get("visibility") == "agents" else "message" if what in _SPOKEN else "event",
        deleted=event.get("deleted") is True,
        attachments=1 if what == "file" else 0,
    )


def _answer(field: dict[str, Any]) -> str:
    answers = field.get("answers")
    listed = answers if isinstance(answers, list) else [field.get("answer")]
    return ", ".join(text for a in listed if (text := first(a, dig(a, "label"))))
