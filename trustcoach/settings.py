"""Settings of a project: `trustcoach.toml`, or `[tool.trustcoach]` in `pyproject.toml`, in the working folder or above.

language = "en"
rules = ["our-rules"]
disabled = ["support.personal_story"]
[weights]
"choice.freedom" = 2.0
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from trustcoach.errors import CatalogueError, SettingsError
from trustcoach.schema import Reader

__all__ = ["Settings", "load_settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a settings file says; the defaults where it is silent."""

    language: str = "en"
    rules: tuple[Path, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    disabled: tuple[str, ...] = ()
    source: Path | None = None


def load_settings(start: Path | None = None) -> Settings:
    """The settings that hold in *start* (default: the working folder): of the nearest folder upwards that has any.

    Raises
    ------
    SettingsError: names the file and what is wrong with it.
    """
    folder = (start or Path.cwd()).resolve()
    for parent in (folder, *folder.parents):
        for name in ("trustcoach.toml", "pyproject.toml"):
            path = parent / name
            if not path.is_file():
                continue
            try:
                data = tomllib.loads(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                if name == "pyproject.toml":
                    continue  # somebody else's file; not ours to object to
                raise SettingsError(f"{path}: cannot be read: {error}") from error
            if name == "pyproject.toml":
                data = data.get("tool", {}).get("trustcoach")
                if data is None:
                    continue
            return _settings(Reader(data, path), path)
    return Settings()


def _settings(part: Reader, path: Path) -> Settings:
    try:
        weights = part.table("weights")
        for name, value in weights.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise part.error("weights", f"the weight of {name} must be a number, not {value!r}")
        settings = Settings(
            language=part.text("language", default="en"),
            rules=tuple(path.parent / r for r in part.texts("rules", default=())),
            weights=weights,
            disabled=part.texts("disabled", default=()),
            source=path,
        )
        part.finish()
    except CatalogueError as error:
        raise SettingsError(str(error)) from error
    return settings
