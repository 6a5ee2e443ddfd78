"""Which column of a table holds what: by the names people give to columns, and by what stands in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.roles import fold, role_of

__all__ = ["TEXT_NAMES", "find_columns", "find_header", "is_transcript_like"]

_ALIASES = {
    "conversation_id": "conversation_id conversation conv_id convo_id conversationId chat_id chat session_id session "
    "thread_id thread ticket_id ticket ticket_number ticketno case_id case_number caseno "
    "interaction_id interaction contact_id contact_reference call_id dialogue_id dialog_id dialogueid "
    "transcript_id conversation_sid engagement_id csid room_id group_id issue_id external_id "
    "messagingsessionid",
    "message_id": "message_id msg_id verbatim_id utterance_id turn_id entry_id event_id comment_id part_id sid id",
    "order": "index idx turn turn_number turn_index sequence seq seq_no position order line message_number "
    "utterance_idx turnno messageno message_index",
    "role": "role sender_type author_type message_author_type speaker_role participant_role user_type "
    "actor_type from_type sender_role speaker_type author_role is_agent from_agent incoming "
    "is_inbound inbound direction sender speaker author from type who participant",
    "speaker": "speaker speaker_name sender sender_name author author_name message_author_name from from_name "
    "name user username user_name participant display_name who nick nickname actor_name speaker_label "
    "agent agent_name operator channel",
    "text": "text message_text message_body verbatim body plain_body body_text content message msg utterance "
    "utterance_text transcript comment_body comment chat reply sentence phrase raw_text clean_text "
    "line description conversation dialogue dialog chat_transcript conversation_text messages turns",
    "timestamp": "timestamp message_created_at message_time created_at created sent_at send_time datetime "
    "date_time time event_time ts entry_time date_created message_date date start_time start offset "
    "begin_offset_millis",
    "private": "private is_private internal is_internal is_note internal_note note public is_public visibility "
    "message_type part_type",
    "agent": "agent_name agent agent_email agent_id assignee_name assignee assignee_email owner operator_email "
    "handled_by operator",
    "customer": "customer_name customer client requester visitor contact customer_id user_id",
    "rating": "csat csat_score rating satisfaction satisfaction_rating satisfaction_score stars survey_score "
    "nps conversation_rating score",
    "channel": "channel source platform medium via",
    "tags": "tags labels topics conversation_tags",
}
ALIASES = {column: [fold(name) for name in names.split()] for column, names in _ALIASES.items()}
TEXT_NAMES = frozenset(ALIASES["text"])
_BOOLEAN = {"isagent": Role.AGENT, "fromagent": Role.AGENT}
_INCOMING = {"incoming": Role.CUSTOMER, "isinbound": Role.CUSTOMER, "inbound": Role.CUSTOMER}
BOOLEAN_ROLES = {**_BOOLEAN, **_INCOMING}
_TRUTH = {"0", "1", "true", "false", "yes", "no", "t", "f", "y", "n"}
_ROLE_NAMES = (
    "role sender_type author_type message_author_type speaker_role participant_role actor_type sender_role "
    "speaker_type author_role"
)
_NAMED_FOR_ROLES = {fold(name) for name in _ROLE_NAMES.split()}

Rows = Sequence[Sequence[Any]]


def find_header(rows: Rows, wanted: Mapping[str, str]) -> int | None:
    """Which of the first rows is the header: the first that names a text column, or all columns asked for."""
    asked = {fold(name) for name in wanted.values()}
    for number, row in enumerate(rows[:20]):
        names = {fold(str(cell)) for cell in row if cell not in (None, "")}
        if (asked and asked <= names) or (names & TEXT_NAMES and all(len(str(cell)) < 80 for cell in row)):
            return number
    return None


def find_columns(
    header: Sequence[str], sample: Rows, wanted: Mapping[str, str], role_words: Mapping[str, str]
) -> dict[str, int]:
    """The positions of the columns that are there, by canonical name; *wanted* columns come first."""
    names = [fold(name) for name in header]
    found: dict[str, int] = {}
    for column, name in wanted.items():
        if fold(name) in names:
            found[column] = names.index(fold(name))
    used = set(found.values())

    def values(position: int) -> list[str]:
        cells = (row[position] for row in sample if position < len(row))
        return [str(cell).strip() for cell in cells if cell is not None and str(cell).strip()]

    def choose(column: str, fits: Any) -> None:
        if column in found:
            return
        for name in ALIASES[column]:
            for position, other in enumerate(names):
                if other == name and position not in used and fits(name, values(position)):
                    found[column] = position
                    used.add(position)
                    return

    choose("text", lambda name, cells: not cells or not _is_code(cells))
    choose("conversation_id", lambda name, cells: all(len(cell) <= 80 and "\n" not in cell for cell in cells))
    choose("role", lambda name, cells: _is_role(name, cells, role_words))
    if "role" not in found:
        choose("role", lambda name, cells: name in _NAMED_FOR_ROLES)
    choose("message_id", lambda name, cells: name != "id" or "conversation_id" in found)
    if "conversation_id" not in found and "id" in names and names.index("id") not in used:
        ids = values(names.index("id"))
        if len(set(ids)) < len(ids) or len(ids) == 1:
            found["conversation_id"] = names.index("id")
            used.add(found["conversation_id"])
    choose("timestamp", lambda name, cells: True)
    if "timestamp" in found and names[found["timestamp"]] in ("date", "time"):
        other = "time" if names[found["timestamp"]] == "date" else "date"
        if other in names:
            found["timestamp"], found["clock"] = names.index("date"), names.index("time")
            used |= {found["timestamp"], found["clock"]}
    choose("private", _is_private)
    people = {fold(name) for name in ("agent", "agent_name", "operator", "user", "name")}
    weak = people if "role" in found and any(name in names for name in ALIASES["agent"]) else set()
    choose(
        "speaker",
        lambda name, cells: (
            name not in weak and (name != "channel" or set(cells) <= {"0", "1", "2"}) and len(cells) > 0
        ),
    )
    for column in ("agent", "customer", "order", "rating", "channel", "tags"):
        choose(column, lambda name, cells: True)
    if "conversation_id" not in found and "ticket" in names and names.index("ticket") not in used:
        found["conversation_id"] = names.index("ticket")
    return found


def _is_code(cells: Sequence[str]) -> bool:
    """Whether cells are numbers or ids rather than something said."""
    return all(" " not in cell and any(c.isdigit() for c in cell) for cell in cells)


def _is_role(name: str, cells: Sequence[str], role_words: Mapping[str, str]) -> bool:
    if not cells:
        return False
    if name in BOOLEAN_ROLES and {cell.casefold().removesuffix(".0") for cell in cells} <= _TRUTH:
        return True
    known = sum(role_of(cell, role_words) is not None for cell in cells)
    return known * 2 >= len(cells)


def _is_private(name: str, cells: Sequence[str]) -> bool:
    values = {cell.casefold() for cell in cells}
    if name in ("messagetype", "parttype"):
        return bool(values & {"note", "note_and_reopen", "private", "internal", "normal", "comment", "reply"})
    if name == "visibility":
        return bool(values & {"public", "private", "internal", "agents", "all"})
    return not values or values <= _TRUTH | {"internal", "public", "private", "x", "1.0", "0.0"}


def is_transcript_like(text: str) -> bool:
    """Whether a cell holds a whole conversation rather than one message."""
    start = text.lstrip()[:1]
    if start in ("[", "{") and any(mark in text[:2000] for mark in ('"', "'")):
        return True
    from trustcoach.reading.plain import head_count

    return head_count(text[:20000]) >= 2
