"""Scores whole exports: conversations stream in, tables and a summary come out."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trustcoach import __version__
from trustcoach.coach import turn_loss
from trustcoach.conversation import Conversation
from trustcoach.output import TableWriter, write_json, writing_folder
from trustcoach.pipeline import Coach
from trustcoach.read import ReadingReport
from trustcoach.results import AgentScore, BehaviourCount, ConversationScore, TurnScore
from trustcoach.scorecard import MIN_N, Comparison, Tallies, compare
from trustcoach.tables import SCHEMA_VERSION, agent_rows

__all__ = ["Example", "Summary", "score_to"]

_KEPT = 50


@dataclass(frozen=True, slots=True)
class Example:
    """A turn worth coaching, with the conversation it stands in."""

    scored: ConversationScore
    turn: TurnScore


@dataclass(slots=True)
class Summary:
    """What a run found, gathered while it streams by.

    Attributes
    ----------
    conversations, scorable: how many were read, and how many have a score.
    turns, agent_turns: messages in all, and of agents.
    shown, applied: weights over all verdicts; their ratio is the score.
    failed: conversations with a critical breach.
    counts: outcomes by behaviour.
    agents: scorecards by name; comparisons: which of them differ beyond chance.
    coaching: the turns most worth coaching, worst first.
    promises: how many ended with each fate.
    """

    conversations: int = 0
    scorable: int = 0
    turns: int = 0
    agent_turns: int = 0
    failed: int = 0
    score: float | None = None
    counts: list[BehaviourCount] = field(default_factory=list)
    agents: list[AgentScore] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    coaching: list[Example] = field(default_factory=list)
    promises: dict[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, without transcript text."""
        return {
            "schema_version": SCHEMA_VERSION,
            "version": __version__,
            "conversations": self.conversations,
            "scorable": self.scorable,
            "turns": self.turns,
            "agent_turns": self.agent_turns,
            "score": self.score,
            "failed": self.failed,
            "behaviours": [
                {"behaviour": c.behaviour, "due": c.due, "shown": c.shown, "missed": c.missed, "breached": c.breached}
                for c in self.counts
            ],
            "agents": agent_rows(self.agents),
            "differences": [
                {
                    "first": c.first,
                    "second": c.second,
                    "points": c.difference,
                    "p_value": round(c.p_value, 6),
                    "distinct": c.distinct,
                }
                for c in self.comparisons
            ],
            "promises": self.promises,
            "coaching": [{"conversation_id": e.scored.conversation.id, "turn": e.turn.turn} for e in self.coaching],
        }


class _Gathering:
    """Builds a `Summary` from conversations as they pass."""

    def __init__(self) -> None:
        self.summary = Summary()
        self.tallies = Tallies()
        self._counts: dict[str, list[int]] = {}
        self._shown = self._applied = 0.0
        self._worst: list[tuple[tuple[int, float], int, Example]] = []

    def add(self, scored: ConversationScore) -> None:
        s = self.summary
        s.conversations += 1
        s.scorable += scored.score is not None
        s.turns += len(scored.conversation.turns)
        s.agent_turns += sum(t.role == "agent" for t in scored.conversation.turns)
        s.failed += bool(scored.failed_by)
        for c in scored.counts:
            entry = self._counts.setdefault(c.behaviour, [0, 0, 0])
            for i, n in enumerate((c.shown, c.missed, c.breached)):
                entry[i] += n
        for v in scored.verdicts:
            self._applied += v.weight
            self._shown += v.weight if v.outcome == "shown" else 0.0
        for p in scored.promises:
            s.promises[str(p.fate)] = s.promises.get(str(p.fate), 0) + 1
        self.tallies.add(scored)
        best = max(((turn_loss(t.verdicts), -t.turn, t) for t in scored.turns), key=lambda x: x[:2], default=None)
        if best is not None and best[0] > (0, 0.0):
            # The earlier of two equal turns wins, so the choice does not depend on how the work was cut up.
            item = (best[0], -s.conversations, Example(scored, best[2]))
            if len(self._worst) < _KEPT:
                heapq.heappush(self._worst, item)
            else:
                heapq.heappushpop(self._worst, item)

    def done(self, *, min_n: int) -> Summary:
        s = self.summary
        s.score = round(100 * self._shown / self._applied, 4) if self._applied else None
        s.counts = [BehaviourCount(b, *self._counts[b]) for b in sorted(self._counts)]
        s.agents = self.tallies.scores(min_n=min_n)
        s.comparisons = compare(self.tallies.tallies(), min_n=min_n)
        s.coaching = [e for _, _, e in sorted(self._worst, key=lambda w: w[:2], reverse=True)]
        s.promises = dict(sorted(s.promises.items()))
        return s


def score_to(
    conversations: Iterable[Conversation],
    coach: Coach,
    *,
    out: Path | None = None,
    formats: Iterable[str] = ("parquet", "jsonl"),
    report: ReadingReport | None = None,
    min_n: int = MIN_N,
    progress: Callable[[Conversation], None] = lambda _: None,
) -> Summary:
    """Score *conversations* one by one; write their tables to the folder *out*, if given, all or nothing.

    Parameters
    ----------
    conversations: as read; gone through once.
    coach: scores them.
    out: the folder of results; replaced if it holds an earlier run's results.
    formats: of `parquet`, `jsonl` and `csv`.
    report: the reading report, saved beside the results.
    min_n: conversations an agent needs for a rank.
    progress: called with each conversation once it is scored.

    Raises
    ------
    OutputError: when *out* cannot be written.
    """
    gathering = _Gathering()
    if out is None:
        for conversation in conversations:
            gathering.add(coach.score(conversation))
            progress(conversation)
        return gathering.done(min_n=min_n)
    with writing_folder(out) as folder:
        with TableWriter(folder, tuple(formats)) as writer:
            for conversation in conversations:
                scored = coach.score(conversation)
                gathering.add(scored)
                writer.add(scored)
                progress(conversation)
            summary = gathering.done(min_n=min_n)
            writer.add_rows("agents", agent_rows(summary.agents))
        write_json(folder / "summary.json", summary.to_dict())
        if report is not None:
            write_json(folder / "reading.json", report.to_dict())
        write_json(
            folder / "run.json",
            {
                "schema_version": SCHEMA_VERSION,
                "version": __version__,
                "pack": coach.catalogue.id,
                "disabled": sorted(coach.catalogue.disabled),
                "classifier": coach.detector.classifier is not None,
            },
        )
    return summary
