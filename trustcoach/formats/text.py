"""Plain text transcripts: `Agent: …`, with or without times, several conversations a file."""

from __future__ import annotations

from collections.abc import Iterator

from trustcoach.reading.detect import Match
from trustcoach.reading.draft import Context, Draft
from trustcoach.reading.plain import Speakers, read_text
from trustcoach.reading.source import Source

TITLE = "Plain text transcript"
EXPECTS = "lines such as `Agent: Hello` or `[10:02] Maya: Hello`; further lines belong to the turn before"
RECOGNISED_BY = "at least two lines that start with a speaker, from at least two speakers or one whose role is told"
CONFIDENCE = "B"


def sniff(source: Source) -> Match | None:
    if source.kind != "text":
        return None
    speakers, lines = _speakers(source), source.head_lines(400)
    heads = [match["name"].casefold() for line in lines if (match := speakers.head(line))]
    heads = heads or [line.strip().casefold() for line in lines if line.strip().casefold() in speakers.alone]
    if not heads:
        return None
    names = sorted(set(heads))
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
