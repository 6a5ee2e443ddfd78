"""Verdicts → advice: what was said, what was due and why it builds trust, and wording that fits the situation."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from trustcoach.catalogue import Behaviour, Catalogue
from trustcoach.results import Advice, ConversationScore, Finding, Idea, Outcome, Verdict
from trustcoach.text import shortened

__all__ = ["advise", "turn_loss"]

_QUOTE = 160


def advise(scored: ConversationScore, catalogue: Catalogue) -> tuple[Advice, ...]:
    """Advice on every verdict of *scored*, in order of turn; ideas where a behaviour would have been welcome come last.

    Wording is chosen for the situation: suggestions that fit the cue that made the behaviour due, or that broke it, come
    before general ones, and turns of a conversation do not all get the same sentence.
    """
    texts = {t.index: t.text for t in scored.conversation.turns}
    seed = zlib.crc32(scored.conversation.id.encode())
    told = [_on_verdict(v, texts[v.turn], catalogue.behaviours[v.behaviour], seed) for v in scored.verdicts]
    ideas = [_on_idea(i, texts[i.turn], catalogue.behaviours[i.behaviour], seed) for i in scored.ideas]
    return (*told, *ideas)


def turn_loss(verdicts: Sequence[Verdict]) -> tuple[int, float]:
    """How much a turn would gain from coaching: critical breaches, then weight lost (a breach counts twice a miss)."""
    critical = sum(v.critical and v.outcome is Outcome.BREACHED for v in verdicts)
    lost = {Outcome.BREACHED: 2.0, Outcome.MISSED: 1.0, Outcome.SHOWN: 0.0}
    return critical, sum(v.weight * lost[v.outcome] for v in verdicts)


def _on_verdict(verdict: Verdict, text: str, behaviour: Behaviour, seed: int) -> Advice:
    coaching = behaviour.coaching
    wording: tuple[str, ...] = ()
    if verdict.outcome is Outcome.SHOWN:
        quote, said = verdict.evidence[0].text, coaching.praise
    elif verdict.outcome is Outcome.BREACHED:
        quote, said = verdict.evidence[0].text, coaching.breached
        wording = _wording(behaviour, verdict.evidence, seed + verdict.turn)
    else:
        quote, said = text, coaching.missed
        wording = _wording(behaviour, verdict.evidence, seed + verdict.turn)
    return Advice(
        verdict.turn,
        behaviour.id,
        verdict.outcome,
        shortened(quote, _QUOTE),
        said or behaviour.title,
        behaviour.why,
        wording,
    )


def _on_idea(idea: Idea, text: str, behaviour: Behaviour, seed: int) -> Advice:
    return Advice(
        idea.turn,
        behaviour.id,
        None,
        shortened(text, _QUOTE),
        f"An idea: {behaviour.title[0].lower()}{behaviour.title[1:]}. It would have been welcome here, because "
        f"{idea.because.removeprefix('due because ')}.",
        behaviour.why,
        _wording(behaviour, idea.evidence, seed + idea.turn),
    )


def _wording(behaviour: Behaviour, evidence: Sequence[Finding], turn: int, most: int = 2) -> tuple[str, ...]:
    cues = {f.cue for f in evidence}
    options = behaviour.coaching.wording
    fitting = [w.text for w in options if not cues.isdisjoint(w.fits)]
    group = fitting or [w.text for w in options if not w.fits] or [w.text for w in options]
    start = turn % len(group) if group else 0
    return tuple((group[start:] + group[:start])[:most])
