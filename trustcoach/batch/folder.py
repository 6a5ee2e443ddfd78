"""The folder of a run that is going on: parts to do, parts done. It stays when a run is interrupted, and is gone when it ends."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trustcoach.batch.plan import differing
from trustcoach.errors import OutputError

__all__ = ["RunFolder"]

_PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run's folder: `plan.json`, `todo/` with the input of parts, `done/` with a folder for each part that is scored."""

    path: Path

    @classmethod
    def beside(cls, out: Path) -> RunFolder:
        """The folder of the run whose results go to *out*."""
        return cls(out.absolute().with_name(f"{out.absolute().name}.unfinished"))

    def plan(self) -> dict[str, Any] | None:
        """The plan of the run, or None if this is no run's folder."""
        try:
            plan: dict[str, Any] = json.loads((self.path / _PLAN).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return plan

    def todo(self, number: int) -> Path:
        """Where the input of a part lies."""
        return self.path / "todo" / f"{number:06}.jsonl"

    def done(self, number: int) -> Path:
        """Where the results of a part lie, once they are complete."""
        return self.path / "done" / f"{number:06}"

    def start(self, plan: dict[str, Any], *, resume: bool) -> None:
        """Make the folder ready for a run: empty, or with the parts that an earlier run with the same plan left.

        Raises
        ------
        OutputError: when there is nothing to resume, what is there is another run's, or the folder cannot be written.
        """
        if resume:
            self._same(plan)
        elif self.path.exists() and self.plan() is None:
            raise OutputError(f"{self.path}: exists and does not look like a run of trustcoach; remove it first")
        try:
            if not resume:
                shutil.rmtree(self.path, ignore_errors=True)
            shutil.rmtree(self.path / "todo", ignore_errors=True)
            for name in ("todo", "done"):
                (self.path / name).mkdir(parents=True, exist_ok=True)
            for left in (self.path / "done").glob(".*"):
                shutil.rmtree(left, ignore_errors=True)
            (self.path / _PLAN).write_text(json.dumps(plan, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written ({error.strerror})") from error

    def key(self, plan: dict[str, Any], number: int, digest: str) -> str:
        """The key of a part: a hash of the plan, the part's place and its content."""
        return hashlib.sha256(json.dumps([plan, number, digest], sort_keys=True).encode()).hexdigest()

    def record(self, number: int) -> dict[str, Any] | None:
        """What a finished part says of itself, or None."""
        try:
            record: dict[str, Any] = json.loads((self.done(number) / "part.json").read_text(encoding="ascii"))
        except FileNotFoundError:
            return None
        return record

    def finished(self, number: int, key: str) -> bool:
        """Whether a part is done.

        Raises
        ------
        OutputError: when what was done there came of other input.
        """
        record = self.record(number)
        if record is not None and record["key"] != key:
            raise OutputError(
                f"{self.path}: part {number + 1} was scored from other input, so the two runs cannot be mixed; "
                f"start anew without --resume"
            )
        return record is not None

    def parts(self) -> int:
        """How many parts are done."""
        return sum(1 for part in (self.path / "done").glob("[0-9]*"))

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def _same(self, plan: dict[str, Any]) -> None:
        earlier = self.plan()
        if earlier is None:
            raise OutputError(f"{self.path}: there is no unfinished run to go on with; start without --resume")
        if names := differing(earlier, json.loads(json.dumps(plan))):
            raise OutputError(
                f"{self.path}: the unfinished run differs in {', '.join(names)}, so the two cannot be mixed; "
                f"give the same options, or start anew without --resume"
            )
