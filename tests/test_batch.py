"""Whole runs: cut into parts, resumed, left in part, and always the same results."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, timedelta, timezone
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import talk
from hypothesis import given
from hypothesis import strategies as st
from whole_runs import PART, chats, same, write_csv, wrote

import trustcoach
from trustcoach import Coach, Conversation, ReadingReport, ReadOptions, Role, Turn
from trustcoach.batch import LeftOut, Progress, Summary, score_files, score_to
from trustcoach.batch.parts import cut, read_part, write_part
from trustcoach.errors import InputError, OutputError, SettingsError
from trustcoach.reading import grouping
from trustcoach.tables import SCHEMAS

CHATS = chats(120)
FORMATS = ("parquet", "jsonl", "csv")


@pytest.fixture(scope="module")
def whole(rules_only: Coach, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    """The results of all chats, in parts of 100 turns, scored in this process."""
    out = tmp_path_factory.mktemp("whole") / "results"
    return out, score_to(CHATS, rules_only, out=out, formats=FORMATS, part_turns=PART)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
times = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]))
turns = st.builds(
    Turn, st.integers(0, 9), st.sampled_from(list(Role)), texts, st.none() | texts, st.none() | times, st.none() | texts
)
conversations = st.builds(
    Conversation, texts, st.lists(turns, max_size=3).map(tuple), texts, texts, st.none(), st.lists(texts).map(tuple)
)


@given(st.lists(conversations, min_size=1, max_size=4))
def test_a_part_is_read_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, made: list[Conversation]) -> None:
    path = tmp_path_factory.getbasetemp() / "part.jsonl"
    (part,) = cut(made, turns=1000)
    write_part(part, path)
    assert list(read_part(path)) == made


def test_parts_hold_whole_conversations_in_order_and_any_change_changes_their_digest() -> None:
    parts = list(cut(CHATS, turns=PART))
    assert [c for part in parts for c in part.conversations] == CHATS
    assert all(part.turns >= PART for part in parts[:-1])
    assert all(part.turns - len(part.conversations[-1].turns) < PART for part in parts)
    changed = [*CHATS[:-1], talk("customer: other", ident=CHATS[-1].id)]
    assert [p.digest for p in parts][:-1] == [p.digest for p in cut(changed, turns=PART)][:-1]
    assert parts[-1].digest != list(cut(changed, turns=PART))[-1].digest


def test_how_the_input_is_cut_changes_nothing_but_the_row_groups(
    rules_only: Coach, tmp_path: Path, whole: tuple[Path, Summary]
) -> None:
    out, summary = whole
    one = score_to(CHATS, rules_only, out=tmp_path / "one", formats=FORMATS)
    assert one.to_dict() == summary.to_dict()
    assert one.coaching == summary.coaching
    assert one.coaching[0].advice
    assert same(out, tmp_path / "one", but=["run.json", *(f"{name}.parquet" for name in SCHEMAS)])
    for name in SCHEMAS:
        assert pq.read_table(out / f"{name}.parquet").equals(pq.read_table(tmp_path / "one" / f"{name}.parquet"))
    assert pq.ParquetFile(out / "turns.parquet").num_row_groups > 3


def test_the_tables_hold_every_conversation_once_in_the_order_of_the_input(whole: tuple[Path, Summary]) -> None:
    ids = [json.loads(line)["conversation_id"] for line in (whole[0] / "scores.jsonl").open(encoding="utf-8")]
    assert ids == [c.id for c in CHATS]


def test_without_a_folder_there_is_the_summary_alone(
    rules_only: Coach, whole: tuple[Path, Summary], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert score_to(CHATS, rules_only, part_turns=PART).to_dict() == whole[1].to_dict()
    assert list(tmp_path.iterdir()) == []


def test_scattered_rows_give_the_bytes_of_rows_that_stand_together(
    rules_only: Coach, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "_MOST_MESSAGES", 60)
    monkeypatch.setattr(grouping, "_BLOCK", 7)
    for name in ("together", "apart"):
        (tmp_path / name).mkdir()
        path = write_csv(tmp_path / name / "chats.csv", CHATS, scattered=name == "apart")
        monkeypatch.chdir(path.parent)
        score_files("chats.csv", out="results", coach=rules_only, formats=FORMATS, part_turns=PART, workers=1)
    assert same(tmp_path / "together" / "results", tmp_path / "apart" / "results")


class Counting(Coach):
    """Counts what it scores, and stumbles over the conversations in `poison`."""

    scored: int = 0
    poison: frozenset[str] = frozenset()

    def score_many(self, conversations):  # type: ignore[no-untyped-def]
        for conversation in conversations:
            if conversation.id in self.poison:
                raise RuntimeError("the words of the customer")
            self.scored += 1
            yield from super().score_many([conversation])


def interrupted(coach: Coach, out: Path, *, after: int = 300, **options: object) -> None:
    def stop(progress: Progress) -> None:
        if progress.turns >= after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_to(CHATS, coach, out=out, formats=FORMATS, part_turns=PART, progress=stop, **options)  # type: ignore[arg-type]


def test_an_interrupted_run_is_resumed_and_scores_only_the_rest(whole: tuple[Path, Summary], tmp_path: Path) -> None:
    out, coach = tmp_path / "results", Counting(classifier=False)
    interrupted(coach, out)
    assert not out.exists()
    assert (tmp_path / "results.unfinished").is_dir()
    before, coach.scored, told = coach.scored, 0, list[Progress]()
    score_to(CHATS, coach, out=out, formats=FORMATS, part_turns=PART, resume=True, progress=told.append)
    assert same(out, whole[0])
    assert before > 0
    assert coach.scored < len(CHATS) - before / 2
    assert told[-1].turns == told[-1].read == sum(len(c.turns) for c in CHATS)
    assert told[-1].resumed >= 200
    assert [p.name for p in tmp_path.iterdir()] == ["results"]


def test_runs_are_never_mixed(rules_only: Coach, tmp_path: Path) -> None:
    out = tmp_path / "results"
    with pytest.raises(OutputError, match="no unfinished run"):
        score_to(CHATS, rules_only, out=out, part_turns=PART, resume=True)
    interrupted(rules_only, out)
    kept = sorted(p for p in (tmp_path / "results.unfinished" / "done").rglob("*") if p.is_file())
    again = {"out": out, "formats": FORMATS, "part_turns": PART, "resume": True}
    with pytest.raises(OutputError, match="differs in formats"):
        score_to(CHATS, rules_only, **{**again, "formats": ("csv",)})  # type: ignore[arg-type]
    with pytest.raises(OutputError, match="differs in rules"):
        score_to(CHATS, Coach(classifier=False, weights={"support.empathy": 2}), **again)  # type: ignore[arg-type]
    with pytest.raises(OutputError, match="differs in reading"):
        score_to(CHATS, rules_only, options=ReadOptions(timezone="Europe/Berlin"), **again)  # type: ignore[arg-type]
    with pytest.raises(OutputError, match="other input"):
        score_to(chats(120, seed=9), rules_only, **again)  # type: ignore[arg-type]
    with pytest.raises(OutputError, match="more input"):
        score_to(CHATS[:20], rules_only, **again)  # type: ignore[arg-type]
    assert kept == sorted(p for p in (tmp_path / "results.unfinished" / "done").rglob("*") if p.is_file())
    with pytest.raises(SettingsError, match="folder"):
        score_to(CHATS, rules_only, resume=True)


def test_a_new_run_starts_anew_and_leaves_foreign_folders_alone(
    rules_only: Coach, whole: tuple[Path, Summary], tmp_path: Path
) -> None:
    out = tmp_path / "results"
    interrupted(rules_only, out)
    score_to(CHATS, rules_only, out=out, formats=FORMATS, part_turns=PART)
    assert same(out, whole[0])
    foreign = tmp_path / "mine.unfinished"
    foreign.mkdir()
    with pytest.raises(OutputError, match="does not look like"):
        score_to(CHATS, rules_only, out=tmp_path / "mine")
    assert foreign.is_dir()


def test_a_part_that_cannot_be_scored_is_named_and_can_be_tried_again(
    whole: tuple[Path, Summary], tmp_path: Path
) -> None:
    out, coach = tmp_path / "results", Counting(classifier=False)
    coach.poison = frozenset({"0050"})
    again = {"out": out, "formats": FORMATS, "part_turns": PART}
    summary = score_to(CHATS, coach, **again)  # type: ignore[arg-type]
    (left,) = summary.left_out
    assert isinstance(left, LeftOut)
    assert left.first <= "0050" <= left.last
    assert left.reason.startswith("conversation 0050: RuntimeError")
    assert "words of the customer" not in left.reason
    assert summary.conversations == len(CHATS) - left.conversations
    ids = {row["conversation_id"] for row in pq.read_table(out / "scores.parquet").to_pylist()}
    assert ids == {c.id for c in CHATS if not left.first <= c.id <= left.last}
    assert json.loads((out / "summary.json").read_text())["left_out"][0]["first"] == left.first
    coach.poison, coach.scored = frozenset(), 0
    assert not score_to(CHATS, coach, resume=True, **again).left_out  # type: ignore[arg-type]
    assert coach.scored == left.conversations
    assert same(out, whole[0])


def test_when_nothing_can_be_scored_earlier_results_stay(tmp_path: Path, rules_only: Coach) -> None:
    out, coach = tmp_path / "results", Counting(classifier=False)
    score_to(CHATS[:3], rules_only, out=out)
    before = wrote(out)
    coach.poison = frozenset(c.id for c in CHATS)
    with pytest.raises(OutputError, match="conversation 0000"):
        score_to(CHATS, coach, out=out, part_turns=PART)
    assert wrote(out) == before


def test_input_that_breaks_off_leaves_nothing_behind(tmp_path: Path, rules_only: Coach) -> None:
    def broken():  # type: ignore[no-untyped-def]
        yield from CHATS[:60]
        raise InputError("cut off", path="chats.csv")

    with pytest.raises(InputError):
        score_to(broken(), rules_only, out=tmp_path / "results", part_turns=PART)
    assert list(tmp_path.iterdir()) == []


def test_input_of_one_part_starts_no_process(rules_only: Coach, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustcoach.batch.workers", None)
    assert score_to(CHATS, rules_only, workers=8).conversations == len(CHATS)


def test_the_share_of_the_input_grows_to_one(tmp_path: Path, rules_only: Coach) -> None:
    one = write_csv(tmp_path / "one.csv", CHATS)
    other = write_csv(tmp_path / "other.csv", chats(40, seed=3), scattered=True)
    told: list[Progress] = []
    report = ReadingReport()
    score_files([one, other], coach=rules_only, report=report, part_turns=PART, workers=1, progress=told.append)
    shares = [p.share for p in told]
    assert all(share is not None for share in shares)
    assert shares == sorted(shares, key=float)
    assert shares[0] < 0.8  # type: ignore[operator]
    assert shares[-1] > 0.95  # type: ignore[operator]


def test_run_json_tells_what_decided_the_results(tmp_path: Path) -> None:
    own = tmp_path / "house.toml"
    own.write_text(
        'id = "support.help_offer"\n[[shown]]\nrule = "house-greeting"\nphrases = ["at your service captain"]\n'
        '[[example]]\nagent = "At your service, captain!"\nfinds = ["house-greeting"]\n',
        encoding="utf-8",
    )
    coach = Coach(rules=[own], classifier=False, weights={"support.empathy": 2}, disabled=["choice.options"])
    table = write_csv(tmp_path / "chats.csv", CHATS[:4])
    options = ReadOptions(timezone="Europe/Berlin", columns={"text": "text"}, agents=("Tom",))
    trustcoach.score_files(table, out=tmp_path / "results", coach=coach, options=options, min_n=4)
    run = json.loads((tmp_path / "results" / "run.json").read_text(encoding="utf-8"))
    assert run["own_rules"] == [{"file": "house.toml", "rules": ["support.help_offer/house-greeting"]}]
    assert run["weights"]["support.empathy"] == 2
    assert run["disabled"] == ["choice.options"]
    assert run["reading"] == {"agents": ["Tom"], "columns": {"text": "text"}, "timezone": "Europe/Berlin"}
    assert (run["model"], run["min_n"], run["version"]) == (None, 4, trustcoach.__version__)


def cli(code: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=False)


def test_the_command_says_what_was_left_out_and_exits_with_3(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "chats.csv", CHATS[:60])
    code = (
        "import trustcoach.batch as b, trustcoach.pipeline as p, functools, trustcoach.cli\n"
        f"b.score_files = functools.partial(b.score_files, part_turns={PART})\n"
        "score = p.Coach.score_many\n"
        "p.Coach.score_many = lambda self, cs: 1 / 0 if any(c.id == '0030' for c in cs) else score(self, cs)\n"
        "trustcoach.cli.main()"
    )
    done = cli(code, "score", str(table), "--out", str(tmp_path / "results"), "--no-classifier", "--workers", "1")
    assert done.returncode == 3, done.stderr
    assert "conversation 0030: ZeroDivisionError" in done.stderr
    assert "--resume" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Trust score" in done.stdout


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--resume"], "--out"),
        (["--workers", "0"], "--workers"),
        (["--engine", "dask"], "dask=ADDRESS"),
        (["--engine", "spark=there"], "dask=ADDRESS"),
    ],
)
def test_options_that_do_not_go_together(tmp_path: Path, args: list[str], says: str) -> None:
    table = write_csv(tmp_path / "chats.csv", CHATS[:2])
    done = cli("import trustcoach.cli; trustcoach.cli.main()", "score", str(table), "--no-classifier", *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
