"""The rules of redaction: patterns of what points to a person, and the words that redaction goes by (`redact_words.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

__all__ = ["COMMON_WORDS", "GENERIC", "GIVEN_NAMES", "NOT_NAMES", "entities", "normal"]

_WORDS = {
    name: frozenset(words.split())
    for name, words in tomllib.loads(Path(__file__).with_name("redact_words.toml").read_text(encoding="utf-8")).items()
}
GENERIC, COMMON_WORDS = _WORDS["generic"], _WORDS["common_words"]
NOT_NAMES, GIVEN_NAMES = _WORDS["not_names"], _WORDS["given_names"]

_CODE = r"(?=[\w/\-]*\d[\w/\-]*\d[\w/\-]*\d)[A-Za-z0-9][A-Za-z0-9/\-]{2,}"
_NUMBER_WORD = r"(?:\s*(?:numbers?|no|num|nr|id|code|ref(?:erence)?)\b\.?)?"
_GLUE = r"\s*(?:is|was|are|it's|its|:|=|-|–)?\s*:?\s*\#?\s*"
_STREET = (
    r"(?:Street|Road|Avenue|Lane|Drive|Court|Close|Way|Place|Square|Boulevard|Terrace|Crescent|Gardens|Grove|Mews|Row"
    r"|Parkway|Highway|Quay)"
)
_SHORT_STREET = r"(?:St|Rd|Ave|Ln|Dr|Ct|Pl|Sq|Blvd|Cres|Pkwy|Hwy)\b\.?"
_UK_POSTCODE = r"[A-Za-z]{1,2}\d[A-Za-z\d]?\s+\d[A-Za-z]{2}"
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{2,4}(?:\s+\d{1,2}(?::\d\d)?)?|\d{4}\s*[-–]\s*\d{4}|(?:19|20)\d{6}")

_DIGIT = "0"
_PATTERNS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("EMAIL", "@", re.compile(r"[\w.+%'\-]+@[\w\-]+(?:\.[\w\-]+)+")),
    ("EMAIL", "(at)", re.compile(r"\b[\w.+\-]+\s*\(at\)\s*[\w\-]+(?:\.[\w\-]+)+")),
    ("EMAIL", "[at]", re.compile(r"\b[\w.+\-]+\s*\[at\]\s*[\w\-]+(?:\.[\w\-]+)+")),
    ("CARD", _DIGIT, re.compile(r"(?<![\w.])\d(?:[ \-]?\d){12,18}(?!\w)")),
    (
        "CARD", _DIGIT,
        re.compile(
            r"\b(?:card|visa|mastercard|amex|debit|credit)\b[^.\n\d]{0,40}?\b(?:ending|ends|last (?:four|4))\b[^\d\n]{0,20}(\d{4})\b",
            re.I,
        ),
    ),
    ("ACCOUNT", _DIGIT, re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")),
    ("ACCOUNT", _DIGIT, re.compile(r"\b\d{2}-\d{2}-\d{2}\b|\b\d{3}-\d{2}-\d{4}\b")),
    (
        "ACCOUNT", _DIGIT,
        re.compile(
            r"\b(?:account|acct|a/c|iban|sort code|routing|ssn|social security|national insurance|tax|card)\b"
            + _NUMBER_WORD + _GLUE + rf"({_CODE})",
            re.I,
        ),
    ),
    (
        "ORDER", _DIGIT,
        re.compile(
            r"\b(?:order|ticket|case|reference|ref|booking|reservation|confirmation|invoice|tracking|parcel|shipment|consignment"
            r"|policy|claim|serial|member(?:ship)?|customer|contract|licen[cs]e|pnr|rma|transaction|receipt|passport|meter"
            r"|voucher|loan|flight booking|incident|request)\b" + _NUMBER_WORD + _GLUE + rf"({_CODE})",
            re.I,
        ),
    ),
    ("ADDRESS", _DIGIT, re.compile(r"\bP\.?\s?O\.?\s?Box\s+\d+", re.I)),
    (
        "ADDRESS", _DIGIT,
        re.compile(
            r"\b(?:(?:[Ff]lat|[Aa]pt\.?|[Aa]partment|[Uu]nit|[Ss]uite)\s+\w{1,4},?\s+)?\d{1,5}[a-zA-Z]?,?\s+(?:[A-Z][\w'’.\-]*\s+){1,4}"
            rf"(?:{_STREET}\b|{_SHORT_STREET})(?:,?\s+(?:[Ff]lat|[Aa]pt\.?|[Aa]partment|[Uu]nit|[Ss]uite)\s*\#?\w+)?"
            rf"(?:,\s*[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)?(?:,?\s*(?:{_UK_POSTCODE}|[A-Z]{{2}}\s+\d{{5}})\b)?"
        ),
    ),
    (
        "ADDRESS", _DIGIT,
        re.compile(
            r"\b\d{1,5}[a-z]?\s+(?!(?:of|the|on|in|a|my|our|down|days?|miles?)\b)[a-z][a-z'’]+\s+(?:street|road|avenue|lane)\b",
            re.I,
        ),
    ),
    (
        "ADDRESS", _DIGIT,
        re.compile(
            r"\b[A-ZÄÖÜ][\wäöüß\-]*(?:straße|strasse|str\.|weg|platz|allee|gasse|laan|straat|plein|gracht|kade)\s+\d+[a-z]?\b"
            r"(?:,?\s+\d{5}(?:\s+[A-ZÄÖÜ]\w+)?)?"
        ),
    ),
    (
        "ADDRESS", "",
        re.compile(
            r"\b(?:\d+,?\s+)?(?:[Rr]ue|[Vv]ia|[Cc]alle|[Pp]laza)\s+(?:(?:de|du|des|la|le|del|della)\s+)*[A-ZÀ-Ý][\w'’\-]*(?:,?\s+\d+)?"
        ),
    ),
    ("ADDRESS", _DIGIT, re.compile(rf"\b{_UK_POSTCODE}\b")),
    ("ADDRESS", _DIGIT, re.compile(r"\b(?:zip|postal|post)\s?code\b" + _GLUE + r"([A-Za-z0-9][A-Za-z0-9 \-]{2,7}\d\w*)", re.I)),
    ("ADDRESS", _DIGIT, re.compile(r"\b[A-Z]{2},?\s+\d{5}(?:-\d{4})?\b")),
    ("PHONE", _DIGIT, re.compile(r"(?<![\w.,€$£])(?:\+|\(|00|0)?\(?\d(?:[\s().\-/]{0,3}\d){6,14}(?![\w€%]|[.,]\d)")),
    ("ORDER", _DIGIT, re.compile(rf"\#\s?({_CODE})")),
    ("ORDER", _DIGIT, re.compile(r"\b(?=[A-Z\d\-]*\d[A-Z\d\-]*\d[A-Z\d\-]*\d)(?=[A-Z\d\-]*[A-Z])[A-Z\d][A-Z\d\-]{5,}\b")),
    ("ORDER", _DIGIT, re.compile(r"(?<![\w.,€$£])\d{6,}(?![\w€%]|[.,]\d)")),
    ("NAME", "@", re.compile(r"(?<![\w@/])@\w[\w.]*\w")),
    ("NAME", "", re.compile(r"(?:\^|(?<=[\s.!?])[-–—~]\s?)([A-Z]{2}|[A-Z][a-z]{1,11})\s*$", re.M)),
)  # fmt: skip
"""Kind, what a text must hold for the pattern to be tried (`_DIGIT`: any digit), and the pattern."""


def entities(text: str) -> Iterator[tuple[str, int, int]]:
    """Kind and place of what *text* holds by its form: e-mails, cards, phones, streets …; they may overlap."""
    digits = any(map(str.isdigit, text))
    for kind, needs, pattern in _PATTERNS:
        if not (digits if needs == _DIGIT else needs in text):
            continue
        for match in pattern.finditer(text):
            start, end = match.span(1 if pattern.groups and match.group(1) else 0)
            said = text[start:end]
            if kind == "PHONE" and _DATE.fullmatch(said.strip()):
                continue
            yield ("ORDER" if kind == "PHONE" and said.isdigit() and said[0] != "0" else kind), start, end


def normal(kind: str, value: str) -> str:
    """*value* in one spelling, so that the same number written in two ways gets the same mask."""
    if kind in {"PHONE", "CARD", "ACCOUNT", "ORDER"}:
        return re.sub(r"[^A-Za-z0-9]", "", value).upper()
    return " ".join(value.lower().split())
