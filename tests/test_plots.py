"""Plots are checked on what stands on their axes; tables of what changes on what they hold."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import matplotlib
import pandas as pd
import pytest
from conftest import talk
from matplotlib import pyplot as plt

import trustcoach
from trustcoach import plots
from trustcoach.conversation import Conversation
from trustcoach.errors import ExtraError, InputError
from trustcoach.pipeline import Coach
from trustcoach.training.agreement import Agreement

GOOD = ("customer: It broke again, I'm so upset", "agent Ada: I'm so sorry to hear that. I'll send a new one today.")
BAD = ("customer: It broke again, I'm so upset", "agent Bob: Calm down. You have to decide today.")


@pytest.fixture(autouse=True)
def no_windows() -> Iterator[None]:
    matplotlib.use("agg")
    yield
    plt.close("all")


def at(conversation: Conversation, month: int, day: int) -> Conversation:
    time = datetime(2026, month, day, 9, tzinfo=UTC)
    turns = tuple(dataclasses.replace(t, time=time) for t in conversation.turns)
    return dataclasses.replace(conversation, turns=turns)


@pytest.fixture(scope="module")
def history() -> list[Conversation]:
    good = [at(talk(*GOOD, ident=f"g{i}"), 3, 2 if i < 10 else 16) for i in range(12)]
    return good + [at(talk(*BAD, ident=f"b{i}"), 3, 16) for i in range(3)]


@pytest.fixture(scope="module")
def tables(rules_only: Coach, history: list[Conversation]) -> dict[str, pd.DataFrame]:
    return trustcoach.frames(rules_only.score_many(history))


def labels(ax: Any) -> list[str]:
    return [t.get_text() for t in ax.get_yticklabels()]


def test_behaviours_stack_to_what_applied(tables: dict[str, pd.DataFrame]) -> None:
    ax = plots.plot_behaviours(tables)
    widths = {c.get_label(): [bar.get_width() for bar in c] for c in ax.containers}
    counted = tables["verdicts"]["outcome"].value_counts().to_dict()
    assert {k: sum(v) for k, v in widths.items()} == {"shown": 0, "missed": 0, "breached": 0} | counted
    assert len(labels(ax)) == tables["verdicts"]["behaviour"].nunique()
    breached = next(c for c in ax.containers if c.get_label() == "breached")
    assert breached[0].get_hatch()
    lost = [m + b for m, b in zip(widths["missed"], widths["breached"], strict=True)]
    assert lost == sorted(lost)


def test_behaviours_of_one_agent(tables: dict[str, pd.DataFrame]) -> None:
    ax = plots.plot_behaviours(tables, agent="Bob")
    mine = tables["verdicts"][tables["verdicts"]["speaker"] == "Bob"]
    assert sum(bar.get_width() for c in ax.containers for bar in c) == len(mine)
    with pytest.raises(InputError, match="nothing to plot"):
        plots.plot_behaviours(tables, agent="Nobody")


def test_agents_with_too_few_stand_apart_and_hollow(tables: dict[str, pd.DataFrame]) -> None:
    ax = plots.plot_agents(tables)
    assert labels(ax) == ["Bob (n = 3, too few to rank)", "Ada (n = 12)"]
    dots = {line.get_ydata()[0]: line for line in ax.lines if line.get_marker() == "o"}
    bob, ada = (dots[y] for y in ax.get_yticks())
    assert bob.get_markerfacecolor() == "white"
    assert ada.get_markerfacecolor() != "white"
    scores = tables["agents"].set_index("agent")
    assert ada.get_xdata()[0] == scores.loc["Ada", "score"]
    ranges = [tuple(line.get_xdata()) for line in ax.lines if line.get_linewidth() == 3]
    assert (scores.loc["Ada", "low"], scores.loc["Ada", "high"]) in ranges


def test_trend_pools_each_week_and_says_how_many(tables: dict[str, pd.DataFrame]) -> None:
    ax = plots.plot_trend(tables)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["2 Mar", "16 Mar"]
    assert [t.get_text() for t in ax.texts] == ["n = 10", "n = 5"]
    line = ax.lines[-1].get_ydata()
    ada = tables["agents"].set_index("agent").loc["Ada", "score"]
    assert line[0] == ada
    assert line[1] < ada
    faces = [dot.get_markerfacecolor() for dot in ax.lines if dot.get_marker() == "o"]
    assert faces[1] == "white" != faces[0]


def test_trend_of_one_agent_by_month(tables: dict[str, pd.DataFrame]) -> None:
    ax = plots.plot_trend(tables, every="month", agent="Ada")
    assert [t.get_text() for t in ax.get_xticklabels()] == ["March 2026"]
    score = tables["agents"].set_index("agent").loc["Ada", "score"]
    assert ax.lines[-1].get_ydata().tolist() == [score]
    with pytest.raises(InputError, match="fortnight"):
        plots.plot_trend(tables, every="fortnight")


def test_no_times_no_trend(rules_only: Coach) -> None:
    with pytest.raises(InputError, match="has a time"):
        plots.plot_trend(trustcoach.frames([rules_only.score(talk(*GOOD))]))


def test_what_changes_with_other_weights(rules_only: Coach, history: list[Conversation]) -> None:
    before = list(rules_only.score_many(history))
    other = Coach(classifier=False, weights={"support.empathy": 5}, disabled=["choice.no_pressure"])
    after = list(other.score_many(history))
    changed = trustcoach.what_changes(before, after)
    scores = changed["scores"].set_index("conversation_id")
    for a, b in zip(before, after, strict=True):
        row = scores.loc[a.conversation.id]
        assert (row["before"], row["after"]) == (a.score, b.score)
        assert row["difference"] == round(b.score - a.score, 4)
    assert changed["agents"]["agent"].tolist() == ["Ada", "Bob"]
    verdicts = changed["verdicts"]
    assert set(verdicts["behaviour"]) == {"choice.no_pressure"}
    assert verdicts["after"].isna().all()
    assert set(verdicts["before"]) == {"breached"}
    assert set(verdicts["text"]) == {"Calm down. You have to decide today."}
    behaviours = changed["behaviours"].set_index("behaviour")
    assert behaviours.loc["choice.no_pressure", "breached_before"] == 3
    assert behaviours.loc["choice.no_pressure", "breached_after"] == 0

    ax = plots.plot_change(changed)
    agents = changed["agents"].set_index("agent")
    at_y = dict(zip(labels(ax), ax.get_yticks(), strict=True))
    hollow = {d.get_ydata()[0]: d.get_xdata()[0] for d in ax.lines if d.get_markerfacecolor() == "white"}
    assert {name: hollow[y] for name, y in at_y.items()} == agents["before"].to_dict()


def test_nothing_changes_is_said(rules_only: Coach, history: list[Conversation]) -> None:
    scored = list(rules_only.score_many(history))
    changed = trustcoach.what_changes(scored, scored)
    assert changed["verdicts"].empty
    assert [t.get_text() for t in plots.plot_change(changed, by="behaviours").texts] == ["Nothing changes."]
    with pytest.raises(InputError, match="nothing to compare by"):
        plots.plot_change(changed, by="weekday")


def test_scorings_of_different_conversations_cannot_be_compared(rules_only: Coach, history: list[Conversation]) -> None:
    scored = list(rules_only.score_many(history))
    for other in (scored[1:], scored[::-1], []):
        with pytest.raises(InputError, match="not of the same conversations"):
            trustcoach.what_changes(scored, other)


def test_agreement_lowest_on_top_and_rare_ones_hollow() -> None:
    some = [
        Agreement("support.empathy", 100, 40, 42, 38, 0.9, 0.85, 0.85),
        Agreement("-honesty.evasive", 100, 5, 4, 2, 0.4, 0.41, 0.41),
        Agreement("context.pitch", 100, 0, 0, 0, None, None, None),
    ]
    ax = plots.plot_agreement(some)
    assert labels(ax) == ["support.empathy (44)", "-honesty.evasive (7)"]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [d.get_xdata()[0] for d in dots] == [0.85, 0.41]
    assert dots[1].get_markerfacecolor() == "white" != dots[0].get_markerfacecolor()
    with pytest.raises(InputError, match="kappa"):
        plots.plot_agreement(some[2:])


def test_axes_of_the_caller_are_used(tables: dict[str, pd.DataFrame]) -> None:
    _, ax = plt.subplots()
    assert plots.plot_agents(tables, ax=ax) is ax


def test_without_matplotlib_the_remedy_is_told(
    tables: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ExtraError, match=r"pip install 'trustcoach\[notebooks\]'"):
        plots.plot_agents(tables)


def test_results_do_not_load_matplotlib() -> None:
    import subprocess

    code = "import sys, trustcoach.plots; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
