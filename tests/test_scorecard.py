"""Scores: what counts, what does not, and how sure they are."""

from __future__ import annotations

import pytest
from conftest import talk
from hypothesis import given
from hypothesis import strategies as st

from trustcoach.judge import Judgement
from trustcoach.results import Outcome, Verdict
from trustcoach.scorecard import UNNAMED, Tallies, agent_scores, compare, score_conversation, score_verdicts

SHOWN, MISSED, BREACHED = Outcome.SHOWN, Outcome.MISSED, Outcome.BREACHED


def verdict(
    outcome: Outcome, *, turn: int = 1, weight: float = 1.0, critical: bool = False, name: str = "b"
) -> Verdict:
    return Verdict(turn, name, outcome, "", (), weight=weight, critical=critical)


def scored(ident: str, *outcomes: Outcome, speaker: str = "Maya", critical: bool = False):  # type: ignore[no-untyped-def]
    chat = (
        talk("customer: hi", f"agent {speaker}: hello", ident=ident)
        if speaker
        else talk("customer: hi", "agent: hello", ident=ident)
    )
    verdicts = tuple(verdict(o, critical=critical) for o in outcomes)
    return score_conversation(chat, Judgement((), verdicts, (), ()))


def test_nothing_applied_means_no_score() -> None:
    assert score_verdicts([]) == (None, (), None)


def test_missed_and_breached_earn_nothing() -> None:
    assert score_verdicts([verdict(SHOWN), verdict(MISSED), verdict(BREACHED), verdict(SHOWN)])[0] == 50


def test_weights_count() -> None:
    assert score_verdicts([verdict(SHOWN, weight=3), verdict(MISSED)])[0] == 75


def test_weight_nought_neither_raises_nor_lowers() -> None:
    assert score_verdicts([verdict(SHOWN), verdict(MISSED, weight=0)])[0] == 100
    assert score_verdicts([verdict(MISSED, weight=0)])[0] is None


def test_a_critical_breach_fails_and_the_score_before_is_kept() -> None:
    score, failed, before = score_verdicts([verdict(SHOWN, name="a"), verdict(BREACHED, critical=True, name="privacy")])
    assert (score, failed, before) == (0.0, ("privacy",), 50.0)


def test_a_critical_behaviour_missed_does_not_fail() -> None:
    assert score_verdicts([verdict(SHOWN), verdict(MISSED, critical=True)])[0] == 50


def test_agents_pool_verdicts_and_do_not_average_averages() -> None:
    agent = agent_scores([scored("a", SHOWN), scored("b", MISSED, MISSED, MISSED)])[0]
    assert agent.score == 25


def test_agents_below_the_minimum_are_not_ranked_and_one_conversation_has_no_interval() -> None:
    agent = agent_scores([scored("a", SHOWN, MISSED)], min_n=2)[0]
    assert (agent.ranked, agent.low, agent.high, agent.n) == (False, None, None, 1)


def test_an_agent_without_a_name_is_still_somebody() -> None:
    assert agent_scores([scored("a", SHOWN, speaker="")])[0].agent == UNNAMED


def test_turns_of_one_conversation_are_not_independent() -> None:
    alike = [scored(str(i), *([SHOWN] * 10 if i % 2 else [MISSED] * 10)) for i in range(10)]
    mixed = [scored(str(i), *[SHOWN, MISSED] * 5) for i in range(10)]
    clustered, spread = agent_scores(alike)[0], agent_scores(mixed)[0]
    assert clustered.score == spread.score == 50
    assert clustered.high - clustered.low > 2 * (spread.high - spread.low)


def test_consistency_tells_chance_from_character() -> None:
    moody = [scored(str(i), *([SHOWN] * 20 if i % 2 else [MISSED] * 20)) for i in range(20)]
    steady = [scored(str(i), *[SHOWN, MISSED] * 10) for i in range(20)]
    assert agent_scores(moody)[0].consistency < 0.1
    assert agent_scores(steady)[0].consistency == 1.0


def test_a_critical_breach_takes_the_conversation_out_of_what_was_earned() -> None:
    agent = agent_scores([scored("a", SHOWN, BREACHED, critical=True), scored("b", SHOWN)])[0]
    assert agent.failed == 1
    assert agent.score == pytest.approx(100 / 3, abs=0.01)


def test_agents_that_the_data_cannot_tell_apart() -> None:
    def tallies(good: int):  # type: ignore[no-untyped-def]
        t = Tallies()
        for i in range(40):
            t.add(scored(f"a{i}", *([SHOWN] * 3 + [MISSED]), speaker="Ana"))
            t.add(scored(f"b{i}", *([SHOWN] * good + [MISSED] * (4 - good)), speaker="Bo"))
        return compare(t.tallies())

    assert not tallies(3)[0].distinct
    assert tallies(0)[0].distinct


@given(st.lists(st.lists(st.sampled_from([SHOWN, MISSED, BREACHED]), min_size=1, max_size=6), min_size=2, max_size=12))
def test_the_interval_holds_the_score(conversations: list[list[Outcome]]) -> None:
    agent = agent_scores([scored(str(i), *c) for i, c in enumerate(conversations)])[0]
    assert 0 <= agent.low <= agent.score + 1e-3
    assert agent.score - 1e-3 <= agent.high <= 100
