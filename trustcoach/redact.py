"""Masks what points to a person: names, e-mails, phones, addresses, card and account numbers, order ids.

The same thing gets the same mask wherever it stands, as in `[NAME_1]`, and places in the original text can be carried over to
the masked one. Masks that a text already holds stay, so masking twice does no harm. The rules err towards masking: a word too
many is cheaper than a name too few. What they cannot know is a name that nobody greets, introduces or signs with, and that is
no usual given name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from trustcoach.conversation import Conversation
from trustcoach.redact_names import WORD, bare, full_names, may_be_name, named
from trustcoach.redact_rules import GENERIC, GIVEN_NAMES, NOT_NAMES, entities, normal

__all__ = ["ConversationMask", "Masked", "Redactor"]

_CASELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_NAMES_TOO = frozenset({"april", "august", "hope", "june", "love", "may", "will"})
_MASK = re.compile(r"\[[A-Z]+_\d+\]")
_TOLD = {
    "ACCOUNT": ("account number", "account numbers"),
    "ADDRESS": ("address", "addresses"),
    "AGENT": ("agent", "agents"),
    "CARD": ("card number", "card numbers"),
    "EMAIL": ("e-mail address", "e-mail addresses"),
    "NAME": ("name", "names"),
    "ORDER": ("order id", "order ids"),
    "PHONE": ("phone number", "phone numbers"),
}
_IN_IDENTS = frozenset({"ADDRESS", "EMAIL", "NAME"})


@dataclass(frozen=True, slots=True)
class Masked:
    """A masked text.

    Attributes
    ----------
    text: with masks in place of what was masked.
    edits: (start, end) in the original and (start, end) here of each mask, in order.
    """

    text: str
    edits: tuple[tuple[int, int, int, int], ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the stretch of the original from *start* to *end* stands here; a mask is taken in whole or not at all."""
        return self._place(start, False), self._place(end, True)

    def _place(self, at: int, end: bool) -> int:
        shift = 0
        for a, b, c, d in self.edits:
            if at <= a:
                break
            if at < b:
                return d if end else c
            shift = d - b
        return at + shift


class Redactor:
    """Gives out masks, the same one for the same thing.

    Parameters
    ----------
    agent_names: True leaves the names of agents as they are.
    after: the last number of each kind that the texts hold as masks already; new masks are numbered from there on.
    """

    def __init__(self, *, agent_names: bool = False, after: Mapping[str, int] | None = None) -> None:
        self.agent_names = agent_names
        self._numbers: dict[tuple[str, str], int] = {}
        self._last: dict[str, int] = dict(after or {})
        self._idents: dict[str, str] = {}
        self._ident_of: dict[str, str] = {}

    def mask(self, kind: str, value: str) -> str:
        """The mask of *value*, numbered by first appearance among its kind."""
        key = (kind, value)
        if key not in self._numbers:
            self._last[kind] = self._last.get(kind, 0) + 1
            self._numbers[key] = self._last[kind]
        return f"[{kind}_{self._numbers[key]}]"

    def conversation(self, turns: Iterable[tuple[str, str | None, str]]) -> ConversationMask:
        """What masks the texts of one conversation.

        Parameters
        ----------
        turns: role, speaker and text of each turn.
        """
        return ConversationMask(self, list(turns))

    def anywhere(self) -> ConversationMask:
        """What masks texts that belong to no conversation, by all the names met so far."""
        masks = self.conversation(())
        for kind, key in self._numbers:
            if kind in {"NAME", "AGENT"}:
                masks.know(kind, key)
        return masks

    def agent(self, name: str) -> str:
        """What an agent is called."""
        return self.conversation(()).speaker("agent", name) or name

    def masked(self, conversation: Conversation) -> Conversation:
        """*conversation* with masks in its texts, speakers and whatever else may name people."""
        masks = self.conversation((str(t.role), t.speaker, t.text) for t in conversation.turns)
        turns = tuple(
            replace(
                t,
                text=masks.plain(t.text),
                speaker=masks.speaker(str(t.role), t.speaker),
                id=t.id and masks.ident(t.id),
            )
            for t in conversation.turns
        )
        return replace(
            conversation,
            id=masks.ident(conversation.id),
            turns=turns,
            source=conversation.source and masks.ident(conversation.source),
            channel=conversation.channel and masks.plain(conversation.channel),
            rating=conversation.rating and masks.plain(conversation.rating),
            tags=tuple(map(masks.plain, conversation.tags)),
        )

    def ident(self, ident: str) -> str:
        """What an id that was masked has become; other ids as they are."""
        return self._idents.get(ident, ident)

    def told_apart(self, ident: str, masked: str) -> str:
        """*masked* for the id *ident*, with a number if another id has the same mask."""
        if ident not in self._idents:
            made, again = masked, 1
            while self._ident_of.get(made, ident) != ident:
                again += 1
                made = f"{masked} ({again})"
            self._idents[ident] = made
            self._ident_of[made] = ident
        return self._idents[ident]

    def counts(self) -> dict[str, int]:
        """How many different things of each kind were masked, those masked before included."""
        return dict(sorted(self._last.items()))

    def told(self) -> str:
        """`counts` in words."""
        return ", ".join(f"{n:,} {_TOLD[kind][n != 1]}" for kind, n in self.counts().items())


class ConversationMask:
    """Masks the texts of one conversation, whose names it knows. Made by `Redactor.conversation`."""

    def __init__(self, redactor: Redactor, turns: list[tuple[str, str | None, str]]) -> None:
        self._redactor = redactor
        self._plain: dict[str, str] = {}
        self._speakers: dict[tuple[str, str | None], str | None] = {}
        self._names: dict[tuple[str, ...], tuple[str, str]] = {}
        self._firsts: set[str] = set()
        self._kept: set[str] = set()
        self._scripts: list[tuple[str, tuple[str, str]]] = []
        for role, speaker in dict.fromkeys((role, speaker) for role, speaker, _ in turns if speaker):
            self._know_speaker(role, speaker)
        for _, _, text in turns:
            for words in named(text):
                self._know(words, ("NAME", " ".join(words)))
            for given, surname in full_names(text):
                self._know((given, surname), ("NAME", given))
                self._know((surname,), ("NAME", given))

    def know(self, kind: str, key: str) -> None:
        """Take in a name: of an agent (`AGENT`) or of anybody else (`NAME`)."""
        self._know(tuple(key.split()), (kind, key))

    def _know_speaker(self, role: str, speaker: str) -> None:
        if _MASK.fullmatch(speaker):
            return
        words = tuple(w.lower() for w in WORD.findall(speaker))
        if role in {"bot", "system"} or (words and all(w in GENERIC for w in words)):
            return
        if role == "agent" and self._redactor.agent_names:
            self._kept.update(w for w in words if w not in GENERIC)
            return
        key = _key(role, speaker, words)
        if _CASELESS.search(speaker):
            self._scripts.append((speaker, key))
        if words and "@" not in speaker:
            self._know(words, key)
            for word in words:
                if len(word) > 1 and word not in GENERIC and (word not in NOT_NAMES or word in _NAMES_TOO):
                    self._know((word,), key)

    def _know(self, words: tuple[str, ...], key: tuple[str, str]) -> None:
        if words and not any(w in self._kept for w in words):
            self._names.setdefault(words, self._names.get(words[:1], key))
            self._firsts.add(words[0])

    def speaker(self, role: str, name: str | None) -> str | None:
        """The mask of a speaker's name, `[AGENT_1]` for agents; roles, numbered guests and masks stay as they are."""
        key = (role, name)
        if key not in self._speakers:
            self._speakers[key] = self._speaker(role, name)
        return self._speakers[key]

    def _speaker(self, role: str, name: str | None) -> str | None:
        if not name or _MASK.fullmatch(name):
            return name or None
        words = tuple(w.lower() for w in WORD.findall(name))
        if role in {"bot", "system"} or (words and all(w in GENERIC for w in words)):
            return name
        if role == "agent" and self._redactor.agent_names:
            return name
        for kind, start, end in entities(name):
            if end - start == len(name) and kind != "NAME" and role != "agent":
                return self._redactor.mask(kind, normal(kind, name))
        return self._redactor.mask(*_key(role, name, words))

    def text(self, text: str) -> Masked:
        """*text* with masks, and where they stand."""
        return self._text(text)

    def _text(self, text: str, *, ident: bool = False) -> Masked:
        places = ((k, s, e) for k, s, e in entities(text) if not ident or k in _IN_IDENTS or text[s] == "+")
        found = [(s, e, k, normal(k, text[s:e])) for k, s, e in places]
        found += [(s, e, *key) for s, e, key in self._name_places(text)]
        if found and "[" in text:
            before = [m.span() for m in _MASK.finditer(text)]
            found = [f for f in found if not any(a < f[1] and f[0] < b for a, b in before)]
        if not found:
            return Masked(text)
        merged: list[tuple[int, int, str, str]] = []
        for start, end, kind, key in sorted(found, key=lambda f: (f[0], -f[1])):
            if merged and start < merged[-1][1]:
                a, b, known, value = merged[-1]
                merged[-1] = (a, max(b, end), known, value)
            else:
                merged.append((start, end, kind, key))
        parts, edits, at, length = [], [], 0, 0
        for start, end, kind, key in merged:
            mask = self._redactor.mask(kind, key)
            parts += [text[at:start], mask]
            length += start - at
            edits.append((start, end, length, length + len(mask)))
            length += len(mask)
            at = end
        parts.append(text[at:])
        return Masked("".join(parts), tuple(edits))

    def plain(self, text: str) -> str:
        """*text* with masks; for short texts that come again."""
        if text not in self._plain:
            self._plain[text] = self.text(text).text
        return self._plain[text]

    def ident(self, ident: str) -> str:
        """An id or file name with masks for people in it; mere numbers stay, so that it can be looked up, and ids that
        differ stay different."""
        masked = self._text(ident, ident=True).text
        return masked if masked == ident else self._redactor.told_apart(ident, masked)

    def _name_places(self, text: str) -> Iterator[tuple[int, int, tuple[str, str]]]:
        words = [(m.start(), bare(m.group())) for m in WORD.finditer(text)]
        i = 0
        while i < len(words):
            start, stem = words[i]
            lower = stem.lower()
            i += 1
            if lower in self._firsts:
                for length in range(min(4, len(words) - i + 1), 0, -1):
                    parts = [w for _, w in words[i - 1 : i - 1 + length]]
                    key = self._names.get(tuple(p.lower() for p in parts))
                    if key is not None and all(map(may_be_name, parts)):
                        i += length - 1
                        yield start, words[i - 1][0] + len(parts[-1]), key
                        break
            elif lower in GIVEN_NAMES and stem[0].isupper() and lower not in self._kept:
                yield start, start + len(stem), ("NAME", lower)
        for name, key in self._scripts:
            for match in re.finditer(re.escape(name), text):
                yield match.start(), match.end(), key


def _key(role: str, speaker: str, words: tuple[str, ...]) -> tuple[str, str]:
    return "AGENT" if role == "agent" else "NAME", " ".join(words) or speaker
