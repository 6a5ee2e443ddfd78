"""A real Dask scheduler and two worker processes on this machine: the same bytes, also when a worker is killed."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from whole_runs import PART, chats, same

from trustcoach.batch import score_to
from trustcoach.batch.task import Outcome
from trustcoach.errors import SettingsError
from trustcoach.integrations import engine
from trustcoach.pipeline import Coach

pytest.importorskip("distributed")
from trustcoach.integrations.dask import DaskEngine, connect

pytestmark = pytest.mark.slow

CHATS = chats(300)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The scheduler's address, and the workers' processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, folder = f"tcp://127.0.0.1:{port}", tmp_path_factory.mktemp("dask")
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port)]
    log = (folder / "log").open("wb")
    scheduler = subprocess.Popen([*command, "--no-dashboard"], stdout=log, stderr=log, cwd=folder)
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--host", "127.0.0.1", "--nthreads", "1"]
    workers = [
        subprocess.Popen([*worker, "--no-nanny", "--no-dashboard"], stdout=log, stderr=log, cwd=folder)
        for _ in range(2)
    ]
    yield address, workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()
    log.close()


def test_dask_writes_the_bytes_of_one_machine_though_a_worker_is_killed(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], rules_only: Coach, tmp_path: Path
) -> None:
    address, workers = cluster

    class Killing(DaskEngine):
        """Kills a worker while it has work."""

        killed = False

        def finished(self) -> list[Outcome]:
            outcomes = super().finished()
            if not self.killed:
                self.killed = True
                psutil.Process(workers[0].pid).kill()
            return outcomes

    connected = connect(address)
    connected.client.wait_for_workers(2, timeout=60)
    killing = Killing(connected.client, own=True)
    formats = ("parquet", "jsonl", "csv")
    summary = score_to(CHATS, rules_only, out=tmp_path / "dask", formats=formats, part_turns=PART, engine=killing)
    score_to(CHATS, rules_only, out=tmp_path / "here", formats=formats, part_turns=PART)
    assert killing.killed
    assert summary.left_out == []
    assert same(tmp_path / "dask", tmp_path / "here")


def test_workers_that_would_score_differently_are_refused(
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
    rules_only: Coach,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("trustcoach.batch.plan.__version__", "9.9.9")
    with pytest.raises(SettingsError, match=r"differently \(version 0.* there, 9\.9\.9 here"):
        score_to(CHATS, rules_only, out=tmp_path / "out", part_turns=PART, engine=connect(cluster[0]))
    assert list(tmp_path.iterdir()) == []


def test_nothing_at_the_address_is_explained() -> None:
    started = time.monotonic()
    with pytest.raises(SettingsError, match="No Dask scheduler"):
        engine("dask", "tcp://127.0.0.1:1")
    assert time.monotonic() - started < 30
