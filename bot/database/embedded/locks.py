"""Locks that the kernel keeps: it frees a lock when its holder ends, also after a crash."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

_LOOK_AGAIN_SECONDS = 0.02


class Lock:
    """An exclusive `flock` on a file that is never removed.

    A process that inherits `descriptor` holds the lock, too: the lock is free when the last
    process has closed the descriptor or has ended.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """The descriptor of the open file; raises RuntimeError while the lock is not held."""
        if self._descriptor is None:
            raise RuntimeError(f"The lock {self._path} is not held.")
        return self._descriptor

    def take(self) -> bool:
        """Take the lock; False: another process holds it. Raises OSError of opening the file."""
        import fcntl  # POSIX only

        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return True

    async def take_within(self, seconds: float) -> bool:
        """Take the lock as soon as it is free; False: it was not free within so many seconds."""
        end = time.monotonic() + seconds
        while not self.take():
            if time.monotonic() > end:
                return False
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        return True

    def release(self) -> None:
        """Close this process's descriptor; a process that inherited it still holds the lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def write_holder(self) -> None:
        """Write this process's id into the file, for a process that finds it locked."""
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, f"{os.getpid()}\n".encode(), 0)

    def holder(self) -> str:
        """The process id that the holder wrote into the file; empty where it wrote none."""
        try:
            return self._path.read_text(encoding="ascii", errors="replace").strip()[:20]
        except OSError:
            return ""
