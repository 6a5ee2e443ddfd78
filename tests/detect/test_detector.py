"""However a conversation is looked at – alone, with others, or growing turn by turn – the same is found in it."""

from __future__ import annotations

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from trustcoach.conversation import Conversation, Role, Turn
from trustcoach.detect.detector import Detector
from trustcoach.pipeline import Coach
from trustcoach.read import read_conversations


@pytest.fixture(scope="module")
def samples() -> list[Conversation]:
    return list(read_conversations(ROOT / "data" / "samples"))


def fresh(coach: Coach) -> Detector:
    return Detector(coach.catalogue, classifier=coach.detector.classifier)


def test_alone_and_together(coach: Coach, samples: list[Conversation]) -> None:
    alone = fresh(coach)
    assert fresh(coach).detect_many(samples) == [alone.detect(c) for c in samples]
    assert alone.detect_many(samples) == [alone.detect(c) for c in samples]


def test_growing_turn_by_turn(coach: Coach, samples: list[Conversation]) -> None:
    growing = fresh(coach)
    for conversation in samples[:12]:
        for end in range(1, len(conversation.turns) + 1):
            so_far = Conversation("live", conversation.turns[:end])
            assert growing.detect(so_far) == coach.detector.detect_many([so_far])[0]


turns = st.lists(
    st.tuples(
        st.sampled_from([Role.AGENT, Role.CUSTOMER, Role.BOT]),
        st.sampled_from(
            [
                "hi",
                "Thank you.",
                "it broke again",
                "Sorry to hear that! Which one?",
                "no thanks",
                "Only today, decide now.",
            ]
        ),
    ),
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(turns, st.sampled_from([0, 7]))
def test_what_is_remembered_fits_its_place(coach: Coach, said: list[tuple[Role, str]], first: int) -> None:
    conversation = Conversation("c", tuple(Turn(first + i, role, text) for i, (role, text) in enumerate(said)))
    assert coach.detector.detect(conversation) == coach.detector.detect_many([conversation])[0]
