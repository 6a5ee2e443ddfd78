"""Evaluations and agreements as tables for the terminal. Returns rich renderables."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trustcoach.training.agreement import Agreement
from trustcoach.training.evaluate import Evaluation, Tally

__all__ = ["agreement_view", "evaluation_view"]


def evaluation_view(measured: Evaluation, min_support: int) -> RenderableType:
    """Averages, then each cue, then the worst errors."""
    averages = _table("", "cues", "micro-F1", "95 % interval", "macro-F1", "95 % interval")
    for s in measured.summaries:
        averages.add_row(
            s.group,
            str(s.cues),
            f"{s.micro:.3f}",
            f"{s.micro_low:.2f} to {s.micro_high:.2f}",
            f"{s.macro:.3f}",
            f"{s.macro_low:.2f} to {s.macro_high:.2f}",
        )
    cues = _table("cue", "precision", "recall", "F1", "support", "wrong", "overlooked")
    for t in (*measured.cues, measured.supportive):
        cues.add_row(*_row(t, t.name))
    for t in (*measured.misses, measured.all_misses):
        cues.add_row(*_row(t, t.name if t.name.startswith("all") else f"missed {t.name}"))
    overlap = "–" if measured.overlap is None else f"{measured.overlap:.3f}"
    parts: list[RenderableType] = [
        Text(f"{measured.conversations} conversations, {measured.agent_turns} agent turns", style="bold"),
        averages,
        Text(f"(averages over cues with at least {min_support} labelled turns)", style="dim"),
        cues,
        Text(f"Evidence overlaps the labelled words in {overlap} of right findings."),
        Text(
            f"Agent turns with a breach that the labels do not have: {measured.false_breaches} of {measured.agent_turns}."
        ),
    ]
    if measured.mistakes:
        parts.append(Text("Worst errors", style="bold"))
    for m in measured.mistakes:
        sure = f" ({m.confidence:.2f})" if m.kind == "false alarm" else ""
        parts.append(Text(f"{m.name}: {m.kind}{sure}, {m.conversation} turn {m.turn}\n    {m.text}"))
    return Group(*parts)


def agreement_view(results: Sequence[Agreement]) -> RenderableType:
    """One row for each cue."""
    table = _table("cue", "turns", "first", "second", "both", "F1", "kappa", "alpha")
    for a in results:
        table.add_row(
            a.cue,
            str(a.turns),
            str(a.first),
            str(a.second),
            str(a.both),
            _share(a.f1),
            _share(a.kappa),
            _share(a.alpha),
        )
    return table


def _row(t: Tally, name: str) -> list[str]:
    return [
        name,
        _share(t.precision),
        _share(t.recall),
        _share(t.f1 if t.support else None),
        str(t.support),
        str(t.wrong),
        str(t.overlooked),
    ]


def _table(first: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
