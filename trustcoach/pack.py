"""Language packs: the behaviours, cues and rules as data, read from TOML files and checked.

A pack is a folder: `pack.toml` (words and lists), `scope.toml` (negation, quotation …), `behaviours/*.toml` (one behaviour
each) and `cues/*.toml` (what customers say, and what agents say that calls for something). Every file holds its own rules
and the examples that prove them. Files are found by looking in the folders; nothing lists them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from trustcoach.catalogue import (
    DEFAULT_UNLESS,
    MOMENTS,
    Behaviour,
    Catalogue,
    Coaching,
    Cue,
    Dialogue,
    Due,
    Example,
    Rule,
    Scope,
    Wording,
)
from trustcoach.conversation import Role
from trustcoach.errors import CatalogueError
from trustcoach.schema import Reader

__all__ = ["load_catalogue", "pack_folder"]


def pack_folder(language: str) -> Path:
    """The folder of a pack that ships with trustcoach.

    Raises
    ------
    CatalogueError: when there is none for *language*.
    """
    base = Path(__file__).parent / "language"
    folder = base / language
    if not (folder / "pack.toml").is_file():
        known = ", ".join(sorted(p.parent.name for p in base.glob("*/pack.toml")))
        raise CatalogueError(f"no language pack {language!r}; there are: {known}")
    return folder


def load_catalogue(folder: Path, *, extra: Iterable[Path] = ()) -> Catalogue:
    """Read the pack in *folder*, and files of rules that add to it.

    Parameters
    ----------
    folder: a folder with a `pack.toml`.
    extra: files or folders of more behaviours, cues, or rules for the pack's own cues.

    Raises
    ------
    CatalogueError: names the file and key of whatever is wrong.
    """
    pack = _toml(folder / "pack.toml")
    top = Reader(pack, folder / "pack.toml")
    build = _Build()
    files = sorted((folder / "behaviours").glob("*.toml")) + sorted((folder / "cues").glob("*.toml"))
    for path in extra:
        if path.is_dir():
            files += sorted(path.rglob("*.toml"))
        elif path.is_file():
            files.append(path)
        else:
            raise CatalogueError(f"{path}: there is no such file or folder of rules")
    for path in files:
        build.file(Reader(_toml(path), path))
    scopes = tuple(
        Scope(
            id=part.text("id"),
            before=part.texts("before", default=()),
            after=part.texts("after", default=()),
            within=part.whole("within", default=3),
            marks=part.flag("marks", default=False),
            crosses_breaks=part.flag("crosses_breaks", default=False),
        )
        for part in Reader(_toml(folder / "scope.toml"), folder / "scope.toml").finish("scope")
    )
    catalogue = Catalogue(
        id=top.text("id"),
        version=top.text("version"),
        contractions={k: tuple(v.split()) for k, v in top.table("contractions").items()},
        variants={(k.split()[0], k.split()[1]): v for k, v in top.table("variants").items()},
        lists=top.table("lists"),
        scopes=scopes,
        cues=build.cues,
        behaviours=build.behaviours,
        rules=tuple(build.rules),
        examples={k: tuple(v) for k, v in build.examples.items()},
        dialogues=tuple(build.dialogues),
    )
    top.finish()
    _check(catalogue)
    return catalogue


class _Build:
    """Collects what the files of a pack declare."""

    def __init__(self) -> None:
        self.cues: dict[str, Cue] = {}
        self.behaviours: dict[str, Behaviour] = {}
        self.rules: list[Rule] = []
        self.examples: dict[str, list[Example]] = {}
        self.dialogues: list[Dialogue] = []
        self.rule_ids: dict[str, str] = {}

    def file(self, part: Reader) -> None:
        ident = part.text("id")
        if part.has("title"):
            self._behaviour(ident, part)
        elif part.has("role"):
            self._cue(ident, part)
        elif ident in self.behaviours:
            self._behaviour_rules(self.behaviours[ident], part)
        elif ident in self.cues:
            self._rules(part, "rule", self.cues[ident])
        else:
            raise part.error(
                "id", f"{ident!r} is neither a cue nor a behaviour of the pack, and the file has no `title` or `role`"
            )
        self._examples(ident, part)
        part.finish()

    def _behaviour(self, ident: str, part: Reader) -> None:
        if ident in self.behaviours:
            raise part.error("id", f"behaviour {ident!r} is defined twice")
        coaching = part.part("coaching")
        breach = part.text("breach_cue", default="") or None
        behaviour = Behaviour(
            id=ident,
            title=part.text("title"),
            why=part.text("why"),
            sources=part.texts("sources"),
            weight=part.number("weight", default=1.0),
            critical=part.flag("critical", default=False),
            courtesy=part.flag("courtesy", default=False),
            due=tuple(self._due(p) for p in part.parts("due")),
            coaching=Coaching(
                praise=coaching.text("praise", default=""),
                missed=coaching.text("missed", default=""),
                breached=coaching.text("breached", default=""),
                wording=tuple(
                    Wording(text=w.text("text"), fits=w.texts("fits", default=())) for w in coaching.finish("try")
                ),
            ),
            shown=ident if part.has("shown_what") else None,
            breach=breach,
            source=str(part.path),
        )
        self.behaviours[ident] = behaviour
        if behaviour.shown:
            self.cues[ident] = Cue(
                id=ident, kind="shown", role=Role.AGENT, what=part.text("shown_what"), behaviour=ident
            )
        if breach:
            self.cues[breach] = Cue(
                id=breach,
                kind="breach",
                role=Role.AGENT,
                what=part.text("breach_what"),
                behaviour=ident,
                judged=part.flag("breach_judged", default=False),
                subtypes=part.texts("subtypes", default=()),
            )
        self._behaviour_rules(behaviour, part)

    def _behaviour_rules(self, behaviour: Behaviour, part: Reader) -> None:
        if behaviour.shown:
            self._rules(part, "shown", self.cues[behaviour.shown])
        if behaviour.breach:
            self._rules(part, "breach", self.cues[behaviour.breach])

    def _cue(self, ident: str, part: Reader) -> None:
        if ident in self.cues:
            raise part.error("id", f"cue {ident!r} is defined twice")
        role = part.choice("role", [r.value for r in Role])
        kind = part.choice("kind", ["context", "customer", "hint"])
        self.cues[ident] = Cue(id=ident, kind=kind, role=Role(role), what=part.text("what"))
        self._rules(part, "rule", self.cues[ident])

    def _due(self, part: Reader) -> Due:
        due = Due(
            when=part.text("when"),
            expected=part.choice("grade", ["expected", "welcome"]) == "expected",
            also=part.texts("also", default=()),
            unless=part.texts("unless", default=()),
            unless_before=part.texts("unless_before", default=()),
            unless_asked=part.texts("unless_asked", default=()),
            because=part.text("because"),
        )
        part.finish()
        return due

    def _rules(self, part: Reader, key: str, cue: Cue) -> None:
        for item in part.parts(key):
            ident = item.text("rule")
            name = f"{cue.id}/{ident}"
            if name in self.rule_ids:
                raise item.error("rule", f"rule {name!r} is defined twice, first in {self.rule_ids[name]}")
            self.rule_ids[name] = str(part.path)
            phrases = item.texts("phrases", default=())
            tokens = item.raw("tokens", default=[])
            if not phrases and not tokens:
                raise item.error("phrases", f"rule {ident!r} has neither phrases nor tokens")
            if not all(isinstance(p, list) and p and all(isinstance(t, dict) for t in p) for p in tokens):
                raise item.error("tokens", "must be a list of patterns, each a list of tables")
            subtype = item.text("subtype", default="") or None
            if cue.subtypes and subtype not in cue.subtypes:
                raise item.error("subtype", f"rule {ident!r} needs a subtype: {', '.join(cue.subtypes)}")
            self.rules.append(
                Rule(
                    id=ident,
                    cue=cue.id,
                    role=cue.role,
                    phrases=phrases,
                    tokens=tuple(tuple(p) for p in tokens),
                    also=item.texts("also", default=()),
                    never=item.texts("never", default=()),
                    unless=item.texts("unless", default=DEFAULT_UNLESS),
                    question=item.flag("question", default=None),
                    hint=item.flag("hint", default=False) or cue.kind == "hint",
                    subtype=subtype,
                    confidence=item.number("confidence", default=0.9),
                    source=str(part.path),
                )
            )
            item.finish()

    def _examples(self, ident: str, part: Reader) -> None:
        for item in part.parts("example"):
            role = next((r for r in Role if item.has(r.value)), None)
            if role is None:
                raise item.error("example", 'an example needs `agent = "…"` or `customer = "…"`')
            self.examples.setdefault(ident, []).append(
                Example(role=role, text=item.text(role.value), finds=item.texts("finds"), source=str(part.path))
            )
            item.finish()
        for item in part.parts("dialogue"):
            turns = tuple((Role(r), t) for r, t in (line.split(": ", 1) for line in item.texts("turns")))
            finds = tuple((int(a), b) for a, b in (f.split(" ", 1) for f in item.texts("finds")))
            self.dialogues.append(Dialogue(turns=turns, finds=finds, source=str(part.path)))
            item.finish()


def _check(catalogue: Catalogue) -> None:
    """What no single file can see: that names used in one file are defined in another."""
    scopes = {s.id for s in catalogue.scopes}
    for rule in catalogue.rules:
        for name in rule.unless:
            if name not in scopes:
                raise CatalogueError(
                    f"{rule.source}: rule {rule.id}: unknown scope {name!r}; known: {', '.join(sorted(scopes))}"
                )
    for behaviour in catalogue.behaviours.values():
        for due in behaviour.due:
            for name in (due.when, *due.also, *due.unless, *due.unless_before, *due.unless_asked):
                if name not in catalogue.cues and name not in MOMENTS:
                    raise CatalogueError(f"{behaviour.source}: due: unknown cue {name!r}")
        for wording in behaviour.coaching.wording:
            for name in wording.fits:
                if name not in catalogue.cues and name not in MOMENTS:
                    raise CatalogueError(f"{behaviour.source}: coaching.try: unknown cue {name!r}")


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: is not valid TOML: {error}") from error
