"""What a run found: gathered part by part, put together in order, the same whatever the number of workers."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from trustcoach import __version__
from trustcoach.coach import turn_loss
from trustcoach.conversation import Role, Turn
from trustcoach.results import Advice, AgentScore, BehaviourCount, ConversationScore, Finding, Outcome, TurnScore
from trustcoach.scorecard import AgentTally, Comparison, Tallies, compare
from trustcoach.tables import SCHEMA_VERSION, agent_rows

__all__ = ["Example", "Gathering", "LeftOut", "Summary"]

_KEPT = 50
_Rank = tuple[tuple[int, float], int]


@dataclass(frozen=True, slots=True)
class Example:
    """A turn worth coaching: what was said, the findings that decided its verdicts, and the advice on it."""

    conversation_id: str
    turn: Turn
    evidence: tuple[Finding, ...]
    advice: tuple[Advice, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part of the input that could not be scored: its conversations from the id *first* to *last*, and why."""

    part: int
    first: str
    last: str
    conversations: int
    turns: int
    reason: str


@dataclass(slots=True)
class Summary:
    """What a run found.

    Attributes
    ----------
    conversations, scorable: how many were scored, and how many have a score.
    turns, agent_turns: messages in all, and of agents.
    failed: conversations with a critical breach.
    score: 100 × weight shown ÷ weight of all verdicts, or None where nothing applied.
    counts: outcomes by behaviour.
    agents: scorecards by name; comparisons: which of them differ beyond chance.
    coaching: the turns most worth coaching, worst first.
    promises: how many ended with each fate.
    left_out: parts that could not be scored; they count nowhere else.
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
    left_out: list[LeftOut] = field(default_factory=list)

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
            "coaching": [{"conversation_id": e.conversation_id, "turn": e.turn.index} for e in self.coaching],
            "left_out": [asdict(part) for part in self.left_out],
        }


class Gathering:
    """Builds a `Summary`: conversations are added within a part, and what parts gathered is put together in their order."""

    def __init__(self) -> None:
        self._numbers = dict.fromkeys(("conversations", "scorable", "turns", "agent_turns", "failed"), 0)
        self._weights = [0.0, 0.0]
        self._counts: dict[str, list[int]] = {}
        self._promises: dict[str, int] = {}
        self._tallies = Tallies()
        self._worst: list[tuple[_Rank, Example]] = []

    def add(self, scored: ConversationScore) -> None:
        """Take in one scored conversation."""
        agent_turns = sum(t.role is Role.AGENT for t in scored.conversation.turns)
        known = (1, scored.score is not None, len(scored.conversation.turns), agent_turns, bool(scored.failed_by))
        self._count(dict(zip(self._numbers, map(int, known), strict=True)))
        for c in scored.counts:
            self._behaviour(c.behaviour, (c.shown, c.missed, c.breached))
        for v in scored.verdicts:
            self._weights[1] += v.weight
            self._weights[0] += v.weight if v.outcome is Outcome.SHOWN else 0.0
        for p in scored.promises:
            self._promise(str(p.fate), 1)
        self._tallies.add(scored)
        best = max(((turn_loss(t.verdicts), -t.turn, t) for t in scored.turns), key=lambda x: x[:2], default=None)
        if best is not None and best[0] > (0, 0.0):
            # The earlier of two equal turns wins, so the choice does not depend on how the work was cut up.
            rank = (best[0], -self._numbers["conversations"])
            if len(self._worst) < _KEPT or rank > self._worst[0][0]:
                self._keep(rank, _example(scored, best[2]))

    def to_dict(self) -> dict[str, Any]:
        """Everything gathered, as plain values for JSON that `absorb` takes back without loss."""
        return {
            "numbers": self._numbers,
            "weights": self._weights,
            "counts": self._counts,
            "promises": self._promises,
            "agents": [asdict(tally) for tally in self._tallies.tallies()],
            "worst": [[rank, asdict(example)] for rank, example in sorted(self._worst, key=lambda w: w[0])],
        }

    def absorb(self, part: dict[str, Any]) -> None:
        """Add what the next part gathered, as its `to_dict` gave it."""
        before = self._numbers["conversations"]
        self._count(part["numbers"])
        for i, weight in enumerate(part["weights"]):
            self._weights[i] += weight
        for behaviour, counts in part["counts"].items():
            self._behaviour(behaviour, counts)
        for fate, number in part["promises"].items():
            self._promise(fate, number)
        for tally in part["agents"]:
            self._tallies.merge(AgentTally(**tally))
        for (loss, place), example in part["worst"]:
            self._keep(((loss[0], loss[1]), place - before), _read_example(example))

    def done(self, *, min_n: int, left_out: Iterable[LeftOut] = ()) -> Summary:
        """The summary; *min_n* conversations make an agent ranked."""
        shown, applied = self._weights
        return Summary(
            **self._numbers,
            score=round(100 * shown / applied, 4) if applied else None,
            counts=[BehaviourCount(b, *self._counts[b]) for b in sorted(self._counts)],
            agents=self._tallies.scores(min_n=min_n),
            comparisons=compare(self._tallies.tallies(), min_n=min_n),
            coaching=[example for _, example in sorted(self._worst, key=lambda w: w[0], reverse=True)],
            promises=dict(sorted(self._promises.items())),
            left_out=list(left_out),
        )

    def _count(self, numbers: dict[str, int]) -> None:
        for name, number in numbers.items():
            self._numbers[name] += number

    def _behaviour(self, behaviour: str, counts: Iterable[int]) -> None:
        entry = self._counts.setdefault(behaviour, [0, 0, 0])
        for i, number in enumerate(counts):
            entry[i] += number

    def _promise(self, fate: str, number: int) -> None:
        self._promises[fate] = self._promises.get(fate, 0) + number

    def _keep(self, rank: _Rank, example: Example) -> None:
        if len(self._worst) < _KEPT:
            heapq.heappush(self._worst, (rank, example))
        elif rank > self._worst[0][0]:
            heapq.heapreplace(self._worst, (rank, example))


def _example(scored: ConversationScore, card: TurnScore) -> Example:
    turn = next(t for t in scored.conversation.turns if t.index == card.turn)
    return Example(
        scored.conversation.id,
        Turn(turn.index, turn.role, turn.text, speaker=turn.speaker),
        tuple(f for v in card.verdicts for f in v.evidence if f.turn == turn.index),
        tuple(a for a in scored.advice if a.turn == turn.index),
    )


def _read_example(data: dict[str, Any]) -> Example:
    turn = data["turn"]
    return Example(
        data["conversation_id"],
        Turn(turn["index"], Role(turn["role"]), turn["text"], speaker=turn["speaker"]),
        tuple(Finding(**finding) for finding in data["evidence"]),
        tuple(
            Advice(**{**a, "outcome": a["outcome"] and Outcome(a["outcome"]), "wording": tuple(a["wording"])})
            for a in data["advice"]
        ),
    )
