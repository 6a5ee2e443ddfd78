"""The promise ledger: every commitment of an agent, and what became of it by the end of the conversation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from trustcoach.conversation import Conversation, Role
from trustcoach.results import Fate, Finding, Promise

__all__ = ["broken_promises", "ledger"]

_KEEPS = ("ownership.follow_through",)
_ANSWERS = (
    "honesty.knowledge",
    "ownership.follow_through",
    "context.bad_news",
    "context.decision",
    "honesty.transparency",
)
_COMMITMENT = "ownership.commitment"
_DEADLINE, _IMMEDIATE, _REVERSAL = "hint.deadline", "hint.immediate", "hint.reversal"
_SETTLE = {*_KEEPS, *_ANSWERS, _COMMITMENT, _REVERSAL, "context.bad_news"}
_TEAM = re.compile(
    r"\b(?:team|colleague|manager|supervisor|engineer|specialist|department|technician|driver|warehouse|someone|they)\b",
    re.I,
)
_SELF = re.compile(
    r"\b(?:i|i[’']?ll|i[’']?m|let me|me|one (?:moment|second|sec|minute)|bear with me|hold on|checking)\b", re.I
)
_WORD = re.compile(r"[^\W\d_]{4,}")
_EMPTY = frozenset(
    {
        "will",
        "have",
        "that",
        "this",
        "with",
        "your",
        "you're",
        "from",
        "they",
        "them",
        "then",
        "than",
        "what",
        "when",
        "here",
        "just",
        "like",
        "make",
        "made",
        "sure",
        "need",
        "able",
        "been",
        "being",
        "back",
        "please",
        "once",
        "shall",
        "going",
        "getting",
        "done",
        "right",
        "away",
        "soon",
        "now",
        "within",
        "today",
        "tomorrow",
        "also",
        "which",
        "there",
        "their",
        "about",
        "email",
        "send",
        "sent",
        "give",
        "get",
        "know",
        "moment",
        "minute",
        "minutes",
        "hours",
        "check",
        "checking",
        "while",
        "wait",
        "hold",
        "look",
        "looking",
        "into",
        "over",
    }
)


def ledger(conversation: Conversation, findings: Sequence[Finding]) -> tuple[Promise, ...]:
    """The promises of agents in *findings*, in order, each with its fate.

    An immediate promise is kept once the same reply or a later one brings an answer; a deferred one when a later turn
    reports it done. A later promise about the same thing supersedes it; taking it back contradicts it.
    """
    if all(f.cue != _COMMITMENT for f in findings):
        return ()
    agents = {t.index for t in conversation.turns if t.role is Role.AGENT}
    texts = {t.index: t.text for t in conversation.turns}
    ordered = [f for f in findings if f.turn in agents]
    promises: list[Promise] = []
    for at, finding in enumerate(ordered):
        if finding.cue != _COMMITMENT:
            continue
        near = [f for f in ordered if f.turn == finding.turn and _close(f, finding, texts[finding.turn])]
        immediate = any(f.cue == _IMMEDIATE for f in near)
        deadline = next((f.text for f in near if f.cue == _DEADLINE), None)
        fate, settled = _fate(finding, immediate, ordered[at + 1 :])
        promises.append(
            Promise(
                owner=_owner(finding.text),
                action=finding.text,
                deadline=deadline,
                immediate=immediate,
                made=finding,
                fate=fate,
                settled=settled,
            )
        )
    return tuple(promises)


def broken_promises(promises: Iterable[Promise]) -> list[Finding]:
    """A finding `-ownership.broken_promise` for each place that takes a promise back."""
    found: dict[tuple[int, int], Finding] = {}
    for promise in promises:
        by = promise.settled
        if promise.fate is Fate.CONTRADICTED and by is not None:
            found.setdefault(
                (by.turn, by.start),
                Finding(
                    turn=by.turn,
                    cue="-ownership.broken_promise",
                    start=by.start,
                    end=by.end,
                    text=by.text,
                    detector="judge",
                    rule=f"takes-back-turn-{promise.made.turn}",
                    confidence=by.confidence,
                ),
            )
    return list(found.values())


def _fate(made: Finding, immediate: bool, later: Sequence[Finding]) -> tuple[Fate, Finding | None]:
    topic = _topic(made.text)
    for f in later:
        if f.cue not in _SETTLE or (f.turn == made.turn and f.start < made.end):
            continue
        same = bool(topic & _topic(f.text))
        if f.cue == _REVERSAL and f.turn > made.turn and (same or not immediate):
            return Fate.CONTRADICTED, f
        if f.cue == "context.bad_news" and f.turn > made.turn and not immediate and len(topic & _topic(f.text)) >= 2:
            return Fate.CONTRADICTED, f
        if immediate and f.cue in _ANSWERS and f.turn >= made.turn:
            return Fate.KEPT, f
        if not immediate and f.cue in _KEEPS and f.turn > made.turn and (same or not topic):
            return Fate.KEPT, f
        if f.cue == _COMMITMENT and f.turn > made.turn and same:
            return Fate.SUPERSEDED, f
    return Fate.OPEN, None


def _owner(text: str) -> str:
    if _TEAM.search(text):
        return "team"
    return "agent" if _SELF.search(text) else "company"


def _topic(text: str) -> frozenset[str]:
    """The words that say what a promise is about, cut to six letters so that forms of a word agree."""
    return frozenset(w.lower()[:6] for w in _WORD.findall(text) if w.lower() not in _EMPTY)


def _close(hint: Finding, finding: Finding, text: str) -> bool:
    """Whether *hint* stands in or right beside *finding*, in the same sentence."""
    if hint.start < finding.end and finding.start < hint.end:
        return True
    left, right = (hint, finding) if hint.start < finding.start else (finding, hint)
    return not re.search(r"[.!?\n]", text[left.end : right.start])
