"""Runs the notebooks and stores what they show: `python notebooks/execute.py [--check] [NAME …]`.

With --check nothing is stored: exit code 1 and a list of the cells whose stored outputs are not what they show now. Pictures are
compared only in that there are as many; their bytes depend on the machine's fonts.
"""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image

HERE = Path(__file__).resolve().parent
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def execute(path: Path) -> nbformat.NotebookNode:
    """The notebook with fresh outputs, and nothing in it that differs from run to run."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    for number, cell in enumerate(notebook.cells, 1):
        cell.id, cell.metadata = f"cell-{number:02}", nbformat.from_dict({})
        for output in cell.get("outputs", ()):
            if output.get("name") == "stderr":
                raise RuntimeError(f"{path.name}, cell {number} warns: {output.text}")
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = _smaller(output.data["image/png"])
    return notebook


def _smaller(picture: str) -> str:
    """The picture in 32 colours, which is enough for plots and a third of the size."""
    made = io.BytesIO()
    with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
        image.convert("RGB").quantize(32, dither=Image.Dither.NONE).save(made, "PNG", optimize=True)
    return base64.b64encode(made.getvalue()).decode()


def differences(stored: nbformat.NotebookNode, fresh: nbformat.NotebookNode) -> Iterator[str]:
    """What the cells of *fresh* show that those of *stored* do not."""
    for number, (old, new) in enumerate(zip(stored.cells, fresh.cells, strict=True), 1):
        before, now = shown(old), shown(new)
        if before != now:
            first = next((n for n in now if n not in before), "fewer outputs")
            yield f"cell {number} now shows: {str(first)[:300]}"


def shown(cell: nbformat.NotebookNode) -> list[Any]:
    """The outputs of a cell as far as they are compared."""
    made: list[Any] = []
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        told = data.get("text/html", data.get("text/plain", output.get("text")))
        made.append("a picture" if "image/png" in data else told)
    return made


def main(given: list[str]) -> int:
    check, chosen = "--check" in given, [g for g in given if g != "--check"]
    paths = [p for p in sorted(HERE.glob("*.ipynb")) if not chosen or p.stem in chosen]
    stale = 0
    for path in paths:
        stored, fresh = nbformat.read(path, as_version=4), execute(path)
        found = list(differences(stored, fresh))
        stale += bool(found)
        print(f"{path.name}: {'as stored' if not found else 'changed'}")
        if check:
            print("".join(f"  {line}\n" for line in found), end="")
        else:
            nbformat.write(fresh, path)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
