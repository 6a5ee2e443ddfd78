"""Writes what the fixtures are read as now, to be looked at before it is kept: python tests/formats/regenerate.py"""

import json
from pathlib import Path

from trustcoach.convert import json_line
from trustcoach.read import ReadingReport, ReadOptions, read_conversations

HERE = Path(__file__).parent


def read(folder: Path) -> tuple[str, ReadingReport]:
    """The conversations of a fixture as JSON Lines, and the report."""
    told = folder / "options.json"
    options = ReadOptions(**json.loads(told.read_text("utf-8"))) if told.exists() else ReadOptions()
    report = ReadingReport()
    inputs = sorted(folder.glob("input*"))
    return "".join(map(json_line, read_conversations(inputs, options=options, report=report))), report


def expected_report(report: ReadingReport) -> str:
    """What of the report a fixture pins: counts, guesses, problems."""
    data = report.to_dict()
    kept = {name: data[name] for name in ("counts", "guesses")}
    kept["problems"] = [problem["what"] for problem in data["problems"]]
    return json.dumps(kept, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    for folder in sorted({path.parent for path in HERE.rglob("input*") if "input" not in path.parent.parts}):
        lines, report = read(folder)
        (folder / "expected.jsonl").write_text(lines, "utf-8")
        (folder / "report.json").write_text(expected_report(report), "utf-8")


if __name__ == "__main__":
    main()
