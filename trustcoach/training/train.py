"""Trains the classifier with scikit-learn and writes it as arrays, the same bytes for the same data and versions."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from trustcoach.detect.classifier import FORMAT
from trustcoach.detect.features import GROUPS, word_parts
from trustcoach.detect.rules import RuleMatcher
from trustcoach.training.examples import SentenceExample

__all__ = ["FOLDS", "RoleTraining", "save_model", "train_role"]

FOLDS = 5
COST = 3.0
MIN_CASES = 12
MIN_FREQUENCY = 2
_BREACH_FALSE_ALARM = 2.0  # a false accusation costs more trust in the tool than an overlooked breach
_LEAST = 0.5  # report only what is more likely than not; a finding has to stand up in front of the agent
Doubles = NDArray[np.float64]


class RoleTraining:
    """A trained model of one role, with what cross-validation says of it.

    Attributes
    ----------
    labels: cue names, in order.
    out_of_fold: calibrated probabilities, shape (sentences, labels), each from a model that did not see the conversation.
    """

    def __init__(self, arrays: Mapping[str, Any], labels: Sequence[str], out_of_fold: Doubles) -> None:
        self.arrays, self.labels, self.out_of_fold = arrays, tuple(labels), out_of_fold


def train_role(
    examples: Sequence[SentenceExample],
    *,
    jobs: int = 1,
    progress: Callable[[str], None] = lambda _: None,
) -> RoleTraining:
    """Train one logistic regression for each cue that *examples* (all of one role) show often enough.

    Thresholds are the probabilities, one half or more, that give the best F1 on turns in cross-validation grouped by
    conversation. Sentences count with their conversation's weight; a false alarm of a breach counts twice.
    """
    counts: dict[str, int] = {}
    for example in examples:
        for label in example.labels:
            counts[label] = counts.get(label, 0) + 1
    labels = sorted(label for label, n in counts.items() if n >= MIN_CASES)
    vectorisers = {g: _vectoriser(g) for g in GROUPS}
    matrix = sp.hstack(
        [GROUPS[g] * group_matrix(v, g, [e.features[g] for e in examples]) for g, v in vectorisers.items()],
        format="csr",
    ).astype(np.float64)
    truth = np.array([[label in e.labels for label in labels] for e in examples])
    groups = np.array([e.group for e in examples])
    turns = np.unique([(e.group, e.turn) for e in examples], axis=0, return_inverse=True)[1]
    folds = _folds(groups)
    weight = np.array([e.weight for e in examples])
    progress(f"{matrix.shape[0]} sentences, {matrix.shape[1]} features, {len(labels)} cues")
    fitted = joblib.Parallel(n_jobs=jobs, max_nbytes=None)(
        joblib.delayed(_fit_label)(matrix, truth[:, j], folds, turns.ravel(), weight, labels[j].startswith("-"))
        for j in range(len(labels))
    )
    weights = np.stack([f["weights"] for f in fitted], axis=1)
    idf = np.concatenate([v.idf_ if v.use_idf else np.ones(len(v.vocabulary_)) for v in vectorisers.values()])
    scale = np.concatenate([np.full(len(v.vocabulary_), GROUPS[g]) for g, v in vectorisers.items()])
    names = [
        f"{g}:{name}" for g, v in vectorisers.items() for name in sorted(v.vocabulary_, key=v.vocabulary_.__getitem__)
    ]
    arrays = {
        "labels": list(labels),
        "features": "\n".join(names),
        "weights": (weights * (idf * scale)[:, None]).astype(np.float32),
        "idf": idf.astype(np.float32),
        **{
            key: np.array([f[key] for f in fitted], dtype=np.float32)
            for key in ("bias", "slope", "shift", "thresholds")
        },
    }
    # A subtype never counts by itself; it only names the kind of a breach that was found.
    for j, label in enumerate(labels):
        if ":" in label:
            arrays["thresholds"][j] = 2.0
    return RoleTraining(arrays, labels, np.stack([f["out_of_fold"] for f in fitted], axis=1))


def save_model(folder: Path, trained: Mapping[str, RoleTraining], facts: Mapping[str, Any]) -> Path:
    """Write `classifier.joblib` and `manifest.json` to *folder*; returns the manifest's path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "classifier.joblib"
    joblib.dump({role: dict(t.arrays) for role, t in trained.items()}, path, compress=("zlib", 6), protocol=4)
    manifest = {
        "format": FORMAT,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "labels": {role: [label for label in t.labels if ":" not in label] for role, t in trained.items()},
        "thresholds": {
            role: {
                label: round(float(x), 4)
                for label, x in zip(t.labels, t.arrays["thresholds"], strict=True)
                if ":" not in label
            }
            for role, t in trained.items()
        },
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "scikit-learn", "scipy", "joblib", "spacy")},
        },
        **facts,
    }
    target = folder / "manifest.json"
    target.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return target


def pack_digest(matcher: RuleMatcher) -> str:
    """A hash of the rules that a model's features depend on."""
    parts = [f"{r.cue}|{r.id}|{r.phrases}|{r.also}|{r.never}|{r.unless}|{r.question}" for r in matcher.rules]
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()


def group_matrix(vectoriser: TfidfVectorizer, group: str, features: Sequence[Sequence[str]]) -> sp.csr_matrix:
    """The features of one group as a matrix, a row for each sentence, each of length 1.

    A vectoriser that has no vocabulary yet is fitted. For `parts` the features are words: a sentence is the sum of the vectors
    of its words, each of length 1, over the root of their number.
    """
    documents = [list(chain.from_iterable(map(word_parts, f))) for f in features] if group == "parts" else features
    if not hasattr(vectoriser, "vocabulary_"):
        vectoriser.fit(documents)
    if group != "parts":
        return vectoriser.transform(documents)
    whole = TfidfVectorizer(analyzer=identity, binary=True, use_idf=False, norm="l2")
    told = whole.fit_transform(features)
    return told @ vectoriser.transform(list(map(word_parts, whole.get_feature_names_out())))


def identity(features: list[str]) -> list[str]:
    """The analyser of the vectorisers: features come ready made."""
    return features


def _vectoriser(group: str) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer=identity,
        binary=True,
        min_df=MIN_FREQUENCY,
        use_idf=group in {"words", "parts"},
        norm="l2",
        dtype=np.float64,
    )


def _folds(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """A fold for each sentence; whole conversations, dealt out in a fixed random order."""
    count = int(groups.max()) + 1
    dealt = np.random.RandomState(7).permutation(count) % FOLDS
    return dealt[groups]


def _fit_label(
    matrix: sp.csr_matrix,
    truth: NDArray[np.bool_],
    folds: NDArray[np.int64],
    turns: NDArray[np.int64],
    weight: Doubles,
    breach: bool,
) -> dict[str, Any]:
    out = np.zeros(len(truth))
    for fold in range(FOLDS):
        held = folds == fold
        if truth[~held].any():
            model = _model().fit(matrix[~held], truth[~held], sample_weight=weight[~held])
            out[held] = model.decision_function(matrix[held])
    final = _model().fit(matrix, truth, sample_weight=weight)
    platt = LogisticRegression(C=1e6, solver="lbfgs").fit(out[:, None], truth, sample_weight=weight)
    slope, shift = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    probability = 1 / (1 + np.exp(-(slope * out + shift)))
    return {
        "weights": final.coef_[0],
        "bias": float(final.intercept_[0]),
        "slope": slope,
        "shift": shift,
        "out_of_fold": probability,
        "thresholds": _threshold(probability, truth, turns, weight, _BREACH_FALSE_ALARM if breach else 1.0),
    }


def _model() -> LogisticRegression:
    return LogisticRegression(C=COST, solver="liblinear", random_state=7)


def _threshold(
    probability: Doubles, truth: NDArray[np.bool_], turns: NDArray[np.int64], weight: Doubles, false_alarm: float
) -> float:
    """The probability from which to report a cue: best F1 over turns, with false alarms weighed."""
    count = int(turns.max()) + 1
    best = np.zeros(count)
    np.maximum.at(best, turns, probability)
    real = np.zeros(count, dtype=bool)
    np.logical_or.at(real, turns, truth)
    heavy = np.zeros(count)
    heavy[turns] = weight
    chosen, top = 0.5, -1.0
    for threshold in np.arange(_LEAST, 0.91, 0.02):
        found = best >= threshold
        hits, wrong, lost = heavy[found & real].sum(), heavy[found & ~real].sum(), heavy[~found & real].sum()
        f1 = 2 * hits / max(1.0, 2 * hits + false_alarm * wrong + lost)
        if f1 > top + 1e-9:
            chosen, top = float(threshold), f1
    return chosen
