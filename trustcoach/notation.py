"""The phrase notation of rules: what a QA lead writes, and the finite word sequences it stands for.

up to you                     these words, in canonical form (case, apostrophes and contractions do not matter)
(entirely|completely)? up     alternatives; `?` makes a word or group optional
apologi(ze|se|zing)           alternatives glued to a word
@we will                      a named list of the pack (`[lists]` in pack.toml)
understand <0-2> feel         a gap of nought to two words
in <num> days                 a class of word: <num> <money> <time> <name> <mask> <email> <url> <handle>
would you like <?>            `<?>` is a question mark
^ok thanks$                   only at the start, only at the end of a sentence
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["MAX_FORMS", "Form", "NotationError", "expand", "parse_tokens"]

MAX_FORMS = 4000
_CLASSES = {"num", "money", "time", "name", "mask", "email", "url", "handle"}
_LEX = re.compile(
    r"\s+|<(?P<gap>\d+-\d+)>|<(?P<cls>[a-z]+|\?)>|@(?P<list>[a-z_]+)|(?P<op>[()|?^$])|(?P<word>[^\s<>()|?^$@]+)"
)


class NotationError(ValueError):
    """A phrase that cannot be read."""


@dataclass(frozen=True, slots=True)
class Form:
    """One finite form of a phrase.

    Attributes
    ----------
    segments: runs of words that stand side by side.
    gaps: for each pair of neighbouring segments, how few and how many words lie between them.
    at_start, at_end: whether it must begin or end the sentence.
    """

    segments: tuple[tuple[str, ...], ...]
    gaps: tuple[tuple[int, int], ...] = ()
    at_start: bool = False
    at_end: bool = False


Item = str | tuple[int, int]
Sequence_ = tuple[Item, ...]


def expand(
    phrase: str,
    *,
    canonical: Callable[[str], Sequence[str]],
    lists: Mapping[str, str] | None = None,
    variants: Mapping[tuple[str, str], str] | None = None,
) -> list[Form]:
    """All finite forms of *phrase*.

    Parameters
    ----------
    phrase: text in the notation above.
    canonical: spells one written word out as canonical words.
    lists: named lists, each a phrase itself.
    variants: two canonical words → one that is also written for them (`("i", "will") → "ill"`), used in forms of three
        words or more, where the context settles the meaning.

    Raises
    ------
    NotationError: when the phrase cannot be read, is empty, or stands for more than `MAX_FORMS` forms.
    """
    at_start, at_end = phrase.lstrip().startswith("^"), phrase.rstrip().endswith("$")
    body = phrase.strip()
    body = body[1:] if at_start else body
    body = body[:-1] if at_end else body
    sequences = _Parser(body, lists or {}).parse()
    forms: dict[Form, None] = {}
    for sequence in sequences:
        words: list[Item] = []
        for item in sequence:
            if isinstance(item, str) and item != "?" and not item.startswith("<"):
                words.extend(canonical(item))
            else:
                words.append(item)
        for option in _with_variants(tuple(words), variants or {}):
            if (form := _form(option, at_start, at_end, phrase)) is not None:
                forms[form] = None
        if len(forms) > MAX_FORMS:
            raise NotationError(f"stands for more than {MAX_FORMS} forms; write it as several phrases: {phrase}")
    if not forms:
        raise NotationError(f"matches nothing: {phrase!r}")
    return list(forms)


def parse_tokens(pattern: Sequence[Mapping[str, object]]) -> str:
    """A raw spaCy token pattern as a phrase of the notation.

    Only attributes that mean something without a trained pipeline are allowed: `NORM`, `LOWER` and `ORTH` with a lower-case
    word or `{"IN": [...]}`, `OP` with `?`, and `{}` for any one word.

    Raises
    ------
    NotationError: for any other attribute (`POS` or `LEMMA` never match without a parser) or a capital letter.
    """
    parts: list[str] = []
    for token in pattern:
        keys = set(token) - {"OP"}
        op = token.get("OP", "1")
        if op not in {"1", "?"}:
            raise NotationError(f"token operator {op!r} is not supported; use '?' or a gap in a phrase")
        if not keys:
            parts.append("<1-1>" if op == "1" else "<0-1>")
            continue
        if len(keys) > 1 or not keys <= {"NORM", "LOWER", "ORTH"}:
            raise NotationError(
                f"token attribute {', '.join(sorted(keys))} cannot match here; use NORM (a lower-case word or a list under IN)"
            )
        value = token[next(iter(keys))]
        words = value.get("IN") if isinstance(value, Mapping) else [value]
        if not isinstance(words, list) or not all(isinstance(w, str) and w for w in words):
            raise NotationError(f"expected a word or {{IN = [...]}}, got {value!r}")
        if any(w != w.lower() for w in words):
            raise NotationError(f"words in token patterns are lower-case, or they never match: {words}")
        parts.append("(" + "|".join(words) + ")" + ("?" if op == "?" else ""))
    return " ".join(parts)


def _with_variants(words: Sequence_, variants: Mapping[tuple[str, str], str]) -> list[Sequence_]:
    options = [words]
    if sum(isinstance(w, str) for w in words) >= 3:
        for i in range(len(words) - 1):
            pair = (words[i], words[i + 1])
            if pair in variants:
                options.append((*words[:i], variants[pair], *words[i + 2 :]))  # type: ignore[index]
    return options


def _form(words: Sequence_, at_start: bool, at_end: bool, phrase: str) -> Form | None:
    segments: list[tuple[str, ...]] = []
    gaps: list[tuple[int, int]] = []
    run: list[str] = []
    pending: tuple[int, int] | None = None
    for item in words:
        if isinstance(item, tuple):
            if not run and not segments:
                raise NotationError(f"starts with a gap: {phrase!r}")
            if run:
                segments.append(tuple(run))
                run = []
            pending = item if pending is None else (pending[0] + item[0], pending[1] + item[1])
        else:
            if pending is not None:
                gaps.append(pending)
                pending = None
            run.append(item)
    if pending is not None:
        raise NotationError(f"ends with a gap: {phrase!r}")
    if run:
        segments.append(tuple(run))
    return Form(tuple(segments), tuple(gaps), at_start, at_end) if segments else None


class _Parser:
    def __init__(self, text: str, lists: Mapping[str, str], depth: int = 0) -> None:
        if depth > 8:
            raise NotationError("named lists refer to each other in a circle")
        self.text, self.lists, self.depth = text, lists, depth
        self.tokens: list[tuple[str, str, bool]] = []
        at, glued = 0, False
        while at < len(text):
            match = _LEX.match(text, at)
            if match is None:
                raise NotationError(f"cannot read {text[at : at + 12]!r} in {text!r}")
            kind = match.lastgroup
            if kind is not None:
                self.tokens.append((kind, match.group(kind), glued))
            glued = kind == "word" or match.group() == ")"
            at = match.end()
        self.at = 0

    def parse(self) -> list[Sequence_]:
        found = self._alternatives()
        if self.at < len(self.tokens):
            raise NotationError(f"a closing bracket too many in {self.text!r}")
        return found

    def _alternatives(self) -> list[Sequence_]:
        options = self._sequence()
        while self._peek() == ("op", "|"):
            self.at += 1
            options = options + self._sequence()
        return list(dict.fromkeys(options))

    def _sequence(self) -> list[Sequence_]:
        done: list[Sequence_] = [()]
        while (token := self._peek()) is not None and token not in {("op", "|"), ("op", ")")}:
            glued = self.tokens[self.at][2] and token == ("op", "(")
            item = self._item()
            optional = self._peek() == ("op", "?")
            if optional:
                self.at += 1
                item = [*item, ()]
            if glued:
                done = [(*d[:-1], str(d[-1]) + "".join(map(str, i))) if d else i for d in done for i in item]
            else:
                done = [d + i for d in done for i in item]
            if len(done) > MAX_FORMS:
                raise NotationError(
                    f"stands for more than {MAX_FORMS} forms; write it as several phrases: {self.text!r}"
                )
        return done

    def _item(self) -> list[Sequence_]:
        kind, value = self.tokens[self.at][:2]
        self.at += 1
        if kind == "word":
            return [(value,)]
        if kind == "gap":
            low, high = (int(n) for n in value.split("-"))
            if high < low or high > 8:
                raise NotationError(f"a gap runs from few to at most 8 words: <{value}>")
            return [((low, high),)]
        if kind == "cls":
            if value == "?":
                return [("?",)]
            if value == "any":
                return [((1, 1),)]
            if value not in _CLASSES:
                raise NotationError(f"unknown class <{value}>; known: {', '.join(sorted(_CLASSES))}, any, ?")
            return [(f"<{value}>",)]
        if kind == "list":
            if value not in self.lists:
                raise NotationError(f"unknown list @{value}; known: {', '.join(sorted(self.lists))}")
            return _Parser(self.lists[value], self.lists, self.depth + 1).parse()
        if value == "(":
            found = self._alternatives()
            if self._peek() != ("op", ")"):
                raise NotationError(f"a closing bracket is missing in {self.text!r}")
            self.at += 1
            return found
        raise NotationError(f"unexpected {value!r} in {self.text!r}")

    def _peek(self) -> tuple[str, str] | None:
        return self.tokens[self.at][:2] if self.at < len(self.tokens) else None
