"""How far the reading of the input is, from how far its files were gone through."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO

__all__ = ["Passage"]


class Passage:
    """Follows which files are opened, and how far the last of them was read.

    Parameters
    ----------
    paths: what is read; the share is not known when standard input is among it.
    """

    def __init__(self, paths: Iterable[str | os.PathLike[str]]) -> None:
        named = [os.fspath(path) for path in paths]
        self._total = None if "-" in named else sum(_size(Path(path)) for path in named)
        self._passed = self._size = 0
        self._name: str | None = None
        self._stream: IO[bytes] | None = None
        self.part: float | None = None
        """The share of the present file that was handed on, where that is not the share that was read."""

    def open(self, name: str) -> IO[bytes]:
        """Open a file, and follow it."""
        stream = Path(name).open("rb")  # noqa: SIM115
        if name != self._name:
            self._passed += self._size
            self._name, self._size, self.part = name, os.fstat(stream.fileno()).st_size, None
        self._stream = stream
        return stream

    @property
    def share(self) -> float | None:
        """The share of the input that was gone through, 0 to 1, or None where it is not known."""
        if not self._total or self._stream is None:
            return None
        try:
            inside = self._stream.tell() if self.part is None else int(self.part * self._size)
        except ValueError:  # closed: read to its end
            inside = self._size
        return min(1.0, (self._passed + inside) / self._total)


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size if path.is_file() else 0
