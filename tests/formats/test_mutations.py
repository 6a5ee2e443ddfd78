"""No reader fails with anything but our own errors, whatever has happened to a file."""

import copy
import gzip
import io
import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from regenerate import HERE

from trustcoach.conversation import Conversation
from trustcoach.errors import TrustcoachError
from trustcoach.read import ReadOptions, read_conversations
from trustcoach.reading.detect import all_formats

STRANGE: tuple[Any, ...] = (
    None,
    True,
    -1,
    3.5,
    10**30,
    "",
    "x",
    "2025-13-45",
    [],
    {},
    [None],
    {"a": [1]},
    "\ud800",
    "<b>",
    "[{",
)


def inputs(name: str) -> list[bytes]:
    """The fixture files of a format; a fixture that is a folder as an archive."""
    found = [path.read_bytes() for path in sorted((HERE / name).rglob("input*")) if path.is_file()]
    for folder in (HERE / name).rglob("input"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path in sorted(folder.rglob("*.json")):
                archive.writestr(path.relative_to(folder).as_posix(), path.read_bytes())
        found.append(packed.getvalue())
    return found + (packed_inputs() if name == "message-table" else [])


def packed_inputs() -> list[bytes]:
    """The same small table as a workbook, a Parquet file, a gzip file and an archive."""
    import openpyxl
    import pyarrow
    import pyarrow.parquet

    rows = [["conversation_id", "role", "text"], ["c1", "customer", "hello there"], ["c1", "agent", "Hi!"]]
    text = "\n".join(map(",".join, rows)).encode()
    book, workbook, table, archive = openpyxl.Workbook(), io.BytesIO(), io.BytesIO(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(workbook)
    columns = {name: list(cells) for name, *cells in zip(*rows, strict=True)}
    pyarrow.parquet.write_table(pyarrow.table(columns), table)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("x.csv", text)
    return [workbook.getvalue(), table.getvalue(), gzip.compress(text), archive.getvalue()]


def parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in content.splitlines() if line.strip()]
    except ValueError:
        return None


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place inside a JSON value: the container and the key."""
    found: list[tuple[Any, Any]] = []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found.append((value, key))
        found += places(inner)
    return found


def shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    return [shuffled(item, chance) for item in value] if isinstance(value, list) else value


def json_mutation(value: Any, chance: random.Random) -> bytes:
    value = json.loads(json.dumps(shuffled(value, chance)))
    for _ in range(chance.randint(0, 4)):
        spots = places(value)
        if not spots:
            break
        container, key = chance.choice(spots)
        if chance.random() < 0.3 and isinstance(container, dict):
            del container[key]
        else:
            container[key] = copy.deepcopy(chance.choice(STRANGE))
    if isinstance(value, list) and chance.random() < 0.5:
        return "\n".join(map(json.dumps, value)).encode()
    return json.dumps(value).encode()


def byte_mutation(content: bytes, chance: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        what = chance.randrange(7)
        if what == 0:
            del data[at:]
        elif what == 1 and at < len(data):
            data[at] = chance.randrange(256)
        elif what == 2:
            del data[at : at + chance.randrange(20)]
        elif what == 3:
            data[at:at] = chance.choice(
                [b"\0", b'"', b"\n", b",", b"\xff\xfe", b"[", b"{", b"'", b"\\u", b"&#x", b"<v ", b"-->"]
            )
        elif what == 4:
            data[at:at] = data[: chance.randrange(200)]
        elif what == 5:
            lines = bytes(data).split(b"\n")
            chance.shuffle(lines)
            data = bytearray(b"\n".join(lines))
        else:
            del data[: at // 4]
    return bytes(data)


def mutate(content: bytes, value: Any, chance: random.Random) -> bytes:
    if value is not None and chance.random() < 0.6:
        return json_mutation(value, chance)
    return byte_mutation(content, chance)


def check(name: str, number: int, folder: Path) -> None:
    chance = random.Random(name)
    originals = [(content, parsed(content)) for content in inputs(name)]
    path = folder / "input"
    for count in range(number):
        content = mutate(*chance.choice(originals), chance)
        path.write_bytes(content)
        options = ReadOptions(format=name if chance.random() < 0.5 else None, agents=("Tom",))
        try:
            found = list(read_conversations(path, options=options))
        except TrustcoachError as error:
            told = str(error)
        except Exception as error:
            (folder / "failed").write_bytes(content)
            pytest.fail(f"mutation {count}: {type(error).__name__}: {error}; the file is {folder / 'failed'}")
        else:
            told = ""
            assert all(isinstance(conversation, Conversation) and conversation.turns for conversation in found)
            assert all(
                turn.text.encode() and turn.text.strip() for conversation in found for turn in conversation.turns
            )
        assert len(told) < 2000


@pytest.mark.parametrize("name", all_formats())
def test_a_few_mutations(name: str, tmp_path: Path) -> None:
    check(name, 40, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", all_formats())
def test_many_mutations(name: str, tmp_path: Path) -> None:
    check(name, 2000, tmp_path)
