"""Locks that the kernel keeps: they end with their holder, however it ends."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

_LOOK_AGAIN_SECONDS = 0.02


class Lock:
    """An exclusive `flock` on a file that is never removed.

    A process that inherits `descriptor` holds the lock too: it is free when the last one has
    closed it or is gone.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """The open file; only while held."""
        if self._descriptor is None:
            raise RuntimeError(f"The lock {self._path} is not held.")
        return self._descriptor

    def take(self) -> bool:
        """Take it if it is free. Raises OSError where the file cannot be opened."""
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
        """Take it as soon as it is free; False after so many seconds."""
        end = time.monotonic() + seconds
        while not self.take():
            if time.monotonic() > end:
                return False
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        return True

    def let_go(self) -> None:
        """Close our own descriptor; a process that inherited it goes on holding the lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def sign(self) -> None:
        """Write our process id into the file, for whoever finds it locked."""
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, f"{os.getpid()}\n".encode(), 0)

    def signed_by(self) -> str:
        """The process id of the holder as it wrote it; empty where it did not."""
        try:
            return self._path.read_text(encoding="ascii", errors="replace").strip()[:20]
        except OSError:
            return ""
