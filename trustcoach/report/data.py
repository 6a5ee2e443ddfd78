"""What the report says, as plain values gathered from the tables of a run; it computes no scores of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from trustcoach.errors import CatalogueError
from trustcoach.pack import load_catalogue, pack_folder
from trustcoach.reading.report import COUNTS
from trustcoach.redact import Redactor
from trustcoach.report.agents import Agents
from trustcoach.report.load import Bundle, Run, load_run
from trustcoach.report.page import Names, agent_label, conversation_page
from trustcoach.report.phrases import Phrases
from trustcoach.scorecard import UNNAMED
from trustcoach.tables import Row

__all__ = ["LIMITS", "Report"]

LIMITS = (
    "Security spending, opt-in policies, product plans and customer profiles are company practice. A chat shows only their trace"
    " in what agents say, so they are not judged here.",
    "Whether a promise was kept after the conversation ended. A promise left open here may well have been kept.",
    "Whether what an agent said is true, and whether the solution worked.",
    "Tone of voice, pauses and anything said on another channel.",
)
"""What a transcript cannot show, said plainly in every report."""

_MOST_QUOTES = 12
_MOST_PROMISES = 40
_WEEKS = 105


@dataclass(slots=True)
class Report:
    """Gathers the report of the run in a folder.

    Go through `pages` once; after that, `overview` and `agents` say the rest and `index` has a row for each conversation.

    Parameters
    ----------
    folder: what `trustcoach score --out` wrote.
    redact: mask what points to a person.
    agent_names: with *redact*, leave the names of agents as they are.
    """

    folder: Path
    redact: bool = True
    agent_names: bool = False
    index: list[dict[str, Any]] = field(default_factory=list)
    run: Run = field(init=False)
    names: Names = field(init=False)
    _redactor: Redactor | None = field(init=False)
    _labels: dict[str, str] = field(init=False, default_factory=dict)
    _agents: Agents = field(init=False)
    _phrases: Phrases = field(init=False)
    _bins: list[int] = field(init=False, default_factory=lambda: [0] * 10)
    _failed: int = field(init=False, default=0)
    _weeks: dict[date, list[int]] = field(init=False, default_factory=dict)
    _breaches: dict[str, dict[str, Any]] = field(init=False, default_factory=dict)
    _promises: list[dict[str, Any]] = field(init=False, default_factory=list)
    _open: int = field(init=False, default=0)
    _span: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.run = load_run(self.folder)
        try:
            catalogue = load_catalogue(pack_folder(str(self.run.settings.get("pack", "en"))))
        except CatalogueError:
            catalogue = load_catalogue(pack_folder("en"))
        self.names = Names(catalogue)
        self._redactor = Redactor(agent_names=self.agent_names) if self.redact else None
        self._agents, self._phrases = Agents(self.names), Phrases(self.names)

    @property
    def conversations(self) -> int:
        """How many conversations the run holds, known before they are gone through."""
        return int(self.run.summary.get("conversations", 0))

    def pages(self) -> Iterator[dict[str, Any]]:
        """The page of each conversation, in order."""
        used: set[str] = set()
        for bundle in self.run.conversations():
            page = conversation_page(bundle, self.names, self._redactor)
            if page["id"] in used:
                page["id"] += f" ({len(self.index) + 1})"
            used.add(page["id"])
            self._gather(bundle, page)
            yield page

    def _gather(self, bundle: Bundle, page: dict[str, Any]) -> None:
        labels: dict[str, str] = {}
        for row in bundle.turns:
            if row["role"] == "agent" and (row["speaker"] or UNNAMED) not in labels:
                labels[row["speaker"] or UNNAMED] = page["agents"][len(labels)]
        self._labels.update(labels)
        by_turn = {t["turn"]: labels[t["speaker"] or UNNAMED] for t in bundle.turns if t["role"] == "agent"}
        self._agents.add(page, by_turn)
        self._phrases.add(page, by_turn)
        score, failed = bundle.score["score"], bool(bundle.score["failed_by"])
        if failed:
            self._failed += 1
        elif score is not None:
            self._bins[min(9, int(score // 10))] += 1
        if bundle.score["started"] is not None:
            day = bundle.score["started"].date()
            self._span = [min([*self._span[:1], day.isoformat()]), max([*self._span[1:], day.isoformat()])]
            week = self._weeks.setdefault(day - timedelta(days=day.weekday()), [0, 0, 0, 0])
            for i, n in enumerate((1, page["shown"], page["missed"], page["breached"])):
                week[i] += n
        self._note_breaches(page, by_turn)
        left_open = [p for p in page["promises"] if p["fate"] in {"open", "contradicted"} and not p["immediate"]]
        self._open += len(left_open)
        for p in left_open[: _MOST_PROMISES - len(self._promises)]:
            self._promises.append(
                {k: p[k] for k in ("turn", "action", "deadline", "owner", "fate")}
                | {"conversation": page["id"], "agent": by_turn.get(p["turn"]), "started": page["started"]}
            )
        self.index.append(_index_row(page, len(left_open)))

    def _note_breaches(self, page: dict[str, Any], by_turn: dict[int, str]) -> None:
        for turn in page["turns"]:
            for verdict in turn["verdicts"]:
                if verdict["outcome"] != "breached":
                    continue
                entry = self._breaches.setdefault(
                    verdict["behaviour"],
                    {
                        "behaviour": verdict["behaviour"],
                        "title": verdict["title"],
                        "critical": verdict["critical"],
                        "weight": verdict["weight"],
                        "count": 0,
                        "conversations": 0,
                        "quotes": [],
                        "last": None,
                    },
                )
                entry["count"] += 1
                if entry["last"] != page["id"]:
                    entry["last"] = page["id"]
                    entry["conversations"] += 1
                    if len(entry["quotes"]) < _MOST_QUOTES:
                        entry["quotes"].append(
                            {
                                "conversation": page["id"],
                                "turn": turn["n"],
                                "agent": by_turn.get(turn["n"]),
                                "text": _quote(turn, verdict),
                            }
                        )

    def overview(self) -> dict[str, Any]:
        """The overview, once all pages were gone through."""
        summary = self.run.summary
        breaches = sorted(
            self._breaches.values(), key=lambda b: (not b["critical"], -b["weight"], -b["count"], b["behaviour"])
        )
        for entry in breaches:
            entry.pop("last", None)
        behaviours = [
            b
            | {"title": self.names.behaviour(b["behaviour"]), "why": self.names.why(b["behaviour"])}
            | {"critical": self.names.critical(b["behaviour"]), "share": self._share(b)}
            for b in summary.get("behaviours", [])
        ]
        behaviours.sort(key=lambda b: (b["share"] or 0.0, -b["due"], b["behaviour"]))
        return {
            "version": summary.get("version"),
            "conversations": summary.get("conversations", 0),
            "scorable": summary.get("scorable", 0),
            "turns": summary.get("turns", 0),
            "agent_turns": summary.get("agent_turns", 0),
            "score": summary.get("score"),
            "failed": summary.get("failed", 0),
            "from": self._span[0] if self._span else None,
            "to": self._span[1] if self._span else None,
            "redacted": self._redactor.counts() if self._redactor else None,
            "agent_names": not self.redact or self.agent_names,
            "reading": self._reading(),
            "distribution": {
                "bins": list(self._bins),
                "failed": self._failed,
                "none": len(self.index) - sum(self._bins) - self._failed,
            },
            "behaviours": behaviours,
            "first": _first(behaviours),
            "trend": self._trend(),
            "breaches": breaches,
            "promises": {"fates": summary.get("promises", {}), "open": self._open, "first": self._promises},
            "phrases": self._phrases.overused(len(self.index)),
            "differences": self._differences(),
            "limits": list(LIMITS),
        }

    def agents(self) -> list[dict[str, Any]]:
        """One entry for each agent: ranked ones by score, then those with too few conversations."""
        pages = []
        for row in self.run.agents:
            label = self._label(row["agent"])
            behaviours, strengths, coaching = self._agents.of(label)
            pages.append(
                {
                    **row,
                    "agent": label,
                    "behaviours": behaviours,
                    "strengths": strengths,
                    "coaching": coaching,
                    "differs": self._compared(row["agent"]),
                }
            )
        return sorted(pages, key=lambda a: (not a["ranked"], -(a["score"] or 0.0), a["agent"]))

    def _share(self, row: dict[str, Any]) -> float | None:
        """Share shown, for the order of the table; None for what can only be breached."""
        if not row["due"] or (not row["shown"] and self.names.deciding(row["behaviour"], "shown") is None):
            return None
        return float(round(row["shown"] / row["due"], 4))

    def _label(self, name: str) -> str:
        if name not in self._labels:
            masks = self._redactor.conversation([("agent", name, "")]) if self._redactor else None
            self._labels[name] = agent_label(name, masks)
        return self._labels[name]

    def _differences(self) -> dict[str, Any]:
        pairs = self.run.summary.get("differences", [])
        return {
            "pairs": len(pairs),
            "distinct": [
                {"first": self._label(p["first"]), "second": self._label(p["second"]), "points": p["points"]}
                for p in sorted(pairs, key=lambda p: -abs(p["points"]))
                if p["distinct"]
            ],
        }

    def _compared(self, name: str) -> dict[str, Any]:
        told: list[dict[str, Any]] = []
        alike: list[str] = []
        for p in self.run.summary.get("differences", []):
            if name in (p["first"], p["second"]):
                other = self._label(p["second"] if p["first"] == name else p["first"])
                points = p["points"] if p["first"] == name else -p["points"]
                if p["distinct"]:
                    told.append({"agent": other, "points": points})
                else:
                    alike.append(other)
        return {"distinct": sorted(told, key=lambda d: -abs(d["points"])), "alike": sorted(alike)}

    def _trend(self) -> list[dict[str, Any]]:
        if len(self._weeks) < 2:
            return []
        first, last = min(self._weeks), max(self._weeks)
        weeks = [first + timedelta(weeks=i) for i in range((last - first).days // 7 + 1)]
        keys = ("conversations", "shown", "missed", "breached")
        return [
            {"week": w.isoformat(), **dict(zip(keys, self._weeks.get(w, [0, 0, 0, 0]), strict=True))}
            for w in weeks[-_WEEKS:]
        ]

    def _reading(self) -> dict[str, Any]:
        reading = self.run.reading
        masks = self._redactor.anywhere() if self._redactor else None

        def plain(text: str | None) -> str | None:
            return masks.plain(text) if masks and text else text

        files = reading.get("files", [])
        return {
            "files": [
                {
                    "name": plain(Path(f["name"]).name or f["name"]),
                    **{k: f[k] for k in ("format", "conversations", "turns")},
                }
                for f in files[:25]
            ],
            "file_count": len(files),
            "counts": [
                {"count": n, "what": COUNTS.get(k, k)}
                for k, n in reading.get("counts", {}).items()
                if k not in {"conversations", "turns"}
            ],
            "problems": [
                {
                    "file": plain(Path(p["file"]).name),
                    "where": p["where"],
                    "what": plain(p["what"]),
                    "remedy": p["remedy"],
                }
                for p in reading.get("problems", [])[:25]
            ],
            "problem_count": reading.get("problem_count", 0),
            "guesses": [{"what": plain(what), "count": n} for what, n in reading.get("guesses", {}).items()],
            "swaps": reading.get("suspected_swap_count", 0),
        }


def _first(behaviours: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The three behaviours where most is lost: critical breaches, then breaches counted twice and misses once."""
    lost = [(b["critical"] and b["breached"] > 0, 2 * b["breached"] + b["missed"], b) for b in behaviours]
    lost.sort(key=lambda x: (-x[0], -x[1], x[2]["behaviour"]))
    return [b for _, loss, b in lost[:3] if loss]


def _index_row(page: dict[str, Any], left_open: int) -> dict[str, Any]:
    outcomes: dict[str, list[str]] = {"shown": [], "missed": [], "breached": []}
    for turn in page["turns"]:
        for verdict in turn["verdicts"]:
            if verdict["behaviour"] not in outcomes[verdict["outcome"]]:
                outcomes[verdict["outcome"]].append(verdict["behaviour"])
    opening = next(
        (t["text"] for t in page["turns"] if t["role"] == "customer"), page["turns"][0]["text"] if page["turns"] else ""
    )
    return {
        **{k: page[k] for k in ("id", "agents", "started", "score")},
        "failed": bool(page["failed_by"]),
        "turns": len(page["turns"]),
        "open": left_open,
        "opening": _short(opening, 110),
        **outcomes,
    }


def _quote(turn: Row, verdict: dict[str, Any]) -> str:
    if not verdict["marks"]:
        return _short(turn["text"], 160)
    marks = [turn["marks"][i] for i in verdict["marks"]]
    longest = max(marks, key=lambda m: (m["end"] - m["start"], -m["start"]))
    return _short(turn["text"][longest["start"] : longest["end"]], 160)


def _short(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"
