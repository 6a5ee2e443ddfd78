"""One task: a part of the input in, the part's tables and what it gathered out. The same function wherever it runs."""

from __future__ import annotations

import gc
import json
import pickle
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from traceback import extract_tb
from typing import Any

from trustcoach.batch.folder import RunFolder
from trustcoach.batch.parts import read_part
from trustcoach.batch.plan import identity
from trustcoach.batch.summary import Gathering
from trustcoach.conversation import Conversation
from trustcoach.errors import SettingsError, TrustcoachError
from trustcoach.output import write_tables
from trustcoach.pipeline import Coach, in_batches
from trustcoach.results import ConversationScore
from trustcoach.tables import SCHEMAS, Row, rows

__all__ = ["Job", "Outcome", "pack_coach", "probe", "score_here", "score_part"]


@dataclass(frozen=True, slots=True)
class Job:
    """A part to score: its number, its key, and the run's folder, where its conversations lie and its tables go."""

    number: int
    key: str
    folder: Path
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: *reason* is None when its tables are in the run's folder, or says why not."""

    number: int
    reason: str | None = None


def pack_coach(coach: Coach) -> bytes:
    """A coach as bytes from which another process builds the same one; never written to a file."""
    return zlib.compress(pickle.dumps(coach))


def score_part(job: Job, packed: bytes) -> Outcome:
    """Score the part of *job* as it lies in the run's folder. Never raises: what goes wrong is in the outcome.

    Parameters
    ----------
    job: what to score; a part that is done already is left as it is.
    packed: the coach, from `pack_coach`; built once in a process.
    """
    try:
        coach, busy = _coach(packed, job.folder)
        with busy:
            return _score(job, read_part(RunFolder(job.folder).todo(job.number)), coach, lambda _: None)
    except Exception as error:
        return Outcome(job.number, _told(error))


def score_here(
    job: Job, conversations: Iterable[Conversation], coach: Coach, step: Callable[[Conversation], None]
) -> Outcome:
    """The same in this process, for conversations and a coach that are at hand; *step* is told of each conversation."""
    try:
        return _score(job, conversations, coach, step)
    except Exception as error:
        return Outcome(job.number, _told(error))


def probe(packed: bytes, folder: Path) -> str | None:
    """On a worker elsewhere: why it cannot score parts of the run in *folder*, or None if it can."""
    try:
        _coach(packed, folder)
    except (TrustcoachError, OSError) as error:
        return _told(error)
    return None


def _score(
    job: Job, conversations: Iterable[Conversation], coach: Coach, step: Callable[[Conversation], None]
) -> Outcome:
    folder = RunFolder(job.folder)
    if folder.finished(job.number, job.key):  # a cluster may run a finished task again
        return Outcome(job.number)
    tables: dict[str, list[Row]] = {name: [] for name in SCHEMAS if name != "agents"}
    gathering = Gathering()
    for scored in _scored(conversations, coach):
        for name, found in rows(scored).items():
            tables[name] += found
        gathering.add(scored)
        step(scored.conversation)
    aside = Path(tempfile.mkdtemp(prefix=f".{job.number}-", dir=folder.done(job.number).parent))
    try:
        while tables:  # each table's rows are let go once they are written
            write_tables(aside, dict([tables.popitem()]), job.formats)
        record = {"key": job.key, "gathered": gathering.to_dict()}
        (aside / "part.json").write_text(json.dumps(record), encoding="ascii")
        aside.chmod(0o755)
        try:
            aside.rename(folder.done(job.number))
        except OSError:
            if not folder.finished(job.number, job.key):
                raise  # else another worker was quicker with the same part
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Outcome(job.number)


def _scored(conversations: Iterable[Conversation], coach: Coach) -> Iterator[ConversationScore]:
    for together in in_batches(conversations):
        try:
            yield from list(coach.score_many(together))
        except Exception:  # one by one, to say which of them it is
            for conversation in together:
                try:
                    yield coach.score(conversation)
                except Exception as error:
                    raise _ConversationError(conversation.id) from error


class _ConversationError(Exception):
    """Says which conversation an error belongs to."""


def _told(error: Exception) -> str:
    """An error in a line for people; what an unexpected one says is left out, because it may quote a transcript."""
    if isinstance(error, _ConversationError) and error.__cause__ is not None:
        return f"conversation {error.args[0]}: {_told(error.__cause__)}"  # type: ignore[arg-type]
    if isinstance(error, TrustcoachError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.strerror or type(error).__name__}" + (f": {error.filename}" if error.filename else "")
    frames = extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def _coach(packed: bytes, folder: Path) -> tuple[Coach, Lock]:
    """The coach of this process, sure to find what the run's plan says, and a lock that lets one task at a time use it."""
    plan = RunFolder(folder).plan()
    if plan is None:
        raise SettingsError(f"it does not see {folder}; the folder of results has to lie where all machines see it.")
    coach, own, busy = _built(packed)
    if names := [name for name in own if own[name] != plan[name]]:
        told = "; ".join(f"{name} {own[name]} there, {plan[name]} here" for name in names)
        raise SettingsError(f"it would score differently ({told}); install the same trustcoach on all machines.")
    return coach, busy


@lru_cache(maxsize=1)
def _built(packed: bytes) -> tuple[Coach, dict[str, Any], Lock]:
    coach: Coach = pickle.loads(zlib.decompress(packed))
    gc.freeze()  # the coach stays for good; looking through it for garbage again and again takes a tenth of the time
    return coach, identity(coach), Lock()
