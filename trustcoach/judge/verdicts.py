"""Findings → verdicts: for each agent turn and behaviour that applies, shown, missed or breached, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trustcoach.catalogue import Behaviour, Catalogue
from trustcoach.conversation import Conversation
from trustcoach.judge.exchange import Exchange, Indexed, exchanges
from trustcoach.judge.opportunities import Opportunity, opportunities
from trustcoach.judge.promises import broken_promises, ledger
from trustcoach.judge.sequence import drop_pasted, insistence, pitch_before_need, premature_pitch
from trustcoach.results import Finding, Idea, Outcome, Promise, Verdict

__all__ = ["Judgement", "judge"]


_NEED = "choice.needs_first"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything the judge has to say about a conversation."""

    findings: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...]
    ideas: tuple[Idea, ...]
    promises: tuple[Promise, ...]


def judge(conversation: Conversation, findings: Sequence[Finding], catalogue: Catalogue) -> Judgement:
    """Judge *conversation* from its *findings*.

    Parameters
    ----------
    conversation: the turns in order.
    findings: what the detector found, hints included.
    catalogue: says which behaviours there are, when they are due and what they weigh.
    """
    findings = drop_pasted(conversation, findings, catalogue)
    promises = ledger(conversation, findings)
    parts = exchanges(conversation, _by_turn(findings))
    unasked = pitch_before_need(conversation, parts)
    found = [*insistence(parts), *premature_pitch(unasked, parts), *broken_promises(promises)]
    have = {(f.turn, f.cue) for f in findings}
    judged = [f for f in found if (f.turn, f.cue) not in have]
    findings = sorted([*findings, *judged], key=lambda f: (f.turn, f.start, f.end, f.cue, f.rule))
    if judged:
        parts = exchanges(conversation, _by_turn(findings))
    order = {b.id: n for n, b in enumerate(catalogue.judged)}
    verdicts: list[Verdict] = []
    ideas: list[Idea] = []
    for i, part in enumerate(parts):
        due = opportunities(part, parts[i - 1] if i else None, catalogue)
        if unasked and _NEED in order and any(unasked.turn == item.turn.index for item in part.reply):
            due[_NEED] = Opportunity(
                _NEED, unasked.turn, True, "something was offered before any need was known", unasked
            )
        concerned = {catalogue.decided_by[cue].id for cue in catalogue.decided_by.keys() & part.reply_cues}
        for name in sorted(concerned | due.keys(), key=order.__getitem__):
            given, idea = _decide(part, catalogue.behaviours[name], due.get(name))
            verdicts += given
            ideas += idea
    verdicts.sort(key=lambda v: (v.turn, order[v.behaviour]))
    ideas.sort(key=lambda v: (v.turn, order[v.behaviour]))
    visible = tuple(f for f in findings if catalogue.cues[f.cue].kind != "hint")
    return Judgement(visible, tuple(verdicts), tuple(ideas), promises)


def _by_turn(findings: Sequence[Finding]) -> Mapping[int, tuple[Finding, ...]]:
    turns: dict[int, list[Finding]] = {}
    for f in findings:
        turns.setdefault(f.turn, []).append(f)
    return {k: tuple(v) for k, v in turns.items()}


def _decide(part: Exchange, behaviour: Behaviour, opportunity: Opportunity | None) -> tuple[list[Verdict], list[Idea]]:
    verdicts: list[Verdict] = []
    for item in part.reply:
        bad = item.having([behaviour.breach]) if behaviour.breach else []
        good = item.having([behaviour.shown]) if behaviour.shown else []
        if bad:
            verdicts.append(_verdict(item, behaviour, Outcome.BREACHED, bad, opportunity))
        elif good:
            verdicts.append(_verdict(item, behaviour, Outcome.SHOWN, good, opportunity))
    if verdicts or opportunity is None or behaviour.shown is None:
        return verdicts, []
    cause = (opportunity.cause,) if opportunity.cause else ()
    because = _because(opportunity)
    if not opportunity.expected:
        return [], [Idea(opportunity.turn, behaviour.id, because, cause)]
    missed = Verdict(
        opportunity.turn,
        behaviour.id,
        Outcome.MISSED,
        because,
        cause,
        weight=behaviour.weight,
        due=True,
        critical=behaviour.critical,
    )
    return [missed], []


def _verdict(
    item: Indexed, behaviour: Behaviour, outcome: Outcome, evidence: Sequence[Finding], opportunity: Opportunity | None
) -> Verdict:
    said = evidence[0]
    if outcome is Outcome.BREACHED:
        kind = f" ({said.subtype.replace('_', ' ')})" if said.subtype else ""
        because = f"breach in turn {item.turn.index}{kind}"
    elif opportunity is not None:
        because = _because(opportunity)
    else:
        because = "shown unprompted"
    return Verdict(
        item.turn.index,
        behaviour.id,
        outcome,
        because,
        tuple(evidence),
        weight=behaviour.weight,
        due=opportunity is not None,
        critical=behaviour.critical,
    )


def _because(opportunity: Opportunity) -> str:
    if opportunity.cause is None:
        return f"due because {opportunity.because}"
    return f"due because {opportunity.because} (turn {opportunity.cause.turn}, {opportunity.cause.cue})"
