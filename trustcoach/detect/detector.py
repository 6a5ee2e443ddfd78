"""Joins rules and classifier: a turn's text and role in, its findings out.

A sentence is looked at once; what was seen in it is kept in a bounded cache, because a quarter to four fifths of the
sentences in support exports repeat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trustcoach.catalogue import Catalogue
from trustcoach.conversation import Conversation, Role, Turn
from trustcoach.detect.classifier import Classifier, Floats, RoleModel
from trustcoach.detect.features import Before, SentenceShape, before_features, context_features, sentence_features
from trustcoach.detect.rules import Hit, RuleMatcher
from trustcoach.results import Finding
from trustcoach.text import sentence_spans

__all__ = ["Detector"]

_SPOKEN = frozenset({Role.AGENT, Role.CUSTOMER})


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the rules and the model see in a sentence, whatever stands around it."""

    hits: tuple[Hit, ...]
    logits: Floats | None
    shape: SentenceShape
    features: Mapping[str, list[str]]


class Detector:
    """Finds the cues of turns.

    Parameters
    ----------
    catalogue: the language pack.
    classifier: adds findings for wording that no rule lists; None for rules alone.
    cache_size: how many distinct sentences to remember.
    """

    def __init__(
        self, catalogue: Catalogue, *, classifier: Classifier | None = None, cache_size: int = 100_000
    ) -> None:
        self.catalogue = catalogue
        self.classifier = classifier
        self.matcher = RuleMatcher(catalogue)
        self._look = lru_cache(maxsize=cache_size)(self._look_at)

    def detect(self, conversation: Conversation) -> tuple[Finding, ...]:
        """The findings of all agent and customer turns, in order of turn and place; hints included."""
        at_start = bool(conversation.turns) and conversation.turns[0].index == 0
        found: list[Finding] = []
        before: Before | None = None
        for turn in conversation.turns:
            if turn.role in _SPOKEN:
                findings, before = self._turn(turn, before, at_start=at_start)
                found += findings
        return tuple(found)

    def _turn(self, turn: Turn, before: Before | None, *, at_start: bool) -> tuple[list[Finding], Before]:
        """The findings of one turn, and what the next turn needs to know of it."""
        role = str(turn.role)
        model = self.classifier.roles.get(role) if self.classifier else None
        spans = sentence_spans(turn.text)
        found: list[Finding] = []
        heard: list[Hit] = []
        for position, (start, end) in enumerate(spans):
            seen = self._look(turn.text[start:end], role)
            heard += seen.hits
            ruled = [_by_rule(turn, hit, start) for hit in seen.hits if not hit.rule.hint or self._is_hint(hit.rule.cue)]
            found += ruled
            if model is not None and seen.logits is not None:
                context = context_features(
                    before,
                    role=role,
                    at_start=at_start,
                    shape=seen.shape,
                    first=position == 0,
                    last=position == len(spans) - 1,
                )
                known = {f.cue for f in ruled}
                found += self._by_model(turn, start, end, seen, model, context, known)
        found.sort(key=lambda f: (f.start, f.end, f.cue, f.rule))
        return found, before_features(role, turn.text, heard)

    def _is_hint(self, cue: str) -> bool:
        """Whether a cue is one for the judge alone; a hint rule of any other cue only informs the model."""
        return self.catalogue.cues[cue].kind == "hint"

    def _by_model(
        self,
        turn: Turn,
        start: int,
        end: int,
        seen: _Seen,
        model: RoleModel,
        context: list[str],
        known: set[str],
    ) -> list[Finding]:
        """Cues of a sentence that the model sees and no rule has found."""
        assert seen.logits is not None
        probabilities = model.probabilities(seen.logits + model.part("context", context))
        found = []
        for label in np.nonzero(probabilities >= model.thresholds)[0]:
            cue = model.labels[label]
            if cue in known or cue not in self.catalogue.cues:
                continue
            reasons = model.strongest(int(label), {**seen.features, "context": context})
            found.append(
                Finding(
                    turn=turn.index,
                    cue=cue,
                    start=start,
                    end=end,
                    text=turn.text[start:end],
                    detector="model",
                    rule="; ".join(reasons),
                    confidence=round(float(probabilities[label]), 4),
                    subtype=self._subtype(cue, model, probabilities),
                )
            )
        return found

    def _subtype(self, cue: str, model: RoleModel, probabilities: Floats) -> str | None:
        """The likeliest subtype of a breach, where it has subtypes."""
        options = [
            (float(probabilities[i]), label.partition(":")[2])
            for i, label in enumerate(model.labels)
            if label.startswith(f"{cue}:")
        ]
        return max(options)[1] if options else None

    def _look_at(self, sentence: str, role: str) -> _Seen:
        words = self.matcher.canonical(sentence)
        hits = tuple(h for h in self.matcher.match_words(words, sentence) if h.rule.role == role)
        model = self.classifier.roles.get(role) if self.classifier else None
        features, shape = sentence_features(sentence, words, hits)
        if model is None:
            return _Seen(hits, None, shape, {})
        logits = sum((model.part(group, names) for group, names in features.items()), start=np.float32(0))
        return _Seen(hits, np.asarray(logits, dtype=np.float32), shape, {g: features[g] for g in ("words", "shape")})


def _by_rule(turn: Turn, hit: Hit, offset: int) -> Finding:
    start, end = offset + hit.start, offset + hit.end
    return Finding(
        turn=turn.index,
        cue=hit.rule.cue,
        start=start,
        end=end,
        text=turn.text[start:end],
        detector="rule",
        rule=hit.rule.id,
        confidence=hit.rule.confidence,
        subtype=hit.rule.subtype,
    )
