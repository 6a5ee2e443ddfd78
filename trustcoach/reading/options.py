"""What a caller may say about the files to read."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from trustcoach.conversation import Role
from trustcoach.errors import SettingsError

__all__ = ["COLUMNS", "ReadOptions"]

COLUMNS = (
    "conversation_id",
    "message_id",
    "order",
    "role",
    "speaker",
    "text",
    "timestamp",
    "private",
    "agent",
    "customer",
    "rating",
    "channel",
    "tags",
)
"""The columns that a table of messages can have, by the names that `ReadOptions.columns` takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read files that do not tell everything themselves.

    Parameters
    ----------
    format: a format's name (`trustcoach formats` lists them); `None` detects it from the content of each file.
    agents, customers, bots: names (or ids) of people whose role is known; they win over what a file says.
    columns: canonical column name to column name, such as `{"text": "Nachricht"}`; the names are those of `COLUMNS`.
    role_words: a word in the role column to the role it stands for, such as `{"berater": "agent"}`.
    timezone: the time zone of times that come without one.
    dayfirst: whether 03/04 is the 3rd of April; `None` infers it for each file and reports it.
    private_pattern: a regular expression; messages that it finds something in are internal notes.
    encoding: the text encoding; `None` detects it for each file.
    assistant_role: whether the `assistant` of a model's chat log is judged as an agent or set apart as a bot.
    keep_quoted: keep quoted e-mail history and signatures in the text.
    """

    format: str | None = None
    agents: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    bots: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    role_words: Mapping[str, str] = field(default_factory=dict)
    timezone: str = "UTC"
    dayfirst: bool | None = None
    private_pattern: str | None = None
    encoding: str | None = None
    assistant_role: str = "agent"
    keep_quoted: bool = False

    def __post_init__(self) -> None:
        for name in self.columns:
            if name not in COLUMNS:
                raise SettingsError(f"There is no column called {name!r}; the columns are {', '.join(COLUMNS)}.")
        for role in self.role_words.values():
            if role not in [*Role]:
                raise SettingsError(f"{role!r} is not a role; the roles are {', '.join(Role)}.")
        if self.assistant_role not in ("agent", "bot"):
            raise SettingsError(f"An assistant can be read as agent or bot, not as {self.assistant_role!r}.")
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            raise SettingsError(f"{self.timezone!r} is not a time zone; give one such as Europe/Berlin.") from None
        if self.encoding is not None:
            try:
                codecs.lookup(self.encoding)
            except LookupError:
                raise SettingsError(f"{self.encoding!r} is not a text encoding; give one such as cp1252.") from None
        if self.private_pattern is not None:
            try:
                re.compile(self.private_pattern)
            except re.error as error:
                raise SettingsError(f"The pattern for internal notes is not a regular expression: {error}.") from None
