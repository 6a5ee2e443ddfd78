"""Amazon Connect chat transcripts and Contact Lens analyses, of chats and calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import dig, first, identity, items, json_match, read_json, string
from trustcoach.reading.source import Source

TITLE = "Amazon Connect chat and Contact Lens"
EXPECTS = "a transcript file of one contact (with Participants and Transcript), an API dump, or a Contact Lens analysis"
RECOGNISED_BY = "`Transcript` whose items have a participant, or `Segments` that hold such items"
CONFIDENCE = "B"
JOINS = True

_ROLES = {
    "AGENT": Role.AGENT,
    "CUSTOMER": Role.CUSTOMER,
    "SYSTEM": Role.SYSTEM,
    "CUSTOM_BOT": Role.BOT,
    "SUPERVISOR": Role.AGENT,
}


def kind(record: dict[str, Any]) -> str | None:
    if not isinstance(record.get("Transcript", record.get("Segments")), list):
        return None
    said = _said(record)
    return "message" if not said or any({"ParticipantRole", "ParticipantId"} & item.keys() for item in said) else None


def _said(record: dict[str, Any]) -> list[dict[str, Any]]:
    if "Transcript" in record:
        return items(record, "Transcript")
    found = (dig(segment, "Transcript") or dig(segment, "Utterance") for segment in items(record, "Segments"))
    return [item for item in found if isinstance(item, dict)]


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 90, "a transcript with participants")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    roles = {string(p.get("ParticipantId")): string(p.get("ParticipantRole")) for p in items(record, "Participants")}
    said = _said(record)
    contact = first(
        record.get("ContactId"),
        dig(record, "CustomerMetadata", "ContactId"),
        record.get("InitialContactId"),
        *(item.get("ContactId") for item in said[:1]),
    )
    return Draft(
        id=contact or None,
        messages=[_message(item, roles, context) for item in said],
        channel=first(record.get("Channel")).casefold() or ("chat" if "Version" in record else None),
        ordered=not any("AbsoluteTime" in item for item in said),
    )


def _message(item: dict[str, Any], roles: dict[str, str], context: Context) -> Message:
    who = string(item.get("ParticipantId"))
    word = first(item.get("ParticipantRole"), roles.get(who), who)
    if word == "SUPERVISOR":
        context.guess("supervisors who joined a chat read as agents")
    role = _ROLES.get(word, Role.UNKNOWN)
    what = first(item.get("Type")) or "MESSAGE"
    return Message(
        text=_content(item),
        role=role,
        speaker=first(item.get("DisplayName")) or None,
        speaker_id=who or None,
        time=context.clock.read(first(item.get("AbsoluteTime"), dig(item, "Time", "AbsoluteTime"))),
        id=identity(item.get("Id")),
        kind="message" if what in ("MESSAGE", "ATTACHMENT") else "event",
        automated=role is Role.BOT,
        attachments=max(len(items(item, "Attachments")), what == "ATTACHMENT"),
    )


def _content(item: dict[str, Any]) -> str:
    content = string(item.get("Content"))
    if "json" in string(item.get("ContentType")) and content.startswith("{"):
        try:
            data = json.loads(content)
        except (ValueError, RecursionError):
            return content
        return first(dig(data, "data", "content", "title"), dig(data, "title")) or content
    return content
