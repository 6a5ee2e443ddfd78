"""Draws the report: one HTML file that needs nothing else, or, for large runs, a page and a folder of data beside it."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from trustcoach.errors import OutputError
from trustcoach.report.data import Report
from trustcoach.report.words import SHARDS, Words

__all__ = ["LARGE", "Written", "environment", "palette", "write_report"]

LARGE = 1500
"""Above so many conversations the pages of conversations are kept beside the report and loaded when opened."""

_CHUNK = 50
_TEMPLATES = Path(__file__).parent / "templates"
_MARK = "trustcoach-report.json"


@dataclass(frozen=True, slots=True)
class Written:
    """Where a report is, and how large.

    Attributes
    ----------
    path: the page to open; data: the folder beside it, for large runs.
    size: of both, in bytes.
    """

    path: Path
    data: Path | None
    conversations: int
    size: int


def write_report(
    folder: Path,
    target: Path,
    *,
    redact: bool = True,
    agent_names: bool = False,
    large: int = LARGE,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Written:
    """Write the report of the run in *folder* to the file *target*, all or nothing.

    Parameters
    ----------
    folder: what `trustcoach score --out` wrote.
    target: the HTML file; a large run gets a folder of the same name ending in `-data` beside it.
    redact: mask what points to a person.
    agent_names: with *redact*, leave the names of agents as they are.
    large: above so many conversations their pages are kept in that folder.
    progress: told now and then how many of how many conversations are in the report.

    Raises
    ------
    InputError: when *folder* holds no finished run.
    OutputError: when the report cannot be written.
    """
    report = Report(folder, redact=redact, agent_names=agent_names)
    beside = target.with_name(target.stem + "-data")
    split = report.conversations > large
    if target.is_dir():
        raise OutputError(f"{target}: is a folder; name the file the report is to be written to")
    if split and beside.exists() and not (beside / _MARK).is_file():
        raise OutputError(f"{beside}: exists and is no data of a report; name another file, or remove it first")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{target.stem}-", dir=target.parent))
    except OSError as error:
        raise OutputError(f"{target}: cannot be written ({error.strerror})") from error
    try:
        data = aside / "data"
        chunk = None
        if split:
            data.mkdir()
            _write_chunks(report, data, progress)
        else:
            chunk = _packed(list(report.pages()))
        page = aside / "report.html"
        page.write_text(_page(report, chunk, beside.name), encoding="utf-8", errors="replace")
        page.chmod(0o644)
        size = page.stat().st_size + sum(p.stat().st_size for p in data.glob("*"))
        if (beside / _MARK).is_file():
            shutil.rmtree(beside)
        if split:
            data.rename(beside)
        page.replace(target)
    except OSError as error:
        raise OutputError(f"{target}: cannot be written ({error.strerror})") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Written(target, beside if split else None, len(report.index), size)


def _write_chunks(report: Report, folder: Path, progress: Callable[[int, int], None]) -> None:
    pending: list[dict[str, Any]] = []
    words = Words()
    number = 0
    for page in report.pages():
        words.add(page)
        pending.append(page)
        if len(pending) == _CHUNK:
            _write_data(folder, str(number), _packed(pending))
            number += 1
            pending = []
            progress(number * _CHUNK, report.conversations)
    if pending:
        _write_data(folder, str(number), _packed(pending))
    for shard, held in enumerate(words.shards()):
        _write_data(folder, f"words-{shard}", _json(held))
    (folder / _MARK).write_text(json.dumps({"conversations": len(report.index)}) + "\n", encoding="utf-8")


def _write_data(folder: Path, name: str, data: str) -> None:
    """A script that hands *data* to the page; unlike JSON, a page on disk may load it."""
    (folder / f"{name}.js").write_text(f'trustcoachData("{name}",{data})\n', encoding="utf-8", errors="replace")


def environment() -> Environment:
    """Templates that escape whatever they are given, with the filters they use."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        part=lambda text: quote(str(text), safe="", errors="replace"),
        number=lambda n: f"{n:,}",
        whole=lambda x: f"{x:.0f}",
        day=lambda day: _day(day, "%B %Y"),
        shortday=lambda day: _day(day, "%b"),
        s=lambda word, n: word if n == 1 else word + "s",
        sentence=lambda text: text[:1].upper() + text[1:],
    )
    return made


def palette(light: str, preferred: str, dark: str) -> str:
    """The colours, light and dark, as CSS.

    Parameters
    ----------
    light: selector of what has them.
    preferred: selector of what is dark where the reader's system is.
    dark: selector of what is dark in any case.
    """
    by_day, by_night = ((_TEMPLATES / f"{name}.css").read_text(encoding="utf-8") for name in ("light", "dark"))
    return (
        f"{light} {{\n{by_day}}}\n@media (prefers-color-scheme: dark) {{ {preferred} {{\n{by_night}}} }}\n"
        f"{dark} {{\n{by_night}}}\n"
    )


def _page(report: Report, chunk: str | None, beside: str) -> str:
    overview = report.overview()
    css = palette(":root", ':root:not([data-theme="light"])', ':root[data-theme="dark"]')
    css += (_TEMPLATES / "style.css").read_text(encoding="utf-8")
    js = "\n".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in ("list.js", "conversation.js", "app.js"))
    # What the page's own script loads from disk is let in by `strict-dynamic`; nothing else is.
    loads = "" if chunk is not None else " 'strict-dynamic'"
    policy = (
        f"default-src 'none'; script-src {_hash(js)}{loads}; style-src {_hash(css)};"
        " img-src 'none'; base-uri 'none'; form-action 'none'"
    )
    template = environment().get_template("page.html.j2")
    return template.render(
        o=overview,
        agents=report.agents(),
        csp=policy,
        css=Markup(css),
        js=Markup(js),
        index=Markup(_index(report, beside)),
        chunk=None if chunk is None else Markup(chunk),
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _index(report: Report, beside: str) -> str:
    """A row for each conversation, with agents and behaviours by number."""
    behaviours: dict[str, int] = {}
    agents: dict[str, int] = {}

    def numbers(names: Iterable[str], known: dict[str, int]) -> list[int]:
        return [known.setdefault(name, len(known)) for name in names]

    rows = [
        [
            row["id"],
            numbers(row["agents"], agents),
            row["started"],
            None if row["score"] is None else round(row["score"], 1),
            int(row["failed"]),
            row["turns"],
            row["open"],
            row["opening"],
            *(numbers(row[outcome], behaviours) for outcome in ("shown", "missed", "breached")),
        ]
        for row in report.index
    ]
    titles = {name: report.names.behaviour(name) for name in behaviours}
    return _json(
        {
            "rows": rows,
            "agents": list(agents),
            "behaviours": list(titles.items()),
            "chunk": _CHUNK,
            "shards": SHARDS,
            "folder": beside,
        }
    )


def _packed(pages: list[dict[str, Any]]) -> str:
    """Pages as JSON in which every text that comes again stands once."""
    strings: dict[str, int] = {}

    def ref(text: str | None) -> int | None:
        return None if text is None else strings.setdefault(text, len(strings))

    def verdict(v: dict[str, Any]) -> list[Any]:
        words = [ref(w) for w in v["wording"]]
        return [
            *(ref(v[k]) for k in ("title", "outcome", "reason")),
            v["due_turn"],
            ref(v["due_cue"]),
            int(v["critical"]),
            v["marks"],
            ref(v["advice"]),
            ref(v["why"]),
            words,
        ]

    def mark(m: dict[str, Any]) -> list[Any]:
        found = [[ref(f["by"]), ref(f["what"]), f["sure"]] for f in m["found"]]
        return [m["start"], m["end"], *(ref(m[k]) for k in ("kind", "title", "what", "subtype")), found]

    def turn(t: dict[str, Any]) -> list[Any]:
        packed: list[Any] = [
            t["n"],
            ref(t["role"]),
            ref(t["who"]),
            t["time"],
            t["text"],
            [mark(m) for m in t["marks"]],
            t["score"],
            t["before_failing"],
            [ref(b) for b in t["failed_by"]],
            [verdict(v) for v in t["verdicts"]],
            [[ref(i["title"]), ref(i["advice"]), [ref(w) for w in i["wording"]]] for i in t["ideas"]],
        ]
        while packed[-1] in ([], None):
            packed.pop()
        return packed

    keys = ("id", "agents", "started", "channel", "rating", "score", "before_failing", "failed_by", "promises")
    packed = [{k: page[k] for k in keys} | {"turns": [turn(t) for t in page["turns"]]} for page in pages]
    return _json({"pages": packed, "strings": list(strings)})


def _json(data: Any) -> str:
    """JSON that may stand inside a script element: no `<`, and no line ends that scripts do not know."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _day(day: str, rest: str) -> str:
    found = date.fromisoformat(day)
    return f"{found.day} {found.strftime(rest)}"
