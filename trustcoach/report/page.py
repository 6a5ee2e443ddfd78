"""What the page of one conversation says, as plain values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from trustcoach.names import Names
from trustcoach.saved import Bundle
from trustcoach.scorecard import UNNAMED
from trustcoach.tables import Row

__all__ = ["agent_label", "conversation_page", "minute", "pieces", "sentence_around"]

_WHERE = re.compile(r"^(?P<reason>.*?)\s*\(turn (?P<turn>\d+), (?P<cue>[^)]+)\)$", re.S)
_BREAK = re.compile(r"[.!?…]+(?=\s|$)|\n+")
_CUE = re.compile(r"\(turn (\d+), -?[\w.]+\)")


def conversation_page(bundle: Bundle, names: Names) -> dict[str, Any]:
    """The page of the conversation in *bundle*."""
    score = bundle.score
    findings = _by_turn(bundle.findings)
    verdicts, advice = _by_turn(bundle.verdicts), _by_turn(bundle.advice)
    turns = []
    for row in bundle.turns:
        n = row["turn"]
        marks = _marks(findings.get(n, ()), names)
        told = advice.get(n, [])
        turns.append(
            {
                "n": n,
                "role": row["role"],
                "who": row["speaker"],
                "time": minute(row["time"]),
                "text": row["text"],
                "marks": marks,
                "score": row["score"],
                "before_failing": row["before_failing"],
                "failed_by": [names.behaviour(b) for b in row["failed_by"] or ()],
                "verdicts": [_verdict(v, told, marks, names) for v in verdicts.get(n, ())],
                "ideas": [
                    _advice(a) | {"title": names.behaviour(a["behaviour"])} for a in told if a["outcome"] == "idea"
                ],
            }
        )
    return {
        "id": score["conversation_id"],
        "agents": list(dict.fromkeys(agent_label(t["who"]) for t in turns if t["role"] == "agent")),
        "started": minute(score["started"]),
        "channel": score["channel"],
        "rating": score["rating"],
        "score": score["score"],
        "before_failing": score["before_failing"],
        "failed_by": [names.behaviour(b) for b in score["failed_by"] or ()],
        "shown": score["shown"],
        "missed": score["missed"],
        "breached": score["breached"],
        "turns": turns,
        "promises": [
            {k: p[k] for k in ("turn", "owner", "action", "deadline", "fate", "settled_turn", "settled_text")}
            | {"immediate": bool(p["immediate"]), "sentence": _promised(p, bundle.turns)}
            for p in bundle.promises
        ],
    }


def agent_label(name: str | None) -> str:
    """What an agent is called in the report."""
    return name if name and name != UNNAMED else "Unnamed agent"


def minute(time: Any) -> str | None:
    """A time as `2025-03-12 17:27`."""
    return time.strftime("%Y-%m-%d %H:%M") if time is not None else None


def pieces(text: str, marks: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """*text* cut where marks begin and end: (words, the marks that lie over them)."""
    marks = list(marks)
    cuts = sorted({0, len(text), *(place for m in marks for place in (m["start"], m["end"]))})
    return [(text[a:b], [m for m in marks if m["start"] <= a and b <= m["end"]]) for a, b in pairwise(cuts)]


def sentence_around(text: str, start: int, end: int) -> str:
    """The sentence or sentences of *text* that hold the stretch from *start* to *end*, on one line."""
    first = max((m.end() for m in _BREAK.finditer(text, 0, start)), default=0)
    last = next((m.end() for m in _BREAK.finditer(text, max(end - 1, start))), len(text))
    return " ".join(text[first:last].split())


def _promised(promise: Row, turns: Iterable[Row]) -> str:
    """The sentence in which something was promised."""
    text = next((t["text"] for t in turns if t["turn"] == promise["turn"]), "")
    at = text.find(promise["action"])
    return promise["action"] if at < 0 else sentence_around(text, at, at + len(promise["action"]))


def _marks(found: Iterable[Row], names: Names) -> list[dict[str, Any]]:
    """Evidence in a turn: one mark for each cue and place, with everything that found it."""
    marks: dict[tuple[str, int, int], dict[str, Any]] = {}
    for f in found:
        start, end = f["start"], f["end"]
        mark = marks.setdefault(
            (f["cue"], start, end),
            {"start": start, "end": end, **names.cue(f["cue"]), "subtype": f["subtype"], "found": []},
        )
        by = {"by": f["detector"], "what": f["rule"], "sure": round(f["confidence"], 2)}
        if by not in mark["found"]:
            mark["found"].append(by)
    return [marks[key] for key in sorted(marks, key=lambda k: (k[1], -k[2], k[0]))]


def _verdict(row: Row, told: list[Row], marks: list[dict[str, Any]], names: Names) -> dict[str, Any]:
    place = _WHERE.match(row["because"] or "")
    cue = names.deciding(row["behaviour"], row["outcome"])
    advice = next((a for a in told if a["behaviour"] == row["behaviour"] and a["outcome"] == row["outcome"]), None)
    reason = place["reason"] if place else row["because"]
    return {
        "behaviour": row["behaviour"],
        "title": names.behaviour(row["behaviour"]),
        "outcome": row["outcome"],
        "critical": bool(row["critical"]),
        "due": bool(row["due"]),
        "weight": row["score_weight"],
        "reason": reason,
        "due_turn": int(place["turn"]) if place else None,
        "due_cue": names.cue(place["cue"])["title"] if place else None,
        "marks": [i for i, m in enumerate(marks) if m["id"] == cue] if row["outcome"] != "missed" else [],
        **(_advice(advice) if advice else {"advice": "", "why": names.why(row["behaviour"]), "wording": []}),
    }


def _advice(row: Row) -> dict[str, Any]:
    return {
        "advice": _CUE.sub(r"(turn \1)", row["text"] or ""),
        "why": row["why"],
        "wording": list(row["wording"] or ()),
    }


def _by_turn(rows: Iterable[Row]) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["turn"], []).append(row)
    return grouped
