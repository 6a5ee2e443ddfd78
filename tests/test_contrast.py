"""Where each cue ends: minimal pairs in `data/contrast`, and a list of those that still go wrong."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from trustcoach.catalogue import Catalogue
from trustcoach.conversation import Conversation, Role, Turn
from trustcoach.pipeline import Coach

FOLDER = ROOT / "data" / "contrast"
KNOWN = FOLDER / "known-failures.txt"
FILES = sorted(FOLDER.glob("*.toml"))

KINDS = {
    *("said", "said differently", "negated", "quoted", "asked about", "customer"),
    *("sarcastic", "plain fact", "other sense", "opposite", "conditional"),
}
WELL_COVERED = {
    *("support.empathy", "support.help_offer", "support.assurance"),
    *("choice.options", "choice.freedom", "choice.no_pressure"),
}
OTHER_SIDE = {Role.AGENT: Role.CUSTOMER, Role.CUSTOMER: Role.AGENT}


@dataclass(frozen=True, slots=True)
class Item:
    """One sentence, as the last turn of a conversation, and whether the cue is in it."""

    name: str
    group: str
    cue: str
    kind: str
    turns: tuple[Turn, ...]
    has: bool
    subtype: str | None


def only(table: dict[str, Any], where: str, /, need: set[str], may: tuple[str, ...] = ()) -> None:
    if missing := need - table.keys():
        raise ValueError(f"{where}: {', '.join(sorted(missing))} is missing")
    if unknown := table.keys() - need - set(may):
        raise ValueError(f"{where}: {', '.join(sorted(unknown))} is not known")


def read(path: Path) -> list[Item]:
    """The items of one file; anything that is not as it should be is an error."""
    file = tomllib.loads(path.read_text(encoding="utf-8"))
    only(file, path.name, {"behaviour", "cue", "group"})
    items = []
    for group in file["group"]:
        only(group, f"{path.name}, group {group.get('name')}", {"name", "items"}, ("cue",))
        numbers: Counter[str] = Counter()
        for raw in group["items"]:
            kind = raw.get("kind")
            numbers[kind] += 1
            name = f"{file['behaviour']} / {group['name']} / {kind} {numbers[kind]}"
            role = Role.CUSTOMER if kind == "customer" else Role.AGENT
            only(raw, name, {"kind", role.value, "has"}, ("before", "subtype"))
            if kind not in KINDS:
                raise ValueError(f"{name}: {kind} is not known")
            if not isinstance(raw["has"], bool):
                raise ValueError(f"{name}: has must be true or false")
            said = [(role, raw[role.value])]
            if "before" in raw:
                said.insert(0, (OTHER_SIDE[role], raw["before"]))
            turns = tuple(Turn(i, r, text) for i, (r, text) in enumerate(said))
            cue = group.get("cue", file["cue"])
            items.append(Item(name, group["name"], cue, kind, turns, raw["has"], raw.get("subtype")))
    return items


def passes(coach: Coach, item: Item) -> bool:
    scored = coach.score(Conversation("contrast", item.turns))
    return item.has == any(f.cue == item.cue and f.turn == item.turns[-1].index for f in scored.findings)


def failures(coach: Coach) -> list[str]:
    """Every item that goes wrong, by name, in the order of the files: the lines that `known-failures.txt` should hold."""
    return [item.name for path in FILES for item in read(path) if not passes(coach, item)]


@cache
def known_failures() -> tuple[str, ...]:
    return tuple(KNOWN.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_the_cue_is_found_exactly_where_it_is(coach: Coach, path: Path) -> None:
    known = set(known_failures())
    failed = {i.name: i for i in read(path) if not passes(coach, i)}
    new = [
        f"{n}: {'not found' if i.has else 'wrongly found'} in {i.turns[-1].text!r}"
        for n, i in failed.items()
        if n not in known
    ]
    mended = [f"{i.name}: remove it from the list" for i in read(path) if i.name in known and i.name not in failed]
    assert new + mended == []


def test_known_failures_are_items_and_stand_there_once() -> None:
    names = Counter(known_failures())
    assert [n for n, times in names.items() if times > 1] == []
    assert names.keys() - {i.name for path in FILES for i in read(path)} == set()


def test_there_is_a_file_for_every_behaviour(catalogue: Catalogue) -> None:
    assert {p.stem for p in FILES} == set(catalogue.behaviours)
    for path in FILES:
        assert tomllib.loads(path.read_text(encoding="utf-8"))["behaviour"] == path.stem


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_there_are_enough_groups(path: Path) -> None:
    groups = [g["name"] for g in tomllib.loads(path.read_text(encoding="utf-8"))["group"]]
    assert len(set(groups)) == len(groups)
    assert len(groups) >= (20 if path.stem in WELL_COVERED else 8)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_group_has_both_sides_of_the_border(path: Path) -> None:
    groups: dict[str, list[Item]] = {}
    for item in read(path):
        groups.setdefault(item.group, []).append(item)
    for name, items in groups.items():
        assert 3 <= len(items) <= 6, name
        assert sum(i.has for i in items) >= 1, name
        assert sum(not i.has for i in items) >= 2, name
        assert not any(i.has for i in items if i.kind == "customer"), name
        assert all(i.has for i in items if i.kind.startswith("said")), name
        said = [tuple(t.text for t in i.turns) for i in items]
        assert len(set(said)) == len(said), name


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_the_cues_are_those_of_the_behaviour(catalogue: Catalogue, path: Path) -> None:
    behaviour = catalogue.behaviours[path.stem]
    cues = {c for c in (behaviour.shown, behaviour.breach) if c and not catalogue.cues[c].judged}
    groups = Counter(cue for cue, _ in {(i.cue, i.group) for i in read(path)})
    assert groups.keys() == cues
    assert min(groups.values()) >= 3


def test_every_kind_of_pressure_has_groups(catalogue: Catalogue) -> None:
    items = read(FOLDER / "choice.no_pressure.toml")
    assert all((i.subtype is not None) == i.has for i in items)
    groups = Counter(subtype for subtype, _ in {(i.subtype, i.group) for i in items if i.has})
    assert groups.keys() == set(catalogue.cues["-choice.pressure"].subtypes)
    assert min(groups.values()) >= 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('cue = "c"', 'cue = "c"\nnote = 1', "note is not known"),
        ("name = ", "nmae = ", "name is missing"),
        ("has = true", "has = true, sutbype = 1", "sutbype is not known"),
        ("has = true", "has = 1", "true or false"),
        ('"said"', '"sung"', "sung is not known"),
        ('"said"', '"customer"', "customer is missing"),
    ],
)
def test_a_slip_in_a_file_is_an_error(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = 'behaviour = "b"\ncue = "c"\n[[group]]\nname = "g"\nitems = [{ kind = "said", agent = "Hi.", has = true }]\n'
    path = tmp_path / "b.toml"
    path.write_text(text, encoding="utf-8")
    assert [i.name for i in read(path)] == ["b / g / said 1"]
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read(path)
