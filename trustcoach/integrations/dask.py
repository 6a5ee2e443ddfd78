"""Scoring on a Dask cluster: each part is one task, given to the cluster by Dask's own client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from distributed import Client, wait

from trustcoach.batch.task import Job, Outcome, probe, score_part
from trustcoach.errors import SettingsError
from trustcoach.integrations.cluster import check_workers

__all__ = ["DaskEngine", "connect"]


def connect(address: str) -> DaskEngine:
    """The cluster whose scheduler is at *address*, such as `tcp://10.0.0.1:8786`.

    Raises
    ------
    SettingsError: when nothing answers there.
    """
    try:
        return DaskEngine(Client(address, timeout="5s", set_as_default=False), own=True)
    except (OSError, ValueError) as error:
        raise SettingsError(f"No Dask scheduler answers at {address}.") from error


class DaskEngine:
    """An engine for `trustcoach.score_files`.

    Dask gives the tasks of a worker that died to others, and gives up a task that kills its worker again and again.

    Parameters
    ----------
    client: connected to the cluster.
    own: whether to close the client at the end.
    """

    def __init__(self, client: Client, *, own: bool = False) -> None:
        self.client, self._own = client, own
        self._packed = b""
        self._running: dict[Any, Job] = {}

    def open(self, packed: bytes, folder: Path) -> int:
        """Check the workers; the number of tasks to keep in flight is that of their threads, and as many again."""
        found = self.client.run(probe, packed, folder, on_error="return")
        check_workers({str(worker): answer for worker, answer in found.items()})
        self._packed = packed  # goes with each task, so that it cannot be lost with the workers that hold it
        threads: int = sum(self.client.nthreads().values())
        return 2 * threads

    def submit(self, job: Job) -> None:
        future = self.client.submit(score_part, job, self._packed, pure=False, key=f"trustcoach-{job.key}")
        self._running[future] = job

    def finished(self) -> list[Outcome]:
        with self.client.as_current():
            done, _ = wait(list(self._running), return_when="FIRST_COMPLETED")
        outcomes = []
        for future in done:
            job = self._running.pop(future)
            if future.status == "finished":
                outcomes.append(future.result())
            else:
                outcomes.append(Outcome(job.number, f"the cluster gave it up ({type(future.exception()).__name__})"))
        return outcomes

    def close(self) -> None:
        self.client.cancel(list(self._running))
        self._running.clear()
        if self._own:
            self.client.close()
