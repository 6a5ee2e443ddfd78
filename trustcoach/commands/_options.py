"""Options that several commands share: which coach to build."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from trustcoach.commands._reading import pairs
from trustcoach.errors import SettingsError

if TYPE_CHECKING:
    from trustcoach.pipeline import Coach

__all__ = ["coach_options", "make_coach"]

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--rules",
        multiple=True,
        type=click.Path(),
        metavar="FILE",
        help="Rules of your own (TOML file or folder); may be repeated.",
    ),
    click.option(
        "--weight",
        "weights",
        multiple=True,
        metavar="BEHAVIOUR=WEIGHT",
        help="Weight of a behaviour in the score; 0 leaves it out of it. May be repeated.",
    ),
    click.option(
        "--without", "disabled", multiple=True, metavar="BEHAVIOUR", help="Switch a behaviour off; may be repeated."
    ),
    click.option("--no-classifier", is_flag=True, help="Use rules alone."),
    click.option("--model", type=click.Path(), metavar="FOLDER", help="A classifier of your own; needs --trust-model."),
    click.option(
        "--trust-model", is_flag=True, help="Open a model that did not come with trustcoach. It may run code."
    ),
)


def coach_options(command: Command) -> Command:
    """Give a click command the options that make a coach; it passes them on as `make_coach(**arguments)`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def make_coach(
    *,
    rules: Sequence[str],
    weights: Sequence[str],
    disabled: Sequence[str],
    no_classifier: bool,
    model: str | None,
    trust_model: bool,
) -> Coach:
    """The coach that the options ask for, over what a settings file in this folder says."""
    from trustcoach.pipeline import Coach
    from trustcoach.settings import load_settings

    settings = load_settings()
    chosen = dict(settings.weights)
    for name, value in pairs(weights, "--weight", "BEHAVIOUR=WEIGHT, such as support.empathy=2").items():
        try:
            chosen[name] = float(value)
        except ValueError as error:
            raise SettingsError(f"--weight {name}={value}: the weight must be a number.") from error
    coach = Coach(
        language=settings.language,
        rules=[*settings.rules, *rules],
        weights=chosen,
        disabled=[*settings.disabled, *disabled],
        classifier=not no_classifier,
        model_folder=model,
        trust_model=trust_model,
    )
    gc.freeze()  # the coach stays for good; looking through it for garbage again and again takes a tenth of the time
    return coach
