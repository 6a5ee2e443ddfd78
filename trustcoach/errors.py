"""The errors that trustcoach raises.

    TrustcoachError
    ├── InputError          a transcript file cannot be read; names the file, the place and the remedy
    │   └── FormatError     the format of a file is unknown or ambiguous
    ├── CatalogueError      a language pack or a user's rules are invalid; names the file, key and line
    ├── SettingsError       an option or a settings file is invalid
    ├── ModelError          a model artefact is missing, altered, foreign or made for other versions
    ├── OutputError         results cannot be written, or an output folder belongs to another run
    └── ExtraError          a library that an optional extra brings is not installed

Everything a caller may want to catch derives from `TrustcoachError`; its text is written for the person who runs the
tool and never holds more than a short, marked excerpt of a transcript.
"""

from __future__ import annotations

__all__ = [
    "CatalogueError",
    "ExtraError",
    "FormatError",
    "InputError",
    "ModelError",
    "OutputError",
    "SettingsError",
    "TrustcoachError",
    "excerpt",
]


class TrustcoachError(Exception):
    """Base of all errors that trustcoach raises on purpose."""


class InputError(TrustcoachError):
    """A transcript cannot be read.

    Parameters
    ----------
    message: what is wrong.
    path: the file, as the caller named it; `-` is standard input.
    where: the place in the file, such as `line 12` or `record 3`.
    remedy: what the user can do about it.
    """

    def __init__(
        self, message: str, *, path: str | None = None, where: str | None = None, remedy: str | None = None
    ) -> None:
        self.message, self.path, self.where, self.remedy = message, path, where, remedy
        place = ", ".join(part for part in (path, where) if part)
        text = f"{place}: {message}" if place else message
        super().__init__(f"{text}\n  {remedy}" if remedy else text)


class FormatError(InputError):
    """The format of a file is unknown, or more than one fits."""


class CatalogueError(TrustcoachError):
    """A language pack or a user's rule file is invalid."""


class SettingsError(TrustcoachError):
    """An option or a settings file is invalid."""


class ModelError(TrustcoachError):
    """A model artefact is missing, altered, foreign, or made for other versions."""


class OutputError(TrustcoachError):
    """Results cannot be written."""


class ExtraError(TrustcoachError):
    """A library that an optional extra of trustcoach brings is not installed."""


def excerpt(text: str, limit: int = 40) -> str:
    """A short, marked, printable excerpt of *text* for an error message."""
    shown = "".join(c if c.isprintable() else "·" for c in text[: limit + 1])
    return f"“{shown[:limit]}…”" if len(shown) > limit else f"“{shown}”"
