"""Workers that are killed, runs that are interrupted: real processes, real signals, and not a row lost or doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from whole_runs import PART, chats, same, write_csv

from trustcoach.batch import Summary, score_files
from trustcoach.batch.task import Job, Outcome
from trustcoach.batch.workers import Workers
from trustcoach.pipeline import Coach

pytestmark = pytest.mark.slow

CHATS = chats(400)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(tmp_path_factory.mktemp("input") / "chats.csv", CHATS, scattered=True)


def score(table: Path, out: Path, coach: Coach, **options: object) -> Summary:
    return score_files(table, out=out, coach=coach, formats=("parquet", "csv"), part_turns=PART, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def single(table: Path, rules_only: Coach, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a run in one process."""
    out = tmp_path_factory.mktemp("single") / "results"
    score(table, out, rules_only, workers=1)
    return out


def workers_of(pid: int) -> list[psutil.Process]:
    return [p for p in psutil.Process(pid).children(recursive=True) if "popen_loky" in " ".join(p.cmdline())]


def kill_one() -> None:
    for process in workers_of(os.getpid())[:1]:
        process.kill()
        process.wait(10)


class Killing(Workers):
    """Workers of which one is killed whenever *when* says so."""

    def __init__(self, number: int, when: Callable[[Killing], bool]) -> None:
        super().__init__(number)
        self.when, self.kills, self.calls = when, 0, 0

    def finished(self) -> list[Outcome]:
        self.calls += 1
        if self.when(self):
            self.kills += 1
            kill_one()
        return super().finished()


def test_two_workers_write_the_bytes_of_one(table: Path, single: Path, rules_only: Coach, tmp_path: Path) -> None:
    score(table, tmp_path / "results", rules_only, workers=2)
    assert same(tmp_path / "results", single)


def test_workers_killed_mid_run_and_at_the_last_task(
    table: Path, single: Path, rules_only: Coach, tmp_path: Path
) -> None:
    engine = Killing(2, lambda e: e.calls == 2 or (e.kills == 1 and len(e._running) == 1))
    summary = score(table, tmp_path / "results", rules_only, engine=engine)
    assert engine.kills == 2
    assert summary.left_out == []
    assert same(tmp_path / "results", single)


def test_a_worker_killed_while_it_writes(table: Path, single: Path, rules_only: Coach, tmp_path: Path) -> None:
    done, killed = tmp_path / "results.unfinished" / "done", threading.Event()

    def watch() -> None:
        while not killed.is_set():
            if any(done.glob(".*/*.parquet")):  # a part that is being written
                killed.set()
                for process in workers_of(os.getpid()):
                    process.kill()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    score(table, tmp_path / "results", rules_only, workers=2)
    assert killed.is_set()
    assert same(tmp_path / "results", single)


POISON = """
import os, signal
from functools import partial
from trustcoach.pipeline import Coach

class Poisoned(Coach):
    def __reduce__(self):
        return partial(Poisoned, classifier=False), ()

    def score_many(self, conversations):
        for conversation in conversations:
            if conversation.id == "0200":
                os.kill(os.getpid(), signal.SIGKILL)
            yield from super().score_many([conversation])
"""


def test_only_the_part_that_kills_its_worker_is_left_out(
    table: Path, single: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "poisoned.py").write_text(POISON, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    coach = __import__("poisoned").Poisoned(classifier=False)
    (left,) = score(table, tmp_path / "results", coach, workers=2).left_out
    assert left.first <= "0200" <= left.last
    assert "killed" in left.reason
    rows = (tmp_path / "results" / "turns.csv").read_text(encoding="utf-8").splitlines()
    expected = (single / "turns.csv").read_text(encoding="utf-8").splitlines()
    assert rows == [r for r in expected if not left.first <= r.partition(",")[0] <= left.last]


PATCHED = (  # small parts, taken in slowly, so that there is time to interrupt; a shell's background job ignores Ctrl-C
    "import functools, signal, time, trustcoach.batch as b, trustcoach.batch.workers as w, trustcoach.cli\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "finished = w.Workers.finished\n"
    "w.Workers.finished = lambda self: (time.sleep(0.3), finished(self))[1]\n"
    f"b.score_files = functools.partial(b.score_files, part_turns={PART})\n"
    "trustcoach.cli.main()"
)


@pytest.fixture
def begun(table: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A run on the command line with two workers that has done a few parts; and its command."""
    command = [
        sys.executable,
        "-c",
        PATCHED,
        "score",
        str(table),
        "--out",
        str(tmp_path / "results"),
        "--no-classifier",
    ]
    command += ["--format", "parquet", "--format", "csv", "--workers", "2"]
    process = subprocess.Popen(
        command, text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    done = tmp_path / "results.unfinished" / "done"
    deadline = time.monotonic() + 60
    while len(list(done.glob("[0-9]*"))) < 2 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    assert process.poll() is None, "the run was over before it could be interrupted"
    yield process, command
    process.kill()
    process.communicate()


def gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=20)[1]


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(
    begun: tuple[subprocess.Popen[str], list[str]], single: Path, tmp_path: Path
) -> None:
    process, command = begun
    workers = workers_of(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "--resume" in errors
    assert "Traceback" not in errors
    assert gone(workers)
    assert not (tmp_path / "results").exists()
    kept = {p: p.stat().st_mtime_ns for p in (tmp_path / "results.unfinished" / "done").glob("[0-9]*/part.json")}
    assert kept
    again = subprocess.run([*command[:-1], "1", "--resume"], capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert same(tmp_path / "results", single)
    assert [p.name for p in tmp_path.iterdir()] == ["results"]


def test_a_killed_run_takes_its_workers_with_it_and_is_resumed(
    begun: tuple[subprocess.Popen[str], list[str]], single: Path, tmp_path: Path
) -> None:
    process, command = begun
    workers = workers_of(process.pid)
    process.kill()
    process.communicate(timeout=30)
    assert gone(workers)
    assert (tmp_path / "results.unfinished").is_dir()
    again = subprocess.run([*command[:-1], "1", "--resume"], capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert same(tmp_path / "results", single)


def test_a_job_that_was_done_before_its_worker_died_is_not_done_again(tmp_path: Path) -> None:
    """Jobs are given to `_alone` after a crash; what it finds finished it leaves, so nothing is written twice."""
    from trustcoach.batch.folder import RunFolder
    from trustcoach.batch.parts import cut, write_part
    from trustcoach.batch.plan import plan_of
    from trustcoach.batch.task import score_here

    coach = Coach(classifier=False)
    plan = plan_of(coach, formats=["csv"], options=None, part_turns=PART)
    folder = RunFolder(tmp_path / "run")
    folder.start(plan, resume=False)
    part = next(cut(CHATS, turns=PART))
    job = Job(0, folder.key(plan, 0, part.digest), folder.path, ("csv",))
    write_part(part, folder.todo(0))
    assert score_here(job, part.conversations, coach, lambda _: None) == Outcome(0)
    stamp = (folder.done(0) / "part.json").stat().st_mtime_ns
    assert score_here(job, part.conversations, coach, lambda _: None) == Outcome(0)
    assert (folder.done(0) / "part.json").stat().st_mtime_ns == stamp
    assert [p.name for p in (folder.path / "done").iterdir()] == ["000000"]
