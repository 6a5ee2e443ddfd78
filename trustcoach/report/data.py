"""What the report says, as plain values gathered from the tables of a run; it computes no scores of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trustcoach.errors import CatalogueError
from trustcoach.names import Names
from trustcoach.pack import load_catalogue, pack_folder
from trustcoach.reading.report import COUNTS
from trustcoach.redact import Redactor
from trustcoach.redact_tables import RunMask
from trustcoach.report.agents import Agents
from trustcoach.report.overview import Gathered, left_open
from trustcoach.report.page import agent_label, conversation_page
from trustcoach.report.phrases import Phrases
from trustcoach.saved import Run, load_run
from trustcoach.text import shortened

__all__ = ["LIMITS", "Report"]

LIMITS = (
    "Security spending, opt-in policies, product plans and customer profiles are company practice. A chat shows only their trace"
    " in what agents say, so they are not judged here.",
    "Whether a promise was kept after the conversation ended. A promise left open here may well have been kept.",
    "Whether what an agent said is true, and whether the solution worked.",
    "Tone of voice, pauses and anything said on another channel.",
)
"""What a transcript cannot show, said plainly in every report."""

_OPENING = 110
_MOST_LISTED = 25


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
    _mask: RunMask | None = field(init=False)
    _agents: Agents = field(init=False)
    _phrases: Phrases = field(init=False)
    _gathered: Gathered = field(init=False, default_factory=Gathered)

    def __post_init__(self) -> None:
        self.run = load_run(self.folder)
        self.names = _names(self.run)
        redactor = Redactor(agent_names=self.agent_names, after=self.run.settings.get("redacted"))
        self._mask = RunMask(redactor) if self.redact else None
        self._agents, self._phrases = Agents(self.names), Phrases(self.names)

    @property
    def conversations(self) -> int:
        """How many conversations the run holds, known before they are gone through."""
        return int(self.run.summary.get("conversations", 0))

    def pages(self) -> Iterator[dict[str, Any]]:
        """The page of each conversation, in order."""
        for bundle in self.run.conversations():
            page = conversation_page(self._mask.bundle(bundle) if self._mask else bundle, self.names)
            self._agents.add(page)
            self._phrases.add(page)
            self._gathered.add(page)
            self.index.append(_index_row(page))
            yield page

    def overview(self) -> dict[str, Any]:
        """The overview, once all pages were gone through."""
        gathered = self._gathered
        summary = self._mask.summary(self.run.summary) if self._mask else self.run.summary
        behaviours = [self._behaviour(b) for b in summary.get("behaviours", [])]
        behaviours.sort(key=lambda b: (b["share"] or 0.0, -b["due"], b["behaviour"]))
        return {
            "version": summary.get("version"),
            "conversations": summary.get("conversations", 0),
            "scorable": summary.get("scorable", 0),
            "turns": summary.get("turns", 0),
            "agent_turns": summary.get("agent_turns", 0),
            "score": summary.get("score"),
            "failed": summary.get("failed", 0),
            "from": gathered.span[0] if gathered.span else None,
            "to": gathered.span[1] if gathered.span else None,
            "masked": self.redact,
            "masked_before": bool(self.run.settings.get("redacted")),
            "agent_names": not self.redact or self.agent_names,
            "reading": _reading(self._mask.reading(self.run.reading) if self._mask else self.run.reading),
            "left_out": summary.get("left_out", []),
            "distribution": gathered.distribution(),
            "behaviours": behaviours,
            "first": _first(behaviours),
            "trend": gathered.trend(),
            "breaches": gathered.breaches(),
            "promises": {"fates": summary.get("promises", {}), **gathered.promises()},
            "phrases": self._phrases.overused(len(self.index)),
            "differences": _differences(summary.get("differences", [])),
            "limits": list(LIMITS),
        }

    def agents(self) -> list[dict[str, Any]]:
        """One entry for each agent: ranked ones by score, then those with too few conversations."""
        pages = []
        for row in self._mask.agents(self.run.agents) if self._mask else self.run.agents:
            label = agent_label(row["agent"])
            behaviours, strengths, coaching = self._agents.of(label)
            pages.append(
                {
                    **row,
                    "agent": label,
                    "behaviours": behaviours,
                    "strengths": strengths,
                    "coaching": coaching,
                }
            )
        return sorted(pages, key=lambda a: (not a["ranked"], -(a["score"] or 0.0), a["agent"]))

    def _behaviour(self, counts: dict[str, Any]) -> dict[str, Any]:
        ident = counts["behaviour"]
        only_breach = self.names.only_breach(ident)
        return {
            **counts,
            "title": self.names.behaviour(ident),
            "why": self.names.why(ident),
            "critical": self.names.critical(ident),
            "only_breach": only_breach,
            "share": None if only_breach or not counts["due"] else round(counts["shown"] / counts["due"], 4),
        }


def _differences(pairs: list[dict[str, Any]]) -> dict[str, Any]:
    """How many pairs of agents were compared, and those that differ by more than chance."""
    return {
        "pairs": len(pairs),
        "distinct": [
            {"first": agent_label(p["first"]), "second": agent_label(p["second"]), "points": p["points"]}
            for p in sorted(pairs, key=lambda p: -abs(p["points"]))
            if p["distinct"]
        ],
    }


def _names(run: Run) -> Names:
    """What the run's behaviours are called: as it says itself, otherwise as its pack has it."""
    if "names" in run.settings:
        return Names(run.settings["names"])
    try:
        return Names.of(load_catalogue(pack_folder(str(run.settings.get("pack", "en")))))
    except CatalogueError:
        return Names({})


def _reading(reading: dict[str, Any]) -> dict[str, Any]:
    """What was read and dropped, as the page lists it."""
    files, problems = reading.get("files", []), reading.get("problems", [])
    return {
        "files": [
            {"name": Path(f["name"]).name or f["name"], **{k: f[k] for k in ("format", "conversations", "turns")}}
            for f in files[:_MOST_LISTED]
        ],
        "file_count": len(files),
        "counts": [
            {"count": n, "what": COUNTS.get(k, k)}
            for k, n in reading.get("counts", {}).items()
            if k not in {"conversations", "turns"}
        ],
        "problems": [
            {"file": Path(p["file"]).name, **{k: p[k] for k in ("where", "what", "remedy")}}
            for p in problems[:_MOST_LISTED]
        ],
        "problem_count": reading.get("problem_count", 0),
        "guesses": [{"what": what, "count": n} for what, n in reading.get("guesses", {}).items()],
        "swaps": reading.get("suspected_swap_count", 0),
    }


def _first(behaviours: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The three behaviours where most is lost: critical breaches, then breaches counted twice and misses once."""
    lost = [(b["critical"] and b["breached"] > 0, 2 * b["breached"] + b["missed"], b) for b in behaviours]
    lost.sort(key=lambda x: (-x[0], -x[1], x[2]["behaviour"]))
    return [b for _, loss, b in lost[:3] if loss]


def _index_row(page: dict[str, Any]) -> dict[str, Any]:
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
        "open": len(left_open(page)),
        "opening": shortened(opening, _OPENING),
        **outcomes,
    }
