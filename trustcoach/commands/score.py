"""`trustcoach score`: read, score, summarise, write tables."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trustcoach.commands._console import busy, console
from trustcoach.commands._options import coach_options, make_coach
from trustcoach.commands._reading import READING, read_options, reading_options
from trustcoach.commands._redaction import redaction_options

if TYPE_CHECKING:
    from trustcoach.batch import Engine

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
@redaction_options("[default: in the report, not in the tables]")
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
@click.option(
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    help="Processes to score with; results are the same for any number. [default: one for each core]",
)
@click.option(
    "--engine",
    metavar="NAME=ADDRESS",
    help="Score on your own cluster: dask=ADDRESS or ray=ADDRESS. Its machines must see the folder of --out.",
)
@click.option("--resume", is_flag=True, help="Go on with the run to --out that was interrupted or left parts out.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    paths: tuple[str, ...],
    out: Path | None,
    formats: tuple[str, ...],
    page: Path | None,
    redact: bool | None,
    agent_names: bool,
    fail_under: float | None,
    min_n: int,
    workers: int | None,
    engine: str | None,
    resume: bool,
    quiet: bool,
    as_json: bool,
    **given: Any,
) -> int:
    """Score every agent turn of the transcripts in PATH (files, folders, or - for standard input).

    The format of each file is recognised by its content; what was read, dropped and guessed is said at the end. Input of any
    size is scored in little memory. Exit codes: 0 done, 1 --fail-under was missed, 2 usage or input error, 3 a part of the
    input could not be scored (it is named, and the results hold the rest).

    \b
    trustcoach score export.json --out results
    trustcoach score export.json --report report.html
    trustcoach score chats.csv --map text=Nachricht --map role=Absender
    cat chats.jsonl | trustcoach score - --json
    """
    from trustcoach.batch import score_files
    from trustcoach.commands._progress import progress_bar
    from trustcoach.read import ReadingReport
    from trustcoach.terminal import summary_view

    if redact and out is None and page is None:
        raise click.UsageError("--redact masks the tables and the report; ask for them with --out or --report.")
    if resume and out is None:
        raise click.UsageError("--resume needs the --out of the run to go on with.")
    reading = {name: given.pop(name) for name in READING}
    options, cluster = read_options(**reading), _engine(engine)
    coach = make_coach(**given)
    report = ReadingReport()
    shown, errors = console(), console(stderr=True)
    with ExitStack() as stack:
        folder = out
        if page and folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trustcoach-"))) / "results"
        with progress_bar(errors, report, hidden=quiet) as progress:
            try:
                summary = score_files(
                    paths,
                    out=folder,
                    coach=coach,
                    options=options,
                    report=report,
                    formats=formats or ("parquet", "jsonl"),
                    workers=workers,
                    engine=cluster,
                    resume=resume,
                    min_n=min_n,
                    progress=progress,
                )
            except KeyboardInterrupt:
                if out is not None:
                    click.echo("\nFinished parts are kept. To go on, give the same command with --resume.", err=True)
                raise
        if page and folder:
            from trustcoach.report.render import write_report

            with busy("Writing the report", hidden=quiet) as told:
                write_report(folder, page, redact=redact is not False, agent_names=agent_names, progress=told)
        if redact and out:
            from trustcoach.redact_tables import redact_run

            with busy("Masking the tables", hidden=quiet):
                redact_run(out, out, agent_names=agent_names)
    if as_json and not quiet:
        click.echo(json.dumps({**summary.to_dict(), "reading": report.to_dict()}, ensure_ascii=False, indent=2))
    elif not quiet:
        shown.print(summary_view(summary, coach.catalogue))
        shown.print()
        for line in report.lines():
            shown.print(line, style="dim")
        if out:
            shown.print(f"Tables are in {out}" + (", masked" if redact else ""))
        if page:
            shown.print(f"Report: {page}")
    for part in summary.left_out:
        size = f"{part.conversations:,} conversations, {part.turns:,} turns, from {part.first} to {part.last}"
        errors.print(f"Left out: part {part.part} ({size}): {part.reason}", soft_wrap=True)
    if summary.left_out and out:
        errors.print("Everything else is in the results. To try these parts again, add --resume.")
    if fail_under is not None and (summary.score is None or summary.score < fail_under):
        if not quiet:
            score = "no score" if summary.score is None else f"score {summary.score:.1f}"
            errors.print(f"Gate missed: {score}, asked for at least {fail_under:g}.")
        return 3 if summary.left_out else 1
    return 3 if summary.left_out else 0


def _engine(given: str | None) -> Engine | None:
    """The cluster that `--engine NAME=ADDRESS` asks for; its modules are found in `trustcoach/integrations/`."""
    if given is None:
        return None
    from trustcoach.integrations import engine

    name, _, address = given.partition("=")
    return engine(name, address)
