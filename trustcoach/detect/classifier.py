"""The trained classifier at work: a sentence's features in, a probability for each cue out.

Training is scikit-learn's; here only arrays are used, because one gather and sum per sentence is many times faster than a
pipeline of vectorisers and gives the same probabilities.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from trustcoach.detect.features import GROUPS
from trustcoach.errors import ModelError

__all__ = ["FORMAT", "Classifier", "Prediction", "load_model"]

FORMAT = 1
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Prediction:
    """A cue that the model sees in a sentence, how sure it is, and the features that spoke most for it."""

    cue: str
    probability: float
    features: tuple[str, ...]


@dataclass(frozen=True)
class RoleModel:
    """One linear model for each cue of a role, as arrays.

    Attributes
    ----------
    labels: cue names, shape (L,).
    vocabulary: for each group of features, name → row.
    names: row → name.
    weights: shape (F, L), with the features' idf and group weight already in them.
    idf: shape (F,), for the length of a group's vector.
    bias: shape (L,).
    slope, shift: Platt calibration of the logits, shape (L,).
    thresholds: probability from which a cue counts as found, shape (L,).
    """

    labels: tuple[str, ...]
    vocabulary: Mapping[str, Mapping[str, int]]
    names: Sequence[str]
    weights: Floats
    idf: Floats
    bias: Floats
    slope: Floats
    shift: Floats
    thresholds: Floats

    @cached_property
    def subtypes(self) -> Mapping[str, Sequence[tuple[int, str]]]:
        """Cue → its subtypes, each with its place among the labels."""
        found: dict[str, list[tuple[int, str]]] = {}
        for i, label in enumerate(self.labels):
            cue, _, subtype = label.partition(":")
            if subtype:
                found.setdefault(cue, []).append((i, subtype))
        return found

    def rows(self, group: str, features: Iterable[str]) -> list[int]:
        """The rows of those *features* of one group that the model knows."""
        get = self.vocabulary[group].get
        return [row for row in map(get, features) if row is not None]

    def parts(self, rows: Sequence[Sequence[int]]) -> Floats:
        """What lists of *rows*, each of one sentence and one group, add to the logits, shape (lists, L).

        Sums row by row in the order given, so that a list adds the same to the last bit whatever stands beside it.
        """
        ends = np.cumsum([0, *map(len, rows)], dtype=np.int32)
        flat = np.fromiter(chain.from_iterable(rows), dtype=np.int32, count=int(ends[-1]))
        chosen = sp.csr_array((np.ones(len(flat), dtype=np.float32), flat, ends), shape=(len(rows), len(self.idf)))
        idf, bounds = self.idf[flat], ends.tolist()
        squares = np.array([x @ x for x in [idf[a:b] for a, b in pairwise(bounds)]], dtype=np.float32)
        return np.asarray((chosen @ self.weights) / np.sqrt(np.maximum(squares, 1))[:, None], dtype=np.float32)

    def probabilities(self, logits: Floats) -> Floats:
        """Calibrated probabilities of the cues."""
        return np.asarray(1 / (1 + np.exp(-(self.slope * (logits + self.bias) + self.shift))), dtype=np.float32)

    def strongest(self, label: int, rows: Sequence[int], most: int = 3) -> tuple[str, ...]:
        """The features among *rows* that speak most for the label, as people would read them."""
        weights = self.weights[rows, label].tolist()
        found = sorted([(-weight, row) for weight, row in zip(weights, rows, strict=True) if weight > 0])
        if len(found) > most:  # among equals the first by name
            found = [f for f in found if f[0] <= found[most - 1][0]]
        return tuple([name for _, name in sorted([(weight, self.names[row]) for weight, row in found])[:most]])


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
            labels=tuple(part["labels"]),
            vocabulary=_by_group(part["features"].split("\n")),
            names=[name.partition(":")[2] for name in part["features"].split("\n")],
            weights=np.asarray(part["weights"], dtype=np.float32),
            idf=part["idf"],
            bias=part["bias"],
            slope=part["slope"],
            shift=part["shift"],
            thresholds=part["thresholds"],
        )
        for role, part in arrays.items()
    }
    return Classifier(roles, manifest)


def _by_group(names: Sequence[str]) -> dict[str, dict[str, int]]:
    groups: dict[str, dict[str, int]] = {group: {} for group in GROUPS}
    for row, name in enumerate(names):
        group, _, feature = name.partition(":")
        groups[group][feature] = row
    return groups


def _ships(folder: Path) -> bool:
    package = Path(__file__).parent.parent
    return folder.resolve().parent in {package / "_models", package.parent / "models"}
