"""What the terminal shows: a summary of a run, and a conversation explained turn by turn. Returns rich renderables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from trustcoach.batch import Example, Summary
from trustcoach.catalogue import Catalogue
from trustcoach.results import Advice, BehaviourCount, ConversationScore, Finding, Outcome, Promise, TurnScore
from trustcoach.text import shortened

__all__ = ["conversation_view", "summary_view"]

_STYLE = {Outcome.SHOWN: "green", Outcome.MISSED: "yellow", Outcome.BREACHED: "red"}
_SIGN = {Outcome.SHOWN: "✓", Outcome.MISSED: "○", Outcome.BREACHED: "✗"}
_LEAST_DUE = 5
_MOST_AGENTS = 20


def summary_view(summary: Summary, catalogue: Catalogue, *, examples: int = 3) -> RenderableType:
    """A run in short: score, best and worst behaviours, agents, promises, and the turns most worth coaching."""
    parts: list[RenderableType] = [_headline(summary)]
    if summary.scorable == 0:
        parts.append(Text("Nothing to score: no agent turn showed, missed or breached any behaviour."))
        return Group(*parts)
    parts += [_behaviours(summary.counts, catalogue)]
    if summary.agents:
        parts += [Text(), _agents(summary)]
    if summary.promises:
        told = ", ".join(f"{n} {fate}" for fate, n in sorted(summary.promises.items(), key=lambda p: (-p[1], p[0])))
        parts += [Text(), Text(f"Promises: {told}")]
    if summary.coaching:
        parts += [Text(), Text("Most worth coaching", style="bold")]
        parts += [_example(e, catalogue) for e in summary.coaching[:examples]]
    return Group(*parts)


def conversation_view(scored: ConversationScore, catalogue: Catalogue) -> RenderableType:
    """One conversation turn by turn: evidence, verdicts, why each was due, and advice."""
    ident = _harmless(scored.conversation.id)
    head = Text.assemble(("Conversation ", "bold"), (ident, "bold"), f"   {_score_text(scored)}")
    parts: list[RenderableType] = [head, Text()]
    cards = {t.turn: t for t in scored.turns}
    for turn in scored.conversation.turns:
        found = [f for f in scored.findings if f.turn == turn.index]
        who = f"{turn.role}" + (
            f" {_harmless(turn.speaker)}" if turn.speaker and turn.speaker != str(turn.role) else ""
        )
        line = Text.assemble(
            (f"{turn.index:>3}  ", "dim"), (f"{who}: ", "bold cyan" if turn.role == "agent" else "bold")
        )
        line.append_text(_marked(turn.text, found))
        line.overflow = "fold"
        parts.append(line)
        if found:
            named = dict.fromkeys(_finding(f) for f in found)
            parts.append(Padding(Text(_harmless(" · ".join(named)), style="dim"), (0, 0, 0, 8)))
        if turn.index in cards:
            advice = [a for a in scored.advice if a.turn == turn.index]
            parts.append(Padding(_card(cards[turn.index], advice, catalogue), (0, 0, 0, 8)))
        # One idea a turn is coaching, five are noise; `--json` has them all.
        for idea in [a for a in scored.advice if a.turn == turn.index and a.outcome is None][:1]:
            parts.append(Padding(Text(f"· {idea.text}", style="dim"), (0, 0, 0, 8)))
    if scored.promises:
        parts += [Text(), Text("Promises", style="bold"), _promises(scored.promises)]
    return Group(*parts)


def _headline(summary: Summary) -> Text:
    counted = f"{summary.conversations:,} conversations, {summary.agent_turns:,} agent turns"
    if summary.score is None:
        return Text(counted, style="bold")
    text = Text.assemble((f"Trust score {summary.score:.0f}", "bold"), f" of 100   {counted}")
    if summary.failed:
        text.append(f"   {summary.failed} failed by a critical breach", style="red")
    return text


def _behaviours(counts: Sequence[BehaviourCount], catalogue: Catalogue) -> RenderableType:
    enough = [c for c in counts if c.due >= _LEAST_DUE] or list(counts)
    ranked = sorted(enough, key=lambda c: (c.shown / c.due, -c.due, c.behaviour))
    worst = [c for c in ranked if c.shown < c.due][:5]
    best = [c for c in reversed(ranked) if c not in worst][:5]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Behaviour", overflow="fold")
    for name in ("shown", "missed", "breached", "of"):
        table.add_column(name, justify="right")
    for title, group in (("Needs most care", worst), ("Goes well", best)):
        if group:
            table.add_row(Text(title, style="italic"))
        for c in group:
            table.add_row(
                f"  {catalogue.behaviours[c.behaviour].title}",
                str(c.shown),
                Text(str(c.missed), style="yellow" if c.missed else "dim"),
                Text(str(c.breached), style="red" if c.breached else "dim"),
                str(c.due),
            )
    return table


def _agents(summary: Summary) -> RenderableType:
    ranked = [a for a in summary.agents if a.ranked]
    small = [a for a in summary.agents if not a.ranked]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Agent", overflow="fold")
    table.add_column("score", justify="right")
    table.add_column("95 % interval", justify="right")
    table.add_column("conversations", justify="right")
    table.add_column("failed", justify="right")
    shown = sorted(ranked, key=lambda a: (-(a.score or 0), a.agent)) + sorted(small, key=lambda a: (-a.n, a.agent))
    for a in shown[:_MOST_AGENTS]:
        table.add_row(
            _harmless(a.agent),
            "–" if a.score is None else f"{a.score:.0f}",
            "–" if a.low is None or a.high is None else f"{a.low:.0f} to {a.high:.0f}",
            f"{a.n}" + ("" if a.ranked else " (few)"),
            Text(str(a.failed), style="red" if a.failed else "dim"),
        )
    notes = []
    if len(shown) > _MOST_AGENTS:
        notes.append(f"and {len(shown) - _MOST_AGENTS} more agents, in the tables")
    if small:
        notes.append("(few): too few conversations to rank")
    if len(ranked) > 1:
        distinct = [c for c in summary.comparisons if c.distinct]
        notes.append(
            f"{len(distinct)} of {len(summary.comparisons)} pairs of agents differ by more than chance"
            if distinct
            else "The data cannot tell these agents apart."
        )
    return Group(table, *(Text(n, style="dim") for n in notes))


def _example(example: Example, catalogue: Catalogue) -> RenderableType:
    turn = example.turn
    head = Text.assemble(
        (_harmless(example.conversation_id), "bold"),
        f", turn {turn.index}",
        f", {_harmless(turn.speaker)}" if turn.speaker else "",
    )
    said = _marked(turn.text, example.evidence)
    said.truncate(240, overflow="ellipsis")
    said = Text.assemble("“", said, "”")
    bad = [a for a in example.advice if a.outcome in {Outcome.MISSED, Outcome.BREACHED}]
    lines = [Text(f"{_SIGN[a.outcome]} {a.text}", style=_STYLE[a.outcome]) for a in bad[:3] if a.outcome]
    wording = next((w for a in bad for w in a.wording), None)
    if wording:
        lines.append(Text(f"  Try: “{wording}”"))
    return Padding(Group(head, said, *lines), (0, 0, 1, 2))


def _card(card: TurnScore, advice: Sequence[Advice], catalogue: Catalogue) -> RenderableType:
    lines: list[Text] = []
    told = {(a.behaviour, a.outcome): a for a in advice}
    for verdict in card.verdicts:
        behaviour = catalogue.behaviours[verdict.behaviour]
        line = Text(f"{_SIGN[verdict.outcome]} {behaviour.title}", style=_STYLE[verdict.outcome])
        line.append(f"  {verdict.outcome}; {verdict.because}", style="dim")
        lines.append(line)
        a = told.get((verdict.behaviour, verdict.outcome))
        if a and verdict.outcome is not Outcome.SHOWN:
            lines.append(Text(f"    {a.text}"))
            lines.append(Text(f"    Why: {a.why}", style="dim"))
            lines += [Text(f"    Try: “{w}”") for w in a.wording]
    if card.failed_by:
        lines.append(Text(f"Failed by a critical breach (score before: {card.before_failing:.0f})", style="bold red"))
    elif card.score is not None:
        lines.append(Text(f"Score of the turn: {card.score:.0f}", style="dim"))
    return Group(*lines)


def _promises(promises: Iterable[Promise]) -> RenderableType:
    lines = []
    for p in promises:
        when = f", by “{_harmless(p.deadline)}”" if p.deadline else ""
        settled = f" in turn {p.settled.turn}: “{_harmless(shortened(p.settled.text, 80))}”" if p.settled else ""
        style = {"kept": "green", "contradicted": "red"}.get(str(p.fate), "yellow" if not p.immediate else "dim")
        lines.append(
            Text(
                f"  turn {p.made.turn} ({p.owner}{when}): “{_harmless(shortened(p.action, 100))}” → {p.fate}{settled}",
                style=style,
            )
        )
    return Group(*lines)


def _marked(text: str, findings: Iterable[Finding]) -> Text:
    """The text with the evidence underlined."""
    marked = Text(_harmless(text))
    for f in findings:
        marked.stylize("underline red" if f.cue.startswith("-") else "underline", f.start, min(f.end, len(text)))
    return marked


def _harmless(text: str) -> str:
    """*text* on one line, as long as before, with control characters made visible, because a terminal obeys them."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "·" for c in text)


def _finding(f: Finding) -> str:
    name = f.cue + (f" ({f.subtype.replace('_', ' ')})" if f.subtype else "")
    return f"{name} [{f.detector}: {f.rule}, {f.confidence:.2f}]"


def _score_text(scored: ConversationScore) -> str:
    if scored.score is None:
        return "no score: nothing applied"
    if scored.failed_by:
        return f"failed by {', '.join(scored.failed_by)} (score before: {scored.before_failing:.0f})"
    return f"score {scored.score:.0f} of 100"
