"""What the tests of whole runs share: chats to score, and what a run wrote."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from trustcoach.conversation import Conversation, Role, Turn

__all__ = ["PART", "chats", "same", "write_csv", "wrote"]

PART = 100
"""Turns in a part, so that a small input has many."""

_LINES = (
    ("customer", "My parcel is late again, this is so frustrating."),
    ("agent", "I'm so sorry to hear that, let me check for you."),
    ("customer", "ok, order {n}"),
    ("agent", "Take the gold plan, today only! It is {n} cheaper."),
    ("agent", "One moment please, I will call you back by {n} pm."),
    ("customer", "no thanks"),
    ("agent", "Please send me your password and the number {n}."),
    ("agent", "Is there anything else I can help you with?"),
)


def chats(number: int, *, seed: int = 1) -> list[Conversation]:
    """Made-up conversations of two to eight turns, most of them different from each other."""
    rng = random.Random(seed)
    made = []
    for i in range(number):
        lines = [_LINES[0], *rng.sample(_LINES, rng.randint(1, 7))]
        turns = tuple(
            Turn(t, Role(role), text.format(n=rng.randint(1, 999)), f"{role} {rng.randint(1, 4)}")
            for t, (role, text) in enumerate(lines)
        )
        made.append(Conversation(f"{i:04}", turns))
    return made


def write_csv(path: Path, conversations: Sequence[Conversation], *, scattered: bool = False) -> Path:
    """A table of messages; *scattered*: the rows of conversations lie apart, yet each conversation's in order."""
    rows = [[(c.id, t.role, t.speaker, t.text) for t in c.turns] for c in conversations]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["conversation_id", "role", "speaker", "text"])
        writer.writerows(_apart(rows) if scattered else (row for chat in rows for row in chat))
    return path


def _apart(rows: list[list[tuple[str, ...]]]) -> Iterator[tuple[str, ...]]:
    """First messages in the order of the conversations, the rest anywhere later."""
    rng = random.Random(2)
    yield from (chat[0] for chat in rows)
    waiting = [chat[1:] for chat in rows if chat[1:]]
    while waiting:
        chat = waiting[rng.randrange(len(waiting))]
        yield chat.pop(0)
        waiting = [chat for chat in waiting if chat]


def wrote(folder: Path) -> dict[str, bytes]:
    """The files of a folder of results."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def same(one: Path, other: Path, *, but: Sequence[str] = ()) -> bool:
    """Whether two folders of results hold the same bytes."""
    left, right = wrote(one), wrote(other)
    return left.keys() == right.keys() and all(left[name] == right[name] for name in left if name not in but)
