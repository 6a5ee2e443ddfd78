"""Speed beside other ways and tools, in one run on the same turns; what is compared gives the same matches."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from conftest import ROOT

from trustcoach.bench.measure import beside_naive, distinct, live, stages
from trustcoach.catalogue import Catalogue
from trustcoach.conversation import Conversation, Role
from trustcoach.detect.rules import RuleMatcher
from trustcoach.pipeline import Coach
from trustcoach.read import read_conversations

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def conversations() -> list[Conversation]:
    files = [ROOT / "data" / "samples" / name for name in ("shop-chats.jsonl", "zendesk-tickets.json", "intercom.json")]
    return list(read_conversations(files))


def cost(work: Callable[[], Any]) -> float:
    """Processor seconds of *work*, the better of two runs."""
    took = []
    for _ in range(2):
        start = time.process_time()
        work()
        took.append(time.process_time() - start)
    return min(took)


def test_compiled_and_naive_agree_and_differ_in_speed(conversations: list[Conversation], coach: Coach) -> None:
    found = beside_naive(conversations, coach, most=12)
    assert found["rules"] > 100
    assert found["patterns"] > 1_000
    assert found["other_matches"] == 0
    assert found["largest_difference"] < 1e-5
    assert found["ratio"] > 5


def test_one_by_one_finds_the_same_as_together(conversations: list[Conversation], coach: Coach) -> None:
    fresh = Coach()
    assert [coach.score(c) for c in conversations] == list(fresh.score_many(conversations))


def test_every_step_is_timed(conversations: list[Conversation], coach: Coach) -> None:
    steps = stages(conversations, coach, reading=0.1)
    assert [s.name for s in steps][:3] == ["read", "split into sentences", "rules"]
    assert all(s.seconds >= 0 and s.turns == sum(len(c.turns) for c in conversations) for s in steps)


def test_a_live_turn_is_quick(conversations: list[Conversation], coach: Coach) -> None:
    median, slowest = live(conversations, coach, most=100)
    assert 0 < median <= slowest
    assert median < 0.05


def test_distinct_text_has_no_sentence_twice(conversations: list[Conversation]) -> None:
    once = distinct([*conversations, *conversations])
    assert once == distinct(conversations)
    assert sum(len(t.text) for c in once for t in c.turns) < sum(len(t.text) for c in conversations for t in c.turns)


def test_twice_the_rules_cost_far_less_than_twice(conversations: list[Conversation], catalogue: Catalogue) -> None:
    """The same phrases once more with each word of the rules turned into the one next in frequency."""
    words = Counter(re.findall(r"(?<![@<\w])[a-z']+", " ".join(p for r in catalogue.rules for p in r.phrases)))
    ranked = [word for word, _ in sorted(words.items(), key=lambda item: (-item[1], item[0]))]
    other = dict(zip(ranked, [*ranked[1:], ranked[0]], strict=True))

    def turned(phrase: str) -> str:
        return re.sub(r"(?<![@<\w])[a-z']+", lambda m: other[m.group()], phrase)

    more = [replace(r, id=f"{r.id}-turned", phrases=tuple(map(turned, r.phrases))) for r in catalogue.rules]
    once, twice = RuleMatcher(catalogue), RuleMatcher(replace(catalogue, rules=(*catalogue.rules, *more)))
    said = [
        (once.canonical(t.text), t) for c in conversations for t in c.turns if t.role in {Role.AGENT, Role.CUSTOMER}
    ]

    def match(matcher: RuleMatcher) -> Callable[[], Any]:
        return lambda: [matcher.match_words(words, t.text, role=t.role) for words, t in said]

    match(once)(), match(twice)()
    assert cost(match(twice)) < 2 * cost(match(once))


def test_known_sentences_cost_no_more_than_a_few_times_vader(conversations: list[Conversation], coach: Coach) -> None:
    vader = pytest.importorskip("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()
    texts = [t.text for c in conversations for t in c.turns]
    list(coach.score_many(conversations))
    ours = cost(lambda: list(coach.score_many(conversations)))
    theirs = cost(lambda: [vader.polarity_scores(text) for text in texts])
    assert ours < 10 * theirs


def test_new_text_costs_less_than_convokit_politeness(conversations: list[Conversation]) -> None:
    pytest.importorskip("convokit.politenessStrategies")  # the bare name is also that of a folder of fixtures
    import convokit

    politeness = convokit.PolitenessStrategies()
    try:
        parser = convokit.TextParser()
    except OSError:
        pytest.skip("ConvoKit needs a language model of spaCy that is not installed")
    texts = [t.text for c in conversations[:5] for t in c.turns]
    fresh = Coach()
    ours = cost(lambda: list(fresh.score_many(conversations[:5])))
    theirs = cost(lambda: [politeness.transform_utterance(parser.transform_utterance(text)) for text in texts])
    assert ours < theirs
