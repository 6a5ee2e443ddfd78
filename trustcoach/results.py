"""What the steps hand on: findings, verdicts and scorecards. Plain frozen values without logic of their own.

What a notebook shows of them is drawn in `trustcoach.notebook`, which is imported only when something is to be shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from trustcoach.conversation import Conversation, Turn

__all__ = [
    "Advice",
    "AgentScore",
    "BehaviourCount",
    "ConversationScore",
    "Fate",
    "Finding",
    "Idea",
    "LiveTurn",
    "Outcome",
    "Promise",
    "TurnScore",
    "Verdict",
]


class _Shows:
    """Shows itself in a notebook, as the original text has it: `trustcoach.redacted` masks what points to a person."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        from trustcoach.notebook import html

        return html(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """A line for consoles; a saved notebook would otherwise keep the whole `repr` beside the HTML."""
        from trustcoach.notebook import line

        return {"text/plain": line(self)}


class Outcome(StrEnum):
    """What became of a behaviour that applied to a turn. Not applicable is the absence of a verdict."""

    SHOWN = "shown"
    MISSED = "missed"
    BREACHED = "breached"


@dataclass(frozen=True, slots=True)
class Finding:
    """A cue at a place in a turn.

    Attributes
    ----------
    turn: index of the turn in its conversation.
    cue: name of the cue; breaches begin with `-`.
    start, end: code points in the turn's original text, end exclusive.
    text: the words themselves.
    detector: `rule`, `model` or `judge`.
    rule: id of the rule that matched; for the model, its strongest features.
    confidence: between 0 and 1; for the model a calibrated probability.
    subtype: kind of pressure, where the cue has subtypes.
    """

    turn: int
    cue: str
    start: int
    end: int
    text: str
    detector: str
    rule: str
    confidence: float
    subtype: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one behaviour in one agent turn.

    Attributes
    ----------
    because: why the behaviour applied, in words, naming the turn and cue that made it due.
    evidence: findings that decided it (shown, breached) or made it due (missed).
    weight: the behaviour's weight in the score.
    due: whether something made it due (False: shown or breached unprompted).
    critical: a breach of it fails the turn and the conversation.
    """

    turn: int
    behaviour: str
    outcome: Outcome
    because: str
    evidence: tuple[Finding, ...]
    weight: float = 1.0
    due: bool = False
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Idea:
    """A behaviour that would have been welcome and was not given; never lowers a score."""

    turn: int
    behaviour: str
    because: str
    evidence: tuple[Finding, ...]


class Fate(StrEnum):
    """What became of a promise by the end of the conversation."""

    KEPT = "kept"
    OPEN = "open"
    CONTRADICTED = "contradicted"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment of an agent and its fate.

    Attributes
    ----------
    owner: who is to act: `agent`, `team` or `company`.
    action: the words of the commitment.
    deadline: the words that say by when, if any.
    immediate: to be done within this conversation (“one moment while I check”).
    made: where it was made; settled: the finding that kept, contradicted or superseded it.
    """

    owner: str
    action: str
    deadline: str | None
    immediate: bool
    made: Finding
    fate: Fate
    settled: Finding | None = None


@dataclass(frozen=True, slots=True)
class Advice(_Shows):
    """What to tell the agent about one verdict: what was said, what was due and why, and wording to try."""

    turn: int
    behaviour: str
    outcome: Outcome | None
    quote: str
    text: str
    why: str
    wording: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BehaviourCount:
    """How often a behaviour applied, and with what outcome."""

    behaviour: str
    shown: int = 0
    missed: int = 0
    breached: int = 0

    @property
    def due(self) -> int:
        return self.shown + self.missed + self.breached


@dataclass(frozen=True, slots=True)
class TurnScore(_Shows):
    """Scorecard of one turn. *score* is None where nothing applied, 0 where a critical breach failed it."""

    turn: int
    score: float | None
    failed_by: tuple[str, ...]
    before_failing: float | None
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class ConversationScore(_Shows):
    """Scorecard of one conversation, with everything that led to it.

    Attributes
    ----------
    conversation: the conversation that was scored.
    score: 0 to 100, or None where nothing applied.
    before_failing: the score without regard to critical breaches.
    counts: one entry for each behaviour that applied.
    """

    conversation: Conversation
    score: float | None
    failed_by: tuple[str, ...]
    before_failing: float | None
    turns: tuple[TurnScore, ...]
    counts: tuple[BehaviourCount, ...]
    findings: tuple[Finding, ...]
    promises: tuple[Promise, ...]
    ideas: tuple[Idea, ...] = ()
    advice: tuple[Advice, ...] = field(default=())

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return tuple(v for t in self.turns for v in t.verdicts)


@dataclass(frozen=True, slots=True)
class LiveTurn(_Shows):
    """What is known about one agent turn at the moment it is written.

    Attributes
    ----------
    score: the turn's scorecard, or None where nothing applies.
    findings: cues in the turn itself.
    ideas: what would have been welcome and was not given.
    advice: what to tell the agent.
    """

    turn: Turn
    score: TurnScore | None
    findings: tuple[Finding, ...]
    ideas: tuple[Idea, ...]
    advice: tuple[Advice, ...]


@dataclass(frozen=True, slots=True)
class AgentScore(_Shows):
    """Scorecard of one agent over conversations.

    Attributes
    ----------
    score: 100 × weight shown ÷ weight applied, pooled over verdicts; None where nothing applied.
    low, high: 95 % interval by resampling conversations; None below two conversations.
    n: conversations with a score.
    ranked: whether n reaches the minimum for a rank.
    failed: conversations with a critical breach.
    spread: standard deviation of conversation scores, in points.
    consistency: share of that spread that chance explains (1: all of it), or None.
    """

    agent: str
    score: float | None
    low: float | None
    high: float | None
    n: int
    turns: int
    ranked: bool
    failed: int
    spread: float | None
    consistency: float | None
    counts: tuple[BehaviourCount, ...]
