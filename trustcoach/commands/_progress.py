"""How a long run shows how far it is: turns, turns a second, and the time left where the size of the input is known."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from trustcoach.batch import Progress
    from trustcoach.read import ReadingReport

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(console: Console, report: ReadingReport, *, hidden: bool) -> Iterator[Callable[[Progress], None]]:
    """A bar on *console*, if that is a terminal and it is not *hidden*; gives the function to report progress to.

    Until the first turns are scored it shows how far *report* says that reading is.
    """
    from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Turns(ProgressColumn):
        def render(self, task: Task) -> Text:
            if task.completed or not report.share or (report.passage and report.passage.part is not None):
                return Text(f"{task.completed:,.0f} turns")
            return Text(f"{report.share:.0%} read")

    bar = Bar(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        Turns(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        console=console,
        transient=True,
        disable=hidden or not console.is_terminal,
    )
    start = time.monotonic()
    with bar:
        task = bar.add_task("Scoring", total=None, rate="", left="")

        def told(progress: Progress) -> None:
            if bar.disable:
                return
            rate = (progress.turns - progress.resumed) / max(time.monotonic() - start, 0.001)
            total = progress.read / progress.share if progress.share else None
            bar.update(
                task,
                completed=progress.turns,
                total=total,
                rate=f"{rate:,.0f}/s" if rate else "",
                left=_left((total - progress.turns) / rate) if total and rate else "",
            )

        yield told


def _left(seconds: float) -> str:
    minutes = seconds / 60
    if minutes < 1:
        return "less than a minute left"
    return f"about {minutes:.0f} min left" if minutes < 120 else f"about {minutes / 60:.0f} h left"
