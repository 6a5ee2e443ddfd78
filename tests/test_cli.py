"""The command line as a person uses it: results, exit codes, and errors that name the place and the remedy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

CHAT = [
    {
        "id": "7",
        "turns": [
            {
                "index": 0,
                "role": "customer",
                "text": "My parcel is late AGAIN, this is so frustrating",
                "speaker": "Ines",
            },
            {"index": 1, "role": "agent", "text": "I’m so sorry to hear that, Ines. Let me check.", "speaker": "Tom"},
            {"index": 2, "role": "agent", "text": "Could you tell me your PIN?", "speaker": "Tom"},
        ],
    },
    {
        "id": "008",
        "turns": [{"role": "customer", "text": "hello"}, {"role": "agent", "text": "How can I help you today?"}],
    },
]


def run(*args: str, cwd: Path | None = None, stdin: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "trustcoach", *args],
        capture_output=True,
        text=True,
        cwd=cwd,
        input=stdin,
        env={**os.environ, "COLUMNS": "120", **env},
        check=False,
    )


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    path = tmp_path / "chats.jsonl"
    path.write_text("".join(json.dumps(c) + "\n" for c in CHAT), encoding="utf-8")
    return path


def test_score_prints_a_summary_and_writes_the_tables(chats: Path, tmp_path: Path) -> None:
    out = tmp_path / "results"
    done = run("score", str(chats), "--out", str(out), "--format", "parquet", "--format", "jsonl", "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert "Trust score" in done.stdout
    assert "PIN" in done.stdout
    for table in ("findings", "verdicts", "turns", "scores", "agents", "promises", "advice"):
        rows = [json.loads(line) for line in (out / f"{table}.jsonl").open(encoding="utf-8")]
        assert pq.read_table(out / f"{table}.parquet").num_rows == len(rows)
        assert (out / f"{table}.csv").is_file()
    findings = [json.loads(line) for line in (out / "findings.jsonl").open(encoding="utf-8")]
    assert {"-privacy.unsafe_request", "support.empathy"} <= {f["cue"] for f in findings}
    assert json.loads((out / "reading.json").read_text())["counts"]["conversations"] == 2


def test_two_runs_and_another_hash_seed_give_the_same_bytes(chats: Path, tmp_path: Path) -> None:
    for name, seed in (("a", "1"), ("b", "1"), ("c", "4242")):
        assert run("score", str(chats), "--out", str(tmp_path / name), "--quiet", PYTHONHASHSEED=seed).returncode == 0
    files = sorted(p.name for p in (tmp_path / "a").iterdir())
    for other in ("b", "c"):
        assert files == sorted(p.name for p in (tmp_path / other).iterdir())
        assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / other / f).read_bytes() for f in files)


def test_quiet_prints_nothing(chats: Path) -> None:
    done = run("score", str(chats), "--quiet")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_a_gate_that_is_missed_exits_with_1(chats: Path) -> None:
    assert run("score", str(chats), "--fail-under", "99").returncode == 1
    assert run("score", str(chats), "--fail-under", "0").returncode == 0


def test_standard_input(chats: Path) -> None:
    done = run("score", "-", "--json", stdin=chats.read_text(encoding="utf-8"))
    assert json.loads(done.stdout)["conversations"] == 2


def test_explain_shows_evidence_reason_and_advice(chats: Path) -> None:
    done = run("explain", str(chats), "--conversation", "7")
    assert done.returncode == 0, done.stderr
    assert "-privacy.unsafe_request" in done.stdout
    assert "due because" in done.stdout
    assert "Try:" in done.stdout
    assert "\x1b[" not in done.stdout


def test_explain_as_json(chats: Path) -> None:
    assert json.loads(run("explain", str(chats), "-c", "008", "--json").stdout)["id"] == "008"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("score", "missing.jsonl"), "missing.jsonl"),
        (("score",), "PATH"),
        (("score", "chats.jsonl", "--from", "nonsense"), "nonsense"),
        (("score", "chats.jsonl", "--weight", "choice.freedom"), "--weight"),
        (("score", "chats.jsonl", "--without", "nothing"), "unknown behaviour"),
        (("score", "chats.jsonl", "--rules", "no.toml"), "no.toml"),
        (("explain", "chats.jsonl", "--conversation", "99"), "99"),
        (("score", "chats.jsonl", "--out", "."), "another folder"),
        (("rules", "show", "nothing"), "nothing"),
        (("evaluate", "chats.jsonl", "--against", "missing.jsonl"), "missing.jsonl"),
        (("nonsense",), "nonsense"),
    ],
)
def test_bad_usage_is_explained_and_exits_with_2(chats: Path, args: tuple[str, ...], says: str) -> None:
    done = run(*args, cwd=chats.parent)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_failed_run_leaves_earlier_results_alone(chats: Path, tmp_path: Path) -> None:
    out = tmp_path / "results"
    run("score", str(chats), "--out", str(out), "--quiet")
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(b"\x00\x01\x02\x03")
    assert run("score", str(broken), "--out", str(out)).returncode == 2
    assert before == {p.name: p.read_bytes() for p in out.iterdir()}
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_every_command_and_option_has_help() -> None:
    listed = run("--help").stdout
    names = [line.split()[0] for line in listed.partition("Commands:")[2].splitlines() if line.strip()]
    assert {"score", "explain", "rules", "evaluate", "train", "formats", "convert"} <= set(names)
    for name in names:
        done = run(name, "--help")
        assert done.returncode == 0
        assert len(done.stdout) > 100


def test_settings_in_the_folder_hold(chats: Path) -> None:
    (chats.parent / "trustcoach.toml").write_text('disabled = ["privacy.security"]\n', encoding="utf-8")
    done = run("score", "chats.jsonl", "--json", cwd=chats.parent)
    assert "privacy.security" not in {b["behaviour"] for b in json.loads(done.stdout)["behaviours"]}
    (chats.parent / "trustcoach.toml").write_text("typo = 1\n", encoding="utf-8")
    done = run("score", "chats.jsonl", cwd=chats.parent)
    assert done.returncode == 2
    assert "trustcoach.toml" in done.stderr
