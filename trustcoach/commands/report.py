"""`trustcoach report`: one HTML file to read in a browser, from the results of a run."""

from __future__ import annotations

import json
from pathlib import Path

import click

from trustcoach.commands._console import busy
from trustcoach.commands._redaction import redaction_options

__all__ = ["command"]


@click.command("report")
@click.argument("folder", type=click.Path(path_type=Path), metavar="OUT_DIR")
@click.option(
    "--to", type=click.Path(path_type=Path), metavar="FILE", help="Where to write it. [default: OUT_DIR/report.html]"
)
@redaction_options("[default: masked]")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="Print where the report is, and how large, as JSON.")
def command(folder: Path, to: Path | None, redact: bool | None, agent_names: bool, quiet: bool, as_json: bool) -> None:
    """Make a report from OUT_DIR, the folder that `trustcoach score --out` wrote.

    It is one HTML file that loads nothing from a network. Above 1,500 conversations a folder of data stands beside it.
    The same person or number has the same mask everywhere. Agents are masked too, as in [AGENT_1], unless you say
    --agent-names.

    \b
    trustcoach report results
    trustcoach report results --agent-names --to march.html
    """
    from trustcoach.report.render import write_report

    with busy("Writing the report", hidden=quiet) as progress:
        written = write_report(
            folder,
            to or folder / "report.html",
            redact=redact is not False,
            agent_names=agent_names,
            progress=progress,
        )
    if as_json and not quiet:
        data = None if written.data is None else str(written.data)
        told = {
            "report": str(written.path),
            "data": data,
            "conversations": written.conversations,
            "bytes": written.size,
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    elif not quiet:
        click.echo(f"Report of {written.conversations:,} conversations: {written.path} ({written.size / 1e6:.1f} MB)")
        if written.data:
            click.echo(f"Keep {written.data.name} beside it.")
