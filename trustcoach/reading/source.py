"""A file to read, wherever it lies: its first bytes, its text, its JSON values, its table rows, each as a stream."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from typing import IO, Any

from trustcoach.errors import FormatError, InputError, excerpt
from trustcoach.reading.encoding import Decoder, detect_encoding
from trustcoach.reading.options import ReadOptions
from trustcoach.reading.report import ReadingReport

__all__ = ["HEAD", "MAX_LINE", "Source"]

HEAD = 256 * 1024
"""How many bytes of a file are looked at to recognise it."""
MAX_LINE = 64 * 1024 * 1024
"""The longest line, record or JSON value that is read, in characters."""
_CHUNK = 1024 * 1024

_FOREIGN = (
    (b"%PDF", "a PDF file", "Export the conversations as JSON, CSV or text; a PDF holds pages, not messages."),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls)", "Open it in the spreadsheet and save it as .xlsx or CSV."),
    (b"\x89PNG", "an image", "Give the exported text instead."),
    (b"\xff\xd8\xff", "an image", "Give the exported text instead."),
    (b"GIF8", "an image", "Give the exported text instead."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first."),
    (b"Rar!", "a RAR archive", "Unpack it first."),
    (b"BZh", "a bzip2 archive", "Unpack it first."),
    (b"\xfd7zXZ", "an XZ archive", "Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it first."),
    (b"SQLite format 3", "an SQLite database", "Export the messages as a CSV table."),
    (b"RIFF", "a media file", "Give a transcript of it."),
    (b"OggS", "a media file", "Give a transcript of it."),
    (b"ID3", "a media file", "Give a transcript of it."),
)


class Source:
    """One file, or one folder or archive that is a single export (then `members` are its files).

    Parameters
    ----------
    name: the name for messages.
    open: opens the bytes afresh, as often as asked.
    options, report: those of the reading.
    members: the files of a folder or archive that is one export.
    named: whether the caller named this very file; problems with files found in a folder are reported, not raised.
    """

    def __init__(
        self,
        name: str,
        open: Callable[[], IO[bytes]],
        *,
        options: ReadOptions,
        report: ReadingReport,
        members: Mapping[str, Source] | None = None,
        named: bool = True,
    ) -> None:
        self.name, self.open, self.options, self.report = name, open, options, report
        self.members: Mapping[str, Source] = members or {}
        self.named = named
        self.cache: dict[str, Any] = {}
        self._repairs_told = 0

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """A look at the source that leaves no trace in the report."""
        report, told = self.report, self._repairs_told
        self.report = ReadingReport()
        try:
            yield
        finally:
            self.report, self._repairs_told = report, told

    @property
    def stem(self) -> str:
        """The file's own name, without folder and extension: the id of a file that is one conversation."""
        last = re.split(r"[/\\]", self.name)[-1]
        return re.sub(r"\.(gz|json|jsonl|ndjson|csv|tsv|txt|vtt|srt|xlsx|parquet|zip|log|md)$", "", last, flags=re.I)

    @cached_property
    def head(self) -> bytes:
        """The first bytes."""
        if self.members:
            return b""
        with self.open() as stream:
            return stream.read(HEAD)

    @cached_property
    def kind(self) -> str:
        """What the bytes are: `folder`, `empty`, `xlsx`, `parquet`, `json` or `text`; anything else is refused."""
        head = self.head
        if self.members:
            return "folder"
        if not head.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
            return "empty"
        if head.startswith(b"PK\x03\x04"):
            return "xlsx"
        if head.startswith(b"PAR1"):
            return "parquet"
        for magic, what, remedy in _FOREIGN:
            if head.startswith(magic):
                raise FormatError(f"This is {what}.", path=self.name, remedy=remedy)
        start = self.text_head[:2048].lstrip("\ufeff \t\r\n")
        if re.match(r"<(!doctype\s+html|html|head|body|table|script)\b", start, re.I):
            raise FormatError(
                "This is an HTML page, not an export.",
                path=self.name,
                remedy="It may be a log-in or error page saved by mistake; download the export again. "
                "A table exported as HTML has to be saved as CSV or XLSX.",
            )
        return "json" if re.match(r"\{|\[\s*([\[{\"'\]]|$)", start) else "text"

    @cached_property
    def encoding(self) -> str:
        """The text encoding, as told or detected."""
        encoding = self.options.encoding or detect_encoding(self.head)
        if encoding is None:
            raise FormatError(
                "This is not a text file.", path=self.name, remedy="Export the conversations as JSON, CSV or text."
            )
        return encoding

    @cached_property
    def text_head(self) -> str:
        """The text of the first bytes."""
        return Decoder(self.encoding).decode(self.head, final=len(self.head) < HEAD)

    @property
    def complete(self) -> bool:
        """Whether `head` is the whole file."""
        return len(self.head) < HEAD

    def chunks(self) -> Iterator[str]:
        """The text, in pieces."""
        decoder = Decoder(self.encoding)
        with self.open() as stream:
            while data := stream.read(_CHUNK):
                if text := decoder.decode(data):
                    yield text
            if text := decoder.decode(b"", final=True):
                yield text
        if decoder.repaired and not self._repairs_told:
            self._repairs_told = decoder.repaired
            self.report.count("encoding_repaired", decoder.repaired)

    def lines(self) -> Iterator[str]:
        """The text, line by line, ends kept as they are."""
        rest = ""
        old_mac = "\r" in self.text_head and "\n" not in self.text_head
        for chunk in self.chunks():
            parts = (rest + (chunk.replace("\r", "\n") if old_mac else chunk)).split("\n")
            rest = parts.pop()
            if len(rest) > MAX_LINE:
                raise InputError(
                    f"A line is longer than {MAX_LINE // 2**20} MB and starts {excerpt(rest)}.",
                    path=self.name,
                    remedy="This is hardly a transcript; if it is, split it by conversation.",
                )
            for part in parts:
                yield part + "\n"
        if rest:
            yield rest

    def head_lines(self, number: int = 200) -> list[str]:
        """The first lines, without their ends."""
        if "lines" not in self.cache:
            self.cache["lines"] = [line.rstrip("\r\n") for line in islice(self.lines(), 400)]
        lines: list[str] = self.cache["lines"]
        return lines[:number]

    def values(self, *, quiet: bool = False) -> Iterator[tuple[str, Any]]:
        """The JSON values of the file and their places: array elements, lines, or whole documents.

        Broken lines are reported, unless this is only a first look (*quiet*).
        """
        from trustcoach.reading.json_values import json_values

        def bad(where: str, what: str) -> None:
            if quiet:
                return
            self.report.count("unreadable")
            self.report.problem(self.name, where, what, "The record was left out; export it again if it matters.")

        return json_values(self.chunks(), self.name, bad)
