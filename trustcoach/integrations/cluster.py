"""Before a cluster scores anything: that its workers can, and would find the same as this machine."""

from __future__ import annotations

from collections.abc import Mapping

from trustcoach.errors import SettingsError

__all__ = ["check_workers"]


def check_workers(answers: Mapping[str, str | BaseException | None]) -> None:
    """Object to workers that cannot score, or would find something else.

    Parameters
    ----------
    answers: what `trustcoach.batch.task.probe` returned on each worker, or the error that asking it met.

    Raises
    ------
    SettingsError: names the worker and what is wrong.
    """
    if not answers:
        raise SettingsError("The cluster has no workers.")
    for worker, answer in answers.items():
        if isinstance(answer, BaseException):
            raise SettingsError(
                f"The worker {worker} cannot be used ({type(answer).__name__}); trustcoach has to be installed there, in "
                f"the same version as here."
            )
        if answer is not None:
            raise SettingsError(f"The worker {worker} cannot be used: {answer}")
