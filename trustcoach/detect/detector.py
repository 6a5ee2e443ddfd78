"""Joins rules and classifier: a turn's text and role in, its findings out.

A sentence is looked at once; what was seen in it is kept in a bounded cache, because a quarter to four fifths of the
sentences in support exports repeat.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Generic, TypeVar

import numpy as np

from trustcoach.catalogue import Catalogue
from trustcoach.conversation import Conversation, Role, Turn
from trustcoach.detect.classifier import Classifier, Floats, RoleModel
from trustcoach.detect.features import (
    Before,
    SentenceShape,
    before_features,
    context_features,
    sentence_features,
)
from trustcoach.detect.rules import Hit, RuleMatcher
from trustcoach.results import Finding
from trustcoach.text import sentence_spans

__all__ = ["Detector"]

_SPOKEN = frozenset({Role.AGENT, Role.CUSTOMER})
_TURNS = 10_000  # of conversations going on


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the rules and the model see in a sentence, whatever stands around it.

    Attributes
    ----------
    hits: of all rules; shown: of those whose match is a finding.
    logits: the sentence's share of the logits; rows: the model's rows for its words and shape.
    """

    hits: tuple[Hit, ...]
    shown: tuple[Hit, ...]
    shape: SentenceShape
    logits: Floats | None
    rows: tuple[int, ...]


@dataclass(slots=True)
class _Heard:
    """What a turn says, wherever it stands: its sentences, what was seen in each, and what the turn after needs to know.

    Attributes
    ----------
    sentences: each with the role of who speaks.
    """

    role: Role
    text: str
    spans: list[tuple[int, int]]
    sentences: list[tuple[str, str]]
    seen: list[_Seen] = field(default_factory=list)
    after: Before = ()


@dataclass(slots=True)
class _Placed:
    """A turn in its place: the model's rows for where each sentence stands, and what is found."""

    turn: int
    heard: _Heard
    context: list[tuple[int, ...]] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)


_TurnKey = tuple[Role, str]
_PlaceKey = tuple[int, Role, str, Before | None, bool]
"""A turn, what is remembered of the turn before, and whether the conversation's beginning is known."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class _Recent(Generic[Key, Value]):
    """A bounded memory, the least used forgotten half of it at a time."""

    def __init__(self, size: int) -> None:
        self._half = max(1, size // 2)
        self._new: dict[Key, Value] = {}
        self._old: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        seen = self._new.get(key)
        if seen is None:
            seen = self._old.get(key)
            if seen is not None:
                self.put(key, seen)
        return seen

    def put(self, key: Key, seen: Value) -> None:
        if len(self._new) >= self._half:
            self._new, self._old = {}, self._new
        self._new[key] = seen


class Detector:
    """Finds the cues of turns.

    Parameters
    ----------
    catalogue: the language pack.
    classifier: adds findings for wording that no rule lists; None for rules alone.
    cache_size: how many distinct sentences to remember.
    """

    def __init__(self, catalogue: Catalogue, *, classifier: Classifier | None = None, cache_size: int = 50_000) -> None:
        self.catalogue = catalogue
        self.classifier = classifier
        self.matcher = RuleMatcher(catalogue)
        self._models = dict(classifier.roles) if classifier else {}
        self._sentences: _Recent[tuple[str, str], _Seen] = _Recent(cache_size)
        self._turns: _Recent[_TurnKey, _Heard] = _Recent(_TURNS)
        self._places: _Recent[_PlaceKey, tuple[Finding, ...]] = _Recent(_TURNS)
        self._context = lru_cache(maxsize=50_000)(self._context_rows)

    def detect(self, conversation: Conversation) -> tuple[Finding, ...]:
        """The findings of all agent and customer turns, in order of turn and place; hints included.

        For a conversation that grows: what was found in its last turns is remembered.
        """
        spoken = [turn for turn in conversation.turns if turn.role in _SPOKEN]
        at_start = bool(spoken) and conversation.turns[0].index == 0
        heard: list[_Heard] = []
        unheard: dict[_TurnKey, _Heard] = {}
        for turn in spoken:
            said = (turn.role, turn.text)
            h = self._turns.get(said) or unheard.get(said)
            if h is None:
                h = unheard[said] = _listen(turn)
            heard.append(h)
        self._look(list(unheard.values()))
        for said, h in unheard.items():
            self._turns.put(said, h)
        found: dict[_PlaceKey, tuple[Finding, ...]] = {}
        new: list[tuple[_PlaceKey, _Placed]] = []
        before: Before | None = None
        for turn, h in zip(spoken, heard, strict=True):
            key = (turn.index, turn.role, turn.text, before, at_start)
            known = self._places.get(key)
            if known is None:
                new.append((key, self._place(turn, h, before, at_start=at_start)))
            found[key] = known or ()
            before = h.after
        self._add_by_model([placed for _, placed in new])
        for key, placed in new:
            found[key] = _in_order(placed.found)
            self._places.put(key, found[key])
        return tuple(chain.from_iterable(found.values()))

    def detect_many(self, conversations: Sequence[Conversation]) -> list[tuple[Finding, ...]]:
        """The same findings for whole conversations, which is faster for those that are at hand together."""
        spoken = [[(turn, _listen(turn)) for turn in c.turns if turn.role in _SPOKEN] for c in conversations]
        self._look([h for turns in spoken for _, h in turns])
        together: list[list[_Placed]] = []
        for conversation, turns in zip(conversations, spoken, strict=True):
            before: Before | None = None
            together.append([])
            for turn, h in turns:
                together[-1].append(self._place(turn, h, before, at_start=conversation.turns[0].index == 0))
                before = h.after
        self._add_by_model([placed for turns in together for placed in turns])
        return [tuple(f for placed in turns for f in _in_order(placed.found)) for turns in together]

    def _look(self, heard: Sequence[_Heard]) -> None:
        """See what is in the sentences; those that are new all at once."""
        known: dict[tuple[str, str], _Seen] = {}
        new: dict[tuple[str, str], None] = {}
        for h in heard:
            for key in h.sentences:
                if key not in known and key not in new:
                    seen = self._sentences.get(key)
                    if seen is None:
                        new[key] = None
                    else:
                        known[key] = seen
        for role in _SPOKEN:
            keys = [key for key in new if key[1] == role]
            for key, seen in zip(keys, self._see([sentence for sentence, _ in keys], str(role)), strict=True):
                known[key] = seen
                self._sentences.put(key, seen)
        for h in heard:
            h.seen = [known[key] for key in h.sentences]
            h.after = before_features(str(h.role), h.text, [hit for seen in h.seen for hit in seen.hits])

    def _see(self, sentences: Sequence[str], role: str) -> list[_Seen]:
        """What the rules and the model see in *sentences*, all of one role."""
        model = self._models.get(role)
        met = []
        for sentence in sentences:
            words = self.matcher.canonical(sentence)
            hits = tuple(self.matcher.match_words(words, sentence, role=role))
            shown = tuple(h for h in hits if not h.rule.hint or self._is_hint(h.rule.cue))
            met.append((hits, shown, *sentence_features(sentence, words, hits)))
        if model is None or not met:
            return [_Seen(hits, shown, shape, None, ()) for hits, shown, _, shape in met]
        known = [model.rows("words", features["words"]) for _, _, features, _ in met]
        shapes = [model.rows("shape", features["shape"]) for _, _, features, _ in met]
        parts = model.add_up_words([features["parts"] for _, _, features, _ in met])
        logits = model.add_up(known) + parts + model.add_up(shapes)
        return [
            _Seen(hits, shown, shape, alone.copy(), (*many, *few))
            for (hits, shown, _, shape), alone, many, few in zip(met, logits, known, shapes, strict=True)
        ]

    def _is_hint(self, cue: str) -> bool:
        """Whether a cue is one for the judge alone; a hint rule of any other cue only informs the model."""
        return self.catalogue.cues[cue].kind == "hint"

    def _place(self, turn: Turn, heard: _Heard, before: Before | None, *, at_start: bool) -> _Placed:
        """A turn's findings by rule, and the context of each of its sentences."""
        placed = _Placed(turn.index, heard)
        role, last = str(heard.role), len(heard.seen) - 1
        for position, seen in enumerate(heard.seen):
            start = heard.spans[position][0]
            placed.found += [_by_rule(turn, hit, start) for hit in seen.shown]
            if seen.logits is not None:
                placed.context.append(
                    self._context(before, role, at_start, seen.shape, position == 0, position == last)
                )
        return placed

    def _context_rows(
        self, before: Before | None, role: str, at_start: bool, shape: SentenceShape, first: bool, last: bool
    ) -> tuple[int, ...]:
        names = context_features(before, role=role, at_start=at_start, shape=shape, first=first, last=last)
        return tuple(self._models[role].rows("context", names))

    def _add_by_model(self, placed: Sequence[_Placed]) -> None:
        """Add the cues that the models see in sentences in which no rule has found them."""
        for role, model in self._models.items():
            self._add_by_role([p for p in placed if p.heard.role == role and p.heard.seen], model)

    def _add_by_role(self, placed: Sequence[_Placed], model: RoleModel) -> None:
        if not placed:
            return
        sentences = [(p, position) for p in placed for position in range(len(p.heard.seen))]
        alone = np.stack([seen.logits for p in placed for seen in p.heard.seen if seen.logits is not None])
        probabilities = model.probabilities(alone + model.add_up([rows for p in placed for rows in p.context]))
        for number, label in np.argwhere(probabilities >= model.thresholds).tolist():
            (p, position), cue = sentences[number], model.labels[label]
            heard, seen = p.heard, p.heard.seen[position]
            if cue not in self.catalogue.cues or any(hit.rule.cue == cue for hit in seen.shown):
                continue
            start, end = heard.spans[position]
            p.found.append(
                Finding(
                    turn=p.turn,
                    cue=cue,
                    start=start,
                    end=end,
                    text=heard.text[start:end],
                    detector="model",
                    rule="; ".join(model.strongest(label, (*seen.rows, *p.context[position]))),
                    confidence=round(float(probabilities[number, label]), 4),
                    subtype=_subtype(cue, model, probabilities[number]),
                )
            )


def _in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda f: (f.start, f.end, f.cue, f.rule)))


def _listen(turn: Turn) -> _Heard:
    spans, role, text = sentence_spans(turn.text), str(turn.role), turn.text
    return _Heard(turn.role, text, spans, [(text[start:end], role) for start, end in spans])


def _subtype(cue: str, model: RoleModel, probabilities: Floats) -> str | None:
    """The likeliest subtype of a breach, where it has subtypes."""
    options = [(float(probabilities[i]), subtype) for i, subtype in model.subtypes.get(cue, ())]
    return max(options)[1] if options else None


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
