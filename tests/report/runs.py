"""What the report's tests share: runs written to a folder."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from trustcoach.batch import score_to
from trustcoach.conversation import Conversation, Role, Turn
from trustcoach.pipeline import Coach
from trustcoach.read import ReadingReport

__all__ = ["GOLDEN_RUN", "HOSTILE", "hostile", "said", "team", "write_run"]

GOLDEN_RUN = Path(__file__).parent / "run"
START = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
HOSTILE = (
    "<script>document.title='owned';window.owned=1</script>",
    "</script><script>window.owned=1</script><img src=x onerror=window.owned=1>",
    "{{7*7}} {% raw %} ${7*7} <!-- <![CDATA[ ]]> &lt;b&gt;",
    "w" * 4000,
    "مرحبا، طلبي لم يصل بعد \u202eabc\u202c",
    "😀👩‍👩‍👧 sorry to hear that 𝒳",
    "line\u2028separator\u2029and\x00nul\x1b[31m",
)


def said(ident: str, *lines: tuple[str, str | None, str], start: datetime | None = START) -> Conversation:
    """A conversation from (role, speaker, text), a minute apart."""
    turns = tuple(
        Turn(i, Role(role), text, speaker=speaker, time=start + timedelta(minutes=i) if start else None)
        for i, (role, speaker, text) in enumerate(lines)
    )
    return Conversation(ident, turns)


def team(number: int) -> Iterable[Conversation]:
    """A small team over some weeks; every third conversation asks for a secret."""
    for i in range(number):
        agent = ("Maya Okafor", "Tom Whitfield", None)[i % 3] if i % 7 else "Elif Demir"
        asked = "Send me your password and PIN please." if i % 3 == 0 else "I will check it now and call you by 5 pm."
        yield said(
            f"chat-{i:05}",
            ("customer", "Anna Lee", "I'm so upset, my parcel is late again. My mail is anna.lee@example.org"),
            ("agent", agent, f"Hi Anna, I'm sorry to hear that, that must be frustrating. {asked}"),
            ("customer", "Anna Lee", f"ok, order AB-{10000 + i}, phone +44 7700 900{i % 1000:03}"),
            ("agent", agent, "Thank you for your patience. Is there anything else I can help you with?"),
            start=START + timedelta(days=i % 40),
        )


def hostile() -> Iterable[Conversation]:
    """Conversations that would break a careless page."""
    for i, text in enumerate(HOSTILE):
        yield said(
            f"bad-{i}",
            ("customer", text[:60], f"{text} I'm so upset"),
            ("agent", text[:60], f"{text} I'm sorry to hear that. Send me your password. {text}"),
        )
    yield said("<script>id</script>/#?&", ("customer", None, "hello"), ("agent", None, "How can I help?"))
    yield said("no-agent", ("unknown", "X", "hello"), ("system", None, "joined"))
    yield said(
        "long",
        *(
            (("customer", None, f"I'm upset {i}") if i % 2 == 0 else ("agent", "Maya", f"Sorry to hear that {i}"))
            for i in range(10_000)
        ),
        start=None,
    )


def write_run(
    coach: Coach, conversations: Iterable[Conversation], folder: Path, *, formats: tuple[str, ...] = ("parquet",)
) -> Path:
    """Score and write a run; the folder."""
    score_to(conversations, coach, out=folder, formats=formats, report=ReadingReport(), min_n=3)
    return folder
