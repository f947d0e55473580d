"""When Python's collector of cyclic garbage runs: not while one VM is advised on."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_cycles_sought() -> Iterator[None]:
    """The collector waits. For work that makes thousands of values and no cycle among them.

    It would walk them all two or three times for each VM of a fleet and find nothing: they go when
    the last reference does. It runs again afterwards, in threads beside this one, too.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
