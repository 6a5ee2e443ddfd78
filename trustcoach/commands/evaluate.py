"""`trustcoach evaluate`: measure the tool, or a second labelling, against labelled conversations."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from trustcoach.commands._console import console
from trustcoach.commands._options import coach_options, make_coach

__all__ = ["command"]


@click.command("evaluate")
@click.argument("labelled", type=click.Path(path_type=Path))
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="OTHER",
    help="Compare with this second labelling instead of with the tool.",
)
@click.option(
    "--min-support",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Labelled turns a cue needs to count in the averages.",
)
@click.option("--worst", type=click.IntRange(0), default=10, show_default=True, help="Errors to show, breaches first.")
@click.option(
    "--micro-under",
    type=click.FloatRange(0, 1),
    metavar="F1",
    help="Exit with code 1 if the micro-F1 of the agent cues is below this.",
)
@coach_options
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors; for gates.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(
    labelled: Path,
    against: Path | None,
    min_support: int,
    worst: int,
    micro_under: float | None,
    quiet: bool,
    as_json: bool,
    **given: Any,
) -> int:
    """Measure how well the tool finds what people marked in LABELLED (JSON Lines, one conversation a line).

    \b
    Each line: {"conversation_id": "c-1", "turns": [
      {"i": 0, "role": "customer", "text": "it broke", "cues": [["customer.problem", 0, 8]]},
      {"i": 1, "role": "agent", "text": "ok", "cues": [], "missed": ["support.empathy"]}]}

    Gives precision, recall and F1 for each cue and for misses, averages with 95 % intervals, and the worst errors. With
    --against it gives Cohen's kappa and Krippendorff's alpha between the two labellings.
    """
    from trustcoach.training.labelled import read_labelled

    if against is not None:
        return _agreement(labelled, against, quiet, as_json)
    from trustcoach.training.evaluate import evaluate

    measured = evaluate(read_labelled(labelled), make_coach(**given), min_support=min_support, worst=worst)
    if as_json and not quiet:
        click.echo(json.dumps(asdict(measured), ensure_ascii=False, indent=2))
    elif not quiet:
        from trustcoach.training.display import evaluation_view

        console().print(evaluation_view(measured, min_support))
    agents = next((s for s in measured.summaries if s.group == "agent cues"), None)
    if micro_under is not None and (agents is None or agents.micro < micro_under):
        click.echo(f"Gate missed: micro-F1 of the agent cues is below {micro_under:g}.", err=True)
        return 1
    return 0


def _agreement(labelled: Path, against: Path, quiet: bool, as_json: bool) -> int:
    from trustcoach.training.agreement import agreement, marks
    from trustcoach.training.labelled import read_labelled

    first, roles = marks(read_labelled(labelled))
    second, _ = marks(read_labelled(against))
    results = agreement(first, second, roles)
    if as_json and not quiet:
        click.echo(json.dumps([asdict(a) for a in results], ensure_ascii=False, indent=2))
    elif not quiet:
        from trustcoach.training.display import agreement_view

        console().print(agreement_view(results))
    return 0
