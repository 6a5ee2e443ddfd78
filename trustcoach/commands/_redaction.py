"""The options of everything that shows or hands on what people said: what is masked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

__all__ = ["redaction_options"]

Command = TypeVar("Command", bound=Callable[..., Any])


def redaction_options(what: str) -> Callable[[Command], Command]:
    """Give a click command `--redact/--no-redact` and `--agent-names`, passed on as *redact* (None: not said) and *agent_names*.

    Parameters
    ----------
    what: what the command masks by default, for its help.
    """

    def give(command: Command) -> Command:
        command = click.option(
            "--agent-names", is_flag=True, help="Show agents by name where everybody else is masked."
        )(command)
        return click.option(
            "--redact/--no-redact",
            default=None,
            help=f"Mask names, e-mails, phones, addresses, card and account numbers and order ids, as in [NAME_1]. {what}",
        )(command)

    return give
