"""What the terminal gets: colour where it has colour, plain text elsewhere, and nothing that a transcript could do to it."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from trustcoach.cli import cli

RUN = str(Path(__file__).parent / "report" / "run")
ESCAPE = "\x1b[5;35;47m"  # a blinking one, which the commands never write themselves
CHAT = {
    "id": f"7{ESCAPE}",
    "turns": [
        {
            "role": "customer",
            "text": f"My parcel is late AGAIN,{ESCAPE} this is so frustrating",
            "speaker": f"Ines{ESCAPE}",
        },
        {
            "role": "agent",
            "text": f"I'm so sorry to hear that. I'll check{ESCAPE} by Monday.",
            "speaker": f"Tom{ESCAPE}",
        },
        {"role": "agent", "text": "Could you tell me your PIN?", "speaker": f"Tom{ESCAPE}"},
    ],
}
LABELLED = {
    "conversation_id": "c-1",
    "turns": [
        {"i": 0, "role": "customer", "text": "it broke", "cues": [["customer.problem", 0, 8]]},
        {"i": 1, "role": "agent", "text": "ok", "cues": [], "missed": ["support.empathy"]},
    ],
}
FAST = "--no-classifier"
COMMANDS = {
    "score": ["CHATS", FAST, "--workers", "1"],
    "explain": ["CHATS", FAST],
    "convert": ["CHATS", "--to", "csv"],
    "formats": [],
    "rules list": [],
    "rules show": ["choice.freedom"],
    "rules test": ["choice.freedom"],
    "report": [RUN, "--to", "REPORT"],
    "evaluate": ["LABELLED", FAST],
}
SLOW = {"train", "bench"}
"""Commands that take longer than a test may; what they print is plain text without exception."""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    given = {"CHATS": tmp_path / "chats.jsonl", "LABELLED": tmp_path / "labelled.jsonl", "REPORT": tmp_path / "r.html"}
    given["CHATS"].write_text(json.dumps(CHAT) + "\n", encoding="utf-8")
    given["LABELLED"].write_text(json.dumps(LABELLED) + "\n", encoding="utf-8")
    return {name: str(path) for name, path in given.items()}


def run(command: str, files: dict[str, str], *options: str) -> Result:
    arguments = [files.get(a, a) for a in COMMANDS[command]]
    done = CliRunner().invoke(cli, [*command.split(), *arguments, *options])
    assert done.exit_code == 0, done.output
    return done


def options_of(command: str) -> set[str]:
    found: click.Command = cli
    for name in command.split():
        assert isinstance(found, click.Group)
        made = found.get_command(click.Context(found), name)
        assert made is not None
        found = made
    return {o for p in found.params for o in p.opts}


def test_every_command_is_looked_at() -> None:
    names = set(cli.list_commands(click.Context(cli)))
    assert names - SLOW == {command.split()[0] for command in COMMANDS}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_plain_in_a_pipe(command: str, files: dict[str, str]) -> None:
    done = run(command, files)
    assert done.stdout or command == "convert"
    if command == "convert":  # data, not a view: it has what the transcript has
        assert "\x1b" not in done.stderr
    else:
        assert "\x1b" not in done.output


@pytest.mark.parametrize("command", ["score", "explain", "formats"])
def test_colour_in_a_terminal_unless_not_wanted(
    command: str, files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = run(command, files).stdout
    assert "\x1b[" in coloured
    assert ESCAPE not in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run(command, files).stdout


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_json_and_quiet_where_a_command_has_them(command: str, files: dict[str, str]) -> None:
    options = options_of(command)
    if command != "convert":  # what it prints is data already
        assert json.loads(run(command, files, "--json").stdout)
    if command in {"score", "report", "evaluate", "rules test"}:
        assert "--quiet" in options
    if "--quiet" in options and command != "convert":
        assert run(command, files, "--quiet").output == ""
    if command == "convert":
        assert run(command, files, "--quiet").stderr == ""
