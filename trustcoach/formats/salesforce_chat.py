"""Salesforce LiveChatTranscript: a whole chat as HTML in the column `Body`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import json_match, read_json
from trustcoach.reading.markup import html_to_text
from trustcoach.reading.rows import cell_text
from trustcoach.reading.source import Source
from trustcoach.reading.tables import table_of

TITLE = "Salesforce chat transcripts (LiveChatTranscript)"
EXPECTS = "a table or query result with the column Body, a chat as HTML with offsets such as ( 1m 13s )"
RECOGNISED_BY = "`Body` with turns such as `( 10s ) Name: text<br>`"
CONFIDENCE = "B"

_TURN = re.compile(r"\(\s*(?:(\d+)h\s+)?(?:(\d+)m\s+)?(\d+)s\s*\)\s*")
_CENTRED = re.compile(r"<(p|div)\s+align=[\"']?center[\"']?\s*>(.*?)</\1>", re.I | re.S)
_AGENT = re.compile(r"\s*Agent\s+(\S.*?)\s*", re.S)
_STARTED = re.compile(r"[^:]{0,40}:\s*(?:\w+,\s*)?(\w+ \d+, \d{4}),\s*(\d+:\d+:\d+)\s*\(([+-]\d{4})\)")


def _body(record: Mapping[str, Any]) -> str:
    found = next((value for key, value in record.items() if isinstance(key, str) and key.casefold() == "body"), None)
    return cell_text(found) if isinstance(found, str) else ""


def kind(record: dict[str, Any]) -> str | None:
    body = _body(record)
    return "conversation" if _TURN.search(body) and "<br" in body.casefold() else None


def sniff(source: Source) -> Match | None:
    table = table_of(source)
    if table is None:
        return json_match(source, kind, 90, "chats in Body")
    rows = (dict(zip(table.header, cells, strict=False)) for cells in table.sample)
    return Match(90, "chats with offsets in the column Body") if any(map(kind, rows)) else None


def read(source: Source, context: Context) -> Iterator[Draft]:
    table = table_of(source)
    if table is None:
        yield from read_json(source, context, kind, lambda record, beside, context: _draft(record, context))
        return
    for where, cells in table.rows():
        record = dict(zip(table.header, cells, strict=False))
        draft = context.safely(where, lambda r=record: _draft(r, context))  # type: ignore[misc]
        if draft is not None:
            draft.where = where
            yield draft


def _draft(record: Mapping[str, Any], context: Context) -> Draft:
    body = _body(record)
    centred = [html_to_text(match[2]) for match in _CENTRED.finditer(body)]
    agents = {match[1] for line in centred if (match := _AGENT.fullmatch(line))}
    start = next((time for line in centred if (time := _start(line, context))), None)
    said = _CENTRED.sub("", body)
    heads = list(_TURN.finditer(said))
    messages = [Message(text=line, kind="event") for line in centred if not _AGENT.fullmatch(line)]
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        turn = said[head.end() : following.start() if following else len(said)]
        name, colon, text = turn.partition(":")
        hours, minutes, seconds = (int(part or 0) for part in head.groups())
        time = start + timedelta(hours=hours, minutes=minutes, seconds=seconds) if start else None
        speaker = html_to_text(name)
        if not colon or len(speaker) > 80:
            messages.append(Message(text=turn, kind="event"))
            continue
        role = Role.AGENT if speaker in agents else Role.CUSTOMER
        messages.append(Message(text=text, html=True, role=role, speaker=speaker, time=time))
    _by_exclusion(messages, agents, context)
    found = {str(key).casefold(): cell_text(value) for key, value in record.items()}
    return Draft(
        id=next((found[key] for key in ("id", "name", "chatkey") if found.get(key)), None),
        messages=messages,
        channel="chat",
        ordered=True,
    )


def _start(line: str, context: Context) -> datetime | None:
    match = _STARTED.fullmatch(line.strip())
    return context.clock.read(f"{match[1]} {match[2]} {match[3]}") if match else None


def _by_exclusion(messages: list[Message], agents: set[str], context: Context) -> None:
    """Without an `Agent NAME` line that matches a speaker, whoever is not called Visitor is the agent."""
    spoken = [message for message in messages if message.kind == "message"]
    names = {message.speaker for message in spoken}
    if agents & {name for name in names if name}:
        return
    if "Visitor" in names:
        context.guess("the speaker beside Visitor read as the agent")
        for message in spoken:
            message.role = Role.CUSTOMER if message.speaker == "Visitor" else Role.AGENT
    else:
        for message in spoken:
            message.role = Role.UNKNOWN
