"""Google Customer Experience Insights: upload files and conversation resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import dig, first, identity, items, json_match, read_json, string
from trustcoach.reading.source import Source

TITLE = "Google Customer Experience Insights"
EXPECTS = "a conversation with entries (upload file) or with transcript segments (export)"
RECOGNISED_BY = "`entries` with `start_timestamp_usec`; `transcript.transcriptSegments`"
CONFIDENCE = "A"

_ROLES = {
    "AGENT": Role.AGENT,
    "HUMAN_AGENT": Role.AGENT,
    "AUTOMATED_AGENT": Role.BOT,
    "CUSTOMER": Role.CUSTOMER,
    "END_USER": Role.CUSTOMER,
}


def kind(record: dict[str, Any]) -> str | None:
    if any({"start_timestamp_usec", "role"} <= entry.keys() for entry in items(record, "entries")):
        return "conversation"
    return "conversation" if _segments(record) else None


def _segments(record: dict[str, Any]) -> list[dict[str, Any]]:
    transcript = dig(record, "transcript")
    return items(transcript, "transcriptSegments") or items(transcript, "transcript_segments")


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 90, "entries or transcript segments")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    messages = [_entry(entry, context) for entry in items(record, "entries")]
    messages += [_segment(segment, record, context) for segment in _segments(record)]
    return Draft(
        id=first(record.get("name")).rpartition("/")[2] or None,
        messages=messages,
        channel=first(record.get("medium")).casefold().replace("phone_call", "call") or None,
        rating=first(dig(record, "qualityMetadata", "customerSatisfactionRating")) or None,
        tags=tuple(first(c.get("display_name")) for c in items(record, "conversation_info", "categories")),
    )


def _entry(entry: dict[str, Any], context: Context) -> Message:
    role = _ROLES.get(string(entry.get("role")), Role.UNKNOWN)
    return Message(
        text=first(entry.get("text")),
        role=role,
        speaker_id=identity(entry.get("user_id")),
        time=context.clock.read(entry.get("start_timestamp_usec"), "us"),
        automated=role is Role.BOT,
    )


def _segment(segment: dict[str, Any], record: dict[str, Any], context: Context) -> Message:
    who = dig(segment, "segmentParticipant") or dig(segment, "segment_participant")
    role = _ROLES.get(string(dig(who, "role")), Role.UNKNOWN)
    calls = dig(record, "callMetadata") or dig(record, "call_metadata") or {}
    tag = segment.get("channelTag", segment.get("channel_tag"))
    if role is Role.UNKNOWN and tag is not None:
        if tag == calls.get("agentChannel", calls.get("agent_channel")):
            role = Role.AGENT
        elif tag == calls.get("customerChannel", calls.get("customer_channel")):
            role = Role.CUSTOMER
    return Message(
        text=first(segment.get("text")),
        role=role,
        speaker_id=first(dig(who, "userId"), dig(who, "user_id")) or None,
        time=context.clock.read(first(segment.get("messageTime"), segment.get("message_time"))),
        automated=role is Role.BOT,
    )
