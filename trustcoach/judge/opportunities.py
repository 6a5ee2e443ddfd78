"""Where a behaviour is due: the opportunities of an exchange, from the pack's `[[due]]` data."""

from __future__ import annotations

from dataclasses import dataclass

from trustcoach.catalogue import MOMENTS, Catalogue, Due
from trustcoach.judge.exchange import Exchange
from trustcoach.results import Finding

__all__ = ["Opportunity", "opportunities"]


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A behaviour that is due in a reply.

    Attributes
    ----------
    turn: the agent turn that a miss would belong to.
    cause: the finding that made it due; None for a moment such as the opening.
    """

    behaviour: str
    turn: int
    expected: bool
    because: str
    cause: Finding | None


def opportunities(part: Exchange, before: Exchange | None, catalogue: Catalogue) -> dict[str, Opportunity]:
    """What was due in the reply of *part*, by behaviour; *before* is the exchange that precedes it."""
    whens = {*part.asked_cues, *part.reply_cues}
    if part.opening:
        whens.add("opening")
        if part.asked and not any(cue.startswith("customer.") for cue in part.asked_cues):
            whens.add("greeting")
    if part.closing:
        whens.add("closing")
    possible = [item for when in catalogue.due_on.keys() & whens for item in catalogue.due_on[when]]
    found: dict[str, Opportunity] = {}
    for _, behaviour, due in sorted(possible, key=lambda item: item[0]):
        chosen = found.get(behaviour.id)
        if chosen is None or (due.expected and not chosen.expected):
            opportunity = _opportunity(part, before, behaviour.id, due)
            if opportunity:
                found[behaviour.id] = opportunity
    return found


def _opportunity(part: Exchange, before: Exchange | None, behaviour: str, due: Due) -> Opportunity | None:
    first = part.reply[0].turn.index
    if due.when in MOMENTS:
        turn, cause, where = part.reply[-1].turn.index if due.when == "closing" else first, None, part.asked
    else:
        where = part.asked if due.when.startswith(("customer.", "hint.asks")) else part.reply
        cause = next((f for t in where for f in t.having([due.when])), None)
        if cause is None:
            return None
        turn = cause.turn if where is part.reply else first
    if due.also and not any(t.having(due.also) for t in where):
        return None
    if part.in_reply(due.unless) or part.in_asked(due.unless_asked):
        return None
    if before and any(f for f in before.in_reply(due.unless_before)):
        return None
    return Opportunity(behaviour, turn, due.expected, due.because, cause)
