"""The notebooks run in a clean kernel and show what is stored in them."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest
from conftest import ROOT

import trustcoach

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STALE = "the stored outputs are out of date; store them anew with: python notebooks/execute.py"


@pytest.fixture(scope="module")
def execute() -> ModuleType:
    spec = importlib.util.spec_from_file_location("execute", ROOT / "notebooks" / "execute.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cells(path: Path, kind: str) -> list[Any]:
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == kind]


def test_there_are_four() -> None:
    assert [p.stem[:2] for p in NOTEBOOKS] == ["01", "02", "03", "04"]


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs_and_shows_what_is_stored(path: Path, execute: ModuleType) -> None:
    fresh = execute.execute(path)
    assert not list(execute.differences(nbformat.read(path, as_version=4), fresh)), STALE


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_stored_whole_small_and_without_traces(path: Path) -> None:
    nbformat.validate(nbformat.read(path, as_version=4))
    code = cells(path, "code")
    assert [c.execution_count for c in code] == list(range(1, len(code) + 1)), "run in order, every cell"
    assert not any(o.output_type == "error" or o.get("name") == "stderr" for c in code for o in c.outputs)
    text = path.read_text(encoding="utf-8")
    assert len(text) < 400_000
    assert not re.search(r"0x[0-9a-f]{6,}|/home/|/tmp/|/Users/|C:\\\\", text)
    assert json.loads(text)["metadata"].keys() == {"kernelspec", "language_info"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_uses_public_names_and_says_how_to_use_ones_own_data(path: Path) -> None:
    source = "\n".join(c.source for c in cells(path, "code"))
    assert not re.search(r"trustcoach[\w.]*\._|import _", source)
    for name in re.findall(r"\btrustcoach\.(\w+)\(", source):
        assert name in trustcoach.__all__, name
    for module, names in re.findall(r"^from (trustcoach\.[\w.]+) import ([\w, ]+)$", source, re.M):
        exported = importlib.import_module(module).__all__
        assert set(names.split(", ")) <= set(exported), module
    assert re.search(r"\byour (own )?(export|reviewers|two reviewers)\b", source + cells(path, "markdown")[0].source)


def test_a_changed_output_is_noticed(execute: ModuleType) -> None:
    stored = nbformat.read(NOTEBOOKS[0], as_version=4)
    changed = nbformat.read(NOTEBOOKS[0], as_version=4)
    assert not list(execute.differences(stored, changed))
    cell = next(c for c in changed.cells if c.get("outputs"))
    cell.outputs[0]["data"]["text/html"] += "<p>new</p>"
    assert len(list(execute.differences(stored, changed))) == 1


def test_own_rules_of_the_notebook_pass_their_examples() -> None:
    from trustcoach.pack import load_catalogue, pack_folder

    catalogue = load_catalogue(pack_folder("en"), extra=[ROOT / "notebooks" / "house-rules.toml"])
    assert trustcoach.check_pack(catalogue, only="ownership.commitment") == []
