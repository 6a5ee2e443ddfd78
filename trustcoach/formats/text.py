"""Plain text transcripts: `Agent: …`, with or without times, several conversations a file."""

from __future__ import annotations

from collections.abc import Iterator

from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft
from trustcoach.reading.plain import Speakers, read_text
from trustcoach.reading.roles import fold, role_of_label
from trustcoach.reading.source import Source

TITLE = "Plain text transcript"
EXPECTS = "lines such as `Agent: Hello` or `[10:02] Maya: Hello`; further lines belong to the turn before"
RECOGNISED_BY = "lines that start with a speaker: a word for a role, a name that comes again, or a time and a name"
CONFIDENCE = "B"


def sniff(source: Source) -> Match | None:
    if source.kind != "text":
        return None
    speakers, lines = _speakers(source), source.head_lines(400)
    matches = [match for line in lines if (match := speakers.head(line))]
    heads = [match["name"].strip() for match in matches]
    heads += [line.strip() for line in lines if fold(line) in speakers.alone]
    options = source.options
    told = {name.casefold() for name in (*options.agents, *options.customers, *options.bots)}
    timed = any(match.groupdict().get("time") for match in matches)
    if not timed and not any(role_of_label(name) or name.casefold() in told or name[:1].isupper() for name in heads):
        return None  # settings and the like also have words with colons
    names = sorted({name.casefold() for name in heads})
    if len(heads) < 2 and not any(map(role_of_label, heads)):
        return None
    return Match(20, f"turns of {', '.join(names[:3])}{' …' if len(names) > 3 else ''}")


def read(source: Source, context: Context) -> Iterator[Draft]:
    speakers = _speakers(source)
    context.clock.look(
        match["time"]
        for line in source.head_lines(400)
        if (match := speakers.head(line)) and match.groupdict().get("time")
    )
    return read_text(source.lines(), speakers, context)


def _speakers(source: Source) -> Speakers:
    if "speakers" not in source.cache:
        options = source.options
        names = (*options.agents, *options.customers, *options.bots)
        source.cache["speakers"] = Speakers.learned(source.head_lines(400), names)
    speakers: Speakers = source.cache["speakers"]
    return speakers
