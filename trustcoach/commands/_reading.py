"""The command-line options of everything that reads transcripts, and the `ReadOptions` they make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from trustcoach.errors import SettingsError
from trustcoach.reading.options import COLUMNS, ReadOptions

__all__ = ["READING", "pairs", "read_options", "reading_options"]

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--from", "format_name", metavar="FORMAT", help="The format; found out by content if not given."),
    click.option("--agent", "agents", multiple=True, metavar="NAME", help="Somebody who is an agent. May be repeated."),
    click.option("--customer", "customers", multiple=True, metavar="NAME", help="Somebody who is a customer."),
    click.option("--bot", "bots", multiple=True, metavar="NAME", help="Somebody who is a machine."),
    click.option(
        "--map",
        "columns",
        multiple=True,
        metavar="WHAT=COLUMN",
        help=f"Which column of a table holds what, such as text=Nachricht. WHAT is one of: {', '.join(COLUMNS)}.",
    ),
    click.option("--role-column", metavar="COLUMN", help="The same as --map role=COLUMN."),
    click.option(
        "--role-word",
        "role_words",
        multiple=True,
        metavar="WORD=ROLE",
        help="What a word in the role column means, such as Beraterin=agent.",
    ),
    click.option("--timezone", default="UTC", show_default=True, metavar="ZONE", help="Of times without one."),
    click.option("--dayfirst/--monthfirst", "dayfirst", default=None, help="How to read 03/04/2025."),
    click.option("--private-pattern", metavar="REGEX", help="Messages in which this is found are internal notes."),
    click.option("--encoding", metavar="NAME", help="The text encoding; found out if not given."),
    click.option(
        "--assistant-role",
        type=click.Choice(["agent", "bot"]),
        default="agent",
        show_default=True,
        help="How to read the assistant in the chat log of a language model.",
    ),
    click.option("--keep-quoted", is_flag=True, help="Keep quoted e-mail history and signatures."),
)


READING = frozenset(
    [
        "format_name",
        "agents",
        "customers",
        "bots",
        "columns",
        "role_column",
        "role_words",
        "timezone",
        "dayfirst",
        "private_pattern",
        "encoding",
        "assistant_role",
        "keep_quoted",
    ]
)
"""The names of the arguments that the reading options pass on."""


def reading_options(command: Command) -> Command:
    """Give a click command the options for reading; it passes them on as `read_options(**arguments)`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_options(
    *,
    format_name: str | None,
    agents: Sequence[str],
    customers: Sequence[str],
    bots: Sequence[str],
    columns: Sequence[str],
    role_column: str | None,
    role_words: Sequence[str],
    timezone: str,
    dayfirst: bool | None,
    private_pattern: str | None,
    encoding: str | None,
    assistant_role: str,
    keep_quoted: bool,
) -> ReadOptions:
    """The `ReadOptions` that the options of a command line stand for."""
    mapped = pairs(columns, "--map", "WHAT=COLUMN, such as text=Nachricht")
    if role_column is not None:
        mapped["role"] = role_column
    return ReadOptions(
        format=format_name,
        agents=tuple(agents),
        customers=tuple(customers),
        bots=tuple(bots),
        columns=mapped,
        role_words=pairs(role_words, "--role-word", "WORD=ROLE, such as Beraterin=agent"),
        timezone=timezone,
        dayfirst=dayfirst,
        private_pattern=private_pattern,
        encoding=encoding,
        assistant_role=assistant_role,
        keep_quoted=keep_quoted,
    )


def pairs(given: Sequence[str], option: str, shape: str) -> dict[str, str]:
    """The values of an option that takes NAME=VALUE and may be repeated."""
    found = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise SettingsError(f"{option} takes {shape}; {pair!r} is not of that shape.")
        found[name.strip()] = value.strip()
    return found
