"""How far two labellings of the same conversations agree, cue by cue: Cohen's κ and Krippendorff's α.

The unit is a turn, the category whether it has the cue. κ (Cohen 1960) compares two raters; α (Krippendorff 2004, nominal)
also allows for chance in how often each uses the category. Both are 1 for perfect agreement and 0 for chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from trustcoach.errors import InputError
from trustcoach.results import ConversationScore, Outcome
from trustcoach.training.labelled import Labelled

__all__ = ["Agreement", "agreement", "marks", "marks_found"]

Marks = Mapping[tuple[str, int], frozenset[str]]
"""Cues and misses (as `missed support.empathy`) of each turn, keyed by conversation id and turn."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two labellings compared on one cue, or on all together.

    Attributes
    ----------
    turns: turns of the role concerned that both have labelled.
    first, second, both: turns where the first, the second, or both saw the cue.
    f1: share of agreement among positives, 2·both ÷ (first + second); None where neither saw it.
    kappa, alpha: None where neither or both raters never differ in what they use (chance agreement is complete).
    """

    cue: str
    turns: int
    first: int
    second: int
    both: int
    f1: float | None
    kappa: float | None
    alpha: float | None


def marks(labelled: Iterable[Labelled]) -> tuple[Marks, Mapping[tuple[str, int], str]]:
    """The labels of each turn, and the turn's role."""
    found, roles = {}, {}
    for item in labelled:
        for turn in item.conversation.turns:
            key = (item.conversation.id, turn.index)
            names = {label.cue for label in item.cues[turn.index]} | {f"missed {m}" for m in item.missed[turn.index]}
            found[key], roles[key] = frozenset(names), str(turn.role)
    return found, roles


def marks_found(scored: Iterable[ConversationScore]) -> Marks:
    """What trustcoach found in each turn, so that it can stand as one of the two labellings."""
    found: dict[tuple[str, int], set[str]] = {}
    for item in scored:
        ident = item.conversation.id
        found |= {(ident, t.index): set() for t in item.conversation.turns}
        for f in item.findings:
            found[ident, f.turn].add(f.cue)
        for v in item.verdicts:
            if v.outcome is Outcome.MISSED:
                found[ident, v.turn].add(f"missed {v.behaviour}")
    return {key: frozenset(names) for key, names in found.items()}


def agreement(first: Marks, second: Marks, roles: Mapping[tuple[str, int], str]) -> list[Agreement]:
    """Agreement on every cue that either labelling uses, and on all of them pooled (`all cues`), on the turns both have.

    Raises
    ------
    InputError: when the two have no turn in common.
    """
    keys = sorted(set(first) & set(second))
    if not keys:
        raise InputError(
            "the two labellings have no turn in common",
            remedy="They are matched by conversation_id and turn number (i); check that both use the same ids.",
        )
    names = sorted({n for k in keys for n in first[k] | second[k]})
    results, pooled = [], []
    for name in names:
        role = "customer" if name.startswith("customer.") else "agent"
        mine = [k for k in keys if roles[k] == role]
        a = np.array([name in first[k] for k in mine], dtype=int)
        b = np.array([name in second[k] for k in mine], dtype=int)
        results.append(_compare(name, a, b))
        pooled.append((a, b))
    if pooled:
        results.append(_compare("all cues", *(np.concatenate(side) for side in zip(*pooled, strict=True))))
    return results


def _compare(name: str, a: np.ndarray, b: np.ndarray) -> Agreement:
    import krippendorff
    from sklearn.metrics import cohen_kappa_score

    first, second, both = int(a.sum()), int(b.sum()), int((a & b).sum())
    varied = 0 < first + second < 2 * len(a)
    return Agreement(
        cue=name,
        turns=len(a),
        first=first,
        second=second,
        both=both,
        f1=2 * both / (first + second) if first + second else None,
        kappa=float(cohen_kappa_score(a, b)) if varied else None,
        alpha=float(krippendorff.alpha(reliability_data=[a, b], level_of_measurement="nominal")) if varied else None,
    )
