"""The page: safe whatever a transcript holds, the same bytes every time, and whole or not at all."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from runs import GOLDEN_RUN, HOSTILE, hostile, said, team, write_run

from trustcoach.cli import cli
from trustcoach.errors import OutputError
from trustcoach.pipeline import Coach
from trustcoach.report.render import write_report


class _Page(HTMLParser):
    """The elements of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "script":
            self.scripts.append(data)


def test_transcripts_never_become_markup(rules_only: Coach, tmp_path: Path) -> None:
    written = write_report(write_run(rules_only, hostile(), tmp_path / "run"), tmp_path / "r.html", redact=False)
    html = written.path.read_text(encoding="utf-8")
    page = _Page(html)
    assert [t for t, _ in page.tags].count("script") == 3
    assert not any(t == "img" or any(k.startswith("on") or k == "style" for k in a) for t, a in page.tags)
    assert "{{7*7}}" in html
    assert "49 " not in re.sub(r"<script.*?</script>", "", html.split("{{7*7}}")[0][-200:], flags=re.S)
    data = json.loads(next(s for s in page.scripts if '"pages"' in s[:20]))
    texts = [t[4] for p in data["pages"] for t in p["turns"]]
    assert any(t.startswith(HOSTILE[0]) for t in texts)


def test_the_policy_lets_in_nothing_but_the_page_itself(tmp_path: Path) -> None:
    html = write_report(GOLDEN_RUN, tmp_path / "r.html").path.read_text(encoding="utf-8")
    policy = next(a["content"] or "" for t, a in _Page(html).tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for name in ("script", "style"):
        text = re.findall(rf"<{name}>(.*?)</{name}>", html, flags=re.S)[-1]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert not re.search(r"(?:src|href)=\"(?!#)", html)
    assert "http://" not in html
    assert "https://" not in html


def test_secrets_are_masked_unless_asked_for(rules_only: Coach, tmp_path: Path) -> None:
    folder = write_run(rules_only, team(9), tmp_path / "run")
    masked = write_report(folder, tmp_path / "a.html").path.read_text(encoding="utf-8")
    for secret in ("Anna", "Lee", "anna.lee@example.org", "AB-10001", "7700", "Maya", "Okafor"):
        assert secret not in masked
    assert "[EMAIL_1]" in masked
    named = write_report(folder, tmp_path / "b.html", agent_names=True).path.read_text(encoding="utf-8")
    assert "Maya Okafor" in named
    assert "Anna" not in named
    plain = write_report(folder, tmp_path / "c.html", redact=False).path.read_text(encoding="utf-8")
    assert "anna.lee@example.org" in plain
    assert "Nothing is masked" in plain


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    first = write_report(GOLDEN_RUN, tmp_path / "a.html").path.read_bytes()
    assert write_report(GOLDEN_RUN, tmp_path / "a.html").path.read_bytes() == first


def test_large_runs_keep_their_conversations_beside_the_page(rules_only: Coach, tmp_path: Path) -> None:
    folder = write_run(rules_only, team(120), tmp_path / "run")
    written = write_report(folder, tmp_path / "r.html", large=100)
    assert written.data == tmp_path / "r-data"
    names = {p.name for p in written.data.iterdir()}
    assert names == {"0.js", "1.js", "2.js", "trustcoach-report.json", *(f"words-{i}.js" for i in range(64))}
    assert "anything else I can help" not in written.path.read_text(encoding="utf-8").split("<script")[-2]
    small = write_report(folder, tmp_path / "r.html")
    assert small.data is None
    assert not (tmp_path / "r-data").exists()


def test_foreign_files_are_not_overwritten(rules_only: Coach, tmp_path: Path) -> None:
    folder = write_run(rules_only, team(3), tmp_path / "run")
    (tmp_path / "r-data").mkdir()
    (tmp_path / "r-data" / "mine.txt").write_text("x")
    with pytest.raises(OutputError, match="no data of a report"):
        write_report(folder, tmp_path / "r.html", large=1)
    with pytest.raises(OutputError, match="is a folder"):
        write_report(folder, tmp_path)
    assert (tmp_path / "r-data" / "mine.txt").exists()
    assert not list(tmp_path.glob(".r-*"))


def test_a_run_with_nothing_to_score_says_so(rules_only: Coach, tmp_path: Path) -> None:
    folder = write_run(rules_only, [said("a", ("unknown", "X", "hello"))], tmp_path / "run")
    html = write_report(folder, tmp_path / "r.html").path.read_text(encoding="utf-8")
    assert "Nothing to score" in html
    assert "--agent NAME" in html


def test_commands(tmp_path: Path) -> None:
    runner = CliRunner()
    done = runner.invoke(cli, ["report", str(GOLDEN_RUN), "--to", str(tmp_path / "r.html"), "--agent-names"])
    assert done.exit_code == 0, done.output
    assert "7 conversations" in done.output


def test_score_masks_what_it_is_told_to(tmp_path: Path) -> None:
    source = tmp_path / "chat.jsonl"
    turns = [
        {"role": "customer", "text": "I'm upset", "speaker": "Anna Lee"},
        {"role": "agent", "text": "Sorry to hear that, Anna.", "speaker": "Maya Okafor"},
    ]
    source.write_text(json.dumps({"id": "c", "turns": turns}) + "\n")
    page, out = tmp_path / "s.html", tmp_path / "out"

    def made(*options: str) -> tuple[str, str]:
        command = ["score", str(source), "--no-classifier", "--report", str(page), "--out", str(out), *options]
        done = CliRunner().invoke(cli, command)
        assert done.exit_code == 0, done.output
        assert "Report:" in done.output
        return page.read_text("utf-8"), "".join(p.read_text("utf-8") for p in sorted(out.glob("*.json*")))

    def people(text: str) -> set[str]:
        return {name for name in ("Anna", "Maya Okafor") if name in text}

    assert [people(t) for t in made()] == [set(), {"Anna", "Maya Okafor"}]
    assert [people(t) for t in made("--redact")] == [set(), set()]
    assert [people(t) for t in made("--redact", "--agent-names")] == [{"Maya Okafor"}, {"Maya Okafor"}]
    assert [people(t) for t in made("--no-redact")] == [{"Anna", "Maya Okafor"}, {"Anna", "Maya Okafor"}]
    alone = CliRunner().invoke(cli, ["score", str(source), "--redact"])
    assert alone.exit_code == 2
    assert "--out or --report" in alone.output


def test_the_names_of_own_rules_come_from_the_run(rules_only: Coach, tmp_path: Path) -> None:
    folder = write_run(rules_only, team(3), tmp_path / "run", formats=("jsonl",))
    settings = json.loads((folder / "run.json").read_text("utf-8"))
    settings["names"]["behaviours"]["support.empathy"]["title"] = "House warmth"
    del settings["names"]["behaviours"]["choice.freedom"]
    (folder / "run.json").write_text(json.dumps(settings), "utf-8")
    html = write_report(folder, tmp_path / "r.html").path.read_text(encoding="utf-8")
    assert "House warmth" in html
    del settings["names"]
    settings["pack"] = "house"
    (folder / "run.json").write_text(json.dumps(settings), "utf-8")
    assert "Empathy" in write_report(folder, tmp_path / "r.html").path.read_text(encoding="utf-8")
