"""Which conversations hold which word, for searching a large run from disk a small file at a time."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from typing import Any

__all__ = ["SHARDS", "Words"]

SHARDS = 64
"""How many files the words are spread over, by their first two letters."""

_LONGEST = 40
# Scripts that write without spaces are searched letter by letter. `list.js` cuts what is searched for in the same way.
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")


class Words:
    """Gathers the words of conversations, numbered in the order they are added."""

    def __init__(self) -> None:
        self._holding: dict[str, array[int]] = {}
        self._number = 0

    def add(self, page: dict[str, Any]) -> None:
        """Take in the page of a conversation."""
        text = "\n".join(turn["text"] for turn in page["turns"]).lower()
        for word in {w[:_LONGEST] for w in _WORD.findall(text)}:
            self._holding.setdefault(word, array("I")).append(self._number)
        self._number += 1

    def shards(self) -> Iterator[dict[str, list[int]]]:
        """For each file its words, each with the numbers of the conversations that hold it: the first, then the steps."""
        words: list[list[str]] = [[] for _ in range(SHARDS)]
        for word in sorted(self._holding):
            words[_shard(word)].append(word)
        for group in words:
            yield {word: _steps(self._holding[word]) for word in group}


def _shard(word: str) -> int:
    return (31 * ord(word[0]) + (ord(word[1]) if len(word) > 1 else 0)) % SHARDS


def _steps(numbers: array[int]) -> list[int]:
    return [n - before for before, n in zip([0, *numbers], numbers, strict=False)]
