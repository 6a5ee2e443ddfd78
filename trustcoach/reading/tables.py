"""Tables as streams of rows: delimited text, workbooks, Parquet files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from trustcoach.errors import InputError
from trustcoach.reading.columns import find_header
from trustcoach.reading.source import Source

__all__ = ["Table", "any_table_of", "table_of"]

MAX_CELL = 16 * 1024 * 1024
_SAMPLE = 50
_SHEET_CELL = 32767

Row = tuple[str, list[Any]]


@dataclass(slots=True)
class Table:
    """A table: its header, its first rows, and all its rows with their places as a stream that can be had again."""

    header: list[str]
    sample: list[list[Any]]
    rows: Callable[[], Iterator[Row]]
    what: str


def table_of(source: Source) -> Table | None:
    """The table in a source, if there is one; looked at once for each source."""
    if "table" not in source.cache:
        source.cache["table"] = _find(source)
    table: Table | None = source.cache["table"]
    return table


def any_table_of(source: Source) -> Table | None:
    """The table in a source even if none of its columns is named like a text: its first row is taken for the header."""
    if "any table" not in source.cache:
        source.cache["any table"] = _find(source, strict=False)
    table: Table | None = source.cache["any table"]
    return table


def _find(source: Source, strict: bool = True) -> Table | None:
    if source.kind == "parquet":
        return _parquet(source)
    if source.kind == "xlsx":
        return _with_header(source, lambda: _sheet_rows(source), "workbook", strict)
    if source.kind != "text":
        return None
    delimiter = _delimiter(source, strict)
    if delimiter is None:
        return None
    named = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}[delimiter]
    return _with_header(source, lambda: _text_rows(source, delimiter), f"values separated by {named}", strict)


def _with_header(source: Source, rows: Callable[[], Iterator[Row]], what: str, strict: bool) -> Table | None:
    with source.quietly():
        first = [cells for _, cells in islice(rows(), 20)]
    at = find_header(first, source.options.columns)
    if at is None:
        if strict:
            return None
        at = next((number for number, cells in enumerate(first) if sum(c not in (None, "") for c in cells) > 1), 0)
    if not first:
        return None
    header = [str(cell).strip().lstrip("\ufeff") if cell is not None else "" for cell in first[at]]
    width = max((number + 1 for number, name in enumerate(header) if name), default=0)
    header = header[:width]

    def body() -> Iterator[Row]:
        for where, cells in islice(rows(), at + 1, None):
            if len(cells) > width:
                if any(cell not in (None, "") for cell in cells[width:]):
                    source.report.problem(
                        source.name,
                        where,
                        f"The row has {len(cells)} cells, the header {width}; the rest was left out.",
                    )
                    source.report.count("surplus_cells")
                cells = cells[:width]
            if [str(cell).strip() for cell in cells] == header[: len(cells)] and len(cells) == width:
                continue  # the header once more, from files put together
            yield where, cells + [None] * (width - len(cells))

    with source.quietly():
        sample = [cells for _, cells in islice(body(), _SAMPLE)]
    return Table(header, sample, body, what)


def _delimiter(source: Source, strict: bool) -> str | None:
    """The delimiter that splits the first records into the same number of cells, more than one."""
    lines = source.head_lines(400)
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) == 5 and lines[0][4] in ",;\t|":
        return lines[0][4]
    if not source.complete and len(lines) > 1:
        lines = lines[:-1]
    best: tuple[int, int, str] | None = None
    for delimiter in ",;\t|":
        try:
            records = list(islice(csv.reader((line + "\n" for line in lines if line), delimiter=delimiter), 20))
        except csv.Error:
            continue
        at = find_header(records, source.options.columns)
        if at is None and not strict:
            at = 0
        if at is None or not records or len(records[at]) < 2:
            continue
        width = len(records[at])
        regular = sum(len(record) == width for record in records[at:])
        if regular * 2 < len(records) - at:
            continue
        if best is None or (regular, width) > best[:2]:
            best = (regular, width, delimiter)
    return best[2] if best else None


def _text_rows(source: Source, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(MAX_CELL)
    lines = source.lines()
    reader = csv.reader(_numbered(lines), delimiter=delimiter)
    start = 1
    while True:
        try:
            cells: list[Any] = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            source.report.count("unreadable")
            long = "field limit" in str(error) or "field larger" in str(error)
            source.report.problem(
                source.name,
                f"line {start}",
                f"A cell is longer than {MAX_CELL // 2**20} MB." if long else f"The row cannot be read: {error}.",
                "Probably a quotation mark is opened and never closed." if long else "The row was left out.",
            )
            start = reader.line_num + 1
            continue
        where, start = f"line {start}", reader.line_num + 1
        if not cells or (where == "line 1" and len(cells) <= 2 and cells[0].lower().startswith("sep=")):
            continue
        if any(cells):
            yield where, cells


def _numbered(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line.replace("\0", "") if "\0" in line else line


def _sheet_rows(source: Source) -> Iterator[Row]:
    try:
        import openpyxl
    except ImportError:
        raise InputError(
            "Reading workbooks needs openpyxl.",
            path=source.name,
            remedy="Install it with: pip install 'trustcoach[excel]' – or save the sheet as CSV.",
        ) from None
    import warnings

    with source.open() as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            sheets = [sheet for sheet in book.worksheets if getattr(sheet, "sheet_state", "visible") == "visible"]
            if not sheets:
                return
            sheets[0].reset_dimensions()
            for number, cells in enumerate(sheets[0].iter_rows(values_only=True), 1):
                if any(cell is not None for cell in cells):
                    cut = sum(isinstance(cell, str) and len(cell) == _SHEET_CELL for cell in cells)
                    if cut:
                        source.report.count("cells_cut", cut)
                    yield f"row {number}", list(cells)
            book.close()
        except InputError:
            raise
        except Exception as error:  # whatever a damaged workbook makes its parsers raise
            raise _broken(source, error) from None


def _broken(source: Source, error: Exception) -> InputError:
    return InputError(
        f"The workbook is damaged ({type(error).__name__}).",
        path=source.name,
        remedy="Open it in a spreadsheet and save it again, or save the sheet as CSV.",
    )


def _parquet(source: Source) -> Table:
    import pyarrow
    import pyarrow.parquet

    def batches() -> Iterator[Any]:
        with source.open() as stream:
            file = pyarrow.parquet.ParquetFile(stream)
            for group in range(file.num_row_groups):
                yield from file.iter_batches(batch_size=2048, row_groups=[group])

    def rows() -> Iterator[Row]:
        number = 0
        try:
            for batch in batches():
                columns = [batch.column(position).to_pylist() for position in range(batch.num_columns)]
                for cells in zip(*columns, strict=True):
                    number += 1
                    yield f"row {number}", list(cells)
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            raise InputError(
                f"The Parquet file is damaged ({type(error).__name__}).",
                path=source.name,
                where=f"after row {number}" if number else None,
                remedy="Write it again.",
            ) from None

    try:
        with source.open() as stream:
            header = [str(name) for name in pyarrow.parquet.ParquetFile(stream).schema_arrow.names]
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise InputError(
            f"The Parquet file is damaged ({type(error).__name__}).", path=source.name, remedy="Write it again."
        ) from None
    return Table(header, [cells for _, cells in islice(rows(), _SAMPLE)], rows, "Parquet columns")
