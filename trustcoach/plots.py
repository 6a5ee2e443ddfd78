"""Plots of results. Each takes tables and returns matplotlib axes, which are the caller's to change and to save.

The tables are those of `trustcoach.frames`; `plot_change` takes those of `trustcoach.what_changes`, and `plot_agreement` the
list that `trustcoach.training.agreement.agreement` gives. Outcomes are told apart by fill and hatching as well as by colour,
and counts stand beside the marks. Needs matplotlib: `pip install 'trustcoach[notebooks]'`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trustcoach.errors import ExtraError, InputError
from trustcoach.notebook import names
from trustcoach.results import Outcome
from trustcoach.scorecard import UNNAMED, pooled_score

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from trustcoach.training.agreement import Agreement

__all__ = ["plot_agents", "plot_agreement", "plot_behaviours", "plot_change", "plot_trend"]

Tables = Mapping[str, "pd.DataFrame"]

_SHOWN, _MISSED, _BREACHED, _FAINT = "#0d5a58", "#7d5200", "#a11f2c", "#8a8f93"
_FEW = 10
"""Below so many cases a mark is hollow."""


def plot_behaviours(tables: Tables, *, agent: str | None = None, ax: Axes | None = None) -> Axes:
    """How often each behaviour was shown, missed and breached, out of the times it applied; most often not shown on top.

    Parameters
    ----------
    tables: from `trustcoach.frames`.
    agent: only the turns of this agent.
    ax: axes to draw on; new ones by default.

    Raises
    ------
    InputError: when there is nothing to show.
    ExtraError: when matplotlib is not installed.
    """
    verdicts = tables["verdicts"]
    if agent is not None:
        verdicts = verdicts[verdicts["speaker"].fillna(UNNAMED) == agent]
    counts: dict[str, dict[str, int]] = {}
    for behaviour, outcome in zip(verdicts["behaviour"], verdicts["outcome"], strict=True):
        entry = counts.setdefault(behaviour, dict.fromkeys(map(str, Outcome), 0))
        entry[outcome] += 1
    if not counts:
        raise _nothing(f"no behaviour applied to a turn of {agent}" if agent else "no behaviour applied to any turn")
    # Drawn from the bottom up, so that the behaviour with most to gain ends on top.
    order = sorted(counts, key=lambda b: (counts[b]["missed"] + counts[b]["breached"], b))
    ax = ax or _axes(9, 0.3 * len(order) + 1.4)
    left = [0] * len(order)
    looks: dict[str, dict[str, Any]] = {
        "shown": {"color": _SHOWN},
        "missed": {"facecolor": "white", "edgecolor": _MISSED},
        "breached": {"facecolor": "#fbdfe0", "edgecolor": _BREACHED, "hatch": "/////"},
    }
    for outcome, look in looks.items():
        widths = [counts[b][outcome] for b in order]
        ax.barh(range(len(order)), widths, left=left, height=0.65, label=outcome, **look)
        left = [a + b for a, b in zip(left, widths, strict=True)]
    for y, behaviour in enumerate(order):
        ax.annotate(f" {counts[behaviour]['shown']} of {left[y]}", (left[y], y), va="center", fontsize=8)
    ax.set_yticks(range(len(order)), [names().behaviour(b) for b in order])
    ax.set_xlabel("turns in which the behaviour applied")
    ax.set_title("Behaviours" if agent is None else f"Behaviours of {agent}", loc="left")
    ax.set_xlim(0, 1.08 * max(left))
    ax.set_ylim(-0.6, len(order) - 0.4)
    ax.locator_params(axis="x", integer=True)
    ax.legend(frameon=False, loc="lower right")
    return _bare(ax)


def plot_agents(tables: Tables, *, ax: Axes | None = None) -> Axes:
    """Agents' scores with 95 % intervals and numbers of conversations; those with too few to rank stand apart, hollow.

    Parameters
    ----------
    tables: from `trustcoach.frames`.
    ax: axes to draw on; new ones by default.

    Raises
    ------
    InputError: when no agent has a score.
    ExtraError: when matplotlib is not installed.
    """
    agents = [a for a in tables["agents"].to_dict("records") if _known(a["score"])]
    if not agents:
        raise _nothing("no agent has a score")
    ranked = sorted((a for a in agents if a["ranked"]), key=lambda a: (a["score"], a["agent"]))
    few = sorted((a for a in agents if not a["ranked"]), key=lambda a: (a["n"], a["agent"]))
    order = [*few, *ranked]
    ax = ax or _axes(8, 0.42 * len(order) + 1.4)
    places = [y + (0.6 if few and y >= len(few) else 0) for y in range(len(order))]
    for y, a in zip(places, order, strict=True):
        colour = _SHOWN if a["ranked"] else _FAINT
        if _known(a["low"]):
            ax.plot([a["low"], a["high"]], [y, y], color=colour, lw=3, alpha=0.45, solid_capstyle="round")
        ax.plot(a["score"], y, "o", ms=8, color=colour, markerfacecolor=colour if a["ranked"] else "white")
    if few and ranked:
        ax.axhline(len(few) - 0.2, color=_FAINT, lw=0.8, ls=":")
    labels = [f"{a['agent']} (n = {a['n']}{'' if a['ranked'] else ', too few to rank'})" for a in order]
    ax.set_yticks(places, labels)
    ax.set_xlim(-2, 102)
    ax.set_xlabel("score, with 95 % interval")
    ax.set_title("Agents", loc="left")
    return _bare(ax)


def plot_trend(tables: Tables, *, every: str = "week", agent: str | None = None, ax: Axes | None = None) -> Axes:
    """Score over time with 95 % intervals; hollow where fewer than ten conversations stand behind a point.

    Parameters
    ----------
    tables: from `trustcoach.frames`.
    every: `day`, `week` (from Monday) or `month`; verdicts are pooled over all conversations that began in it.
    agent: only the turns of this agent.
    ax: axes to draw on; new ones by default.

    Raises
    ------
    InputError: when no conversation has a time, or *every* is something else.
    ExtraError: when matplotlib is not installed.
    """
    periods = {"day": "D", "week": "W-SUN", "month": "M"}
    if every not in periods:
        raise InputError(f"every={every!r} is no period", remedy=f"Choose one of {', '.join(periods)}.")
    verdicts = tables["verdicts"]
    if agent is not None:
        verdicts = verdicts[verdicts["speaker"].fillna(UNNAMED) == agent]
    began = tables["scores"].drop_duplicates("conversation_id").set_index("conversation_id")["started"].dropna()
    starts = began.dt.tz_localize(None).dt.to_period(periods[every]).dt.start_time
    groups: dict[Any, dict[str, list[Mapping[Any, Any]]]] = {}
    for row in verdicts[verdicts["conversation_id"].isin(starts.index)].to_dict("records"):
        at = starts[row["conversation_id"]]
        groups.setdefault(at, {}).setdefault(row["conversation_id"], []).append(row)
    if not groups:
        raise _nothing("no scored conversation has a time")
    ax = ax or _axes(8, 3.4)
    times, scores = sorted(groups), []
    for at in times:
        pairs = [_weights(rows) for rows in groups[at].values()]
        score, low, high = pooled_score(pairs)
        scores.append(math.nan if score is None else score)
        if score is None:
            continue
        if low is not None and high is not None:
            ax.plot([at, at], [low, high], color=_SHOWN, lw=3, alpha=0.4, solid_capstyle="round", zorder=2)
        inside = _SHOWN if len(pairs) >= _FEW else "white"
        ax.plot(at, score, "o", ms=7, color=_SHOWN, markerfacecolor=inside, zorder=3)
        ax.annotate(f"n = {len(pairs)}", (at, 3), ha="center", fontsize=8, color="#5b646b")
    ax.plot(times, scores, color=_SHOWN, lw=1.2, zorder=1)
    ax.set_xticks(times, [_day(t, every) for t in times])
    ax.set_ylim(0, 102)
    ax.set_ylabel("score, with 95 % interval")
    ax.set_title(f"Score by {every}" + (f": {agent}" if agent else ""), loc="left")
    ax.margins(x=0.06)
    return _bare(ax)


def plot_change(changes: Tables, *, by: str = "agents", ax: Axes | None = None) -> Axes:
    """What another scoring of the same conversations changes: hollow before, filled after.

    Parameters
    ----------
    changes: from `trustcoach.what_changes`.
    by: `agents` (scores) or `behaviours` (share shown of the times they applied; only those that change).
    ax: axes to draw on; new ones by default.

    Raises
    ------
    InputError: when *by* is something else.
    ExtraError: when matplotlib is not installed.
    """
    if by == "agents":
        points = [(r["agent"], r["before"], r["after"]) for r in changes["agents"].to_dict("records")]
        points = [p for p in points if _known(p[1]) and _known(p[2])]
    elif by == "behaviours":
        points = [(names().behaviour(r["behaviour"]), *_shares(r)) for r in changes["behaviours"].to_dict("records")]
        points = [p for p in points if _known(p[1]) and _known(p[2]) and p[1] != p[2]]
    else:
        raise InputError(f"by={by!r} is nothing to compare by", remedy="Choose agents or behaviours.")
    points.sort(key=lambda p: (abs(p[2] - p[1]), p[0]))
    ax = ax or _axes(8, 0.42 * len(points) + 1.4)
    for y, (_, before, after) in enumerate(points):
        colour = _SHOWN if after >= before else _BREACHED
        ax.plot([before, after], [y, y], color=colour, lw=2, alpha=0.5, zorder=1)
        ax.plot(before, y, "o", ms=8, color=colour, markerfacecolor="white", label="before" if y == 0 else None)
        ax.plot(after, y, "o", ms=8, color=colour, label="after" if y == 0 else None)
        ax.annotate(f"{after - before:+.0f}", (max(before, after) + 2.5, y), va="center", fontsize=8)
    ax.set_yticks(range(len(points)), [p[0] for p in points])
    ax.set_xlim(-2, 108)
    ax.set_xlabel("score" if by == "agents" else "share shown, in per cent")
    ax.set_title("What would change", loc="left")
    if points:
        ax.legend(frameon=False, loc="lower left")
    else:
        ax.annotate("Nothing changes.", (0.5, 0.5), xycoords="axes fraction", ha="center")
    return _bare(ax)


def plot_agreement(agreements: Sequence[Agreement], *, ax: Axes | None = None) -> Axes:
    """Cohen's κ of two labellings, cue by cue, lowest on top; hollow where the two marked the cue fewer than ten times.

    The lines stand at 0.6 and 0.8, where Landis and Koch (1977) speak of substantial and of almost perfect agreement.

    Parameters
    ----------
    agreements: from `trustcoach.training.agreement.agreement`.
    ax: axes to draw on; new ones by default.

    Raises
    ------
    InputError: when no cue has a κ.
    ExtraError: when matplotlib is not installed.
    """
    found = [(a.kappa, a.cue, a.first + a.second - a.both) for a in agreements if a.kappa is not None]
    order = sorted(found, key=lambda f: (-f[0], f[1]))
    if not order:
        raise _nothing("no cue has a kappa")
    ax = ax or _axes(8, 0.24 * len(order) + 1.4)
    for y, (kappa, _, marked) in enumerate(order):
        ax.plot(kappa, y, "o", ms=6, color=_SHOWN, markerfacecolor=_SHOWN if marked >= _FEW else "white")
    for limit in (0.6, 0.8):
        ax.axvline(limit, color=_FAINT, lw=0.8, ls=":")
    ax.set_yticks(range(len(order)), [f"{cue} ({marked})" for _, cue, marked in order], fontsize=8)
    ax.set_xlim(min(0.0, order[-1][0]) - 0.03, 1.03)
    ax.set_ylim(-0.7, len(order) - 0.3)
    ax.set_xlabel("Cohen's κ (in brackets: turns that either marked)")
    ax.set_title("Agreement", loc="left")
    return _bare(ax)


def _axes(width: float, height: float) -> Axes:
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ExtraError("Plots need matplotlib.\n  Install it with: pip install 'trustcoach[notebooks]'") from None
    _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    return ax


def _bare(ax: Axes) -> Axes:
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(length=0)
    return ax


def _weights(verdicts: Iterable[Mapping[Any, Any]]) -> tuple[float, float]:
    """Weight shown and weight applied in one conversation; a critical breach leaves nothing shown."""
    rows = list(verdicts)
    failed = any(r["critical"] and r["outcome"] == "breached" for r in rows)
    shown = 0.0 if failed else math.fsum(r["score_weight"] for r in rows if r["outcome"] == "shown")
    return shown, math.fsum(r["score_weight"] for r in rows)


def _shares(row: Mapping[Any, Any]) -> tuple[float, float]:
    made = []
    for when in ("before", "after"):
        due = sum(row[f"{outcome}_{when}"] for outcome in ("shown", "missed", "breached"))
        made.append(100 * row[f"shown_{when}"] / due if due else math.nan)
    return made[0], made[1]


def _known(value: Any) -> bool:
    import pandas as pd

    return not pd.isna(value)


def _day(time: Any, every: str) -> str:
    return f"{time:%B %Y}" if every == "month" else f"{time.day} {time:%b}"


def _nothing(why: str) -> InputError:
    return InputError(f"there is nothing to plot: {why}")
