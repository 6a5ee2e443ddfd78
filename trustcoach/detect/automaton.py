"""Matches many phrases at once: their trees as one automaton whose states are worked out when text first comes to them.

Words lead from state to state. A gap is a step that any word may take but the few that turn the meaning round; it is walked
beside the steps of the words rather than mixed with them, so that a state depends on the rules alone and never on the filling
between their words. New text therefore soon meets nothing but known states: one look-up a word, however many rules there are.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from trustcoach.notation import NO_GAP, Alternatives, Gap, Phrase, Run, least_words

__all__ = ["Automaton"]

_MOST_STATES = 200_000
Owner = TypeVar("Owner", bound=Hashable)
_After = tuple[int, ...]  # nodes to go on from


class _State(dict[str, Any]):
    """A set of nodes: where each word leads from here, as a state or as the nodes of one that was not needed yet.

    Attributes
    ----------
    ends: whose phrases end here, and whether they must end the sentence.
    gap: what may follow after other words, likewise; None where no gap begins.
    """

    __slots__ = ("ends", "gap")
    ends: tuple[tuple[Any, bool], ...]
    gap: Any


@dataclass(frozen=True, slots=True)
class _Gap:
    """The states after one, two … words of a gap, and all words that lead on from any of them."""

    states: tuple[_State, ...]
    words: frozenset[str]
    reach: int


class Automaton(Generic[Owner]):
    """Phrases compiled. Add them all, then `find`.

    Parameters
    ----------
    variants: two words → one that people also write for them (`("i", "will") → "ill"`); accepted in phrases of three
        words or more, where the other words settle the meaning.
    """

    def __init__(self, variants: Mapping[tuple[str, str], str] | None = None) -> None:
        self._variants: dict[str, list[tuple[str, str]]] = {}
        for (one, two), written in (variants or {}).items():
            self._variants.setdefault(one, []).append((two, written))
        # A node is a place in a phrase: the steps by word, the steps by any word, and whose phrase ends there.
        self._steps: list[list[tuple[tuple[str, ...], _After]]] = []
        self._any: list[_After] = []
        self._ends: list[tuple[Owner, bool] | None] = []
        self._nodes: dict[object, int] = {}  # so that phrases of a rule that end alike share their last nodes
        self._starts: dict[int, bool] = {}  # whether the node begins phrases only at the start of a sentence
        self._alike: dict[str, str] = {}
        self._chosen: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._states: dict[frozenset[int], _State] = {}
        self._gaps: dict[_After, _Gap] = {}
        self._first: _State | None = None
        self._later = _State()

    def add(self, owner: Owner, phrase: Phrase) -> None:
        """Add a phrase; a match is reported under *owner*."""
        end = (owner, phrase.at_end)
        last = self._node(end, ends=end)
        variants = self._variants if least_words(phrase.run) >= 3 else {}
        for start in self._build(phrase.run, (last,), variants):
            self._starts[start] = phrase.at_start and self._starts.get(start, True)
        self._first = None

    def find(self, words: Sequence[str]) -> dict[Owner, list[tuple[int, int]]]:
        """Where each owner's phrases match: (first word, past the last word), each place once, in order of first word."""
        root = self._first
        if root is None or len(self._states) > _MOST_STATES:
            root = self._begin()
        alike, count = self._alike, len(words)
        path = [alike.get(word, "") for word in words]
        ended: list[tuple[_State, int, int]] = []
        landed: list[tuple[_State, int]] = []
        for first, word in enumerate(path):
            state = root.get(word)
            if state is not None:
                if state.__class__ is tuple:
                    state = root[word] = self._state(state)
                at = first + 1
                while True:
                    if state.ends:
                        ended.append((state, first, at))
                    if at < count:
                        word = path[at]
                        at += 1
                        gap = state.gap
                        if gap is not None and word not in NO_GAP:
                            if gap.__class__ is tuple:
                                gap = state.gap = self._gap_to(gap)
                            if not gap.words.isdisjoint(path[at : at + gap.reach]):
                                self._land(gap, path, at, landed)
                        after = state.get(word)
                        if after is not None:
                            if after.__class__ is tuple:
                                after = state[word] = self._state(after)
                            state = after
                            continue
                    if not landed:
                        break
                    state, at = landed.pop()
            root = self._later
        return self._by_owner(ended, words) if ended else {}

    def __getstate__(self) -> dict[str, object]:
        raise TypeError("an automaton is rebuilt from its phrases rather than copied")

    def _land(self, gap: _Gap, path: list[str], at: int, landed: list[tuple[_State, int]]) -> None:
        """Add to *landed* the states that words from *at* on lead to out of *gap*, each with the place behind its word."""
        for state, word in zip(gap.states, path[at:], strict=False):
            at += 1
            after = state.get(word)
            if after is not None:
                if after.__class__ is tuple:
                    after = state[word] = self._state(after)
                landed.append((after, at))
            if word in NO_GAP:
                break

    def _node(
        self,
        key: object,
        *,
        steps: Iterable[tuple[tuple[str, ...], _After]] = (),
        anything: _After = (),
        ends: tuple[Owner, bool] | None = None,
    ) -> int:
        """The node known by *key*, made if there is none."""
        known = self._nodes.get(key)
        if known is None:
            known = self._nodes[key] = len(self._steps)
            self._steps.append(list(steps))
            self._any.append(anything)
            self._ends.append(ends)
        return known

    def _build(self, run: Run, after: _After, variants: Mapping[str, list[tuple[str, str]]]) -> _After:
        """The nodes where *run* begins, when *after* follows it."""
        for node in reversed(run):
            if isinstance(node, str):
                after = self._step((node,), after, variants)
            elif isinstance(node, Gap):
                after = self._gap(node, after)
            else:
                after = self._alternatives(node, after, variants)
        return after

    def _step(self, words: tuple[str, ...], after: _After, variants: Mapping[str, list[tuple[str, str]]]) -> _After:
        """One of *words*, or a word that is written for one of them and the first of *after*."""
        key = (words, after, bool(variants))
        known = self._nodes.get(key)
        if known is not None:
            return (known,)
        steps = [(words, after)]
        for one in variants.keys() & set(words):
            for two, written in variants[one]:
                ends = dict.fromkeys(
                    end for n in after for group, ends in self._steps[n] if two in group for end in ends
                )
                if ends:
                    steps.append(((written,), tuple(ends)))
        return (self._node(key, steps=steps),)

    def _gap(self, gap: Gap, after: _After) -> _After:
        inside = after
        for taken in range(gap.high - 1, -1, -1):
            node = self._node((gap, taken, after), anything=inside)
            inside = (node, *after) if taken >= gap.low else (node,)
        return inside

    def _alternatives(self, node: Alternatives, after: _After, variants: Mapping[str, list[tuple[str, str]]]) -> _After:
        single = tuple(dict.fromkeys(o[0] for o in node.options if len(o) == 1 and isinstance(o[0], str)))
        begins: dict[int, None] = dict.fromkeys(self._step(single, after, variants)) if single else {}
        for option in node.options:
            if not (len(option) == 1 and isinstance(option[0], str)):
                begins.update(dict.fromkeys(self._build(option, after, variants)))
        return tuple(begins)

    def _begin(self) -> _State:
        """Make the first state. Words that stand in the same groups of words everywhere lead alike, so one stands for all."""
        groups = dict.fromkeys(group for steps in self._steps for group, _ in steps)
        member: dict[str, list[int]] = {word: [-1 - i] for i, word in enumerate(sorted(NO_GAP))}
        for number, group in enumerate(groups):
            for word in group:
                member.setdefault(word, []).append(number)
        first: dict[tuple[int, ...], str] = {}
        self._alike = {word: first.setdefault(tuple(numbers), word) for word, numbers in member.items()}
        self._chosen = {group: tuple(dict.fromkeys(self._alike[word] for word in group)) for group in groups}
        self._states, self._gaps = {}, {}
        self._first = self._state(self._starts)
        self._later = self._state(start for start, only_first in self._starts.items() if not only_first)
        return self._first

    def _state(self, nodes: Iterable[int]) -> _State:
        key = frozenset(nodes)
        state = self._states.get(key)
        if state is None:
            state = self._states[key] = _State()
            inside: list[int] = []
            ends = []
            chosen = self._chosen
            for node in sorted(key):
                for group, after in self._steps[node]:
                    for word in chosen[group]:
                        other = state.get(word)
                        state[word] = after if other is None else other + after
                inside += self._any[node]
                end = self._ends[node]
                if end is not None:
                    ends.append(end)
            state.ends, state.gap = tuple(ends), tuple(dict.fromkeys(inside)) or None
        return state

    def _gap_to(self, nodes: _After) -> _Gap:
        """The gap whose first word leads to *nodes*."""
        gap = self._gaps.get(nodes)
        if gap is None:
            inside = self._state(nodes)
            states = [inside]
            if inside.gap is not None:
                states += (self._gap_to(inside.gap) if inside.gap.__class__ is tuple else inside.gap).states
            gap = self._gaps[nodes] = _Gap(tuple(states), frozenset(w for state in states for w in state), len(states))
        return gap

    @staticmethod
    def _by_owner(ended: Iterable[tuple[_State, int, int]], words: Sequence[str]) -> dict[Owner, list[tuple[int, int]]]:
        final = len(words)
        while final and words[final - 1] == "?":
            final -= 1
        found: dict[Owner, list[tuple[int, int]]] = {}
        for state, first, at in ended:
            for owner, at_end in state.ends:
                if not at_end or at >= final:
                    places = found.setdefault(owner, [])
                    if (first, at) not in places:
                        places.append((first, at))
        return found
