"""`trustcoach report`: one HTML file to read in a browser, from the results of a run."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


@click.command("report")
@click.argument("folder", type=click.Path(path_type=Path), metavar="OUT_DIR")
@click.option(
    "--to", type=click.Path(path_type=Path), metavar="FILE", help="Where to write it. [default: OUT_DIR/report.html]"
)
@click.option("--no-redact", is_flag=True, help="Leave names, addresses and numbers as they are.")
@click.option("--agent-names", is_flag=True, help="Show agents by name, and mask everybody else.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
def command(folder: Path, to: Path | None, no_redact: bool, agent_names: bool, quiet: bool) -> None:
    """Make a report from OUT_DIR, the folder that `trustcoach score --out` wrote.

    It is one HTML file that loads nothing from a network. Above 1,500 conversations a folder of data stands beside it.
    Names, e-mails, phones, addresses, card and account numbers and order ids are masked, the same thing always by the same
    mask, as in [NAME_1].

    \b
    trustcoach report results
    trustcoach report results --agent-names --to march.html
    """
    from trustcoach.report.render import write_report

    written = write_report(folder, to or folder / "report.html", redact=not no_redact, agent_names=agent_names)
    if not quiet:
        click.echo(f"Report of {written.conversations:,} conversations: {written.path} ({written.size / 1e6:.1f} MB)")
        if written.data:
            click.echo(f"Keep {written.data.name} beside it.")
