"""The terminal: colour where it has colour, plain text in a pipe or with NO_COLOR."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["busy", "console"]


def console(*, stderr: bool = False) -> Console:
    """Standard output or standard error as a console that writes what it is given and colours nothing by itself."""
    from rich.console import Console

    return Console(
        stderr=stderr, highlight=False, markup=False, color_system=None if os.environ.get("NO_COLOR") else "auto"
    )


@contextmanager
def busy(what: str, *, hidden: bool) -> Iterator[Callable[[int, int], None]]:
    """A line on standard error that tells *what* goes on, if that is a terminal and it is not *hidden*; gives the function
    to tell how many of how many conversations are done."""
    errors = console(stderr=True)
    if hidden or not errors.is_terminal:
        yield lambda done, of: None
        return
    with errors.status(f"{what} …") as status:
        yield lambda done, of: status.update(f"{what}: {done:,} of {of:,} conversations")
