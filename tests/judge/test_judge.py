"""Verdicts from the order of turns: what was due, shown, missed and breached, and what became of promises."""

from __future__ import annotations

import dataclasses

import pytest
from conftest import talk

from trustcoach.catalogue import Catalogue
from trustcoach.conversation import Conversation
from trustcoach.judge import Judgement, judge
from trustcoach.results import Fate, Finding, Outcome


def found(conversation: Conversation, *marks: str) -> list[Finding]:
    """Findings from marks such as `"1 context.pitch: words in the turn"`; without words the whole turn is meant."""
    texts = {t.index: t.text for t in conversation.turns}
    findings = []
    for mark in marks:
        head, _, words = mark.partition(": ")
        number, cue = head.split(" ")
        text = texts[int(number)]
        start = text.index(words) if words else 0
        end = start + len(words) if words else len(text)
        findings.append(Finding(int(number), cue, start, end, text[start:end], "rule", "test", 0.9))
    return findings


@pytest.fixture
def judged(catalogue: Catalogue):  # type: ignore[no-untyped-def]
    def run(conversation: Conversation, *marks: str) -> Judgement:
        return judge(conversation, found(conversation, *marks), catalogue)

    return run


def outcomes(judgement: Judgement) -> dict[tuple[int, str], str]:
    return {(v.turn, v.behaviour): str(v.outcome) for v in judgement.verdicts}


def test_distress_without_empathy_is_missed_on_the_first_turn_of_the_reply(judged) -> None:  # type: ignore[no-untyped-def]
    chat = talk("customer: this is awful", "agent: Order number?", "agent: Please.")
    result = judged(chat, "0 customer.distress")
    assert outcomes(result)[1, "support.empathy"] == "missed"
    verdict = next(v for v in result.verdicts if v.behaviour == "support.empathy")
    assert "turn 0" in verdict.because
    assert verdict.evidence[0].cue == "customer.distress"


def test_empathy_anywhere_in_the_reply_is_enough(judged) -> None:  # type: ignore[no-untyped-def]
    chat = talk("customer: this is awful", "agent: Order number?", "agent: That must be hard.")
    assert outcomes(judged(chat, "0 customer.distress", "2 support.empathy")) == {(2, "support.empathy"): "shown"}


def test_a_customer_who_only_greets_is_offered_help(judged) -> None:  # type: ignore[no-untyped-def]
    hello = ("customer: hello", "agent: Hi, hope you are well.", "customer: I cannot log in")
    assert outcomes(judged(talk(*hello)))[1, "support.help_offer"] == "missed"
    assert (1, "support.help_offer") not in outcomes(judged(talk(*hello, first=4)))  # the beginning is not known
    told = talk("customer: I cannot log in", "agent: Hi, hope you are well.")
    assert (1, "support.help_offer") not in outcomes(judged(told, "0 customer.problem"))
    asks = talk("customer: hello", "agent: Which order is it?")
    assert (1, "support.help_offer") not in outcomes(judged(asks, "1 choice.needs_first"))


def test_what_is_not_due_has_no_verdict(judged) -> None:  # type: ignore[no-untyped-def]
    result = judged(talk("customer: hi", "agent: ok", first=4))
    assert result.verdicts == ()


def test_only_welcome_is_an_idea_and_no_miss(judged) -> None:  # type: ignore[no-untyped-def]
    result = judged(talk("customer: my parcel was lost", "agent: ok", first=4), "4 customer.praise")
    assert result.verdicts == ()
    assert "relationship.appreciation" in {i.behaviour for i in result.ideas}


def test_a_breach_stands_for_its_behaviour(judged) -> None:  # type: ignore[no-untyped-def]
    chat = talk("customer: you lost it!", "agent: Calm down.")
    result = judged(chat, "0 customer.complaint", "1 -ownership.dismissive")
    assert outcomes(result)[1, "ownership.accountability"] == "breached"


def test_a_courtesy_pasted_again_counts_once(judged) -> None:  # type: ignore[no-untyped-def]
    again = "agent: I am very sorry to hear that."
    chat = talk("customer: it broke", again, "customer: still broken", again)
    result = judged(chat, "1 support.empathy", "3 support.empathy")
    assert [f.turn for f in result.findings] == [1]


def test_a_bot_between_agent_turns_is_no_one(judged) -> None:  # type: ignore[no-untyped-def]
    chat = talk("customer: awful", "bot: please hold", "agent: ok")
    assert outcomes(judged(chat, "0 customer.distress"))[2, "support.empathy"] == "missed"


def test_a_pitch_after_a_refusal_is_insistence(judged) -> None:  # type: ignore[no-untyped-def]
    chat = talk("customer: hi", "agent: Take the gold plan", "customer: no thanks", "agent: The gold plan is great")
    result = judged(chat, "0 customer.need", "1 context.pitch", "2 customer.refusal", "3 context.pitch")
    pressure = [f for f in result.findings if f.cue == "-choice.pressure"]
    assert [(f.turn, f.subtype, f.detector) for f in pressure] == [(3, "insistence", "judge")]
    assert outcomes(result)[3, "choice.no_pressure"] == "breached"


def test_insistence_lasts_until_the_customer_shows_interest(judged) -> None:  # type: ignore[no-untyped-def]
    marks = ("1 context.pitch", "2 customer.refusal", "3 choice.needs_first", "5 context.pitch")
    said = [
        "customer: hi",
        "agent: Take gold.",
        "customer: no",
        "agent: Why?",
        "customer: well",
        "agent: Gold is good.",
    ]

    def pushed(*more: str) -> list[int]:
        found = judged(talk(*said), *marks, *more).findings
        return [f.turn for f in found if f.cue == "-choice.pressure"]

    assert pushed() == [5]
    assert pushed("4 customer.question") == []


def test_leaving_the_choice_after_a_refusal_is_no_insistence(judged) -> None:  # type: ignore[no-untyped-def]
    chat = talk("customer: hi", "agent: Take gold", "customer: no", "agent: Fine, gold stays open, up to you")
    result = judged(
        chat,
        "0 customer.need",
        "1 context.pitch",
        "2 customer.refusal",
        "3 context.pitch: gold",
        "3 choice.freedom: up to you",
    )
    assert not [f for f in result.findings if f.cue == "-choice.pressure"]


def test_a_pitch_before_any_need_is_premature(judged) -> None:  # type: ignore[no-untyped-def]
    result = judged(talk("customer: hello", "agent: Buy the gold plan"), "1 context.pitch")
    assert [(f.turn, f.detector) for f in result.findings if f.cue == "-choice.premature_pitch"] == [(1, "judge")]


def test_a_pitch_after_some_talk_without_a_need_is_a_need_missed(judged) -> None:  # type: ignore[no-untyped-def]
    chat = talk("customer: hello", "agent: Lovely day", "customer: it is", "agent: Buy the gold plan")
    result = judged(chat, "3 context.pitch")
    assert not [f for f in result.findings if f.cue == "-choice.premature_pitch"]
    assert [(v.turn, v.outcome) for v in result.verdicts if v.behaviour == "choice.needs_first"] == [
        (3, Outcome.MISSED)
    ]
    asked = judged(chat, "1 choice.needs_first", "3 context.pitch")
    assert not [v for v in asked.verdicts if v.outcome is Outcome.MISSED]


@pytest.mark.parametrize("first", [3, 0])
def test_a_pitch_is_not_premature_after_a_need_or_in_the_middle(judged, first: int) -> None:  # type: ignore[no-untyped-def]
    chat = talk("customer: I need a plan", "agent: Take gold", first=first)
    marks = [f"{first + 1} context.pitch", *([] if first else ["0 customer.need"])]
    assert not [f for f in judged(chat, *marks).findings if f.cue == "-choice.premature_pitch"]


def test_an_immediate_promise_is_kept_by_the_answer(judged) -> None:  # type: ignore[no-untyped-def]
    chat = talk("customer: where is it", "agent: One moment while I check", "agent: It left on Monday")
    result = judged(chat, "1 ownership.commitment", "1 hint.immediate", "2 honesty.knowledge")
    promise = result.promises[0]
    assert (promise.fate, promise.immediate, promise.settled.turn) == (Fate.KEPT, True, 2)


def test_a_promise_taken_back_is_broken_where_it_is_taken_back(judged) -> None:  # type: ignore[no-untyped-def]
    chat = talk(
        "customer: refund?",
        "agent: I will refund the delivery fee",
        "customer: ok",
        "agent: I can't refund the fee after all",
    )
    result = judged(chat, "1 ownership.commitment", "3 hint.reversal")
    assert result.promises[0].fate is Fate.CONTRADICTED
    broken = [f for f in result.findings if f.cue == "-ownership.broken_promise"]
    assert [f.turn for f in broken] == [3]
    assert outcomes(result)[3, "ownership.follow_through"] == "breached"


def test_a_promise_nobody_returns_to_stays_open(judged) -> None:  # type: ignore[no-untyped-def]
    chat = talk("customer: refund?", "agent: I'll email the label within the hour", "customer: thanks", "agent: bye")
    result = judged(chat, "1 ownership.commitment", "1 hint.deadline: within the hour")
    assert (result.promises[0].fate, result.promises[0].deadline) == (Fate.OPEN, "within the hour")


def test_a_promise_reported_done_is_kept(judged) -> None:  # type: ignore[no-untyped-def]
    chat = talk(
        "customer: label?", "agent: I'll email the return label", "customer: ok", "agent: I've emailed the return label"
    )
    result = judged(chat, "1 ownership.commitment", "3 ownership.follow_through")
    assert result.promises[0].fate is Fate.KEPT


def test_switched_off_behaviours_have_no_verdicts(catalogue: Catalogue) -> None:
    chat = talk("customer: this is awful", "agent: Order number?")
    off = catalogue.reweighted({}, disabled=["support.empathy"])
    result = judge(chat, found(chat, "0 customer.distress"), off)
    assert not [v for v in result.verdicts if v.behaviour == "support.empathy"]


def test_results_cannot_be_changed(judged) -> None:  # type: ignore[no-untyped-def]
    verdict = judged(talk("customer: awful", "agent: ok"), "0 customer.distress").verdicts[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        verdict.outcome = Outcome.SHOWN
