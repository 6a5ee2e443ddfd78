"""A draft becomes a conversation: what is no turn is counted and left out, texts become plain, roles are settled."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from trustcoach.conversation import Conversation, Role, Turn
from trustcoach.reading.draft import Draft, Message, Person
from trustcoach.reading.markup import cut_quoted, has_html, html_to_text
from trustcoach.reading.options import ReadOptions
from trustcoach.reading.report import ReadingReport
from trustcoach.reading.roles import looks_swapped

__all__ = ["Finisher"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_GARBLED = re.compile(
    "[ÂÃâðÅÄÐÑ][\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_BLOCKED = re.compile(r"[\s▇█]*[▇█][\s▇█]*")


class Finisher:
    """Finishes the drafts of one reading, all files together: it knows which conversation ids were given already."""

    def __init__(self, options: ReadOptions, report: ReadingReport) -> None:
        self.options, self.report = options, report
        self._private = re.compile(options.private_pattern) if options.private_pattern else None
        self._named = {
            name.casefold(): role
            for role, names in (
                (Role.AGENT, options.agents),
                (Role.CUSTOMER, options.customers),
                (Role.BOT, options.bots),
            )
            for name in names
        }
        self._seen: dict[int, int] = {}
        self._agents = False
        self._strangers: dict[str, None] = {}

    def finish(self, draft: Draft, file: str, stem: str, people: dict[str, Person]) -> Conversation | None:
        """The conversation of a draft, or `None` (counted) if there is nothing in it or it was read before."""
        turns = self._exact(draft, file) if draft.exact else self._turns(draft, people)
        if not turns:
            self.report.count("without_messages")
            return None
        identity = draft.id if draft.id else f"{stem}:{draft.where}" if draft.where else stem
        name = self._free(_clean(identity), turns, file, draft.where)
        if name is None:
            return None
        unknown = sum(turn.role is Role.UNKNOWN for turn in turns)
        if unknown:
            self.report.count("unknown_roles", unknown)
            if len(self._strangers) < 6:
                self._strangers |= dict.fromkeys((t.speaker or "?")[:40] for t in turns if t.role is Role.UNKNOWN)
        self._agents = self._agents or any(turn.role is Role.AGENT for turn in turns)
        if looks_swapped(turns):
            self.report.suspect_swap(name)
        self.report.count("conversations")
        self.report.count("turns", len(turns))
        return Conversation(
            id=name,
            turns=tuple(turns),
            source=file,
            channel=_clean(draft.channel) if draft.channel else None,
            rating=_clean(draft.rating) if draft.rating else None,
            tags=tuple(_clean(tag) for tag in draft.tags),
        )

    def tell_strangers(self, file: str) -> None:
        """Report that nobody is known to be an agent, if there are people whose role is unknown."""
        if self._strangers and not self._agents:
            shown = ", ".join(list(self._strangers)[:5]) + (" …" if len(self._strangers) > 5 else "")
            self.report.problem(
                file,
                None,
                f"Nobody is known to be an agent, so nothing can be judged; who are they: {shown}?",
                "Say so with --agent NAME (and --customer NAME), or name the column with --map role=COLUMN.",
            )

    def _exact(self, draft: Draft, file: str) -> list[Turn]:
        turns = []
        indices = [message.index for message in draft.messages]
        known = [index for index in indices if index is not None]
        usable = len(known) == len(indices) == len(set(known))
        if not usable and known:
            self.report.problem(file, draft.where, "Turn indices are missing or doubled; the turns were counted anew.")
        for place, message in enumerate(draft.messages):
            if message.text.strip():
                turns.append(self._turn(message, message.index if usable and message.index is not None else place))
            else:
                self.report.count("empty")
        if usable and known != sorted(known):
            self.report.count("out_of_order")
            turns.sort(key=lambda turn: turn.index)
        return turns

    def _turns(self, draft: Draft, people: dict[str, Person]) -> list[Turn]:
        if draft.fallback is not None and not any(message.kind == "message" for message in draft.messages):
            draft.messages.insert(0, draft.fallback)
        messages = self._ordered(self._once(draft.messages), draft.ordered)
        turns: list[Turn] = []
        for message in messages:
            self._complete(message, draft, people)
            kept = self._kept(message)
            if kept is not None:
                turns.append(self._turn(kept, len(turns)))
        return turns

    def _turn(self, message: Message, index: int) -> Turn:
        text = _whole(message.text)
        speaker = message.speaker or message.speaker_id
        role = message.role
        if self._named:
            names = (message.speaker, message.speaker_id)
            role = next((self._named[n.casefold()] for n in names if n and n.casefold() in self._named), role)
        if message.automated and role not in (Role.SYSTEM, Role.CUSTOMER):
            role = Role.BOT
            self.report.count("automated")
        return Turn(index, role, text, _clean(speaker) if speaker else None, message.time, message.id)

    def _complete(self, message: Message, draft: Draft, people: dict[str, Person]) -> None:
        """Fill in what is known about a person from elsewhere in the export."""
        who = message.speaker_id
        if not who:
            return
        for known in (draft.people, people):
            person = known.get(who)
            if person is not None:
                message.speaker = message.speaker or person.name
                message.role = person.role if message.role is Role.UNKNOWN else message.role
        if message.role is Role.UNKNOWN and draft.customer_ids:
            message.role = Role.CUSTOMER if who in draft.customer_ids else draft.others
            if who not in draft.customer_ids and draft.others is not Role.UNKNOWN and message.kind == "message":
                self.report.guess(
                    f"people who are not the requester, and of whom no role is told, read as {draft.others}"
                )

    def _kept(self, message: Message) -> Message | None:
        """The message with its text made plain, or `None`, counted under what it is."""
        count = self.report.count
        if message.attachments:
            count("attachments", message.attachments)
        if message.kind == "note":
            return count("notes")
        if message.kind == "event":
            return count("events")
        if message.deleted:
            return count("deleted")
        text = message.text
        if message.redacted or _BLOCKED.fullmatch(text):
            return count("redacted")
        if not text.isascii():
            text = _whole(text)
            if _GARBLED.search(text):
                text = self._repaired(text)
        if message.html or has_html(text):
            text = html_to_text(text, keep_quoted=self.options.keep_quoted or not message.mail)
        if message.mail and not self.options.keep_quoted:
            short = cut_quoted(text)
            if short != text:
                count("quoted")
                text = short
        if not text.strip():
            return count("attachment_only" if message.attachments else "empty")
        if self._private and self._private.search(text):
            return count("notes")
        if message.edited:
            count("edited")
        return replace(message, text=text) if text is not message.text else message

    def _repaired(self, text: str) -> str:
        import ftfy

        better = ftfy.fix_encoding(text)
        if better != text:
            self.report.count("text_repaired")
        return better

    def _once(self, messages: list[Message]) -> list[Message]:
        """Each message once: the latest wording of an id, and no repetition of the same words at the same moment."""
        places: dict[str, int] = {}
        kept: list[Message] = []
        for message in messages:
            if message.id is not None and message.kind != "event":
                if message.id in places:
                    earlier = kept[places[message.id]]
                    self.report.count("duplicate_messages")
                    if earlier.text != message.text and message.text:
                        kept[places[message.id]] = replace(message, edited=True)
                    continue
                places[message.id] = len(kept)
            elif kept and message.time is not None and message.text and _same(kept[-1], message):
                self.report.count("duplicate_messages")
                continue
            kept.append(message)
        return kept

    def _ordered(self, messages: list[Message], keep: bool) -> list[Message]:
        if keep:
            return messages
        numbers = [message.index for message in messages if message.index is not None]
        if len(numbers) == len(messages):
            if any(later < earlier for earlier, later in pairwise(numbers)):
                self.report.count("out_of_order")
            return [message for _, message in sorted(zip(numbers, messages, strict=True), key=lambda pair: pair[0])]
        times = [message.time for message in messages if message.time is not None]
        if len(times) < len(messages) or all(a <= b for a, b in pairwise(times)):
            return messages
        self.report.count("out_of_order")
        ordered: list[Message] = sorted(messages, key=lambda message: message.time)  # type: ignore[arg-type, return-value]
        return ordered

    def _free(self, name: str, turns: Iterable[Turn], file: str, where: str) -> str | None:
        """The id for a conversation; with a number if another one has it, `None` if this very one was read before."""
        content = _digest("\x1e".join(f"{turn.role}\x1f{turn.text}" for turn in turns))
        key = _digest(name)
        if key not in self._seen:
            self._seen[key] = content
            return name
        number = 1
        while key in self._seen:
            if self._seen[key] == content:
                self.report.count("duplicate_conversations")
                return None
            number += 1
            key = _digest(f"{name}#{number}")
        self._seen[key] = content
        self.report.count("renamed_conversations")
        self.report.problem(
            file,
            where or None,
            f"Another conversation has the id {name[:60]!r} already; this one is {number}.",
            "If both are parts of one conversation, put them into one file.",
        )
        return f"{name}#{number}"


def _same(one: Message, other: Message) -> bool:
    return (one.text, one.time, one.role, one.speaker_id or one.speaker, one.kind) == (
        other.text,
        other.time,
        other.role,
        other.speaker_id or other.speaker,
        other.kind,
    )


def _whole(text: str) -> str:
    """The text with halves of characters joined, or replaced where the other half is missing."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _clean(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = _whole(text)
    return "".join(c if c.isprintable() else " " for c in text).strip() if not text.isprintable() else text


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")
