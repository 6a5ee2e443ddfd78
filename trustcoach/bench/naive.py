"""The plain way to the same cues: every phrase as patterns of spaCy's `Matcher`, the model as a scikit-learn pipeline.

It finds the same matches and the same probabilities as the compiled rules and the exported arrays, and takes many times
longer. The benchmark runs it beside them, and the tests compare what the two find.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import scipy.sparse as sp
import spacy
from numpy.typing import NDArray
from spacy.matcher import Matcher
from spacy.tokens import Doc

from trustcoach.detect.classifier import RoleModel
from trustcoach.detect.features import GROUPS, feature_name
from trustcoach.notation import NO_GAP, Alternatives, Gap, Node, Phrase, Run
from trustcoach.training.train import group_matrix, identity

__all__ = ["NaiveModel", "NaivePhrases"]

_Pattern = tuple[tuple[str, Any], ...]  # ("in", words) or ("gap", (low, high))


class NaivePhrases:
    """Phrases as `Matcher` patterns, one for each way through their alternatives.

    Parameters
    ----------
    phrases: name → phrases.
    most: a phrase with more ways than this is left out; its name and number are in `left_out`.
    """

    def __init__(self, phrases: Mapping[str, Sequence[Phrase]], *, most: int = 200) -> None:
        self._vocab = spacy.blank("en").vocab
        self._matchers: list[tuple[Matcher, str, bool, bool]] = []  # one for all patterns takes spaCy minutes to make
        self.left_out: set[tuple[str, int]] = set()
        self.patterns = 0
        for name, many in phrases.items():
            patterns: dict[tuple[bool, bool], list[list[dict[str, Any]]]] = {}
            for number, phrase in enumerate(many):
                ways = _ways(phrase.run, most)
                if ways is None:
                    self.left_out.add((name, number))
                    continue
                bounds = (phrase.at_start, phrase.at_end)
                patterns.setdefault(bounds, []).extend([_token(*item) for item in way] for way in ways)
            for (at_start, at_end), found in patterns.items():
                self.patterns += len(found)
                matcher = Matcher(self._vocab)
                matcher.add(name, found)
                self._matchers.append((matcher, name, at_start, at_end))

    def find(self, words: Sequence[str]) -> dict[str, set[tuple[int, int]]]:
        """Where the phrases match: name → (first word, past the last word)."""
        found: dict[str, set[tuple[int, int]]] = {}
        final = len(words)
        while final and words[final - 1] == "?":
            final -= 1
        doc = Doc(self._vocab, words=list(words))
        for matcher, name, at_start, at_end in self._matchers if words else ():
            for _, first, last in matcher(doc):
                if (not at_start or first == 0) and (not at_end or last >= final):
                    found.setdefault(name, set()).add((first, last))
        return found


class NaiveModel:
    """A role's model as vectorisers and one logistic regression for each cue, as scikit-learn runs them."""

    def __init__(self, model: RoleModel) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        self._parts: list[tuple[str, TfidfVectorizer]] = []
        rows: list[int] = []
        for group in GROUPS:
            known = [(feature_name(key), row) for key, row in model.vocabulary[group].items()]
            if known:
                part = TfidfVectorizer(
                    analyzer=identity, binary=True, vocabulary={name: i for i, (name, _) in enumerate(known)}
                )
                part.idf_ = model.idf[[row for _, row in known]].astype(np.float64)
                self._parts.append((group, part))
                rows += [row for _, row in known]
        self._calibration = list(zip(model.slope, model.shift, strict=True))
        self._fitted = []
        for label in range(len(model.labels)):
            fitted = LogisticRegression()
            fitted.classes_ = np.array([False, True])
            fitted.coef_ = (model.weights[rows, label] / model.idf[rows]).astype(np.float64)[None, :]
            fitted.intercept_ = model.bias[[label]].astype(np.float64)
            self._fitted.append(fitted)

    def probabilities(self, features: Sequence[Mapping[str, Sequence[str]]]) -> NDArray[np.float64]:
        """Calibrated probabilities of sentences with their *features* by group, shape (sentences, cues)."""
        matrix = sp.hstack(
            [group_matrix(part, group, [f[group] for f in features]) for group, part in self._parts], format="csr"
        )
        logits = [fitted.decision_function(matrix) for fitted in self._fitted]
        calibrated = [1 / (1 + np.exp(-(a * x + b))) for (a, b), x in zip(self._calibration, logits, strict=True)]
        return np.stack(calibrated, axis=1)


def _ways(run: Run, most: int) -> list[_Pattern] | None:
    """Every way through a tree, words with the same neighbours kept together; None if there are more than *most*."""
    found: list[_Pattern] = [()]
    for node in run:
        options = list(_options(node, most))
        if not options or len(found) * len(options) > most:
            return None
        found = [(*a, *b) for a, b in product(found, options)]
    return found


def _options(node: Node, most: int) -> Iterator[_Pattern]:
    if isinstance(node, str):
        yield (("in", (node,)),)
    elif isinstance(node, Gap):
        yield (("gap", (node.low, node.high)),)
    elif isinstance(node, Alternatives):
        single = tuple(dict.fromkeys(o[0] for o in node.options if len(o) == 1 and isinstance(o[0], str)))
        longer = [o for o in node.options if not (len(o) == 1 and isinstance(o[0], str))]
        parts = [_ways(option, most) for option in longer]
        if any(part is None for part in parts):
            return
        if single:
            yield (("in", single),)
        for part in parts:
            yield from part or ()


def _token(kind: str, value: Any) -> dict[str, Any]:
    if kind == "in":
        return {"ORTH": {"IN": list(value)}} if len(value) > 1 else {"ORTH": value[0]}
    low, high = value
    return {"ORTH": {"NOT_IN": sorted(NO_GAP)}, "OP": f"{{{low},{high}}}"}
