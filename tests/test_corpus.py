"""The authored corpus is what its datasheet says."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from conftest import ROOT

from trustcoach.catalogue import Catalogue
from trustcoach.training.labelled import Labelled, read_labelled

CORPUS = ROOT / "data" / "corpus"


@pytest.fixture(scope="module")
def corpus() -> list[Labelled]:
    return list(read_labelled(CORPUS))


def test_size(corpus: list[Labelled]) -> None:
    assert len(corpus) >= 600
    assert sum(len(c.conversation.turns) for c in corpus) >= 8000
    assert len({c.conversation.id for c in corpus}) == len(corpus)


def test_every_cue_and_subtype_at_least_120_times(corpus: list[Labelled], catalogue: Catalogue) -> None:
    counts: Counter[str] = Counter()
    for chat in corpus:
        for labels in chat.cues.values():
            for label in labels:
                counts[label.cue] += 1
                if label.subtype:
                    counts[f"{label.cue}:{label.subtype}"] += 1
    wanted = [c.id for c in catalogue.cues.values() if c.kind != "hint"]
    wanted += [f"{c.id}:{s}" for c in catalogue.cues.values() for s in c.subtypes]
    assert {name: counts[name] for name in wanted if counts[name] < 120} == {}


def test_labels_fit_the_speaker(corpus: list[Labelled], catalogue: Catalogue) -> None:
    for chat in corpus:
        roles = {t.index: t.role for t in chat.conversation.turns}
        for turn, labels in chat.cues.items():
            assert all(catalogue.cues[label.cue].role == roles[turn] for label in labels), (chat.conversation.id, turn)
        for turn, missed in chat.missed.items():
            assert all(m in catalogue.behaviours for m in missed), (chat.conversation.id, turn)


def test_no_near_duplicates_across_conversations(corpus: list[Labelled]) -> None:
    """Long turns that share nearly all their words, in whatever order, would leak between folds."""
    seen: dict[str, str] = {}
    repeated = []
    for chat in corpus:
        for turn in chat.conversation.turns:
            words = re.findall(r"[a-z]+", turn.text.lower())
            if len(words) >= 9:
                key = " ".join(sorted(words))
                if seen.setdefault(key, chat.conversation.id) != chat.conversation.id:
                    repeated.append((chat.conversation.id, seen[key], turn.text))
    assert repeated == []
