"""Puts together the parts of conversations that lie apart in a file, in little memory however long the file is."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterator

from trustcoach.reading.draft import Draft

__all__ = ["Grouper"]

_MOST_MESSAGES = 50_000
_MOST_TEXT = 32_000_000


class Grouper:
    """Collects partial drafts and gives back whole ones, in the order in which their ids first appeared.

    Beyond some 50,000 messages they go to a temporary database that lives on disk and vanishes with the object.
    """

    def __init__(self) -> None:
        self._parts: list[tuple[str, Draft]] = []
        self._text = self._messages = 0
        self._numbers: dict[str, int] = {}
        self._base: sqlite3.Connection | None = None

    def add(self, key: str, draft: Draft) -> None:
        """Take in a part of the conversation *key*."""
        self._text += sum(len(message.text) for message in draft.messages)
        if self._parts and self._parts[-1][0] == key:
            self._parts[-1][1].add(draft)
        else:
            self._parts.append((key, draft))
        self._messages += len(draft.messages)
        if self._messages >= _MOST_MESSAGES or self._text >= _MOST_TEXT:
            self._spill()

    def drafts(self) -> Iterator[Draft]:
        """The conversations, put together; the grouper is empty afterwards."""
        if self._base is None:
            whole: dict[str, Draft] = {}
            for key, part in self._parts:
                if key in whole:
                    whole[key].add(part)
                else:
                    whole[key] = part
            self._parts, self._text, self._messages = [], 0, 0
            yield from whole.values()
            return
        self._spill()
        last, draft = None, None
        for number, data in self._base.execute("SELECT conversation, part FROM parts ORDER BY conversation, place"):
            part = pickle.loads(data)
            if number != last:
                if draft is not None:
                    yield draft
                last, draft = number, part
            else:
                assert draft is not None
                draft.add(part)
        if draft is not None:
            yield draft
        self._base.close()
        self._base = None
        self._numbers = {}

    def _spill(self) -> None:
        if self._base is None:
            self._base = sqlite3.connect("")
            self._base.execute("PRAGMA journal_mode = OFF")
            self._base.execute("PRAGMA synchronous = OFF")
            self._base.execute(
                "CREATE TABLE parts (conversation INTEGER, place INTEGER, part BLOB, "
                "PRIMARY KEY (conversation, place)) WITHOUT ROWID"
            )
            self._place = 0
        rows = []
        for key, part in self._parts:
            number = self._numbers.setdefault(key, len(self._numbers))
            self._place += 1
            rows.append((number, self._place, pickle.dumps(part, pickle.HIGHEST_PROTOCOL)))
        self._base.executemany("INSERT INTO parts VALUES (?, ?, ?)", rows)
        self._parts, self._text, self._messages = [], 0, 0
