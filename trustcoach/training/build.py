"""Builds the model folder: training data in; artefact, manifest and model card out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from trustcoach import __version__
from trustcoach.detect.rules import RuleMatcher
from trustcoach.errors import InputError
from trustcoach.pack import load_catalogue, pack_folder
from trustcoach.training.examples import SentenceExample, sentence_examples
from trustcoach.training.labelled import read_labelled
from trustcoach.training.train import FOLDS, RoleTraining, pack_digest, save_model, train_role

__all__ = ["build_model"]

ROLES = ("agent", "customer")


def build_model(
    data: Path,
    out: Path,
    *,
    language: str = "en",
    extra: Iterable[Path] = (),
    jobs: int = 1,
    progress: Callable[[str], None] = lambda _: None,
) -> Path:
    """Train on the labelled conversations in *data* and write the model to *out*; returns the manifest's path.

    Raises
    ------
    InputError: when *data* holds too little to train on, or is not labelled.
    """
    matcher = RuleMatcher(load_catalogue(pack_folder(language), extra=extra))
    labelled = list(read_labelled(data))
    examples = sentence_examples(labelled, matcher)
    trained = {}
    for role in ROLES:
        mine = [e for e in examples if e.role == role]
        if len({e.group for e in mine}) < FOLDS or not any(e.labels for e in mine):
            raise InputError(f"too few labelled {role} turns to train on", path=str(data))
        trained[role] = train_role(mine, jobs=jobs, progress=progress)
    figures = {role: _figures([e for e in examples if e.role == role], trained[role]) for role in ROLES}
    return save_model(
        out,
        trained,
        {
            "language": language,
            "trustcoach": __version__,
            "pack": pack_digest(matcher),
            "data": _data_digest(data),
            "conversations": len(labelled),
            "cross_validation": figures,
        },
    )


def _figures(examples: Sequence[SentenceExample], trained: RoleTraining) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support of each cue on turns, every prediction from a model that had not seen the conversation."""
    keys, turns = np.unique([(e.group, e.turn) for e in examples], axis=0, return_inverse=True)
    figures = {}
    for j, label in enumerate(trained.labels):
        if ":" in label:
            continue
        best, real = np.zeros(len(keys)), np.zeros(len(keys), dtype=bool)
        np.maximum.at(best, turns.ravel(), trained.out_of_fold[:, j])
        np.logical_or.at(real, turns.ravel(), np.array([label in e.labels for e in examples]))
        found = best >= trained.arrays["thresholds"][j]
        right, wrong, lost = int((found & real).sum()), int((found & ~real).sum()), int((~found & real).sum())
        figures[label] = {
            "precision": round(right / max(1, right + wrong), 4),
            "recall": round(right / max(1, right + lost), 4),
            "f1": round(2 * right / max(1, 2 * right + wrong + lost), 4),
            "support": right + lost,
        }
    return figures


def _data_digest(data: Path) -> str:
    """A hash of the training data, whatever its files are called."""
    files = sorted(data.glob("*.jsonl")) if data.is_dir() else [data]
    lines = sorted(
        json.dumps(json.loads(line), sort_keys=True)
        for f in files
        for line in f.open(encoding="utf-8-sig")
        if line.strip()
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
