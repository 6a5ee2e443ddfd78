"""The compiled phrases find what spaCy's `Matcher` finds, run naively over every pattern."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from trustcoach.detect.automaton import Automaton
from trustcoach.notation import NO_GAP, Alternatives, Gap, Phrase, forms, parse

WORDS = ["i", "we", "will", "check", "not", "sorry", "to", "hear", "?", "you", "ill", "zebra"]
PHRASES = [
    "@we will check",
    "sorry <0-2> hear",
    "(so)? sorry to (hear|you)",
    "^i <1-2> check",
    "to you$",
    "check (to (you|hear)|sorry)? will",
    "you <0-1> (i|we) <0-1> hear",
]


def read(phrase: str) -> Phrase:
    return parse(phrase, canonical=lambda w: (w,), lists={"we": (Alternatives((("i",), ("we",))),)})


def naive(phrase: Phrase, words: tuple[str, ...]) -> set[tuple[int, int]]:
    """Every match of every form by spaCy's `Matcher`, one pattern a form."""
    vocab = Vocab()
    matcher = Matcher(vocab)
    for number, form in enumerate(forms(phrase.run)):
        choices = [range(i.low, i.high + 1) if isinstance(i, Gap) else [None] for i in form]
        patterns = []
        for lengths in product(*choices):
            pattern: list[dict[str, object]] = []
            for item, length in zip(form, lengths, strict=True):
                if isinstance(item, Gap):
                    pattern += [{"ORTH": {"NOT_IN": sorted(NO_GAP)}}] * (length or 0)
                else:
                    pattern.append({"ORTH": item})
            patterns.append(pattern)
        matcher.add(str(number), patterns)
    final = len(words)
    while final and words[final - 1] == "?":
        final -= 1
    return {
        (a, b)
        for _, a, b in matcher(Doc(vocab, words=list(words)))
        if (not phrase.at_start or a == 0) and (not phrase.at_end or b >= final)
    }


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(tuple))
def test_same_matches_as_the_naive_matcher(words: tuple[str, ...]) -> None:
    automaton = Automaton()
    for i, phrase in enumerate(PHRASES):
        automaton.add(("rule", i), read(phrase))
    found = automaton.find(words)
    for i, phrase in enumerate(PHRASES):
        assert set(found.get(("rule", i), [])) == naive(read(phrase), words), phrase


def test_two_words_written_as_one_count_where_the_rest_settles_the_meaning() -> None:
    automaton = Automaton({("i", "will"): "ill"})
    automaton.add(("rule", 0), read("i will check"))
    automaton.add(("rule", 1), read("i will"))
    assert automaton.find(("ill", "check")) == {("rule", 0): [(0, 2)]}


@pytest.mark.parametrize("turned", ["not", "never", "but", "?"])
def test_gaps_do_not_run_over_what_turns_the_meaning(turned: str) -> None:
    automaton = Automaton()
    automaton.add(("rule", 0), read("sorry <0-2> hear"))
    assert automaton.find(("sorry", turned, "hear")) == {}
    assert automaton.find(("sorry", "to", "hear")) == {("rule", 0): [(0, 3)]}
