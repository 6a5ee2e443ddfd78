"""Matches many phrases at once: their trees as one automaton that is made deterministic while it is used.

Words lead from state to state; a gap is a step that any word may take but the few that turn the meaning round. Sets of states
that were met once are remembered, so that text of the same kind soon costs one look-up a word, however many rules there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from trustcoach.notation import NO_GAP, Alternatives, Gap, Phrase, Run, least_words

__all__ = ["Automaton"]

_OTHER = "\0"  # stands for every word that no phrase uses
_MOST_STATES = 200_000
Owner = tuple[str, int]


class Automaton:
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
        # The nondeterministic automaton: for each state its steps by word, by any word, and for free, and its owners.
        self._words: list[dict[str, list[int]]] = []
        self._any: dict[int, list[int]] = {}
        self._free: dict[int, list[int]] = {}
        self._owners: dict[int, list[tuple[Owner, bool, bool]]] = {}
        self._starts: list[int] = []
        self._first: dict[str, frozenset[int]] = {}
        self._by_word: dict[str, tuple[frozenset[int], dict[int, frozenset[int]]]] = {}
        self._gaps: dict[int, frozenset[int]] = {}
        self._in_gap: frozenset[int] = frozenset()
        self._known: frozenset[str] = frozenset()
        self._forget()

    def add(self, owner: Owner, phrase: Phrase) -> None:
        """Add a phrase; a match is reported under *owner*."""
        first = self._state()
        last = self._build(phrase.run, first)
        self._owners.setdefault(last, []).append((owner, phrase.at_start, phrase.at_end))
        if least_words(phrase.run) >= 3:
            self._add_variants(first)
        self._starts.append(first)
        self._known = frozenset()

    def find(self, words: tuple[str, ...]) -> dict[Owner, list[tuple[int, int]]]:
        """Where each owner's phrases match: (first word, past the last word), in order of place."""
        if not self._known:
            self._finish()
        known, count = self._known, len(words)
        path = [w if w in known else _OTHER for w in words]
        final = count
        while final and words[final - 1] == "?":
            final -= 1
        begin, steps, accepts, step = self._begin, self._steps, self._accepts, self._step
        found: dict[Owner, list[tuple[int, int]]] = {}
        for first in range(count):
            state = begin.get(path[first])
            at = first + 1
            while state:
                for owner, at_start, at_end in accepts[state]:
                    if (not at_start or first == 0) and (not at_end or at >= final):
                        found.setdefault(owner, []).append((first, at))
                if at == count:
                    break
                word = path[at]
                known_steps = steps[state]
                state = known_steps[word] if word in known_steps else step(state, word)
                at += 1
        return found

    def __getstate__(self) -> dict[str, object]:
        raise TypeError("an automaton is rebuilt from its phrases rather than copied")

    def _state(self) -> int:
        self._words.append({})
        return len(self._words) - 1

    def _build(self, run: Run, at: int) -> int:
        for node in run:
            if isinstance(node, str):
                after = self._state()
                self._words[at].setdefault(node, []).append(after)
            elif isinstance(node, Gap):
                after = self._state()
                for taken in range(node.high):
                    if taken >= node.low:
                        self._free.setdefault(at, []).append(after)
                    between = self._state()
                    self._any.setdefault(at, []).append(between)
                    at = between
                self._free.setdefault(at, []).append(after)
            else:
                after = self._alternatives(node, at)
            at = after
        return at

    def _alternatives(self, node: Alternatives, at: int) -> int:
        after = self._state()
        for option in node.options:
            self._free.setdefault(self._build(option, at), []).append(after)
        return after

    def _add_variants(self, first: int) -> None:
        """Let two words also be taken as the one that is written for them."""
        reached, open_states = {first}, [first]
        while open_states:
            state = open_states.pop()
            following = [
                *self._free.get(state, ()),
                *self._any.get(state, ()),
                *(s for group in self._words[state].values() for s in group),
            ]
            for after in following:
                if after not in reached:
                    reached.add(after)
                    open_states.append(after)
        for state in reached:
            steps = self._words[state]
            for one in self._variants.keys() & steps.keys():
                near = [self._words[s] for middle in steps[one] for s in self._closure([middle])]
                for two, written in self._variants[one]:
                    ends = sorted({end for following in near for end in following.get(two, ())})
                    if ends:
                        steps.setdefault(written, []).extend(ends)

    def _closure(self, states: Iterable[int]) -> set[int]:
        reached, open_states = set(states), list(states)
        while open_states:
            for after in self._free.get(open_states.pop(), ()):
                if after not in reached:
                    reached.add(after)
                    open_states.append(after)
        return reached

    def _finish(self) -> None:
        """Turn the steps round: for each word, which states it leads on from and where to, free steps included."""
        self._known = frozenset(w for steps in self._words for w in steps) | NO_GAP
        closed: dict[int, frozenset[int]] = {}

        def lead_to(states: Iterable[int]) -> frozenset[int]:
            found: set[int] = set()
            for state in states:
                if state not in closed:
                    closed[state] = frozenset(s for s in self._closure([state]) if self._matters(s))
                found |= closed[state]
            return frozenset(found)

        by_word: dict[str, dict[int, frozenset[int]]] = {}
        for state, steps in enumerate(self._words):
            for word, after in steps.items():
                by_word.setdefault(word, {})[state] = lead_to(after)
        self._by_word = {word: (frozenset(leads), leads) for word, leads in by_word.items()}
        self._gaps = {state: lead_to(after) for state, after in self._any.items()}
        self._in_gap = frozenset(self._gaps)
        starts = frozenset(s for start in self._starts for s in self._closure([start]))
        self._first = {
            word: frozenset().union(*(leads[s] for s in starts & states)) for word, (states, leads) in self._by_word.items()
        }
        self._forget()

    def _matters(self, state: int) -> bool:
        """Whether anything happens at a state but free steps, which are taken at once."""
        return bool(self._words[state]) or state in self._any or state in self._owners

    def _forget(self) -> None:
        """Drop the remembered sets of states; number 0 is the empty one."""
        self._numbers: dict[frozenset[int], int] = {frozenset(): 0}
        self._sets: list[frozenset[int]] = [frozenset()]
        self._steps: list[dict[str, int]] = [{}]
        self._through: list[frozenset[int] | None] = [frozenset()]
        self._accepts: list[tuple[tuple[Owner, bool, bool], ...]] = [()]
        self._begin = {word: self._number(states) for word, states in self._first.items()}

    def _number(self, states: frozenset[int]) -> int:
        number = self._numbers.get(states)
        if number is None:
            number = self._numbers[states] = len(self._sets)
            self._sets.append(states)
            self._steps.append({})
            self._through.append(None)
            owners = self._owners
            self._accepts.append(tuple(dict.fromkeys(o for s in sorted(states & owners.keys()) for o in owners[s])))
        return number

    def _step(self, state: int, word: str) -> int:
        states = self._sets[state]
        after: set[int] = set()
        if word in self._by_word:
            leaving, leads = self._by_word[word]
            for s in states & leaving:
                after |= leads[s]
        if word not in NO_GAP:
            through = self._through[state]
            if through is None:
                through = self._through[state] = frozenset().union(*(self._gaps[s] for s in states & self._in_gap))
            after |= through
        number = self._steps[state][word] = self._number(frozenset(after))
        return number

    def trim(self) -> None:
        """Forget remembered states once they are many; called between sentences, so that memory stays flat."""
        if len(self._sets) > _MOST_STATES:
            self._forget()
