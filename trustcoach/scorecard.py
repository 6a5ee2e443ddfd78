"""Verdicts → scorecards of turns, conversations and agents, with their uncertainty.

Score = 100 × Σ weight shown ÷ Σ weight that applied. Missed and breached earn nothing; what did not apply counts neither
way; where nothing applied there is no score. Conversation and agent scores pool verdicts; they never average averages.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import NormalDist

from trustcoach.conversation import Conversation
from trustcoach.judge import Judgement
from trustcoach.results import AgentScore, BehaviourCount, ConversationScore, Outcome, TurnScore, Verdict

__all__ = [
    "UNNAMED",
    "AgentTally",
    "Comparison",
    "Tallies",
    "agent_scores",
    "compare",
    "count_behaviours",
    "pooled_score",
    "score_conversation",
    "score_verdicts",
]

UNNAMED = "(unnamed agent)"
MIN_N = 10
_Z = NormalDist().inv_cdf(0.975)


def score_verdicts(verdicts: Iterable[Verdict]) -> tuple[float | None, tuple[str, ...], float | None]:
    """Score of a set of verdicts: (score, behaviours that failed it, score before failing)."""
    verdicts = list(verdicts)
    applied = math.fsum(v.weight for v in verdicts)
    shown = math.fsum(v.weight for v in verdicts if v.outcome is Outcome.SHOWN)
    before = round(100 * shown / applied, 4) if applied else None
    failed = tuple(dict.fromkeys(v.behaviour for v in verdicts if v.critical and v.outcome is Outcome.BREACHED))
    return (0.0 if failed else before), failed, before


def count_behaviours(verdicts: Iterable[Verdict]) -> tuple[BehaviourCount, ...]:
    """How often each behaviour applied and with what outcome, in order of name."""
    ordered = sorted(verdicts, key=lambda v: v.behaviour)
    counts = []
    for behaviour, group in groupby(ordered, key=lambda v: v.behaviour):
        outcomes = [v.outcome for v in group]
        counts.append(
            BehaviourCount(
                behaviour,
                shown=outcomes.count(Outcome.SHOWN),
                missed=outcomes.count(Outcome.MISSED),
                breached=outcomes.count(Outcome.BREACHED),
            )
        )
    return tuple(counts)


def score_conversation(conversation: Conversation, judgement: Judgement) -> ConversationScore:
    """Scorecards of a conversation and of each of its agent turns to which anything applied."""
    turns = []
    for index, group in groupby(judgement.verdicts, key=lambda v: v.turn):
        verdicts = tuple(group)
        turns.append(TurnScore(index, *score_verdicts(verdicts), verdicts))
    score, failed, before = score_verdicts(judgement.verdicts)
    return ConversationScore(
        conversation=conversation,
        score=score,
        failed_by=failed,
        before_failing=before,
        turns=tuple(turns),
        counts=count_behaviours(judgement.verdicts),
        findings=judgement.findings,
        promises=judgement.promises,
        ideas=judgement.ideas,
    )


@dataclass(slots=True)
class AgentTally:
    """What is kept of an agent's conversations while they stream by: a few numbers for each."""

    agent: str
    shown: list[float]
    applied: list[float]
    verdicts: list[int]
    failed: int
    turns: int
    counts: dict[str, list[int]]


class Tallies:
    """Collects the verdicts of agents, conversation by conversation, in little memory."""

    def __init__(self) -> None:
        self._by_agent: dict[str, AgentTally] = {}

    def add(self, scored: ConversationScore) -> None:
        """Take in one conversation; an agent is a speaker with the role agent."""
        speakers: dict[int, str] = {}
        for turn in scored.conversation.turns:
            if turn.role == "agent":
                name = turn.speaker or UNNAMED
                speakers[turn.index] = name
                self._tally(name).turns += 1
        by_agent: dict[str, list[Verdict]] = {}
        for verdict in scored.verdicts:
            by_agent.setdefault(speakers[verdict.turn], []).append(verdict)
        for name, verdicts in by_agent.items():
            self._add(self._tally(name), verdicts)

    def merge(self, tally: AgentTally) -> None:
        """Take in what was tallied of an agent elsewhere, in conversations that come after those tallied here."""
        own = self._tally(tally.agent)
        own.shown += tally.shown
        own.applied += tally.applied
        own.verdicts += tally.verdicts
        own.failed += tally.failed
        own.turns += tally.turns
        for behaviour, counts in tally.counts.items():
            entry = own.counts.setdefault(behaviour, [0, 0, 0])
            entry[:] = [a + b for a, b in zip(entry, counts, strict=True)]

    def _tally(self, name: str) -> AgentTally:
        return self._by_agent.setdefault(name, AgentTally(name, [], [], [], 0, 0, {}))

    @staticmethod
    def _add(tally: AgentTally, verdicts: Sequence[Verdict]) -> None:
        failed = any(v.critical and v.outcome is Outcome.BREACHED for v in verdicts)
        tally.shown.append(0.0 if failed else math.fsum(v.weight for v in verdicts if v.outcome is Outcome.SHOWN))
        tally.applied.append(math.fsum(v.weight for v in verdicts))
        tally.verdicts.append(len(verdicts))
        tally.failed += failed
        for count in count_behaviours(verdicts):
            entry = tally.counts.setdefault(count.behaviour, [0, 0, 0])
            entry[0] += count.shown
            entry[1] += count.missed
            entry[2] += count.breached

    def tallies(self) -> list[AgentTally]:
        """The agents' tallies, by name."""
        return [self._by_agent[name] for name in sorted(self._by_agent)]

    def scores(self, *, min_n: int = MIN_N) -> list[AgentScore]:
        """The agents' scorecards, by name; below *min_n* conversations an agent is not ranked."""
        return [_agent_score(t, min_n) for t in self.tallies()]


def agent_scores(scored: Iterable[ConversationScore], *, min_n: int = MIN_N) -> list[AgentScore]:
    """Scorecards of the agents in *scored*, by name."""
    tallies = Tallies()
    for conversation in scored:
        tallies.add(conversation)
    return tallies.scores(min_n=min_n)


def _agent_score(tally: AgentTally, min_n: int) -> AgentScore:
    pairs = [(s, a) for s, a in zip(tally.shown, tally.applied, strict=True) if a > 0]
    n = len(pairs)
    score, low, high = pooled_score(pairs)
    spread = consistency = None
    if n >= 2:
        scores = [s / a for s, a in pairs]
        mean = math.fsum(scores) / n
        observed = math.fsum((x - mean) ** 2 for x in scores) / (n - 1)
        spread = round(100 * math.sqrt(observed), 4)
        sizes = [v for v, a in zip(tally.verdicts, tally.applied, strict=True) if a > 0]
        chance = math.fsum(mean * (1 - mean) / size for size in sizes) / n
        consistency = round(min(1.0, chance / observed), 4) if observed > 0 else 1.0
    return AgentScore(
        agent=tally.agent,
        score=score,
        low=low,
        high=high,
        n=n,
        turns=tally.turns,
        ranked=n >= min_n,
        failed=tally.failed,
        spread=spread,
        consistency=consistency,
        counts=tuple(BehaviourCount(b, *tally.counts[b]) for b in sorted(tally.counts)),
    )


def pooled_score(pairs: Sequence[tuple[float, float]]) -> tuple[float | None, float | None, float | None]:
    """Score of several conversations together with its 95 % interval, in points.

    Parameters
    ----------
    pairs: weight shown and weight applied of each conversation; a failed conversation has shown nothing.

    Returns
    -------
    Score, low, high; all None where nothing applied, and no interval below two conversations.
    """
    share, effective = _pooled([(s, a) for s, a in pairs if a > 0])
    if share is None:
        return None, None, None
    low, high = (None, None) if effective is None else (round(100 * x, 4) for x in _wilson(share, effective))
    return round(100 * share, 4), low, high


def _pooled(pairs: Sequence[tuple[float, float]]) -> tuple[float | None, float | None]:
    """Pooled share, and the effective sample size that respects that verdicts of a conversation go together.

    The variance is the ratio estimator's with conversations as clusters; dividing the binomial variance by it gives the
    effective size (Korn and Graubard 1998). Where everything was shown, or nothing, the conversations themselves are the sample.
    """
    k, total = len(pairs), math.fsum(a for _, a in pairs)
    if not total:
        return None, None
    share = math.fsum(s for s, _ in pairs) / total
    if k < 2:
        return share, None
    variance = k / (k - 1) * math.fsum((s - share * a) ** 2 for s, a in pairs) / total**2
    if not 0 < share < 1:
        return share, float(k)
    if variance <= 0:
        return share, total
    return share, min(max(share * (1 - share) / variance, 1.0), total)


def _wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of *n* independent cases."""
    z2 = _Z * _Z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two agents' scores: the difference in points, and whether the data can tell them apart."""

    first: str
    second: str
    difference: float
    p_value: float
    distinct: bool


def compare(tallies: Sequence[AgentTally], *, min_n: int = MIN_N, level: float = 0.05) -> list[Comparison]:
    """All pairs of agents with at least *min_n* conversations, tested with Holm's correction for many pairs."""
    known = []
    for tally in tallies:
        pairs = [(s, a) for s, a in zip(tally.shown, tally.applied, strict=True) if a > 0]
        share, effective = _pooled(pairs)
        if len(pairs) >= min_n and share is not None and effective:
            known.append((tally.agent, share, effective))
    raw = []
    for i, (a, p, n) in enumerate(known):
        for b, q, m in known[i + 1 :]:
            both = (p * n + q * m) / (n + m)
            deviation = math.sqrt(both * (1 - both) * (1 / n + 1 / m))
            z = abs(p - q) / deviation if deviation > 0 else 0.0
            raw.append((2 * (1 - NormalDist().cdf(z)), a, b, 100 * (p - q)))
    ordered = sorted(raw)
    result, still = [], True
    for rank, (p_value, a, b, difference) in enumerate(ordered):
        still = still and p_value <= level / (len(ordered) - rank)
        result.append(Comparison(a, b, round(difference, 4), p_value, still))
    return sorted(result, key=lambda c: (c.first, c.second))
