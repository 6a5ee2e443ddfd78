"""Scoring on a Ray cluster: each part is one Ray task."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from trustcoach.batch.task import Job, Outcome, probe, score_part
from trustcoach.errors import SettingsError
from trustcoach.integrations.cluster import check_workers

__all__ = ["RayEngine", "connect"]


def connect(address: str) -> RayEngine:
    """The cluster at *address*: `auto`, or that of its head such as `10.0.0.1:6379`.

    Raises
    ------
    SettingsError: when nothing answers there.
    """
    try:
        if ":" in address:  # Ray itself would try for minutes
            host, _, port = address.removeprefix("ray://").rpartition(":")
            socket.create_connection((host, int(port)), timeout=5).close()
        ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except (OSError, ValueError, RuntimeError) as error:
        raise SettingsError(f"No Ray cluster answers at {address}.") from error
    return RayEngine(own=True)


class RayEngine:
    """An engine for `trustcoach.score_files`, on the cluster that `ray.init` connected to.

    Ray runs the task of a worker that died again, and gives it up after some tries.

    Parameters
    ----------
    own: whether to disconnect at the end.
    """

    def __init__(self, *, own: bool = False) -> None:
        self._own = own
        self._packed: Any = None
        self._task = ray.remote(score_part)
        self._running: dict[Any, Job] = {}

    def open(self, packed: bytes, folder: Path) -> int:
        """Check each machine; the number of tasks to keep in flight is that of the processors, and as many again."""
        self._packed = ray.put(packed)
        asked = {}
        for node in ray.nodes():
            if node["Alive"] and node["Resources"].get("CPU"):
                there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
                asked[node["NodeManagerAddress"] + " " + node["NodeID"][:6]] = (
                    ray.remote(probe).options(scheduling_strategy=there).remote(self._packed, folder)
                )
        found: dict[str, Any] = {}
        for name, answer in asked.items():
            try:
                found[name] = ray.get(answer)
            except ray.exceptions.RayError as error:
                found[name] = error
        check_workers(found)
        return max(2, 2 * int(ray.cluster_resources().get("CPU", 1)))

    def submit(self, job: Job) -> None:
        self._running[self._task.remote(job, self._packed)] = job

    def finished(self) -> list[Outcome]:
        first, rest = ray.wait(list(self._running), num_returns=1)
        done = first + (ray.wait(rest, num_returns=len(rest), timeout=0)[0] if rest else [])
        outcomes = []
        for reference in done:
            job = self._running.pop(reference)
            try:
                outcomes.append(ray.get(reference))
            except ray.exceptions.RayError as error:
                outcomes.append(Outcome(job.number, f"the cluster gave it up ({type(error).__name__})"))
        return outcomes

    def close(self) -> None:
        for reference in self._running:
            ray.cancel(reference, force=True)
        self._running.clear()
        if self._own:
            ray.shutdown()
