"""What the page of one conversation says, as plain values, masked if asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from trustcoach.catalogue import Catalogue
from trustcoach.redact import ConversationMask, Masked, Redactor
from trustcoach.report.load import Bundle
from trustcoach.scorecard import UNNAMED
from trustcoach.tables import Row

__all__ = ["Names", "agent_label", "conversation_page", "minute", "pieces"]

_WHERE = re.compile(r"^(?P<reason>.*?)\s*\(turn (?P<turn>\d+), (?P<cue>[^)]+)\)$", re.S)
_CUE = re.compile(r"\(turn (\d+), -?[\w.]+\)")


class Names:
    """Titles of behaviours and cues; what a user's own rules added and the pack does not know gets a readable name."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._behaviours, self._cues = catalogue.behaviours, catalogue.cues
        self.courtesies = {b.shown for b in self._behaviours.values() if b.courtesy and b.shown}

    def behaviour(self, ident: str) -> str:
        known = self._behaviours.get(ident)
        return known.title if known else _humane(ident)

    def why(self, ident: str) -> str:
        known = self._behaviours.get(ident)
        return known.why if known else ""

    def critical(self, ident: str) -> bool:
        known = self._behaviours.get(ident)
        return bool(known and known.critical)

    def deciding(self, behaviour: str, outcome: str) -> str | None:
        """The cue that decides for *outcome*."""
        known = self._behaviours.get(behaviour)
        return None if known is None else known.shown if outcome == "shown" else known.breach

    def cue(self, ident: str) -> dict[str, Any]:
        """Kind (`shown`, `breach`, `context`), name and meaning of a cue."""
        known = self._cues.get(ident)
        kind = "breach" if ident.startswith("-") else known.kind if known and known.kind == "shown" else "context"
        title = self.behaviour(known.behaviour) if known and known.behaviour and kind == "shown" else _humane(ident)
        return {"id": ident, "kind": kind, "title": title, "what": known.what if known else ""}


def conversation_page(bundle: Bundle, names: Names, redactor: Redactor | None) -> dict[str, Any]:
    """The page of the conversation in *bundle*; with *redactor*, masked."""
    score, masks = bundle.score, None
    if redactor:
        masks = redactor.conversation((t["role"], t["speaker"], t["text"]) for t in bundle.turns)
    texts = {t["turn"]: masks.text(t["text"]) if masks else Masked(t["text"]) for t in bundle.turns}
    findings = _by_turn(bundle.findings)
    verdicts, advice = _by_turn(bundle.verdicts), _by_turn(bundle.advice)
    turns = []
    for row in bundle.turns:
        n = row["turn"]
        marks = _marks(findings.get(n, ()), texts[n], masks, names)
        told = advice.get(n, [])
        turns.append(
            {
                "n": n,
                "role": row["role"],
                "who": masks.speaker(row["role"], row["speaker"]) if masks else row["speaker"],
                "time": minute(row["time"]),
                "text": texts[n].text,
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
    speakers = dict.fromkeys(t["speaker"] or UNNAMED for t in bundle.turns if t["role"] == "agent")
    return {
        "id": masks.plain(score["conversation_id"]) if masks else score["conversation_id"],
        "agents": [agent_label(s, masks) for s in speakers],
        "started": minute(score["started"]),
        "channel": _plain(score["channel"], masks),
        "rating": _plain(score["rating"], masks),
        "score": score["score"],
        "before_failing": score["before_failing"],
        "failed_by": [names.behaviour(b) for b in score["failed_by"] or ()],
        "shown": score["shown"],
        "missed": score["missed"],
        "breached": score["breached"],
        "turns": turns,
        "promises": [_promise(p, findings.get(p["turn"], ()), texts, masks) for p in bundle.promises],
    }


def agent_label(name: str, masks: ConversationMask | None) -> str:
    """What an agent is called in the report."""
    if name == UNNAMED:
        return "Unnamed agent"
    return (masks.speaker("agent", name) if masks else name) or name


def minute(time: Any) -> str | None:
    """A time as `2025-03-12 17:27`."""
    return time.strftime("%Y-%m-%d %H:%M") if time is not None else None


def pieces(text: str, marks: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """*text* cut where marks begin and end: (words, the marks that lie over them)."""
    marks = list(marks)
    cuts = sorted({0, len(text), *(place for m in marks for place in (m["start"], m["end"]))})
    return [(text[a:b], [m for m in marks if m["start"] <= a and b <= m["end"]]) for a, b in pairwise(cuts)]


def _marks(found: Iterable[Row], text: Masked, masks: ConversationMask | None, names: Names) -> list[dict[str, Any]]:
    """Evidence in a turn: one mark for each cue and place, with everything that found it."""
    marks: dict[tuple[str, int, int], dict[str, Any]] = {}
    for f in found:
        start, end = text.span(f["start"], f["end"])
        mark = marks.setdefault(
            (f["cue"], start, end),
            {"start": start, "end": end, **names.cue(f["cue"]), "subtype": f["subtype"], "found": []},
        )
        rule = _plain(f["rule"], masks) if f["detector"] == "model" else f["rule"]
        by = {"by": f["detector"], "what": rule, "sure": round(f["confidence"], 2)}
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


def _promise(
    row: Row, found: Iterable[Row], texts: dict[int, Masked], masks: ConversationMask | None
) -> dict[str, Any]:
    action = _plain(row["action"], masks)
    for f in found:
        if f["text"] == row["action"] and f["cue"] == "ownership.commitment":
            start, end = texts[row["turn"]].span(f["start"], f["end"])
            action = texts[row["turn"]].text[start:end]
    return {
        "turn": row["turn"],
        "owner": row["owner"],
        "action": action,
        "deadline": _plain(row["deadline"], masks),
        "immediate": bool(row["immediate"]),
        "fate": row["fate"],
        "settled_turn": row["settled_turn"],
        "settled_text": _plain(row["settled_text"], masks),
    }


def _plain(text: str | None, masks: ConversationMask | None) -> str | None:
    return masks.plain(text) if masks and text else text


def _by_turn(rows: Iterable[Row]) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["turn"], []).append(row)
    return grouped


def _humane(ident: str) -> str:
    return ident.lstrip("-").split(".")[-1].replace("_", " ").capitalize()
