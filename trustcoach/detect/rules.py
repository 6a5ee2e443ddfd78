"""Matches a pack's rules with spaCy.

Every phrase is expanded to its finite forms. Their runs of words go into one `PhraseMatcher`, whose speed hardly depends on
how many there are; a form with gaps is the chain of its runs at the allowed distances. Words that no rule uses are replaced
by one placeholder, so the vocabulary does not grow with the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from trustcoach.catalogue import Catalogue, Rule, Scope
from trustcoach.errors import CatalogueError
from trustcoach.notation import Form, NotationError, expand
from trustcoach.text import Canonical, Words

__all__ = ["Hit", "RuleMatcher", "canonical_words"]

_PLACEHOLDER = "·"
_STOPPERS = frozenset({"but", "however", "though", "although"})
_NO_GAP = frozenset({"?", "not", "never", "no", *_STOPPERS})  # a gap never runs over what turns the meaning round
_QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]{2,200})[\"“”„«»]|(?<!\w)['‘]([^'’‘]{4,120})['’](?!\w)")


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched, and where: offsets in the sentence, and word positions."""

    rule: Rule
    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Chain:
    """One form as ids of its runs, and what it belongs to: ("rule", 3), ("never", 3), ("before", 0) …"""

    owner: tuple[str, int]
    runs: tuple[int, ...]
    gaps: tuple[tuple[int, int], ...]
    at_start: bool
    at_end: bool


def canonical_words(catalogue: Catalogue) -> Canonical:
    """The pack's way of spelling words out, knowing the words its rules use."""
    known = {w for rule in catalogue.rules for phrase in rule.phrases for w in re.findall(r"[a-z']+", phrase.lower())}
    known |= {w for text in catalogue.lists.values() for w in re.findall(r"[a-z']+", text.lower())}
    return Canonical(catalogue.contractions, known=frozenset(known))


class RuleMatcher:
    """All rules of a catalogue, compiled.

    Raises
    ------
    CatalogueError: when a phrase cannot be read; names file, rule and phrase.
    """

    def __init__(self, catalogue: Catalogue, *, canonical: Canonical | None = None) -> None:
        self.canonical = canonical or canonical_words(catalogue)
        self.rules = catalogue.rules
        self._scopes: dict[str, tuple[int, Scope]] = {s.id: (i, s) for i, s in enumerate(catalogue.scopes)}
        self._catalogue = catalogue
        self._runs: dict[tuple[str, ...], int] = {}
        self._chains: list[list[_Chain]] = []  # by id of the first run
        self._vocab = Vocab()
        for i, rule in enumerate(self.rules):
            place = f"{rule.source}: rule {rule.id}"
            self._compile(("rule", i), rule.phrases, place)
            self._compile(("also", i), rule.also, place)
            self._compile(("never", i), rule.never, place)
        for i, scope in enumerate(catalogue.scopes):
            self._compile(("before", i), scope.before, f"scope {scope.id}")
            self._compile(("after", i), scope.after, f"scope {scope.id}")
        self._matcher = PhraseMatcher(self._vocab, attr="ORTH")
        self._run_of: dict[int, int] = {}
        for words, run in self._runs.items():
            self._matcher.add(str(run), [Doc(self._vocab, words=list(words))])
            self._run_of[self._vocab.strings[str(run)]] = run
        self._known = frozenset(w for words in self._runs for w in words)

    def forms(self, phrase: str) -> list[Form]:
        """The finite forms of *phrase* in this pack."""
        return expand(
            phrase,
            canonical=lambda word: self.canonical(word).words,
            lists=self._catalogue.lists,
            variants=self._catalogue.variants,
        )

    def _compile(self, owner: tuple[str, int], phrases: Iterable[str], place: str) -> None:
        for phrase in phrases:
            try:
                forms = self.forms(phrase)
            except NotationError as error:
                raise CatalogueError(f"{place}: {error}") from error
            for form in forms:
                runs = []
                for words in form.segments:
                    run = self._runs.setdefault(words, len(self._runs))
                    if run == len(self._chains):
                        self._chains.append([])
                    runs.append(run)
                chain = _Chain(owner, tuple(runs), form.gaps, form.at_start, form.at_end)
                self._chains[runs[0]].append(chain)

    def match(self, text: str) -> list[Hit]:
        """The rules that match the sentence *text*, hints included, in order of place and then of rule."""
        return self.match_words(self.canonical(text), text)

    def match_words(self, words: Words, text: str) -> list[Hit]:
        """As `match`, for a sentence whose canonical *words* are known."""
        found = self._owners(words)
        hits: list[Hit] = []
        for (kind, index), spans in found.items():
            if kind != "rule":
                continue
            rule = self.rules[index]
            if rule.never and ("never", index) in found:
                continue
            if rule.also and not self._apart(spans, found.get(("also", index), [])):
                continue
            if rule.question is not None and rule.question != ("?" in words.words):
                continue
            for first, last in _longest(spans):
                if rule.unless and self._in_scope(rule, words, text, first, last, found):
                    continue
                start, end = words.span(first, last)
                hits.append(Hit(rule, start, end, first, last))
        hits.sort(key=lambda h: (h.start, h.end, h.rule.cue, h.rule.id))
        return hits

    def _owners(self, words: Words) -> dict[tuple[str, int], list[tuple[int, int]]]:
        """What matched where, in words, before any condition is looked at."""
        known = self._known
        doc = Doc(self._vocab, words=[w if w in known else _PLACEHOLDER for w in words.words])
        spans: dict[int, list[tuple[int, int]]] = {}
        for key, first, last in self._matcher(doc):
            spans.setdefault(self._run_of[key], []).append((first, last))
        count = len(words.words)
        final = count
        while final and words.words[final - 1] == "?":
            final -= 1
        found: dict[tuple[str, int], list[tuple[int, int]]] = {}
        for run, places in spans.items():
            for chain in self._chains[run]:
                if chain.runs[1:] and any(r not in spans for r in chain.runs[1:]):
                    continue
                for first, last in places:
                    if chain.at_start and first:
                        continue
                    for end in _follow(chain, 0, last, spans, words.words):
                        if not chain.at_end or end >= final:
                            found.setdefault(chain.owner, []).append((first, end))
        return found

    @staticmethod
    def _apart(spans: list[tuple[int, int]], others: list[tuple[int, int]]) -> bool:
        return any(b <= first or a >= last for first, last in spans for a, b in others)

    def _in_scope(
        self,
        rule: Rule,
        words: Words,
        text: str,
        first: int,
        last: int,
        found: dict[tuple[str, int], list[tuple[int, int]]],
    ) -> bool:
        for name in rule.unless:
            index, scope = self._scopes[name]
            for _, b in found.get(("before", index), ()):
                if b <= first <= b + scope.within and _joined(words, b, first, scope.crosses_breaks):
                    return True
            for a, _ in found.get(("after", index), ()):
                if last <= a <= last + scope.within and _joined(words, last, a, scope.crosses_breaks):
                    return True
            if scope.marks and any(mark in text for mark in "\"“”„«»'‘’"):
                start, end = words.span(first, last)
                if any(m.start() <= start and end <= m.end() for m in _QUOTED.finditer(text)):
                    return True
        return False


def _follow(
    chain: _Chain, step: int, at: int, spans: dict[int, list[tuple[int, int]]], words: tuple[str, ...]
) -> Iterable[int]:
    if step == len(chain.gaps):
        yield at
        return
    low, high = chain.gaps[step]
    for first, last in spans[chain.runs[step + 1]]:
        if at + low <= first <= at + high and _NO_GAP.isdisjoint(words[at:first]):
            yield from _follow(chain, step + 1, last, spans, words)


def _joined(words: Words, left: int, right: int, crosses: bool) -> bool:
    """Whether no clause break or “but” lies between two word positions."""
    if crosses:
        return True
    return not any(i in words.breaks for i in range(left, right + 1)) and not _STOPPERS & set(words.words[left:right])


def _longest(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans that lie in no longer one, in order; of overlapping spans the earlier and longer."""
    kept: list[tuple[int, int]] = []
    for first, last in sorted(set(spans), key=lambda s: (s[0], -s[1])):
        if not kept or first >= kept[-1][1]:
            kept.append((first, last))
    return kept
