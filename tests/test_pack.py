"""The English pack proves itself: its examples run as tests, and every cue has rules and examples."""

from __future__ import annotations

import ast

import pytest
from conftest import ROOT

from trustcoach.catalogue import Catalogue
from trustcoach.detect.rules import RuleMatcher
from trustcoach.judge import judge
from trustcoach.pack import load_catalogue, pack_folder
from trustcoach.packtest import check_pack, count_cues

FILES = sorted((pack_folder("en") / "behaviours").glob("*.toml")) + sorted((pack_folder("en") / "cues").glob("*.toml"))


@pytest.mark.parametrize("name", [f.stem for f in FILES])
def test_examples_and_near_misses(catalogue: Catalogue, matcher: RuleMatcher, name: str) -> None:
    assert [str(p) for p in check_pack(catalogue, matcher=matcher, only=name)] == []


def test_there_are_25_behaviours_each_with_title_reason_and_source(catalogue: Catalogue) -> None:
    assert len(catalogue.behaviours) == 25
    for behaviour in catalogue.behaviours.values():
        assert behaviour.title
        assert behaviour.why
        assert set(behaviour.sources) <= {"000", "001", "002", "003", "004"}


def test_every_cue_has_rules_and_examples(catalogue: Catalogue) -> None:
    bare = [c.cue for c in count_cues(catalogue) if not c.examples and not catalogue.cues[c.cue].judged]
    assert bare == []


def test_every_behaviour_can_be_coached(catalogue: Catalogue) -> None:
    for b in catalogue.behaviours.values():
        if any(d.expected for d in b.due):
            assert b.coaching.missed, b.id
        if b.breach:
            assert b.coaching.breached, b.id
        if b.shown:
            assert b.coaching.praise, b.id
        assert len(b.coaching.wording) >= 2, b.id


def test_advice_never_shames(catalogue: Catalogue) -> None:
    words = {"you failed", "you should have", "bad agent", "wrong with you", "shame", "unacceptable", "lazy"}
    for b in catalogue.behaviours.values():
        said = " ".join((b.coaching.praise, b.coaching.missed, b.coaching.breached)).lower()
        assert not [w for w in words if w in said], b.id


def test_nothing_in_the_pack_is_listed_in_code() -> None:
    """Discovery finds behaviours and cues; only the judge, which knows the order of turns, may name some of them."""
    names = {f.stem for f in FILES if not f.stem.startswith("hint.")}
    listed = set()
    for path in (ROOT / "trustcoach").rglob("*.py"):
        if "judge" in path.parts or "report" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        listed |= {
            (path.name, node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and node.value in names and id(node) not in prose
        }
    assert listed == set()


def test_dialogues(catalogue: Catalogue, matcher: RuleMatcher) -> None:
    from trustcoach.conversation import Conversation, Turn
    from trustcoach.detect.detector import Detector

    detector = Detector(catalogue)
    for dialogue in catalogue.dialogues:
        chat = Conversation("d", tuple(Turn(i, role, text) for i, (role, text) in enumerate(dialogue.turns)))
        found = judge(chat, detector.detect(chat), catalogue).findings
        for turn, cue in dialogue.finds:
            name, _, subtype = cue.partition(":")
            assert any(f.turn == turn and f.cue == name and (not subtype or f.subtype == subtype) for f in found), (
                dialogue
            )


def test_an_unknown_pack_is_refused() -> None:
    from trustcoach.errors import CatalogueError

    with pytest.raises(CatalogueError, match="en"):
        pack_folder("xx")


def test_a_pack_may_be_any_folder() -> None:
    assert load_catalogue(pack_folder("en")).id == "en"
