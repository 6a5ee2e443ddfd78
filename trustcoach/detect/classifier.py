"""The trained classifier at work: a sentence's features in, a probability for each cue out.

Training is scikit-learn's; here only arrays are used, because one gather and sum per sentence is many times faster than a
pipeline of vectorisers and gives the same probabilities.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trustcoach.detect.features import GROUPS, Feature, feature_key, feature_name, word_parts
from trustcoach.errors import ModelError

__all__ = ["FORMAT", "Classifier", "RoleModel", "load_model"]

FORMAT = 2
_MOST_WORDS = 50_000  # of which the parts are remembered
_TOGETHER = 64  # lists whose rows fit a processor's cache
Floats = NDArray[np.float32]


class RoleModel:
    """One linear model for each cue of a role, as arrays.

    Parameters
    ----------
    labels: cue names, shape (L,).
    names: of the features, `group:feature`, shape (F,).
    weights: shape (F, L), with the features' idf and group weight already in them.
    idf: shape (F,), for the length of a group's vector.
    bias: shape (L,).
    slope, shift: Platt calibration of the logits, shape (L,).
    thresholds: probability from which a cue counts as found, shape (L,).

    Attributes
    ----------
    vocabulary: for each group, feature → row.
    names: row → feature, without its group.
    subtypes: cue → its subtypes, each with its place among the labels.
    """

    def __init__(
        self,
        *,
        labels: Sequence[str],
        names: Sequence[str],
        weights: Floats,
        idf: Floats,
        bias: Floats,
        slope: Floats,
        shift: Floats,
        thresholds: Floats,
    ) -> None:
        self.labels = tuple(labels)
        self.names = [name.partition(":")[2] for name in names]
        self.bias, self.slope, self.shift, self.thresholds = bias, slope, shift, thresholds
        self.vocabulary: dict[str, dict[Feature, int]] = {group: {} for group in GROUPS}
        for row, name in enumerate(names):
            group, _, feature = name.partition(":")
            self.vocabulary[group][feature_key(feature) if group == "words" else feature] = row
        self._table = np.zeros((len(idf) + 1, len(self.labels) + 1), dtype=np.float32)
        self._table[:-1, :-1], self._table[:-1, -1] = weights, np.square(idf)
        self._words = _WordVectors(self._table, self.vocabulary["parts"])
        self.subtypes: dict[str, list[tuple[int, str]]] = {}
        for i, label in enumerate(self.labels):
            cue, _, subtype = label.partition(":")
            if subtype:
                self.subtypes.setdefault(cue, []).append((i, subtype))

    @property
    def weights(self) -> Floats:
        return self._table[:-1, :-1]

    @property
    def idf(self) -> Floats:
        return np.asarray(np.sqrt(self._table[:-1, -1]), dtype=np.float32)

    def rows(self, group: str, features: Iterable[Feature]) -> list[int]:
        """The rows of those *features* of one group that the model knows."""
        return [row for row in map(self.vocabulary[group].get, features) if row is not None]

    def add_up(self, rows: Sequence[Sequence[int]]) -> Floats:
        """What lists of *rows*, each of one sentence and one group, add to the logits, shape (lists, L)."""
        return _scaled(self._table, rows)

    def add_up_words(self, words: Sequence[Sequence[Feature]]) -> Floats:
        """What the parts of lists of distinct *words*, each of one sentence, add to the logits, shape (lists, L)."""
        return self._words.add_up(words)

    def probabilities(self, logits: Floats) -> Floats:
        """Calibrated probabilities of the cues."""
        return np.asarray(1 / (1 + np.exp(-(self.slope * (logits + self.bias) + self.shift))), dtype=np.float32)

    def strongest(self, label: int, rows: Sequence[int], most: int = 3) -> tuple[str, ...]:
        """The features among *rows* that speak most for the label, as people would read them."""
        weights = self._table[rows, label].tolist()
        found = sorted([(-weight, row) for weight, row in zip(weights, rows, strict=True) if weight > 0])
        if len(found) > most:  # among equals the first by name
            found = [f for f in found if f[0] <= found[most - 1][0]]
        return tuple([name for _, name in sorted([(weight, self.names[row]) for weight, row in found])[:most]])


class _WordVectors:
    """What the parts of each word add to the logits, scaled to a vector of length 1; worked out when a word first comes."""

    def __init__(self, table: Floats, parts: Mapping[Feature, int]) -> None:
        self._parts, self._weights = parts, table
        self._lock = Lock()
        self._forget()

    def _forget(self) -> None:
        self._places: dict[Feature, int] = {}
        self._table = np.zeros((1024, self._weights.shape[1]), dtype=np.float32)
        self._table[:, -1] = 1

    def add_up(self, words: Sequence[Sequence[Feature]]) -> Floats:
        with self._lock:
            if len(self._places) > _MOST_WORDS:
                self._forget()
            places = self._places
            for word in {word for many in words for word in many if word not in places}:
                self._learn(word)
            return _scaled(self._table, [[places[word] for word in many] for many in words])

    def _learn(self, word: Feature) -> None:
        place = len(self._places) + 1  # row 0 is for sentences without words
        if place >= len(self._table):
            self._table = np.concatenate([self._table, np.zeros_like(self._table)])
            self._table[place:, -1] = 1
        rows = [row for row in map(self._parts.get, word_parts(feature_name(word))) if row is not None]
        if rows:
            self._table[place, :-1] = _scaled(self._weights, [rows])[0]
        self._places[word] = place


def _scaled(table: Floats, rows: Sequence[Sequence[int]]) -> Floats:
    """The sums of lists of *rows* of a table whose last column is the square of each row's length, scaled by the length of all.

    A list adds up to the same to the last bit whatever stands beside it. An empty list is the row 0 times nothing.
    """
    sums = np.empty((len(rows), table.shape[1]), dtype=np.float32)
    for start in range(0, len(rows), _TOGETHER):
        some = rows[start : start + _TOGETHER]
        begins = [0, *accumulate([len(many) or 1 for many in some[:-1]])]
        flat = list(chain.from_iterable([many or (0,) for many in some]))
        np.add.reduceat(table.take(flat, axis=0), begins, axis=0, out=sums[start : start + _TOGETHER])
    empty = [i for i, many in enumerate(rows) if not many]
    if empty:
        sums[empty] = 0
    return np.asarray(sums[:, :-1] / np.sqrt(np.maximum(sums[:, -1:], 1)), dtype=np.float32)


@dataclass(frozen=True)
class Classifier:
    """The models of all roles, and the manifest that says where they come from."""

    roles: Mapping[str, RoleModel]
    manifest: Mapping[str, Any]


def load_model(folder: Path, *, trusted: bool = False) -> Classifier:
    """Load the model in *folder*.

    The artefact is a joblib file, and joblib files can run code when loaded; so its SHA-256 is compared with the manifest
    before it is opened.

    Parameters
    ----------
    folder: holds `manifest.json` and `classifier.joblib`.
    trusted: True to load a model of one's own making, which is not the one that ships with trustcoach.

    Raises
    ------
    ModelError: when files are missing or altered, the model is foreign and not trusted, or was made for another version.
    """
    manifest_path, path = folder / "manifest.json", folder / "classifier.joblib"
    try:
        manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{folder}: the model cannot be read ({error}); reinstall trustcoach or run `trustcoach train`"
        ) from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != manifest.get("sha256"):
        raise ModelError(
            f"{path}: the file is not the one its manifest describes (SHA-256 differs), so it was not opened; "
            f"reinstall trustcoach, or rebuild the model with `trustcoach train`"
        )
    if not trusted and not _ships(folder):
        raise ModelError(
            f"{path}: this model did not come with trustcoach, and opening it may run code; "
            f"if it is your own, say so with --trust-model (or trusted=True)"
        )
    if manifest.get("format") != FORMAT:
        raise ModelError(
            f"{path}: made for model format {manifest.get('format')}, this version reads {FORMAT}; rebuild it with `trustcoach train`"
        )
    import io

    import joblib

    arrays = joblib.load(io.BytesIO(data))
    roles = {
        role: RoleModel(
            labels=part["labels"],
            names=part["features"].split("\n"),
            weights=part["weights"],
            idf=part["idf"],
            bias=part["bias"],
            slope=part["slope"],
            shift=part["shift"],
            thresholds=part["thresholds"],
        )
        for role, part in arrays.items()
    }
    return Classifier(roles, manifest)


def _ships(folder: Path) -> bool:
    package = Path(__file__).parent.parent
    return folder.resolve().parent in {package / "_models", package.parent / "models"}
