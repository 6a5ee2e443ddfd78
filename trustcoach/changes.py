"""Two scorings of the same conversations beside each other: what other rules or weights would change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

from trustcoach.errors import InputError
from trustcoach.results import BehaviourCount, ConversationScore
from trustcoach.scorecard import Tallies, count_behaviours
from trustcoach.tables import Row, frame

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["what_changes"]

_TEXT, _INT, _FLOAT = pa.string(), pa.int32(), pa.float64()
_BEFORE_AFTER = [("before", _FLOAT), ("after", _FLOAT), ("difference", _FLOAT)]
_OUTCOMES = ("shown", "missed", "breached")

_SCHEMAS = {
    "scores": pa.schema([("conversation_id", _TEXT), *_BEFORE_AFTER]),
    "agents": pa.schema([("agent", _TEXT), ("n", _INT), *_BEFORE_AFTER]),
    "behaviours": pa.schema(
        [("behaviour", _TEXT), *((f"{o}_{when}", _INT) for when in ("before", "after") for o in _OUTCOMES)]
    ),
    "verdicts": pa.schema(
        [
            ("conversation_id", _TEXT),
            ("turn", _INT),
            ("speaker", _TEXT),
            ("behaviour", _TEXT),
            ("before", _TEXT),
            ("after", _TEXT),
            ("text", _TEXT),
        ]
    ),
}


def what_changes(before: Iterable[ConversationScore], after: Iterable[ConversationScore]) -> dict[str, pd.DataFrame]:
    """What changes when the same conversations are scored in another way.

    Parameters
    ----------
    before, after: the two scorings, with the same conversations in the same order.

    Returns
    -------
    Frames with nullable types:
    `scores` (every conversation) and `agents` (every agent; n: conversations with a score afterwards) with the score before,
    after, and the difference in points; `behaviours`, how often each was shown, missed and breached before and after;
    `verdicts`, those that differ, with the words of the turn; `<NA>` there means that the behaviour did not apply.

    Raises
    ------
    InputError: when the two are not of the same conversations.
    """
    first, second = list(before), list(after)
    if [s.conversation for s in first] != [s.conversation for s in second]:
        raise InputError(
            "the two scorings are not of the same conversations",
            remedy="Read the conversations once, into a list, and score that list with both coaches.",
        )
    tables: dict[str, list[Row]] = {
        "scores": [
            {"conversation_id": a.conversation.id, **_difference(a.score, b.score)}
            for a, b in zip(first, second, strict=True)
        ],
        "agents": _agents(first, second),
        "behaviours": _behaviours(first, second),
        "verdicts": [row for a, b in zip(first, second, strict=True) for row in _verdicts(a, b)],
    }
    return {name: frame(found, _SCHEMAS[name]) for name, found in tables.items()}


def _difference(before: float | None, after: float | None) -> Row:
    known = before is not None and after is not None
    return {"before": before, "after": after, "difference": round(after - before, 4) if known else None}  # type: ignore[operator]


def _agents(first: list[ConversationScore], second: list[ConversationScore]) -> list[Row]:
    sides = []
    for scored in (first, second):
        tallies = Tallies()
        for conversation in scored:
            tallies.add(conversation)
        sides.append(tallies.scores())
    return [{"agent": a.agent, "n": b.n, **_difference(a.score, b.score)} for a, b in zip(*sides, strict=True)]


def _behaviours(first: list[ConversationScore], second: list[ConversationScore]) -> list[Row]:
    sides = [
        {c.behaviour: c for c in count_behaviours(v for s in scored for v in s.verdicts)} for scored in (first, second)
    ]
    made = []
    for name in sorted({*sides[0], *sides[1]}):
        row: Row = {"behaviour": name}
        for when, side in zip(("before", "after"), sides, strict=True):
            count = side.get(name, BehaviourCount(name))
            row |= {f"{outcome}_{when}": getattr(count, outcome) for outcome in _OUTCOMES}
        made.append(row)
    return made


def _verdicts(before: ConversationScore, after: ConversationScore) -> Iterable[Row]:
    sides = [{(v.turn, v.behaviour): str(v.outcome) for v in scored.verdicts} for scored in (before, after)]
    turns = {t.index: t for t in before.conversation.turns}
    for turn, behaviour in sorted({*sides[0], *sides[1]}):
        old, new = (side.get((turn, behaviour)) for side in sides)
        if old != new:
            yield {
                "conversation_id": before.conversation.id,
                "turn": turn,
                "speaker": turns[turn].speaker,
                "behaviour": behaviour,
                "before": old,
                "after": new,
                "text": turns[turn].text,
            }
