"""`trustcoach explain`: one conversation, turn by turn."""

from __future__ import annotations

from typing import Any

import click

from trustcoach.commands._console import console
from trustcoach.commands._options import coach_options, make_coach
from trustcoach.commands._reading import READING, read_options, reading_options

__all__ = ["command"]


@click.command("explain")
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="PATH...")
@reading_options
@click.option("--conversation", "-c", "ident", metavar="ID", help="The conversation to explain. [default: the first]")
@coach_options
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(paths: tuple[str, ...], ident: str | None, as_json: bool, **given: Any) -> int:
    """Show one conversation turn by turn: evidence, verdicts, why each was due, and advice.

    \b
    trustcoach explain export.json --conversation 4711
    """
    from trustcoach.errors import InputError
    from trustcoach.read import read_conversations
    from trustcoach.tables import to_json
    from trustcoach.terminal import conversation_view

    options = read_options(**{name: given.pop(name) for name in READING})
    seen: list[str] = []
    for conversation in read_conversations(paths, options=options):
        if ident is None or conversation.id == ident:
            break
        if len(seen) < 5:
            seen.append(conversation.id)
    else:
        raise InputError(
            f"there is no conversation {ident!r}",
            path=" ".join(paths),
            remedy=f"The first ids are: {', '.join(seen)}.",
        )
    coach = make_coach(**given)
    scored = coach.score(conversation)
    if as_json:
        click.echo(to_json(scored))
    else:
        console().print(conversation_view(scored, coach.catalogue))
    return 0
