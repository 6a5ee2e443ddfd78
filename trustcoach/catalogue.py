"""What a language pack holds: behaviours, cues and the rules that find them, as plain frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from trustcoach.conversation import Role
from trustcoach.errors import CatalogueError

__all__ = [
    "DEFAULT_UNLESS",
    "MOMENTS",
    "Behaviour",
    "Catalogue",
    "Coaching",
    "Cue",
    "Dialogue",
    "Due",
    "Example",
    "Rule",
    "Scope",
    "Wording",
]

DEFAULT_UNLESS = ("negated", "quoted", "asked", "conditional", "sarcastic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way of saying a cue.

    Attributes
    ----------
    id: name of the rule; describes the wording, not the cure.
    cue: what a match means.
    phrases: in the notation of `trustcoach.notation`; any one of them matches.
    tokens: raw spaCy token patterns, matched on the sentence as written.
    also: phrases of which one must stand elsewhere in the same sentence.
    never: phrases that, anywhere in the sentence, mean something else.
    unless: names of scopes (`negated`, `quoted` …) in which a match does not count.
    question: True only in a question, False only outside of one, None either.
    hint: a match only informs the classifier and the judge; alone it is no finding.
    """

    id: str
    cue: str
    role: Role
    phrases: tuple[str, ...]
    tokens: tuple[tuple[Mapping[str, Any], ...], ...] = ()
    also: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    unless: tuple[str, ...] = DEFAULT_UNLESS
    question: bool | None = None
    hint: bool = False
    subtype: str | None = None
    confidence: float = 0.9
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A sentence and the rules of its file that must find it (none: a near miss)."""

    role: Role
    text: str
    finds: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """A short conversation and what the judge must find in it: (turn, cue, subtype)."""

    turns: tuple[tuple[Role, str], ...]
    finds: tuple[tuple[int, str], ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Something that one message says.

    Attributes
    ----------
    id: the name in `findings`; breaches begin with `-`.
    kind: `shown`, `breach`, `context`, `customer`, or `hint` (internal, never in results).
    behaviour: the behaviour whose verdict it decides, for `shown` and `breach`.
    judged: found from the order of turns rather than by phrase alone.
    """

    id: str
    kind: str
    role: Role
    what: str
    behaviour: str | None = None
    judged: bool = False
    subtypes: tuple[str, ...] = ()


MOMENTS = frozenset({"opening", "greeting", "closing"})
"""What makes a behaviour due besides cues: the first reply, the first reply to a customer who only greeted, the last reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When a behaviour is due.

    Attributes
    ----------
    when: a customer cue in the turns that are answered, a context cue of the agent in the reply, or one of the `MOMENTS`.
    expected: its absence is marked down; otherwise it was only welcome.
    also: cues of which one must stand in the same turns as *when*.
    unless: cues in the same reply that make it unnecessary.
    unless_before: cues in the agent's reply just before that make it unnecessary.
    unless_asked: customer cues that make it unnecessary.
    because: the reason in words, for people.
    """

    when: str
    expected: bool
    also: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    unless_before: tuple[str, ...] = ()
    unless_asked: tuple[str, ...] = ()
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A sentence to try, and the situations (cues) it fits; no cues fits any."""

    text: str
    fits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coaching:
    """What is said to the agent."""

    praise: str
    missed: str
    breached: str
    wording: tuple[Wording, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One of the trust behaviours.

    Attributes
    ----------
    critical: a breach fails the turn and the conversation.
    courtesy: pasted again word for word it counts once.
    """

    id: str
    title: str
    why: str
    sources: tuple[str, ...]
    weight: float
    critical: bool
    courtesy: bool
    due: tuple[Due, ...]
    coaching: Coaching
    shown: str | None
    breach: str | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A context in which a phrase does not mean what it says.

    Attributes
    ----------
    before: phrases that open the scope when they stand before the match, in the same clause.
    after: the same, after the match.
    within: how many words may lie between.
    marks: whether quotation marks around the match open the scope.
    """

    id: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    within: int = 3
    marks: bool = False
    crosses_breaks: bool = False


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """A language pack, checked and ready to compile."""

    id: str
    version: str
    contractions: Mapping[str, tuple[str, ...]]
    variants: Mapping[tuple[str, str], str]
    lists: Mapping[str, str]
    scopes: tuple[Scope, ...]
    cues: Mapping[str, Cue]
    behaviours: Mapping[str, Behaviour]
    rules: tuple[Rule, ...]
    examples: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)
    dialogues: tuple[Dialogue, ...] = ()
    disabled: frozenset[str] = frozenset()

    @cached_property
    def breach_of(self) -> Mapping[str, str]:
        """Breach cue → behaviour."""
        return {c.id: c.behaviour for c in self.cues.values() if c.kind == "breach" and c.behaviour}

    @cached_property
    def judged(self) -> tuple[Behaviour, ...]:
        """The behaviours that are not switched off, in order."""
        return tuple(b for b in self.behaviours.values() if b.id not in self.disabled)

    @cached_property
    def decided_by(self) -> Mapping[str, Behaviour]:
        """Cue → the behaviour that it shows or breaches, of those that are judged."""
        return {cue: b for b in self.judged for cue in (b.shown, b.breach) if cue}

    @cached_property
    def due_on(self) -> Mapping[str, tuple[tuple[int, Behaviour, Due], ...]]:
        """What makes a behaviour due → the behaviours, each with the place of its `[[due]]` among all."""
        found: dict[str, list[tuple[int, Behaviour, Due]]] = {}
        for place, (behaviour, due) in enumerate((b, d) for b in self.judged for d in b.due):
            found.setdefault(due.when, []).append((place, behaviour, due))
        return {when: tuple(dues) for when, dues in found.items()}

    @cached_property
    def courtesies(self) -> frozenset[str]:
        """The cues that count once where they are pasted again."""
        return frozenset(b.shown for b in self.behaviours.values() if b.courtesy and b.shown)

    def reweighted(self, weights: Mapping[str, float], *, disabled: Iterable[str] = ()) -> Catalogue:
        """The same pack with other weights, and some behaviours switched off.

        Raises
        ------
        CatalogueError: for an unknown behaviour or a weight below nought.
        """
        off = frozenset(disabled)
        for name in [*weights, *off]:
            if name not in self.behaviours:
                raise CatalogueError(f"unknown behaviour {name!r}; known: {', '.join(sorted(self.behaviours))}")
        for name, weight in weights.items():
            if not 0 <= weight <= 100:
                raise CatalogueError(f"the weight of {name} must lie between 0 and 100, not {weight}")
        behaviours = {b.id: replace(b, weight=float(weights.get(b.id, b.weight))) for b in self.behaviours.values()}
        return replace(self, behaviours=behaviours, disabled=self.disabled | off)
