"""A table with one row for each message: CSV, TSV, XLSX or Parquet; columns go by their names or are named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustcoach.errors import FormatError
from trustcoach.reading.columns import find_columns, is_transcript_like
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft
from trustcoach.reading.roles import fold
from trustcoach.reading.rows import RowReader, cell_text
from trustcoach.reading.source import Source
from trustcoach.reading.tables import Table, any_table_of, table_of

TITLE = "Table of messages (CSV, TSV, XLSX, Parquet)"
EXPECTS = "one row a message: a column with the text, one with the role or speaker, and ids, times, notes if there are"
RECOGNISED_BY = "a header with a text column and a role or speaker column"
CONFIDENCE = "A"


def sniff(source: Source) -> Match | None:
    table = table_of(source)
    if table is None:
        return None
    options = source.options
    found = find_columns(table.header, table.sample, options.columns, options.role_words)
    if "text" not in found or not {"role", "speaker"} & found.keys():
        return None
    if not options.columns and "role" not in found and _holds_transcripts(table, found["text"]):
        return None
    shown = ", ".join(
        f"{name} = {table.header[at]}" for name, at in found.items() if name in ("text", "role", "speaker")
    )
    return Match(60, f"{table.what}; {shown}")


def _holds_transcripts(table: Table, at: int) -> bool:
    cells = [str(row[at]) for row in table.sample if row[at]]
    return bool(cells) and sum(map(is_transcript_like, cells)) * 2 > len(cells)


def read(source: Source, context: Context) -> Iterator[Draft]:
    table = table_of(source) or any_table_of(source)
    if table is None:
        raise FormatError(
            "This is not a table with a header.",
            path=source.name,
            remedy="The first row has to name the columns; give their names with --map text=COLUMN --map role=COLUMN.",
        )
    options = source.options
    names = {fold(name) for name in table.header}
    missing = [name for name in options.columns.values() if fold(name) not in names]
    found = find_columns(table.header, table.sample, options.columns, options.role_words)
    shown = ", ".join(name[:30] for name in table.header[:20])
    if missing:
        raise FormatError(f"There is no column {missing[0]!r}.", path=source.name, remedy=f"The columns are: {shown}.")
    for column in ("text", "role"):
        if column not in found and not (column == "role" and "speaker" in found):
            raise FormatError(
                f"No column looks like the {'message text' if column == 'text' else 'role or speaker'}.",
                path=source.name,
                remedy=f"Name it with --map {column}=COLUMN; the columns are: {shown}.",
            )
    if "conversation_id" not in found:
        context.guess(
            "a table without a conversation id read as one conversation (--map conversation_id=COLUMN decides)"
        )
    if "timestamp" in found:
        context.clock.look(row[found["timestamp"]] for row in table.sample)
    reader = RowReader(table.header, found, context, marked=source.kind == "text")
    together = False
    if not source.complete:
        with source.quietly():
            together = _together(table, found)
    last: Draft | None = None
    for where, cells in table.rows():
        draft = context.safely(where, lambda c=cells: reader.draft(c))  # type: ignore[misc]
        if draft is None:
            continue
        if not together:
            yield draft
        elif last is not None and last.id == draft.id:
            last.add(draft)
        else:
            if last is not None:
                yield last
            last, draft.partial, draft.where = draft, False, where
    if last is not None:
        yield last


def _together(table: Table, found: Mapping[str, int]) -> bool:
    """Whether the rows of each conversation stand together in a large table, so that it can be read in one go."""
    at = found.get("conversation_id")
    if at is None:
        return False
    seen: set[int] = set()
    last = None
    for _, cells in table.rows():
        name = cell_text(cells[at]).strip()
        if name != last:
            if not name or hash(name) in seen:
                return False
            seen.add(hash(name))
            last = name
    return True


__all__ = ["CONFIDENCE", "EXPECTS", "RECOGNISED_BY", "TITLE", "read", "sniff"]
