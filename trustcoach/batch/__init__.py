"""Whole exports, of any size: conversations stream in, tables and a summary come out, on one process or many.

The way of a run: conversations are cut into parts of some ten thousand turns (`parts`), each part is scored on its own and
its tables are written aside and moved into the run's folder (`task`, `folder`), by this process, by workers of this machine
(`workers`) or by a cluster (`trustcoach.integrations`); when all parts are there their tables are joined in order (`run`).
How many workers there are changes nothing in what comes out.
"""

from trustcoach.batch.engine import Engine
from trustcoach.batch.run import Progress, score_files, score_to
from trustcoach.batch.summary import Example, LeftOut, Summary

__all__ = ["Engine", "Example", "LeftOut", "Progress", "Summary", "score_files", "score_to"]
