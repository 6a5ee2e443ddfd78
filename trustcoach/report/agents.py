"""What an agent's page says: strengths first, then what is most worth coaching, with the agent's own examples."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from trustcoach.names import Names
from trustcoach.report.page import agent_label, pieces

__all__ = ["Agents"]

_OUTCOMES = ("shown", "missed", "breached")
_LEAST_SHOWN = 3
_LEAST_TOLD = 2
_CONTEXT = 3

Key = tuple[float, ...]


@dataclass(slots=True)
class _Behaviour:
    """One behaviour of one agent: counts, weight lost, and the turns that show it best and worst."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_OUTCOMES, 0))
    critical: int = 0
    lost: float = 0.0
    best: tuple[Key, dict[str, Any]] | None = None
    worst: tuple[Key, dict[str, Any]] | None = None
    said: dict[str, Any] = field(default_factory=dict)


class Agents:
    """Gathers agents' behaviours and examples as conversations pass."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._by_agent: dict[str, dict[str, _Behaviour]] = {}
        self._team: dict[str, list[int]] = {}

    def add(self, page: dict[str, Any]) -> None:
        """Take in the page of a conversation."""
        for at, turn in enumerate(page["turns"]):
            for verdict in turn["verdicts"]:
                of_agent = self._by_agent.setdefault(agent_label(turn["who"]), {})
                mine = of_agent.setdefault(verdict["behaviour"], _Behaviour())
                team = self._team.setdefault(verdict["behaviour"], [0, 0])
                outcome = verdict["outcome"]
                mine.counts[outcome] += 1
                team[0] += outcome == "shown"
                team[1] += 1
                if outcome == "shown":
                    key: Key = (verdict["due"], turn["score"] or 0.0, -abs(len(turn["text"]) - 140))
                    if mine.best is None or key > mine.best[0]:
                        mine.best = (key, _excerpt(page, at, verdict))
                else:
                    hurt = verdict["critical"] and outcome == "breached"
                    mine.critical += hurt
                    mine.lost += verdict["weight"] * (2 if outcome == "breached" else 1)
                    key = (hurt, outcome == "breached", -(turn["score"] or 0.0), -abs(len(turn["text"]) - 140))
                    if mine.worst is None or key > mine.worst[0]:
                        mine.worst = (key, _excerpt(page, at, verdict))

    def of(self, agent: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
        """All behaviours of *agent*, the best first, the strengths, and the two most worth coaching."""
        mine = self._by_agent.get(agent, {})
        table = [self._row(ident, mine[ident]) for ident in sorted(mine)]
        table.sort(key=lambda b: (b["only_breach"], -b["shown"] / b["due"], -b["due"]))
        by_loss = sorted(mine, key=lambda b: (-mine[b].critical, -mine[b].lost, b))
        coaching = [b for b in by_loss if mine[b].lost > 0][:2]
        strong = [b for b in mine if b not in coaching and self._is_strong(b, mine[b])]
        if not strong:  # there is always something to begin with, as long as anything was shown
            strong = [b for b in mine if mine[b].counts["shown"] and b not in coaching]
        strong.sort(key=lambda b: (-self._lead(b, mine[b]), -mine[b].counts["shown"], b))
        return (
            table,
            [self._row(b, mine[b]) | {"best": _told(mine[b].best)} for b in strong[:3]],
            [self._row(b, mine[b]) | {"best": _told(mine[b].best), "worst": _told(mine[b].worst)} for b in coaching],
        )

    def _row(self, ident: str, mine: _Behaviour) -> dict[str, Any]:
        team = self._team[ident]
        return {
            "behaviour": ident,
            "title": self._names.behaviour(ident),
            "why": self._names.why(ident),
            "critical": self._names.critical(ident),
            "only_breach": self._names.only_breach(ident),
            "due": sum(mine.counts.values()),
            **mine.counts,
            "team_shown": team[0],
            "team_due": team[1],
        }

    def _is_strong(self, ident: str, mine: _Behaviour) -> bool:
        counts = mine.counts
        return counts["shown"] >= _LEAST_SHOWN and counts["shown"] > _LEAST_TOLD * (
            counts["missed"] + counts["breached"]
        )

    def _lead(self, ident: str, mine: _Behaviour) -> float:
        """How far the agent's share shown lies above everybody's, drawn towards nought where there is little to go by."""
        team, due = self._team[ident], sum(mine.counts.values())
        return (mine.counts["shown"] / due - team[0] / team[1]) * due / (due + 10)


def _excerpt(page: dict[str, Any], at: int, verdict: dict[str, Any]) -> dict[str, Any]:
    """The turn in its context: what it answers, from the customer's last words on."""
    turns, first = page["turns"], at
    while first > 0 and at - first < _CONTEXT and (first == at or turns[first]["role"] == "agent"):
        first -= 1
    return {"conversation": page["id"], "started": page["started"], "turns": turns[first : at + 1], "verdict": verdict}


def _told(example: tuple[Key, dict[str, Any]] | None) -> dict[str, Any] | None:
    """An example as the page shows it; its last turn marked with the evidence for the verdict alone."""
    if example is None:
        return None
    found = example[1]
    verdict = found["verdict"]
    turns = [{k: t[k] for k in ("n", "role", "who", "text")} | {"pieces": [(t["text"], False)]} for t in found["turns"]]
    last = found["turns"][-1]
    turns[-1]["pieces"] = _pieces(last["text"], [last["marks"][i] for i in verdict["marks"]])
    if verdict["due_turn"] is not None:
        for shown, turn in zip(turns[:-1], found["turns"][:-1], strict=True):
            if turn["n"] == verdict["due_turn"]:
                shown["pieces"] = _pieces(turn["text"], [m for m in turn["marks"] if m["title"] == verdict["due_cue"]])
    return {**{k: found[k] for k in ("conversation", "started")}, "turn": last["n"], "turns": turns, "verdict": verdict}


def _pieces(text: str, marks: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    """*text* cut where evidence begins and ends: (words, whether they are evidence)."""
    cut = groupby(pieces(text, marks), key=lambda piece: bool(piece[1]))
    return [("".join(words for words, _ in group), evidence) for evidence, group in cut]
