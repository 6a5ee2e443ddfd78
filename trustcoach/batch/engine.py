"""What runs the tasks of a run, as `run` sees it: workers of this machine, or a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from trustcoach.batch.task import Job, Outcome

__all__ = ["Engine"]


class Engine(Protocol):
    """Runs `score_part(job, packed)` somewhere. An engine is opened once, given jobs, asked for outcomes, and closed."""

    def open(self, packed: bytes, folder: Path) -> int:
        """Get ready to score with the coach *packed* in the run's *folder*; how many jobs to keep in flight.

        Raises
        ------
        SettingsError: when the workers cannot be reached, or differ from this process.
        """

    def submit(self, job: Job) -> None:
        """Take in a job."""

    def finished(self) -> list[Outcome]:
        """Wait until at least one of the jobs is done, and give the outcomes of all that are. Never raises for a job."""

    def close(self) -> None:
        """Let go of the workers; jobs still in flight are given up."""
