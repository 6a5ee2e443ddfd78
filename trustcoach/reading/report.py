"""What was read, dropped and guessed: filled while reading, printed and saved beside the results."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from trustcoach.reading.passage import Passage

__all__ = ["COUNTS", "FileRead", "Problem", "ReadingReport"]

COUNTS = {
    "conversations": "conversations",
    "turns": "turns",
    "notes": "internal notes left out",
    "events": "events (joins, ratings, assignments …) left out",
    "automated": "automated messages kept apart as bot",
    "redacted": "redacted messages left out",
    "deleted": "deleted messages left out",
    "attachments": "attachments",
    "attachment_only": "messages without text, only an attachment, left out",
    "empty": "empty messages left out",
    "duplicate_messages": "repeated messages left out",
    "duplicate_conversations": "conversations met again with the same content, left out",
    "renamed_conversations": "conversations with an id already used for another one, given a number",
    "out_of_order": "conversations put in order",
    "edited": "edited messages, latest wording kept",
    "quoted": "messages with quoted history or a signature cut",
    "unreadable": "records that could not be read",
    "without_messages": "records without any message",
    "encoding_repaired": "bytes in another encoding than the rest of the file",
    "text_repaired": "messages with garbled letters repaired",
    "surplus_cells": "rows with more cells than the header, the surplus left out",
    "cells_cut": "cells of exactly 32,767 characters, probably cut by the spreadsheet",
    "unknown_roles": "turns of people whose role is unknown",
    "files_skipped": "files left out",
}
"""What is counted while reading, in the order of the summary."""

_MOST = 100


@dataclass(slots=True)
class FileRead:
    """One file that was read: its format, why that was recognised, and what came out of it."""

    name: str
    format: str
    reason: str
    encoding: str | None = None
    conversations: int = 0
    turns: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read, where, and what to do about it."""

    file: str
    where: str | None
    what: str
    remedy: str | None = None


class ReadingReport:
    """Collects what happens while reading; hand one to `read_conversations` and look at it afterwards.

    Attributes
    ----------
    files: the files read (`FileRead`), in order.
    counts: how often each thing of `COUNTS` happened.
    problems: the first 100 problems (`Problem`); `problem_count` counts all of them.
    guesses: what was inferred rather than told, each with how often.
    suspected_swaps: the first 100 ids of conversations where the customer sounds like the agent.
    passage: while reading, how far the files were gone through.
    """

    def __init__(self) -> None:
        self.files: list[FileRead] = []
        self.counts: Counter[str] = Counter()
        self.problems: list[Problem] = []
        self.problem_count = 0
        self.guesses: Counter[str] = Counter()
        self.suspected_swaps: list[str] = []
        self.swap_count = 0
        self.passage: Passage | None = None

    @property
    def share(self) -> float | None:
        """While reading, the share of the input that was gone through, 0 to 1; None where its size is not known."""
        return self.passage.share if self.passage else None

    def count(self, what: str, number: int = 1) -> None:
        """Count something of `COUNTS`."""
        self.counts[what] += number

    def problem(self, file: str, where: str | None, what: str, remedy: str | None = None) -> None:
        """Note a problem; beyond the first 100 they are only counted."""
        self.problem_count += 1
        if len(self.problems) < _MOST:
            self.problems.append(Problem(file, where, what, remedy))

    def guess(self, what: str) -> None:
        """Note something that was inferred; kinds beyond the first 100 are not kept apart."""
        if what not in self.guesses and len(self.guesses) >= _MOST:
            what = "further guesses"
        self.guesses[what] += 1

    def suspect_swap(self, conversation_id: str) -> None:
        """Note a conversation whose roles look swapped; the roles themselves are left as they are."""
        self.swap_count += 1
        if len(self.suspected_swaps) < _MOST:
            self.suspected_swaps.append(conversation_id)

    def merge(self, other: ReadingReport) -> None:
        """Add what another report collected, for work done in parts."""
        self.files += other.files
        self.counts += other.counts
        self.problems += other.problems[: _MOST - len(self.problems)]
        self.problem_count += other.problem_count
        self.guesses += other.guesses
        self.suspected_swaps += other.suspected_swaps[: _MOST - len(self.suspected_swaps)]
        self.swap_count += other.swap_count

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-ready data."""
        return {
            "files": [asdict(file) for file in self.files],
            "counts": {name: self.counts[name] for name in COUNTS if self.counts[name]},
            "problems": [asdict(problem) for problem in self.problems],
            "problem_count": self.problem_count,
            "guesses": dict(self.guesses),
            "suspected_swaps": list(self.suspected_swaps),
            "suspected_swap_count": self.swap_count,
        }

    def lines(self) -> list[str]:
        """A short summary for people, one thing a line."""
        counts = self.counts
        formats = Counter(file.format for file in self.files)
        kinds = ", ".join(f"{name} ({number})" if number > 1 else name for name, number in formats.items())
        read = [
            f"{number:,} {thing}{'' if number == 1 else 's'}"
            for thing, number in (
                ("conversation", counts["conversations"]),
                ("turn", counts["turns"]),
                ("file", len(self.files)),
            )
        ]
        lines = [f"Read {read[0]}, {read[1]} from {read[2]}" + (f": {kinds}" if kinds else "")]
        for name, meaning in COUNTS.items():
            if counts[name] and name not in ("conversations", "turns"):
                lines.append(f"  {counts[name]:,} {meaning}")
        for guess, number in self.guesses.items():
            lines.append(f"  guessed: {guess}" + (f" ({number:,} times)" if number > 1 else ""))
        if self.swap_count:
            shown = ", ".join(self.suspected_swaps[:5]) + (" …" if self.swap_count > 5 else "")
            lines.append(f"  {self.swap_count:,} conversations look as if agent and customer were swapped: {shown}")
        for problem in self.problems[:10]:
            place = ", ".join(part for part in (problem.file, problem.where) if part)
            lines.append(f"  {place}: {problem.what}" + (f" – {problem.remedy}" if problem.remedy else ""))
        if self.problem_count > 10:
            lines.append(f"  … and {self.problem_count - min(10, len(self.problems)):,} more problems")
        return lines
