"""A lock between processes, held on a file beside the one that is changed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Whoever holds it reads and writes one file. After this time it hangs, and is not waited for:
#: what may be lost then was fetched, read or measured, and can be again.
_LONGEST_WAIT_S = 2.0
_LOOK_AGAIN_S = 0.01


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Hold the lock while the block lasts; False where somebody else keeps it. Raises OSError."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        yield _waited_for(handle)
    finally:
        os.close(handle)  # which gives the lock back, too


def _waited_for(handle: int) -> bool:
    until = time.monotonic() + _LONGEST_WAIT_S
    while not _taken(handle):
        if time.monotonic() >= until:
            return False
        time.sleep(_LOOK_AGAIN_S)
    return True


def _taken(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody else holds it, or the file system has no locks
        return False
    return True
