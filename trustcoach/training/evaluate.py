"""Measures trustcoach against labelled conversations: precision, recall and F1 of each cue and of misses.

A turn either has a cue or has not; a prediction is right when the label names the same cue in the same turn. How often the
evidence overlaps the labelled words is counted beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trustcoach.pipeline import Coach
from trustcoach.results import Outcome
from trustcoach.training.labelled import Labelled

__all__ = ["Evaluation", "Mistake", "Summary", "Tally", "evaluate"]

MIN_SUPPORT = 10
_RESAMPLES = 1000


@dataclass(slots=True)
class Tally:
    """Right, wrong and overlooked predictions of one cue, in turns."""

    name: str
    right: int = 0
    wrong: int = 0
    overlooked: int = 0

    @property
    def support(self) -> int:
        return self.right + self.overlooked

    @property
    def precision(self) -> float | None:
        found = self.right + self.wrong
        return self.right / found if found else None

    @property
    def recall(self) -> float | None:
        return self.right / self.support if self.support else None

    @property
    def f1(self) -> float:
        return _f1(self.right, self.wrong, self.overlooked)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A prediction that the labels do not share, or a label that was not found; the surest and costliest first."""

    conversation: str
    turn: int
    name: str
    kind: str
    confidence: float
    text: str


@dataclass(frozen=True, slots=True)
class Summary:
    """Micro and macro F1 of a group of cues, with 95 % intervals from resampling conversations."""

    group: str
    cues: int
    micro: float
    micro_low: float
    micro_high: float
    macro: float
    macro_low: float
    macro_high: float


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` measured.

    Attributes
    ----------
    cues: one tally for each cue that was labelled or predicted.
    misses: one tally for each behaviour missed by label or prediction.
    summaries: agent cues, customer cues and misses with at least `min_support` cases.
    supportive: all `support.*` cues that were shown, pooled.
    all_misses: all misses, pooled.
    overlap: share of right predictions whose evidence overlaps the labelled words.
    false_breaches: breaches in agent turns that have none by label; agent_turns: how many agent turns there are.
    mistakes: the worst errors.
    """

    conversations: int
    agent_turns: int
    cues: tuple[Tally, ...]
    misses: tuple[Tally, ...]
    summaries: tuple[Summary, ...]
    supportive: Tally
    all_misses: Tally
    overlap: float | None
    false_breaches: int
    mistakes: tuple[Mistake, ...]


@dataclass(slots=True)
class _Marks:
    """Labelled and predicted names in the turns of one conversation."""

    labelled: set[tuple[int, str]] = field(default_factory=set)
    predicted: set[tuple[int, str]] = field(default_factory=set)


def evaluate(
    labelled: Iterable[Labelled],
    coach: Coach,
    *,
    min_support: int = MIN_SUPPORT,
    worst: int = 10,
    progress: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Score each conversation without its labels, and compare.

    Parameters
    ----------
    labelled: conversations with a person's labels.
    coach: what is measured.
    min_support: labelled turns that a cue needs to count in the averages.
    worst: how many errors to keep.
    """
    per_conversation: list[tuple[_Marks, _Marks]] = []
    mistakes: list[Mistake] = []
    overlapping = right = false_breaches = agent_turns = 0
    for item in labelled:
        scored = coach.score(item.conversation)
        texts = {t.index: t.text for t in item.conversation.turns}
        cues, misses = _Marks(), _Marks()
        cues.labelled = {(turn, label.cue) for turn, labels in item.cues.items() for label in labels}
        misses.labelled = {(turn, name) for turn, names in item.missed.items() for name in names}
        misses.predicted = {(v.turn, v.behaviour) for v in scored.verdicts if v.outcome is Outcome.MISSED}
        found: dict[tuple[int, str], float] = {}
        for f in scored.findings:
            found[f.turn, f.cue] = max(found.get((f.turn, f.cue), 0.0), f.confidence)
        cues.predicted = set(found)
        for key in cues.labelled & cues.predicted:
            right += 1
            spans = [(f.start, f.end) for f in scored.findings if (f.turn, f.cue) == key]
            marks = [(m.start, m.end) for m in item.cues[key[0]] if m.cue == key[1]]
            overlapping += any(a < d and c < b for a, b in spans for c, d in marks)
        for turn, name in sorted(cues.predicted - cues.labelled):
            mistakes.append(Mistake(item.conversation.id, turn, name, "false alarm", found[turn, name], texts[turn]))
        for turn, name in sorted(cues.labelled - cues.predicted):
            mistakes.append(Mistake(item.conversation.id, turn, name, "overlooked", 0.0, texts[turn]))
        agents = {t.index for t in item.conversation.turns if t.role == "agent"}
        agent_turns += len(agents)
        false_breaches += len({t for t, n in cues.predicted - cues.labelled if n.startswith("-")})
        per_conversation.append((cues, misses))
        progress()
    names = sorted({n for c, _ in per_conversation for _, n in c.labelled | c.predicted})
    missed = sorted({n for _, m in per_conversation for _, n in m.labelled | m.predicted})
    cue_counts = _counts([c for c, _ in per_conversation], names)
    miss_counts = _counts([m for _, m in per_conversation], missed)
    groups = [
        ("agent cues", cue_counts, [i for i, n in enumerate(names) if not n.startswith("customer.")]),
        ("customer cues", cue_counts, [i for i, n in enumerate(names) if n.startswith("customer.")]),
        ("misses", miss_counts, list(range(len(missed)))),
    ]
    tallies = [_tally(n, cue_counts.sum(axis=0)[i]) for i, n in enumerate(names)]
    mistakes.sort(key=lambda m: (not m.name.startswith("-"), -m.confidence, m.conversation, m.turn, m.name))
    return Evaluation(
        conversations=len(per_conversation),
        agent_turns=agent_turns,
        cues=tuple(tallies),
        misses=tuple(_tally(n, miss_counts.sum(axis=0)[i]) for i, n in enumerate(missed)),
        summaries=tuple(s for g in groups if (s := _summary(*g, min_support)) is not None),
        supportive=_pooled("support.* shown", [t for t in tallies if t.name.startswith("support.")]),
        all_misses=_pooled("all misses", [_tally(n, miss_counts.sum(axis=0)[i]) for i, n in enumerate(missed)]),
        overlap=overlapping / right if right else None,
        false_breaches=false_breaches,
        mistakes=tuple(mistakes[:worst]),
    )


def _counts(marks: Sequence[_Marks], names: Sequence[str]) -> NDArray[np.int64]:
    """Right, wrong and overlooked turns, shape (conversations, names, 3)."""
    index = {n: i for i, n in enumerate(names)}
    counts = np.zeros((len(marks), len(names), 3), dtype=np.int64)
    for row, mark in enumerate(marks):
        for _, name in mark.labelled & mark.predicted:
            counts[row, index[name], 0] += 1
        for _, name in mark.predicted - mark.labelled:
            counts[row, index[name], 1] += 1
        for _, name in mark.labelled - mark.predicted:
            counts[row, index[name], 2] += 1
    return counts


def _summary(group: str, counts: NDArray[np.int64], columns: Sequence[int], min_support: int) -> Summary | None:
    total = counts.sum(axis=0) if len(counts) else counts
    kept = [i for i in columns if total[i, 0] + total[i, 2] >= min_support]
    if not kept:
        return None
    chosen = counts[:, kept, :]
    drawn = np.random.default_rng(7).multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=_RESAMPLES)
    sums = np.tensordot(drawn, chosen, axes=(1, 0))
    micros, macros = _averages(sums)
    micro, macro = _averages(chosen.sum(axis=0)[None])
    low, high = 2.5, 97.5
    return Summary(
        group,
        len(kept),
        float(micro[0]),
        float(np.percentile(micros, low)),
        float(np.percentile(micros, high)),
        float(macro[0]),
        float(np.percentile(macros, low)),
        float(np.percentile(macros, high)),
    )


def _averages(sums: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Micro and macro F1 of counts with shape (samples, names, 3)."""

    def f1(c: NDArray[np.int64]) -> NDArray[np.float64]:
        shares: NDArray[np.float64] = 2 * c[..., 0] / np.maximum(1, 2 * c[..., 0] + c[..., 1] + c[..., 2])
        return shares

    return f1(sums.sum(axis=1)), f1(sums).mean(axis=1)


def _tally(name: str, counts: NDArray[np.int64]) -> Tally:
    return Tally(name, *(int(c) for c in counts))


def _pooled(name: str, tallies: Iterable[Tally]) -> Tally:
    tallies = list(tallies)
    return Tally(name, sum(t.right for t in tallies), sum(t.wrong for t in tallies), sum(t.overlooked for t in tallies))


def _f1(right: int, wrong: int, overlooked: int) -> float:
    return 2 * right / max(1, 2 * right + wrong + overlooked)
