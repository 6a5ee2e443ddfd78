"""`trustcoach formats`: what can be read."""

from __future__ import annotations

import json

import click

from trustcoach.commands._console import console

__all__ = ["command"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def command(as_json: bool) -> None:
    """List the formats that can be read, what each expects, and how it is recognised.

    The letter tells how sure the shape is: A checked against the vendor's specification, B against documentation or
    two independent importers, C partly. Every format may be packed with gzip or ZIP, and come in the envelopes of
    Singer and Airbyte loaders. Choose one with --from NAME when a file is not recognised.
    """
    from dataclasses import asdict

    from rich.text import Text

    from trustcoach.read import formats

    found = formats()
    if as_json:
        click.echo(json.dumps([asdict(info) for info in found], indent=2))
        return
    width = max(len(info.name) for info in found)
    shown = console()
    for info in found:
        name = Text(info.name.ljust(width), style="bold")
        shown.print(Text.assemble(name, f"  {info.confidence}  {info.title}"), soft_wrap=True)
        shown.print(f"{' ' * width}     expects {info.expects}", soft_wrap=True)
        shown.print(f"{' ' * width}     recognised by {info.recognised_by}", soft_wrap=True)
