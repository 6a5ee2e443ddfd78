"""Token patterns are tried only where they can match, and so find all that spaCy's `Matcher` finds on its own."""

from __future__ import annotations

import pytest
import spacy
from conftest import ROOT
from spacy.matcher import Matcher

from trustcoach.catalogue import Catalogue
from trustcoach.conversation import Role
from trustcoach.detect.rules import RuleMatcher
from trustcoach.detect.tokens import TokenMatcher
from trustcoach.read import read_conversations
from trustcoach.text import sentence_spans


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("Alright Susan, one moment.", "uses-their-name"),  # the pack spells “alright” as two words
        ("Okay, Susan!", "uses-their-name"),
        ("Good morning, Mr. Alvarez, how are you?", "greets-by-name"),
        ("The RMA and the POD are with the DSR.", "strings-of-capitals"),
    ],
)
def test_words_may_be_written_as_people_write_them(matcher: RuleMatcher, said: str, rule: str) -> None:
    assert rule in {hit.rule.id for hit in matcher.match(said)}


def test_nothing_is_overlooked(catalogue: Catalogue, matcher: RuleMatcher) -> None:
    nlp = spacy.blank("en")
    rules = {i: rule for i, rule in enumerate(catalogue.rules) if rule.role == Role.AGENT}
    compiled = TokenMatcher(rules, spell=lambda word: matcher.canonical(word).words)
    patterns = [(i, pattern) for i, rule in rules.items() for pattern in rule.tokens]
    matchers = []
    for _, pattern in patterns:
        plain = Matcher(nlp.vocab)
        plain.add("pattern", [[dict(token) for token in pattern]])
        matchers.append(plain)
    found = 0
    for conversation in read_conversations(ROOT / "data" / "samples"):
        for turn in conversation.turns:
            for start, end in sentence_spans(turn.text) if turn.role is Role.AGENT else ():
                sentence = turn.text[start:end]
                doc = nlp(sentence)
                expected = {i for (i, _), plain in zip(patterns, matchers, strict=True) if plain(doc)}
                assert set(compiled.find(matcher.canonical(sentence), sentence)) == expected, sentence
                found += len(expected)
    assert found > 20
