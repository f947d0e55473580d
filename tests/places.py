"""Where the databases of the tests lie: in memory where there is room for them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_IN_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 4 * 1024**3  #: a few hundred MB are used; tmpfs counts what the machine needs, too


def open_to_others(prefix: str) -> Path:
    """A new directory that root's server, which runs as somebody else, may enter."""
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=_memory()))
    made.chmod(0o755)
    return made


def _memory() -> Path | None:
    """A file system in memory with room, from which programs may be run, too; None: none is here.

    A cluster is a thousand files: a disk takes ten times as long to make and remove them.
    """
    if not _IN_MEMORY.is_dir() or not os.access(_IN_MEMORY, os.W_OK):
        return None
    found = os.statvfs(_IN_MEMORY)
    has_room = found.f_bavail * found.f_frsize >= _ROOM_BYTES
    return _IN_MEMORY if has_room and not found.f_flag & os.ST_NOEXEC else None
