"""Finds people's names in a text: those it greets, introduces or signs with, and usual given names with what follows them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trustcoach.redact_rules import COMMON_WORDS, GENERIC, GIVEN_NAMES, NOT_NAMES

__all__ = ["WORD", "bare", "full_names", "may_be_name", "named"]

WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_INTRODUCED = re.compile(
    r"\b(?:my|the|full|first|last|his|her|customer) name(?:['’]s| is| was)?\b[\s:,]*"
    r"|\bnames? ?:\s*|\bcall me\s+|\bsurname(?: is)?[\s:]+",
    re.I,
)
_GREETED = re.compile(
    r"\b(?:hi|hello|hey|hiya|dear|good (?:morning|afternoon|evening|day)|morning|thanks(?: so much| again| a lot)?|cheers"
    r"|thank you(?: so much| very much)?|sorry|welcome(?: back)?|bye|goodbye)\b[ ,]*|\b(?:mr|mrs|ms|mx|dr|prof|frau|herr|mme)\b\.? +"
    r"|\b(?:spoke|speak|speaking|spoken|talk|talked|talking|chat|chatting|chatted) (?:with|to) +|\bask for +|\bcolleague,? +"
    r"|\b(?:regards|sincerely|wishes|warmly|yours|all the best)\b,?\s+|^\s*[-–—~]\s?",
    re.I | re.M,
)  # fmt: skip
_SAID = re.compile(
    r"\b(?:i am|i['’]m|im|this is|it is|it['’]s)\s+"
    r"|\b(?:ok|okay|sure|great|perfect|got it|no problem|yes|no|right|alright|oh|well|please),\s+",
    re.I,
)  # fmt: skip
_AFTER_SAID = re.compile(r"\s*(?:[.,!?;:)–—]|$|\s(?:here|from|with|and|speaking|calling|at|in)\b)")
_PAIR = re.compile(r"\b(?=([A-ZÀ-Þ]\w+) ([A-ZÀ-Þ][\w'’\-]+))")
_TITLE = re.compile(r"(?:mr|mrs|ms|mx|dr|prof)\b\.? +", re.I)
_CONTRACTION = re.compile(r"['’](?:m|ve|d|ll|re|t)$")
_HERE = re.compile(r"(?:^|[.!?,]\s+)(\w+) here\b")


def named(text: str) -> Iterator[tuple[str, ...]]:
    """Names that *text* greets, introduces or signs with, in lower case."""
    for match in _INTRODUCED.finditer(text):
        yield from _taken(text, match.end(), most=2, capitals=False)
    for match in _GREETED.finditer(text):
        yield from _taken(text, match.end(), most=2)
    for match in _SAID.finditer(text):
        for words in _taken(text, match.end(), most=2):
            if _AFTER_SAID.match(text, match.end() + len(" ".join(words))):
                yield words
    for match in _HERE.finditer(text):
        if match.group(1)[0].isupper():
            yield from _taken(text, match.start(1), most=1)


def _taken(text: str, at: int, *, most: int, capitals: bool = True) -> Iterator[tuple[str, ...]]:
    words: list[str] = []
    if title := _TITLE.match(text, at):
        at = title.end()
    while len(words) < most and (match := WORD.match(text, at)):
        stem = bare(match.group())
        lower = stem.lower()
        fits = stem[0].isupper() or not (stem[0].islower() or stem[0].isupper())
        barred = lower in NOT_NAMES or lower in GENERIC or len(stem) < 2 or _CONTRACTION.search(lower)
        if barred or not (fits or (not capitals and lower not in COMMON_WORDS)):
            break
        words.append(lower)
        at = match.start() + len(stem)
        if text[at : at + 1] != " ":
            break
        at += 1
    if words:
        yield tuple(words)
        if len(words) > 1:
            yield (words[0],)


def full_names(text: str) -> Iterator[tuple[str, str]]:
    """Usual given names with the word in capitals after them, in lower case."""
    for match in _PAIR.finditer(text):
        given, surname = match.group(1).lower(), bare(match.group(2)).lower()
        known = given in GIVEN_NAMES and surname not in GIVEN_NAMES
        if (
            known
            and not surname[:1].isdigit()
            and not any(surname in words for words in (NOT_NAMES, COMMON_WORDS, GENERIC))
        ):
            yield given, surname


def bare(word: str) -> str:
    """*word* without a possessive ending."""
    return word[:-2] if len(word) > 3 and word[-2:] in {"'s", "’s"} else word


def may_be_name(word: str) -> bool:
    """Whether *word* as written can be a name: in capitals, or no everyday word in small letters."""
    return not word[0].islower() or (word not in COMMON_WORDS and word not in NOT_NAMES and len(word) > 1)
