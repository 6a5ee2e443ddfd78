"""What a transcript is to trustcoach: a conversation of turns, each with a role and a text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Conversation", "Role", "Turn"]


class Role(StrEnum):
    """Who speaks. Only `AGENT` is ever scored; `UNKNOWN` never silently becomes an agent."""

    AGENT = "agent"
    CUSTOMER = "customer"
    BOT = "bot"
    SYSTEM = "system"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message.

    Parameters
    ----------
    index: position in the conversation, counted from 0; a window cut from a longer conversation keeps its numbers.
    role: who speaks.
    text: the message as exported; all offsets in results count code points of this text.
    speaker: the name or id of the person, where the export tells.
    time: when it was sent, with a time zone, where the export tells.
    id: the message's own id, as text.
    """

    index: int
    role: Role
    text: str
    speaker: str | None = None
    time: datetime | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A whole conversation (or a window of one), its turns in order.

    Parameters
    ----------
    id: the conversation's id, always text.
    turns: the messages in order; internal notes are not among them.
    source: the file it was read from.
    channel: chat, e-mail, phone …, as exported.
    rating: the customer's own rating, as exported (`good`, `4`).
    tags: labels, as exported.
    """

    id: str
    turns: tuple[Turn, ...]
    source: str | None = None
    channel: str | None = None
    rating: str | None = None
    tags: tuple[str, ...] = ()
