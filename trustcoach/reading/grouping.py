"""Puts together the parts of conversations that lie apart in a file, in little memory however long the file is."""

from __future__ import annotations

import heapq
import pickle
import tempfile
from collections.abc import Iterator
from operator import itemgetter
from typing import IO

from trustcoach.reading.draft import Draft

__all__ = ["Grouper"]

_MOST_MESSAGES = 50_000
_MOST_TEXT = 32_000_000
_BLOCK = 128

_Part = tuple[int, Draft]


class Grouper:
    """Collects partial drafts and gives back whole ones, in the order in which their ids first appeared.

    Parts are numbered by that order and sorted by it; some 50,000 messages at a time go as a sorted run to a temporary file
    that vanishes with the object, and the runs are merged. The order of a conversation's parts is kept throughout.

    Attributes
    ----------
    share: while `drafts` is gone through, the share of the conversations that was given back.
    """

    def __init__(self) -> None:
        self._held: dict[int, Draft] = {}
        self._text = self._messages = 0
        self._numbers: dict[str, int] = {}
        self._file: IO[bytes] | None = None
        self._runs: list[list[int]] = []  # for each run, where its blocks begin
        self.share = 0.0

    def add(self, key: str, draft: Draft) -> None:
        """Take in a part of the conversation *key*."""
        self._text += sum(len(message.text) for message in draft.messages)
        self._messages += len(draft.messages)
        number = self._numbers.setdefault(key, len(self._numbers))
        if number in self._held:
            self._held[number].add(draft)
        else:
            self._held[number] = draft
        if self._messages >= _MOST_MESSAGES or self._text >= _MOST_TEXT:
            self._spill()

    def drafts(self) -> Iterator[Draft]:
        """The conversations, put together; the grouper is empty afterwards."""
        total = len(self._numbers)
        runs = [*(self._run(places) for places in self._runs), iter(sorted(self._held.items(), key=itemgetter(0)))]
        self._held, self._numbers = {}, {}
        last, whole = -1, None
        for number, part in heapq.merge(*runs, key=itemgetter(0)):  # equal numbers come in the order of the runs
            if number == last and whole is not None:
                whole.add(part)
                continue
            if whole is not None:
                yield whole
            last, whole = number, part
            self.share = number / total
        if whole is not None:
            yield whole
        if self._file is not None:
            self._file.close()
        self._file, self._runs, self._text, self._messages = None, [], 0, 0

    def _run(self, places: list[int]) -> Iterator[_Part]:
        assert self._file is not None
        for place in places:
            self._file.seek(place)
            block: list[_Part] = pickle.load(self._file)  # our own file, which has no name
            yield from block

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="trustcoach-")  # noqa: SIM115
        parts = sorted(self._held.items(), key=itemgetter(0))
        places = []
        self._file.seek(0, 2)
        for start in range(0, len(parts), _BLOCK):
            places.append(self._file.tell())
            pickle.dump(parts[start : start + _BLOCK], self._file, pickle.HIGHEST_PROTOCOL)
        self._runs.append(places)
        self._held, self._text, self._messages = {}, 0, 0
