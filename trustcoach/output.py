"""Writes result tables: Parquet and JSON Lines, CSV on request; a part at a time, then joined; all or nothing."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from trustcoach.errors import OutputError
from trustcoach.tables import SCHEMA_VERSION, SCHEMAS, Row, json_row

__all__ = ["FORMATS", "check_target", "join_tables", "write_json", "write_tables", "writing_folder"]

FORMATS = ("parquet", "jsonl", "csv")
_MARK = "run.json"  # a folder that holds it was written by trustcoach and may be replaced
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def check_target(target: Path) -> None:
    """Make sure that results may go to *target*.

    Raises
    ------
    OutputError: when *target* exists and was not written by trustcoach.
    """
    if target.exists() and (not target.is_dir() or (any(target.iterdir()) and not (target / _MARK).is_file())):
        raise OutputError(
            f"{target}: exists and does not look like results of trustcoach; name another folder, or remove it first"
        )


@contextmanager
def writing_folder(target: Path) -> Iterator[Path]:
    """A new folder beside *target* to write in, moved to *target* when all went well and removed otherwise.

    Raises
    ------
    OutputError: when *target* exists and was not written by trustcoach, or cannot be written.
    """
    target = Path(target)
    check_target(target)
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


def write_tables(folder: Path, tables: Mapping[str, Sequence[Row]], formats: Iterable[str]) -> None:
    """Write the *tables* of a part to *folder*, one file for each table and format; CSV without its header."""
    for name, found in tables.items():
        for kind in formats:
            path = folder / f"{name}.{kind}"
            if kind == "parquet":
                with _parquet(path, name) as writer:
                    writer.write_table(pa.Table.from_pylist(found, schema=SCHEMAS[name]))
            elif kind == "jsonl":
                with path.open("w", encoding="utf-8", newline="\n") as stream:
                    stream.writelines(json_row(row) + "\n" for row in found)
            else:
                with path.open("w", encoding="utf-8", newline="") as stream:
                    columns = SCHEMAS[name].names
                    csv.writer(stream).writerows([_cell(row[column]) for column in columns] for row in found)


def join_tables(folder: Path, name: str, parts: Sequence[Path], formats: Iterable[str]) -> None:
    """Write the table *name* to *folder*: those of the *parts*, as `write_tables` wrote them, one after the other."""
    for kind in formats:
        pieces = [part / f"{name}.{kind}" for part in parts]
        if kind == "parquet":
            with _parquet(folder / f"{name}.parquet", name) as writer:
                for piece in pieces:
                    table = pq.read_table(piece, schema=SCHEMAS[name], memory_map=True)
                    if table.num_rows:
                        writer.write_table(table)
            continue
        with (folder / f"{name}.{kind}").open("wb") as stream:
            if kind == "csv":
                stream.write(",".join(SCHEMAS[name].names).encode("ascii") + b"\r\n")
            for piece in pieces:
                with piece.open("rb") as source:
                    shutil.copyfileobj(source, stream, 1024 * 1024)


def write_json(path: Path, data: Any) -> None:
    """Write *data* as JSON for people to read."""
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _parquet(path: Path, name: str) -> pq.ParquetWriter:
    marked = SCHEMAS[name].with_metadata({"trustcoach.schema_version": SCHEMA_VERSION})
    return pq.ParquetWriter(path, marked, compression="zstd")


def _cell(value: Any) -> Any:
    """A value for a CSV cell: lists joined, and text that a spreadsheet would run as a formula made harmless."""
    if value is None:
        return ""
    if isinstance(value, list):
        value = "; ".join(value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value.isoformat() if hasattr(value, "isoformat") else value
