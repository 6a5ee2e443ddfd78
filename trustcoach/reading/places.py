"""Where transcripts lie: files, folders, standard input; gzip and ZIP around them are never unpacked to disk."""

from __future__ import annotations

import gzip
import io
import os
import stat
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

from trustcoach.errors import InputError
from trustcoach.reading.options import ReadOptions
from trustcoach.reading.passage import Passage
from trustcoach.reading.report import ReadingReport
from trustcoach.reading.source import Source

__all__ = ["sources"]

_MOST_MEMBERS = 100_000
_FREE = 64 * 1024 * 1024
_RATIO = 200
_DEPTH = 3

IsExport = Callable[[Iterable[str]], bool]
Opener = Callable[[], IO[bytes]]


def sources(
    paths: Iterable[str | os.PathLike[str]], options: ReadOptions, report: ReadingReport, is_export: IsExport
) -> Iterator[Source]:
    """The files to read under *paths*, in a fixed order; a folder or archive that `is_export` is one source."""
    paths = list(paths)
    report.passage = passage = Passage(paths)
    return _Places(options, report, is_export, passage).walk(paths)


class _Places:
    def __init__(self, options: ReadOptions, report: ReadingReport, is_export: IsExport, passage: Passage) -> None:
        self.options, self.report, self.is_export, self.passage = options, report, is_export, passage

    def source(self, name: str, open: Opener, named: bool, members: Mapping[str, Source] | None = None) -> Source:
        return Source(name, open, options=self.options, report=self.report, members=members, named=named)

    def walk(self, paths: Iterable[str | os.PathLike[str]]) -> Iterator[Source]:
        for path in paths:
            name = os.fspath(path)
            if name == "-":
                yield from self.unpacked("-", _standard_input(), True)
            elif Path(name).is_dir():
                yield from self.folder(Path(name))
            elif Path(name).exists():
                yield from self.unpacked(name, self._file_opener(name), True)
            else:
                raise InputError("There is no such file.", path=name, remedy="Check the name and the folder.")

    def folder(self, folder: Path) -> Iterator[Source]:
        files = sorted(
            (file for file in folder.rglob("*") if file.is_file() and not _hidden(file.relative_to(folder).as_posix())),
            key=lambda file: file.relative_to(folder).parts,
        )
        if not files:
            raise InputError("The folder is empty.", path=str(folder), remedy="Give a file or folder with transcripts.")
        direct: dict[Path, list[str]] = {}
        for file in files:
            direct.setdefault(file.parent, []).append(file.name)
        exports: list[Path] = []
        for parent in sorted(direct):
            if not any(parent.is_relative_to(export) for export in exports) and self.is_export(direct[parent]):
                exports.append(parent)
        for export in exports:
            members = {
                file.relative_to(export).as_posix(): self.source(str(file), self._file_opener(str(file)), True)
                for file in files
                if file.is_relative_to(export)
            }
            yield self.source(str(export), io.BytesIO, True, members)
        for file in files:
            if not any(file.is_relative_to(export) for export in exports):
                yield from self.unpacked(str(file), self._file_opener(str(file)), False)

    def _file_opener(self, name: str) -> Opener:
        return lambda: self.passage.open(name)

    def unpacked(self, name: str, open: Opener, named: bool, depth: int = 0) -> Iterator[Source]:
        """The source itself, or what is inside if it is a gzip file or an archive."""
        try:
            with open() as stream:
                magic = stream.read(4)
        except OSError as error:
            raise InputError(f"The file cannot be opened ({error.strerror or error}).", path=name) from None
        if magic[:2] == b"\x1f\x8b":
            self.check_depth(name, depth)
            yield from self.unpacked(name, _gzip_opener(name, open), named, depth + 1)
        elif magic == b"PK\x03\x04" or magic == b"PK\x05\x06":
            yield from self.archive(name, open, named, depth)
        else:
            yield self.source(name, open, named)

    def check_depth(self, name: str, depth: int) -> None:
        if depth >= _DEPTH:
            raise InputError("Archives are nested too deeply.", path=name, remedy="Unpack the inner ones first.")

    def archive(self, name: str, open: Opener, named: bool, depth: int) -> Iterator[Source]:
        try:
            with open() as stream, zipfile.ZipFile(stream) as archive:
                infos = archive.infolist()
                size = stream.seek(0, io.SEEK_END)
        except (
            zipfile.BadZipFile,
            OSError,
            ValueError,
            NotImplementedError,
            EOFError,
            zlib.error,
            RuntimeError,
        ) as error:
            raise InputError(
                f"The ZIP archive is damaged ({type(error).__name__}).", path=name, remedy="Download it again."
            ) from None
        names = [info.filename for info in infos]
        if len(infos) > _MOST_MEMBERS or sum(info.compress_size for info in infos) > size * 2:
            raise InputError("The archive is built like a ZIP bomb.", path=name, remedy="It was not unpacked.")
        if "[Content_Types].xml" in names and any(n.startswith("xl/") for n in names):
            unpacked = sum(info.file_size for info in infos)
            if unpacked > _FREE * 4 and unpacked > size * _RATIO:
                raise InputError("The workbook is built like a ZIP bomb.", path=name, remedy="It was not opened.")
            yield self.source(name, open, named)
            return
        self.check_depth(name, depth)
        files = [info for info in infos if not info.is_dir() and not _hidden(info.filename)]
        links = [info for info in files if stat.S_ISLNK(info.external_attr >> 16)]
        files = sorted((info for info in files if info not in links), key=lambda info: info.filename.split("/"))
        for link in links:
            self.report.count("files_skipped")
            self.report.problem(name, link.filename[:200], "A link inside an archive was left out.")
        if not files:
            raise InputError("The archive is empty.", path=name)
        openers = {info.filename: _member_opener(f"{name}/{info.filename}", open, info) for info in files}
        top = os.path.commonpath(list(openers)) if len(openers) > 1 else ""
        for prefix in ("", f"{top}/" if top else ""):
            inside = {member.removeprefix(prefix): opener for member, opener in openers.items()}
            if self.is_export(inside):
                members = {m: self.source(f"{name}/{prefix}{m}", opener, True) for m, opener in inside.items()}
                yield self.source(name, io.BytesIO, named, members)
                return
        only = named and len(openers) == 1
        for member, opener in openers.items():
            yield from self.unpacked(f"{name}/{member}", opener, only, depth + 1)


def _hidden(name: str) -> bool:
    return any(
        (part.strip(".") and part.startswith((".", "__MACOSX", "~$"))) or part == "Thumbs.db"
        for part in name.split("/")
    )


def _standard_input() -> Opener:
    """Standard input, kept in a temporary file, because it is read more than once."""
    spool = tempfile.TemporaryFile()  # noqa: SIM115
    stream = sys.stdin.buffer
    while data := stream.read(1024 * 1024):
        spool.write(data)
    return lambda: io.BufferedReader(_Again(spool))


class _Again(io.RawIOBase):
    """Another look at an open file, from its beginning."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._at = file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at}.get(whence)
        self._at = self._file.seek(0, io.SEEK_END) + offset if base is None else base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._file.seek(self._at)
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _gzip_opener(name: str, open: Opener) -> Opener:
    def opener() -> IO[bytes]:
        packed = open()
        return io.BufferedReader(_Guard(name, gzip.GzipFile(fileobj=packed), packed.tell, packed), 1024 * 1024)

    return opener


def _member_opener(name: str, open: Opener, info: zipfile.ZipInfo) -> Opener:
    def opener() -> IO[bytes]:
        if info.flag_bits & 1:
            raise InputError("The archive is protected by a password.", path=name, remedy="Unpack it first.")
        stream = open()
        try:
            member = zipfile.ZipFile(stream).open(info)  # noqa: SIM115
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, RuntimeError) as error:
            raise InputError(
                f"The ZIP archive is damaged ({type(error).__name__}).", path=name, remedy="Download it again."
            ) from None
        return io.BufferedReader(_Guard(name, member, lambda: info.compress_size, stream), 1024 * 1024)

    return opener


class _Guard(io.RawIOBase):
    """Reads an unpacked stream and stops when far more comes out than went in; its errors name the file."""

    def __init__(
        self, name: str, stream: IO[bytes] | gzip.GzipFile, packed: Callable[[], int], *below: IO[bytes]
    ) -> None:
        self._name, self._stream, self._packed, self._below, self._size = name, stream, packed, below, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        try:
            return self._stream.seek(offset, whence)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise self._damaged(error) from None

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._stream.read(len(buffer))
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
            raise self._damaged(error) from None
        self._size += len(data)
        if self._size > _FREE and self._size > _RATIO * max(1, self._packed()):
            raise InputError(
                f"More than {_RATIO} times as much comes out of the archive as went in, like from a ZIP bomb.",
                path=self._name,
                remedy="It was not read further.",
            )
        buffer[: len(data)] = data
        return len(data)

    def _damaged(self, error: Exception) -> InputError:
        return InputError(
            f"The archive is damaged or cut off ({type(error).__name__}).", path=self._name, remedy="Download it again."
        )

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            for stream in self._below:
                stream.close()
        super().close()
