"""What results show of themselves in a notebook: highlighted, safe, light to store, and masked when asked for."""

from __future__ import annotations

import json
import re

import pytest
from bs4 import BeautifulSoup
from conftest import talk

import trustcoach
from trustcoach.notebook import MOST_TURNS
from trustcoach.pipeline import Coach
from trustcoach.redact import Redactor
from trustcoach.results import ConversationScore

HOSTILE = (
    "I'm so upset <script>alert(1)</script> <img src=x onerror=alert(1)> {{ 7*7 }} {% raw %} </style></mark>"
    " &lt;b&gt; \u202eright to left\u202c שלום 🙂 " + "x" * 3000
)


def parsed(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def texts(soup: BeautifulSoup) -> list[str]:
    return [p.get_text() for p in soup.select("p.text")]


@pytest.fixture(scope="module")
def scored(rules_only: Coach) -> ConversationScore:
    return rules_only.score(
        talk(
            "customer Nadia Brandt: It broke again, I'm so upset",
            "agent Maya: I'm so sorry to hear that, Nadia. What is your PIN? You have to decide today.",
            "customer Nadia Brandt: why do you need that",
            "agent Maya: That's just our policy.",
        )
    )


def test_a_conversation_shows_its_words_with_every_finding_marked(scored: ConversationScore) -> None:
    soup = parsed(scored._repr_html_())
    assert texts(soup) == [t.text for t in scored.conversation.turns]
    for turn, shown in zip(scored.conversation.turns, soup.select("p.text"), strict=True):
        found = {f.text for f in scored.findings if f.turn == turn.index}
        marked = "".join(m.get_text() for m in shown.select("mark") if m.find_parent("mark") is None)
        assert found or not marked
        covered = {
            i for f in scored.findings if f.turn == turn.index for i in range(f.start, f.end)
        }  # every marked character is one of a finding, in order
        assert marked == "".join(turn.text[i] for i in sorted(covered))
    assert {c for m in soup.select("p.text mark") for c in m["class"] if not c.startswith("lane")} == {
        "shown",
        "breached",
        "context",
    }


def test_it_says_outcome_reason_evidence_advice_and_score(scored: ConversationScore) -> None:
    soup = parsed(scored._repr_html_())
    cards = soup.select("details.shown, details.missed, details.breached")
    assert len(cards) == len(scored.verdicts)
    for card, verdict in zip(cards, scored.verdicts, strict=True):
        said = card.get_text()
        assert str(verdict.outcome) in said
        if verdict.outcome == "breached":
            assert "critical" in card.summary.get_text() or not verdict.critical
        elif "(turn" not in verdict.because:
            assert verdict.because[1:] in said
        if verdict.outcome != "missed":
            assert all(f.text in said and f.rule in said for f in verdict.evidence)
        advice = next(a for a in scored.advice if (a.turn, a.behaviour) == (verdict.turn, verdict.behaviour))
        assert all(w in said for w in advice.wording)
    lead = soup.select_one("p.lead").get_text()
    assert "0 of 100" in lead
    assert "failed by a critical breach" in lead


def test_overlapping_evidence_keeps_a_line_of_its_own(rules_only: Coach) -> None:
    scored = rules_only.score(
        talk("customer: hi", "agent: I've refunded the fee today and I'm sorry about our mistake.")
    )
    turn = scored.conversation.turns[1]
    shown = parsed(scored._repr_html_()).select("p.text")[1]
    assert shown.get_text() == turn.text
    assert shown.select("mark mark")
    for inner in shown.select("mark mark"):
        assert {c for c in inner["class"] if c.startswith("lane")} != {
            c for c in inner.find_parent("mark")["class"] if c.startswith("lane")
        }


def test_whatever_a_transcript_says_stays_text(rules_only: Coach) -> None:
    conversation = talk(
        f"customer <b>Eve</b>: {HOSTILE}", f"agent <i>Maya</i>: Sorry to hear that! {HOSTILE}", ident="<script>"
    )
    scored = rules_only.score(conversation)
    shows = [scored, scored.turns[0], *scored.advice, *trustcoach.agent_scores([scored])]
    live = rules_only.score_turn(conversation.turns[1], conversation.turns[:1])
    for html in [*(s._repr_html_() for s in [*shows, live]), trustcoach.redacted(scored).html]:
        soup = parsed(html)
        assert not soup.select("script, img, iframe, link, a, object, form, [onerror], [onclick], [src], [href]")
        assert len(soup.select("style")) == 1
        assert "url(" not in str(soup.style)
        assert soup.find(True)["class"] == ["trustcoach"]
        assert len(soup.find_all(recursive=False)) == 1
        json.dumps(html).encode("utf-8")
    assert texts(parsed(scored._repr_html_())) == [t.text for t in conversation.turns]


def test_half_a_surrogate_pair_can_be_stored(rules_only: Coach) -> None:
    html = rules_only.score(talk("customer: hi", "agent Ada\ud83d: Sorry to hear that"))._repr_html_()
    assert html.encode("utf-8")


def test_a_long_conversation_stays_light(rules_only: Coach) -> None:
    html = rules_only.score(talk(*["customer: it broke", "agent: Sorry to hear that."] * 5000))._repr_html_()
    assert len(parsed(html).select("li.turn")) == MOST_TURNS
    assert f"{10_000 - MOST_TURNS:,} more turns not shown here" in html
    assert len(html) < 1_000_000


def test_nothing_to_score_is_said(rules_only: Coach) -> None:
    scored = rules_only.score(talk("customer: hi", "system: closed"))
    assert "no score: nothing applied" in parsed(scored._repr_html_()).get_text()


def test_agent_card_says_interval_counts_and_whether_ranked(rules_only: Coach, scored: ConversationScore) -> None:
    agent = trustcoach.agent_scores([scored, scored])[0]
    soup = parsed(agent._repr_html_())
    said = soup.get_text()
    assert "Too few conversations to rank" in said
    assert f"between {agent.low:.0f} and {agent.high:.0f}" in said
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in soup.select("tbody tr")]
    assert [(int(r[2]), int(r[3]), int(r[4]), int(r[5])) for r in rows] == [
        (c.shown, c.missed, c.breached, c.due) for c in agent.counts
    ]


def test_masked_display_holds_no_name_and_the_same_masks_each_time(scored: ConversationScore) -> None:
    redactor = Redactor()
    first = trustcoach.redacted(scored, redactor=redactor)._repr_html_()
    assert "Nadia" in scored._repr_html_()
    assert "Maya" in scored._repr_html_()
    assert not re.search("Nadia|Brandt|Maya", first)
    assert "[NAME_1]" in first
    assert "masked" in first
    assert trustcoach.redacted(scored, redactor=redactor)._repr_html_() == first


def test_the_console_gets_a_line_without_any_transcript(rules_only: Coach, scored: ConversationScore) -> None:
    live = rules_only.score_turn(scored.conversation.turns[1])
    for result in [scored, scored.turns[0], scored.advice[0], live, *trustcoach.agent_scores([scored])]:
        told = result._repr_mimebundle_()["text/plain"]
        assert told.startswith(f"<{type(result).__name__}")
        assert len(told) < 300
        assert "PIN" not in told
    assert "PIN" not in repr(trustcoach.redacted(scored))


def test_display_is_the_same_each_time(rules_only: Coach, scored: ConversationScore) -> None:
    assert rules_only.score(scored.conversation)._repr_html_() == scored._repr_html_()
    assert "0x" not in scored._repr_html_()
