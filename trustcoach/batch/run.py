"""A run: parts are cut, scored by whoever is there, and joined in order."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from trustcoach.batch.engine import Engine
from trustcoach.batch.folder import RunFolder
from trustcoach.batch.parts import PART_TURNS, Part, cut, write_part
from trustcoach.batch.plan import plan_of, run_facts
from trustcoach.batch.summary import Gathering, LeftOut, Summary
from trustcoach.batch.task import Job, Outcome, pack_coach, score_here
from trustcoach.conversation import Conversation
from trustcoach.errors import OutputError, SettingsError
from trustcoach.output import FORMATS, check_target, join_tables, write_json, write_tables, writing_folder
from trustcoach.pipeline import Coach
from trustcoach.read import ReadingReport, ReadOptions, read_conversations
from trustcoach.scorecard import MIN_N
from trustcoach.tables import SCHEMAS, agent_rows

__all__ = ["Progress", "score_files", "score_to"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    turns: scored so far; resumed: how many of them an earlier, interrupted run had scored.
    read: turns read so far.
    share: the share of the input that was read, 0 to 1, or None where its size is not known.
    """

    turns: int
    resumed: int
    read: int
    share: float | None


def score_files(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    out: str | os.PathLike[str] | None = None,
    coach: Coach | None = None,
    options: ReadOptions | None = None,
    report: ReadingReport | None = None,
    formats: Iterable[str] = ("parquet", "jsonl"),
    workers: int | None = None,
    engine: Engine | None = None,
    resume: bool = False,
    min_n: int = MIN_N,
    part_turns: int = PART_TURNS,
    progress: Callable[[Progress], None] | None = None,
) -> Summary:
    """Score transcripts of any size, as `trustcoach score` does; the results are the same for any number of workers.

    Parameters
    ----------
    paths: files, folders (every file in them) or `-` for standard input.
    out: the folder of results; replaced if it holds an earlier run's results. None: the summary alone.
    coach: scores them (default: `Coach()`).
    options: how to read what the files do not tell themselves.
    report: collects what was read, dropped and guessed; saved beside the results.
    formats: of the tables: `parquet`, `jsonl` and `csv`.
    workers: processes of this machine (default: one for each core); input of a single part is scored in this one.
    engine: a cluster in place of processes of this machine, from `trustcoach.integrations`.
    resume: go on with the run to *out* that was interrupted, or that left parts out; what is done is skipped.
    min_n: conversations an agent needs for a rank.
    part_turns: a part, which one process scores in one go and in memory, is closed at so many turns.
    progress: called as the run goes on.

    Returns
    -------
    Summary: what was found; its `left_out` names parts that could not be scored.

    Raises
    ------
    InputError: when a file cannot be read.
    OutputError: when *out* cannot be written, there is nothing to resume, or the unfinished run was another one.
    SettingsError: when options do not go together, or a cluster cannot be used.
    """
    report = ReadingReport() if report is None else report
    conversations = read_conversations(paths, options=options or ReadOptions(), report=report)
    return score_to(
        conversations,
        Coach() if coach is None else coach,
        out=None if out is None else Path(out),
        formats=formats,
        report=report,
        options=options,
        workers=workers,
        engine=engine,
        resume=resume,
        min_n=min_n,
        part_turns=part_turns,
        progress=progress,
    )


def score_to(
    conversations: Iterable[Conversation],
    coach: Coach,
    *,
    out: Path | None = None,
    formats: Iterable[str] = ("parquet", "jsonl"),
    report: ReadingReport | None = None,
    options: ReadOptions | None = None,
    workers: int | None = 1,
    engine: Engine | None = None,
    resume: bool = False,
    min_n: int = MIN_N,
    part_turns: int = PART_TURNS,
    progress: Callable[[Progress], None] | None = None,
) -> Summary:
    """Score *conversations*, gone through once; parameters, result and errors are those of `score_files`.

    While the run goes on, its parts are in a folder beside *out* whose name ends in `.unfinished`. It stays when the run is
    interrupted or leaves parts out.
    """
    formats = [kind for kind in FORMATS if kind in set(formats)]
    if resume and out is None:
        raise SettingsError("Only a run that writes its results to a folder can be resumed.")
    if workers is not None and workers < 1:
        raise SettingsError("At least one worker is needed.")
    with ExitStack() as stack:
        if out is None:
            folder = RunFolder(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trustcoach-"))) / "run")
            formats = []
        else:
            check_target(out)
            folder = RunFolder.beside(out)
        plan = plan_of(coach, formats=formats, options=options, part_turns=part_turns)
        folder.start(plan, resume=resume)
        run = _Run(coach, folder, plan, tuple(formats), report, progress)
        try:
            run.score(conversations, workers or os.cpu_count() or 1, engine)
            summary = run.summary(min_n)
            if out is not None:
                run.write(out, summary, min_n)
        except Exception:
            if not resume:
                folder.remove()
            raise
        if not summary.left_out:
            folder.remove()
    return summary


class _Run:
    """One run: which parts there are, which are done, and which cannot be."""

    def __init__(
        self,
        coach: Coach,
        folder: RunFolder,
        plan: dict[str, Any],
        formats: tuple[str, ...],
        report: ReadingReport | None,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.coach, self.folder, self.plan, self.formats = coach, folder, plan, formats
        self.report = report if report is not None else ReadingReport()
        self._progress = progress or (lambda _: None)
        self._parts: list[LeftOut] = []  # what would be left out, should the part fail
        self._failed: dict[int, str] = {}
        self._turns = self._resumed = self._read = 0

    def score(self, conversations: Iterable[Conversation], workers: int, engine: Engine | None) -> None:
        """Score the parts that are not done yet: here, if there is but one or one worker, else by the engine."""
        todo = self._todo(cut(conversations, turns=self.plan["part_turns"]))
        first = list(islice(todo, 2))
        todo = chain(first, todo)
        if engine is None and (workers == 1 or len(first) < 2):
            for part, job in todo:
                self._ended(score_here(job, part.conversations, self.coach, self._step))
        elif first:
            if engine is None:
                from trustcoach.batch.workers import Workers

                engine = Workers(workers)
            self._by_engine(todo, engine)
        if self.folder.parts() > len(self._parts) - len(self._failed):
            raise OutputError(
                f"{self.folder.path}: the unfinished run had more input, so the two cannot be mixed; start anew without --resume"
            )

    def summary(self, min_n: int) -> Summary:
        """What all parts gathered, in their order."""
        gathering = Gathering()
        for number in self._done():
            record = self.folder.record(number)
            assert record is not None
            gathering.absorb(record["gathered"])
        left_out = [self._left_out(number) for number in sorted(self._failed)]
        if left_out and len(left_out) == len(self._parts):
            raise OutputError(f"Nothing could be scored: {left_out[0].reason}")
        return gathering.done(min_n=min_n, left_out=left_out)

    def write(self, out: Path, summary: Summary, min_n: int) -> None:
        """Join the tables of the parts, and put them with the summary into *out*, all or nothing."""
        parts = [self.folder.done(number) for number in self._done()]
        with writing_folder(out) as target:
            for name in SCHEMAS:
                if name != "agents":
                    join_tables(target, name, parts, self.formats)
            own = self.folder.path / "agents"
            own.mkdir(exist_ok=True)
            write_tables(own, {"agents": agent_rows(summary.agents)}, self.formats)
            join_tables(target, "agents", [own], self.formats)
            write_json(target / "summary.json", summary.to_dict())
            write_json(target / "reading.json", self.report.to_dict())
            write_json(target / "run.json", run_facts(self.coach, plan=self.plan, min_n=min_n))

    def _todo(self, parts: Iterator[Part]) -> Iterator[tuple[Part, Job]]:
        """The parts that are not done, each with its job."""
        for part in parts:
            ids = part.conversations[0].id, part.conversations[-1].id
            self._parts.append(LeftOut(part.number + 1, *ids, len(part.conversations), part.turns, ""))
            self._read += part.turns
            key = self.folder.key(self.plan, part.number, part.digest)
            if self.folder.finished(part.number, key):
                self._resumed += part.turns
                self._turns += part.turns
                self._tell()
            else:
                yield part, Job(part.number, key, self.folder.path, self.formats)

    def _by_engine(self, todo: Iterable[tuple[Part, Job]], engine: Engine) -> None:
        flying = 0
        try:
            room = engine.open(pack_coach(self.coach), self.folder.path)
            for part, job in todo:
                write_part(part, self.folder.todo(job.number))
                while flying >= room:
                    flying -= self._all_ended(engine.finished())
                engine.submit(job)
                flying += 1
            while flying:
                flying -= self._all_ended(engine.finished())
        finally:
            engine.close()

    def _all_ended(self, outcomes: Sequence[Outcome]) -> int:
        for outcome in outcomes:
            self._ended(outcome)
            self._turns += self._parts[outcome.number].turns
            self._tell()
            self.folder.todo(outcome.number).unlink(missing_ok=True)
        return len(outcomes)

    def _ended(self, outcome: Outcome) -> None:
        if outcome.reason is not None:
            self._failed[outcome.number] = outcome.reason

    def _step(self, conversation: Conversation) -> None:
        self._turns += len(conversation.turns)
        self._tell()

    def _tell(self) -> None:
        self._progress(Progress(self._turns, self._resumed, self._read, self.report.share))

    def _done(self) -> Iterator[int]:
        return (number for number in range(len(self._parts)) if number not in self._failed)

    def _left_out(self, number: int) -> LeftOut:
        part = self._parts[number]
        return LeftOut(part.part, part.first, part.last, part.conversations, part.turns, self._failed[number])
