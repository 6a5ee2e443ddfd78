"""A conversation while it is being read: what a format says, before anything is decided about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.options import ReadOptions
from trustcoach.reading.report import ReadingReport
from trustcoach.reading.times import Clock

__all__ = ["Context", "Draft", "Message", "Person"]


@dataclass(slots=True, kw_only=True)
class Message:
    """One entry of an export, of any kind.

    Parameters
    ----------
    text: as exported; `html` tells whether it is HTML, `mail` whether it may hold quoted history.
    role, speaker, speaker_id, time, id: as far as the export tells.
    kind: `message`, `note` (internal, never scored) or `event`.
    automated: sent by a machine in the name of the company.
    redacted, deleted, edited: what happened to it later.
    attachments: how many files it carries.
    index: the position given by the file, where it has to be kept.
    """

    text: str = ""
    role: Role = Role.UNKNOWN
    speaker: str | None = None
    speaker_id: str | None = None
    time: datetime | None = None
    id: str | None = None
    kind: str = "message"
    automated: bool = False
    redacted: bool = False
    deleted: bool = False
    edited: bool = False
    html: bool = False
    mail: bool = False
    attachments: int = 0
    index: int | None = None


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody who takes part: the name, and the role if the export tells."""

    name: str | None = None
    role: Role = Role.UNKNOWN


@dataclass(slots=True, kw_only=True)
class Draft:
    """A conversation, or a part of one, as a format reads it.

    Parameters
    ----------
    id: the conversation's id; without one it is named after its file and place.
    partial: whether further parts with the same id may follow; parts are put together before anything else is done.
    exact: the texts and indices are ours already and are left as they are.
    ordered: the file's order holds even against the times.
    fallback: the message to use when there is no other, such as a ticket's description.
    people: who takes part, by id, as far as this part of the export tells.
    customer_ids: the ids of the customer; everybody else without a role then has the role `others`.
    """

    id: str | None = None
    where: str = ""
    messages: list[Message] = field(default_factory=list)
    channel: str | None = None
    rating: str | None = None
    tags: tuple[str, ...] = ()
    partial: bool = False
    exact: bool = False
    ordered: bool = False
    fallback: Message | None = None
    people: dict[str, Person] = field(default_factory=dict)
    customer_ids: tuple[str, ...] = ()
    others: Role = Role.UNKNOWN

    def add(self, other: Draft) -> None:
        """Take in another part of the same conversation."""
        self.messages += other.messages
        self.channel = self.channel or other.channel
        self.rating = self.rating or other.rating
        self.tags = self.tags + tuple(tag for tag in other.tags if tag not in self.tags)
        self.ordered = self.ordered and other.ordered
        self.fallback = self.fallback or other.fallback
        self.people |= other.people
        self.customer_ids += other.customer_ids
        self.others = other.others if self.others is Role.UNKNOWN else self.others


@dataclass(slots=True)
class Context:
    """What a format module gets beside its source: the options, the report, the clock and the people met so far."""

    options: ReadOptions
    report: ReadingReport
    clock: Clock
    file: str
    people: dict[str, Person] = field(default_factory=dict)
    cache: dict[str, Any] = field(default_factory=dict)

    def unreadable(self, where: str, what: str, remedy: str | None = None) -> None:
        """Count a record that cannot be read, and say where it is."""
        self.report.count("unreadable")
        self.report.problem(self.file, where, what, remedy)

    def guess(self, what: str) -> None:
        """Note something that was inferred."""
        self.report.guess(what)

    def safely(self, where: str, read: Callable[[], Draft | None]) -> Draft | None:
        """Run *read*; a record that is not shaped as its format says is counted instead of stopping the file."""
        try:
            return read()
        except (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError, RecursionError) as error:
            self.unreadable(where, f"The record is not shaped as its format says ({type(error).__name__}).")
            return None
