"""Plain text transcripts: lines that start with who speaks, with or without a time, and what belongs to them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.roles import fold, role_of_label

__all__ = ["Speakers", "cell_messages", "head_count", "read_text", "settle"]

_TIME = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,6})?(?:[ \u202f]?[AaPp]\.?[Mm]\.?)?"
_DATE = (
    r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2} [A-Za-z]{3,9}\.? \d{4}|"
    r"[A-Za-z]{3,9}\.? \d{1,2}, \d{4})"
)
_STAMP = rf"(?:{_DATE}(?:T|,? +(?:at )?)?)?{_TIME}(?:Z| ?UTC| ?GMT|[+-]\d\d:?\d\d)?"
_NAME = r"[^\s:\[\]|<>{}\"][^\n:\[\]|<>{}\"]{0,59}?"
_HEADS = [
    re.compile(pattern)
    for pattern in (
        rf"\s*[\[(](?P<time>{_STAMP})[\])]\s*(?:[-–]\s*)?\**(?P<name>{_NAME})\**\s?:\**(?:\s|$)(?P<text>.*)",
        rf"\s*(?P<time>{_STAMP})\s*(?:[-–]\s+|\s)\**(?P<name>{_NAME})\**\s?:\**(?:\s|$)(?P<text>.*)",
        rf"\s*(?P<time>{_STAMP})\s*\|\s*(?P<name>{_NAME})\s*[|:]\s?(?P<text>.*)",
        rf"\s*(?:[-*•]\s+)?\**(?P<name>{_NAME})\s*[\[(](?P<time>{_STAMP})[\])]\**\s*:?\**(?:\s|$)(?P<text>.*)",
        rf"\s*(?P<name>{_NAME}),\s+(?P<time>{_STAMP}):?\s*(?P<text>)$",
        rf"\s*(?:[-*•]\s+)?\*\*(?P<name>{_NAME})(?:\*\*\s?:|:\*\*)(?:\s|$)(?P<text>.*)",
        rf"\s*#{{1,6}}\s+\**(?P<name>{_NAME})\**:?\s*(?P<text>)$",
        rf"\s*(?:[-*•]\s+)?\[?(?P<name>{_NAME})\]?\s?:(?:\s|$)(?P<text>.*)",
        r"\s*(?P<name>>>|<<)\s+(?P<text>.*)",
    )
]
_PLAIN = re.compile(r"[^\W\d_][^\d:\[\]|<>{}\"()*,-]{0,40}:(\s|$)")
_TIMED_EVENT = re.compile(rf"\s*[\[(]?(?:{_STAMP})[\])]?\s*[-–|]?\s*(?P<text>\S.*)")
_EVENT = re.compile(r"\s*(\*{2,}[^*].*[^*]\*{2,}|-{2,}\s*\w.*\w\.?\s*-{2,}|\[(system|event|info|note)\].*)\s*", re.I)
_RULE = re.compile(r"\s*([-=_*~#]{5,}|(-\s){4,}-?)\s*")
_TITLE = re.compile(
    r"\s*#{0,4}\s*(?:conversation|chat|ticket|case|transcript|session|dialog(?:ue)?|call)\s*(?:id|no\.?|number|#)?\s*[:#]?\s*"
    r"(?P<id>[\w.-]*\d[\w.-]*)\s*:?\s*",
    re.I,
)
_STRONG_WORDS = (
    "agent support operator representative rep csr advisor adviser associate customer client user "
    "visitor caller consumer bot chatbot assistant system supportagent customersupport "
    "customerservice enduser virtualagent virtualassistant humanagent agentassist liveagent q a"
)
_STRONG = frozenset(_STRONG_WORDS.split())
_NEVER = re.compile(
    r"https?|ftp|mailto|note|ps|nb|re|subject|date|time|e-?mail|url|http.*|tel|phone|warning|tip|fyi|total|price", re.I
)


_PERSON = re.compile(r"[^\W\d_a-z][\w.’'-]*( [^\W\d_a-z][\w.’'-]*){0,2}")
_FIELD_WORDS = (
    "address order ordernumber name email phone invoice date amount item items price status reference problem "
    "issue error question product model color size quantity update important remember edit attachment "
    "attachments regards thanks"
)
_FIELDS = frozenset(_FIELD_WORDS.split())


@dataclass(slots=True)
class Speakers:
    """The labels that start turns in one file: learned from its first lines."""

    known: set[str] = field(default_factory=set)
    alone: set[str] = field(default_factory=set)

    @classmethod
    def learned(cls, lines: Iterable[str], names: Iterable[str] = ()) -> Speakers:
        """The speakers of a text: role words, names given, and labels that start two lines or stand beside a time."""
        counts: Counter[str] = Counter()
        alone: Counter[str] = Counter()
        certain = {fold(name) for name in names}
        names_once: set[str] = set()
        blank = True
        for line in lines:
            match = None if _TITLE.fullmatch(line) else _head(line)
            if match:
                name = fold(match["name"]) or match["name"]
                role = role_of_label(match["name"])
                if match.groupdict().get("time") or name in _STRONG or (role and fold(role[1]) != name):
                    certain.add(name)
                counts[name] += 1
                if _PERSON.fullmatch(match["name"]) and name not in _FIELDS and " " in match["text"].strip():
                    names_once.add(name)
            elif blank and 0 < len(line.strip()) <= 40 and not re.search(r"[.!?,;:]\s*$", line):
                alone[fold(line)] += 1
            blank = not line.strip()
        if len({name for name, number in counts.items() if number >= 2 or name in certain}) == 1:
            certain |= names_once
        known = certain | {name for name, number in counts.items() if number >= 2}
        if counts.total() >= 2:
            alone.clear()
        return cls(known, {name for name, number in alone.items() if name and (number >= 2 or name in _STRONG)})

    def head(self, line: str) -> re.Match[str] | None:
        """The head of a turn, if the line starts one."""
        match = _head(line)
        if match and ((fold(match["name"]) or match["name"]) in self.known or match.groupdict().get("time")):
            return match
        return None


def _head(line: str) -> re.Match[str] | None:
    if ":" not in line and not line.lstrip().startswith((">>", "<<", "#")) and "|" not in line and "(" not in line:
        return None
    line = line[:5000] if len(line) > 5000 else line
    if _PLAIN.match(line) and (match := _HEADS[7].fullmatch(line)):
        return None if _NEVER.fullmatch(match["name"]) else match
    for pattern in _HEADS:
        match = pattern.fullmatch(line)
        if (
            match
            and not _NEVER.fullmatch(match["name"].strip())
            and any(c.isalpha() or c in "<>" for c in match["name"])
        ):
            return match if not re.fullmatch(_STAMP, match["name"].strip()) else None
    return None


def head_count(text: str) -> int:
    """How many turns a text starts, when read as a transcript; 0 if there is only one speaker."""
    lines = re.split(r"\r?\n|<br\s*/?>", text)
    speakers = Speakers.learned(lines)
    heads = [match["name"] for line in lines if (match := speakers.head(line))]
    if not heads and len(speakers.alone) >= 2:
        heads = [line for line in lines if fold(line) in speakers.alone]
    return len(heads) if len({fold(head) or head for head in heads}) > 1 else 0


def read_text(lines: Iterable[str], speakers: Speakers, context: Context, *, split: bool = True) -> Iterator[Draft]:
    """The conversations in a text; *split* tells whether one file may hold several."""
    draft = Draft()
    message: Message | None = None
    rest: list[str] = []
    blanks = 0
    found = 0

    def close() -> None:
        nonlocal message
        if message is not None:
            while rest and not rest[-1].strip():
                rest.pop()
            message.text = "\n".join(rest).strip("\n")
            draft.messages.append(message)
        elif any(line.strip() for line in rest):
            context.report.count("events")  # words before the first turn
        message = None
        rest.clear()

    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n").lstrip("\ufeff")
        if not line.strip():
            blanks += 1
            rest.append("")
            continue
        title = _TITLE.fullmatch(line) if split else None
        match = None if title else speakers.head(line)
        if split and (title or _RULE.fullmatch(line) or (blanks >= 2 and match and len(draft.messages) >= 1)):
            close()
            if draft.messages:
                found += 1
                yield settle(draft, context)
                draft = Draft()
            if title:
                draft.id = title["id"]
            if not match:
                blanks = 0
                continue
        blanks = 0
        if match or (not match and fold(line) in speakers.alone and len(line) <= 60):
            close()
            name = match["name"] if match else line.strip()
            role, speaker = role_of_label(name) or (Role.UNKNOWN, name.strip())
            time = context.clock.read(match["time"]) if match and match.groupdict().get("time") else None
            message = Message(role=role, speaker=speaker, time=time)
            if match and match["text"].strip():
                rest.append(match["text"])
            if not draft.messages:
                draft.where = f"line {number}"
        elif _EVENT.fullmatch(line) or (speakers.known and _is_timed_event(line)):
            close()
            draft.messages.append(Message(text=line.strip(), kind="event"))
        else:
            rest.append(line)
    close()
    if draft.messages:
        if not found and draft.id is None:
            draft.where = ""
        yield settle(draft, context)


def _is_timed_event(line: str) -> bool:
    match = _TIMED_EVENT.fullmatch(line[:2000])
    return match is not None and _EVENT.fullmatch(match["text"]) is not None


def settle(draft: Draft, context: Context) -> Draft:
    """Tell the one unnamed side by exclusion, and say so: with a customer known, the only other person is the agent."""
    people = {message.speaker: message for message in draft.messages if message.kind == "message"}
    roles = {message.role for message in people.values()}
    options = context.options
    told = {name.casefold() for name in (*options.agents, *options.customers, *options.bots)}
    unknown = {name for name, m in people.items() if m.role is Role.UNKNOWN and (name or "").casefold() not in told}
    for known, other in ((Role.CUSTOMER, Role.AGENT), (Role.AGENT, Role.CUSTOMER)):
        if len(unknown) == 1 and known in roles and other not in roles and not told:
            context.guess(f"the only other speaker beside the {known} read as the {other}")
            for message in draft.messages:
                if message.speaker in unknown:
                    message.role = other
    return draft


def cell_messages(value: Any, context: Context) -> list[Message]:
    """The messages of a transcript that stands in one cell: JSON, a Python list, HTML or text."""
    from trustcoach.reading.json_values import lenient_value
    from trustcoach.reading.markup import has_html, html_to_text
    from trustcoach.reading.nested import messages_of

    if isinstance(value, list | dict):
        return messages_of(value, context) or []
    text = str(value).strip()
    if text[:1] in ("[", "{"):
        try:
            messages = messages_of(lenient_value(text), context)
        except ValueError:
            messages = None
        if messages is not None:
            return messages
    if has_html(text):
        text = html_to_text(text)
    lines = text.split("\n")
    names = (*context.options.agents, *context.options.customers, *context.options.bots)
    drafts = list(read_text(lines, Speakers.learned(lines, names), context, split=False))
    return [message for draft in drafts for message in draft.messages]
