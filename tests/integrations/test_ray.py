"""A real Ray cluster on this machine, where Ray is installed: the same bytes, also when a worker is killed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from whole_runs import PART, chats, same

from trustcoach.batch import score_to
from trustcoach.batch.task import Outcome
from trustcoach.errors import SettingsError
from trustcoach.pipeline import Coach

pytest.importorskip("ray")
import ray

from trustcoach.integrations.ray import RayEngine, connect

pytestmark = pytest.mark.slow

CHATS = chats(300)


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    paths = os.pathsep.join(str(Path(__file__).parents[n]) for n in (1, 2))
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, runtime_env={"env_vars": {"PYTHONPATH": paths}})
    yield
    ray.shutdown()


class Killing(RayEngine):
    """Kills the workers that are scoring, once."""

    killed = 0

    def finished(self) -> list[Outcome]:
        outcomes = super().finished()
        if not self.killed:
            for process in psutil.process_iter(["cmdline"]):
                if "ray::score_part" in " ".join(process.info["cmdline"] or []):
                    self.killed += 1
                    process.kill()
        return outcomes


@pytest.mark.usefixtures("cluster")
def test_ray_writes_the_bytes_of_one_machine_though_workers_are_killed(rules_only: Coach, tmp_path: Path) -> None:
    engine = Killing()
    formats = ("parquet", "jsonl", "csv")
    summary = score_to(CHATS, rules_only, out=tmp_path / "ray", formats=formats, part_turns=PART, engine=engine)
    score_to(CHATS, rules_only, out=tmp_path / "here", formats=formats, part_turns=PART)
    assert engine.killed
    assert summary.left_out == []
    assert same(tmp_path / "ray", tmp_path / "here")


@pytest.mark.usefixtures("cluster")
def test_workers_that_would_score_differently_are_refused(
    rules_only: Coach, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trustcoach.batch.plan.__version__", "9.9.9")
    with pytest.raises(SettingsError, match=r"differently \(version 0.* there, 9\.9\.9 here"):
        score_to(CHATS, rules_only, out=tmp_path / "out", part_turns=PART, engine=RayEngine())


def test_nothing_at_the_address_is_explained() -> None:
    ray.shutdown()
    with pytest.raises(SettingsError, match="No Ray cluster"):
        connect("127.0.0.1:1")
