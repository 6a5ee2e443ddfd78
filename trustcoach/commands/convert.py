"""`trustcoach convert`: any export into a plain shape."""

from __future__ import annotations

from typing import Any

import click

from trustcoach.commands._reading import read_options, reading_options

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
@click.option("--quiet", is_flag=True, help="Do not tell what was read and left out.")
@reading_options
def command(paths: tuple[str, ...], target: str, out: str, quiet: bool, **reading: Any) -> None:
    """Convert transcripts into JSON Lines, CSV, Parquet, a ConvoKit corpus or Label Studio tasks.

    PATH is a file, a folder or - for standard input. Internal notes and events are left out; what was left out and
    what was guessed is told on standard error.
    """
    from trustcoach.convert import write
    from trustcoach.read import ReadingReport, read_conversations

    report = ReadingReport()
    conversations = read_conversations(paths, options=read_options(**reading), report=report)
    write(conversations, target, out)
    if not quiet:
        for line in report.lines():
            click.echo(line, err=True)
