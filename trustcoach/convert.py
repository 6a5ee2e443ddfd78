"""Conversations in the shapes that other tools read; `record` and `json_line` are the project's own JSON Lines."""

from __future__ import annotations

import json
from typing import Any

from trustcoach.conversation import Conversation, Turn

__all__ = ["json_line", "record"]


def record(conversation: Conversation) -> dict[str, Any]:
    """A conversation as the project's own JSON; what is not known is left out."""
    data: dict[str, Any] = {"id": conversation.id}
    if conversation.channel is not None:
        data["channel"] = conversation.channel
    if conversation.rating is not None:
        data["rating"] = conversation.rating
    if conversation.tags:
        data["tags"] = list(conversation.tags)
    data["turns"] = [_turn(turn) for turn in conversation.turns]
    return data


def _turn(turn: Turn) -> dict[str, Any]:
    data: dict[str, Any] = {"index": turn.index, "role": str(turn.role), "text": turn.text}
    if turn.speaker is not None:
        data["speaker"] = turn.speaker
    if turn.time is not None:
        data["time"] = turn.time.isoformat().replace("+00:00", "Z")
    if turn.id is not None:
        data["id"] = turn.id
    return data


def json_line(conversation: Conversation) -> str:
    """A conversation as one line of the project's own JSON Lines, its end included."""
    return json.dumps(record(conversation), ensure_ascii=False) + "\n"
