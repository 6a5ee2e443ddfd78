"""Finds the trained model: inside the package once installed, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from trustcoach.errors import ModelError

__all__ = ["model_folder"]


def model_folder(language: str) -> Path:
    """The folder of the trained model for *language*.

    Raises
    ------
    ModelError: when there is none.
    """
    package = Path(__file__).parent
    for base in (package / "_models", package.parent / "models"):
        if (base / language / "manifest.json").is_file():
            return base / language
    raise ModelError(
        f"no trained model for language {language!r} is installed; reinstall trustcoach, build one with "
        f"`trustcoach train`, or score with rules alone (--no-classifier)"
    )
