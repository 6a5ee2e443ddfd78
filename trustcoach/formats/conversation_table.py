"""A table with one row for each conversation: a transcript in a cell, numbered columns, or question and answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from trustcoach.conversation import Role
from trustcoach.errors import FormatError
from trustcoach.reading.columns import ALIASES, is_transcript_like
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.plain import cell_messages, settle
from trustcoach.reading.roles import fold, role_of
from trustcoach.reading.rows import cell_text
from trustcoach.reading.source import Source
from trustcoach.reading.tables import Table, table_of

TITLE = "Table of conversations (transcript in a cell, question and answer, numbered columns)"
EXPECTS = (
    "one row a conversation: a cell with a transcript (text, JSON), or columns such as question and answer, message_1 …"
)
RECOGNISED_BY = "cells that hold transcripts, or the names of the columns"
CONFIDENCE = "B"

_PAIRS = (
    ("question", "answer"),
    ("customermessage", "agentreply"),
    ("customermessage", "agentmessage"),
    ("customermessage", "agentresponse"),
    ("customer", "agent"),
    ("prompt", "response"),
    ("prompt", "completion"),
    ("instruction", "output"),
    ("instruction", "response"),
    ("input", "output"),
    ("query", "response"),
    ("user", "assistant"),
)
_NUMBERED = re.compile(
    r"(message|msg|turn|utterance|text|reply)(\d+)(\w*)|(\w*?)(message|msg|turn|utterance|text)(\d+)"
)

Cells = Sequence[Any]


def sniff(source: Source) -> Match | None:
    table = table_of(source) or (_headed(source) if source.kind in ("text", "xlsx") else None)
    if table is None:
        return None
    if (at := _transcript_column(table, source.options.columns.get("text"))) is not None:
        return Match(55, f"{table.what}; transcripts in {table.header[at]}")
    names = [fold(name) for name in table.header]
    if pair := _pair(table, names):
        return Match(40, f"{table.what}; {' and '.join(table.header[at] for at in pair)}")
    numbered = _numbered(names)
    return Match(45, f"{table.what}; numbered columns") if len(numbered) >= 2 else None


def _headed(source: Source) -> Table | None:
    """The table even if no column has the name of a text column."""
    from trustcoach.reading.tables import any_table_of

    return any_table_of(source)


def _transcript_column(table: Table, asked: str | None) -> int | None:
    names = [fold(name) for name in table.header]
    order = sorted(range(len(names)), key=lambda at: names[at] not in ALIASES["text"])
    for at in [names.index(fold(asked))] if asked and fold(asked) in names else order:
        cells = [row[at] for row in table.sample if at < len(row) and row[at] not in (None, "")]
        if cells and sum(isinstance(c, list | dict) or is_transcript_like(str(c)) for c in cells) * 2 > len(cells):
            return at
    return None


def _pair(table: Table, names: list[str]) -> tuple[int, int] | None:
    for first, second in _PAIRS:
        if first in names and second in names:
            pair = names.index(first), names.index(second)
            cells = [str(row[at]) for row in table.sample for at in pair if at < len(row) and row[at]]
            if cells and sum(" " in cell.strip() for cell in cells) * 2 > len(cells):
                return pair
    return None


def _numbered(names: list[str]) -> list[tuple[int, int, Role]]:
    """The numbered columns: number, position, role by name."""
    found = []
    for at, name in enumerate(names):
        if match := _NUMBERED.fullmatch(name):
            number = int((match[2] or match[6])[:6])
            found.append((number, at, role_of(match[3] or match[4] or "") or Role.UNKNOWN))
    return sorted(found)


def read(source: Source, context: Context) -> Iterator[Draft]:
    table = table_of(source) or _headed(source)
    if table is None:
        raise FormatError(
            "This is not a table with a header.", path=source.name, remedy="The first row has to name columns."
        )
    names = [fold(name) for name in table.header]
    messages = _reader(table, names, source, context)
    for where, cells in table.rows():
        made = context.safely(where, lambda c=cells: Draft(messages=messages(c)))  # type: ignore[misc]
        if made is None:
            continue
        if not made.messages and any(cell not in (None, "") for cell in cells):
            context.unreadable(where, "No turns were found in the row.", "Speakers have to be told: `Agent: …`.")
            continue
        made.where, made.ordered = where, True
        for column, role in (("agent", Role.AGENT), ("customer", Role.CUSTOMER)):
            name = _cell(column, names, cells, context).casefold()
            for message in made.messages:
                if name and message.role is Role.UNKNOWN and (message.speaker or "").casefold() == name:
                    message.role = role
        settle(made, context)
        for field in ("conversation_id", "rating", "channel"):
            name = "id" if field == "conversation_id" else field
            setattr(made, name, _cell(field, names, cells, context) or None)
        if made.id is None and "id" in names:
            made.id = cell_text(cells[names.index("id")]).strip() or None
        made.tags = tuple(t.strip() for t in re.split(r"[,;|]", _cell("tags", names, cells, context)) if t.strip())
        yield made


def _cell(column: str, names: list[str], cells: Cells, context: Context) -> str:
    asked = context.options.columns.get(column)
    for name in [fold(asked)] if asked else ALIASES[column]:
        text = cell_text(cells[names.index(name)]).strip() if name in names else ""
        if 0 < len(text) <= 200 and "\n" not in text:
            return text
    return ""


def _reader(table: Table, names: list[str], source: Source, context: Context) -> Callable[[Cells], list[Message]]:
    at = _transcript_column(table, source.options.columns.get("text"))
    if at is not None:
        return lambda cells: cell_messages(cells[at], context) if cells[at] not in (None, "") else []
    numbered = _numbered(names)
    if len(numbered) >= 2:
        return lambda cells: [
            Message(text=cell_text(cells[at]), role=role) for _, at, role in numbered if cells[at] not in (None, "")
        ]
    pair = _pair(table, names)
    if pair is None:
        raise FormatError(
            "No column holds transcripts.",
            path=source.name,
            remedy=f"Name it with --map text=COLUMN; the columns are: {', '.join(n[:30] for n in table.header[:20])}.",
        )
    first, second = pair
    return lambda cells: [
        Message(text=cell_text(cells[first]), role=Role.CUSTOMER),
        Message(text=cell_text(cells[second]), role=Role.AGENT),
    ]
