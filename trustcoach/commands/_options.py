"""Options that several commands share: how to read transcripts, and how to build a coach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from trustcoach.errors import SettingsError

__all__ = ["coach_options", "make_coach", "read_options", "reading_options"]

F = TypeVar("F", bound=Callable[..., Any])

_READING = [
    click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="PATH..."),
    click.option(
        "--from",
        "source_format",
        metavar="NAME",
        help="Format of the files; see `trustcoach formats`. [default: by content]",
    ),
    click.option(
        "--agent", "agents", multiple=True, metavar="NAME", help="A speaker who is an agent; may be repeated."
    ),
    click.option(
        "--customer", "customers", multiple=True, metavar="NAME", help="A speaker who is a customer; may be repeated."
    ),
    click.option("--bot", "bots", multiple=True, metavar="NAME", help="A speaker who is a bot; may be repeated."),
    click.option(
        "--map",
        "columns",
        multiple=True,
        metavar="FIELD=COLUMN",
        help="Column of a field, as in text=Nachricht; may be repeated.",
    ),
    click.option("--timezone", default="UTC", show_default=True, help="Time zone of times that name none."),
    click.option("--dayfirst/--monthfirst", default=None, help="How to read 03/04/2025. [default: by content]"),
    click.option("--private-pattern", metavar="REGEX", help="Messages that match are internal notes."),
]

_COACH = [
    click.option(
        "--rules",
        "rules",
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
    click.option(
        "--model", "model", type=click.Path(), metavar="FOLDER", help="A classifier of your own; needs --trust-model."
    ),
    click.option(
        "--trust-model", is_flag=True, help="Open a model that did not come with trustcoach. It may run code."
    ),
]


def reading_options(command: F) -> F:
    """Add the arguments of reading to *command*."""
    for option in reversed(_READING):
        command = option(command)
    return command


def coach_options(command: F) -> F:
    """Add the options that make a coach to *command*."""
    for option in reversed(_COACH):
        command = option(command)
    return command


def read_options(given: dict[str, Any]) -> Any:
    """Take the reading options out of *given* and return them as `ReadOptions`."""
    from trustcoach.read import ReadOptions

    return ReadOptions(
        format=given.pop("source_format"),
        agents=given.pop("agents"),
        customers=given.pop("customers"),
        bots=given.pop("bots"),
        columns=_pairs(given.pop("columns"), "--map", "text=Nachricht"),
        timezone=given.pop("timezone"),
        dayfirst=given.pop("dayfirst"),
        private_pattern=given.pop("private_pattern"),
    )


def make_coach(given: dict[str, Any]) -> Any:
    """Take the coach options out of *given* and build the coach, over what a settings file in this folder says."""
    from trustcoach.pipeline import Coach
    from trustcoach.settings import load_settings

    settings = load_settings()
    weights = dict(settings.weights)
    for name, value in _pairs(given.pop("weights"), "--weight", "support.empathy=2").items():
        try:
            weights[name] = float(value)
        except ValueError as error:
            raise SettingsError(f"--weight {name}={value}: the weight must be a number") from error
    return Coach(
        language=settings.language,
        rules=[*settings.rules, *given.pop("rules")],
        weights=weights,
        disabled=[*settings.disabled, *given.pop("disabled")],
        classifier=not given.pop("no_classifier"),
        model_folder=given.pop("model"),
        trust_model=given.pop("trust_model"),
    )


def _pairs(given: tuple[str, ...], option: str, example: str) -> dict[str, str]:
    pairs = {}
    for item in given:
        name, separator, value = item.partition("=")
        if not separator or not name or not value:
            raise SettingsError(f"{option} {item}: write it as {option} {example}")
        pairs[name] = value
    return pairs
