"""Ultimate.ai (Zendesk AI agents) training import: a table of conversationId, sendTime, senderType, text."""

from __future__ import annotations

from collections.abc import Iterator

from trustcoach.formats import message_table
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft
from trustcoach.reading.source import Source
from trustcoach.reading.tables import table_of

TITLE = "Ultimate.ai training table"
EXPECTS = "tab-separated conversationId, sendTime, senderType (agent or visitor), text, agentId"
RECOGNISED_BY = "exactly these column names"
CONFIDENCE = "B"


def sniff(source: Source) -> Match | None:
    table = table_of(source)
    fits = table is not None and {"conversationId", "sendTime", "senderType", "text"} <= set(table.header)
    return Match(90, "the columns of the training template") if fits else None


def read(source: Source, context: Context) -> Iterator[Draft]:
    return message_table.read(source, context)
