"""`trustcoach convert`: any export into a plain shape."""

from __future__ import annotations

from typing import Any

import click

from trustcoach.commands._reading import read_options, reading_options
from trustcoach.commands._redaction import redaction_options

__all__ = ["command"]


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Choice(["jsonl", "csv", "parquet", "convokit", "label-studio"]),
    help="The shape to write.",
)
@click.option("--out", default="-", metavar="PATH", help="Where to write; - is standard output.")
@redaction_options("[default: masked]")
@click.option("--quiet", "-q", is_flag=True, help="Do not tell what was read, left out and masked.")
@reading_options
def command(
    paths: tuple[str, ...],
    target: str,
    out: str,
    redact: bool | None,
    agent_names: bool,
    quiet: bool,
    **reading: Any,
) -> None:
    """Convert transcripts into JSON Lines, CSV, Parquet, a ConvoKit corpus or Label Studio tasks.

    PATH is a file, a folder or - for standard input. Internal notes and events are left out. What points to a person is
    masked, because the result is made to be handed on; --no-redact keeps the original, which is what to score. What was
    left out, guessed and masked is told on standard error.

    \b
    trustcoach convert export.json --to csv --out chats.csv
    trustcoach convert whatsapp.zip --agent Maya --to label-studio --out tasks.json
    """
    from trustcoach.convert import write
    from trustcoach.read import ReadingReport, read_conversations
    from trustcoach.redact import Redactor

    report = ReadingReport()
    conversations = read_conversations(paths, options=read_options(**reading), report=report)
    redactor = None if redact is False else Redactor(agent_names=agent_names)
    write(map(redactor.masked, conversations) if redactor else conversations, target, out)
    if not quiet:
        for line in report.lines():
            click.echo(line, err=True)
        if redactor and redactor.counts():
            click.echo(f"Masked: {redactor.told()}. --no-redact keeps the original.", err=True)
