"""Tables with masks: the numbers stay, the words go, and places in texts stay right."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from trustcoach.pipeline import Coach
from trustcoach.redact_tables import redact_run
from trustcoach.report.data import Report

sys.path.insert(0, str(Path(__file__).parent / "report"))
from runs import GOLDEN_RUN, team, write_run

SECRETS = ("Anna", "Lee", "anna.lee", "AB-100", "7700", "Maya", "Okafor", "Whitfield")
TEXTS = {"turns": "text", "findings": "text", "advice": "quote", "promises": "action"}


def table(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def run(rules_only: Coach, tmp_path: Path) -> Path:
    return write_run(rules_only, team(30), tmp_path / "run", formats=("parquet", "jsonl", "csv"))


def test_people_are_gone_and_numbers_stay(run: Path, tmp_path: Path) -> None:
    counts = redact_run(run, tmp_path / "masked")
    assert counts["AGENT"] == 3
    written = "".join(p.read_text(encoding="utf-8") for p in (tmp_path / "masked").iterdir() if p.suffix != ".parquet")
    for secret in SECRETS:
        assert secret not in written
    texts = {(t["conversation_id"], t["turn"]): t["text"] for t in table(tmp_path / "masked", "turns")}
    for name in ("turns", "findings", "verdicts", "scores", "promises", "advice", "agents"):
        for before, after in zip(table(run, name), table(tmp_path / "masked", name), strict=True):
            same = {k for k in before if before[k] == after[k]}
            assert set(before) - same <= {
                "text", "speaker", "start", "end", "quote", "action", "deadline", "settled_text", "agents", "agent",
            }  # fmt: skip
            if name == "findings":
                text = texts[after["conversation_id"], after["turn"]]
                assert text[after["start"] : after["end"]] == after["text"]
                assert after["text"] == before["text"] or "[" in after["text"]
    promised = {p["action"] for p in table(tmp_path / "masked", "promises")}
    assert promised
    assert all(any(p in t for t in texts.values()) for p in promised)


def test_agents_keep_their_names_if_asked(run: Path, tmp_path: Path) -> None:
    redact_run(run, tmp_path / "masked", agent_names=True)
    agents = {a["agent"] for a in table(tmp_path / "masked", "agents")}
    assert agents == {"Maya Okafor", "Tom Whitfield", "Elif Demir", "(unnamed agent)"}
    assert {t["speaker"] for t in table(tmp_path / "masked", "turns") if t["role"] == "customer"} == {"[NAME_1]"}


def told(folder: Path, **options: Any) -> dict[str, Any]:
    report = Report(folder, **options)
    pages = list(report.pages())
    return {"pages": pages, "overview": report.overview(), "agents": report.agents()}


def test_masking_twice_changes_nothing(run: Path, tmp_path: Path) -> None:
    redact_run(run, tmp_path / "once")
    redact_run(tmp_path / "once", tmp_path / "twice")
    for path in (tmp_path / "once").iterdir():
        assert path.read_bytes() == (tmp_path / "twice" / path.name).read_bytes()
    report, plain = told(tmp_path / "once"), told(run)
    assert report["overview"].pop("masked_before")
    assert not plain["overview"].pop("masked_before")
    assert report == plain


def test_agents_masked_after_the_rest_get_masks_of_their_own(run: Path, tmp_path: Path) -> None:
    redact_run(run, tmp_path / "masked", agent_names=True)
    labels = {a["agent"] for a in told(tmp_path / "masked")["agents"]}
    assert labels == {"[AGENT_1]", "[AGENT_2]", "[AGENT_3]", "Unnamed agent"}
    shown = told(tmp_path / "masked", agent_names=True)
    assert shown["agents"] == told(run, agent_names=True)["agents"]


def test_an_old_run_without_names_can_be_masked(tmp_path: Path) -> None:
    redact_run(GOLDEN_RUN, tmp_path / "masked")
    assert json.loads((tmp_path / "masked" / "run.json").read_text())["redacted"]["AGENT"] == 3
