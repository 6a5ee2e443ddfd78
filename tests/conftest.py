"""What tests share: the English pack, its matcher, and coaches built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustcoach.catalogue import Catalogue
from trustcoach.conversation import Conversation, Role, Turn
from trustcoach.detect.rules import RuleMatcher
from trustcoach.pack import load_catalogue, pack_folder
from trustcoach.pipeline import Coach

ROOT = Path(__file__).resolve().parent.parent


def talk(*lines: str, ident: str = "c-1", first: int = 0) -> Conversation:
    """A conversation from lines such as `"customer: it broke"` or `"agent Maya: sorry"`."""
    turns = []
    for i, line in enumerate(lines, first):
        who, _, text = line.partition(": ")
        role, _, speaker = who.partition(" ")
        turns.append(Turn(i, Role(role), text, speaker=speaker or None))
    return Conversation(ident, tuple(turns))


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(pack_folder("en"))


@pytest.fixture(scope="session")
def matcher(catalogue: Catalogue) -> RuleMatcher:
    return RuleMatcher(catalogue)


@pytest.fixture(scope="session")
def coach() -> Coach:
    return Coach()


@pytest.fixture(scope="session")
def rules_only() -> Coach:
    return Coach(classifier=False)
