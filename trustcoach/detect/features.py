"""What the classifier sees of a sentence: its words, their parts, the rules that hit, its shape, and the turn before.

Training and inference use these same functions, so that a model always meets the features it was trained on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any

from trustcoach.detect.rules import Hit
from trustcoach.text import Words

__all__ = [
    "GROUPS",
    "Before",
    "SentenceShape",
    "before_features",
    "context_features",
    "sentence_features",
    "word_parts",
]

GROUPS: dict[str, float] = {"words": 1.0, "parts": 1.0, "shape": 0.7, "context": 0.5}
"""Groups of features and the weight of each; within a group a sentence's features are scaled to length 1."""

_FIGURES = frozenset({"<num>", "<money>", "<time>"})


@dataclass(frozen=True, slots=True)
class SentenceShape:
    """What crosses with the context: whether the sentence asks, whether it is short."""

    asks: bool
    short: bool


Before = tuple[str, ...]
"""What is remembered of a turn for the turn that follows."""


def sentence_features(
    text: str, words: Words, hits: Iterable[Hit], *, parts: Callable[[str], Iterable[Any]] | None = None
) -> tuple[dict[str, list[Any]], SentenceShape]:
    """Features by group that depend on the sentence alone, and its shape.

    Parameters
    ----------
    parts: what stands for the parts of a word, in place of the parts themselves; remembered rows of a model, say.
    """
    w = words.words
    framed = ("^", *w, "$")
    seen: dict[str, None] = dict.fromkeys(w)
    seen.update(dict.fromkeys([f"{a} {b}" for a, b in pairwise(framed)]))
    triples = zip(framed, framed[1:], framed[2:], strict=False)
    seen.update(dict.fromkeys([n for a, b, c in triples for n in (f"{a} {b} {c}", f"{a} _ {c}")]))
    shape: dict[str, None] = {}
    for hit in hits:
        shape[f"cue:{hit.rule.cue}"] = None
        shape[f"rule:{hit.rule.cue}/{hit.rule.id}"] = None
    shape[f"length:{min(6, int(math.log2(len(w) + 1) * 1.5))}"] = None
    asks = "?" in w
    if asks:
        shape["asks"] = None
    if not _FIGURES.isdisjoint(w):
        shape["figures"] = None
    if "!" in text:
        shape["exclaims"] = None
    if len(text) > 6 and not text.islower() and sum(map(str.isupper, text)) > len(text) / 2:
        shape["capitals"] = None
    return (
        {
            "words": list(seen),
            "parts": list(dict.fromkeys(chain.from_iterable(map(parts or word_parts, w)))),
            "shape": list(shape),
        },
        SentenceShape(asks, len(w) <= 4),
    )


def before_features(role: str, text: str, hits: Iterable[Hit]) -> Before:
    """What the next turn needs to know of this one."""
    found = {f"hit:{h.rule.cue}" for h in hits}
    found.add(f"role:{role}")
    if "?" in text:
        found.add("asked")
    if len(text) < 20:
        found.add("brief")
    if any(map(str.isdigit, text)):
        found.add("figures")
    return tuple(sorted(found))


def context_features(
    before: Before | None, *, role: str, at_start: bool, shape: SentenceShape, first: bool, last: bool
) -> list[str]:
    """Features of where a sentence stands.

    Parameters
    ----------
    before: of the customer or agent turn just before; None where there is none.
    role: who speaks now.
    at_start: whether the conversation's beginning is known.
    shape: the sentence's own shape.
    first, last: whether it begins or ends its turn.
    """
    if before is None:
        facts: Sequence[str] = ("start" if at_start else "unknown",)
    else:
        same = f"role:{role}" in before
        facts = ("same" if same else "other", *(f for f in before if not f.startswith("role:")))
    kind = "asks" if shape.asks else "states"
    found = [*facts, *(f"{kind}&{f}" for f in facts)]
    if first:
        found += [f"first&{f}" for f in facts]
    if shape.short:
        found += [f"short&{f}" for f in facts]
    found.append(f"place:{'only' if first and last else 'first' if first else 'last' if last else 'middle'}")
    return found


@lru_cache(maxsize=50_000)
def word_parts(word: str) -> tuple[str, ...]:
    """Runs of three to five letters of a word, its edges marked by spaces."""
    framed = f" {word} "
    return tuple(framed[i : i + n] for n in (3, 4, 5) for i in range(max(1, len(framed) - n + 1)))
