"""Cuts a conversation into exchanges: what the customer said, and the reply it got."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trustcoach.conversation import Conversation, Role, Turn
from trustcoach.results import Finding

__all__ = ["Exchange", "Indexed", "exchanges"]


@dataclass(frozen=True, slots=True)
class Indexed:
    """A turn with its findings."""

    turn: Turn
    findings: tuple[Finding, ...]

    def having(self, cues: Iterable[str]) -> list[Finding]:
        wanted = set(cues)
        return [f for f in self.findings if f.cue in wanted]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A reply (the run of agent turns between two customer turns) and the customer turns that it answers.

    Attributes
    ----------
    asked: the customer turns since the reply before; empty when the agent speaks first.
    reply: the agent turns.
    opening: the first reply of a conversation whose beginning we have.
    closing: the last reply of the conversation, after which the customer said nothing more.
    """

    asked: tuple[Indexed, ...]
    reply: tuple[Indexed, ...]
    opening: bool
    closing: bool

    def in_reply(self, cues: Iterable[str]) -> list[Finding]:
        cues = set(cues)
        return [f for t in self.reply for f in t.having(cues)]

    def in_asked(self, cues: Iterable[str]) -> list[Finding]:
        cues = set(cues)
        return [f for t in self.asked for f in t.having(cues)]


def exchanges(conversation: Conversation, findings: Mapping[int, tuple[Finding, ...]]) -> list[Exchange]:
    """The exchanges of *conversation*; *findings* are keyed by turn index. Bot and system turns belong to none."""
    groups: list[tuple[list[Indexed], list[Indexed]]] = []
    asked: list[Indexed] = []
    reply: list[Indexed] = []
    for turn in conversation.turns:
        item = Indexed(turn, findings.get(turn.index, ()))
        if turn.role is Role.CUSTOMER:
            if reply:
                groups.append((asked, reply))
                asked, reply = [], []
            asked.append(item)
        elif turn.role is Role.AGENT:
            reply.append(item)
    trailing = bool(asked) and not reply
    if reply:
        groups.append((asked, reply))
    from_start = bool(conversation.turns) and conversation.turns[0].index == 0
    return [
        Exchange(
            asked=tuple(a),
            reply=tuple(r),
            opening=from_start and i == 0,
            closing=i == len(groups) - 1 and not trailing,
        )
        for i, (a, r) in enumerate(groups)
    ]
