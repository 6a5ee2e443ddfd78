"""What behaviours and cues are called: the words that every view of a result needs, apart from the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trustcoach.catalogue import Catalogue

__all__ = ["Names"]


class Names:
    """Titles and meanings of behaviours and cues. A run keeps them beside its tables, so that a report of it knows the user's
    own rules too; what is not in them gets a readable name.

    Parameters
    ----------
    saved: what `to_dict` gave.
    """

    def __init__(self, saved: Mapping[str, Any]) -> None:
        self._behaviours: Mapping[str, Mapping[str, Any]] = saved.get("behaviours", {})
        self._cues: Mapping[str, Mapping[str, Any]] = saved.get("cues", {})
        self.courtesies = {b["shown"] for b in self._behaviours.values() if b.get("courtesy") and b.get("shown")}

    @classmethod
    def of(cls, catalogue: Catalogue) -> Names:
        """The names in *catalogue*."""
        behaviours = {
            b.id: {
                "title": b.title,
                "why": b.why,
                "critical": b.critical,
                "courtesy": b.courtesy,
                "shown": b.shown,
                "breach": b.breach,
            }
            for b in catalogue.behaviours.values()
        }
        cues = {
            c.id: {"kind": c.kind, "behaviour": c.behaviour, "what": c.what}
            for c in catalogue.cues.values()
            if c.kind != "hint"
        }
        return cls({"behaviours": behaviours, "cues": cues})

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"behaviours": dict(self._behaviours), "cues": dict(self._cues)}

    def behaviour(self, ident: str) -> str:
        """The title of a behaviour."""
        return str(self._behaviours.get(ident, {}).get("title") or _readable(ident))

    def why(self, ident: str) -> str:
        """Why a behaviour matters."""
        return str(self._behaviours.get(ident, {}).get("why", ""))

    def critical(self, ident: str) -> bool:
        """Whether a breach fails the turn."""
        return bool(self._behaviours.get(ident, {}).get("critical"))

    def only_breach(self, ident: str) -> bool:
        """Whether a behaviour is never due and never shown: its counts have no whole to be a share of."""
        known = self._behaviours.get(ident)
        return known is not None and known.get("shown") is None

    def deciding(self, behaviour: str, outcome: str) -> str | None:
        """The cue that decides for *outcome*."""
        return self._behaviours.get(behaviour, {}).get("shown" if outcome == "shown" else "breach")

    def cue(self, ident: str) -> dict[str, Any]:
        """Kind (`shown`, `breach`, `context`), name and meaning of a cue."""
        known = self._cues.get(ident, {})
        kind = "breach" if ident.startswith("-") else "shown" if known.get("kind") == "shown" else "context"
        of = known.get("behaviour")
        title = self.behaviour(of) if of and kind == "shown" else _readable(ident)
        return {"id": ident, "kind": kind, "title": title, "what": known.get("what", "")}


def _readable(ident: str) -> str:
    return ident.lstrip("-").split(".")[-1].replace("_", " ").capitalize()
