"""JSON as it is met in exports: a document, an array, a line each, or objects in a row; always as a stream."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from trustcoach.errors import InputError

__all__ = ["LARGE", "json_values", "lenient_value"]

LARGE = 8 * 1024 * 1024
"""A document longer than this, in characters, is taken apart instead of being read whole."""
_LONGEST = 128 * 1024 * 1024
_SKIP = re.compile(r"[\s,\ufeff\x00]*")
_STRICT = json.JSONDecoder()
_DECODER = json.JSONDecoder(strict=False, parse_constant=lambda _: None)

_PYTHON = re.compile(r"(\[\s*)?\{\s*'")

Bad = Callable[[str, str], None]


def lenient_value(text: str) -> Any:
    """A JSON value, or the Python literal that some tools write instead; `ValueError` if it is neither."""
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        if "'" not in text or len(text) > 1_000_000:
            raise ValueError(_short(error)) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        raise ValueError("it is neither JSON nor a Python literal") from None


def json_values(chunks: Iterator[str], path: str, bad: Bad) -> Iterator[tuple[str, Any]]:
    """The values of a JSON text and their places (`line 3`, `record 3`).

    The elements of an outermost array come one by one, and so do the lines of JSON Lines, where a broken line is told
    to *bad* and passed over. A document larger than `LARGE` is taken apart into documents with one element each.
    """
    reader = _Reader(chunks, path)
    if reader.is_lines():
        yield from reader.lines(bad)
    else:
        yield from reader.documents()


class _Reader:
    def __init__(self, chunks: Iterator[str], path: str) -> None:
        self.chunks, self.path = chunks, path
        self.text, self.at, self.line = "", 0, 1
        self.ended = False
        self.records = 0

    def fill(self, least: int = 1) -> bool:
        """Read on by at least *least* characters, dropping what is done with; false at the end."""
        parts, size = [], 0
        while size < least and not self.ended:
            chunk = next(self.chunks, None)
            if chunk is None:
                self.ended = True
            else:
                parts.append(chunk)
                size += len(chunk)
        if parts:
            self.line += self.text.count("\n", 0, self.at)
            self.text = self.text[self.at :] + "".join(parts)
            self.at = 0
        return bool(parts)

    def peek(self) -> str:
        """The next character that matters, or an empty string at the end."""
        while True:
            match = _SKIP.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.fill():
                return ""

    def is_lines(self) -> bool:
        """Whether each line is a value of its own."""
        if self.peek() != "{":
            return False
        while self.text.count("\n", self.at) < 3 and len(self.text) < 4_000_000 and self.fill():
            pass
        head = self.text[self.at : self.at + 8_000_000]
        lines = [line.strip() for line in head.split("\n", 6)[:6]]
        lines = [line for line in lines if line]
        if len(lines) < 2 or len(lines[0]) < 3 or not lines[1].startswith(("{", "\ufeff{")):
            return False
        if _is_object(lines[0]):
            return True
        try:
            _STRICT.raw_decode(head)
        except json.JSONDecodeError as error:
            end = head.find("\n") + 1
            return not head[end : error.pos].strip() and any(_is_object(line) for line in lines[1:5])
        except (ValueError, RecursionError):
            pass
        return False

    def lines(self, bad: Bad) -> Iterator[tuple[str, Any]]:
        number = self.line - 1 + self.text.count("\n", 0, self.at)
        rest = self.text[self.at :]
        self.text, self.at = "", 0
        while True:
            parts = rest.split("\n")
            rest = parts.pop()
            if self.ended and rest:
                parts.append(rest)
                rest = ""
            for part in parts:
                number += 1
                if stripped := part.strip().lstrip("\ufeff").rstrip(","):
                    try:
                        yield f"line {number}", lenient_value(stripped)
                    except ValueError as error:
                        bad(f"line {number}", f"The line is not complete JSON ({_short(error)}).")
            if self.ended:
                return
            if len(rest) > _LONGEST:
                raise self.error("A line is too long to be a record.")
            self.fill()
            rest, self.text = rest + self.text, ""

    def documents(self) -> Iterator[tuple[str, Any]]:
        while self.peek():
            if _PYTHON.match(self.text, self.at):
                value = self.literal(None, cut=False)
                for element in value if isinstance(value, list) else [value]:
                    self.records += 1
                    yield f"record {self.records}", element
            elif self.peek() == "[":
                self.at += 1
                yield from self.elements()
            elif self.peek() in "]}" and self.records:
                self.at += 1  # a bracket too many after complete values
            else:
                value, complete = self.value(limit=LARGE)
                if complete:
                    self.records += 1
                    yield f"record {self.records}", value
                else:
                    yield from self.members()

    def elements(self) -> Iterator[tuple[str, Any]]:
        """The elements of an array that has just been opened."""
        while (character := self.peek()) != "]":
            if not character:
                raise self.error("The file ends in the middle of a list.", cut=True)
            value, _ = self.value(limit=_LONGEST)
            self.records += 1
            yield f"record {self.records}", value
        self.at += 1

    def members(self) -> Iterator[tuple[str, Any]]:
        """The lists inside an object too large to be read whole, element by element, each beside what came before."""
        beside: dict[str, Any] = {}
        self.at += 1
        while (character := self.peek()) != "}":
            if not character:
                raise self.error("The file ends in the middle of a record.", cut=True)
            key, _ = self.value(limit=LARGE)
            if self.peek() != ":":
                raise self.error("A name without a value.")
            self.at += 1
            if _PYTHON.match(self.text, self.at):
                value = self.literal(None, cut=False)
                for element in value if isinstance(value, list) else [value]:
                    self.records += 1
                    yield f"record {self.records}", element
            elif self.peek() == "[":
                self.at += 1
                for where, value in self.elements():
                    yield where, {**beside, str(key): [value]}
            else:
                beside[str(key)], complete = self.value(limit=LARGE)
                if not complete:
                    raise self.error(f"A value is longer than {LARGE // 2**20} MB.")
        self.at += 1

    def value(self, limit: int) -> tuple[Any, bool]:
        """The next value and whether it was read; it is not when it is longer than *limit*."""
        repairs = 0
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated string") or error.pos >= len(self.text) - 16
                if cut and not self.ended:
                    if len(self.text) - self.at > limit:
                        if limit == _LONGEST:
                            raise self.error("A record is too long.") from None
                        return None, False
                    self.fill(max(1, len(self.text) - self.at))
                    continue
                comma = self.trailing_comma(error)
                if comma and repairs < 1000:
                    self.text = self.text[:comma] + " " + self.text[comma + 1 :]
                    repairs += 1
                    continue
                return self.literal(error, cut), True
            except RecursionError:
                raise self.error("A record is nested too deeply.") from None
            except ValueError as error:
                raise self.error(f"A value cannot be read ({_short(error)}).") from None
            if end == len(self.text) and not self.ended and not isinstance(value, dict | list | str):
                self.fill()  # a number may go on
                continue
            self.at = end
            return value, True

    def trailing_comma(self, error: json.JSONDecodeError) -> int:
        """Where the comma is that stands before a closing bracket, or 0 if that is not what is wrong."""
        comma = self.text.rfind(",", self.at, error.pos + 1)
        after = self.text[comma + 1 : comma + 1000].lstrip()[:1]
        return comma if comma > self.at and after in ("}", "]") else 0

    def literal(self, error: json.JSONDecodeError | None, cut: bool) -> Any:
        """What is left, if it is a small Python literal; otherwise the file is broken here."""
        while not self.ended and len(self.text) - self.at < 1_000_000:
            self.fill()
        rest = self.text[self.at :]
        if self.ended and "'" in rest:
            try:
                value = lenient_value(rest.strip())
            except ValueError:
                pass
            else:
                self.at = len(self.text)
                return value
        self.at = min(error.pos if error else self.at, len(self.text))
        if cut and self.ended:
            raise self.error("The file ends in the middle of a record.", cut=True)
        raise self.error(f"This is not JSON: {_short(error) if error else 'it is quoted like Python'}.")

    def error(self, message: str, cut: bool = False) -> InputError:
        line = self.line + self.text.count("\n", 0, self.at)
        return InputError(
            message,
            path=self.path,
            where=f"line {line}, after {self.records} records" if self.records else f"line {line}",
            remedy="The download was probably cut off; export it again."
            if cut
            else "Export it again, or remove the place.",
        )


def _is_object(line: str) -> bool:
    try:
        return isinstance(lenient_value(line.lstrip("\ufeff")), dict)
    except ValueError:
        return False


def _short(error: Exception) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error)[:80]
