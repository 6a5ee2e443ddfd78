"""Writes result tables to a folder: Parquet and JSON Lines as they stream by, CSV on request; all or nothing."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from trustcoach.errors import OutputError
from trustcoach.results import ConversationScore
from trustcoach.tables import SCHEMA_VERSION, SCHEMAS, Row, json_row, rows

__all__ = ["FORMATS", "TableWriter", "write_json", "writing_folder"]

FORMATS = ("parquet", "jsonl", "csv")
_MARK = "run.json"  # a folder that holds it was written by trustcoach and may be replaced
_BATCH = 20_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@contextmanager
def writing_folder(target: Path) -> Iterator[Path]:
    """A new folder beside *target* to write in, moved to *target* when all went well and removed otherwise.

    Raises
    ------
    OutputError: when *target* exists and was not written by trustcoach, or cannot be written.
    """
    target = Path(target)
    if target.exists() and (not target.is_dir() or (any(target.iterdir()) and not (target / _MARK).is_file())):
        raise OutputError(
            f"{target}: exists and does not look like results of trustcoach; name another folder, or remove it first"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise OutputError(f"{target}: cannot be written ({error.strerror})") from error
    try:
        yield aside
        if not (aside / _MARK).is_file():
            raise OutputError(f"{target}: the run was not finished")
        aside.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


class TableWriter:
    """Writes the tables of scored conversations to *folder*, a batch of rows at a time.

    Parameters
    ----------
    folder: where the files go; exists.
    formats: of `parquet`, `jsonl` and `csv`.
    """

    def __init__(self, folder: Path, formats: Sequence[str] = ("parquet", "jsonl")) -> None:
        self._pending: dict[str, list[Row]] = {name: [] for name in SCHEMAS}
        self._stack = ExitStack()
        self._parquet: dict[str, pq.ParquetWriter] = {}
        self._text: dict[tuple[str, str], TextIO] = {}
        for name, schema in SCHEMAS.items():
            if "parquet" in formats:
                marked = schema.with_metadata({"trustcoach.schema_version": SCHEMA_VERSION})
                self._parquet[name] = self._stack.enter_context(
                    pq.ParquetWriter(folder / f"{name}.parquet", marked, compression="zstd")
                )
            for kind in ("jsonl", "csv"):
                if kind in formats:
                    stream = (folder / f"{name}.{kind}").open(
                        "w", encoding="utf-8", newline="" if kind == "csv" else "\n"
                    )
                    self._text[name, kind] = self._stack.enter_context(stream)
                    if kind == "csv":
                        csv.writer(stream).writerow(schema.names)

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(self, *error: object) -> None:
        try:
            if error[0] is None:
                for name in SCHEMAS:
                    self._flush(name)
        finally:
            self._stack.close()

    def add(self, scored: ConversationScore) -> None:
        """Take in one scored conversation."""
        for name, found in rows(scored).items():
            self.add_rows(name, found)

    def add_rows(self, name: str, found: Iterable[Row]) -> None:
        """Take in rows of one table."""
        pending = self._pending[name]
        pending.extend(found)
        if len(pending) >= _BATCH:
            self._flush(name)

    def _flush(self, name: str) -> None:
        pending = self._pending[name]
        if not pending:
            return
        if name in self._parquet:
            self._parquet[name].write_table(pa.Table.from_pylist(pending, schema=SCHEMAS[name]))
        if (name, "jsonl") in self._text:
            self._text[name, "jsonl"].writelines(json_row(row) + "\n" for row in pending)
        if (name, "csv") in self._text:
            writer = csv.writer(self._text[name, "csv"])
            writer.writerows([_cell(row[column]) for column in SCHEMAS[name].names] for row in pending)
        pending.clear()


def write_json(path: Path, data: Any) -> None:
    """Write *data* as JSON for people to read."""
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _cell(value: Any) -> Any:
    """A value for a CSV cell: lists joined, and text that a spreadsheet would run as a formula made harmless."""
    if value is None:
        return ""
    if isinstance(value, list):
        value = "; ".join(value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value.isoformat() if hasattr(value, "isoformat") else value
