"""Reads the folder that a run wrote: its summary, its reading report, and its tables conversation by conversation."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from trustcoach.errors import InputError
from trustcoach.output import FORMATS
from trustcoach.tables import SCHEMA_VERSION, SCHEMAS, Row

__all__ = ["DETAILS", "Bundle", "Run", "load_run"]

_OF_TURNS = ("turns", "findings", "verdicts", "promises", "advice")
DETAILS = ("scores", *_OF_TURNS)
"""The tables that hold conversations: all but `agents`."""

_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that the tables hold about one conversation."""

    score: Row
    turns: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)
    verdicts: list[Row] = field(default_factory=list)
    promises: list[Row] = field(default_factory=list)
    advice: list[Row] = field(default_factory=list)

    def tables(self) -> dict[str, list[Row]]:
        """The rows by table."""
        return {"scores": [self.score], **{name: getattr(self, name) for name in _OF_TURNS}}


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run on disk.

    Attributes
    ----------
    folder: where its tables are; kinds: of `parquet`, `jsonl` and `csv`, those that they are written in.
    summary, reading, settings: what `summary.json`, `reading.json` and `run.json` hold.
    agents: the rows of the table `agents`.
    """

    folder: Path
    kinds: tuple[str, ...]
    summary: dict[str, Any]
    reading: dict[str, Any]
    settings: dict[str, Any]
    agents: list[Row]

    def conversations(self) -> Iterator[Bundle]:
        """The conversations one by one, in the order of the table `scores`.

        The tables come in the same order, so they are read side by side in little memory; should one of them be in another
        order, all are read at once.
        """
        kind = self.kinds[0]
        scores = _rows(self.folder, "scores", kind)
        if not self._in_order():
            whole = {name: _grouped(_rows(self.folder, name, kind)) for name in _OF_TURNS}
            for score in scores:
                yield Bundle(score, **{name: whole[name].get(score["conversation_id"], []) for name in _OF_TURNS})
            return
        streams = {name: _Groups(_rows(self.folder, name, kind)) for name in _OF_TURNS}
        for score in scores:
            yield Bundle(score, **{name: stream.take(score["conversation_id"]) for name, stream in streams.items()})

    def _in_order(self) -> bool:
        """Whether all tables hold their conversations in the order of the table `scores`."""
        kind = self.kinds[0]
        place = {ident: i for i, ident in enumerate(_ids(self.folder, "scores", kind))}
        for name in _OF_TURNS:
            last = -1
            for ident, _ in groupby(_ids(self.folder, name, kind)):
                if place.get(ident, -1) <= last:
                    return False
                last = place[ident]
        return True


def load_run(folder: Path) -> Run:
    """The run in *folder*.

    Raises
    ------
    InputError: when there are no results of trustcoach in it, or of another version.
    """
    folder = Path(folder)
    remedy = "Name the folder that `trustcoach score --out` wrote."
    if not folder.is_dir():
        raise InputError("there is no such folder of results", path=str(folder), remedy=remedy)
    kinds = tuple(k for k in FORMATS if all((folder / f"{n}.{k}").is_file() for n in SCHEMAS))
    if not kinds or not (folder / "summary.json").is_file():
        raise InputError("this folder does not hold the tables of a finished run", path=str(folder), remedy=remedy)
    summary = _json(folder / "summary.json")
    if str(summary.get("schema_version")) != SCHEMA_VERSION:
        version = summary.get("schema_version")
        raise InputError(
            f"the tables have version {version}, and this trustcoach reads version {SCHEMA_VERSION}",
            path=str(folder),
            remedy="Score the transcripts again.",
        )
    return Run(
        folder,
        kinds,
        summary,
        _json(folder / "reading.json"),
        _json(folder / "run.json"),
        list(_rows(folder, "agents", kinds[0])),
    )


class _Groups:
    """Rows of a table, handed out one conversation at a time."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._groups = ((key, list(group)) for key, group in groupby(rows, key=lambda r: r["conversation_id"]))
        self._next = next(self._groups, None)

    def take(self, ident: str) -> list[Row]:
        if self._next is None or self._next[0] != ident:
            return []
        rows = self._next[1]
        self._next = next(self._groups, None)
        return rows


def _grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["conversation_id"], []).append(row)
    return grouped


def _ids(folder: Path, name: str, kind: str) -> Iterator[str]:
    return (row["conversation_id"] for row in _rows(folder, name, kind, columns=["conversation_id"]))


def _rows(folder: Path, name: str, kind: str, columns: list[str] | None = None) -> Iterator[Row]:
    path = folder / f"{name}.{kind}"
    try:
        if kind == "parquet":
            for batch in pq.ParquetFile(path).iter_batches(_BATCH, columns=columns):
                yield from batch.to_pylist()
        elif kind == "jsonl":
            with path.open(encoding="utf-8") as lines:
                for line in lines:
                    yield _timed(name, json.loads(line))
        else:
            csv.field_size_limit(2**31 - 1)
            with path.open(encoding="utf-8", newline="") as lines:
                for cells in csv.DictReader(lines):
                    yield _timed(name, {k: _cell(v, SCHEMAS[name].field(k).type) for k, v in cells.items()})
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"cannot be read ({error})", path=str(path), remedy="Score the transcripts again.") from error


def _timed(name: str, row: Row) -> Row:
    for column in ("time", "started"):
        if row.get(column):
            row[column] = datetime.fromisoformat(row[column])
    return row


def _cell(value: str, kind: Any) -> Any:
    """A cell of a CSV table as the value it was written from; lists come back as they can."""
    if value.startswith("'") and value[1:2] in {"=", "+", "-", "@", "\t", "\r"}:
        value = value[1:]
    if pa.types.is_list(kind):
        return value.split("; ") if value else []
    if value == "":
        return None
    if pa.types.is_boolean(kind):
        return value == "True"
    if pa.types.is_integer(kind):
        return int(value)
    return float(value) if pa.types.is_floating(kind) else value


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read ({error})", path=str(path), remedy="Score the transcripts again.") from error
    return found if isinstance(found, dict) else {}
