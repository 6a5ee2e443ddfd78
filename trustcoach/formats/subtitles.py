"""WebVTT and SRT transcripts of calls."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.plain import settle
from trustcoach.reading.roles import role_of_label
from trustcoach.reading.source import Source

TITLE = "Call transcript (WebVTT, SRT)"
EXPECTS = (
    "cues with a speaker: <v Name>text</v>, `Name: text` or `SPEAKER_00: text`; --agent NAME tells who works for you"
)
RECOGNISED_BY = "`WEBVTT` in the first line, or numbered cues with `-->`"
CONFIDENCE = "B"

_CUE = re.compile(r"\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}\s*-->\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}.*")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]{1,100})>")
_LABEL = re.compile(r"\s*(?:[-–>]+\s*)?\[?([^\s:\[\]<>][^:\[\]<>\n]{0,59}?)\]?:\s+(\S.*)", re.S)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>")


def sniff(source: Source) -> Match | None:
    if source.kind != "text":
        return None
    lines = [line for line in source.head_lines(20) if line.strip()]
    if lines and re.match(r"WEBVTT(\s|$)", lines[0].lstrip("\ufeff")):
        return Match(95, "WEBVTT in the first line")
    if len(lines) > 1 and lines[0].strip().isdigit() and _CUE.fullmatch(lines[1]):
        return Match(95, "numbered cues")
    return None


def read(source: Source, context: Context) -> Iterator[Draft]:
    draft = Draft(channel="call", ordered=True)
    last: Message | None = None
    for text in _cues(source):
        for speaker, words in _voices(text):
            words = html.unescape(_TAG.sub("", words)).strip()
            if not words:
                continue
            if last is not None and (speaker is None or speaker == last.speaker):
                last.text += f" {words}"
                continue
            role = (role_of_label(speaker) or (Role.UNKNOWN,))[0] if speaker else Role.UNKNOWN
            last = Message(text=words, speaker=speaker, role=role)
            draft.messages.append(last)
    yield settle(draft, context)


def _cues(source: Source) -> Iterator[str]:
    """The text of each cue; notes, styles and regions are passed over."""
    words: list[str] = []
    inside = False
    for raw in source.lines():
        line = raw.rstrip("\r\n").lstrip("\ufeff")
        if _CUE.fullmatch(line):
            words, inside = [], True
        elif not line.strip():
            if inside and words:
                yield "\n".join(words)
            words, inside = [], False
        elif inside:
            words.append(line)
    if inside and words:
        yield "\n".join(words)


def _voices(text: str) -> Iterator[tuple[str | None, str]]:
    marks = list(_VOICE.finditer(text))
    if marks:
        for mark, following in zip(marks, [*marks[1:], None], strict=True):
            yield mark[1].strip(), text[mark.end() : following.start() if following else len(text)].replace("\n", " ")
        return
    speaker: str | None = None
    words = ""
    for line in text.split("\n"):
        match = _LABEL.fullmatch(line)
        if match:
            if words:
                yield speaker, words
            speaker, words = match[1].strip(), match[2]
        else:
            words = f"{words} {line}".strip()
    yield speaker, words
