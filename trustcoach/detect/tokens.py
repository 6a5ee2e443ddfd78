"""Raw token patterns, run by spaCy's `Matcher` on a blank English pipeline.

A blank pipeline knows words, shapes and letters, but no parts of speech or lemmas; patterns that ask for those would raise or
never match, so they are refused when the pack is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trustcoach.catalogue import Rule
from trustcoach.errors import CatalogueError
from trustcoach.text import Words

__all__ = ["TokenMatcher"]

_LITERAL = {"LOWER", "NORM", "ORTH", "TEXT"}
_NEEDS_MODEL = {
    "POS",
    "TAG",
    "LEMMA",
    "DEP",
    "MORPH",
    "ENT_TYPE",
    "ENT_ID",
    "ENT_IOB",
    "ENT_KB_ID",
    "SPACY",
    "SENT_START",
}
_MOST_STRINGS = 200_000  # spaCy keeps every word it has seen; beyond this the tokenizer is made anew


class TokenMatcher:
    """The token patterns of *rules*, compiled.

    Raises
    ------
    CatalogueError: for a pattern that could never match here, or that has no word of its own to be found by.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._patterns = {i: rule.tokens for i, rule in enumerate(rules) if rule.tokens}
        self._triggers = frozenset(
            word for i, patterns in self._patterns.items() for p in patterns for word in _trigger(p, rules[i])
        )
        if self._patterns:
            self._build()

    def _build(self) -> None:
        import spacy
        from spacy.matcher import Matcher

        nlp = spacy.blank("en")
        self._tokenizer, self._strings = nlp.tokenizer, nlp.vocab.strings
        self._matcher = Matcher(nlp.vocab, validate=True)
        for i, patterns in self._patterns.items():
            self._matcher.add(str(i), [[dict(token) for token in pattern] for pattern in patterns])
        self._rule_of = {self._strings[str(i)]: i for i in self._patterns}

    def find(self, words: Words, text: str, found: dict[tuple[str, int], list[tuple[int, int]]]) -> None:
        """Add to *found* the word positions of every match in the sentence *text*."""
        if not self._patterns or self._triggers.isdisjoint(words.words):
            return
        if len(self._strings) > _MOST_STRINGS:
            self._build()
        doc = self._tokenizer(text)
        for key, first, last in self._matcher(doc):
            start, end = doc[first].idx, doc[last - 1].idx + len(doc[last - 1])
            covered = [
                i for i, (a, b) in enumerate(zip(words.starts, words.ends, strict=True)) if a < end and start < b
            ]
            if covered:
                found.setdefault(("rule", self._rule_of[key]), []).append((covered[0], covered[-1] + 1))


def _trigger(pattern: Sequence[Mapping[str, Any]], rule: Rule) -> list[str]:
    """The words of one token that must be present; checks the whole pattern on the way."""
    best: list[str] | None = None
    for token in pattern:
        for key, value in token.items():
            if key in _NEEDS_MODEL:
                raise CatalogueError(
                    f"{rule.source}: rule {rule.id}: {key} needs a trained pipeline and never matches here"
                )
            if key in {"LOWER", "NORM"} and any(w != w.lower() for w in _words(value)):
                raise CatalogueError(
                    f"{rule.source}: rule {rule.id}: {key} takes lower-case words, or it never matches: {value!r}"
                )
        if token.get("OP", "1") in {"?", "*", "!"}:
            continue
        words = [w.lower() for key in _LITERAL & set(token) for w in _words(token[key])]
        if words and all(w.isalpha() for w in words) and (best is None or len(words) < len(best)):
            best = words
    if best is None:
        raise CatalogueError(
            f"{rule.source}: rule {rule.id}: a token pattern needs at least one plain word that must be there "
            f"(LOWER or NORM with a word or a list under IN)"
        )
    return best


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [w for w in value.get("IN", ()) if isinstance(w, str)] if isinstance(value, Mapping) else []
