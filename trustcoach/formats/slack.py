"""Slack workspace exports: a folder or archive with users.json, channels.json and a folder of days for each channel."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.errors import InputError
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message, Person
from trustcoach.reading.json_records import dig, first, identity, items, string
from trustcoach.reading.source import Source

TITLE = "Slack export"
EXPECTS = "the exported folder or ZIP; --agent NAME says who is yours, everybody else stays unknown"
RECOGNISED_BY = "users.json beside channels.json"
CONFIDENCE = "A"
MARKERS = (("users.json", "channels.json"), ("org_users.json", "channels.json"))

_DAY = re.compile(r"([^/]+)/(\d{4}-\d\d-\d\d)\.json")


def sniff(source: Source) -> Match | None:
    fits = any(set(marks) <= set(source.members) for marks in MARKERS)
    return Match(100, "users.json beside channels.json") if fits else None


def read(source: Source, context: Context) -> Iterator[Draft]:
    if not source.members:
        raise InputError("A Slack export is a folder or ZIP.", path=source.name, remedy="Give the whole export.")
    for name in ("users.json", "org_users.json"):
        if name in source.members and source.members[name].kind == "json":
            for _, user in source.members[name].values():
                profile = dig(user, "profile")
                known = first(dig(profile, "display_name"), dig(profile, "real_name"), dig(user, "name"))
                role = Role.BOT if dig(user, "is_bot") is True else Role.UNKNOWN
                context.people[string(dig(user, "id"))] = Person(name=known or None, role=role)
    for name, member in sorted(source.members.items()):
        match = _DAY.fullmatch(name)
        if match and member.kind == "json":
            for where, value in member.values():
                if isinstance(value, dict) and value.get("type") == "message":
                    yield _draft(value, match[1], match[2], context)
                else:
                    context.unreadable(f"{name}, {where}", "This is not a message.")


def _draft(record: dict[str, Any], channel: str, day: str, context: Context) -> Draft:
    subtype = string(record.get("subtype"))
    bot = subtype == "bot_message" or "bot_id" in record
    thread = first(record.get("thread_ts")) or day
    message = Message(
        text=_plain(string(record.get("text")), context),
        role=Role.BOT if bot else Role.UNKNOWN,
        speaker=first(record.get("username")) or None,
        speaker_id=identity(record.get("user")) or identity(record.get("bot_id")),
        time=context.clock.read(record.get("ts"), "s"),
        id=f"{channel}/{string(record.get('ts'))}",
        kind="message" if subtype in ("", "bot_message", "thread_broadcast", "me_message", "file_share") else "event",
        edited="edited" in record,
        automated=bot,
        attachments=len(items(record, "files")),
    )
    return Draft(id=f"{channel}/{thread}", messages=[message], channel=channel, partial=True)


def _plain(text: str, context: Context) -> str:
    """Mentions and links as words; the three escaped characters decoded."""

    def shown(match: re.Match[str]) -> str:
        target, _, label = match[1].partition("|")
        if target.startswith("@"):
            person = context.people.get(target[1:])
            return f"@{label or (person.name if person else None) or target[1:]}"
        return label or target.lstrip("#!")

    return html.unescape(re.sub(r"<([@#!]?[^<>\n]+)>", shown, text))
