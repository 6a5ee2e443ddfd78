"""Labelled conversations → training examples: one for each sentence, with its features and cues."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trustcoach.conversation import Role
from trustcoach.detect.features import Before, before_features, context_features, feature_name, sentence_features
from trustcoach.detect.rules import RuleMatcher
from trustcoach.text import sentence_spans
from trustcoach.training.labelled import Label, Labelled

__all__ = ["SentenceExample", "sentence_examples"]


@dataclass(frozen=True, slots=True)
class SentenceExample:
    """A sentence of a labelled turn.

    Attributes
    ----------
    group: number of the conversation, so that its sentences stay together in cross-validation.
    turn: index of the turn; role: who speaks.
    features: feature names by group.
    labels: the cues that a person marked in it; pressure also with its subtype, as `-choice.pressure:urgency`.
    weight: how much its conversation counts.
    """

    group: int
    turn: int
    role: str
    features: dict[str, list[str]]
    labels: frozenset[str]
    weight: float


def sentence_examples(conversations: Iterable[Labelled], matcher: RuleMatcher) -> list[SentenceExample]:
    """The sentences of all agent and customer turns, in order."""
    found: list[SentenceExample] = []
    for group, labelled in enumerate(conversations):
        turns = labelled.conversation.turns
        at_start = bool(turns) and turns[0].index == 0
        before: Before | None = None
        for turn in turns:
            if turn.role not in {Role.AGENT, Role.CUSTOMER}:
                continue
            role = str(turn.role)
            spans = sentence_spans(turn.text)
            heard = []
            for position, (start, end) in enumerate(spans):
                text = turn.text[start:end]
                hits = [h for h in matcher.match(text) if h.rule.role == role]
                heard += hits
                alone, shape = sentence_features(text, matcher.canonical(text), hits)
                features = {group: list(map(feature_name, many)) for group, many in alone.items()}
                features["context"] = context_features(
                    before,
                    role=role,
                    at_start=at_start,
                    shape=shape,
                    first=position == 0,
                    last=position == len(spans) - 1,
                )
                labels = {
                    name for label in labelled.cues[turn.index] if _covers(label, start, end) for name in _names(label)
                }
                found.append(SentenceExample(group, turn.index, role, features, frozenset(labels), labelled.weight))
            before = before_features(role, turn.text, heard)
    return found


def _covers(label: Label, start: int, end: int) -> bool:
    """Whether a good part of the label lies in the sentence, or most of the sentence in the label."""
    shared = min(label.end, end) - max(label.start, start)
    return shared > 0 and (shared >= 0.34 * (label.end - label.start) or shared >= 0.5 * (end - start))


def _names(label: Label) -> Iterable[str]:
    yield label.cue
    if label.subtype:
        yield f"{label.cue}:{label.subtype}"
