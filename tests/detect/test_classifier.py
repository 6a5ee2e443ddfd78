"""What rows and words add to the logits: the same to the last bit, whatever is beside them and whatever was remembered before."""

from __future__ import annotations

import numpy as np
import pytest

from trustcoach.detect import classifier
from trustcoach.detect.classifier import RoleModel
from trustcoach.pipeline import Coach

WORDS = [["refund", "please"], [], ["zxqv"], ["we", "will", "refund", "you", "today"], ["a"]]


@pytest.fixture
def model(coach: Coach) -> RoleModel:
    assert coach.detector.classifier is not None
    return coach.detector.classifier.roles["agent"]


def test_lists_add_up_to_the_same_alone_and_together(model: RoleModel) -> None:
    lists = [[5, 17, 2], [], [9], list(range(100, 160))] * 40
    together = model.add_up(lists)
    assert together.dtype == np.float32
    assert not together[1].any()
    for rows, sums in zip(lists[:4], together, strict=False):
        assert np.array_equal(model.add_up([rows])[0], sums)


def test_words_add_up_to_the_same_after_the_memory_was_emptied(
    model: RoleModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = model.add_up_words(WORDS)
    monkeypatch.setattr(classifier, "_MOST_WORDS", 0)
    assert all(
        np.array_equal(model.add_up_words([words])[0], sums) for words, sums in zip(WORDS, together, strict=True)
    )
    assert not together[1].any()


def test_a_word_counts_by_its_letters_though_it_was_never_seen(model: RoleModel) -> None:
    assert model.rows("words", ["refundd"]) == []
    one, other = model.add_up_words([["refundd"], ["refund"]])
    assert np.corrcoef(one, other)[0, 1] > 0.7
