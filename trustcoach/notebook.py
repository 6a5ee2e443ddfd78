"""How results show themselves in notebooks: HTML that stands alone, is safe whatever a transcript says, and is light or dark.

It shows the transcript as it is, and a saved notebook keeps what it shows; `redacted` masks what points to a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, singledispatch
from pathlib import Path
from typing import Any

from jinja2 import Template
from markupsafe import Markup

from trustcoach.conversation import Conversation
from trustcoach.names import Names
from trustcoach.pack import load_catalogue, pack_folder
from trustcoach.redact import Redactor
from trustcoach.redact_tables import RunMask
from trustcoach.report.page import conversation_page, pieces
from trustcoach.report.render import environment, palette
from trustcoach.results import Advice, AgentScore, ConversationScore, LiveTurn, TurnScore, Verdict
from trustcoach.saved import Bundle
from trustcoach.tables import rows

__all__ = ["MOST_TURNS", "Shown", "html", "line", "names", "redacted"]

MOST_TURNS = 200
"""Of a longer conversation so many turns are shown, so that a notebook stays light; the report shows them all."""

_CSS = Path(__file__).parent / "report" / "templates" / "notebook.css"
_LANES = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """HTML for a notebook, such as `redacted` gives."""

    html: str = field(repr=False)

    def _repr_html_(self) -> str:
        return self.html


def redacted(scored: ConversationScore, *, redactor: Redactor | None = None) -> Shown:
    """A scored conversation as a notebook shows it, with masks such as `[NAME_1]` for what points to a person.

    Parameters
    ----------
    scored: the conversation; its scores come from the original text.
    redactor: gives out the masks; hand the same one to several calls, and the same person gets the same mask in all of them.
    """
    return Shown(_conversation(scored, redactor or Redactor()))


@singledispatch
def html(result: Any) -> str:
    """A result as HTML: a conversation, turn, live turn, agent or piece of advice."""
    raise TypeError(f"there is no view of {type(result).__name__}")


@singledispatch
def line(result: Any) -> str:
    """A result in a line, for consoles that show no HTML."""
    raise TypeError(f"there is no view of {type(result).__name__}")


@html.register
def _(result: ConversationScore) -> str:
    return _conversation(result, None)


@html.register
def _(result: LiveTurn) -> str:
    scored = ConversationScore(
        conversation=Conversation("live", (result.turn,)),
        score=result.score.score if result.score else None,
        failed_by=result.score.failed_by if result.score else (),
        before_failing=result.score.before_failing if result.score else None,
        turns=(result.score,) if result.score else (),
        counts=(),
        findings=result.findings,
        promises=(),
        ideas=result.ideas,
        advice=result.advice,
    )
    return _render("live", turns=_turns(_page(scored, None)))


@html.register
def _(result: TurnScore) -> str:
    return _render(
        "turn", turn=result, verdicts=[_verdict(v) for v in result.verdicts], failed=_titles(result.failed_by)
    )


@html.register
def _(result: Advice) -> str:
    return _render("advice", advice=result, title=names().behaviour(result.behaviour))


@html.register
def _(result: AgentScore) -> str:
    counts = [{"title": names().behaviour(c.behaviour), "counts": c} for c in result.counts]
    return _render("agent", agent=result, counts=counts)


@line.register
def _(result: ConversationScore) -> str:
    outcomes = [sum(getattr(c, name) for c in result.counts) for name in ("shown", "missed", "breached")]
    return (
        f"<ConversationScore {result.conversation.id!r}: {_points(result.score)}, {len(result.conversation.turns)} turns, "
        f"{outcomes[0]} shown, {outcomes[1]} missed, {outcomes[2]} breached>"
    )


@line.register
def _(result: LiveTurn) -> str:
    score = _points(result.score.score if result.score else None)
    return f"<LiveTurn: {score}, {len(result.findings)} findings, {len(result.advice)} pieces of advice>"


@line.register
def _(result: TurnScore) -> str:
    told = ", ".join(f"{v.behaviour} {v.outcome}" for v in result.verdicts)
    return f"<TurnScore of turn {result.turn}: {_points(result.score)}, {told}>"


@line.register
def _(result: Advice) -> str:
    return f"<Advice on turn {result.turn}: {result.behaviour} {result.outcome or 'idea'}>"


@line.register
def _(result: AgentScore) -> str:
    interval = "" if result.low is None or result.high is None else f" ({result.low:.0f} to {result.high:.0f})"
    return f"<AgentScore {result.agent!r}: {_points(result.score)}{interval}, {result.n} conversations>"


def _points(score: float | None) -> str:
    return "no score" if score is None else f"score {score:.0f}"


def _conversation(scored: ConversationScore, redactor: Redactor | None) -> str:
    page = _page(scored, redactor)
    left_out = max(0, len(page["turns"]) - MOST_TURNS)
    page["turns"] = page["turns"][:MOST_TURNS]
    return _render("conversation", page=page, turns=_turns(page), left_out=left_out, masked=redactor is not None)


def _page(scored: ConversationScore, redactor: Redactor | None) -> dict[str, Any]:
    tables = rows(scored)
    bundle = Bundle(tables.pop("scores")[0], **tables)
    return conversation_page(RunMask(redactor).bundle(bundle) if redactor else bundle, names())


def _turns(page: dict[str, Any]) -> list[dict[str, Any]]:
    """The turns of a page with what the template draws: texts in pieces, and the words of evidence."""
    made = []
    for turn in page["turns"]:
        text, marks = turn["text"], turn["marks"]
        verdicts = [v | {"evidence": _evidence(text, [marks[i] for i in v["marks"]])} for v in turn["verdicts"]]
        decided = {i for v in turn["verdicts"] for i in v["marks"]}
        others = dict.fromkeys(
            m["title"] + (f" ({m['subtype'].replace('_', ' ')})" if m["subtype"] else "")
            for i, m in enumerate(marks)
            if i not in decided
        )
        made.append(turn | {"pieces": _pieces(text, marks), "verdicts": verdicts, "others": list(others)})
    return made


def _evidence(text: str, marks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"words": text[m["start"] : m["end"]], "found": m["found"]} for m in marks]


def _pieces(text: str, marks: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """*text* cut for drawing: stretches of the same cue that overlap are one, and each keeps a line of its own below the words."""
    drawn: list[dict[str, Any]] = []
    for mark in marks:
        same = next(
            (
                d
                for d in drawn
                if (d["title"], d["kind"]) == (mark["title"], mark["kind"]) and d["end"] >= mark["start"]
            ),
            None,
        )
        if same:
            same["end"] = max(same["end"], mark["end"])
        else:
            drawn.append({k: mark[k] for k in ("start", "end", "title", "kind")})
    ends: list[int] = []
    for mark in drawn:
        lane = next((i for i, end in enumerate(ends) if end <= mark["start"]), len(ends))
        ends[lane : lane + 1] = [mark["end"]]
        mark["lane"] = min(lane, _LANES)
    return [(words, sorted(over, key=lambda m: int(m["lane"]))) for words, over in pieces(text, drawn)]


def _verdict(verdict: Verdict) -> dict[str, Any]:
    """A verdict without its conversation, as the template wants it."""
    return {
        "title": names().behaviour(verdict.behaviour),
        "outcome": str(verdict.outcome),
        "critical": verdict.critical,
        "reason": verdict.because,
        "due_turn": None,
        "due_cue": None,
        "evidence": [
            {"words": f.text, "found": [{"by": f.detector, "what": f.rule, "sure": round(f.confidence, 2)}]}
            for f in verdict.evidence
        ],
        "advice": "",
        "why": names().why(verdict.behaviour),
        "wording": [],
    }


def _titles(behaviours: Iterable[str]) -> list[str]:
    return [names().behaviour(b) for b in behaviours]


def _render(view: str, **given: Any) -> str:
    text = _template().render(view=view, css=Markup(_style()), **given)
    # A notebook is JSON in UTF-8, which has no place for half a surrogate pair.
    return text.encode("utf-8", "replace").decode("utf-8")


@cache
def _template() -> Template:
    return environment().get_template("notebook.html.j2")


@cache
def _style() -> str:
    """The colours follow the notebook's theme where it tells (Jupyter, VS Code), and the reader's system elsewhere."""
    told_light = '[data-jp-theme-light="true"], .vscode-light'
    told_dark = 'body:is([data-jp-theme-light="false"], .vscode-dark)'
    colours = palette(".trustcoach", f"body:not({told_light}) .trustcoach", f"{told_dark} .trustcoach")
    return colours + _CSS.read_text(encoding="utf-8")


@cache
def names() -> Names:
    """Titles from the English pack; what a user's own rules added gets a readable name."""
    return Names.of(load_catalogue(pack_folder("en")))
