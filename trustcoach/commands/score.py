"""`trustcoach score`: read, score, summarise, write tables."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from trustcoach.commands._options import coach_options, make_coach
from trustcoach.commands._reading import READING, read_options, reading_options

__all__ = ["command"]


@click.command("score")
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="PATH...")
@reading_options
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write the result tables to this folder.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(["parquet", "jsonl", "csv"]),
    help="Format of the tables; may be repeated. [default: parquet and jsonl]",
)
@click.option(
    "--report",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write an HTML report to this file; see `trustcoach report`.",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="SCORE",
    help="Exit with code 1 if the overall score is below this.",
)
@click.option(
    "--min-n", type=click.IntRange(1), default=10, show_default=True, help="Conversations an agent needs to be ranked."
)
@coach_options
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    paths: tuple[str, ...],
    out: Path | None,
    formats: tuple[str, ...],
    page: Path | None,
    fail_under: float | None,
    min_n: int,
    quiet: bool,
    as_json: bool,
    **given: Any,
) -> int:
    """Score every agent turn of the transcripts in PATH (files, folders, or - for standard input).

    The format of each file is recognised by its content; what was read, dropped and guessed is said at the end.

    \b
    trustcoach score export.json --out results
    trustcoach score export.json --report report.html
    trustcoach score chats.csv --map text=Nachricht --map role=Absender
    cat chats.jsonl | trustcoach score - --json
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from trustcoach.batch import score_to
    from trustcoach.read import ReadingReport, read_conversations
    from trustcoach.terminal import summary_view

    reading = {name: given.pop(name) for name in READING}
    options, coach = read_options(**reading), make_coach(**given)
    report = ReadingReport()
    console, errors = Console(soft_wrap=False, highlight=False), Console(stderr=True, highlight=False)
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f} turns"),
        BarColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
        disable=quiet or not errors.is_terminal,
    )
    with ExitStack() as stack:
        folder = out
        if page and folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trustcoach-"))) / "results"
        stack.enter_context(bar)
        task = bar.add_task("Scoring", total=None, rate="")
        conversations = read_conversations(paths, options=options, report=report)
        summary = score_to(
            conversations,
            coach,
            out=folder,
            formats=formats or ("parquet", "jsonl"),
            report=report,
            min_n=min_n,
            progress=lambda c: bar.advance(task, len(c.turns)),
        )
        if page and folder:
            from trustcoach.report.render import write_report

            bar.update(task, description="Writing the report")
            write_report(folder, page)
    if as_json and not quiet:
        click.echo(json.dumps({**summary.to_dict(), "reading": report.to_dict()}, ensure_ascii=False, indent=2))
    elif not quiet:
        console.print(summary_view(summary, coach.catalogue))
        console.print()
        for line in report.lines():
            console.print(line, style="dim", markup=False)
        if out:
            console.print(f"Tables are in {out}", markup=False)
        if page:
            console.print(f"Report: {page}", markup=False)
    if fail_under is not None and (summary.score is None or summary.score < fail_under):
        if not quiet:
            shown = "no score" if summary.score is None else f"score {summary.score:.1f}"
            errors.print(f"Gate missed: {shown}, asked for at least {fail_under:g}.", markup=False)
        return 1
    return 0
