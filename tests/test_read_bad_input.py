"""Bad input gives a clear error with place and remedy, or a counted and reported skip; never a traceback."""

import gzip
import io
import json
import struct
import zipfile
from pathlib import Path

import pytest
from test_read import CSV, line, read, texts, write

from trustcoach.conversation import Role
from trustcoach.errors import FormatError, InputError
from trustcoach.read import ReadingReport, read_conversations


def error(path: Path, **options: object) -> InputError:
    with pytest.raises(InputError) as caught:
        read(path, **options)
    assert caught.value.path
    assert caught.value.remedy
    return caught.value


class TestFilesThatAreNoTranscripts:
    def test_missing(self, tmp_path: Path) -> None:
        assert "no such file" in str(error(tmp_path / "nothing.json"))

    @pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf", b"\xff\xfe"])
    def test_empty(self, content: bytes, tmp_path: Path) -> None:
        assert "empty" in str(error(write(tmp_path / "x.json", content)))

    def test_empty_folder(self, tmp_path: Path) -> None:
        assert "empty" in str(error(tmp_path))

    def test_folder_without_transcripts(self, tmp_path: Path) -> None:
        write(tmp_path / "a.png", b"\x89PNG\r\n\x1a\n123")
        write(tmp_path / "b.pdf", b"%PDF-1.7")
        assert "PDF" in str(error(tmp_path)) or "image" in str(error(tmp_path))

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"%PDF-1.7 ...", "PDF"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"\.xls"),
            (b"<!DOCTYPE html><html><body>Log in</body></html>", "HTML page"),
            (b"\n <html lang=en>", "HTML page"),
            (b"<table><tr><td>text</td></tr></table>", "HTML page"),
            (b"SQLite format 3\x00", "SQLite"),
            (bytes(range(256)) * 4, "not a text file"),
            (b"Dear all,\nplease find attached nothing.\n", "None of the formats"),
            (b'{"name": "left-pad", "version": "1.0"}', "name, version"),
            (b"a,b,c\n1,2,3\n4,5,6\n", "columns are a, b, c"),
            (b"name: x\nversion: 1\nname: y\nversion: 2\n", "None of the formats"),
            (b"[1, 2, 3]", "None of the formats"),
            (b"[]", "None of the formats"),
        ],
    )
    def test_something_else(self, content: bytes, said: str, tmp_path: Path) -> None:
        with pytest.raises(FormatError, match=said) as caught:
            read(write(tmp_path / "export.json", content))
        assert caught.value.remedy

    def test_a_list_of_tickets_without_messages(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.csv", "Id,Requester,Subject,Status,Group\n1,Ines,Parcel,open,EU\n")
        assert "without their messages" in str(error(path))

    def test_intercom_campaign_export(self, tmp_path: Path) -> None:
        header = "user_id,user_external_id,company_id,email,name,ruleset_id,content_id\n"
        assert "campaigns" in str(error(write(tmp_path / "x.csv", header + "1,2,3,4,5,6,7\n")))

    def test_intercom_list_without_parts_is_read_with_a_warning(self, tmp_path: Path) -> None:
        one = {
            "type": "conversation",
            "id": "1",
            "source": {"body": "<p>hi</p>", "author": {"type": "user", "id": "u"}},
        }
        path = write(tmp_path / "x.json", json.dumps({"type": "conversation.list", "conversations": [one]}))
        found, report = read(path)
        assert len(found[0].turns) == 1
        assert "without their parts" in report.problems[0].what

    def test_an_error_shows_no_more_of_a_transcript_than_an_excerpt(self, tmp_path: Path) -> None:
        secret = "my card number is 1234 and my mother's maiden name is Smith " * 20
        for content in (secret, json.dumps({"x": secret}), "{" + secret, "a,b\n" + secret):
            assert len(str(error(write(tmp_path / "x", content)))) < 800
            assert secret[:60] not in str(error(write(tmp_path / "x", content)))

    def test_an_unknown_format_name(self, tmp_path: Path) -> None:
        with pytest.raises(FormatError, match="no format called"):
            read(write(tmp_path / "x.csv", CSV), format="zendeks")

    def test_the_wrong_format_asked_for(self, tmp_path: Path) -> None:
        for name in ("zendesk", "intercom", "whatsapp", "subtitles", "convokit", "salesforce-messaging", "slack"):
            error(write(tmp_path / "x.csv", CSV), format=name)


class TestTables:
    def test_no_text_column(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.csv", "conversation_id,role,colour\n1,agent,red\n")
        assert "--map text=COLUMN" in str(error(path))
        assert "text" in str(error(path, format="message-table"))

    def test_no_role_column(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.csv", "conversation_id,text\n1,hello there\n")
        assert "--map role=COLUMN" in str(error(path, format="message-table"))

    def test_a_column_that_is_not_there(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.csv", CSV)
        assert "'Nachricht'" in str(error(path, format="message-table", columns={"text": "Nachricht"}))

    def test_ragged_rows_are_read_and_reported(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.csv", CSV + "c1,agent,more text,surplus,;;\nc1,customer\nc1,agent,again here;;;\n")
        found, report = read(path)
        assert [t.text for t in found[0].turns] == ["hello", "Hi there.", "more text", "again here;;;"]
        assert report.problems[0].where == "line 4"
        assert report.counts["empty"] == 1

    def test_newlines_quotes_and_stray_quotes_in_cells(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.csv", 'role,text\r\nagent,"a ""b""\r\nc,d"\r\ncustomer,5" pipe\r\n')
        assert texts(path) == ['a "b"\r\nc,d', '5" pipe']

    def test_a_quote_that_is_never_closed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("trustcoach.reading.tables.MAX_CELL", 10_000)
        rows = "".join(f"c1,agent,message {n}\n" for n in range(2000))
        _, report = read(write(tmp_path / "x.csv", CSV + 'c1,agent,"oh no\n' + rows))
        assert report.counts["unreadable"] >= 1
        assert "never closed" in (report.problems[0].remedy or "")

    def test_a_cell_of_megabytes(self, tmp_path: Path) -> None:
        text = "very long " * 500_000
        assert texts(write(tmp_path / "x.csv", f"role,text\nagent,{text}\n")) == [text]

    def test_excel_hint_and_semicolons(self, tmp_path: Path) -> None:
        assert texts(write(tmp_path / "x.csv", "sep=;\nrole;text;price\nagent;a, b, c;1,5\n")) == ["a, b, c"]

    def test_ids_that_a_spreadsheet_rounded(self, tmp_path: Path) -> None:
        _, report = read(write(tmp_path / "x.csv", "conversation_id,role,text\n1.23457E+14,agent,hi there\n"))
        assert "rounded" in report.problems[0].what

    def test_cells_that_a_spreadsheet_cut(self, tmp_path: Path) -> None:
        openpyxl = pytest.importorskip("openpyxl")
        book = openpyxl.Workbook()
        book.active.append(["role", "text"])
        book.active.append(["agent", "x y " * 8191 + "abc"])
        book.save(tmp_path / "x.xlsx")
        assert read(tmp_path / "x.xlsx")[1].counts["cells_cut"] >= 1

    def test_formulas_are_text(self, tmp_path: Path) -> None:
        assert texts(write(tmp_path / "x.csv", "role,text\nagent,=cmd|' /C calc'!A0\n")) == ["=cmd|' /C calc'!A0"]

    def test_a_damaged_workbook_and_a_damaged_parquet_file(self, tmp_path: Path) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("[Content_Types].xml", "<nonsense")
            archive.writestr("xl/workbook.xml", "")
        assert "damaged" in str(error(write(tmp_path / "x.xlsx", packed.getvalue())))
        assert "damaged" in str(error(write(tmp_path / "x.parquet", b"PAR1" + b"\0" * 40 + b"PAR1")))


class TestJson:
    def test_a_broken_line_is_reported_and_passed_over(self, tmp_path: Path) -> None:
        found, report = read(write(tmp_path / "x", line("a") + '{"id":"b","turns":[{"role":\n' + line("c")))
        assert [c.id for c in found] == ["a", "c"]
        assert report.problems[0].where == "line 2"
        assert report.counts["unreadable"] == 1

    def test_a_half_last_line(self, tmp_path: Path) -> None:
        found, report = read(write(tmp_path / "x", line("a") + line("b") + line("c")[:40]))
        assert (len(found), report.problems[0].where) == (2, "line 3")

    def test_a_broken_first_line(self, tmp_path: Path) -> None:
        found, report = read(write(tmp_path / "x", line("a")[:30] + "\n" + line("b") + line("c")))
        assert [c.id for c in found] == ["b", "c"]
        assert report.problems[0].where == "line 1"

    def test_a_cut_document(self, tmp_path: Path) -> None:
        records = json.dumps([json.loads(line(str(n))) for n in range(50)], indent=1)
        failure = error(write(tmp_path / "x", records[: len(records) // 2]))
        assert "line" in (failure.where or "")
        assert "export it again" in (failure.remedy or "")

    def test_deep_nesting(self, tmp_path: Path) -> None:
        assert "deep" in str(error(write(tmp_path / "x", "[" * 100_000)))
        assert "deep" in str(error(write(tmp_path / "x", '{"a":' * 100_000)))

    def test_nested_records_in_lines_are_passed_over(self, tmp_path: Path) -> None:
        deep = '{"id":' + "[" * 5000 + "]" * 5000 + "}\n"
        found, report = read(write(tmp_path / "x", line("a") + deep + line("b")))
        assert (len(found), report.counts["unreadable"]) == (2, 1)

    def test_numbers_too_long_to_be_numbers(self, tmp_path: Path) -> None:
        _, report = read(write(tmp_path / "x", line("a") + '{"id":' + "9" * 5000 + "}\n"))
        assert report.counts["unreadable"] == 1

    def test_python_that_is_more_than_a_literal_is_not_run(self, tmp_path: Path) -> None:
        error(write(tmp_path / "x", "{'id': __import__('os').system('true')}"))

    def test_halves_of_characters(self, tmp_path: Path) -> None:
        content = '{"id":"a","turns":[{"role":"agent","text":"\\ud83d\\ude00 \\ud83d x"}]}'
        assert texts(write(tmp_path / "x", content)) == ["😀 \ufffd x"]

    def test_records_of_the_wrong_shape_are_counted(self, tmp_path: Path) -> None:
        found, report = read(
            write(tmp_path / "x", line("a") + '{"id":"b"}\n{"id":"c","turns":"none"}\n3\n' + line("d"))
        )
        assert [c.id for c in found] == ["a", "d"]
        assert report.counts["unreadable"] == 3


class TestConversations:
    def test_nothing_to_read_in_them(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x", '{"id":"a","turns":[]}\n{"id":"b","turns":[{"role":"agent","text":" "}]}\n')
        assert "No conversation" in str(error(path))

    def test_only_bots_or_a_single_message_is_fine(self, tmp_path: Path) -> None:
        assert texts(write(tmp_path / "x", '{"id":"a","turns":[{"role":"bot","text":"beep"}]}')) == ["beep"]

    def test_missing_ids_are_named_after_file_and_place(self, tmp_path: Path) -> None:
        record = '{"turns":[{"role":"agent","text":"hi %d"}]}\n'
        found, _ = read(write(tmp_path / "day.jsonl", record % 1 + record % 2))
        assert [c.id for c in found] == ["day:line 1", "day:line 2"]

    def test_turns_out_of_order_and_doubled(self, tmp_path: Path) -> None:
        turns = '{"id":"%s","turns":[{"index":%d,"role":"agent","text":"x"},{"index":2,"role":"agent","text":"y"}]}\n'
        found, report = read(write(tmp_path / "x", turns % ("a", 5) + turns % ("b", 2)))
        assert [[t.index for t in c.turns] for c in found] == [[2, 5], [0, 1]]
        assert report.counts["out_of_order"] == 1
        assert "doubled" in report.problems[0].what

    def test_unknown_role_words_stay_unknown(self, tmp_path: Path) -> None:
        found, _ = read(write(tmp_path / "x.csv", "role,speaker,text\nwizard,Ann,hello you\nagent,Bob,hi there\n"))
        assert [t.role for t in found[0].turns] == [Role.UNKNOWN, Role.AGENT]

    @pytest.mark.parametrize(
        "time", ["1970-01-01T00:00:00Z", "50000-01-01", "soon", "", "00:01:23", "1e400", "-1", "null"]
    )
    def test_strange_times_are_no_times(self, time: str, tmp_path: Path) -> None:
        found, _ = read(write(tmp_path / "x.csv", f"role,text,time\nagent,hello there,{time}\n"))
        assert found[0].turns[0].time is None

    def test_seconds_milliseconds_and_more_give_the_same_moment(self, tmp_path: Path) -> None:
        for time in (1741078800, 1741078800000, 1741078800000000, 1741078800000000000, "2025-03-04T10:00:00+01:00"):
            found, _ = read(write(tmp_path / "x.csv", f"role,text,time\nagent,hello there,{time}\n"))
            assert found[0].turns[0].time.isoformat() == "2025-03-04T09:00:00+00:00"

    def test_fifty_thousand_messages(self, tmp_path: Path) -> None:
        turns = [{"index": n, "role": "agent", "text": f"message {n}"} for n in range(50_000)]
        assert len(texts(write(tmp_path / "x", json.dumps({"id": "a", "turns": turns})))) == 50_000

    @pytest.mark.parametrize(
        ("html", "text"),
        [
            ("&amp;lt; is &lt;", "&lt; is <"),
            ("a&nbsp;b<br/>c<br>d", "a b\nc\nd"),
            ("<p>one</p><p>two <b>three</b></p>", "one\n\ntwo three"),
            ("<ul><li>x</li><li>y</li></ul>", "- x\n- y"),
            ("a < b and <3 and x > y", "a < b and <3 and x > y"),
            ("<style>p{}</style><p>hi<script>no()</script></p>", "hi"),
            ('see <img src="x" alt="photo"><img width="1" alt="track">', "see [photo]"),
            ("{{ticket.requester.first_name}} <b>x</b>", "{{ticket.requester.first_name}} x"),
        ],
    )
    def test_html_becomes_text_once(self, html: str, text: str, tmp_path: Path) -> None:
        comments = [{"id": 1, "author_id": 5, "public": True, "body": html}]
        path = write(tmp_path / "x.json", json.dumps({"id": 1, "requester_id": 5, "comments": comments}))
        assert texts(path) == [text]

    @pytest.mark.parametrize(
        "text", ["👍", "שלום \u202e123\u202c", "a\u200bb\u00adc\u2060", "你好，谢谢！", "[PII] xxxx", "\x1b[31mred"]
    )
    def test_every_writing_is_kept_as_it_is(self, text: str, tmp_path: Path) -> None:
        path = write(tmp_path / "x", json.dumps({"id": "a", "turns": [{"role": "customer", "text": text}]}))
        assert texts(path) == [text]


class TestArchives:
    def test_bombs_are_refused(self, tmp_path: Path) -> None:
        bomb = gzip.compress((b"Agent: hi" + b" " * 20_000 + b"\n") * 5_000, 9)
        assert "ZIP bomb" in str(error(write(tmp_path / "x.gz", bomb)))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.txt", (b"Agent: hi" + b" " * 20_000 + b"\n") * 5_000)
        assert "ZIP bomb" in str(error(write(tmp_path / "x.zip", packed.getvalue())))

    def test_endless_nesting_is_refused(self, tmp_path: Path) -> None:
        content = CSV.encode()
        for _ in range(6):
            content = gzip.compress(content)
        assert "nested too deeply" in str(error(write(tmp_path / "x.gz", content)))

    def test_names_that_lead_out_of_the_folder_are_only_names(self, tmp_path: Path) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("a/../../evil.csv", CSV)
        (tmp_path / "in").mkdir()
        found, _ = read(write(tmp_path / "in" / "x.zip", packed.getvalue()))
        assert len(found) == 1
        assert sorted(p.name for p in tmp_path.rglob("*")) == ["in", "x.zip"]

    def test_links_are_left_out(self, tmp_path: Path) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            info = zipfile.ZipInfo("link.csv")
            info.external_attr = 0o120777 << 16
            archive.writestr(info, "/etc/passwd")
            archive.writestr("a.csv", CSV)
        found, report = read(write(tmp_path / "x.zip", packed.getvalue()))
        assert len(found) == report.counts["files_skipped"] == 1

    def test_passwords(self, tmp_path: Path) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("a.csv", CSV)
        content = bytearray(packed.getvalue())
        for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            struct.pack_into("<H", content, content.index(mark) + at, 1)
        assert "password" in str(error(write(tmp_path / "x.zip", bytes(content))))

    @pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
    def test_cut_off(self, keep: float, tmp_path: Path) -> None:
        content = gzip.compress("".join(line(str(n), f"text {n * 7919}") for n in range(5000)).encode())
        assert "cut off" in str(error(write(tmp_path / "x.gz", content[: int(len(content) * keep)])))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("a.csv", CSV)
        error(write(tmp_path / "x.zip", packed.getvalue()[: int(len(packed.getvalue()) * keep)]))

    def test_empty_archives(self, tmp_path: Path) -> None:
        packed = io.BytesIO()
        zipfile.ZipFile(packed, "w").close()
        with pytest.raises(InputError, match="empty"):
            read(write(tmp_path / "x.zip", packed.getvalue()))


def test_an_endless_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustcoach.reading.source.MAX_LINE", 3_000_000)
    path = write(tmp_path / "x.txt", "Agent: hi\nCustomer: hello\nAgent: " + "x" * 9_000_000)
    assert "line is longer" in str(error(path))


def test_two_formats_that_fit_alike_are_both_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from trustcoach.formats import text
    from trustcoach.reading.detect import Match

    monkeypatch.setattr(text, "sniff", lambda source: Match(60, "said so"))
    assert "--from message-table or --from text" in str(error(write(tmp_path / "x.csv", CSV)))
    (conversation,) = read_conversations(
        tmp_path / "x.csv", options=__import__("trustcoach.read").read.ReadOptions(format="message-table")
    )
    assert conversation.id == "c1"


def test_a_broken_file_in_a_folder_does_not_stop_the_others(tmp_path: Path) -> None:
    write(tmp_path / "a.json", "[" + line("a") + ',{"id":')
    write(tmp_path / "b.jsonl", line("b"))
    report = ReadingReport()
    assert [c.id for c in read_conversations(tmp_path, report=report)] == ["a", "b"]
    assert report.counts["files_skipped"] == 1
    assert report.problems[0].file.endswith("a.json")
