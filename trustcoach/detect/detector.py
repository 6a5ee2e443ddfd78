"""Joins rules and classifier: a turn's text and role in, its findings out.

A sentence is looked at once; what was seen in it is kept in a bounded cache, because a quarter to four fifths of the
sentences in support exports repeat.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
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
    word_parts,
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
    """A turn on its way to its findings: its sentences, what was seen in each, and the model's rows for where it stands."""

    turn: Turn
    spans: list[tuple[int, int]]
    sentences: list[tuple[str, str]]
    seen: list[_Seen] = field(default_factory=list)
    context: list[tuple[int, ...]] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)


_TurnKey = tuple[Turn, Before | None, bool]
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
        self._turns: _Recent[_TurnKey, tuple[_Heard, Before]] = _Recent(_TURNS)
        self._parts = {
            role: lru_cache(maxsize=50_000)(partial(_part_rows, model)) for role, model in self._models.items()
        }
        self._context = lru_cache(maxsize=50_000)(self._context_rows)

    def detect(self, conversation: Conversation) -> tuple[Finding, ...]:
        """The findings of all agent and customer turns, in order of turn and place; hints included.

        For a conversation that grows: what was found in its last turns is remembered.
        """
        before: Before | None = None
        turns: list[_Heard] = []
        new: list[tuple[_TurnKey, _Heard, Before]] = []
        for turn in conversation.turns:
            if turn.role in _SPOKEN:
                key = (turn, before, conversation.turns[0].index == 0)
                known = self._turns.get(key)
                if known is None:
                    h = _listen(turn)
                    self._look([h])
                    before = self._place(h, before, at_start=key[2])
                    new.append((key, h, before))
                    turns.append(h)
                else:
                    remembered, before = known
                    turns.append(remembered)
        for role, model in self._models.items():
            self._add_by_model([h for _, h, _ in new if h.turn.role == role], model)
        for key, h, after in new:
            h.found = _in_order(h.found)
            self._turns.put(key, (h, after))
        return tuple(f for h in turns for f in h.found)

    def detect_many(self, conversations: Sequence[Conversation]) -> list[tuple[Finding, ...]]:
        """The same findings for whole conversations, which is faster for those that are at hand together."""
        heard = [[_listen(turn) for turn in c.turns if turn.role in _SPOKEN] for c in conversations]
        self._look(h for turns in heard for h in turns)
        for conversation, turns in zip(conversations, heard, strict=True):
            before: Before | None = None
            for h in turns:
                before = self._place(h, before, at_start=conversation.turns[0].index == 0)
        for role, model in self._models.items():
            self._add_by_model([h for turns in heard for h in turns if h.turn.role == role], model)
        return [tuple(f for h in turns for f in _in_order(h.found)) for turns in heard]

    def _look(self, heard: Iterable[_Heard]) -> None:
        """See what is in the sentences; those that are new all at once."""
        heard = list(heard)
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

    def _see(self, sentences: Sequence[str], role: str) -> list[_Seen]:
        """What the rules and the model see in *sentences*, all of one role."""
        model = self._models.get(role)
        met = []
        for sentence in sentences:
            words = self.matcher.canonical(sentence)
            hits = tuple(self.matcher.match_words(words, sentence, role=role))
            shown = tuple(h for h in hits if not h.rule.hint or self._is_hint(h.rule.cue))
            if model is None:
                features, shape = sentence_features(sentence, words, hits)
                rows = {}
            else:
                features, shape = sentence_features(sentence, words, hits, parts=self._parts[role])
                rows = {g: names if g == "parts" else model.rows(g, names) for g, names in features.items()}
            met.append((hits, shown, shape, rows))
        if model is None or not met:
            return [_Seen(hits, shown, shape, None, ()) for hits, shown, shape, _ in met]
        parts = model.parts([r for *_, rows in met for r in rows.values()]).reshape(len(met), -1, len(model.labels))
        logits = parts[:, 0]
        for group in range(1, parts.shape[1]):
            logits = logits + parts[:, group]
        return [
            _Seen(hits, shown, shape, logits[i].copy(), (*rows["words"], *rows["shape"]))
            for i, (hits, shown, shape, rows) in enumerate(met)
        ]

    def _is_hint(self, cue: str) -> bool:
        """Whether a cue is one for the judge alone; a hint rule of any other cue only informs the model."""
        return self.catalogue.cues[cue].kind == "hint"

    def _place(self, h: _Heard, before: Before | None, *, at_start: bool) -> Before:
        """Add the findings by rule and the context of each sentence; returns what the next turn needs to know of this one."""
        turn, role = h.turn, str(h.turn.role)
        last = len(h.seen) - 1
        for position, seen in enumerate(h.seen):
            start = h.spans[position][0]
            h.found += [_by_rule(turn, hit, start) for hit in seen.shown]
            if seen.logits is not None:
                h.context.append(self._context(before, role, at_start, seen.shape, position == 0, position == last))
        return before_features(role, turn.text, [hit for seen in h.seen for hit in seen.hits])

    def _context_rows(
        self, before: Before | None, role: str, at_start: bool, shape: SentenceShape, first: bool, last: bool
    ) -> tuple[int, ...]:
        names = context_features(before, role=role, at_start=at_start, shape=shape, first=first, last=last)
        return tuple(self._models[role].rows("context", names))

    def _add_by_model(self, heard: Sequence[_Heard], model: RoleModel) -> None:
        """Add the cues that the model sees in sentences in which no rule has found them."""
        placed = [(h, position) for h in heard for position in range(len(h.seen))]
        if not placed:
            return
        alone = np.stack([seen.logits for h in heard for seen in h.seen if seen.logits is not None])
        context = model.parts([rows for h in heard for rows in h.context])
        probabilities = model.probabilities(alone + context)
        for sentence, label in np.argwhere(probabilities >= model.thresholds).tolist():
            (h, position), cue = placed[sentence], model.labels[label]
            seen, (start, end) = h.seen[position], h.spans[position]
            if cue not in self.catalogue.cues or any(hit.rule.cue == cue for hit in seen.shown):
                continue
            h.found.append(
                Finding(
                    turn=h.turn.index,
                    cue=cue,
                    start=start,
                    end=end,
                    text=h.turn.text[start:end],
                    detector="model",
                    rule="; ".join(model.strongest(label, (*seen.rows, *h.context[position]))),
                    confidence=round(float(probabilities[sentence, label]), 4),
                    subtype=_subtype(cue, model, probabilities[sentence]),
                )
            )


def _in_order(found: Iterable[Finding]) -> list[Finding]:
    return sorted(found, key=lambda f: (f.start, f.end, f.cue, f.rule))


def _listen(turn: Turn) -> _Heard:
    spans, role, text = sentence_spans(turn.text), str(turn.role), turn.text
    return _Heard(turn, spans, [(text[start:end], role) for start, end in spans])


def _part_rows(model: RoleModel, word: str) -> tuple[int, ...]:
    return tuple(model.rows("parts", word_parts(word)))


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
