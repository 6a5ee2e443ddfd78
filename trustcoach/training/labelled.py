"""Reads labelled conversations: JSON Lines with one conversation a line.

    {"conversation_id": "c-1", "starts_at_beginning": true, "turns": [
        {"i": 0, "role": "customer", "text": "it broke again", "cues": [["customer.problem", 0, 14]]},
        {"i": 1, "role": "agent", "text": "ok", "cues": [], "missed": ["support.empathy"]}]}

`cues` are `[name, start, end]` or `[name, start, end, subtype]`, offsets in code points, end exclusive; `missed` are
behaviours that were due in this reply and not given. `weight` (1 where it is left out) says how much the conversation
counts in training. Other keys are kept out of the way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from trustcoach.conversation import Conversation, Role, Turn
from trustcoach.errors import InputError

__all__ = ["Label", "Labelled", "read_labelled"]


@dataclass(frozen=True, slots=True)
class Label:
    """A cue that a person marked: its name, its place, and its subtype where it has one."""

    cue: str
    start: int
    end: int
    subtype: str | None = None


@dataclass(frozen=True, slots=True)
class Labelled:
    """A conversation with a person's labels: cues and missed behaviours by turn index, and its weight in training."""

    conversation: Conversation
    cues: dict[int, tuple[Label, ...]]
    missed: dict[int, tuple[str, ...]]
    weight: float = 1.0


def read_labelled(paths: str | PathLike[str] | Iterable[str | PathLike[str]]) -> Iterator[Labelled]:
    """Read labelled conversations from files, or from every `.jsonl` file of a folder, in order of name.

    Raises
    ------
    InputError: names file, line and what is wrong with it.
    """
    for given in [paths] if isinstance(paths, str | PathLike) else paths:
        path = Path(given)
        files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        if not files:
            raise InputError("there is no .jsonl file in this folder", path=str(path))
        for file in files:
            yield from _file(file)


def _file(path: Path) -> Iterator[Labelled]:
    try:
        stream = path.open(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be opened ({error.strerror})", path=str(path)) from error
    with stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                yield _conversation(json.loads(line), str(path))
            except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
                what = f"no {error}" if isinstance(error, KeyError) else str(error)
                raise InputError(
                    f"is not a labelled conversation: {what}",
                    path=str(path),
                    where=f"line {number}",
                    remedy="Each line holds conversation_id and turns[] with i, role, text, cues [[name, start, end]] and missed.",
                ) from error


def _conversation(data: dict[str, object], source: str) -> Labelled:
    turns, cues, missed = [], {}, {}
    items = data["turns"]
    if not isinstance(items, list):
        raise TypeError("turns is not a list")
    for position, item in enumerate(items):
        index = int(item.get("i", item.get("index", position)))
        text = str(item["text"])
        turns.append(Turn(index, Role(item["role"]), text, speaker=item.get("speaker")))
        labels = []
        for mark in item.get("cues") or ():
            label = Label(str(mark[0]), int(mark[1]), int(mark[2]), mark[3] if len(mark) > 3 else None)
            if not 0 <= label.start < label.end <= len(text):
                raise ValueError(f"turn {index}: {label.cue} lies outside of the text ({label.start}-{label.end})")
            labels.append(label)
        cues[index] = tuple(labels)
        missed[index] = tuple(str(m) for m in item.get("missed") or ())
    ident = str(data.get("conversation_id", data.get("id")))
    weight = float(str(data.get("weight", 1)))
    if not 0 < weight < 1000:
        raise ValueError(f"weight is {weight:g}; it lies between 0 and 1000")
    return Labelled(Conversation(ident, tuple(turns), source=source), cues, missed, weight)
