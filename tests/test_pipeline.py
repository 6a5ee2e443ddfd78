"""The library as an engineer uses it: a coach built once, conversations and live turns scored."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import talk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trustcoach import Coach, Conversation, Role, Turn
from trustcoach.errors import CatalogueError, ModelError
from trustcoach.results import Outcome

NAMED = ["I understand how you feel", "I know what you mean", "How can I help you?", "I am here to help you."]


@pytest.mark.parametrize("phrase", NAMED)
@pytest.mark.parametrize("change", [str, str.upper, lambda s: s.replace(" ", "  "), lambda s: s.replace(" ", "\n", 1)])
def test_the_supportive_phrases_of_the_source_are_found(rules_only: Coach, phrase: str, change) -> None:  # type: ignore[no-untyped-def]
    found = rules_only.score(talk("customer: hello there", f"agent: {change(phrase)}")).findings
    assert any(f.cue.startswith("support.") and f.turn == 1 for f in found)


@pytest.mark.parametrize(
    "text",
    [
        "I don't understand how you feel about this.",
        'What do you mean by "I know what you mean"?',
        'You wrote "how can I help you" and then left.',
    ],
)
def test_negation_quotation_and_questions_are_not_cues(rules_only: Coach, text: str) -> None:
    found = rules_only.score(talk("customer: hello there", f"agent: {text}")).findings
    assert not [f for f in found if f.cue.startswith("support.") and f.turn == 1]


def test_only_agents_are_scored(coach: Coach) -> None:
    chat = talk(
        "bot: How can I help you?", "system: I understand how you feel", "unknown: I am here to help", "customer: ok"
    )
    scored = coach.score(chat)
    assert scored.score is None
    assert scored.turns == ()


def test_a_live_turn_is_scored_with_its_context(coach: Coach) -> None:
    before = (Turn(0, Role.CUSTOMER, "I'm really upset, this is the third time it broke"),)
    live = coach.score_turn(Turn(1, Role.AGENT, "Send me the order number."), before)
    assert any(a.behaviour == "support.empathy" and a.outcome is Outcome.MISSED for a in live.advice)


def test_advice_quotes_says_what_was_due_and_offers_wording(coach: Coach) -> None:
    scored = coach.score(talk("customer: this is awful, I am so angry", "agent: Send the order number."))
    advice = next(a for a in scored.advice if a.behaviour == "support.empathy")
    assert advice.quote == "Send the order number."
    assert advice.text
    assert advice.why
    assert advice.wording


def test_own_rules_and_weights(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'id = "support.help_offer"\n[[shown]]\nrule = "house-greeting"\nphrases = ["at your service captain"]\n'
        '[[example]]\nagent = "At your service, captain!"\nfinds = ["house-greeting"]\n',
        encoding="utf-8",
    )
    coach = Coach(rules=[own], weights={"support.help_offer": 3}, classifier=False)
    scored = coach.score(talk("customer: hey", "agent: At your service, captain!"))
    verdict = next(v for v in scored.verdicts if v.behaviour == "support.help_offer")
    assert (verdict.outcome, verdict.weight) == (Outcome.SHOWN, 3.0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('id = "nothing"\n', "neither a cue nor a behaviour"),
        ('id = "support.empathy"\n[[shown]]\nrule = "x"\nphrases = ["a (b"]\n', "bracket"),
        ('id = "support.empathy"\n[[shown]]\nrule = "x"\nphrase = ["a b"]\n', "neither phrases nor tokens"),
        ('id = "support.empathy"\n[[shown]]\nrule = "x"\nphrases = ["a b"]\ntypo = 1\n', "unknown key"),
        ('id = "support.empathy"\n[[shown]]\nrule = "x"\ntokens = [[{LEMMA = "be"}]]\n', "never matches"),
        ('id = "support.empathy"\n[[shown]]\nrule = "x"\ntokens = [[{LOWER = "I"}]]\n', "lower-case"),
        ("id = ", "not valid TOML"),
    ],
)
def test_bad_rules_are_refused_with_file_and_reason(tmp_path: Path, text: str, says: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=says) as error:
        Coach(rules=[own], classifier=False)
    assert "own.toml" in str(error.value)


def test_unknown_behaviours_in_weights_are_refused() -> None:
    with pytest.raises(CatalogueError, match=r"support\.empathie"):
        Coach(weights={"support.empathie": 2}, classifier=False)


def test_a_foreign_model_is_refused_unless_trusted(tmp_path: Path, coach: Coach) -> None:
    from shutil import copytree

    from trustcoach.resources import model_folder

    copy = copytree(model_folder("en"), tmp_path / "en")
    with pytest.raises(ModelError, match="trust"):
        Coach(model_folder=copy)
    chat = talk("customer: it broke", "agent: sorry about the delay, let me check")
    assert Coach(model_folder=copy, trust_model=True).score(chat) == coach.score(chat)


def test_an_altered_model_is_never_opened(tmp_path: Path) -> None:
    from shutil import copytree

    from trustcoach.resources import model_folder

    copy = copytree(model_folder("en"), tmp_path / "en")
    with (copy / "classifier.joblib").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(ModelError, match="SHA-256"):
        Coach(model_folder=copy, trust_model=True)


def test_the_same_input_gives_the_same_result_whatever_came_before(coach: Coach) -> None:
    chat = talk("customer: where is my order", "agent: One moment while I check.", "agent: It left on Monday.")
    first = coach.score(chat)
    coach.score(talk("customer: other", "agent: Take the gold plan, today only!"))
    assert coach.score(chat) == first == Coach().score(chat)


roles = st.sampled_from(list(Role))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(roles, st.text(max_size=80)), max_size=8))
def test_any_text_can_be_scored(coach: Coach, lines: list[tuple[Role, str]]) -> None:
    chat = Conversation("any", tuple(Turn(i, role, text) for i, (role, text) in enumerate(lines)))
    scored = coach.score(chat)
    texts = {t.index: t.text for t in chat.turns}
    assert all(texts[f.turn][f.start : f.end] == f.text for f in scored.findings)
    assert scored.score is None or 0 <= scored.score <= 100
