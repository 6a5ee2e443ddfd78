"""Matches a pack's rules: phrases by one automaton, raw token patterns by spaCy's `Matcher`.

Phrases see canonical words. Token patterns see the sentence as written, through spaCy's English tokenizer, and so can ask for
capitals or shapes; they run only on sentences that hold one of their own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from trustcoach.catalogue import Catalogue, Rule, Scope
from trustcoach.detect.automaton import Automaton
from trustcoach.detect.tokens import TokenMatcher
from trustcoach.errors import CatalogueError
from trustcoach.notation import NotationError, Phrase, parse, parse_lists
from trustcoach.text import Canonical, Words

__all__ = ["Hit", "RuleMatcher", "canonical_words"]

_STOPPERS = frozenset({"but", "however", "though", "although"})
_QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]{2,200})[\"“”„«»]|(?<!\w)['‘]([^'’‘]{4,120})['’](?!\w)")
_MARK = re.compile("[\"“”„«»'‘’]")
_ALSO, _NEVER = "also", "never"
Found = Mapping[tuple[str, int], Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched, and where: offsets in the sentence."""

    rule: Rule
    start: int
    end: int


def canonical_words(catalogue: Catalogue) -> Canonical:
    """The pack's way of spelling words out, knowing the words its rules use."""
    known = {w for rule in catalogue.rules for phrase in rule.phrases for w in re.findall(r"[a-z']+", phrase.lower())}
    known |= {w for text in catalogue.lists.values() for w in re.findall(r"[a-z']+", text.lower())}
    return Canonical(catalogue.contractions, known=frozenset(known))


class RuleMatcher:
    """All rules of a catalogue, compiled.

    Raises
    ------
    CatalogueError: when a phrase or token pattern cannot be read; names file, rule and phrase.
    """

    def __init__(self, catalogue: Catalogue, *, canonical: Canonical | None = None) -> None:
        self.canonical = canonical or canonical_words(catalogue)
        self.rules = catalogue.rules
        self._scopes: dict[str, tuple[int, Scope]] = {s.id: (i, s) for i, s in enumerate(catalogue.scopes)}
        self._spell = cache(lambda word: self.canonical(word).words)
        try:
            self._lists = parse_lists(catalogue.lists, canonical=self._spell)
        except NotationError as error:
            raise CatalogueError(f"pack {catalogue.id}: lists: {error}") from error
        # What a match also needs, or must not have, is looked for only where there is a match.
        roles = sorted({str(rule.role) for rule in self.rules})
        self._phrases: dict[str, Automaton[int]] = {role: Automaton(catalogue.variants) for role in roles}
        self._around: Automaton[tuple[str, int]] = Automaton(catalogue.variants)
        self._conditions: dict[int, Automaton[str]] = {}
        for i, rule in enumerate(self.rules):
            place = f"{rule.source}: rule {rule.id}"
            self._add(self._phrases[rule.role], i, rule.phrases, place)
            if rule.also or rule.never:
                conditions = self._conditions[i] = Automaton(catalogue.variants)
                self._add(conditions, _ALSO, rule.also, place)
                self._add(conditions, _NEVER, rule.never, place)
        for i, scope in enumerate(catalogue.scopes):
            self._add(self._around, ("before", i), scope.before, f"scope {scope.id}")
            self._add(self._around, ("after", i), scope.after, f"scope {scope.id}")
        self._tokens = {
            role: TokenMatcher({i: r for i, r in enumerate(self.rules) if r.role == role}, spell=self._spell)
            for role in roles
        }

    def phrases(self, role: str) -> dict[int, list[Phrase]]:
        """The phrases of the rules of *role*, by the place of the rule."""
        return {i: [self.parse(p) for p in r.phrases] for i, r in enumerate(self.rules) if r.role == role and r.phrases}

    def parse(self, phrase: str) -> Phrase:
        """*phrase* in this pack's words and lists."""
        return parse(phrase, canonical=self._spell, lists=self._lists)

    def _add(self, automaton: Automaton[Any], owner: object, phrases: Iterable[str], place: str) -> None:
        for phrase in phrases:
            try:
                automaton.add(owner, self.parse(phrase))
            except NotationError as error:
                raise CatalogueError(f"{place}: {error}") from error

    def match(self, text: str) -> list[Hit]:
        """The rules that match the sentence *text*, hints included, in order of place and then of rule."""
        return self.match_words(self.canonical(text), text)

    def match_words(self, words: Words, text: str, *, role: str | None = None) -> list[Hit]:
        """As `match`, for a sentence whose canonical *words* are known; only the rules of *role*, if it is given."""
        found: dict[int, list[tuple[int, int]]] = {}
        for each in list(self._phrases) if role is None else [role]:
            if each in self._phrases:
                found |= self._phrases[each].find(words.words)
                for index, spans in self._tokens[each].find(words, text).items():
                    found.setdefault(index, []).extend(spans)
        matched: list[tuple[Rule, int, int]] = []  # places counted in words
        for index, spans in found.items():
            rule = self.rules[index]
            if rule.question is not None and rule.question != ("?" in words.words):
                continue
            if index in self._conditions:
                conditions = self._conditions[index].find(words.words)
                if _NEVER in conditions or (rule.also and not _apart(spans, conditions.get(_ALSO, ()))):
                    continue
            kept = _longest(spans) if len(spans) > 1 else spans
            matched += [(rule, first, last) for first, last in kept]
        if not matched:
            return []
        around = self._around.find(words.words)
        quoted = [m.span() for m in _QUOTED.finditer(text)] if _MARK.search(text) else []
        if around or quoted:
            matched = [m for m in matched if not (m[0].unless and self._in_scope(*m, words, around, quoted))]
        hits = [Hit(rule, *words.span(first, last)) for rule, first, last in matched]
        if len(hits) > 1:
            hits.sort(key=lambda h: (h.start, h.end, h.rule.cue, h.rule.id))
        return hits

    def _in_scope(
        self, rule: Rule, first: int, last: int, words: Words, around: Found, quoted: Sequence[tuple[int, int]]
    ) -> bool:
        """Whether a match of *rule*, its place counted in words, stands in one of the scopes in which it does not count."""
        for name in rule.unless:
            index, scope = self._scopes[name]
            for _, b in around.get(("before", index), ()):
                if b <= first <= b + scope.within and _joined(words, b, first, scope.crosses_breaks):
                    return True
            for a, _ in around.get(("after", index), ()):
                if last <= a <= last + scope.within and _joined(words, last, a, scope.crosses_breaks):
                    return True
            if scope.marks and quoted:
                start, end = words.span(first, last)
                if any(a <= start and end <= b for a, b in quoted):
                    return True
        return False


def _apart(spans: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> bool:
    """Whether one of *others* stands clear of one of *spans*."""
    return any(b <= first or a >= last for first, last in spans for a, b in others)


def _joined(words: Words, left: int, right: int, crosses: bool) -> bool:
    """Whether no clause break or “but” lies between two word positions."""
    if crosses:
        return True
    return not any(i in words.breaks for i in range(left, right + 1)) and not _STOPPERS & set(words.words[left:right])


def _longest(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans that lie in no longer one, in order; of overlapping spans the earlier and longer."""
    kept: list[tuple[int, int]] = []
    for first, last in sorted(set(spans), key=lambda s: (s[0], -s[1])):
        if not kept or first >= kept[-1][1]:
            kept.append((first, last))
    return kept
