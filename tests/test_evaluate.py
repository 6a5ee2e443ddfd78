"""Evaluation: figures that a person can check by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trustcoach import Coach
from trustcoach.errors import InputError
from trustcoach.training.agreement import agreement, marks, marks_found
from trustcoach.training.evaluate import evaluate
from trustcoach.training.labelled import read_labelled

TEXT = "How can I help you today?"


def write(path: Path, *chats: tuple[str, list[object], list[str]]) -> Path:
    lines = [
        {
            "conversation_id": ident,
            "turns": [
                {"i": 0, "role": "customer", "text": "hello there", "cues": []},
                {"i": 1, "role": "agent", "text": TEXT, "cues": cues, "missed": missed},
            ],
        }
        for ident, cues, missed in chats
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


OFFER = ["support.help_offer", 0, len(TEXT)]
EMPATHY = ["support.empathy", 0, 3]


def test_right_wrong_and_overlooked(tmp_path: Path, rules_only: Coach) -> None:
    path = write(tmp_path / "l.jsonl", ("a", [OFFER], []), ("b", [], []), ("c", [OFFER, EMPATHY], ["choice.options"]))
    measured = evaluate(read_labelled(path), rules_only, min_support=1)
    tallies = {t.name: (t.right, t.wrong, t.overlooked) for t in measured.cues}
    assert tallies["support.help_offer"] == (2, 1, 0)
    assert tallies["support.empathy"] == (0, 0, 1)
    assert (measured.all_misses.right, measured.all_misses.overlooked) == (0, 1)
    assert measured.overlap == 1.0
    agents = next(s for s in measured.summaries if s.group == "agent cues")
    assert agents.micro == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))
    assert agents.micro_low <= agents.micro <= agents.micro_high
    assert {m.kind for m in measured.mistakes} == {"false alarm", "overlooked"}


def test_agreement_by_hand(tmp_path: Path) -> None:
    first, roles = marks(
        read_labelled(write(tmp_path / "1.jsonl", *[(str(i), [OFFER] if i < 4 else [], []) for i in range(10)]))
    )
    second, _ = marks(
        read_labelled(write(tmp_path / "2.jsonl", *[(str(i), [OFFER] if 1 <= i < 5 else [], []) for i in range(10)]))
    )
    found = {a.cue: a for a in agreement(first, second, roles)}["support.help_offer"]
    assert (found.turns, found.first, found.second, found.both) == (10, 4, 4, 3)
    assert found.f1 == pytest.approx(0.75)
    # observed agreement 0.8, by chance 0.4·0.4 + 0.6·0.6 = 0.52
    assert found.kappa == pytest.approx((0.8 - 0.52) / (1 - 0.52))
    # alpha: 1 − observed ÷ expected disagreement, with 20 values of which 8 are marked
    assert found.alpha == pytest.approx(1 - 0.2 / (2 * 8 * 12 / (20 * 19)))


def test_what_was_found_stands_as_a_labelling(tmp_path: Path, rules_only: Coach) -> None:
    path = write(tmp_path / "l.jsonl", ("a", [OFFER], []), ("b", [OFFER, EMPATHY], []))
    labelled = list(read_labelled(path))
    scored = [rules_only.score(item.conversation) for item in labelled]
    found = marks_found(scored)
    people, roles = marks(labelled)
    assert found.keys() == people.keys()
    assert found["a", 1] == {f.cue for f in scored[0].findings if f.turn == 1} | {
        f"missed {v.behaviour}" for v in scored[0].verdicts if v.outcome == "missed"
    }
    by_cue = {a.cue: a for a in agreement(people, found, roles)}
    assert (by_cue["support.help_offer"].both, by_cue["support.help_offer"].f1) == (2, 1.0)
    assert (by_cue["support.empathy"].first, by_cue["support.empathy"].second) == (1, 0)


def test_labellings_without_a_common_turn_are_refused(tmp_path: Path) -> None:
    first, roles = marks(read_labelled(write(tmp_path / "1.jsonl", ("a", [], []))))
    second, _ = marks(read_labelled(write(tmp_path / "2.jsonl", ("b", [], []))))
    with pytest.raises(InputError, match="no turn in common"):
        agreement(first, second, roles)
