"""`trustcoach rules`: look at the behaviours and rules, and test them."""

from __future__ import annotations

import json
from typing import Any

import click

from trustcoach.commands._console import console

__all__ = ["command"]

_RULES = click.option(
    "--rules",
    "extra",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    help="Rules of your own, added to the pack; may be repeated.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
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
@_JSON
def list_(language: str, extra: tuple[str, ...], as_json: bool) -> None:
    """List behaviours and cues with the number of their rules and examples."""
    from dataclasses import asdict

    from rich import box
    from rich.table import Table

    from trustcoach.packtest import count_cues

    catalogue = _catalogue(language, extra)
    counts = count_cues(catalogue)
    if as_json:
        told = [{**asdict(c), "what": catalogue.cues[c.cue].what} for c in counts]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Cue")
    table.add_column("What it is", overflow="fold")
    for name in ("rules", "phrases", "examples", "near misses"):
        table.add_column(name, justify="right")
    for c in counts:
        table.add_row(c.cue, catalogue.cues[c.cue].what, *map(str, (c.rules, c.phrases, c.examples, c.near_misses)))
    console().print(table)


@command.command("show")
@click.argument("name")
@_LANGUAGE
@_RULES
@_JSON
def show(name: str, language: str, extra: tuple[str, ...], as_json: bool) -> None:
    """Show a behaviour or cue: what it is, why it matters, when it is due, and its rules."""
    from dataclasses import asdict

    from trustcoach.errors import CatalogueError

    catalogue = _catalogue(language, extra)
    behaviour = catalogue.behaviours.get(name) or catalogue.behaviours.get(catalogue.breach_of.get(name, ""))
    cues = [c for c in catalogue.cues.values() if c.id == name or (behaviour and c.behaviour == behaviour.id)]
    if not cues:
        known = ", ".join(sorted(c.id for c in catalogue.cues.values() if c.kind != "hint"))
        raise CatalogueError(f"there is no behaviour or cue {name!r}; there are: {known}")
    if as_json:
        rules = {c.id: [asdict(r) for r in catalogue.rules if r.cue == c.id] for c in cues}
        told = {
            "behaviour": asdict(behaviour) if behaviour else None,
            "cues": [{**asdict(c), "rules": rules[c.id]} for c in cues],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=2, default=str))
        return
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
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but what fails.")
@_JSON
def test(name: str | None, language: str, extra: tuple[str, ...], quiet: bool, as_json: bool) -> int:
    """Run the examples of the pack and of your own rules; exit code 1 if any fails."""
    from dataclasses import asdict

    from trustcoach.packtest import check_pack, count_cues

    catalogue = _catalogue(language, extra)
    problems = check_pack(catalogue, only=name)
    counts = [c for c in count_cues(catalogue) if name in (None, c.cue, catalogue.cues[c.cue].behaviour)]
    if as_json:
        told = {"cues": [asdict(c) for c in counts], "problems": [asdict(p) for p in problems]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return 1 if problems else 0
    if not quiet:
        for c in counts:
            click.echo(
                f"{c.cue:36} {c.rules:3} rules {c.phrases:4} phrases {c.examples:3} examples {c.near_misses:3} near misses"
            )
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems or not quiet:
        click.echo(f"{len(problems)} problems" if problems else "All examples pass.", err=bool(problems))
    return 1 if problems else 0
