"""Raw token patterns, run by spaCy's `Matcher` on a blank English pipeline.

A blank pipeline knows words, shapes and letters, but no parts of speech or lemmas; patterns that ask for those would raise or
never match, so they are refused when the pack is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
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
_MOST_WORDS = 30  # longer lists of words are slow to look for, and say little
# `^…$` without brackets, or with only a list of exceptions before it: what stands between is in the text of the token.
_WHOLE = re.compile(r"\^(?:\(\?!\(\?:[^()]*\)\$\))?([^^$()\\|]+)\$")
_MOST_STRINGS = 200_000  # spaCy keeps every word it has seen; beyond this the tokenizer is made anew


class TokenMatcher:
    """The token patterns of *rules*, compiled; a match is reported under the rule's number.

    Parameters
    ----------
    rules: by number.
    spell: the canonical words of a written word.

    Raises
    ------
    CatalogueError: for a pattern that could never match here, or that has no word of its own to be found by.
    """

    def __init__(self, rules: Mapping[int, Rule], *, spell: Callable[[str], Sequence[str]]) -> None:
        self._patterns = [(i, pattern) for i, rule in rules.items() for pattern in rule.tokens]
        self._needed = [_needed(pattern, rules[i], spell) for i, pattern in self._patterns]
        self._outlines = [[part.search for part in _outline(pattern)] for _, pattern in self._patterns]
        self._by_word: dict[str, list[int]] = {}
        for number, groups in enumerate(self._needed):
            for word in sorted(groups[0]):
                self._by_word.setdefault(word, []).append(number)
        if self._patterns:
            self._build()

    def _build(self) -> None:
        import spacy
        from spacy.matcher import Matcher

        nlp = spacy.blank("en")
        self._tokenizer, self._strings = nlp.tokenizer, nlp.vocab.strings
        self._matchers = []
        for _, pattern in self._patterns:
            matcher = Matcher(nlp.vocab, validate=True)
            matcher.add("pattern", [[dict(token) for token in pattern]])
            self._matchers.append(matcher)

    def find(self, words: Words, text: str) -> dict[int, list[tuple[int, int]]]:
        """The word positions of every match in the sentence *text*, by the number of the rule."""
        chosen = self._chosen(words.words, text)
        if not chosen:
            return {}
        if len(self._strings) > _MOST_STRINGS:
            self._build()
        doc = self._tokenizer(text)
        found: dict[int, list[tuple[int, int]]] = {}
        for number in chosen:
            for _, first, last in self._matchers[number](doc):
                start, end = doc[first].idx, doc[last - 1].idx + len(doc[last - 1])
                covered = words.covered(start, end)
                if covered:
                    found.setdefault(self._patterns[number][0], []).append(covered)
        return found

    def _chosen(self, words: Sequence[str], text: str) -> list[int]:
        """The patterns whose words and outline the sentence has."""
        by_word = self._by_word
        chosen = []
        for number in sorted({n for word in by_word.keys() & words for n in by_word[word]}):
            for group in self._needed[number]:
                if group.isdisjoint(words):
                    break
            else:
                for search in self._outlines[number]:
                    if search(text) is None:
                        break
                else:
                    chosen.append(number)
        return chosen


def _needed(
    pattern: Sequence[Mapping[str, Any]], rule: Rule, spell: Callable[[str], Sequence[str]]
) -> list[frozenset[str]]:
    """For each token that must be there and is given by plain words: those words, one of which a sentence must hold.

    The shortest list comes first. Checks the whole pattern on the way.
    """
    groups = []
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
        words = [w.lower() for key in sorted(_LITERAL & set(token)) for w in _words(token[key])]
        if words and all(w.isalpha() for w in words) and token.get("OP", "1") not in {"?", "*", "!"}:
            groups.append(frozenset(spelled for word in words for spelled in spell(word)[:1]))
    if not groups:
        raise CatalogueError(
            f"{rule.source}: rule {rule.id}: a token pattern needs at least one plain word that must be there "
            f"(LOWER or NORM with a word or a list under IN)"
        )
    return sorted(groups, key=len)


def _outline(pattern: Sequence[Mapping[str, Any]]) -> tuple[re.Pattern[str], ...]:
    """What any text that *pattern* matches must hold: the stretches of tokens that stand side by side in it.

    A looser copy of the pattern, much faster to look for: tokens become expressions for their text, with any space between,
    and a stretch ends wherever tokens may be left out or come again.
    """
    stretches: list[list[str | None]] = [[]]
    for token in pattern:
        if token.get("OP", "1") == "1":
            stretches[-1].append(_expression(token))
        else:
            stretches.append([])
    parts = set()
    for stretch in stretches:
        while stretch and stretch[0] is None:
            stretch.pop(0)
        while stretch and stretch[-1] is None:
            stretch.pop()
        parts.add(r"\s*".join(e or r"\S+" for e in stretch))
    return tuple(re.compile(part) for part in sorted(parts - {""}, key=len))


def _expression(token: Mapping[str, Any]) -> str | None:
    """A quick expression that is found in the text of every token that *token* accepts, if there is one."""
    for key, fold in (("ORTH", "?"), ("TEXT", "?"), ("LOWER", "?i")):
        words = _words(token.get(key))
        if words:
            return f"({fold}:{'|'.join(map(re.escape, words))})" if len(words) <= _MOST_WORDS else None
    value = token.get("TEXT")
    whole = _WHOLE.fullmatch(str(value.get("REGEX"))) if isinstance(value, Mapping) else None
    return whole.group(1) if whole else None


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [w for w in value.get("IN", ()) if isinstance(w, str)] if isinstance(value, Mapping) else []
