"""The queue: procrastinate's tasks. A job carries an id and nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from advisor.errors import DatabaseUnreachable
from bot.jobs.enqueue import CARRY_ON, JUDGE

if TYPE_CHECKING:
    from procrastinate import App

__all__ = ["Carry", "MayAct", "always", "queue_app"]

_log = logging.getLogger(__name__)

Carry = Callable[[str], Awaitable[None]]
"""Works on the request, or judges the click, of that id, as its row says."""

MayAct = Callable[[], bool]
"""Whether this bot may change anything at the moment."""


def always() -> bool:
    """A MayAct without conditions."""
    return True


def queue_app(carry_on: Carry, judge: Carry, may_act: MayAct = always) -> App:
    """A procrastinate app with both tasks; each round of the worker opens one with a pool."""
    from procrastinate import App

    from bot.jobs.listening import LastingListener

    _silence_procrastinate()
    app = App(connector=LastingListener())

    @app.task(name=CARRY_ON)
    async def carry_on_request(request_id: str) -> None:
        await _run_job(carry_on, request_id, may_act)

    @app.task(name=JUDGE)
    async def judge_click(click_id: str) -> None:
        await _run_job(judge, click_id, may_act)

    return app


async def _run_job(work: Carry, item_id: str, may_act: MayAct) -> None:
    """Run one job. A job that fails is no loss: its row is still due, and the sweep finds it."""
    if task := asyncio.current_task():  # procrastinate's own, which nobody waits for at its end
        task.add_done_callback(partial(_note_end, item_id))
    if not may_act():
        return
    try:
        await work(item_id)
    except DatabaseUnreachable:
        _log.info("%s is put off: the database does not answer.", item_id)
    except Exception:  # noqa: BLE001  the boundary: one request's error does not end the worker
        _log.exception("%s is put off after an unforeseen error.", item_id)


def _note_end(item_id: str, task: asyncio.Task[None]) -> None:
    """Where the database is away, procrastinate cannot write that the job ended, and raises."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.info("The queue could not note the end of %s: %s", item_id, type(error).__name__)


def _silence_procrastinate() -> None:
    """Silence procrastinate: it logs every job, and outages that the worker's loop reports."""
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
