"""What is converted reads back as it was: emoji, line ends, quotes, formulas and all."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from trustcoach.commands import convert, formats
from trustcoach.conversation import Conversation, Role, Turn
from trustcoach.convert import TARGETS, label_studio_task, utf16_offset, write
from trustcoach.errors import OutputError
from trustcoach.read import read_conversations

TEXTS = [
    'Hi 👩🏽‍🚒, it’s “broken”\r\nagain;\n\n\tplease, help \\ "now"',
    "=1+1 is what I'd call a deal",
    "- first\n- second",
    "'=quoted already",
    "مرحبا 👋 ﷺ \u202eRTL\u202c zero\u200bwidth",
    "a < b and <3, 100 % sure & happy",
]


def conversations() -> list[Conversation]:
    times = [datetime(2025, 3, 4, 9, minute, 30, 250000, UTC) for minute in range(len(TEXTS))]
    who = ((Role.CUSTOMER, "Ines"), (Role.AGENT, "Tom"))
    turns = tuple(
        Turn(place, who[place % 2][0], text, who[place % 2][1], times[place], f"m{place}")
        for place, text in enumerate(TEXTS)
    )
    bare = (Turn(0, Role.CUSTOMER, "hello"), Turn(1, Role.AGENT, "Hi."))
    return [Conversation("007", turns, None, "chat", "4", ("a", "b c")), Conversation("x,1", bare)]


def plain(conversation: Conversation) -> Conversation:
    return Conversation(
        conversation.id, conversation.turns, None, conversation.channel, conversation.rating, conversation.tags
    )


@pytest.mark.parametrize("target", ["jsonl", "csv", "parquet"])
def test_round_trip_is_exact(target: str, tmp_path: Path) -> None:
    write(conversations(), target, tmp_path / "out")
    assert [plain(c) for c in read_conversations(tmp_path / "out")] == conversations()


def test_a_convokit_corpus_keeps_texts_roles_order_and_times(tmp_path: Path) -> None:
    write(conversations(), "convokit", tmp_path / "corpus")
    read = list(read_conversations(tmp_path / "corpus"))
    assert [c.id for c in read] == ["007", "x,1"]
    for one, other in zip(read, conversations(), strict=True):
        assert [(t.role, t.text, t.time) for t in one.turns] == [(t.role, t.text, t.time) for t in other.turns]
        assert (one.channel, one.rating, one.tags) == (other.channel, other.rating, other.tags)


def test_label_studio_tasks_read_back_with_texts_and_roles(tmp_path: Path) -> None:
    write(conversations(), "label-studio", tmp_path / "tasks.json")
    tasks = json.loads((tmp_path / "tasks.json").read_text("utf-8"))
    assert [item["text"] for item in tasks[0]["data"]["dialogue"]] == TEXTS
    read = list(read_conversations(tmp_path / "tasks.json"))
    assert [t.role for t in read[0].turns] == [t.role for t in conversations()[0].turns]


def test_label_studio_counts_in_utf16_units() -> None:
    text = "👋 hello 👩🏽‍🚒 bye"
    start, end = text.index("bye"), len(text)
    assert utf16_offset(text, start) == len(text[:start].encode("utf-16-le")) // 2
    conversation = Conversation("c", (Turn(5, Role.AGENT, text),))
    task = label_studio_task(conversation, [(5, start, end, "goodbye")])
    value = task["predictions"][0]["result"][0]["value"]
    units = text.encode("utf-16-le")
    assert units[2 * value["startOffset"] : 2 * value["endOffset"]].decode("utf-16-le") == "bye" == value["text"]
    assert value["start"] == value["end"] == "0"  # the place in the list, not the turn's number


def test_csv_cells_cannot_become_formulas(tmp_path: Path) -> None:
    write(conversations(), "csv", tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_text("utf-8")
    assert "'=1+1" in text
    assert ",=1+1" not in text


def test_streams_go_to_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    write(conversations(), "jsonl", "-")
    assert len(stream.getvalue().splitlines()) == 2


def test_a_failure_leaves_nothing_half_written(tmp_path: Path) -> None:
    def broken():  # type: ignore[no-untyped-def]
        yield conversations()[0]
        raise KeyboardInterrupt

    for target in TARGETS:
        with pytest.raises(KeyboardInterrupt):
            write(broken(), target, tmp_path / "out")
        assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(OutputError, match="in use"):
        write(conversations(), "convokit", tmp_path)
    with pytest.raises(OutputError, match="standard output"):
        write(conversations(), "parquet", "-")


class TestCommands:
    def test_formats_lists_every_format(self) -> None:
        told = CliRunner().invoke(formats.command, []).output
        listed = json.loads(CliRunner().invoke(formats.command, ["--json"]).output)
        assert len(listed) >= 30
        assert all(info["name"] in told and info["expects"] in told for info in listed)

    def test_convert_takes_standard_input_and_tells_what_was_left_out(self) -> None:
        table = "wer;Nachricht;intern\nBeraterin;Hallo du;0\nBeraterin;pst, geheim;1\n"
        options = ["--map", "text=Nachricht", "--role-column", "wer", "--role-word", "Beraterin=agent"]
        result = CliRunner().invoke(
            convert.command, ["-", "--to", "jsonl", *options, "--map", "private=intern"], input=table
        )
        assert json.loads(result.stdout)["turns"] == [{"index": 0, "role": "agent", "text": "Hallo du"}]
        assert "1 internal notes left out" in result.stderr

    def test_convert_writes_a_file_and_can_be_quiet(self, tmp_path: Path) -> None:
        (tmp_path / "x.txt").write_text("Customer: hi\nAgent: Hello!\n")
        out = tmp_path / "x.csv"
        result = CliRunner().invoke(
            convert.command, [str(tmp_path / "x.txt"), "--to", "csv", "--out", str(out), "--quiet"]
        )
        assert (result.output, len(out.read_text().splitlines())) == ("", 3)

    def test_convert_masks_what_points_to_a_person(self, tmp_path: Path) -> None:
        chat = "Customer: Anna here, mail anna@x.org\nAgent: Hi Anna!\n"
        for target in TARGETS:
            out = tmp_path / target
            done = CliRunner().invoke(convert.command, ["-", "--to", target, "--out", str(out)], input=chat)
            assert "Masked: 1 e-mail address, 1 name." in done.stderr
            written = b"".join(p.read_bytes() for p in ([out] if out.is_file() else sorted(out.iterdir())))
            assert b"[NAME_1]" in written
            assert b"Anna" not in written
            assert b"anna@" not in written
        done = CliRunner().invoke(convert.command, ["-", "--to", "jsonl", "--no-redact"], input=chat)
        assert "Anna here, mail anna@x.org" in done.stdout
        assert "Masked" not in done.stderr

    def test_an_option_of_the_wrong_shape_is_told(self) -> None:
        result = CliRunner().invoke(convert.command, ["x", "--to", "csv", "--map", "text"])
        assert "WHAT=COLUMN" in str(result.exception)
