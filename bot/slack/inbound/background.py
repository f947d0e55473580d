"""The answers in progress: at most so many at once, and the end waits for all of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from bot.slack.inbound.idle import IdleClock

_log = logging.getLogger(__name__)

_Given = TypeVar("_Given")

AT_ONCE = 10  #: each reads Azure with a few queries; more would only be throttled together
WAITING = 200  #: beyond this an answer would come after the address for it has expired
#: A container is killed 30 s after SIGTERM (Azure Container Apps' default, 2026-03).
PATIENCE_SECONDS = 20.0
FAREWELL_SECONDS = 5.0


class BackgroundWork:
    """Tasks owned by the app. A task that raises is logged, never lost."""

    def __init__(self, idle: IdleClock, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self.idle = idle
        self.slots, self._most = asyncio.Semaphore(at_once), at_once + waiting
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    @property
    def takes_more(self) -> bool:
        """False when too much waits already, or at the end."""
        return not self._stopping and len(self._tasks) < self._most

    def start(self, job: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        """Start a job; it takes one of `slots` while it reads Azure. Whoever waits for it does not
        end it."""
        self.idle.stir()
        task = asyncio.create_task(job())
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    async def until_idle(self) -> None:
        """Wait until the acknowledgements of commands that came together have gone, in order."""
        async with self._turn:
            await self.idle.wait()

    async def in_turn(self, job: Callable[[], Awaitable[_Given]]) -> _Given:
        """Run a job that reads Azure, in one of `slots`, after the acknowledgements have gone."""
        async with self.slots:
            await self.until_idle()
            return await job()

    async def finish(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Take no new job; wait for the running ones, then cancel the rest and wait for them."""
        self._stopping = True
        await self._wait(patience_seconds)
        for task in self._tasks:
            task.cancel()
        await self._wait(FAREWELL_SECONDS)

    async def _wait(self, seconds: float) -> None:
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("A piece of work ended in an error.", exc_info=error)
