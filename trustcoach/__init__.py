"""Scores support conversations for what earns a customer's trust and what breaks it.

>>> import trustcoach
>>> coach = trustcoach.Coach()
>>> for scored in coach.score_many(trustcoach.read_conversations("export.json")):
...     print(scored.conversation.id, scored.score)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trustcoach.batch import score_files
    from trustcoach.changes import what_changes
    from trustcoach.conversation import Conversation, Role, Turn
    from trustcoach.errors import TrustcoachError
    from trustcoach.notebook import redacted
    from trustcoach.packtest import check_pack
    from trustcoach.pipeline import Coach
    from trustcoach.read import ReadingReport, ReadOptions, read_conversations
    from trustcoach.scorecard import agent_scores
    from trustcoach.tables import frames, to_dict, to_json

__version__ = "0.1.0"

__all__ = [
    "Coach",
    "Conversation",
    "ReadOptions",
    "ReadingReport",
    "Role",
    "TrustcoachError",
    "Turn",
    "agent_scores",
    "check_pack",
    "frames",
    "read_conversations",
    "redacted",
    "score_files",
    "to_dict",
    "to_json",
    "what_changes",
]

_HOME = {
    "Coach": "pipeline",
    "Conversation": "conversation",
    "ReadOptions": "read",
    "ReadingReport": "read",
    "Role": "conversation",
    "TrustcoachError": "errors",
    "Turn": "conversation",
    "agent_scores": "scorecard",
    "check_pack": "packtest",
    "frames": "tables",
    "read_conversations": "read",
    "redacted": "notebook",
    "score_files": "batch",
    "to_dict": "tables",
    "to_json": "tables",
    "what_changes": "changes",
}


def __getattr__(name: str) -> Any:
    """Import public names when they are first used: spaCy and pandas take a second that `--help` need not wait for."""
    if name in _HOME:
        return getattr(importlib.import_module(f"trustcoach.{_HOME[name]}"), name)
    raise AttributeError(f"module 'trustcoach' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
