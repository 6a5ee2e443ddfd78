"""Runs the steps one after another and takes the time of each."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trustcoach.bench.naive import NaiveModel, NaivePhrases
from trustcoach.coach import advise
from trustcoach.conversation import Conversation, Role
from trustcoach.detect.automaton import Automaton
from trustcoach.detect.features import Feature, context_features, feature_name, sentence_features
from trustcoach.judge import judge
from trustcoach.output import write_tables
from trustcoach.pipeline import Coach, in_batches
from trustcoach.scorecard import score_conversation
from trustcoach.tables import SCHEMAS, Row, rows
from trustcoach.text import sentence_spans

__all__ = ["Timing", "beside_naive", "distinct", "live", "peak_memory", "stages", "whole"]

_SPOKEN = frozenset({Role.AGENT, Role.CUSTOMER})
_WARM = 2_000  # turns seen before the comparison with the naive way begins


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a step took for so many turns; *seconds* of processor time of this process."""

    name: str
    turns: int
    seconds: float

    @property
    def rate(self) -> float:
        """Turns a second."""
        return self.turns / self.seconds if self.seconds else float("inf")


def stages(conversations: Sequence[Conversation], coach: Coach, *, reading: float) -> list[Timing]:
    """The time of each step for *conversations*, one step after another; *coach* meets their text for the first time.

    The classifier's share is what finding cues takes beyond splitting and rules; sentences that come again are looked at once.
    """
    turns = sum(len(c.turns) for c in conversations)
    spoken = [t for c in conversations for t in c.turns if t.role in _SPOKEN]
    split, spans = _timed(lambda: [sentence_spans(t.text) for t in spoken])
    sentences = {(t.text[a:b], str(t.role)): None for t, found in zip(spoken, spans, strict=True) for a, b in found}
    batches, matcher = list(in_batches(conversations)), coach.detector.matcher

    def match() -> None:
        for text, role in sentences:
            matcher.match_words(matcher.canonical(text), text, role=role)

    ruled, _ = _timed(match)
    detect, found = _timed(lambda: [f for batch in batches for f in coach.detector.detect_many(batch)])
    again, _ = _timed(match)
    judged, judgements = _timed(
        lambda: [judge(c, f, coach.catalogue) for c, f in zip(conversations, found, strict=True)]
    )
    carded, cards = _timed(lambda: [score_conversation(c, j) for c, j in zip(conversations, judgements, strict=True)])
    coached, scored = _timed(lambda: [replace(s, advice=advise(s, coach.catalogue)) for s in cards])
    tables: dict[str, list[Row]] = {name: [] for name in SCHEMAS if name != "agents"}

    def collect() -> None:
        for s in scored:
            for name, some in rows(s).items():
                tables[name] += some

    tabled, _ = _timed(collect)
    with tempfile.TemporaryDirectory(prefix="trustcoach-bench-") as folder:
        written, _ = _timed(lambda: write_tables(Path(folder), tables, ["parquet"]))
    took = {
        "read": reading,
        "split into sentences": split,
        "rules": ruled,
        "classifier": max(0.0, detect - split - again),
        "judge": judged,
        "score": carded,
        "coach": coached,
        "tables": tabled,
        "write Parquet": written,
    }
    return [Timing(name, turns, seconds) for name, seconds in took.items()]


def whole(name: str, conversations: Sequence[Conversation], coach: Coach) -> Timing:
    """Everything from text to advice, without reading and writing."""
    seconds, _ = _timed(lambda: [None for _ in coach.score_many(conversations)])
    return Timing(name, sum(len(c.turns) for c in conversations), seconds)


def distinct(conversations: Iterable[Conversation]) -> list[Conversation]:
    """The conversations without sentences that were there before, and without turns that are empty then."""
    seen: set[str] = set()
    found = []
    for conversation in conversations:
        turns = []
        for turn in conversation.turns:
            new = [s for s in (turn.text[a:b] for a, b in sentence_spans(turn.text)) if s not in seen]
            seen.update(new)
            if new:
                turns.append(replace(turn, text=" ".join(new)))
        if turns:
            found.append(replace(conversation, turns=tuple(turns)))
    return found


def live(conversations: Iterable[Conversation], coach: Coach, *, most: int = 500) -> tuple[float, float]:
    """Median and 99th percentile of the seconds that one agent turn with up to ten turns before it takes."""
    took: list[float] = []
    for conversation in conversations:
        for i, turn in enumerate(conversation.turns):
            if turn.role is Role.AGENT and len(took) < most:
                start = time.perf_counter()
                coach.score_turn(turn, conversation.turns[max(0, i - 10) : i])
                took.append(time.perf_counter() - start)
    took.sort()
    return (took[len(took) // 2], took[int(len(took) * 0.99)]) if took else (0.0, 0.0)


def beside_naive(conversations: Iterable[Conversation], coach: Coach, *, most: int) -> dict[str, Any]:
    """The first *most* agent turns by the compiled way and by the naive one: rates, and what differs.

    Rules with a phrase of very many ways are left out of both. The compiled rules meet the text for the first time.

    Returns
    -------
    `turns`; `compiled` and `naive` in turns a second and their `ratio`; `rules` and `patterns` that were run; `other_matches`,
    sentences in which a rule's phrases match elsewhere; `largest_difference` of a probability.
    """
    said = [t.text for c in conversations for t in c.turns if t.role is Role.AGENT]
    texts, others = said[:most], said[most : most + _WARM]
    sentences = [text[a:b] for text in texts for a, b in sentence_spans(text)]
    matcher, classifier = coach.detector.matcher, coach.detector.classifier
    phrases = {str(i): many for i, many in matcher.phrases(Role.AGENT).items()}
    plain = NaivePhrases(phrases)
    left_out = {name for name, _ in plain.left_out}
    words = [matcher.canonical(s) for s in sentences]
    compiled: Automaton[str] = Automaton()
    for name in phrases.keys() - left_out:
        for phrase in phrases[name]:
            compiled.add(name, phrase)
    before = [matcher.canonical(text[a:b]) for text in others for a, b in sentence_spans(text)]
    for (
        w
    ) in before:  # what is worked out once is worked out on other text, as building the naive way is not counted either
        compiled.find(w.words)
    fast, ours = _timed(lambda: [compiled.find(w.words) for w in words])
    slow, theirs = _timed(lambda: [plain.find(w.words) for w in words])
    other = sum(
        {n: set(places) for n, places in a.items()} != {n: places for n, places in b.items() if n not in left_out}
        for a, b in zip(ours, theirs, strict=True)
    )
    difference = 0.0
    model = classifier.roles.get("agent") if classifier else None
    if model is not None and sentences:
        features: list[dict[str, list[Feature]]] = []
        for sentence, w in zip(sentences, words, strict=True):
            alone, shape = sentence_features(sentence, w, matcher.match_words(w, sentence, role="agent"))
            context = context_features(None, role="agent", at_start=True, shape=shape, first=True, last=True)
            features.append({**alone, "context": list(context)})
        named = [{group: list(map(feature_name, many)) for group, many in f.items()} for f in features]
        naive_model = NaiveModel(model)
        model.add_up_words([list(dict.fromkeys(w.words)) for w in before])
        theirs_took, expected = _timed(lambda: naive_model.probabilities(named))

        def exported() -> Any:
            logits = model.add_up_words([f["parts"] for f in features])
            for group in features[0].keys() - {"parts"}:
                logits += model.add_up([model.rows(group, f[group]) for f in features])
            return model.probabilities(logits)

        ours_took, given = _timed(exported)
        fast, slow = fast + ours_took, slow + theirs_took
        difference = float(abs(expected - given).max())
    return {
        "turns": len(texts),
        "compiled": len(texts) / fast if fast else 0.0,
        "naive": len(texts) / slow if slow else 0.0,
        "ratio": slow / fast if fast else 0.0,
        "rules": len(phrases) - len(left_out),
        "patterns": plain.patterns,
        "other_matches": other,
        "largest_difference": difference,
    }


def peak_memory() -> float | None:
    """The most memory that this process has held, in megabytes; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held / 1024**2 if sys.platform == "darwin" else held / 1024


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    done = work()
    return time.process_time() - start, done
