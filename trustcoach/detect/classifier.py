"""The trained classifier at work: a sentence's features in, a probability for each cue out.

Training is scikit-learn's; here only arrays are used, because one gather and sum per sentence is many times faster than a
pipeline of vectorisers and gives the same probabilities.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
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
    weights: shape (F, L), with the features' idf and group weight already in them.
    idf: shape (F,), for the length of a group's vector.
    bias: shape (L,).
    slope, shift: Platt calibration of the logits, shape (L,).
    thresholds: probability from which a cue counts as found, shape (L,).
    """

    labels: tuple[str, ...]
    vocabulary: Mapping[str, Mapping[str, int]]
    weights: Floats
    idf: Floats
    bias: Floats
    slope: Floats
    shift: Floats
    thresholds: Floats

    def part(self, group: str, features: Sequence[str]) -> Floats:
        """What the *features* of one group add to the logits, shape (L,)."""
        get = self.vocabulary[group].get
        rows = [row for row in map(get, features) if row is not None]
        if not rows:
            return np.zeros(len(self.labels), dtype=np.float32)
        idf = self.idf[rows]
        summed = self.weights[rows].sum(axis=0)
        return np.asarray(summed / np.sqrt(idf @ idf), dtype=np.float32)

    def probabilities(self, logits: Floats) -> Floats:
        """Calibrated probabilities of the cues."""
        return np.asarray(1 / (1 + np.exp(-(self.slope * (logits + self.bias) + self.shift))), dtype=np.float32)

    def strongest(self, label: int, features: Mapping[str, Sequence[str]], most: int = 3) -> tuple[str, ...]:
        """The features that speak most for the label, as people would read them."""
        found = []
        for group in ("words", "shape", "context"):
            known = self.vocabulary[group]
            found += [(float(self.weights[known[n], label]), n) for n in features.get(group, ()) if n in known]
        found.sort(key=lambda f: (-f[0], f[1]))
        return tuple(name for weight, name in found[:most] if weight > 0)


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
