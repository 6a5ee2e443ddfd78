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
from trustcoach.errors import FormatError, InputError
from trustcoach.reading.detect import all_formats, detect, is_export
from trustcoach.reading.draft import Context, Draft
from trustcoach.reading.finish import Finisher
from trustcoach.reading.grouping import Grouper
from trustcoach.reading.options import ReadOptions
from trustcoach.reading.places import sources
from trustcoach.reading.report import FileRead, ReadingReport
from trustcoach.reading.source import Source
from trustcoach.reading.times import Clock

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
    return [
        FormatInfo(
            name=name,
            title=form.TITLE,
            expects=form.EXPECTS,
            recognised_by=form.RECOGNISED_BY,
            confidence=form.CONFIDENCE,
        )
        for name, form in all_formats().items()
    ]


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
    single = isinstance(paths, str | os.PathLike)
    listed: list[str | os.PathLike[str]] = [paths] if single else list(paths)  # type: ignore[list-item, arg-type]
    return _Reading(options, report if report is not None else ReadingReport()).run(listed)


class _Reading:
    """One call of `read_conversations`: the files in turn, and what they share."""

    def __init__(self, options: ReadOptions, report: ReadingReport) -> None:
        self.options, self.report = options, report
        self.finisher = Finisher(options, report)
        self.joined: dict[str, tuple[Grouper, Context, FileRead, Source]] = {}

    def run(self, paths: list[str | os.PathLike[str]]) -> Iterator[Conversation]:
        before = self.report.counts["conversations"]
        tried = 0
        for source in sources(paths, self.options, self.report, is_export):
            tried += 1
            try:
                yield from self.file(source)
            except InputError as error:
                if source.named:
                    raise
                self.report.count("files_skipped")
                self.report.problem(source.name, error.where, error.message, error.remedy)
        for grouper, context, entry, source in self.joined.values():
            yield from self.grouped(grouper, context, entry, source)
        self.finisher.tell_strangers(", ".join(os.fspath(path) for path in paths[:3]))
        if self.report.counts["conversations"] == before and not self.report.counts["duplicate_conversations"]:
            raise self.nothing([os.fspath(path) for path in paths], tried)

    def file(self, source: Source) -> Iterator[Conversation]:
        name, form, reason = detect(source)
        clock = Clock(self.options, self.report)
        entry = FileRead(source.name, name, reason, source.encoding if source.kind in ("json", "text") else None)
        self.report.files.append(entry)
        if getattr(form, "JOINS", False):
            grouper, context, entry, source_of = self.joined.setdefault(
                name, (Grouper(), Context(self.options, self.report, clock, source.name), entry, source)
            )
            context.file = source.name
        else:
            grouper, context, source_of = Grouper(), Context(self.options, self.report, clock, source.name), source
        for draft in form.read(source, context):
            if draft.partial:
                draft.where = draft.where if draft.id else ""
                grouper.add(draft.id or f"\0{source.name}", draft)
            else:
                yield from self.finished(draft, context, entry, source)
        if source_of is source and name not in self.joined:
            yield from self.grouped(grouper, context, entry, source)

    def grouped(self, grouper: Grouper, context: Context, entry: FileRead, source: Source) -> Iterator[Conversation]:
        for draft in grouper.drafts():
            if self.report.passage:
                self.report.passage.part = grouper.share
            yield from self.finished(draft, context, entry, source)

    def finished(self, draft: Draft, context: Context, entry: FileRead, source: Source) -> Iterator[Conversation]:
        conversation = self.finisher.finish(draft, source.name, source.stem, context.people)
        if conversation is not None:
            entry.conversations += 1
            entry.turns += len(conversation.turns)
            yield conversation

    def nothing(self, paths: list[str], tried: int) -> InputError:
        problems = self.report.problems
        if self.report.counts["files_skipped"] >= tried > 0 and problems:
            told = problems[-1]
            kind = FormatError if tried == 1 else InputError
            return kind(told.what, path=told.file, where=told.where, remedy=told.remedy)
        detail = f" The first problem: {problems[0].where or problems[0].file}: {problems[0].what}" if problems else ""
        left = ", ".join(
            f"{self.report.counts[n]:,} {n}" for n in ("notes", "events", "empty") if self.report.counts[n]
        )
        return InputError(
            f"No conversation was found{f' (only {left})' if left else ''}.{detail}",
            path=", ".join(paths[:3]) + (" …" if len(paths) > 3 else ""),
            remedy="Check that this is the export with the messages; `trustcoach formats` tells what is expected.",
        )
