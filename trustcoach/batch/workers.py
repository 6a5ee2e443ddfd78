"""Worker processes of this machine. A worker that is killed costs time and nothing else."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from threading import Thread
from typing import Any

from joblib.externals.loky.process_executor import ProcessPoolExecutor

from trustcoach.batch.task import Job, Outcome, score_part

__all__ = ["Workers"]

_TRIES = 2
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Workers:
    """An engine of *number* processes.

    A killed worker breaks the pool of workers and every job in flight with it. Those jobs are then run one by one, each in
    a worker of its own, so that only a job that kills its worker again and again is given up.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._packed = b""
        self._pool: Any = None
        self._running: dict[Future[Outcome], Job] = {}

    def open(self, packed: bytes, folder: Path) -> int:
        self._packed, self._pool = packed, _pool(self.number)
        return self.number + 1  # one in hand, so that no worker waits for the next

    def submit(self, job: Job) -> None:
        try:
            future = self._pool.submit(score_part, job, self._packed)
        except BrokenProcessPool as error:  # broken since the last outcome was asked for
            future = Future()
            future.set_exception(error)
        self._running[future] = job

    def finished(self) -> list[Outcome]:
        done, _ = wait(self._running, return_when=FIRST_COMPLETED)
        if any(isinstance(future.exception(), BrokenProcessPool) for future in done):
            done, _ = wait(self._running)
        outcomes, lost = [], []
        for future in done:
            job = self._running.pop(future)
            error = future.exception()
            if error is None:
                outcomes.append(future.result())
            elif isinstance(error, BrokenProcessPool):
                lost.append(job)
            else:
                outcomes.append(Outcome(job.number, type(error).__name__))
        if lost:
            self._pool.shutdown(kill_workers=True)
            outcomes += [self._alone(job) for job in sorted(lost, key=lambda job: job.number)]
            self._pool = _pool(self.number)
        return outcomes

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(kill_workers=True)

    def _alone(self, job: Job) -> Outcome:
        for _ in range(_TRIES):
            pool = self._pool = _pool(1)
            try:
                outcome: Outcome = pool.submit(score_part, job, self._packed).result()
                return outcome
            except BrokenProcessPool:
                continue
            finally:
                pool.shutdown(kill_workers=True)
        return Outcome(job.number, f"the worker that scored it was killed {_TRIES} times (out of memory?)")


def _pool(number: int) -> Any:
    return ProcessPoolExecutor(max_workers=number, initializer=_begin, initargs=(os.getpid(),), env=_ONE_THREAD)


def _begin(parent: int) -> None:
    """How a worker begins: without ears for Ctrl-C, which reaches every process of a terminal (the one that began the run
    ends the others), and with an eye on that process, because loky's workers outlive one that is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
