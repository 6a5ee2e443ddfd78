"""The phrase notation: what a rule may say, and what is refused with a reason."""

from __future__ import annotations

import pytest

from trustcoach.notation import Gap, NotationError, forms, parse, parse_lists


def words(word: str) -> tuple[str, ...]:
    return (word.lower(),)


def said(phrase: str, **lists: str) -> set[str]:
    tree = parse(phrase, canonical=words, lists=parse_lists(lists, canonical=words))
    return {" ".join(f"<{i.low}-{i.high}>" if isinstance(i, Gap) else i for i in form) for form in forms(tree.run)}


@pytest.mark.parametrize(
    ("phrase", "meant"),
    [
        ("up to you", {"up to you"}),
        ("(entirely|quite)? up", {"entirely up", "quite up", "up"}),
        ("apologi(ze|zing) now", {"apologize now", "apologizing now"}),
        ("check(s|ed)?", {"checks", "checked", "check"}),
        ("understand <0-2> feel", {"understand <0-2> feel"}),
        ("in <num> days <?>", {"in <num> days ?"}),
        ("a <any> b", {"a <1-1> b"}),
        ("(a b|c (d|e)?) f", {"a b f", "c d f", "c e f", "c f"}),
    ],
)
def test_phrases(phrase: str, meant: set[str]) -> None:
    assert said(phrase) == meant


def test_named_lists() -> None:
    assert said("@we will", we="i|we") == {"i will", "we will"}


def test_anchors() -> None:
    phrase = parse("^ok thanks$", canonical=words)
    assert phrase.at_start
    assert phrase.at_end


@pytest.mark.parametrize(
    ("phrase", "reason"),
    [
        ("", "nothing at all"),
        ("a? b?", "nothing at all"),
        ("<0-2> a", "gap"),
        ("a <0-2>", "gap"),
        ("a (b|c", "missing"),
        ("a) b", "too many"),
        ("a <9-12> b", "at most"),
        ("@nobody will", "unknown list"),
        ("<shape> a", "unknown class"),
    ],
)
def test_what_cannot_be_meant_is_refused(phrase: str, reason: str) -> None:
    with pytest.raises(NotationError, match=reason):
        parse(phrase, canonical=words)


def test_lists_that_refer_to_each_other_are_refused() -> None:
    with pytest.raises(NotationError, match="circle"):
        parse_lists({"a": "@b", "b": "@a"}, canonical=words)
