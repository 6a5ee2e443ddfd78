"""Results as tidy tables: rows of plain values, Arrow schemas for files, and pandas frames with nullable types.

Not applicable is null, never 0. The names and meanings of tables and columns are a contract; `SCHEMA_VERSION` changes
when they do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from trustcoach.results import AgentScore, BehaviourCount, ConversationScore

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "SCHEMAS",
    "SCHEMA_VERSION",
    "Row",
    "agent_rows",
    "frame",
    "frames",
    "json_row",
    "rows",
    "to_dict",
    "to_json",
]

SCHEMA_VERSION = "1"

Row = dict[str, Any]

_text, _int, _float, _bool = pa.string(), pa.int32(), pa.float64(), pa.bool_()

SCHEMAS: Mapping[str, pa.Schema] = {
    "turns": pa.schema(
        [
            ("conversation_id", _text),
            ("turn", _int),
            ("role", _text),
            ("speaker", _text),
            ("time", pa.timestamp("us", tz="UTC")),
            ("text", _text),
            ("score", _float),
            ("before_failing", _float),
            ("failed_by", pa.list_(_text)),
        ]
    ),
    "findings": pa.schema(
        [
            ("conversation_id", _text),
            ("turn", _int),
            ("role", _text),
            ("cue", _text),
            ("subtype", _text),
            ("start", _int),
            ("end", _int),
            ("text", _text),
            ("detector", _text),
            ("rule", _text),
            ("confidence", _float),
        ]
    ),
    "verdicts": pa.schema(
        [
            ("conversation_id", _text),
            ("turn", _int),
            ("speaker", _text),
            ("behaviour", _text),
            ("outcome", _text),
            ("because", _text),
            ("score_weight", _float),
            ("critical", _bool),
            ("due", _bool),
        ]
    ),
    "scores": pa.schema(
        [
            ("conversation_id", _text),
            ("source", _text),
            ("channel", _text),
            ("rating", _text),
            ("started", pa.timestamp("us", tz="UTC")),
            ("agents", pa.list_(_text)),
            ("turns", _int),
            ("agent_turns", _int),
            ("score", _float),
            ("before_failing", _float),
            ("failed_by", pa.list_(_text)),
            ("applied", _int),
            ("shown", _int),
            ("missed", _int),
            ("breached", _int),
        ]
    ),
    "promises": pa.schema(
        [
            ("conversation_id", _text),
            ("turn", _int),
            ("owner", _text),
            ("action", _text),
            ("deadline", _text),
            ("immediate", _bool),
            ("fate", _text),
            ("settled_turn", _int),
            ("settled_text", _text),
        ]
    ),
    "advice": pa.schema(
        [
            ("conversation_id", _text),
            ("turn", _int),
            ("behaviour", _text),
            ("outcome", _text),
            ("quote", _text),
            ("text", _text),
            ("why", _text),
            ("wording", pa.list_(_text)),
        ]
    ),
    "agents": pa.schema(
        [
            ("agent", _text),
            ("score", _float),
            ("low", _float),
            ("high", _float),
            ("n", _int),
            ("turns", _int),
            ("ranked", _bool),
            ("failed", _int),
            ("spread", _float),
            ("consistency", _float),
            ("shown", _int),
            ("missed", _int),
            ("breached", _int),
        ]
    ),
}


def rows(scored: ConversationScore) -> dict[str, list[Row]]:
    """The rows of one conversation for each table but `agents`."""
    return {name: make(scored) for name, make in _MAKERS.items()}


def agent_rows(agents: Iterable[AgentScore]) -> list[Row]:
    """The rows of the table `agents`."""
    return [
        {
            "agent": a.agent,
            "score": a.score,
            "low": a.low,
            "high": a.high,
            "n": a.n,
            "turns": a.turns,
            "ranked": a.ranked,
            "failed": a.failed,
            "spread": a.spread,
            "consistency": a.consistency,
            **_totals(a.counts),
        }
        for a in agents
    ]


def frames(scored: Iterable[ConversationScore], *, min_n: int | None = None) -> dict[str, pd.DataFrame]:
    """All tables as pandas frames, keyed by name.

    Text, whole numbers, truth values and times have nullable types; a score that does not exist is `<NA>`.

    Parameters
    ----------
    scored: scored conversations; they are gone through once.
    min_n: conversations an agent needs for a rank (default 10).
    """
    from trustcoach.scorecard import MIN_N, Tallies

    tallies = Tallies()
    collected: dict[str, list[Row]] = {name: [] for name in SCHEMAS}
    for conversation in scored:
        tallies.add(conversation)
        for name, found in rows(conversation).items():
            collected[name].extend(found)
    collected["agents"] = agent_rows(tallies.scores(min_n=MIN_N if min_n is None else min_n))
    return {name: frame(found, SCHEMAS[name]) for name, found in collected.items()}


def to_dict(scored: ConversationScore) -> dict[str, Any]:
    """One scored conversation as plain values, ready for JSON.

    Returns
    -------
    `schema_version`, the conversation's `id`, its scorecard under `score`, and one list for each table.
    """
    tables = rows(scored)
    return {
        "schema_version": SCHEMA_VERSION,
        "id": scored.conversation.id,
        "score": _plain(tables.pop("scores")[0]),
        **{
            name: [_plain({k: v for k, v in r.items() if k != "conversation_id"}) for r in found]
            for name, found in tables.items()
        },
        "behaviours": [
            {"behaviour": c.behaviour, "due": c.due, "shown": c.shown, "missed": c.missed, "breached": c.breached}
            for c in scored.counts
        ],
        "ideas": [{"turn": i.turn, "behaviour": i.behaviour, "because": i.because} for i in scored.ideas],
    }


def to_json(scored: ConversationScore) -> str:
    """`to_dict` as one line of JSON."""
    return json.dumps(to_dict(scored), ensure_ascii=False)


def json_row(row: Row) -> str:
    """A row of a table as one line of JSON."""
    return _encode(row)


def _iso(value: Any) -> str:
    text: str = value.isoformat()
    return text


_encode = json.JSONEncoder(ensure_ascii=False, default=_iso).encode


def _plain(row: Row) -> Row:
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()}


def frame(found: list[Row], schema: pa.Schema) -> pd.DataFrame:
    """Rows as a pandas frame with nullable types."""
    import pandas as pd

    types = {
        pa.string(): pd.StringDtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.float64(): pd.Float64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
    }
    made: pd.DataFrame = pa.Table.from_pylist(found, schema=schema).to_pandas(types_mapper=types.get)
    return made


def _turns(scored: ConversationScore) -> list[Row]:
    cards = {t.turn: t for t in scored.turns}
    return [
        {
            "conversation_id": scored.conversation.id,
            "turn": turn.index,
            "role": str(turn.role),
            "speaker": turn.speaker,
            "time": turn.time,
            "text": turn.text,
            "score": card.score if card else None,
            "before_failing": card.before_failing if card else None,
            "failed_by": list(card.failed_by) if card else [],
        }
        for turn in scored.conversation.turns
        for card in [cards.get(turn.index)]
    ]


def _findings(scored: ConversationScore) -> list[Row]:
    roles = {t.index: str(t.role) for t in scored.conversation.turns}
    return [
        {
            "conversation_id": scored.conversation.id,
            "turn": f.turn,
            "role": roles[f.turn],
            "cue": f.cue,
            "subtype": f.subtype,
            "start": f.start,
            "end": f.end,
            "text": f.text,
            "detector": f.detector,
            "rule": f.rule,
            "confidence": f.confidence,
        }
        for f in scored.findings
    ]


def _verdicts(scored: ConversationScore) -> list[Row]:
    speakers = {t.index: t.speaker for t in scored.conversation.turns}
    return [
        {
            "conversation_id": scored.conversation.id,
            "turn": v.turn,
            "speaker": speakers[v.turn],
            "behaviour": v.behaviour,
            "outcome": str(v.outcome),
            "because": v.because,
            "score_weight": v.weight,
            "critical": v.critical,
            "due": v.due,
        }
        for v in scored.verdicts
    ]


def _scores(scored: ConversationScore) -> list[Row]:
    turns = scored.conversation.turns
    agents = [t for t in turns if t.role == "agent"]
    times = [t.time for t in turns if t.time is not None]
    totals = _totals(scored.counts)
    return [
        {
            "conversation_id": scored.conversation.id,
            "source": scored.conversation.source,
            "channel": scored.conversation.channel,
            "rating": scored.conversation.rating,
            "started": min(times, default=None),
            "agents": list(dict.fromkeys(t.speaker for t in agents if t.speaker)),
            "turns": len(turns),
            "agent_turns": len(agents),
            "score": scored.score,
            "before_failing": scored.before_failing,
            "failed_by": list(scored.failed_by),
            "applied": sum(totals.values()),
            **totals,
        }
    ]


def _promises(scored: ConversationScore) -> list[Row]:
    return [
        {
            "conversation_id": scored.conversation.id,
            "turn": p.made.turn,
            "owner": p.owner,
            "action": p.action,
            "deadline": p.deadline,
            "immediate": p.immediate,
            "fate": str(p.fate),
            "settled_turn": p.settled.turn if p.settled else None,
            "settled_text": p.settled.text if p.settled else None,
        }
        for p in scored.promises
    ]


def _advice(scored: ConversationScore) -> list[Row]:
    return [
        {
            "conversation_id": scored.conversation.id,
            "turn": a.turn,
            "behaviour": a.behaviour,
            "outcome": str(a.outcome) if a.outcome else "idea",
            "quote": a.quote,
            "text": a.text,
            "why": a.why,
            "wording": list(a.wording),
        }
        for a in scored.advice
    ]


def _totals(counts: Iterable[BehaviourCount]) -> dict[str, int]:
    counts = list(counts)
    return {name: sum(getattr(c, name) for c in counts) for name in ("shown", "missed", "breached")}


_MAKERS: Mapping[str, Callable[[ConversationScore], list[Row]]] = {
    "turns": _turns,
    "findings": _findings,
    "verdicts": _verdicts,
    "scores": _scores,
    "promises": _promises,
    "advice": _advice,
}
