"""The steps joined: a `Coach` is built once and scores conversations, or one live turn, as often as wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from trustcoach.catalogue import Catalogue
from trustcoach.coach import advise
from trustcoach.conversation import Conversation, Turn
from trustcoach.detect.classifier import load_model
from trustcoach.detect.detector import Detector
from trustcoach.judge import judge
from trustcoach.pack import load_catalogue, pack_folder
from trustcoach.resources import model_folder as shipped_model
from trustcoach.results import ConversationScore, Finding, LiveTurn
from trustcoach.scorecard import score_conversation

__all__ = ["Coach", "in_batches"]

_TURNS = 1_000  # scored together


class Coach:
    """Scores conversations. Build it once; it holds the compiled rules, the classifier and a cache of sentences.

    Parameters
    ----------
    language: the language pack to use.
    rules: files or folders of TOML with rules of your own, added to the pack.
    weights: behaviour → weight, in place of the pack's.
    disabled: behaviours to leave out.
    classifier: False to use rules alone.
    model_folder: a model of your own in place of the one that ships; needs *trust_model*.
    trust_model: joblib files can run code when opened; True says that you trust the one in *model_folder*.
    catalogue: a catalogue you have loaded yourself, in place of *language* and *rules*.

    Raises
    ------
    CatalogueError: for rules that are not valid.
    ModelError: for a classifier that cannot be used.

    Examples
    --------
    >>> coach = Coach()
    >>> turns = (Turn(0, Role.CUSTOMER, "my parcel is late again"), Turn(1, Role.AGENT, "Sorry to hear that."))
    >>> coach.score(Conversation("c-1", turns)).turns[0].verdicts[0].outcome
    <Outcome.SHOWN: 'shown'>
    """

    def __init__(
        self,
        *,
        language: str = "en",
        rules: Iterable[str | PathLike[str]] = (),
        weights: Mapping[str, float] | None = None,
        disabled: Iterable[str] = (),
        classifier: bool = True,
        model_folder: str | PathLike[str] | None = None,
        trust_model: bool = False,
        catalogue: Catalogue | None = None,
    ) -> None:
        base = catalogue or load_catalogue(pack_folder(language), extra=[Path(r) for r in rules])
        self.catalogue = base.reweighted(weights or {}, disabled=disabled)
        model = load_model(Path(model_folder or shipped_model(language)), trusted=trust_model) if classifier else None
        self.detector = Detector(self.catalogue, classifier=model)
        self._model: dict[str, Any] = {
            "language": language,
            "classifier": classifier,
            "model_folder": Path(model_folder).absolute() if model_folder else None,
            "trust_model": trust_model,
        }

    def __reduce__(self) -> tuple[Callable[[], Coach], tuple[()]]:
        """Pickled as what it was made of, so that another process builds the same coach; the model goes by its folder."""
        return partial(Coach, catalogue=self.catalogue, **self._model), ()

    def score(self, conversation: Conversation) -> ConversationScore:
        """Score one conversation: findings, verdicts, scores, promises and advice."""
        return next(self.score_many([conversation]))

    def score_many(self, conversations: Iterable[Conversation]) -> Iterator[ConversationScore]:
        """Score conversations as they come, in their order; some are read ahead, because together they cost less."""
        for together in in_batches(conversations):
            for conversation, findings in zip(together, self.detector.detect_many(together), strict=True):
                yield self._scored(conversation, findings)

    def _scored(self, conversation: Conversation, findings: Sequence[Finding]) -> ConversationScore:
        scored = score_conversation(conversation, judge(conversation, findings, self.catalogue))
        return replace(scored, advice=advise(scored, self.catalogue))

    def score_turn(self, turn: Turn, before: Sequence[Turn] = ()) -> LiveTurn:
        """Score one agent turn while the conversation is going on.

        Parameters
        ----------
        turn: the turn as written, or about to be sent.
        before: the turns that precede it, oldest first.
        """
        conversation = Conversation("live", (*before, turn))
        scored = self._scored(conversation, self.detector.detect(conversation))
        return LiveTurn(
            turn=turn,
            score=next((t for t in scored.turns if t.turn == turn.index), None),
            findings=tuple(f for f in scored.findings if f.turn == turn.index),
            ideas=tuple(i for i in scored.ideas if i.turn == turn.index),
            advice=tuple(a for a in scored.advice if a.turn == turn.index),
        )


def in_batches(conversations: Iterable[Conversation]) -> Iterator[list[Conversation]]:
    """*conversations* in lists of some thousand turns, as they are scored together."""
    batch: list[Conversation] = []
    turns = 0
    for conversation in conversations:
        batch.append(conversation)
        turns += len(conversation.turns)
        if turns >= _TURNS:
            yield batch
            batch, turns = [], 0
    if batch:
        yield batch
