"""Ways into other people's tools, each optional and thin; a module is imported only when it is asked for.

The clusters on which `trustcoach score` can run are modules here that hold a function `connect(address)`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from trustcoach.errors import SettingsError

if TYPE_CHECKING:
    from trustcoach.batch import Engine

__all__ = ["engine"]

_ENGINES = ("dask", "ray")


def engine(name: str, address: str) -> Engine:
    """The cluster of the kind *name* (`dask` or `ray`) at *address*.

    Raises
    ------
    SettingsError: when there is no such kind, it is not installed, or there is nothing at the address.
    """
    if name not in _ENGINES or not address:
        raise SettingsError(f"An engine is given as {' or '.join(f'{kind}=ADDRESS' for kind in _ENGINES)}.")
    try:
        made: Engine = importlib.import_module(f"trustcoach.integrations.{name}").connect(address)
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"{error.name} is not installed; install it with: pip install 'trustcoach[{name}]'"
        ) from error
    return made
