"""Intercom conversations (and tickets) with their parts, whole or as the streams of a data loader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.errors import FormatError
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import dig, first, identity, items, json_match, read_json, string
from trustcoach.reading.source import Source
from trustcoach.reading.tables import table_of

TITLE = "Intercom conversations"
EXPECTS = "conversation objects with conversation_parts: one, a list, one a line, or loader streams"
RECOGNISED_BY = "`conversation_parts`, or a `source` with `delivered_as`, or type `conversation`"
CONFIDENCE = "A"
JOINS = True

_ROLES = {
    "user": Role.CUSTOMER,
    "lead": Role.CUSTOMER,
    "contact": Role.CUSTOMER,
    "admin": Role.AGENT,
    "bot": Role.BOT,
    "team": Role.SYSTEM,
}
_NOTES = ("note", "note_and_reopen")
_NOT_REPLIES = ("language_detection_details", "call_summary", "channel_and_reply_time_expectation")
_CAMPAIGNS = {"user_id", "user_external_id", "ruleset_id", "content_id"}


def kind(record: dict[str, Any]) -> str | None:
    if "part_type" in record and ("conversation_id" in record or record.get("type") == "conversation_part"):
        return "message"
    parts = record.get("conversation_parts", record.get("ticket_parts"))
    if isinstance(parts, dict) and ("conversation_parts" in parts or "ticket_parts" in parts):
        return "conversation"
    if isinstance(parts, list) and ("source" in record or any("part_type" in p for p in parts if isinstance(p, dict))):
        return "conversation"
    if (isinstance(record.get("source"), dict) and "delivered_as" in record["source"]) or (
        record.get("type") == "conversation" and "source" in record
    ):
        return "message"
    return None


def sniff(source: Source) -> Match | None:
    table = table_of(source) if source.kind == "text" else None
    if source.kind == "text" and (table is not None or source.head_lines(1)):
        names = table.header if table else source.head_lines(1)[0].split(",")
        if {name.strip() for name in names} >= _CAMPAIGNS:
            raise FormatError(
                "This is Intercom's content data export; it is about campaigns and holds no conversation text.",
                path=source.name,
                remedy="Export the conversations themselves, through the API or to cloud storage.",
            )
    return json_match(source, kind, 90, "conversations with parts")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    if "part_type" in record:
        return Draft(
            id=first(record.get("conversation_id"), beside.get("id")) or None, messages=[_part(record, context)]
        )
    parts = next((record[name] for name in ("conversation_parts", "ticket_parts") if name in record), None)
    listed = (
        parts
        if isinstance(parts, list)
        else next((parts[n] for n in parts if n.endswith("_parts")), [])
        if parts
        else []
    )
    source = dig(record, "source") or {}
    messages = [
        _part({"created_at": record.get("created_at"), **source, "id": None}, context, source.get("delivered_as"))
    ]
    if opening := first(dig(record, "ticket_attributes", "_default_description_")):
        messages = [
            Message(text=opening, role=Role.CUSTOMER, time=context.clock.read(record.get("created_at")), html=True)
        ]
    messages += [_part(part, context) for part in listed if isinstance(part, dict)]
    if not messages[0].text and not messages[0].attachments:
        del messages[0]
    if parts is None and "stream" not in beside:
        context.report.problem(
            context.file,
            None,
            "A list of conversations without their parts: only the first message of each is there.",
            "Fetch each conversation by its id, or export with the parts.",
        )
    return Draft(
        id=identity(record.get("id")),
        messages=messages,
        channel=first(source.get("type")) or None,
        rating=first(dig(record, "conversation_rating", "rating")) or None,
        tags=tuple(first(tag.get("name")) for tag in items(record, "tags", "tags") if first(tag.get("name"))),
        partial=parts is None,
    )


def _part(part: dict[str, Any], context: Context, delivered: Any = None) -> Message:
    author = dig(part, "author") or {}
    machine = author.get("from_ai_agent") is True or author.get("is_ai_answer") is True
    role = Role.BOT if machine else _ROLES.get(string(author.get("type")), Role.UNKNOWN)
    what = string(part.get("part_type"))
    body = first(part.get("body"))
    attachments = len(items(part, "attachments"))
    redacted = part.get("redacted") is True
    silent = not body and not attachments and not redacted and what not in ("comment", "")
    return Message(
        text=body,
        html=True,
        mail=part.get("type") == "email" or part.get("delivered_as") is not None,
        role=role,
        speaker=first(author.get("name"), author.get("email")) or None,
        speaker_id=identity(author.get("id")),
        time=context.clock.read(part.get("created_at")),
        id=identity(part.get("id")),
        kind="note" if what in _NOTES else "event" if silent or what in _NOT_REPLIES else "message",
        automated=role is Role.BOT or (delivered in ("automated", "campaigns_initiated") and role is Role.AGENT),
        redacted=redacted,
        attachments=attachments,
    )
