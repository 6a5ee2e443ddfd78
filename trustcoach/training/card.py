"""Writes the model card from what was measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from trustcoach.training.evaluate import Evaluation
from trustcoach.training.train import FOLDS

__all__ = ["write_card"]


def write_card(manifest: Path, real: Evaluation | None = None) -> Path:
    """Write `README.md` beside *manifest*; with *real*, also the figures on real conversations. Returns its path."""
    from jinja2 import Environment, StrictUndefined

    data: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    rows = [
        {"cue": cue, "threshold": data["thresholds"][role][cue], **figures}
        for role, cues in data["cross_validation"].items()
        for cue, figures in cues.items()
    ]
    source = Path(__file__).with_name("card.md.j2").read_text(encoding="utf-8")
    # The card is Markdown made of numbers and our own names; nothing in it needs escaping.
    template = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False).from_string(source)
    path = manifest.with_name("README.md")
    path.write_text(
        template.render(
            cues=len(rows),
            conversations=data["conversations"],
            folds=FOLDS,
            versions=", ".join(f"{name} {number}" for name, number in data["versions"].items()),
            rows=rows,
            real=real,
        ),
        encoding="utf-8",
    )
    return path
