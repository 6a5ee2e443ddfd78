"""What the classifier sees of a sentence: its words, their parts, the rules that hit, its shape, and the turn before.

Training and inference use these same functions, so that a model always meets the features it was trained on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, repeat

from trustcoach.detect.rules import Hit
from trustcoach.text import Words

__all__ = [
    "GROUPS",
    "Before",
    "Feature",
    "SentenceShape",
    "before_features",
    "context_features",
    "feature_key",
    "feature_name",
    "sentence_features",
    "word_parts",
]

GROUPS: dict[str, float] = {"words": 1.0, "parts": 1.0, "shape": 0.7, "context": 0.5}
"""Groups of features and the weight of each; within a group a sentence's features are scaled to length 1.

`parts` is the mean direction of the sentence's words: each word is scaled to length 1 by itself, so that what its letters say
is worked out once a word and not once a sentence.
"""

Feature = str | tuple[str, ...]
"""A feature: a name, or a run of words."""

_FIGURES = frozenset({"<num>", "<money>", "<time>"})


@dataclass(frozen=True, slots=True)
class SentenceShape:
    """What crosses with the context: whether the sentence asks, whether it is short."""

    asks: bool
    short: bool


Before = tuple[str, ...]
"""What is remembered of a turn for the turn that follows."""


def sentence_features(text: str, words: Words, hits: Iterable[Hit]) -> tuple[dict[str, list[Feature]], SentenceShape]:
    """Features by group that depend on the sentence alone, and its shape.

    `words` holds words and runs of two and three as tuples, the middle one of three also open (`_`); `parts` holds the words
    whose letters count.
    """
    w = words.words
    framed = ("^", *w, "$")
    distinct = dict.fromkeys(w)
    later, last = framed[1:], framed[2:]
    runs = chain(pairwise(framed), zip(framed, later, last, strict=False), zip(framed, repeat("_"), last, strict=False))
    shape: dict[Feature, None] = {}
    for hit in hits:
        shape[f"cue:{hit.rule.cue}"] = None
        shape[f"rule:{hit.rule.cue}/{hit.rule.id}"] = None
    shape[f"length:{min(6, int(math.log2(len(w) + 1) * 1.5))}"] = None
    asks = "?" in distinct
    if asks:
        shape["asks"] = None
    if not _FIGURES.isdisjoint(distinct):
        shape["figures"] = None
    if "!" in text:
        shape["exclaims"] = None
    if len(text) > 6 and not text.islower() and sum(map(str.isupper, text)) > len(text) / 2:
        shape["capitals"] = None
    return (
        {"words": [*distinct, *dict.fromkeys(runs)], "parts": list(distinct), "shape": list(shape)},
        SentenceShape(asks, len(w) <= 4),
    )


def feature_name(feature: Feature) -> str:
    """A feature as people read it: a run of words with spaces."""
    return " ".join(feature) if isinstance(feature, tuple) else feature


def feature_key(name: str) -> Feature:
    """The feature that *name* stands for."""
    words = tuple(name.split(" "))
    return words if len(words) > 1 else name


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


def word_parts(word: str) -> list[str]:
    """Runs of three to five letters of a word, each once, its edges marked by spaces."""
    framed = f" {word} "
    return list(dict.fromkeys(framed[i : i + n] for n in (3, 4, 5) for i in range(max(1, len(framed) - n + 1))))
