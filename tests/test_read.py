"""What `read_conversations` promises: any mix of files, in order, streamed, with a report of what was left out."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from trustcoach.conversation import Role
from trustcoach.errors import SettingsError
from trustcoach.read import ReadingReport, ReadOptions, read_conversations

LINE = '{{"id":"{id}","turns":[{{"index":0,"role":"customer","text":"hi"}},{{"index":1,"role":"agent","text":"{text}"}}]}}\n'
CSV = "conversation_id,role,text\nc1,customer,hello\nc1,agent,Hi there.\n"


def line(name: str = "c1", text: str = "Hello!") -> str:
    return LINE.format(id=name, text=text)


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def read(*paths: Path, **options: object) -> tuple[list, ReadingReport]:  # type: ignore[type-arg]
    report = ReadingReport()
    found = list(read_conversations(list(paths), options=ReadOptions(**options), report=report))  # type: ignore[arg-type]
    return found, report


def texts(path: Path, **options: object) -> list[str]:
    return [turn.text for conversation in read(path, **options)[0] for turn in conversation.turns]


class TestPlaces:
    def test_several_files_are_read_in_the_order_given(self, tmp_path: Path) -> None:
        one, two = write(tmp_path / "b.jsonl", line("b")), write(tmp_path / "a.jsonl", line("a"))
        assert [c.id for c in read(one, two)[0]] == ["b", "a"]

    def test_a_folder_is_read_recursively_in_order_of_names(self, tmp_path: Path) -> None:
        for name in ("z.jsonl", "a/y.jsonl", "a/x.jsonl", ".hidden/no.jsonl"):
            write(tmp_path / name, line(name))
        assert [c.id for c in read(tmp_path)[0]] == ["a/x.jsonl", "a/y.jsonl", "z.jsonl"]

    def test_what_is_no_transcript_in_a_folder_is_left_out_and_reported(self, tmp_path: Path) -> None:
        write(tmp_path / "a.jsonl", line())
        write(tmp_path / "logo.png", b"\x89PNG\r\n\x1a\n123")
        found, report = read(tmp_path)
        assert len(found) == 1
        assert report.counts["files_skipped"] == 1
        assert report.problems[0].file.endswith("logo.png")

    def test_standard_input(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(CSV.encode())))
        (conversation,) = read_conversations("-")
        assert conversation.source == "-"

    @pytest.mark.parametrize("name", ["x.csv", "x.json", "x", "x.xlsx"])
    def test_content_decides_and_never_the_extension(self, name: str, tmp_path: Path) -> None:
        _, report = read(write(tmp_path / name, CSV))
        assert report.files[0].format == "message-table"

    def test_gzip_zip_and_both(self, tmp_path: Path) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("inner/one.csv", CSV)
            archive.writestr("two.jsonl.gz", gzip.compress(line("c2").encode()))
        found, _ = read(write(tmp_path / "all.zip", packed.getvalue()))
        assert [c.id for c in found] == ["c1", "c2"]
        assert found[0].source == f"{tmp_path}/all.zip/inner/one.csv"
        assert len(read(write(tmp_path / "all.zip.gz", gzip.compress(packed.getvalue())))[0]) == 2

    def test_a_convokit_corpus_in_an_archive_is_one_source(self, tmp_path: Path) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(
                "corpus/utterances.jsonl",
                '{"id":"u","conversation_id":"u","text":"hi","speaker":"s","meta":{},"reply-to":null,"timestamp":null}\n',
            )
            archive.writestr("corpus/speakers.json", '{"s":{"meta":{"role":"agent"}}}')
        (conversation,), report = read(write(tmp_path / "corpus.zip", packed.getvalue()))
        assert conversation.turns[0].role is Role.AGENT
        assert [file.format for file in report.files] == ["convokit"]

    def test_conversations_come_one_by_one_before_the_file_is_read_to_its_end(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.jsonl", "".join(line(str(n)) for n in range(20_000)))
        report = ReadingReport()
        next(read_conversations(path, report=report))
        assert report.counts["conversations"] == 1


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
    @pytest.mark.parametrize("kind", ["csv", "jsonl", "txt"])
    def test_detected(self, encoding: str, kind: str, tmp_path: Path) -> None:
        content = {
            "csv": "role\ttext\ncustomer\tcafé – geht nicht\n",
            "jsonl": '{"id":"a","turns":[{"role":"customer","text":"café – geht nicht"}]}\n',
            "txt": "Customer: café – geht nicht\nAgent: Okay.\n",
        }[kind]
        assert texts(write(tmp_path / "x", content, encoding))[0] == "café – geht nicht"

    def test_bytes_of_another_encoding_inside_a_file_are_repaired_and_counted(self, tmp_path: Path) -> None:
        content = b"role,text\ncustomer,caf\xc3\xa9\nagent,caf\xe9 \xd1\n" + "customer,äöü éè\n".encode()
        path = write(tmp_path / "x.csv", content)
        found, report = read(path)
        assert [t.text for t in found[0].turns] == ["café", "café Ñ", "äöü éè"]
        assert report.counts["encoding_repaired"] == 2

    def test_garbled_letters_are_repaired_and_counted(self, tmp_path: Path) -> None:
        found, report = read(write(tmp_path / "x.csv", "role,text\nagent,itâ€™s a cafÃ©\n"))
        assert found[0].turns[0].text in ("it’s a café", "it's a café")
        assert report.counts["text_repaired"] == 1

    def test_our_own_lines_keep_every_character(self, tmp_path: Path) -> None:
        text = "cafÃ© <b>&amp;</b>\u200b \r\n x"
        path = write(tmp_path / "x.jsonl", json.dumps({"id": "a", "turns": [{"role": "agent", "text": text}]}))
        assert texts(path) == [text]

    def test_the_encoding_can_be_told(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.csv", "role,text\nagent,Привет\n", "cp1251")
        assert texts(path, encoding="cp1251") == ["Привет"]


RECORDS = [json.loads(line("a")), json.loads(line("b", "é"))]


class TestJson:
    @pytest.mark.parametrize(
        "content",
        [
            json.dumps(RECORDS),
            json.dumps(RECORDS, indent=2),
            "\n\n".join(map(json.dumps, RECORDS)),
            "\r\n".join(map(json.dumps, RECORDS)),
            "\n".join(json.dumps(record, indent=1) for record in RECORDS),
            "".join(map(json.dumps, RECORDS)),
            json.dumps({"data": RECORDS, "next": None}),
            json.dumps(RECORDS)[:-1] + ",]",
            "\ufeff" + "\n\ufeff".join(map(json.dumps, RECORDS)),
            "\n".join(json.dumps({"type": "RECORD", "stream": "c", "record": record}) for record in RECORDS),
            "\n".join(json.dumps({"stream": "c", "data": record, "emitted_at": 1}) for record in RECORDS),
            str(RECORDS),
        ],
        ids=[
            "array",
            "pretty",
            "lines",
            "crlf",
            "objects",
            "glued",
            "envelope",
            "comma",
            "marks",
            "singer",
            "airbyte",
            "python",
        ],
    )
    def test_every_container_gives_the_same(self, content: str, tmp_path: Path) -> None:
        found, report = read(write(tmp_path / "x.json", content))
        assert [(c.id, c.turns[1].text) for c in found] == [("a", "Hello!"), ("b", "é")]
        assert not report.problems

    def test_an_envelope_too_large_to_be_read_whole_is_taken_apart(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("trustcoach.reading.json_values.LARGE", 50_000)
        users = [{"id": 5, "name": "Ines", "role": "end-user"}]
        comment = {"id": 1, "author_id": 5, "public": True, "body": "x" * 100}
        tickets = [{"id": n, "requester_id": 5, "comments": [{**comment, "id": n}]} for n in range(10_000)]
        path = write(tmp_path / "x.json", json.dumps({"users": users, "tickets": tickets, "count": 10_000}))
        found, _ = read(path)
        assert len(found) == 10_000
        assert found[-1].turns[0].speaker == "Ines"

    def test_ids_keep_all_their_digits(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.json", '{"id":12345678901234567890123,"turns":[{"role":"agent","text":"hi"}]}')
        assert read(path)[0][0].id == "12345678901234567890123"

    def test_nan_becomes_nothing(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.json", '{"id":"a","rating":NaN,"turns":[{"role":"agent","text":"hi"}]}')
        assert read(path)[0][0].rating is None


class TestTables:
    def test_columns_can_be_named(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.csv", "chat;wer;Nachricht\n1;Berater;Hallo Welt\n")
        options = {"columns": {"text": "Nachricht", "role": "wer"}, "role_words": {"berater": "agent"}}
        found, _ = read(path, **options)
        assert (found[0].id, found[0].turns[0].role) == ("1", Role.AGENT)

    def test_rows_that_lie_apart_come_together_even_in_a_large_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rows = [f"c{n % 7},{'agent' if n // 7 % 2 else 'customer'},message {n}" for n in range(700)]
        path = write(tmp_path / "x.csv", "conversation_id,role,text\n" + "\n".join(rows))
        small = read(path)[0]
        monkeypatch.setattr("trustcoach.reading.grouping._MOST_MESSAGES", 50)
        assert read(path)[0] == small
        assert [c.id for c in small] == [f"c{n}" for n in range(7)]

    def test_a_workbook_with_a_title_above_the_header(self, tmp_path: Path) -> None:
        openpyxl = pytest.importorskip("openpyxl")
        book = openpyxl.Workbook()
        for row in [
            ["Export of March"],
            [],
            ["Conversation", "Role", "Text"],
            [7, "Agent", "Hi"],
            [7, "Customer", "Yo"],
        ]:
            book.active.append(row)
        book.save(tmp_path / "x.xlsx")
        found, _ = read(tmp_path / "x.xlsx")
        assert [(c.id, [t.text for t in c.turns]) for c in found] == [("7", ["Hi", "Yo"])]

    def test_parquet_with_messages_in_a_nested_column(self, tmp_path: Path) -> None:
        import pyarrow
        import pyarrow.parquet

        turns = [[{"role": "user", "content": "hi"}, {"role": "assistant", "content": "Hello!"}]]
        pyarrow.parquet.write_table(pyarrow.table({"id": ["007"], "messages": turns}), tmp_path / "x.parquet")
        found, _ = read(tmp_path / "x.parquet")
        assert found[0].id == "007"
        assert [t.role for t in found[0].turns] == [Role.CUSTOMER, Role.AGENT]

    def test_a_header_in_the_middle_is_dropped_and_a_leading_zero_kept(self, tmp_path: Path) -> None:
        path = write(
            tmp_path / "x.csv", "conversation_id,role,text\n007,agent,a b\nconversation_id,role,text\n007,agent,c d\n"
        )
        found, _ = read(path)
        assert [(c.id, len(c.turns)) for c in found] == [("007", 2)]

    @pytest.mark.parametrize(("first", "month"), [("13/04/2025", 4), ("04/13/2025", 4), ("03.04.2025", 4)])
    def test_day_and_month_are_inferred_from_the_file(self, first: str, month: int, tmp_path: Path) -> None:
        path = write(tmp_path / "x.csv", f"role,text,time\nagent,hello there,{first} 10:00\n")
        assert read(path)[0][0].turns[0].time.month == month

    def test_an_ambiguous_date_is_reported_and_can_be_told(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.csv", "role,text,time\nagent,hello there,03/04/2025 9:05 AM\n")
        assert any("03/04" in guess for guess in read(path)[1].guesses)
        found, report = read(path, dayfirst=False)
        assert found[0].turns[0].time.month == 3
        assert not any("03/04" in guess for guess in report.guesses)

    def test_a_column_with_the_order_decides(self, tmp_path: Path) -> None:
        rows = "conversation_id,seq,role,text\na,10,agent,the tenth\na,9,customer,the ninth\n"
        assert texts(write(tmp_path / "x.csv", rows)) == ["the ninth", "the tenth"]


class TestRoles:
    def test_names_given_win(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.txt", "Ann: hello\nBob: hi\nAnn: help me\nBob: sure\n")
        assert {t.role for t in read(path)[0][0].turns} == {Role.UNKNOWN}
        found, _ = read(path, agents=("bob",))
        assert [t.role for t in found[0].turns] == [Role.UNKNOWN, Role.AGENT] * 2 or [
            t.role for t in found[0].turns
        ] == [Role.CUSTOMER, Role.AGENT] * 2

    def test_roles_that_a_file_does_not_tell_stay_unknown_and_are_counted(self, tmp_path: Path) -> None:
        found, report = read(write(tmp_path / "x.csv", "sender,text\nAnn,hello you\nBob,hi there\n"))
        assert {t.role for t in found[0].turns} == {Role.UNKNOWN}
        assert report.counts["unknown_roles"] == 2

    def test_if_nobody_is_known_to_be_an_agent_the_report_says_how_to_tell(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.csv", "sender,text\nAnn,hello you\nBob,hi there\n")
        (problem,) = read(path)[1].problems
        assert "Ann, Bob" in problem.what
        assert "--agent NAME" in (problem.remedy or "")
        assert not read(path, agents=("Bob",))[1].problems

    def test_a_column_with_the_agent_tells_who_is_who_in_transcripts(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.csv", 'Ticket ID,Agent,Transcript\n7,Tom,"[09:00] Jo: hello?\n[09:01] Tom: hi Jo"\n')
        found, _ = read(path)
        assert [t.role for t in found[0].turns] == [Role.CUSTOMER, Role.AGENT]

    def test_swapped_roles_are_reported_and_left_as_they_are(self, tmp_path: Path) -> None:
        path = write(
            tmp_path / "x.csv",
            "conversation_id,role,text\ns,agent,my parcel is late\ns,customer,How can I help you? I apologise for the delay.\n",
        )
        found, report = read(path)
        assert report.suspected_swaps == ["s"]
        assert found[0].turns[0].role is Role.AGENT

    def test_an_assistant_can_be_set_apart_as_a_bot(self, tmp_path: Path) -> None:
        path = write(
            tmp_path / "x.json", '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}'
        )
        assert read(path, assistant_role="bot")[0][0].turns[1].role is Role.BOT


class TestWhatIsLeftOut:
    def test_everything_is_counted(self, tmp_path: Path) -> None:
        comments = [
            {"id": 1, "author_id": 5, "public": True, "body": "hello"},
            {"id": 2, "author_id": 8, "public": False, "body": "a note"},
            {"id": 3, "author_id": 8, "public": True, "body": "▇▇▇"},
            {"id": 4, "author_id": 8, "public": True, "body": "", "attachments": [{"file_name": "x"}]},
            {"id": 5, "author_id": 8, "public": True, "body": " "},
            {"id": 5, "author_id": 8, "public": True, "body": " "},
            {"id": 6, "author_id": 8, "public": True, "body": "Done.", "type": "Comment"},
        ]
        path = write(
            tmp_path / "x.json", json.dumps({"id": 1, "requester_id": 5, "assignee_id": 8, "comments": comments})
        )
        _, report = read(path)
        counts = report.counts
        names = ("turns", "notes", "redacted", "attachment_only", "empty", "duplicate_messages")
        assert [counts[name] for name in names] == [2, 1, 1, 1, 1, 1]
        assert sum(counts[name] for name in names) == len(comments)

    def test_a_note_changes_nothing_but_its_count(self, tmp_path: Path) -> None:
        rows = "conversation_id,role,text,private\na,customer,hello you,0\na,agent,hi there,0\n"
        without, _ = read(write(tmp_path / "x.csv", rows))
        with_note, report = read(write(tmp_path / "x.csv", rows + "a,agent,secret note,1\n"))
        assert without == with_note
        assert report.counts["notes"] == 1

    def test_notes_that_only_their_words_tell(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.csv", "role,text\nagent,[Internal] check him\nagent,hello you\n")
        assert texts(path, private_pattern=r"^\[Internal\]") == ["hello you"]

    def test_quoted_history_is_cut_unless_asked_for(self, tmp_path: Path) -> None:
        body = "Done.\n\nOn Mon, 3 Mar 2025 at 10:00, Ines wrote:\n> help"
        comments = [{"id": 1, "author_id": 5, "public": True, "body": body}]
        path = write(tmp_path / "x.json", json.dumps({"id": 1, "requester_id": 5, "comments": comments}))
        assert texts(path) == ["Done."]
        assert texts(path, keep_quoted=True) == [body]

    def test_the_same_conversation_again_is_dropped_and_another_with_its_id_gets_a_number(self, tmp_path: Path) -> None:
        one = write(tmp_path / "1.jsonl", line("a") + line("a") + line("a", "Other."))
        found, report = read(one)
        assert [c.id for c in found] == ["a", "a#2"]
        assert report.counts["duplicate_conversations"] == report.counts["renamed_conversations"] == 1

    def test_shuffled_lines_give_the_same_conversations(self, tmp_path: Path) -> None:
        lines = [line(str(n)) for n in range(20)]
        one, _ = read(write(tmp_path / "x", "".join(lines)))
        other, _ = read(write(tmp_path / "x", "".join(reversed(lines))))
        assert sorted(c.id for c in one) == sorted(c.id for c in other)

    def test_messages_are_put_in_order_of_time_only_if_all_have_one(self, tmp_path: Path) -> None:
        rows = "role,text,time\nagent,second one,2025-03-04T10:01:00Z\ncustomer,first one,2025-03-04T10:00:00Z\n"
        assert texts(write(tmp_path / "x.csv", rows)) == ["first one", "second one"]
        assert texts(write(tmp_path / "x.csv", rows + "agent,third one,\n")) == ["second one", "first one", "third one"]


class TestReport:
    def test_it_is_json_ready_and_short_for_people(self, tmp_path: Path) -> None:
        _, report = read(write(tmp_path / "x.csv", CSV))
        assert json.loads(json.dumps(report.to_dict()))["files"][0]["format"] == "message-table"
        assert report.lines() == ["Read 1 conversation, 2 turns from 1 file: message-table"]

    def test_reports_of_parts_can_be_added(self, tmp_path: Path) -> None:
        whole = ReadingReport()
        for _ in range(2):
            whole.merge(read(write(tmp_path / "x.csv", CSV))[1])
        assert whole.counts["turns"] == 4
        assert len(whole.files) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": {"txt": "a"}},
        {"timezone": "Mars"},
        {"private_pattern": "("},
        {"encoding": "klingon"},
        {"role_words": {"a": "boss"}},
        {"assistant_role": "customer"},
    ],
)
def test_wrong_options_are_told_at_once(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        ReadOptions(**wrong)  # type: ignore[arg-type]


def test_rows_that_stand_together_in_a_large_table_come_as_they_are_read(tmp_path: Path) -> None:
    rows = [f"c{n // 4},{'agent' if n % 2 else 'customer'},message number {n} {'x' * 40}" for n in range(8000)]
    path = write(tmp_path / "x.csv", "conversation_id,role,text\n" + "\n".join(rows))
    report = ReadingReport()
    reading = read_conversations(path, report=report)
    assert len(next(reading).turns) == 4
    assert report.counts["conversations"] == 1
    apart = write(tmp_path / "y.csv", "conversation_id,role,text\n" + "\n".join(rows[1:] + rows[:1]))
    assert [len(c.turns) for c in read_conversations(apart)] == [4] * 2000
