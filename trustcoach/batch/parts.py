"""Cuts a stream of conversations into parts, and writes a part to disk for another process to read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from trustcoach.conversation import Conversation, Role, Turn

__all__ = ["PART_TURNS", "Part", "cut", "read_part", "write_part"]

PART_TURNS = 10_000
"""A part is closed by the conversation with which it reaches so many turns."""


@dataclass(frozen=True, slots=True)
class Part:
    """Conversations that are scored together.

    Attributes
    ----------
    number: its place among the parts, from 0.
    conversations: in the order of the input.
    lines: the same, one line of JSON each.
    digest: SHA-256 of the lines; what the part holds, to the last character.
    turns: messages in all.
    """

    number: int
    conversations: Sequence[Conversation]
    lines: Sequence[str]
    digest: str
    turns: int


def cut(conversations: Iterable[Conversation], *, turns: int) -> Iterator[Part]:
    """The conversations in parts of some *turns* turns, each conversation whole; the same cuts for the same input."""
    number, held, size = 0, list[Conversation](), 0
    for conversation in conversations:
        held.append(conversation)
        size += len(conversation.turns)
        if size >= turns:
            yield _part(number, held, size)
            number, held, size = number + 1, [], 0
    if held:
        yield _part(number, held, size)


def write_part(part: Part, path: Path) -> None:
    """Write a part's conversations to *path*, to be read by `read_part`."""
    with path.open("w", encoding="ascii", newline="\n") as stream:
        stream.writelines(f"{line}\n" for line in part.lines)


def read_part(path: Path) -> Iterator[Conversation]:
    """The conversations that `write_part` wrote, exactly as they were."""
    with path.open(encoding="ascii") as lines:
        for line in lines:
            yield _decoded(json.loads(line))


def _part(number: int, held: Sequence[Conversation], size: int) -> Part:
    lines = [json.dumps(_encoded(conversation)) for conversation in held]
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode("ascii") + b"\n")
    return Part(number, held, lines, digest.hexdigest(), size)


def _encoded(c: Conversation) -> list[Any]:
    turns = [[t.index, t.role, t.text, t.speaker, t.time and t.time.isoformat(), t.id] for t in c.turns]
    return [c.id, c.source, c.channel, c.rating, c.tags, turns]


def _decoded(data: list[Any]) -> Conversation:
    ident, source, channel, rating, tags, turns = data
    return Conversation(
        ident,
        tuple(
            Turn(index, _ROLES[role], text, speaker, time and datetime.fromisoformat(time), message)
            for index, role, text, speaker, time, message in turns
        ),
        source,
        channel,
        rating,
        tuple(tags),
    )


_ROLES = {str(role): role for role in Role}
