"""What the overview gathers while conversations pass: scores, weeks, breaches with their words, promises left open."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from trustcoach.report.page import agent_label, sentence_around
from trustcoach.text import shortened

__all__ = ["Gathered", "left_open"]

_MOST_QUOTES = 12
_MOST_PROMISES = 10
_QUOTE = 160
_WEEKS = 105
_OUTCOMES = ("shown", "missed", "breached")


class Gathered:
    """Gathers from pages of conversations; the methods tell of all that were added.

    Attributes
    ----------
    conversations: how many were added.
    span: the first and the last day, empty where there are no times.
    """

    def __init__(self) -> None:
        self.conversations = 0
        self.span: list[str] = []
        self._bins = [0] * 10
        self._failed = self._open = 0
        self._weeks: dict[date, list[int]] = {}
        self._breaches: dict[str, dict[str, Any]] = {}
        self._promises: tuple[list[dict[str, Any]], ...] = ([], [], [])

    def add(self, page: dict[str, Any]) -> None:
        """Take in the page of a conversation."""
        self.conversations += 1
        if page["failed_by"]:
            self._failed += 1
        elif page["score"] is not None:
            self._bins[min(9, int(page["score"] // 10))] += 1
        if page["started"] is not None:
            self._add_day(page["started"][:10], [1, *(page[outcome] for outcome in _OUTCOMES)])
        for turn in page["turns"]:
            for verdict in turn["verdicts"]:
                if verdict["outcome"] == "breached":
                    self._add_breach(page, turn, verdict)
        still_open = left_open(page)
        self._open += len(still_open)
        agents = {t["n"]: agent_label(t["who"]) for t in page["turns"] if t["role"] == "agent"}
        for p in still_open:
            kept = self._promises[_rank(p)]
            if len(kept) < _MOST_PROMISES:
                kept.append(
                    {k: p[k] for k in ("turn", "action", "deadline", "owner", "fate")}
                    | {"sentence": shortened(p["sentence"], _QUOTE), "conversation": page["id"]}
                    | {"agent": agents.get(p["turn"]), "started": page["started"]}
                )

    def distribution(self) -> dict[str, Any]:
        """Conversations by tens of the score, those that failed, and those without a score."""
        none = self.conversations - sum(self._bins) - self._failed
        return {"bins": list(self._bins), "failed": self._failed, "none": none}

    def trend(self) -> list[dict[str, Any]]:
        """Counts for each week from the first to the last, the last two years at most; none for a single week."""
        if len(self._weeks) < 2:
            return []
        first, last = min(self._weeks), max(self._weeks)
        weeks = [first + timedelta(weeks=i) for i in range((last - first).days // 7 + 1)]
        keys = ("conversations", *_OUTCOMES)
        return [
            {"week": w.isoformat(), **dict(zip(keys, self._weeks.get(w, [0, 0, 0, 0]), strict=True))}
            for w in weeks[-_WEEKS:]
        ]

    def breaches(self) -> list[dict[str, Any]]:
        """Breaches by behaviour, the gravest first, with what was said and where."""
        found = sorted(
            self._breaches.values(), key=lambda b: (not b["critical"], -b["weight"], -b["count"], b["behaviour"])
        )
        return [{k: v for k, v in b.items() if k != "last"} for b in found]

    def promises(self) -> dict[str, Any]:
        """Promises left open: how many, and the first of them: contradicted, then with a deadline, then the rest."""
        return {"open": self._open, "first": [p for kept in self._promises for p in kept][:_MOST_PROMISES]}

    def _add_day(self, day: str, counts: list[int]) -> None:
        self.span = [min([*self.span[:1], day]), max([*self.span[1:], day])]
        when = date.fromisoformat(day)
        week = self._weeks.setdefault(when - timedelta(days=when.weekday()), [0, 0, 0, 0])
        for i, n in enumerate(counts):
            week[i] += n

    def _add_breach(self, page: dict[str, Any], turn: dict[str, Any], verdict: dict[str, Any]) -> None:
        entry = self._breaches.setdefault(
            verdict["behaviour"],
            {
                **{k: verdict[k] for k in ("behaviour", "title", "critical", "weight")},
                "count": 0,
                "conversations": 0,
                "quotes": [],
                "last": None,
            },
        )
        entry["count"] += 1
        if entry["last"] == page["id"]:
            return
        entry["last"] = page["id"]
        entry["conversations"] += 1
        if len(entry["quotes"]) < _MOST_QUOTES:
            entry["quotes"].append(
                {
                    "conversation": page["id"],
                    "turn": turn["n"],
                    "agent": agent_label(turn["who"]),
                    "text": _quote(turn, verdict),
                }
            )


def left_open(page: dict[str, Any]) -> list[dict[str, Any]]:
    """The promises of a conversation that nothing in it says were kept."""
    return [p for p in page["promises"] if p["fate"] in {"open", "contradicted"} and not p["immediate"]]


def _rank(promise: dict[str, Any]) -> int:
    return 0 if promise["fate"] == "contradicted" else 1 if promise["deadline"] else 2


def _quote(turn: dict[str, Any], verdict: dict[str, Any]) -> str:
    if not verdict["marks"]:
        return shortened(turn["text"], _QUOTE)
    marks = [turn["marks"][i] for i in verdict["marks"]]
    longest = max(marks, key=lambda m: (m["end"] - m["start"], -m["start"]))
    return shortened(sentence_around(turn["text"], longest["start"], longest["end"]), _QUOTE)
