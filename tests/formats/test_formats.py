"""Every format reads its fixtures as expected: a folder with `input*` files beside what they are read as."""

from pathlib import Path

import pytest
from regenerate import HERE, expected_report, read

from trustcoach.read import formats, read_conversations
from trustcoach.reading.detect import all_formats

FIXTURES = sorted(path.parent for path in HERE.rglob("expected.jsonl"))


@pytest.mark.parametrize("folder", FIXTURES, ids=lambda folder: folder.relative_to(HERE).as_posix())
def test_fixture_is_recognised_and_read_as_expected(folder: Path) -> None:
    lines, report = read(folder)
    assert {file.format for file in report.files} == {folder.relative_to(HERE).parts[0]}
    assert lines == (folder / "expected.jsonl").read_text("utf-8")
    assert expected_report(report) == (folder / "report.json").read_text("utf-8")


@pytest.mark.parametrize("name", all_formats())
def test_every_format_has_a_fixture(name: str) -> None:
    assert (HERE / name / "expected.jsonl").exists()


def test_every_format_tells_what_it_expects_and_how_sure_its_shape_is() -> None:
    for info in formats():
        assert info.title
        assert info.expects
        assert info.recognised_by
        assert info.confidence in "ABCD"


@pytest.mark.parametrize("folder", FIXTURES, ids=lambda folder: folder.relative_to(HERE).as_posix())
def test_what_is_read_can_be_written_and_read_again(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.jsonl"
    again.write_bytes((folder / "expected.jsonl").read_bytes())
    from trustcoach.convert import json_line

    assert "".join(map(json_line, read_conversations(again))) == again.read_text("utf-8")
