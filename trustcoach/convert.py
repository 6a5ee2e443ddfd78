"""Conversations in the shapes that other tools read: JSON Lines, CSV, Parquet, ConvoKit, Label Studio."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from trustcoach.conversation import Conversation, Turn
from trustcoach.errors import OutputError

__all__ = ["TARGETS", "json_line", "label_studio_task", "record", "utf16_offset", "write"]

_COLUMNS = ("conversation_id", "turn", "role", "speaker", "text", "time", "message_id", "channel", "rating", "tags")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def record(conversation: Conversation) -> dict[str, Any]:
    """A conversation as the project's own JSON; what is not known is left out."""
    data: dict[str, Any] = {"id": conversation.id}
    if conversation.channel is not None:
        data["channel"] = conversation.channel
    if conversation.rating is not None:
        data["rating"] = conversation.rating
    if conversation.tags:
        data["tags"] = list(conversation.tags)
    data["turns"] = [_turn(turn) for turn in conversation.turns]
    return data


def _turn(turn: Turn) -> dict[str, Any]:
    data: dict[str, Any] = {"index": turn.index, "role": str(turn.role), "text": turn.text}
    if turn.speaker is not None:
        data["speaker"] = turn.speaker
    if turn.time is not None:
        data["time"] = _moment(turn)
    if turn.id is not None:
        data["id"] = turn.id
    return data


def _moment(turn: Turn) -> str:
    return turn.time.isoformat().replace("+00:00", "Z") if turn.time else ""


def json_line(conversation: Conversation) -> str:
    """A conversation as one line of the project's own JSON Lines, its end included."""
    return json.dumps(record(conversation), ensure_ascii=False) + "\n"


def utf16_offset(text: str, offset: int) -> int:
    """An offset in code points as an offset in UTF-16 units, which JavaScript tools count in."""
    return offset + sum(character > "\uffff" for character in text[:offset])


def label_studio_task(
    conversation: Conversation, spans: Iterable[tuple[int, int, int, str]] = (), *, label_name: str = "cue"
) -> dict[str, Any]:
    """A conversation as a Label Studio task for the `Paragraphs` tag.

    Parameters
    ----------
    spans: places to show as predictions: turn index, start and end in code points, label.
    label_name: the name of the `ParagraphLabels` tag in the labelling configuration.
    """
    dialogue = [
        {"author": turn.speaker or str(turn.role), "role": str(turn.role), "text": turn.text, "turn": turn.index}
        for turn in conversation.turns
    ]
    task: dict[str, Any] = {"data": {"conversation_id": conversation.id, "dialogue": dialogue}}
    places = {turn.index: place for place, turn in enumerate(conversation.turns)}
    results = []
    for index, start, end, label in spans:
        text = conversation.turns[places[index]].text
        value = {
            "start": str(places[index]),
            "end": str(places[index]),
            "startOffset": utf16_offset(text, start),
            "endOffset": utf16_offset(text, end),
            "text": text[start:end],
            "paragraphlabels": [label],
        }
        results.append({"from_name": label_name, "to_name": "dialogue", "type": "paragraphlabels", "value": value})
    if results:
        task["predictions"] = [{"result": results}]
    return task


def _rows(conversations: Iterable[Conversation]) -> Iterator[dict[str, Any]]:
    for conversation in conversations:
        for turn in conversation.turns:
            yield {
                "conversation_id": conversation.id,
                "turn": turn.index,
                "role": str(turn.role),
                "speaker": turn.speaker,
                "text": turn.text,
                "time": turn.time,
                "message_id": turn.id,
                "channel": conversation.channel,
                "rating": conversation.rating,
                "tags": ",".join(conversation.tags) or None,
            }


def _jsonl(conversations: Iterable[Conversation], stream: IO[str]) -> None:
    for conversation in conversations:
        stream.write(json_line(conversation))


def _csv(conversations: Iterable[Conversation], stream: IO[str]) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in _rows(conversations):
        row["time"] = row["time"].isoformat().replace("+00:00", "Z") if row["time"] else None
        writer.writerow([_harmless(row[name]) if isinstance(row[name], str) else row[name] for name in _COLUMNS])


def _harmless(text: str) -> str:
    """A cell that a spreadsheet does not take for a formula; the reader takes the mark off again."""
    return f"'{text}" if _FORMULA.match(text) else text


def _label_studio(conversations: Iterable[Conversation], stream: IO[str]) -> None:
    between = "["
    for conversation in conversations:
        stream.write(between + json.dumps(label_studio_task(conversation), ensure_ascii=False))
        between = ",\n"
    stream.write("[]\n" if between == "[" else "]\n")


def _parquet(conversations: Iterable[Conversation], path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    kinds = {"turn": pyarrow.int32(), "time": pyarrow.timestamp("us", tz="UTC")}
    schema = pyarrow.schema([(name, kinds.get(name, pyarrow.string())) for name in _COLUMNS])
    rows = _rows(conversations)
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while batch := list(islice(rows, 20_000)):
            writer.write_table(pyarrow.Table.from_pylist(batch, schema=schema))


def _convokit(conversations: Iterable[Conversation], folder: Path) -> None:
    speakers: dict[str, Any] = {}
    found: dict[str, Any] = {}
    folder.mkdir()
    with (folder / "utterances.jsonl").open("w", encoding="utf-8") as stream:
        for conversation in conversations:
            meta = {"channel": conversation.channel, "rating": conversation.rating, "tags": list(conversation.tags)}
            found[conversation.id] = {"meta": meta, "vectors": []}
            before = None
            for turn in conversation.turns:
                who = turn.speaker or str(turn.role)
                speakers.setdefault(who, {"meta": {"role": str(turn.role)}, "vectors": []})
                name = conversation.id if before is None else f"{conversation.id}_{turn.index}"
                utterance: dict[str, Any] = {
                    "id": name,
                    "conversation_id": conversation.id,
                    "text": turn.text,
                    "speaker": who,
                    "meta": {"role": str(turn.role), "index": turn.index, "message_id": turn.id},
                    "reply-to": before,
                    "timestamp": turn.time.timestamp() if turn.time else None,
                    "vectors": [],
                }
                stream.write(json.dumps(utterance, ensure_ascii=False) + "\n")
                before = name
    text, number, listed = "<class 'str'>", "<class 'int'>", "<class 'list'>"
    index = {
        "utterances-index": {"role": [text], "index": [number], "message_id": [text]},
        "speakers-index": {"role": [text]},
        "conversations-index": {"channel": [text], "rating": [text], "tags": [listed]},
        "overall-index": {},
        "version": 1,
        "vectors": [],
    }
    parts = {"speakers": speakers, "conversations": found, "corpus": {}, "index": index}
    for name, data in parts.items():
        (folder / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False), "utf-8")


_STREAMS: dict[str, Callable[[Iterable[Conversation], IO[str]], None]] = {
    "jsonl": _jsonl,
    "csv": _csv,
    "label-studio": _label_studio,
}
_PATHS: dict[str, Callable[[Iterable[Conversation], Path], None]] = {"parquet": _parquet, "convokit": _convokit}
TARGETS = (*_STREAMS, *_PATHS)
"""The shapes that `write` knows."""


def write(conversations: Iterable[Conversation], target: str, out: str | os.PathLike[str]) -> None:
    """Write conversations as *target* to a file or folder, or to standard output (`-`), one after the other.

    Raises
    ------
    OutputError: the place is taken by a folder, or cannot be written. Nothing half-written is left behind.
    """
    if target not in TARGETS:
        raise OutputError(f"There is no shape called {target!r}; the shapes are {', '.join(TARGETS)}.")
    if os.fspath(out) == "-":
        if target in _PATHS:
            raise OutputError(f"{target} cannot go to standard output; name a place with --out.")
        ahead = iter(conversations)
        first = list(islice(ahead, 1))  # so that an unreadable input writes nothing
        _STREAMS[target](chain(first, ahead), sys.stdout)
        return
    path = Path(out)
    if path.is_dir() and (target != "convokit" or any(path.iterdir())):
        raise OutputError(f"{path} is a folder that is in use already; name another place.")
    try:
        with _aside(path) as place:
            if target in _PATHS:
                _PATHS[target](conversations, place)
            else:
                with place.open("w", encoding="utf-8", newline="") as stream:
                    _STREAMS[target](conversations, stream)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from None


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """A place beside *path* that takes its name once all went well."""
    folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield folder / path.name
        if path.is_dir():
            path.rmdir()
        (folder / path.name).replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
