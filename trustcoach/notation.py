"""The phrase notation of rules: what a QA lead writes, read into a small tree.

up to you                     these words, in canonical form (case, apostrophes and contractions do not matter)
(entirely|completely)? up     alternatives; `?` makes a word or group optional
apologi(ze|se|zing)           endings glued to a word
@we will                      a named list of the pack (`[lists]` in pack.toml)
understand <0-2> feel         a gap of nought to two words; it never runs over not, never, no, but or a question mark
in <num> days                 a class of word: <num> <money> <time> <name> <mask> <email> <url> <handle>
would you like <?>            `<?>` is a question mark, `<any>` any one word
^ok thanks$                   only at the start, only at the end of a sentence
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

__all__ = [
    "NO_GAP",
    "Alternatives",
    "Gap",
    "Node",
    "NotationError",
    "Phrase",
    "Run",
    "forms",
    "least_words",
    "parse",
    "parse_lists",
]

NO_GAP = frozenset({"?", "not", "never", "no", "but", "however", "though", "although"})
"""Words that turn the meaning round; a gap never runs over them."""

_CLASSES = {"num", "money", "time", "name", "mask", "email", "url", "handle"}
_LEX = re.compile(
    r"\s+|<(?P<gap>\d+-\d+)>|<(?P<cls>[a-z]+|\?)>|@(?P<list>[a-z_]+)|(?P<op>[()|?^$])|(?P<word>[^\s<>()|?^$@]+)"
)
_MOST_GAP = 8


class NotationError(ValueError):
    """A phrase that cannot be read."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Any words, at least *low* and at most *high*."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One of several sequences; an empty one makes the group optional."""

    options: tuple[Run, ...]


Node = str | Gap | Alternatives
Run = tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase read: its tree, and whether it must begin or end the sentence."""

    run: Run
    at_start: bool = False
    at_end: bool = False


def parse(text: str, *, canonical: Callable[[str], Sequence[str]], lists: Mapping[str, Run] | None = None) -> Phrase:
    """Read a phrase.

    Parameters
    ----------
    text: in the notation above.
    canonical: spells one written word out as canonical words.
    lists: named lists, as `parse_lists` reads them.

    Raises
    ------
    NotationError: when the phrase cannot be read, could match nothing at all, or begins or ends with a gap.
    """
    body = text.strip()
    at_start, at_end = body.startswith("^"), body.endswith("$")
    body = body[1 if at_start else 0 : len(body) - 1 if at_end else len(body)]
    run = _Parser(body, canonical, lists or {}).parse()
    if _empty(run):
        raise NotationError(f"could match nothing at all: {text!r}")
    if _edge_gap(run, first=True) or _edge_gap(run, first=False):
        raise NotationError(f"begins or ends with a gap: {text!r}")
    return Phrase(run, at_start, at_end)


def parse_lists(lists: Mapping[str, str], *, canonical: Callable[[str], Sequence[str]]) -> dict[str, Run]:
    """Read named lists, each a phrase that may use the other lists.

    Raises
    ------
    NotationError: when a list cannot be read, or lists refer to each other in a circle.
    """
    done: dict[str, Run] = {}
    open_lists: list[str] = []

    def read(name: str) -> Run:
        if name in open_lists:
            raise NotationError(f"named lists refer to each other in a circle: {', '.join(open_lists)}")
        if name not in done:
            open_lists.append(name)
            used = {n: read(n) for n in re.findall(r"@([a-z_]+)", lists[name]) if n in lists}
            done[name] = _Parser(lists[name], canonical, used).parse()
            open_lists.pop()
        return done[name]

    for name in lists:
        read(name)
    return done


def forms(run: Run) -> Iterator[tuple[str | Gap, ...]]:
    """Every finite form of a tree, gaps kept. Their number is the product of the alternatives; meant for tests."""
    for choice in product(*([(node,)] if not isinstance(node, Alternatives) else _options(node) for node in run)):
        yield tuple(item for part in choice for item in part)


def _options(node: Alternatives) -> list[tuple[str | Gap, ...]]:
    return [form for option in node.options for form in forms(option)]


def least_words(run: Run) -> int:
    """How many words the shortest form of a tree has."""
    total = 0
    for node in run:
        if isinstance(node, Alternatives):
            total += min(least_words(option) for option in node.options)
        else:
            total += node.low if isinstance(node, Gap) else 1
    return total


def _empty(run: Run) -> bool:
    return least_words(run) == 0


def _edge_gap(run: Run, *, first: bool) -> bool:
    for node in run if first else reversed(run):
        if isinstance(node, Gap):
            return True
        if isinstance(node, str):
            return False
        if any(_edge_gap(option, first=first) for option in node.options if option):
            return True
        if not any(_empty(option) for option in node.options):
            return False
    return False


class _Parser:
    def __init__(self, text: str, canonical: Callable[[str], Sequence[str]], lists: Mapping[str, Run]) -> None:
        self.text, self.canonical, self.lists = text, canonical, lists
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

    def parse(self) -> Run:
        found = self._alternatives()
        if self.at < len(self.tokens):
            raise NotationError(f"a closing bracket too many in {self.text!r}")
        return found

    def _alternatives(self) -> Run:
        options = [self._sequence()]
        while self._peek() == ("op", "|"):
            self.at += 1
            options.append(self._sequence())
        return options[0] if len(options) == 1 else (Alternatives(tuple(options)),)

    def _sequence(self) -> Run:
        run: list[Node] = []
        while (token := self._peek()) is not None and token not in {("op", "|"), ("op", ")")}:
            kind, value = token
            if kind == "word":
                stems = self._glued()
                node: Run = (
                    tuple(self.canonical(stems[0]))
                    if len(stems) == 1
                    else (Alternatives(tuple(tuple(self.canonical(s)) for s in stems)),)
                )
            else:
                self.at += 1
                node = self._item(kind, value)
            if self._peek() == ("op", "?"):
                self.at += 1
                node = (Alternatives((node, ())),)
            run.extend(node)
        return tuple(run)

    def _glued(self) -> list[str]:
        """A word with all the endings glued to it, as written words."""
        stems = [self.tokens[self.at][1]]
        self.at += 1
        while self._peek() == ("op", "(") and self.tokens[self.at][2]:
            self.at += 1
            endings = [self._ending()]
            while self._peek() == ("op", "|"):
                self.at += 1
                endings.append(self._ending())
            self._close()
            if self._peek() == ("op", "?"):
                self.at += 1
                endings.append("")
            stems = [stem + ending for stem in stems for ending in endings]
        return list(dict.fromkeys(stems))

    def _ending(self) -> str:
        token = self._peek()
        if token is None or token[0] != "word":
            return ""
        self.at += 1
        return token[1]

    def _item(self, kind: str, value: str) -> Run:
        if kind == "gap":
            low, high = (int(n) for n in value.split("-"))
            if high < low or high > _MOST_GAP:
                raise NotationError(f"a gap runs from few to at most {_MOST_GAP} words: <{value}>")
            return (Gap(low, high),)
        if kind == "cls":
            if value == "?":
                return ("?",)
            if value == "any":
                return (Gap(1, 1),)
            if value not in _CLASSES:
                raise NotationError(f"unknown class <{value}>; known: {', '.join(sorted(_CLASSES))}, any, ?")
            return (f"<{value}>",)
        if kind == "list":
            if value not in self.lists:
                raise NotationError(f"unknown list @{value}; known: {', '.join(sorted(self.lists))}")
            return self.lists[value]
        if value == "(":
            found = self._alternatives()
            self._close()
            return found
        raise NotationError(f"unexpected {value!r} in {self.text!r}")

    def _close(self) -> None:
        if self._peek() != ("op", ")"):
            raise NotationError(f"a closing bracket is missing in {self.text!r}")
        self.at += 1

    def _peek(self) -> tuple[str, str] | None:
        return self.tokens[self.at][:2] if self.at < len(self.tokens) else None
