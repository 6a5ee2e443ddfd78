"""Times as exports write them, to aware UTC."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from trustcoach.reading.options import ReadOptions
from trustcoach.reading.report import ReadingReport

__all__ = ["Clock"]

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DATE = re.compile(r"\s*(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4}|\d{2})\b")
_OFFSET = re.compile(r"[+-]?\d{1,3}:\d{2}(:\d{2}([.,]\d+)?)?\s*([AaPp]\.?\s?[Mm]\.?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?")
_DEFAULTS = datetime(2000, 1, 1), datetime(2001, 2, 2)
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Clock:
    """Reads the times of one file.

    03/04/2025 is read by the day-first option; without it a first look at the file's times (`look`) decides, and what
    was decided is reported as a guess, as is a time zone that had to be assumed.
    """

    def __init__(self, options: ReadOptions, report: ReadingReport) -> None:
        self.zone = ZoneInfo(options.timezone)
        self.timezone = options.timezone
        self.dayfirst = options.dayfirst
        self.report = report
        self._told: set[str] = set()

    def look(self, values: Iterable[Any]) -> None:
        """Decide the order of day and month from some of the file's times."""
        if self.dayfirst is not None:
            return
        dates = [match.groups() for value in values if isinstance(value, str) and (match := _DATE.match(value))]
        pairs = [(int(first), int(second), year) for first, _, second, year in dates]
        if not pairs:
            return
        if any(first > 12 for first, _, _ in pairs):
            self.dayfirst = True
        elif any(second > 12 for _, second, _ in pairs):
            self.dayfirst = False
        elif {mark for _, mark, _, _ in dates} == {"."}:
            self.dayfirst = True
        else:
            day = _falls([(year, second, first) for first, second, year in pairs])
            month = _falls([(year, first, second) for first, second, year in pairs])
            self.dayfirst = day <= month
            self._tell(
                f"dates such as 03/04 read {'day' if self.dayfirst else 'month'} first "
                "(--dayfirst or --monthfirst decides)"
            )

    def read(self, value: Any, unit: str | None = None) -> datetime | None:
        """The moment that *value* names, in UTC; `None` for nothing, nonsense, or a mere offset.

        *unit* (`s`, `ms`, `us`, `ns`) is for numbers of a known kind; otherwise their size decides.
        """
        if value is None or value == "" or isinstance(value, bool):
            return None
        try:
            if isinstance(value, datetime):
                return self._aware(value)
            if isinstance(value, int | float):
                return _from_number(float(value), unit)
            text = str(value).strip()
            if _NUMBER.fullmatch(text):
                return _from_number(float(text), unit)
            return self._from_text(text)
        except (ValueError, OverflowError, OSError, TypeError):
            return None

    def _from_text(self, text: str) -> datetime | None:
        if text[4:5] == "-" and len(text) <= 40:
            try:
                return self._aware(datetime.fromisoformat(text))
            except ValueError:
                pass
        if len(text) > 64 or not any(c.isdigit() for c in text) or _OFFSET.fullmatch(text):
            return None
        try:
            return self._aware(datetime.fromisoformat(text))
        except ValueError:
            pass
        from dateutil import parser

        if self.dayfirst is None:
            self.look([text])
        text = re.sub(r"([ap])\.\s?m\.", r"\1m", text.replace("\u202f", " ").replace("\xa0", " "), flags=re.I)
        dayfirst, yearfirst = bool(self.dayfirst), re.match(r"\d{4}", text) is not None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", parser.UnknownTimezoneWarning)  # no guess at what BST may mean
                found, other = (
                    parser.parse(text, default=default, dayfirst=dayfirst, yearfirst=yearfirst) for default in _DEFAULTS
                )
            return self._aware(found) if found == other else None  # a part of the date is missing
        except (
            parser.ParserError,
            parser.UnknownTimezoneWarning,
            TypeError,
            AttributeError,
            IndexError,
            UnicodeError,
            RecursionError,
        ):
            return None

    def _aware(self, value: datetime) -> datetime | None:
        if value.tzinfo is None:
            self._tell(f"times without a time zone read as {self.timezone} (--timezone decides)")
            value = value.replace(tzinfo=self.zone)
        return _plausible(value.astimezone(UTC))

    def _tell(self, what: str) -> None:
        if what not in self._told:
            self._told.add(what)
            self.report.guess(what)


def _from_number(number: float, unit: str | None) -> datetime | None:
    size = abs(number)
    if unit is None:
        unit = "s" if size < 1e11 else "ms" if size < 1e14 else "us" if size < 1e17 else "ns"
    seconds = number / {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}[unit]
    if seconds < 1e8:
        return None  # an offset from some beginning, not a date
    return _plausible(datetime.fromtimestamp(0, UTC) + timedelta(microseconds=round(seconds * 1e6)))


def _plausible(moment: datetime) -> datetime | None:
    return moment if _EARLIEST <= moment < _LATEST else None


def _falls(dates: list[tuple[str, int, int]]) -> int:
    return sum(later < earlier for earlier, later in pairwise(dates))
