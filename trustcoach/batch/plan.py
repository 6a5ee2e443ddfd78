"""What a run is: everything that decides its results, so that runs are told apart and never mixed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from trustcoach import __version__
from trustcoach.catalogue import Catalogue
from trustcoach.names import Names
from trustcoach.pack import pack_folder
from trustcoach.pipeline import Coach
from trustcoach.reading.options import ReadOptions
from trustcoach.tables import SCHEMA_VERSION

__all__ = ["differing", "identity", "plan_of", "run_facts"]


def identity(coach: Coach) -> dict[str, Any]:
    """What has to be the same for two coaches to find the same: version, pack, rules and weights, model."""
    classifier = coach.detector.classifier
    return {
        "version": __version__,
        "pack": f"{coach.catalogue.id} {coach.catalogue.version}",
        "rules": _digest(coach.catalogue),
        "model": None if classifier is None else classifier.manifest["sha256"],
    }


def plan_of(coach: Coach, *, formats: Sequence[str], options: ReadOptions | None, part_turns: int) -> dict[str, Any]:
    """The plan of a run: the coach's identity, and how the input is read, cut and written."""
    return {
        **identity(coach),
        "schema_version": SCHEMA_VERSION,
        "formats": sorted(formats),
        "reading": _reading_facts(options),
        "part_turns": part_turns,
    }


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """The names of what differs between two plans."""
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def run_facts(coach: Coach, *, plan: Mapping[str, Any], min_n: int) -> dict[str, Any]:
    """What `run.json` records: all that decides the results, and the names of behaviours and cues, so that a view of
    the run knows those of one's own rules.

    Rules of one's own are named by file, without the folder, so that the record is the same on every machine.
    """
    catalogue = coach.catalogue
    pack = pack_folder(catalogue.id) if _ships(catalogue) else None

    def is_own(source: str) -> bool:
        return pack is None or not Path(source).is_relative_to(pack)

    files: dict[str, set[str]] = {}
    for rule in catalogue.rules:
        if is_own(rule.source):
            files.setdefault(Path(rule.source).name, set()).add(f"{rule.cue}/{rule.id}")
    for behaviour in (b for b in catalogue.behaviours.values() if is_own(b.source)):
        files.setdefault(Path(behaviour.source).name, set())
    return {
        **plan,
        "pack": catalogue.id,
        "pack_version": catalogue.version,
        "classifier": coach.detector.classifier is not None,
        "disabled": sorted(catalogue.disabled),
        "weights": {b.id: b.weight for b in sorted(catalogue.behaviours.values(), key=lambda b: b.id)},
        "own_rules": [{"file": name, "rules": sorted(files[name])} for name in sorted(files)],
        "names": Names.of(catalogue).to_dict(),
        "min_n": min_n,
    }


def _reading_facts(options: ReadOptions | None) -> dict[str, Any]:
    """The reading options that are not the defaults."""
    if options is None:
        return {}
    default = ReadOptions()
    names = options.__dataclass_fields__
    chosen = {name: getattr(options, name) for name in names if getattr(options, name) != getattr(default, name)}
    return {
        name: dict(sorted(value.items()))
        if isinstance(value, Mapping)
        else list(value)
        if isinstance(value, tuple)
        else value
        for name, value in chosen.items()
    }


def _digest(catalogue: Catalogue) -> str:
    """A hash of everything in a catalogue that decides results; where its files lie does not."""
    rules = [repr(replace(rule, source="")) for rule in catalogue.rules]
    behaviours = [repr(replace(b, source="")) for _, b in sorted(catalogue.behaviours.items())]
    cues = [repr(cue) for _, cue in sorted(catalogue.cues.items())]
    words = [json.dumps({" ".join(k) if isinstance(k, tuple) else k: v for k, v in part.items()}, sort_keys=True)
             for part in (catalogue.contractions, catalogue.variants, catalogue.lists)]  # fmt: skip
    parts = [*rules, *behaviours, *cues, *words, repr(catalogue.scopes), repr(sorted(catalogue.disabled))]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _ships(catalogue: Catalogue) -> bool:
    try:
        pack_folder(catalogue.id)
    except Exception:
        return False
    return True
