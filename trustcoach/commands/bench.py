"""`trustcoach bench`: how fast scoring is on one's own text, stage by stage."""

from __future__ import annotations

import json
import time
from itertools import islice
from typing import Any

import click

from trustcoach.commands._console import console
from trustcoach.commands._options import coach_options, make_coach
from trustcoach.commands._reading import READING, read_options, reading_options

__all__ = ["command"]


@click.command("bench")
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="PATH...")
@reading_options
@click.option(
    "--conversations",
    "most",
    type=click.IntRange(1),
    default=2_000,
    show_default=True,
    help="Measure on the first so many conversations.",
)
@click.option(
    "--naive",
    type=click.IntRange(0),
    default=50,
    show_default=True,
    metavar="TURNS",
    help="Run so many agent turns by plain spaCy and scikit-learn too; 0 leaves it out.",
)
@coach_options
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def command(paths: tuple[str, ...], most: int, naive: int, as_json: bool, **given: Any) -> int:
    """Measure how fast transcripts in PATH are scored on one core of this machine, step by step. Nothing is kept.

    Turns a second count processor time, so other work on the machine disturbs less. Text is scored as it is, sentences that
    come again included, and once more without any sentence that was there before.

    \b
    trustcoach bench export.json
    trustcoach bench export.json --naive 0 --json
    """
    from trustcoach.bench.measure import beside_naive, distinct, live, peak_memory, stages, whole
    from trustcoach.errors import InputError
    from trustcoach.read import read_conversations

    options = read_options(**{name: given.pop(name) for name in READING})
    start = time.process_time()
    conversations = list(islice(read_conversations(paths, options=options), most))
    reading = time.process_time() - start
    if not any(c.turns for c in conversations):
        raise InputError("there is no turn to measure", path=" ".join(paths), remedy="Name an export with messages.")
    start = time.process_time()
    coach = make_coach(**given)
    building = time.process_time() - start
    steps = stages(conversations, coach, reading=reading)
    totals = [
        whole("again, all sentences known", conversations, coach),
        whole("as it is, nothing known", conversations, make_coach(**given)),
        whole("without repeats, nothing known", distinct(conversations), make_coach(**given)),
    ]
    median, slowest = live(conversations, coach)
    figures: dict[str, Any] = {
        "conversations": len(conversations),
        "turns": steps[0].turns,
        "build_seconds": round(building, 3),
        "stages": [{"stage": s.name, "seconds": round(s.seconds, 4), "turns_per_second": round(s.rate)} for s in steps],
        "scoring": [{"text": t.name, "turns": t.turns, "turns_per_second": round(t.rate)} for t in totals],
        "live_ms": {"p50": round(1000 * median, 3), "p99": round(1000 * slowest, 3)},
        "peak_memory_mb": None if (peak := peak_memory()) is None else round(peak),
        "naive": beside_naive(conversations, coach, most=naive) if naive else None,
    }
    if as_json:
        click.echo(json.dumps(figures, indent=2))
    else:
        _show(figures)
    return 0


def _show(figures: dict[str, Any]) -> None:
    from rich.table import Table

    out = console()
    total = sum(s["seconds"] for s in figures["stages"]) or 1.0
    table = Table("step", box=None, title=f"{figures['turns']:,} turns", title_justify="left")
    for heading in ("µs a turn", "turns/s", "share"):
        table.add_column(heading, justify="right")
    for s in figures["stages"]:
        micro = 1e6 * s["seconds"] / figures["turns"]
        table.add_row(s["stage"], f"{micro:.1f}", f"{s['turns_per_second']:,}", f"{s['seconds'] / total:.0%}")
    out.print(table)
    out.print()
    for t in figures["scoring"]:
        out.print(f"Scoring, {t['text']}: {t['turns_per_second']:,} turns/s")
    out.print(
        f"One live turn with context: {figures['live_ms']['p50']} ms; 99 of 100 within {figures['live_ms']['p99']} ms"
    )
    out.print(f"Building the coach: {figures['build_seconds']} s")
    if figures["peak_memory_mb"] is not None:
        out.print(f"Most memory held: {figures['peak_memory_mb']:,} MB")
    naive = figures["naive"]
    if naive:
        out.print(
            f"Beside plain spaCy and scikit-learn ({naive['rules']} rules in {naive['patterns']:,} patterns, {naive['turns']} "
            f"agent turns): rules and model {naive['ratio']:.0f} times as fast, {naive['compiled']:,.0f} against "
            f"{naive['naive']:,.0f} turns/s; {naive['other_matches']} sentences matched otherwise; largest difference of a "
            f"probability {naive['largest_difference']:.1e}"
        )
