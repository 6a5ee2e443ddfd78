"""`trustcoach rules`: look at the behaviours and rules, and test them."""

from __future__ import annotations

from typing import Any

import click

__all__ = ["command"]

_RULES = click.option(
    "--rules",
    "extra",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    help="Rules of your own, added to the pack; may be repeated.",
)
_LANGUAGE = click.option("--language", default="en", show_default=True, help="Language pack.")


@click.group("rules")
def command() -> None:
    """List the behaviours, show their rules, and run their examples."""


def _catalogue(language: str, extra: tuple[str, ...]) -> Any:
    from pathlib import Path

    from trustcoach.pack import load_catalogue, pack_folder

    return load_catalogue(pack_folder(language), extra=[Path(e) for e in extra])


@command.command("list")
@_LANGUAGE
@_RULES
def list_(language: str, extra: tuple[str, ...]) -> None:
    """List behaviours and cues with the number of their rules and examples."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from trustcoach.packtest import count_cues

    catalogue = _catalogue(language, extra)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Cue")
    table.add_column("What it is", overflow="fold")
    for name in ("rules", "phrases", "examples", "near misses"):
        table.add_column(name, justify="right")
    for c in count_cues(catalogue):
        table.add_row(c.cue, catalogue.cues[c.cue].what, *map(str, (c.rules, c.phrases, c.examples, c.near_misses)))
    Console(highlight=False).print(table)


@command.command("show")
@click.argument("name")
@_LANGUAGE
@_RULES
def show(name: str, language: str, extra: tuple[str, ...]) -> None:
    """Show a behaviour or cue: what it is, why it matters, when it is due, and its rules."""
    from trustcoach.errors import CatalogueError

    catalogue = _catalogue(language, extra)
    behaviour = catalogue.behaviours.get(name) or catalogue.behaviours.get(catalogue.breach_of.get(name, ""))
    cues = [c for c in catalogue.cues.values() if c.id == name or (behaviour and c.behaviour == behaviour.id)]
    if not cues:
        known = ", ".join(sorted(c.id for c in catalogue.cues.values() if c.kind != "hint"))
        raise CatalogueError(f"there is no behaviour or cue {name!r}; there are: {known}")
    if behaviour:
        click.echo(f"{behaviour.id}: {behaviour.title}\n{behaviour.why}")
        click.echo(
            f"Sources: {', '.join(behaviour.sources)}   Weight: {behaviour.weight:g}"
            + ("   Critical" if behaviour.critical else "")
        )
        for due in behaviour.due:
            click.echo(f"{'Due' if due.expected else 'Welcome'} because {due.because} ({due.when})")
    for cue in cues:
        click.echo(f"\n{cue.id} ({cue.kind}): {cue.what}")
        for rule in (r for r in catalogue.rules if r.cue == cue.id):
            kind = f" [{rule.subtype}]" if rule.subtype else ""
            click.echo(f"  {rule.id}{kind}")
            for phrase in rule.phrases:
                click.echo(f"      {phrase}")
            if rule.also:
                click.echo(f"    also: {' / '.join(rule.also)}")
            if rule.never:
                click.echo(f"    never: {' / '.join(rule.never)}")
        if cue.judged:
            click.echo("  found from the order of turns")


@command.command("test")
@click.argument("name", required=False)
@_LANGUAGE
@_RULES
def test(name: str | None, language: str, extra: tuple[str, ...]) -> int:
    """Run the examples of the pack and of your own rules; exit code 1 if any fails."""
    from trustcoach.packtest import check_pack, count_cues

    catalogue = _catalogue(language, extra)
    problems = check_pack(catalogue, only=name)
    for c in count_cues(catalogue):
        if name in (None, c.cue, catalogue.cues[c.cue].behaviour):
            click.echo(
                f"{c.cue:36} {c.rules:3} rules {c.phrases:4} phrases {c.examples:3} examples {c.near_misses:3} near misses"
            )
    for problem in problems:
        click.echo(str(problem), err=True)
    click.echo(f"{len(problems)} problems" if problems else "All examples pass.")
    return 1 if problems else 0
