"""Redaction: what is masked, what is left, and that places stay right."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustcoach.conversation import Conversation, Role, Turn
from trustcoach.redact import Redactor

SECRETS = [
    "jo.smith@example.co.uk",
    "+44 7700 900123",
    "(555) 123-4567",
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "order AB-12345",
    "#998877",
    "14 Elm Street",
    "Hauptstraße 12",
    "LS1 4AB",
    "@mel_r_88",
    "Okonkwo",
    "Anna",
]


def mask(text: str, *, speaker: str | None = None, role: str = "customer") -> str:
    return Redactor().conversation([(role, speaker, text)]).plain(text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Mail me at jo@x.org please", "Mail me at [EMAIL_1] please"),
        ("call +44 7700 900123 now", "call [PHONE_1] now"),
        ("my number is 07700 900123.", "my number is [PHONE_1]."),
        ("Card 4111-1111-1111-1111 declined", "Card [CARD_1] declined"),
        ("the card ending in 4242", "the card ending in [CARD_1]"),
        ("IBAN GB29 NWBK 6016 1331 9268 19", "IBAN [ACCOUNT_1]"),
        ("Account number: 99887766", "Account number: [ACCOUNT_1]"),
        ("order #AB-12345 and order AB-12345", "order #[ORDER_1] and order [ORDER_1]"),
        ("Tracking no. JD0002 1, ok", "Tracking no. [ORDER_1] 1, ok"),
        ("I live at 14 Elm Street, Leeds LS1 4AB", "I live at [ADDRESS_1]"),
        ("Musterstraße 5, 10115 Berlin bitte", "[ADDRESS_1] bitte"),
        ("Hi Anna, thanks", "Hi [NAME_1], thanks"),
        ("Dear Mrs Okonkwo, hello. Okonkwo's parcel", "Dear Mrs [NAME_1], hello. [NAME_1]'s parcel"),
        ("my name is jo smith ok", "my name is [NAME_1] ok"),
        ("I spoke with Jessica yesterday", "I spoke with [NAME_1] yesterday"),
        ("from Greta Lund, not Lund's", "from [NAME_1], not [NAME_1]'s"),
        ("We'll look into it -Stu", "We'll look into it -[NAME_1]"),
    ],
)
def test_masks(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "It costs £1,234.50, or 20% less from 12/03/2024 at 10:30.",
        "Within 2 to 3 days, 24 hours at most.",
        "Sorry I'm late. I'm German. Thanks Again! Hi there. It's Friday.",
        "Good morning, how can I help? I will mark it as done in may.",
        "Open 2019-2024, see 2024-05-01.",
        "{{7*7}} <script>alert(1)</script> 😀 مرحبا",
        "",
    ],
)
def test_leaves_alone(text: str) -> None:
    assert mask(text) == text


def test_the_same_person_has_one_mask_in_a_conversation() -> None:
    turns = [
        ("agent", "Maya Okafor", "Hi Anna, I'm Maya."),
        ("customer", "Anna Lee", "hi maya, Ms Lee here"),
        ("bot", "Helpbot", "Helpbot says hi to Anna Lee"),
    ]
    masks = Redactor().conversation(turns)
    assert masks.speaker("agent", "Maya Okafor") == "[AGENT_1]"
    assert [masks.plain(t) for _, _, t in turns] == [
        "Hi [NAME_1], I'm [AGENT_1].",
        "hi [AGENT_1], Ms [NAME_1] here",
        "Helpbot says hi to [NAME_1]",
    ]
    assert masks.speaker("bot", "Helpbot") == "Helpbot"
    assert masks.speaker("customer", "Customer") == "Customer"
    assert masks.speaker("customer", None) is None
    assert masks.speaker("customer", "anna@x.org") == "[EMAIL_1]"


def test_agents_can_keep_their_names() -> None:
    turns = [("agent", "Maya Okafor", "Hi Anna, I'm Maya.")]
    masks = Redactor(agent_names=True).conversation(turns)
    assert masks.speaker("agent", "Maya Okafor") == "Maya Okafor"
    assert masks.plain(turns[0][2]) == "Hi [NAME_1], I'm Maya."


def test_masks_are_the_same_in_every_conversation() -> None:
    redactor = Redactor()
    first = redactor.conversation([("customer", None, "a@x.org b@x.org")])
    second = redactor.conversation([("customer", None, "b@x.org")])
    assert first.plain("a@x.org b@x.org") == "[EMAIL_1] [EMAIL_2]"
    assert second.plain("b@x.org") == "[EMAIL_2]"
    assert redactor.counts() == {"EMAIL": 2}


def test_masks_made_before_stay_and_new_ones_get_new_numbers() -> None:
    turns = [("agent", "Maya Okafor", "Hi [NAME_2], I'm Maya. Mail [EMAIL_1], Anna, order [ORDER_12345]")]
    redactor = Redactor(after={"NAME": 2, "EMAIL": 1})
    masks = redactor.conversation(turns)
    assert masks.plain(turns[0][2]) == "Hi [NAME_2], I'm [AGENT_1]. Mail [EMAIL_1], [NAME_3], order [ORDER_12345]"
    assert masks.speaker("customer", "[NAME_2]") == "[NAME_2]"
    assert redactor.counts() == {"AGENT": 1, "EMAIL": 1, "NAME": 3}


def test_ids_keep_their_numbers_but_not_people() -> None:
    masks = Redactor().conversation([("customer", "Anna Lee", "hi"), ("agent", "tom@team.org", "hi")])
    for ident in ("ticket-1234567", "1234567890", "2025-00012345", "550e8400-e29b-41d4-a716-446655440000", "#4711"):
        assert masks.ident(ident) == ident
    assert masks.ident("Chat with Anna Lee, +44 7700 900123") == "Chat with [NAME_1], [PHONE_1]"
    assert masks.speaker("agent", "tom@team.org") == "[AGENT_1]"
    assert [masks.ident(i) for i in ("a@x.org", "A@x.org", "a@x.org")] == ["[EMAIL_1]", "[EMAIL_1] (2)", "[EMAIL_1]"]


def test_conversations() -> None:
    turns = (
        Turn(0, Role.CUSTOMER, "Anna here", speaker="Anna Lee", id="<1.anna@x.org>"),
        Turn(1, Role.AGENT, "Hi Anna", speaker="Maya"),
    )
    conversation = Conversation("447", turns, rating="5, from anna@x.org", tags=("vip", "Anna Lee"))
    masked = Redactor().masked(conversation)
    assert [(t.text, t.speaker, t.id) for t in masked.turns] == [
        ("[NAME_1] here", "[NAME_1]", "<[EMAIL_1]>"),
        ("Hi [NAME_1]", "[AGENT_1]", None),
    ]
    assert (masked.id, masked.rating, masked.tags) == ("447", "5, from [EMAIL_2]", ("vip", "[NAME_1]"))
    assert conversation.turns == turns


def test_names_that_are_everyday_words_need_a_capital() -> None:
    turns = [("agent", "Will May", "I will see what I may do. Will.")]
    assert Redactor().conversation(turns).plain(turns[0][2]) == "I will see what I may do. [AGENT_1]."


def test_names_in_scripts_without_spaces() -> None:
    turns = [("customer", "王伟", "我是王伟您好")]
    assert Redactor().conversation(turns).plain(turns[0][2]) == "我是[NAME_1]您好"


pieces = st.lists(
    st.one_of(
        st.sampled_from(
            [*SECRETS, "Hi ", "my name is ", " ", ", ", "\n", ". ", "😀", "שלום", "we'll check", "12", "@", "#"]
        ),
        st.text(max_size=8),
    ),
    max_size=14,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(pieces, st.data())
def test_spans_stay_right(text: str, data: st.DataObject) -> None:
    masked = Redactor().conversation([("customer", "Anna Lee", text)]).text(text)
    at = length = 0
    for start, end, first, last in masked.edits:
        assert text[at:start] == masked.text[length:first]
        assert re.fullmatch(r"\[[A-Z]+_\d+\]", masked.text[first:last])
        assert start < end
        at, length = end, last
    assert text[at:] == masked.text[length:]
    again = Redactor().conversation([("customer", "Anna Lee", masked.text)]).text(masked.text)
    for _, _, first, last in masked.edits:
        assert not any(a < last and first < b for a, b, _, _ in again.edits)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = masked.span(start, end)
    assert 0 <= first <= last <= len(masked.text)
    if not any(a < end and start < b for a, b, _, _ in masked.edits):
        assert masked.text[first:last] == text[start:end]
    for a, b, c, d in masked.edits:  # a mask that is touched is taken in whole
        if start < end and a < end and start < b:
            assert first <= c
            assert d <= last


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(["we", "checked", "it", ".", ",", "and", "then", "you", "said"]), max_size=6))
def test_secrets_do_not_survive_among_words(words: list[str]) -> None:
    for secret in SECRETS[:11]:
        text = " ".join([*words, secret, *words])
        assert secret not in mask(text)
