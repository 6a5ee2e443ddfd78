"""Reading transcripts: any supported export in, conversations out.

from trustcoach.read import ReadingReport, read_conversations

report = ReadingReport()
for conversation in read_conversations("export.json", report=report):
    ...
print(*report.lines(), sep="\\n")
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from trustcoach.conversation import Conversation
from trustcoach.reading.options import ReadOptions
from trustcoach.reading.report import ReadingReport

__all__ = ["FormatInfo", "ReadOptions", "ReadingReport", "formats", "read_conversations"]

_DEFAULTS = ReadOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatInfo:
    """One format that can be read.

    Parameters
    ----------
    name: what `ReadOptions.format` and `--from` take.
    title: its name for people.
    expects: what a file of it looks like, in one line.
    recognised_by: what it is recognised by.
    confidence: how sure its shape is: A checked against the vendor's own specification, B against documentation or
        two independent importers, C partly checked, D general knowledge.
    """

    name: str
    title: str
    expects: str
    recognised_by: str
    confidence: str


def formats() -> list[FormatInfo]:
    """All formats that can be read, by name."""
    raise NotImplementedError


def read_conversations(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    options: ReadOptions = _DEFAULTS,
    report: ReadingReport | None = None,
) -> Iterator[Conversation]:
    """Read conversations, one after the other, without holding a file in memory.

    Parameters
    ----------
    paths: files, folders (every file in them) or `-` for standard input.
    options: what the files do not tell themselves.
    report: collects what was read, dropped and guessed.

    Raises
    ------
    InputError: a file cannot be read; the message names the place and the remedy.
    FormatError: the format of a file is unknown or ambiguous.
    """
    raise NotImplementedError
