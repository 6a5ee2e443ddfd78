"""Courtesy in the same words over and over: phrases that have gone hollow."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from trustcoach.names import Names
from trustcoach.report.page import agent_label, sentence_around

__all__ = ["Phrases"]

_MASK = re.compile(r"\[([A-Z]+)_\d+\]")
_LEAST_USES = 5
_LEAST_SHARE = 0.02
_AGAIN = 3
_MOST = 8


@dataclass(slots=True)
class _Use:
    text: str
    uses: int = 0
    conversations: int = 0
    last: str | None = None
    here: int = 0
    repeated: int = 0
    repeated_in: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)


class Phrases:
    """Counts the sentences of courtesy as conversations pass."""

    def __init__(self, names: Names) -> None:
        self._courtesies = names.courtesies
        self._uses: dict[str, _Use] = {}

    def add(self, page: dict[str, Any]) -> None:
        """Take in the page of a conversation."""
        for turn in page["turns"]:
            if turn["role"] != "agent":
                continue
            for sentence in {
                _sentence(turn["text"], m["start"], m["end"]) for m in turn["marks"] if m["id"] in self._courtesies
            }:
                key = re.sub(r"\W+", " ", sentence).strip().lower()
                if len(key.split()) < 3:
                    continue
                use = self._uses.setdefault(key, _Use(sentence))
                use.uses += 1
                use.agents.add(agent_label(turn["who"]))
                if use.last != page["id"]:
                    use.last, use.here = page["id"], 0
                    use.conversations += 1
                use.here += 1
                if use.here == _AGAIN:
                    use.repeated += 1
                    if len(use.repeated_in) < 5:
                        use.repeated_in.append(page["id"])

    def overused(self, conversations: int) -> list[dict[str, Any]]:
        """The phrases most overused: three times in a conversation, or often over all of them."""
        least = max(_LEAST_USES, _LEAST_SHARE * conversations)
        found = [u for u in self._uses.values() if u.repeated or u.uses >= least]
        found.sort(key=lambda u: (-u.uses, u.text))
        return [
            {
                "text": u.text,
                "uses": u.uses,
                "conversations": u.conversations,
                "agents": len(u.agents),
                "repeated": u.repeated,
                "repeated_in": u.repeated_in,
            }
            for u in found[:_MOST]
        ]


def _sentence(text: str, start: int, end: int) -> str:
    return _MASK.sub(lambda m: f"[{m.group(1)}]", sentence_around(text, start, end).rstrip(".!?… ")[:160])
