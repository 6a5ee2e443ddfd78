"""Cuts a conversation into exchanges: what the customer said, and the reply it got."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from trustcoach.conversation import Conversation, Role, Turn
from trustcoach.results import Finding

__all__ = ["Exchange", "Indexed", "exchanges"]


@dataclass(frozen=True, slots=True)
class Indexed:
    """A turn with its findings, and the cues among them."""

    turn: Turn
    findings: tuple[Finding, ...]
    cues: frozenset[str]

    def having(self, cues: Collection[str]) -> list[Finding]:
        return [] if self.cues.isdisjoint(cues) else [f for f in self.findings if f.cue in cues]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A reply (the run of agent turns between two customer turns) and the customer turns that it answers.

    Attributes
    ----------
    asked: the customer turns since the reply before; empty when the agent speaks first.
    reply: the agent turns.
    asked_cues, reply_cues: the cues found in them.
    opening: the first reply of a conversation whose beginning we have.
    closing: the last reply of the conversation, after which the customer said nothing more.
    """

    asked: tuple[Indexed, ...]
    reply: tuple[Indexed, ...]
    asked_cues: frozenset[str]
    reply_cues: frozenset[str]
    opening: bool
    closing: bool

    def in_reply(self, cues: Collection[str]) -> list[Finding]:
        return [] if self.reply_cues.isdisjoint(cues) else [f for t in self.reply for f in t.having(cues)]

    def in_asked(self, cues: Collection[str]) -> list[Finding]:
        return [] if self.asked_cues.isdisjoint(cues) else [f for t in self.asked for f in t.having(cues)]


def exchanges(conversation: Conversation, findings: Mapping[int, tuple[Finding, ...]]) -> list[Exchange]:
    """The exchanges of *conversation*; *findings* are keyed by turn index. Bot and system turns belong to none."""
    groups: list[tuple[list[Indexed], list[Indexed]]] = []
    asked: list[Indexed] = []
    reply: list[Indexed] = []
    for turn in conversation.turns:
        found = findings.get(turn.index, ())
        item = Indexed(turn, found, frozenset([f.cue for f in found]))
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
            asked_cues=frozenset().union(*[t.cues for t in a]),
            reply_cues=frozenset().union(*[t.cues for t in r]),
            opening=from_start and i == 0,
            closing=i == len(groups) - 1 and not trailing,
        )
        for i, (a, r) in enumerate(groups)
    ]
