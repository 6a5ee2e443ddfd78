"""Salesforce ConversationEntry: one row for each entry of a messaging session."""

from __future__ import annotations

from collections.abc import Iterator

from trustcoach.conversation import Role
from trustcoach.errors import FormatError
from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft, Message
from trustcoach.reading.rows import cell_text
from trustcoach.reading.source import Source
from trustcoach.reading.tables import table_of

TITLE = "Salesforce messaging entries (ConversationEntry)"
EXPECTS = "a table with ConversationId, ActorType, ActorName, EntryType, EntryTime and Message"
RECOGNISED_BY = "the columns `ActorType` and `EntryType`"
CONFIDENCE = "B"

_ROLES = {
    "agent": Role.AGENT,
    "enduser": Role.CUSTOMER,
    "bot": Role.BOT,
    "chatbot": Role.BOT,
    "system": Role.SYSTEM,
    "supervisor": Role.AGENT,
}


def sniff(source: Source) -> Match | None:
    table = table_of(source)
    fits = table is not None and {"actortype", "entrytype"} <= {name.casefold() for name in table.header}
    return Match(90, "the columns ActorType and EntryType") if fits else None


def read(source: Source, context: Context) -> Iterator[Draft]:
    table = table_of(source)
    places = {name.casefold(): at for at, name in enumerate(table.header)} if table else {}
    if table is None or not {"actortype", "entrytype", "message"} <= places.keys():
        raise FormatError(
            "The columns ActorType, EntryType and Message are not all there.",
            path=source.name,
            remedy="Export ConversationEntry with these columns; without Message there is no text.",
        )
    for _, cells in table.rows():
        row = {name: cell_text(cells[at]).strip() for name, at in places.items()}
        actor = row["actortype"].casefold()
        role = _ROLES.get(actor, Role.UNKNOWN)
        kind = "event" if row["entrytype"] != "Text" else "note" if actor == "supervisor" else "message"
        message = Message(
            text=row["message"],
            role=role,
            speaker=row.get("actorname") or None,
            speaker_id=row.get("actorid") or None,
            time=context.clock.read(row.get("entrytime")),
            id=row.get("id") or None,
            kind=kind,
            automated=role is Role.BOT,
        )
        yield Draft(id=row.get("conversationid") or None, messages=[message], channel="messaging", partial=True)
