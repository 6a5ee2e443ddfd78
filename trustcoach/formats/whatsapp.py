"""WhatsApp: the text file that “Export chat” makes, of both phone families and all locales."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.source import Source

TITLE = "WhatsApp chat export"
EXPECTS = "lines such as `[05/03/2025, 09:01:12] Kofi: hi` or `3/5/25, 9:05 PM - Dana: hi`; --agent NAME needed"
RECOGNISED_BY = "date, time and name at the start of at least a third of the lines"
CONFIDENCE = "A"

_HEAD = re.compile(
    r"[\u200e\u200f\u202a\ufeff]*\[?(?P<date>\d{1,4}[-/.]\s?\d{1,2}[-/.]\s?\d{1,4})[,.]?\s+(?:[^\d\s\[\]]{1,6}\s)?"
    r"(?P<time>\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[\s\u202f\xa0]?[AaPp]\.?[\s\u202f\xa0]?[Mm]\.?)?)"
    r"(?:\]|[\s\u202f]-|:)\s(?P<rest>.*)",
    re.S,
)
_NAMED = re.compile(r"[\u200e\u200f\u202a]*(?P<name>[^:\n]{1,80}?):(?:\s(?P<text>.*)|$)", re.S)
_FILE = re.compile(
    r"[\u200e\u200f]*(<[^<>\n]{3,60}>|[\w .-]+\.\w{2,5} \([^()\n]{3,40}\)|"
    r"(image|video|audio|sticker|GIF|document|Contact card) (omitted|weggelassen|absente|omitida|omitido))\s*"
)
_DELETED = re.compile(r"[\u200e\u200f]*(This message was deleted|You deleted this message)\.?\s*")
_EDITED = re.compile(r"\s*[\u200e\u200f]*<This message was edited>\s*$")
_PHONE = re.compile(r"[\u200e\u202a~\s]*\+?[\d\s\u2011()-]{7,}[\u202c\s]*")


def sniff(source: Source) -> Match | None:
    if source.kind != "text":
        return None
    lines = [line for line in source.head_lines(60) if line.strip()]
    heads = sum(_HEAD.fullmatch(line) is not None for line in lines)
    if not any(_HEAD.fullmatch(line) for line in lines[:20]) or heads * 10 < len(lines) * 3:
        return None
    if not any((match := _HEAD.fullmatch(line)) and _NAMED.fullmatch(match["rest"]) for line in lines):
        return None
    return Match(70, "WhatsApp's date and time before the names")


def read(source: Source, context: Context) -> Iterator[Draft]:
    context.clock.look(match["date"] for line in source.head_lines(400) if (match := _HEAD.fullmatch(line)))
    draft = Draft(channel="whatsapp", ordered=True)
    last: Message | None = None
    for raw in source.lines():
        line = raw.rstrip("\r\n")
        match = _HEAD.fullmatch(line)
        if match is None:
            if last is not None:
                last.text += f"\n{line}"
            elif line.strip():
                context.report.count("events")
            continue
        time = context.clock.read(f"{match['date'].replace(' ', '')} {_clock(match['time'])}")
        named = _NAMED.fullmatch(match["rest"])
        if named is None:
            last = Message(text=match["rest"], kind="event", time=time)
        else:
            name = named["name"].strip("\u200e\u200f\u202a\u202c ")
            role = Role.CUSTOMER if _PHONE.fullmatch(name) else Role.UNKNOWN
            last = Message(text=named["text"] or "", speaker=name, role=role, time=time)
        draft.messages.append(last)
    for message in draft.messages:
        _mark(message)
    _settle(draft, context)
    yield draft


def _clock(time: str) -> str:
    digits = re.sub(r"(\d)\.(\d\d)", r"\1:\2", time)
    return re.sub(r"[\s\u202f\xa0]?([AaPp])\.?[\s\u202f\xa0]?[Mm]\.?$", r" \1m", digits)


def _mark(message: Message) -> None:
    """Tell media, deleted and edited messages, and the notice that stands first."""
    if message.kind != "message":
        return
    if message.text.startswith("\u200e") and re.search(r"end-to-end|Ende-zu-Ende", message.text):
        message.kind = "event"
    elif _DELETED.fullmatch(message.text):
        message.deleted = True
    elif _FILE.fullmatch(message.text):
        message.text, message.attachments = "", 1
    elif match := _EDITED.search(message.text):
        message.text, message.edited = message.text[: match.start()], True


def _settle(draft: Draft, context: Context) -> None:
    """With an agent named, the only other person is the customer."""
    options = context.options
    agents = {name.casefold() for name in options.agents}
    told = agents | {name.casefold() for name in (*options.customers, *options.bots)}
    names = {m.speaker: m.role for m in draft.messages if m.kind == "message" and m.speaker}
    open_names = {name for name, role in names.items() if role is Role.UNKNOWN and name.casefold() not in told}
    if len(open_names) == 1 and any(name.casefold() in agents for name in names):
        context.guess("the only other person in a WhatsApp chat read as the customer")
        for message in draft.messages:
            if message.speaker in open_names:
                message.role = Role.CUSTOMER
