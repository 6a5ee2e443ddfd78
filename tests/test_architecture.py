"""The house rules that a test can check: one direction, explicit exports, light start."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import trustcoach

PACKAGE = Path(trustcoach.__file__).parent
STEPS = ["read", "detect", "judge", "scorecard", "coach", "pipeline", "tables", "output", "batch", "report", "commands"]
"""The way of the data, left to right. A room may import the rooms to its left and those that are on no side."""

RANK = {
    **{name: i for i, name in enumerate(STEPS)},
    "formats": 0,
    "reading": 0,
    "convert": STEPS.index("tables"),
    "names": STEPS.index("detect"),
    "redact_tables": STEPS.index("output"),
    "saved": STEPS.index("output"),
    "terminal": STEPS.index("report"),
    "notebook": STEPS.index("report"),
    "plots": STEPS.index("report"),
    "changes": STEPS.index("tables"),
    "training": STEPS.index("batch"),
    "cli": STEPS.index("commands"),
}


def modules() -> list[str]:
    return [m.name for m in pkgutil.walk_packages([str(PACKAGE)], "trustcoach.") if not m.name.endswith("__main__")]


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("trustcoach"):
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("trustcoach")}
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_room_imports_one_to_its_right(path: Path) -> None:
    mine = RANK.get(path.relative_to(PACKAGE).parts[0].removesuffix(".py"))
    if mine is None:
        return
    backwards = {m for m in imports(path) if RANK.get(room(m), -1) > mine}
    assert not backwards


@pytest.mark.parametrize("name", modules())
def test_every_module_says_what_it_exports(name: str) -> None:
    if name.split(".")[-1].startswith("_"):
        return
    source = Path(importlib.util.find_spec(name).origin or "")  # type: ignore[union-attr]
    tree = ast.parse(source.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{name} has no docstring"
    defined = any(isinstance(n, ast.FunctionDef | ast.ClassDef) for n in tree.body)
    named = [
        n for n in tree.body if isinstance(n, ast.Assign) and any(getattr(t, "id", "") == "__all__" for t in n.targets)
    ]
    if defined and room(name) not in {"formats", "__main__"}:
        assert named, f"{name} has no __all__"
        listed = ast.literal_eval(named[0].value)
        if room(name) == "integrations":  # each imports a library that need not be installed
            assert set(listed) <= {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        else:
            module = importlib.import_module(name)
            assert all(hasattr(module, item) for item in listed)


def test_public_names_exist_and_are_few() -> None:
    assert len(trustcoach.__all__) <= 16
    assert all(getattr(trustcoach, name) is not None for name in trustcoach.__all__)


def test_help_does_not_wait_for_heavy_libraries() -> None:
    code = (
        "import sys, trustcoach.cli; print([m for m in ('spacy', 'sklearn', 'pandas', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_scoring_does_not_wait_for_training_libraries() -> None:
    code = (
        "import sys, trustcoach; trustcoach.Coach().score(trustcoach.Conversation('c', (trustcoach.Turn(0,"
        " trustcoach.Role.AGENT, 'How can I help?'),))); print([m for m in ('sklearn', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
