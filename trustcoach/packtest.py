"""Runs the examples of a language pack, as `trustcoach rules test` does, and says what a pack still lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from trustcoach.catalogue import Catalogue, Example
from trustcoach.detect.rules import RuleMatcher
from trustcoach.errors import excerpt
from trustcoach.text import sentence_spans

__all__ = ["MIN_NEAR_MISSES", "CueCount", "Problem", "check_pack", "count_cues"]

MIN_NEAR_MISSES = 6


@dataclass(frozen=True, slots=True)
class Problem:
    """An example that failed, or a rule that nothing proves."""

    file: str
    line: int | None
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line or 1}: {self.message}"


@dataclass(frozen=True, slots=True)
class CueCount:
    """How many rules, phrases, examples and near misses a cue has."""

    cue: str
    rules: int
    phrases: int
    examples: int
    near_misses: int


def check_pack(catalogue: Catalogue, *, matcher: RuleMatcher | None = None, only: str | None = None) -> list[Problem]:
    """Run every example, and check that each rule has one that it alone finds and each file its near misses.

    Parameters
    ----------
    catalogue: the pack.
    matcher: the pack compiled, to save time.
    only: the id of one behaviour or cue, to look at just its file.
    """
    matcher = matcher or RuleMatcher(catalogue)
    problems: list[Problem] = []
    for ident, examples in catalogue.examples.items():
        if only in (None, ident):
            problems.extend(_file(catalogue, matcher, ident, examples))
    with_examples = set(catalogue.examples)
    for ident in [*catalogue.behaviours, *(c.id for c in catalogue.cues.values() if c.kind in {"context", "customer"})]:
        if ident not in with_examples and only in (None, ident):
            problems.append(Problem(ident, None, "has no examples"))
    return problems


def count_cues(catalogue: Catalogue) -> list[CueCount]:
    """Rules, phrases, examples and near misses of every cue that results can name."""
    counts = []
    for cue in catalogue.cues.values():
        if cue.kind == "hint":
            continue
        rules = [r for r in catalogue.rules if r.cue == cue.id]
        names = {r.id for r in rules}
        examples = catalogue.examples.get(cue.behaviour or cue.id, ())
        dialogues = [d for d in catalogue.dialogues if any(c.split(":")[0] == cue.id for _, c in d.finds)]
        counts.append(
            CueCount(
                cue.id,
                len(rules),
                sum(len(r.phrases) for r in rules),
                sum(bool(names & set(e.finds)) for e in examples) + len(dialogues),
                sum(not e.finds for e in examples),
            )
        )
    return counts


def _file(catalogue: Catalogue, matcher: RuleMatcher, ident: str, examples: Iterable[Example]) -> Iterable[Problem]:
    behaviour = catalogue.behaviours.get(ident)
    cues = {behaviour.shown, behaviour.breach} if behaviour else {ident}
    rules = [r for r in catalogue.rules if r.cue in cues]
    examples = list(examples)
    alone: Counter[str] = Counter()
    for example in examples:
        hits = [
            hit.rule.id
            for start, end in sentence_spans(example.text)
            for hit in matcher.match(example.text[start:end])
            if hit.rule.cue in cues and hit.rule.role is example.role
        ]
        found = sorted(set(hits))
        if found != sorted(example.finds):
            wanted = ", ".join(example.finds) or "nothing"
            yield Problem(
                example.source,
                _line(example),
                f"{excerpt(example.text, 70)} should be found by {wanted}, but is found by {', '.join(found) or 'nothing'}",
            )
        if len(found) == 1:
            alone[found[0]] += 1
    for rule in rules:
        if not alone[rule.id] and not rule.source.startswith("<"):
            yield Problem(rule.source, None, f"rule {rule.id} has no example that it alone finds")
    near = sum(not e.finds for e in examples)
    if near < MIN_NEAR_MISSES and rules:
        yield Problem(examples[0].source, None, f"{ident} has {near} near misses; it needs {MIN_NEAR_MISSES}")


def _line(example: Example) -> int | None:
    """The line of the example in its file, found by its first words."""
    head = example.text.split("\n")[0][:40].replace('"', "")
    try:
        lines = Path(example.source).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    for number, line in enumerate(lines, 1):
        if head and head in line.replace('\\"', "").replace('"', ""):
            return number
    return None
