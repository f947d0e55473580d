"""Loops that run until they are cancelled; also a cancellation that was swallowed ends them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from advisor.errors import DatabaseUnreachable

_log = logging.getLogger(__name__)

#: A loop that has not ended by then is cancelled once more. Longer than what ends in order takes:
#: the jobs of a stopped worker have `VMBACKUP_STOP_SECONDS`, ten unless the operator says more.
CANCEL_AGAIN_SECONDS = 15.0


def is_cancelled() -> bool:
    """Whether this task was cancelled; a library in which it waited can hide that.

    procrastinate's worker and psycopg clean up when they are cancelled, and where that fails they
    raise the failure instead of the cancellation. And `asyncio.wait_for`, with which the pool
    waits for a connection, swallows one that comes with the result (Python before 3.12, gh-86296).
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


@asynccontextmanager
async def running(
    *loops: Callable[[], Coroutine[Any, Any, None]],
    cancel_again_seconds: float = CANCEL_AGAIN_SECONDS,
) -> AsyncIterator[None]:
    """The loops run while the block lasts; at its end each is cancelled until it has ended."""
    tasks = {asyncio.create_task(loop()) for loop in loops}
    for task in tasks:
        task.add_done_callback(_log_failure)
    try:
        yield
    finally:
        while tasks:
            for task in tasks:
                task.cancel()
            _, tasks = await asyncio.wait(tasks, timeout=cancel_again_seconds)


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.critical("A loop that should never end broke off.", exc_info=error)


async def again_and_again(
    once: Callable[[], Awaitable[object]],
    what: str,
    every_seconds: float,
    may_act: Callable[[], bool] = lambda: True,
) -> None:
    """Do it until the task is cancelled; no failure ends that. `what`: `the reading of bills`."""
    while not is_cancelled():
        if may_act():
            try:
                await once()
            except DatabaseUnreachable as error:
                _log.debug("The database is waited for (%s): %s", what, error)
            except Exception:  # noqa: BLE001  the boundary: the next look begins anew
                _log.exception("Something went wrong with %s.", what)
        await asyncio.sleep(every_seconds)
