"""Masks the tables of a run: what was said and by whom, and whatever quotes it; places in texts are carried over."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from trustcoach.output import join_tables, write_json, write_tables, writing_folder
from trustcoach.redact import ConversationMask, Masked, Redactor
from trustcoach.saved import DETAILS, Bundle, load_run
from trustcoach.scorecard import UNNAMED
from trustcoach.tables import Row
from trustcoach.text import shortened

__all__ = ["RunMask", "redact_run"]

_QUOTE = 160
_PART = 20_000


@dataclass(slots=True)
class RunMask:
    """Masks everything that a run wrote, conversation by conversation.

    Parameters
    ----------
    redactor: gives out the masks.
    """

    redactor: Redactor

    def bundle(self, bundle: Bundle) -> Bundle:
        """The rows of a conversation, masked."""
        masks = self.redactor.conversation((t["role"], t["speaker"], t["text"]) for t in bundle.turns)
        texts = {t["turn"]: masks.text(t["text"]) for t in bundle.turns}
        said = {t["turn"]: t["text"] for t in bundle.turns}
        roles = {t["turn"]: t["role"] for t in bundle.turns}
        ident = masks.ident(bundle.score["conversation_id"])
        found: dict[int, list[Row]] = {}
        for row in bundle.findings:
            found.setdefault(row["turn"], []).append(row)

        def quoted(turn: int, quote: str | None, most: int = 0) -> str | None:
            return _quote(quote, said[turn], texts[turn], found.get(turn, ()), masks, most)

        def speaker(row: Row) -> str | None:
            return masks.speaker(roles[row["turn"]], row["speaker"])

        new = {"conversation_id": ident}
        return Bundle(
            bundle.score
            | new
            | {
                "source": bundle.score["source"] and masks.ident(bundle.score["source"]),
                "channel": _plain(masks, bundle.score["channel"]),
                "rating": _plain(masks, bundle.score["rating"]),
                "agents": [masks.speaker("agent", a) for a in bundle.score["agents"] or ()],
            },
            turns=[t | new | {"speaker": speaker(t), "text": texts[t["turn"]].text} for t in bundle.turns],
            findings=[f | new | _finding(f, texts[f["turn"]], masks) for f in bundle.findings],
            verdicts=[v | new | {"speaker": speaker(v)} for v in bundle.verdicts],
            promises=[
                p
                | new
                | {
                    "action": quoted(p["turn"], p["action"]),
                    "deadline": quoted(p["turn"], p["deadline"]),
                    "settled_text": None if p["settled_turn"] is None else quoted(p["settled_turn"], p["settled_text"]),
                }
                for p in bundle.promises
            ],
            advice=[a | new | {"quote": quoted(a["turn"], a["quote"], _QUOTE)} for a in bundle.advice],
        )

    def agents(self, rows: Iterable[Row]) -> list[Row]:
        """Rows of the table `agents`, masked."""
        return [row | {"agent": self.agent(row["agent"])} for row in rows]

    def agent(self, name: str) -> str:
        """What an agent of the run is called."""
        return name if name == UNNAMED else self.redactor.agent(name)

    def summary(self, summary: Mapping[str, Any]) -> dict[str, Any]:
        """`summary.json`, masked, once all conversations were."""
        pairs = [
            p | {"first": self.agent(p["first"]), "second": self.agent(p["second"])}
            for p in summary.get("differences", ())
        ]
        coaching = [
            c | {"conversation_id": self.redactor.ident(c["conversation_id"])} for c in summary.get("coaching", ())
        ]
        agents, masks = self.agents(summary.get("agents", ())), self.redactor.anywhere()
        left_out = [
            p | {"first": masks.ident(p["first"]), "last": masks.ident(p["last"]), "reason": masks.plain(p["reason"])}
            for p in summary.get("left_out", ())
        ]
        return {**summary, "agents": agents, "differences": pairs, "coaching": coaching, "left_out": left_out}

    def reading(self, reading: Mapping[str, Any]) -> dict[str, Any]:
        """`reading.json`, masked, once all conversations were."""
        masks = self.redactor.anywhere()
        told = dict(reading)
        told["files"] = [f | {"name": masks.ident(f["name"])} for f in reading.get("files", ())]
        told["problems"] = [
            p | {"file": masks.ident(p["file"]), "what": masks.plain(p["what"])} for p in reading.get("problems", ())
        ]
        told["guesses"] = {masks.plain(what): n for what, n in reading.get("guesses", {}).items()}
        told["suspected_swaps"] = [self.redactor.ident(i) for i in reading.get("suspected_swaps", ())]
        return told


def redact_run(source: Path, target: Path, *, agent_names: bool = False) -> dict[str, int]:
    """Write the run in the folder *source* to the folder *target* with masks, all or nothing.

    Parameters
    ----------
    agent_names: leave the names of agents as they are.

    Returns
    -------
    How many different things of each kind were masked.

    Raises
    ------
    InputError: when *source* holds no finished run.
    OutputError: when *target* cannot be written.
    """
    run = load_run(source)
    mask = RunMask(Redactor(agent_names=agent_names, after=run.settings.get("redacted")))
    with writing_folder(target) as folder:
        with tempfile.TemporaryDirectory(dir=folder) as aside:
            parts = list(_write_parts(map(mask.bundle, run.conversations()), Path(aside), run.kinds))
            for name in DETAILS:
                join_tables(folder, name, parts, run.kinds)
            write_tables(Path(aside), {"agents": mask.agents(run.agents)}, run.kinds)
            join_tables(folder, "agents", [Path(aside)], run.kinds)
        write_json(folder / "summary.json", mask.summary(run.summary))
        if run.reading:
            write_json(folder / "reading.json", mask.reading(run.reading))
        redacted = mask.redactor.counts()
        write_json(folder / "run.json", {**run.settings, "redacted": redacted})
    return redacted


def _write_parts(bundles: Iterable[Bundle], aside: Path, kinds: Sequence[str]) -> Iterator[Path]:
    """Write the tables a part at a time, for flat memory; the folder of each part."""
    rows: dict[str, list[Row]] = {name: [] for name in DETAILS}
    number = 0
    for bundle in chain(bundles, [None]):
        for name, found in bundle.tables().items() if bundle else ():
            rows[name].extend(found)
        if bundle is None or len(rows["turns"]) >= _PART:
            part = aside / str(number)
            part.mkdir()
            write_tables(part, rows, kinds)
            yield part
            rows = {name: [] for name in DETAILS}
            number += 1


def _finding(row: Row, masked: Masked, masks: ConversationMask) -> Row:
    start, end = masked.span(row["start"], row["end"])
    rule = masks.plain(row["rule"]) if row["detector"] == "model" else row["rule"]
    return {"start": start, "end": end, "text": masked.text[start:end], "rule": rule}


def _quote(
    quote: str | None, said: str, masked: Masked, found: Iterable[Row], masks: ConversationMask, most: int
) -> str | None:
    """A quotation from a turn with masks: a finding's words or the whole turn, found again by what it quotes."""
    if not quote:
        return quote
    places = [
        (f["start"], f["end"]) for f in found if f["text"] == quote or (most and shortened(f["text"], most) == quote)
    ]
    if not places and most and shortened(said, most) == quote:
        places = [(0, len(said))]
    if not places:
        return masks.plain(quote)
    start, end = masked.span(*places[0])
    return shortened(masked.text[start:end], most) if most else masked.text[start:end]


def _plain(masks: ConversationMask, text: str | None) -> str | None:
    return masks.plain(text) if text else text
