"""Reads a table of settings key by key, and objects to what is missing, mistyped or unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, overload

from trustcoach.errors import CatalogueError

__all__ = ["Reader"]

_MISSING: Any = object()


class Reader:
    """One table of a TOML file. Every key must be asked for; `finish` raises on those that were not.

    Parameters
    ----------
    data: the table.
    path: the file, for messages.
    where: the table's place in the file, for messages.
    """

    def __init__(self, data: Mapping[str, Any], path: Path, where: str = "") -> None:
        self._data, self.path, self._where = data, path, where
        self._seen: set[str] = set()

    def has(self, key: str) -> bool:
        return key in self._data

    def error(self, key: str, message: str) -> CatalogueError:
        place = f"{self._where}.{key}" if self._where else key
        return CatalogueError(f"{self.path}{self._line(key)}: {place}: {message}")

    def raw(self, key: str, *, default: Any = _MISSING) -> Any:
        self._seen.add(key)
        if key in self._data:
            return self._data[key]
        if default is _MISSING:
            raise self.error(key, "is missing")
        return default

    def text(self, key: str, *, default: str = _MISSING) -> str:
        value = self.raw(key, default=default)
        if not isinstance(value, str):
            raise self.error(key, f"must be text, not {value!r}")
        return value

    def texts(self, key: str, *, default: Sequence[str] = _MISSING) -> tuple[str, ...]:
        value = self.raw(key, default=default)
        if isinstance(value, str) or not all(isinstance(v, str) for v in value):
            raise self.error(key, "must be a list of texts")
        return tuple(value)

    def number(self, key: str, *, default: float = _MISSING) -> float:
        value = self.raw(key, default=default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, f"must be a number, not {value!r}")
        return value

    def whole(self, key: str, *, default: int = _MISSING) -> int:
        value = self.raw(key, default=default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(key, f"must be a whole number, not {value!r}")
        return value

    @overload
    def flag(self, key: str, *, default: bool = ...) -> bool: ...
    @overload
    def flag(self, key: str, *, default: None) -> bool | None: ...
    def flag(self, key: str, *, default: bool | None = _MISSING) -> bool | None:
        value = self.raw(key, default=default)
        if value is not None and not isinstance(value, bool):
            raise self.error(key, f"must be true or false, not {value!r}")
        return value

    def choice(self, key: str, options: Sequence[str]) -> str:
        value = self.text(key)
        if value not in options:
            raise self.error(key, f"must be one of {', '.join(options)}, not {value!r}")
        return value

    def table(self, key: str) -> dict[str, Any]:
        value = self.raw(key, default={})
        if not isinstance(value, dict):
            raise self.error(key, "must be a table")
        return value

    def part(self, key: str) -> Reader:
        return Reader(self.table(key), self.path, f"{self._where}.{key}" if self._where else key)

    def parts(self, key: str) -> list[Reader]:
        value = self.raw(key, default=[])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self.error(key, f"must be written as [[{key}]]")
        return [Reader(v, self.path, f"{key}[{i}]") for i, v in enumerate(value, 1)]

    def finish(self, last: str | None = None) -> list[Reader]:
        """Raise on keys nobody asked for; *last* names one more list of tables, which is returned."""
        found = self.parts(last) if last else []
        unknown = sorted(set(self._data) - self._seen)
        if unknown:
            raise self.error(unknown[0], f"unknown key; known here: {', '.join(sorted(self._seen))}")
        return found

    def _line(self, key: str) -> str:
        """`:12` when the key stands on one line of the file only; tomllib keeps no places."""
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except OSError:
            return ""
        hits = [i for i, line in enumerate(lines, 1) if line.split("=")[0].strip().strip("[]\"'") == key]
        return f":{hits[0]}" if len(hits) == 1 else ""
