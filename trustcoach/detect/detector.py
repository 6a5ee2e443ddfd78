"""Joins rules and classifier: a turn's text and role in, its findings out.

A sentence is looked at once; its findings are kept in a bounded cache, because a quarter to four fifths of the sentences
in support exports repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from trustcoach.catalogue import Catalogue
from trustcoach.conversation import Conversation, Role, Turn
from trustcoach.detect.rules import Hit, RuleMatcher
from trustcoach.results import Finding
from trustcoach.text import sentence_spans

__all__ = ["Detector"]


class Detector:
    """Finds the cues of turns.

    Parameters
    ----------
    catalogue: the language pack.
    cache_size: how many distinct sentences to remember.
    """

    def __init__(self, catalogue: Catalogue, *, cache_size: int = 100_000) -> None:
        self.catalogue = catalogue
        self.matcher = RuleMatcher(catalogue)
        self._hits = lru_cache(maxsize=cache_size)(self._match)

    def detect(self, conversation: Conversation) -> tuple[Finding, ...]:
        """The findings of all agent and customer turns, in order of turn and place; hints included."""
        return tuple(f for turn in conversation.turns for f in self.turn(turn))

    def turn(self, turn: Turn, before: Sequence[Turn] = ()) -> list[Finding]:
        """The findings of one turn; *before* are the turns that precede it, latest last."""
        if turn.role not in {Role.AGENT, Role.CUSTOMER}:
            return []
        found: list[Finding] = []
        for start, end in sentence_spans(turn.text):
            for hit in self._hits(turn.text[start:end]):
                if hit.rule.role is not turn.role:
                    continue
                first, last = start + hit.start, start + hit.end
                found.append(
                    Finding(
                        turn=turn.index,
                        cue=hit.rule.cue,
                        start=first,
                        end=last,
                        text=turn.text[first:last],
                        detector="rule",
                        rule=hit.rule.id,
                        confidence=hit.rule.confidence,
                        subtype=hit.rule.subtype,
                    )
                )
        return found

    def _match(self, sentence: str) -> tuple[Hit, ...]:
        return tuple(self.matcher.match(sentence))


def strongest(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each cue and stretch of text: of overlapping ones the most confident, then the longest."""
    kept: list[Finding] = []
    for f in sorted(findings, key=lambda f: (-f.confidence, f.start - f.end, f.start, f.rule)):
        if not any(k.cue == f.cue and k.turn == f.turn and k.start < f.end and f.start < k.end for k in kept):
            kept.append(f)
    return sorted(kept, key=lambda f: (f.turn, f.start, f.end, f.cue))
