"""Which format a file has: every format looks at it, the surest wins, and a tie is an error that names both."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast

from trustcoach.errors import FormatError, excerpt
from trustcoach.reading.draft import Context, Draft
from trustcoach.reading.source import Source

__all__ = ["Format", "Match", "all_formats", "detect", "format_named", "is_export"]


@dataclass(frozen=True, slots=True)
class Match:
    """How sure a format is that a file is its own (0 to 100), and what it recognised."""

    score: int
    reason: str


class Format(Protocol):
    """What a module of `trustcoach.formats` holds.

    A module may also set `JOINS = True` (its files hold parts of conversations, to be put together across files) and
    `MARKERS`, the names of files by which a folder or archive is recognised as one export.
    """

    TITLE: str
    EXPECTS: str
    RECOGNISED_BY: str
    CONFIDENCE: str

    def sniff(self, source: Source) -> Match | None:
        """How sure this format is of the source, or `None`."""

    def read(self, source: Source, context: Context) -> Iterator[Draft]:
        """The conversations of the source, or parts of them."""


def _names() -> list[str]:
    from trustcoach import formats

    return sorted(module.name for module in pkgutil.iter_modules(formats.__path__) if not module.name.startswith("_"))


@cache
def all_formats() -> dict[str, Format]:
    """The formats by name; a module `zendesk_chat` is called `zendesk-chat`."""
    return {
        name.replace("_", "-"): cast(Format, importlib.import_module(f"trustcoach.formats.{name}")) for name in _names()
    }


def format_named(name: str) -> Format:
    """The format that a user asked for."""
    known = [known.replace("_", "-") for known in _names()]
    wanted = name.strip().casefold().replace("_", "-")
    if wanted not in known:
        raise FormatError(f"There is no format called {name!r}.", remedy=f"The formats are: {', '.join(known)}.")
    return cast(Format, importlib.import_module(f"trustcoach.formats.{wanted.replace('-', '_')}"))


def is_export(names: Iterable[str]) -> bool:
    """Whether files of these names make up one export together."""
    held = set(names)
    return any(set(marks) <= held for form in all_formats().values() for marks in getattr(form, "MARKERS", ()))


def detect(source: Source) -> tuple[str, Format, str]:
    """The format of a source: its name, its module, and why."""
    if source.options.format:
        name = source.options.format.strip().casefold().replace("_", "-")
        return name, format_named(name), "as asked for"
    if source.kind == "empty":
        raise FormatError("The file is empty.", path=source.name, remedy="Check the export; there is nothing to read.")
    matches = []
    for name, form in all_formats().items():
        match = form.sniff(source)
        if match is not None:
            matches.append((match.score, name, form, match.reason))
    if not matches:
        if (broken := source.cache.get("broken")) is not None:
            raise broken
        raise FormatError(
            f"None of the formats fits this {_described(source)}.",
            path=source.name,
            remedy="`trustcoach formats` lists what can be read; choose one with --from NAME, or name the columns of a "
            "table with --map text=COLUMN.",
        )
    best = max(score for score, *_ in matches)
    winners = [(name, form, reason) for score, name, form, reason in matches if score == best]
    if len(winners) > 1:
        names = " and ".join(name for name, _, _ in winners)
        raise FormatError(
            f"More than one format fits: {names}.",
            path=source.name,
            remedy=f"Choose one: {' or '.join(f'--from {name}' for name, _, _ in winners)}.",
        )
    return winners[0]


def _described(source: Source) -> str:
    if source.kind in ("text", "parquet", "xlsx"):
        from trustcoach.reading.tables import any_table_of

        table = any_table_of(source)
        if table is not None:
            return f"table, whose columns are {', '.join(name[:30] for name in table.header[:12])}"
    if source.kind == "text":
        first = next((line for line in source.head_lines(20) if line.strip()), "")
        return f"text, which starts {excerpt(first)}"
    if source.kind == "json":
        from trustcoach.reading.json_records import sample

        value = next(iter(sample(source)), None)
        keys = [str(key)[:30] for key in value][:12] if isinstance(value, dict) else []
        return f"JSON, whose first record has the keys {', '.join(keys)}" if keys else "JSON"
    return source.kind
