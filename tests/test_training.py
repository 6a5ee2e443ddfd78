"""Training: the same data give the same bytes, and inference gives what scikit-learn gives."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from trustcoach.catalogue import Catalogue
from trustcoach.detect.classifier import load_model
from trustcoach.detect.rules import RuleMatcher
from trustcoach.errors import InputError
from trustcoach.resources import model_folder
from trustcoach.training.build import build_model
from trustcoach.training.examples import sentence_examples
from trustcoach.training.labelled import read_labelled
from trustcoach.training.train import pack_digest, train_role

CORPUS = ROOT / "data" / "corpus"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty conversations of the corpus."""
    path = tmp_path_factory.mktemp("data") / "small.jsonl"
    with (CORPUS / "everyday-support.jsonl").open(encoding="utf-8") as stream:
        path.write_text("".join(itertools.islice(stream, 40)), encoding="utf-8")
    return path


def test_training_twice_gives_the_same_bytes(small: Path, tmp_path: Path) -> None:
    for name, jobs in (("a", 1), ("b", 2)):
        build_model(small, tmp_path / name, jobs=jobs)
    for file in ("classifier.joblib", "manifest.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_arrays_give_what_scikit_learn_gives(small: Path, tmp_path: Path, matcher: RuleMatcher) -> None:
    from scipy.sparse import hstack
    from sklearn.linear_model import LogisticRegression

    from trustcoach.detect.features import GROUPS, feature_key
    from trustcoach.training import train

    examples = [e for e in sentence_examples(read_labelled(small), matcher) if e.role == "agent"]
    trained = train_role(examples)
    build_model(small, tmp_path / "m")
    model = load_model(tmp_path / "m", trusted=True).roles["agent"]
    vectorisers = {g: train._vectoriser(g) for g in GROUPS}
    matrix = hstack(
        [GROUPS[g] * train.group_matrix(v, g, [e.features[g] for e in examples]) for g, v in vectorisers.items()]
    ).tocsr()
    weight = np.array([e.weight for e in examples])
    for label in list(trained.labels)[:5]:
        truth = np.array([label in e.labels for e in examples])
        fitted: LogisticRegression = train._model().fit(matrix, truth, sample_weight=weight)
        wanted = fitted.decision_function(matrix)
        column = model.labels.index(label)
        got = [
            sum(
                model.add_up([model.rows(g, map(feature_key, e.features[g]))])[0][column]
                for g in GROUPS
                if g != "parts"
            )
            + model.add_up_words([e.features["parts"]])[0][column]
            + model.bias[column]
            for e in examples
        ]
        assert np.abs(wanted - np.array(got)).max() < 1e-3
        assert np.abs(1 / (1 + np.exp(-wanted)) - 1 / (1 + np.exp(-np.array(got)))).max() < 1e-4


def test_the_shipped_model_was_trained_on_the_shipped_rules_and_data(
    catalogue: Catalogue, matcher: RuleMatcher
) -> None:
    from trustcoach.training.build import _data_digest

    manifest = json.loads((model_folder("en") / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["pack"] == pack_digest(matcher)
    assert manifest["data"] == _data_digest(CORPUS)
    named = {label for labels in manifest["labels"].values() for label in labels}
    assert named <= set(catalogue.cues)


def test_the_model_card_has_the_figures() -> None:
    card = (model_folder("en") / "README.md").read_text(encoding="utf-8")
    for heading in ("Intended use", "Limits", "Cross-validation", "Real conversations"):
        assert heading in card


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("not json", "line 1"),
        ('{"conversation_id": "a", "turns": [{"i": 0, "role": "agent"}]}', "text"),
        ('{"conversation_id": "a", "turns": [{"i": 0, "role": "boss", "text": "x"}]}', "boss"),
        (
            '{"conversation_id": "a", "turns": [{"i": 0, "role": "agent", "text": "x", "cues": [["a", 0, 9]]}]}',
            "outside",
        ),
    ],
)
def test_broken_labels_are_named(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=says):
        list(read_labelled(path))


def test_too_little_data_is_said(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text(
        '{"conversation_id": "a", "turns": [{"i": 0, "role": "agent", "text": "hello"}]}\n', encoding="utf-8"
    )
    with pytest.raises(InputError, match="too few"):
        build_model(path, tmp_path / "m")
