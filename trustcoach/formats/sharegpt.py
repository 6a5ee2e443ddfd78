"""ShareGPT: chat logs of language models as `conversations` of `from` and `value`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustcoach.conversation import Role
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.json_records import first, items, json_match, read_json, string
from trustcoach.reading.source import Source

TITLE = "ShareGPT"
EXPECTS = "{conversations: [{from, value}]}: an array or one a line"
RECOGNISED_BY = "`conversations` whose items have `from` and `value`"
CONFIDENCE = "A"

_ASSISTANTS = ("gpt", "assistant", "chatgpt", "bing", "bard", "model")


def kind(record: dict[str, Any]) -> str | None:
    fits = any({"from", "value"} <= message.keys() for message in items(record, "conversations"))
    return "conversation" if fits else None


def sniff(source: Source) -> Match | None:
    return json_match(source, kind, 90, "conversations of from and value")


def read(source: Source, context: Context) -> Iterator[Draft]:
    return read_json(source, context, kind, _draft)


def _draft(record: dict[str, Any], beside: dict[str, Any], context: Context) -> Draft:
    if {"chosen", "rejected"} & record.keys():
        context.guess("preference answers (chosen, rejected) left out")
    messages = []
    for message in items(record, "conversations"):
        word = string(message.get("from")).casefold()
        role = Role.CUSTOMER if word in ("human", "user") else Role.AGENT if word in _ASSISTANTS else Role.UNKNOWN
        if role is Role.AGENT and context.options.assistant_role == "bot":
            role = Role.BOT
        if word in ("system", "observation", "function_call", "tool"):
            role = Role.SYSTEM
        messages.append(Message(text=first(message.get("value")), role=role))
    return Draft(id=first(record.get("id"), record.get("conversation_id")) or None, messages=messages, ordered=True)
