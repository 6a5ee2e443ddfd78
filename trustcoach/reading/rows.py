"""One row of a table of messages, as a part of a conversation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.columns import BOOLEAN_ROLES
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.roles import fold, role_of, role_of_label

__all__ = ["RowReader", "cell_text"]

_TRUE = {"1", "true", "yes", "t", "y", "x", "1.0"}
_FALSE = {"0", "false", "no", "f", "n", "0.0"}
_NOTE_WORDS = {"note", "noteandreopen", "private", "internal", "internalnote", "privatenote", "agents", "whisper"}
_EVENT_WORDS = {"system", "event", "activity", "notification"}
_MARKED = re.compile(r"'+[=+\-@\t\r]")
_TAGS = re.compile(r"[,;|]")
_DAMAGED = re.compile(r"\d([.,]\d+)?E\+\d{2,}")


def cell_text(value: Any) -> str:
    """A cell as text; whole numbers without a decimal point, nothing for an empty cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


class RowReader:
    """Makes a part of a conversation from each row, given where the columns are."""

    def __init__(self, header: Sequence[str], found: Mapping[str, int], context: Context, marked: bool) -> None:
        self.at, self.context, self.marked = dict(found), context, marked
        role = self.at.get("role")
        self.flag = BOOLEAN_ROLES.get(fold(header[role])) if role is not None else None
        private = self.at.get("private")
        self.negated = private is not None and fold(header[private]) in ("public", "ispublic")
        self._warned = False
        self._known: dict[tuple[str, str], tuple[Role, str]] = {}

    def draft(self, cells: Sequence[Any]) -> Draft:
        """The row's message in a draft of its conversation."""

        at = self.at

        def cell(name: str) -> str:
            if name not in at:
                return ""
            value = cells[at[name]]
            return value.strip() if type(value) is str else cell_text(value).strip()

        words = cell("role"), cell("speaker")
        if words not in self._known:
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[words] = self.who(*words)
        role, speaker = self._known[words]
        if not speaker:
            speaker = cell("agent") if role is Role.AGENT else cell("customer") if role is Role.CUSTOMER else ""
        conversation = cell("conversation_id")
        if "E+" in conversation and not self._warned and _DAMAGED.fullmatch(conversation):
            self._warned = True
            self.context.report.problem(
                self.context.file,
                None,
                "A spreadsheet has rounded the conversation ids (like 1.23457E+14).",
                "Export again with the id column formatted as text; conversations may be mixed up.",
            )
        text = cell_text(cells[self.at["text"]])
        if self.marked and text.startswith("'") and _MARKED.match(text):
            text = text[1:]  # the mark that keeps spreadsheets from taking a text for a formula
        message = Message(
            text=text,
            role=role,
            speaker=speaker or None,
            time=self.time(cells),
            id=cell("message_id") or None,
            kind=self.kind(private) if (private := cell("private")) else "message",
            index=int(order) if (order := cell("order")).isdigit() and order.isascii() and len(order) < 10 else None,
        )
        tags = tuple(tag.strip() for tag in _TAGS.split(listed) if tag.strip()) if (listed := cell("tags")) else ()
        return Draft(
            id=conversation or None,
            messages=[message],
            channel=cell("channel") or None,
            rating=cell("rating") or None,
            tags=tags,
            partial=True,
        )

    def who(self, role: str, speaker: str) -> tuple[Role, str]:
        """Role and name, from the two columns."""
        words = self.context.options.role_words
        if self.flag is not None and role.casefold() in _TRUE | _FALSE:
            other = Role.CUSTOMER if self.flag is Role.AGENT else Role.AGENT
            return (self.flag if role.casefold() in _TRUE else other), speaker
        if role:
            found = role_of(role, words)
            if found is Role.AGENT and self.context.options.assistant_role == "bot" and fold(role) == "assistant":
                found = Role.BOT
            if found is not None:
                return found, speaker
        told = role_of_label(role or speaker)
        if told:
            return told[0], speaker or told[1]
        return Role.UNKNOWN, speaker or role

    def kind(self, private: str) -> str:
        """What a row is, by its column for notes."""
        word = fold(private)
        if private.casefold() in _TRUE:
            return "message" if self.negated else "note"
        if private.casefold() in _FALSE:
            return "note" if self.negated else "message"
        if word == "public":
            return "message"
        return "note" if word in _NOTE_WORDS else "event" if word in _EVENT_WORDS else "message"

    def time(self, cells: Sequence[Any]) -> datetime | None:
        """The moment of a row, from one column or from a date and a time."""
        if "timestamp" not in self.at:
            return None
        value = cells[self.at["timestamp"]]
        if "clock" in self.at:
            clock = cells[self.at["clock"]]
            if isinstance(value, date) and isinstance(clock, time):
                value = datetime.combine(value, clock)
            else:
                day = value.date().isoformat() if isinstance(value, datetime) else cell_text(value)
                value = f"{day} {cell_text(clock)}"
        return self.context.clock.read(value)
