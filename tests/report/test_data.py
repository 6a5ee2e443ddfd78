"""What the report says: a golden file, and that it says nothing but what the tables hold."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from runs import GOLDEN_RUN, hostile, said, team, write_run

from trustcoach.errors import InputError
from trustcoach.pipeline import Coach
from trustcoach.report.data import Report
from trustcoach.report.render import write_report

GOLDEN = Path(__file__).parent / "expected.json"


def told(folder: Path, **options: Any) -> dict[str, Any]:
    report = Report(folder, **options)
    pages = list(report.pages())
    data = {"pages": pages, "index": report.index, "overview": report.overview(), "agents": report.agents()}
    return json.loads(json.dumps(data))


def without_why(data: Any) -> Any:
    """Without the texts that come from the language pack and not from the run."""
    if isinstance(data, dict):
        return {k: without_why(v) for k, v in data.items() if k not in {"why", "what", "version"}}
    return [without_why(v) for v in data] if isinstance(data, list) else data


def test_golden() -> None:
    """To accept a change: `python tests/report/test_data.py`, and read the difference."""
    assert without_why(told(GOLDEN_RUN)) == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_numbers_are_those_of_the_run(rules_only: Coach, tmp_path: Path) -> None:
    folder = write_run(rules_only, team(30), tmp_path / "run")
    summary = json.loads((folder / "summary.json").read_text())
    data = told(folder, redact=False)
    overview = data["overview"]
    assert overview["score"] == summary["score"]
    assert sum(overview["distribution"]["bins"]) + overview["distribution"]["failed"] == summary["scorable"]
    assert overview["distribution"]["failed"] == summary["failed"] > 0
    assert sum(b["count"] for b in overview["breaches"]) == sum(b["breached"] for b in summary["behaviours"])
    for outcome in ("shown", "missed", "breached"):
        of_agents = sum(b[outcome] for a in data["agents"] for b in a["behaviours"])
        assert of_agents == sum(b[outcome] for b in summary["behaviours"]) == sum(w[outcome] for w in overview["trend"])
    assert {a["agent"] for a in data["agents"]} == {"Maya Okafor", "Tom Whitfield", "Elif Demir", "Unnamed agent"}
    assert overview["breaches"][0]["critical"]


def test_agent_pages_begin_with_strengths_and_end_with_two_to_coach(rules_only: Coach, tmp_path: Path) -> None:
    data = told(write_run(rules_only, team(30), tmp_path / "run"), agent_names=True)
    maya = next(a for a in data["agents"] if a["agent"] == "Maya Okafor")
    assert maya["strengths"]
    assert 1 <= len(maya["coaching"]) <= 2
    worst = maya["coaching"][0]["worst"]
    assert worst["turns"][-1]["role"] == "agent"
    assert worst["turns"][0]["role"] == "customer"
    assert any(evidence for _, evidence in worst["turns"][-1]["pieces"])
    assert "".join(words for words, _ in worst["turns"][-1]["pieces"]) == worst["turns"][-1]["text"]


def test_a_few_conversations_have_something_good_to_begin_with(rules_only: Coach, tmp_path: Path) -> None:
    chat = said(
        "one",
        ("customer", None, "I'm so upset, my parcel is late again"),
        ("agent", "Maya", "I'm sorry to hear that. Send me your password and PIN please."),
    )
    data = told(write_run(rules_only, [chat], tmp_path / "run"))
    assert data["agents"][0]["strengths"]
    assert all(b["shown"] for b in data["agents"][0]["strengths"])
    page = write_report(tmp_path / "run", tmp_path / "r.html").path.read_text("utf-8")
    assert page.index("<h2>Strengths</h2>") < page.index("<h2>Most worth coaching</h2>")


def test_evidence_stays_on_its_words_when_masked(rules_only: Coach, tmp_path: Path) -> None:
    folder = write_run(rules_only, team(12), tmp_path / "run")
    for masked, plain in zip(told(folder)["pages"], told(folder, redact=False)["pages"], strict=True):
        for turn, original in zip(masked["turns"], plain["turns"], strict=True):
            for mark, same in zip(turn["marks"], original["marks"], strict=True):
                words = original["text"][same["start"] : same["end"]]
                found = turn["text"][mark["start"] : mark["end"]]
                assert found == words or "_" in found


def test_every_format_and_order_of_the_tables_gives_the_same(rules_only: Coach, tmp_path: Path) -> None:
    folder = write_run(rules_only, team(20), tmp_path / "run", formats=("parquet", "jsonl", "csv"))
    expected = told(folder)
    for kind in ("jsonl", "csv"):
        for table in folder.glob("*.parquet"):
            table.unlink()
        if kind == "csv":
            for table in folder.glob("*.jsonl"):
                table.unlink()
        assert told(folder) == expected
    shuffled = tmp_path / "shuffled"
    write_run(rules_only, team(20), shuffled, formats=("jsonl",))
    for name in ("verdicts", "findings"):
        groups: dict[str, list[str]] = {}
        for line in (shuffled / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            groups.setdefault(json.loads(line)["conversation_id"], []).append(line)
        order = list(groups)
        random.Random(1).shuffle(order)
        (shuffled / f"{name}.jsonl").write_text(
            "".join(x + "\n" for key in order for x in groups[key]), encoding="utf-8"
        )
    assert told(shuffled) == expected


def test_bad_input(rules_only: Coach, tmp_path: Path) -> None:
    data = told(write_run(rules_only, hostile(), tmp_path / "run"))
    assert len(data["index"]) == 10
    assert "Unnamed agent" in {a["agent"] for a in data["agents"]}
    assert data["index"][-1]["turns"] == 10_000


def test_nothing_to_score(rules_only: Coach, tmp_path: Path) -> None:
    folder = write_run(
        rules_only, [said("a", ("customer", None, "hi")), said("b", ("agent", "Maya", "ok"))], tmp_path / "run"
    )
    overview = told(folder)["overview"]
    assert overview["score"] is None
    assert overview["distribution"]["none"] == 2
    assert overview["breaches"] == overview["first"] == []


def test_parts_left_out_are_told(rules_only: Coach, tmp_path: Path) -> None:
    folder = write_run(rules_only, team(6), tmp_path / "run")
    summary = json.loads((folder / "summary.json").read_text("utf-8"))
    summary["left_out"] = [
        {"part": 2, "first": "c-7, anna@x.org", "last": "c-9", "conversations": 3, "turns": 9, "reason": "too large"}
    ]
    (folder / "summary.json").write_text(json.dumps(summary), "utf-8")
    assert told(folder)["overview"]["left_out"][0]["first"].startswith("c-7, [EMAIL_")
    assert "could not be scored" in write_report(folder, tmp_path / "r.html").path.read_text("utf-8")


def test_an_empty_run(rules_only: Coach, tmp_path: Path) -> None:
    data = told(write_run(rules_only, [], tmp_path / "run"))
    assert data["index"] == data["agents"] == []


@pytest.mark.parametrize("missing", ["summary.json", "turns.parquet"])
def test_a_folder_without_a_run_is_refused(rules_only: Coach, tmp_path: Path, missing: str) -> None:
    folder = write_run(rules_only, team(1), tmp_path / "run")
    (folder / missing).unlink()
    with pytest.raises(InputError, match="finished run"):
        Report(folder)


def test_a_missing_folder_and_another_version_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        Report(tmp_path / "none")
    shutil.copytree(GOLDEN_RUN, tmp_path / "run")
    (tmp_path / "run" / "summary.json").write_text('{"schema_version": "99"}')
    with pytest.raises(InputError, match="version 99"):
        Report(tmp_path / "run")


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(without_why(told(GOLDEN_RUN)), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
