"""The terminal: colour where it has colour, plain text in a pipe or with NO_COLOR."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["console"]


def console(*, stderr: bool = False) -> Console:
    """Standard output or standard error as a console that writes what it is given and colours nothing by itself."""
    from rich.console import Console

    return Console(
        stderr=stderr, highlight=False, markup=False, color_system=None if os.environ.get("NO_COLOR") else "auto"
    )
