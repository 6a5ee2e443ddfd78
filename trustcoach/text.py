"""Splits a message into sentences and words that are safe to match, each with its place in the original text.

Matching sees *canonical words*: lower case, contractions spelled out (`I’ll`, `dont` → `i will`, `do not`), letters drawn out
for effect brought back (`pleeease` → `please`), full-width letters, HTML entities and zero-width characters undone, numbers,
amounts, addresses and masks replaced by a class such as `<num>`. Offsets always count code points of the original.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain, pairwise

__all__ = ["Canonical", "Words", "sentence_spans", "shortened"]

_APOSTROPHE = "'’‘`´ʼ＇"
_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_ENTITY = r"&(?:\#39|\#x27|apos|rsquo|lsquo|\#8217|\#8216|\#x2019|\#x2018|\#xAD|shy|zwnj|zwj);"
_WORD = rf"(?:[^\W_]|[{_INVISIBLE}{_APOSTROPHE}]|{_ENTITY})"

_TOKEN = re.compile(
    rf"""
      (?P<url>\b(?:https?://|www\.)[^\s<>]+)
    | (?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
    | (?P<name>\#\w*NAME\w*(?:-\w+)?\#|\[(?i:[a-z_ ]*name[a-z_ 0-9]*)\]|<[A-Z_]*NAME[A-Z_0-9]*>
        |\bNAME(?:-[A-Z]|\d|_\d+|SLOT\w?)?\b|\{{\{{[^}}]*name[^}}]*\}}\}})
    | (?P<mask>\#[A-Z][\w-]+\#|\[[A-Za-z][A-Za-z_ ]{{2,24}}\d*\]|<[A-Z][A-Z_0-9]+>|\b[A-Z]{{3,}}[-_][A-Z]+\b
        |\b(?:X{{4,}}|x{{4,}})\b|\*{{4,}}|[▇█]+|\{{\{{[^}}]*\}}\}})
    | (?P<handle>(?<![\w@])@\w+)
    | (?P<money>[$€£¥₹]\d[\d.,]*(?:k\b)?
        |\d[\d.,]*(?:[€£¥₹$%]|(?i:usd|eur|gbp|dollars?|euros?|pounds?|cents?|bucks?|quid)\b))
    | (?P<time>\b\d{{1,2}}(?:[:.]\d\d)?(?i:[ap]\.?m)\b\.?|\b\d{{1,2}}:\d\d(?::\d\d)?\b)
    | (?P<num>\#?\d[\d.,/–-]*\w*)
    | (?P<word>{_WORD}*[^\W_](?:{_WORD}|-(?=[^\W_]))*)
    | (?P<ask>\?+)
    | (?P<break>[,;:()\[\]—–…!]|\.(?=$|\.)|^-$)
    """,
    re.X,
)

_MASKED_CHUNK = re.compile(r"\[[A-Za-z_ ]{2,24}\d*\]|\{\{[^}]*\}\}|[^\s\[{]+|\S")
_DRAWN = re.compile(r"([^\W\d_])\1{2,}")
_STRIP = re.compile(rf"[{_INVISIBLE}]")

_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|prof|no|nr|vs|approx|e\.g|i\.e|etc|inc|ltd|tel|ext|min|max|dept|est|a\.m|p\.m)|(?<![\w-])[A-Za-z]|^\s*\d{1,2})$",
    re.I,
)
# Words with a capital that open a sentence. Not “I”, which is a capital anywhere.
_STARTER = (
    r"(?:The|This|That|That's|These|There|There's|It|It's|My|Your|Our|We|We're|We've|We'll|You|You're|You'll|He|She|They"
    r"|Please|Kindly|Can|Could|May|Would|Will|Do|Does|Did|Is|Are|Was|Have|Has|What|What's|How|When|Where|Why|Which|Who"
    r"|But|And|So|Or|Also|However|Then|Once|If|In|On|As|At|For|To|From|Now|Just|Since|Because|After|Before|Until|Unfortunately"
    r"|Thank|Thanks|Sorry|Yes|No|Not|Ok|Okay|Hello|Let|Let's|Go|Click|Tap|Open|Select|Try)"
)
_BOUNDARY = re.compile(
    rf"""
      (?P<stop>[.!?…]+["'”’)\]]*)(?=\s|$)                 # a full stop, then space
    | (?P<tight>(?<=[a-z])[.!?]+(?=[A-Z][a-z]|I\b)|\?+(?=[^\W\d_])|!+(?=[A-Z]))  # the space forgotten
    | (?P<blank>[ \t]*\r?\n[ \t]*(?:\r?\n\s*)+)            # a blank line
    | (?P<line>[ \t]*\r?\n\s*)
    | (?P<run>(?<=[\w\#'’)])[ ]+(?={_STARTER}\s+(?:[a-z]|I\b)))  # no full stop at all, but a word that opens a sentence
    """,
    re.X,
)
_MASKED = re.compile(r"[A-Z]{2,}(?:[-_][A-Z]+)*")
# Where a boundary may begin.
_STOP, _STOP_OR_LINE = re.compile(r"[.!?…]|[ ]+(?=[A-Z])"), re.compile(r"[.!?…]|[ \t]*\r?\n|[ ]+(?=[A-Z])")
_BULLET = re.compile(r"(?:[-*•·>▪◦–]|\d{1,2}[.)])\s")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """The sentences of *text* as (start, end) offsets, without surrounding space.

    A single line break inside a sentence is only a wrap; a blank line, a bullet or a line that ends in punctuation is not.
    """
    spans: list[tuple[int, int]] = []
    start = at = 0
    search = (_STOP_OR_LINE if "\n" in text else _STOP).search
    while (near := search(text, at)) is not None:
        match = _BOUNDARY.match(text, near.start())
        if match is None:
            at = near.start() + 1
            continue
        at = match.end()
        if _ends(text, start, match):
            _add(spans, text, start, at)
            start = at
    _add(spans, text, start, len(text))
    return spans


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a sentence that began at *start* ends at the boundary *match*."""
    kind, first = match.lastgroup, match.start()
    if kind == "stop":
        return text[first] != "." or _ABBREVIATION.search(text, max(start, first - 8), first) is None
    if kind == "tight":
        return "://" not in text[max(start, first - 60) : first].rpartition(" ")[2]
    if kind == "run":  # “log in to My Account”: a name, and no beginning
        before = text[max(start, first - 40) : first].rpartition(" ")[2]
        return not before[:1].isupper() or _MASKED.fullmatch(before) is not None
    return (
        kind == "blank"
        or text[first - 1 : first] in {".", "!", "?", ":", ";", "…", ")"}
        or _BULLET.match(text, match.end()) is not None
    )


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    """Add what lies between *start* and *end*, without the space around it, if anything does."""
    piece = text[start:end]
    left = start + len(piece) - len(piece.lstrip())
    right = start + len(piece.rstrip())
    if left < right:
        spans.append((left, right))


_Chunk = tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]  # words, starts, ends, breaks


class Words:
    """The canonical words of one sentence, and on demand their places: few sentences need those.

    Attributes
    ----------
    words: the words, in order; a question mark is a word of its own, other punctuation is left out.
    starts, ends: offsets of each word in the sentence's original text.
    breaks: indices of words that follow a clause break (comma, dash, bracket, colon, line end).
    """

    __slots__ = ("_chunks", "_pieces", "_placed", "_text", "words")

    def __init__(self, text: str, pieces: Sequence[str], chunks: Sequence[_Chunk]) -> None:
        self._text, self._pieces, self._chunks = text, pieces, chunks
        self._placed: tuple[tuple[int, ...], tuple[int, ...], frozenset[int]] | None = None
        self.words = tuple(chain.from_iterable([chunk[0] for chunk in chunks]))

    @property
    def starts(self) -> tuple[int, ...]:
        return self._places()[0]

    @property
    def ends(self) -> tuple[int, ...]:
        return self._places()[1]

    @property
    def breaks(self) -> frozenset[int]:
        return self._places()[2]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Offsets of the words *first* up to, not including, *last*."""
        starts, ends, _ = self._places()
        return starts[first], ends[last - 1]

    def covered(self, start: int, end: int) -> tuple[int, int] | None:
        """The words that the stretch of text from *start* to *end* touches: (first word, past the last word)."""
        starts, ends, _ = self._places()
        touched = [i for i, (a, b) in enumerate(zip(starts, ends, strict=True)) if a < end and start < b]
        return (touched[0], touched[-1] + 1) if touched else None

    def _places(self) -> tuple[tuple[int, ...], tuple[int, ...], frozenset[int]]:
        if self._placed is None:
            starts: list[int] = []
            ends: list[int] = []
            breaks: list[int] = []
            at = 0
            for piece, (_, rel_starts, rel_ends, rel_breaks) in zip(self._pieces, self._chunks, strict=True):
                at = self._text.index(piece, at)
                breaks += [len(starts) + i for i in rel_breaks]
                starts += [at + i for i in rel_starts]
                ends += [at + i for i in rel_ends]
                at += len(piece)
            self._placed = tuple(starts), tuple(ends), frozenset(breaks)
        return self._placed


class Canonical:
    """Turns the text of a sentence into canonical words.

    Parameters
    ----------
    contractions: written form → words, such as `{"don't": ("do", "not"), "dont": ("do", "not")}`.
    drawn_out: words known to the pack; decides between one and two letters for `sooorry` and `helllo`.
    """

    def __init__(self, contractions: Mapping[str, tuple[str, ...]], *, known: frozenset[str] = frozenset()) -> None:
        self._contractions = dict(contractions)
        self._known = known
        self._chunk = lru_cache(maxsize=65_536)(self._split_chunk)

    def __call__(self, text: str) -> Words:
        pieces = _MASKED_CHUNK.findall(text) if "[" in text or "{{" in text else text.split()
        return Words(text, pieces, list(map(self._chunk, pieces)))

    def _split_chunk(self, raw: str) -> _Chunk:
        """The words, offsets and breaks of one run of characters between spaces."""
        words: list[str] = []
        spans: list[tuple[int, int]] = []
        breaks: list[int] = []
        for match in _TOKEN.finditer(raw):
            kind, (first, last) = match.lastgroup, match.span()
            if kind == "break":
                breaks.append(len(words))
            elif kind == "word":
                parts = self._canonical_word(match.group())
                words.extend(parts)
                # Each part of a contraction gets its share of the original.
                spans.extend(
                    [(first, last)]
                    if len(parts) == 1
                    else [(first + a, first + b) for a, b in _cuts(match.group(), parts)]
                    if parts
                    else []
                )
            else:
                words.append("?" if kind == "ask" else f"<{kind}>")
                spans.append((first, last))
        return tuple(words), tuple(a for a, _ in spans), tuple(b for _, b in spans), tuple(breaks)

    def _canonical_word(self, raw: str) -> tuple[str, ...]:
        word = html.unescape(raw) if "&" in raw else raw
        if not word.isascii():
            word = _STRIP.sub("", unicodedata.normalize("NFKC", word))
            for mark in _APOSTROPHE[1:]:
                word = word.replace(mark, "'")
        else:
            word = word.replace("`", "'")
        word = word.lower().strip("'")
        if not word:
            return ()
        known = self._contractions.get(word)
        if known:
            return known
        if _DRAWN.search(word):
            word = self._undrawn(word)
            known = self._contractions.get(word)
            if known:
                return known
        if word.endswith("'s") and len(word) > 2:
            return (word[:-2], "'s")
        return (word.replace("'", ""),)

    def _undrawn(self, word: str) -> str:
        double = _DRAWN.sub(r"\1\1", word)
        single = _DRAWN.sub(r"\1", word)
        return double if double in self._known or double in self._contractions else single


def _cuts(raw: str, parts: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where each of *parts* lies in *raw*: at the apostrophe if there is one, else by length."""
    if len(parts) == 2:
        at = next((i for i, c in enumerate(raw) if c in _APOSTROPHE and 0 < i < len(raw) - 1), -1)
        if at < 0:
            at = min(len(parts[0]), len(raw) - 1)
        elif parts[1] == "not" and raw[at - 1] in "nN" and at >= 2:
            at -= 1
        return [(0, at), (at, len(raw))]
    step = len(raw) / len(parts)
    edges = [round(i * step) for i in range(len(parts))] + [len(raw)]
    return list(pairwise(edges))


def shortened(text: str, most: int) -> str:
    """*text* on one line, cut after a word where it is longer than *most* characters."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"
