"""What only the order of turns shows: a courtesy pasted again, a pitch too early, a pitch after a refusal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from trustcoach.catalogue import Catalogue
from trustcoach.conversation import Conversation
from trustcoach.judge.exchange import Exchange
from trustcoach.results import Finding

__all__ = ["drop_pasted", "insistence", "pitch_before_need", "premature_pitch"]

_NEEDS = ("customer.need", "customer.problem", "customer.question", "customer.complaint", "customer.urgent_need")
_INTEREST = ("customer.need", "customer.question", "customer.praise")
_WORD = re.compile(r"[^\W_]+")
_LEAST_WORDS = 4  # a shorter courtesy (“thank you”) is common speech, not a paste


def drop_pasted(conversation: Conversation, findings: Sequence[Finding], catalogue: Catalogue) -> list[Finding]:
    """The findings without those of a courtesy that an agent had written word for word before."""
    texts = {t.index: t.text for t in conversation.turns}
    seen: dict[tuple[str, str], int] = {}
    kept = []
    for f in findings:
        if f.cue in catalogue.courtesies:
            words = " ".join(_WORD.findall(_around(texts[f.turn], f))).lower()
            if words.count(" ") + 1 >= _LEAST_WORDS:
                first = seen.setdefault((f.cue, words), f.turn)
                if first != f.turn:
                    continue
        kept.append(f)
    return kept


def _around(text: str, finding: Finding) -> str:
    """The stretch of *text* between the stops around the finding."""
    start = max((text.rfind(mark, 0, finding.start) for mark in ".!?\n"), default=-1) + 1
    ends = [i for i in (text.find(mark, max(finding.end - 1, 0)) for mark in ".!?\n") if i >= 0]
    return text[start : min(ends, default=len(text))]


def pitch_before_need(conversation: Conversation, parts: Sequence[Exchange]) -> Finding | None:
    """The first pitch, when nobody had stated or asked for a need before it.

    Only where the beginning of the conversation is known.
    """
    if not conversation.turns or conversation.turns[0].index != 0:
        return None
    for part in parts:
        if part.in_asked(_NEEDS):
            return None
        for item in part.reply:
            pitches = item.having(["context.pitch"])
            if pitches:
                return pitches[0]
            if item.having(["choice.needs_first"]):
                return None
    return None


def premature_pitch(pitch: Finding | None, parts: Sequence[Exchange]) -> list[Finding]:
    """The breach of opening with a pitch. After some talk, a pitch without a need is an opportunity missed, not a breach."""
    if pitch is None or all(pitch.turn != item.turn.index for item in parts[0].reply):
        return []
    return [_judged(pitch, "-choice.premature_pitch", "pitch-before-need", None)]


def insistence(parts: Sequence[Exchange]) -> list[Finding]:
    """Pitches after a refusal of an earlier pitch, until the customer shows interest again.

    Not where the reply leaves the choice.
    """
    found = []
    pitched = refused = False
    for part in parts:
        if part.in_asked(["customer.refusal"]):
            refused = pitched
        elif part.in_asked(_INTEREST):
            refused = False
        if refused and not part.in_reply(["choice.freedom"]):
            for item in part.reply:
                pitches = item.having(["context.pitch"])
                if pitches and not item.having(["-choice.pressure"]):
                    found.append(_judged(pitches[0], "-choice.pressure", "pitch-after-refusal", "insistence"))
        pitched = pitched or bool(part.in_reply(["context.pitch", "-choice.pressure"]))
    return found


def _judged(finding: Finding, cue: str, rule: str, subtype: str | None) -> Finding:
    return replace(finding, cue=cue, detector="judge", rule=rule, subtype=subtype)
