"""The queue: procrastinate's tasks. A job carries an id and nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from advisor.errors import DatabaseUnreachable
from bot.jobs.enqueue import CARRY_ON, JUDGE
from bot.traces import TRACING, span

if TYPE_CHECKING:
    from procrastinate import App

__all__ = ["Carry", "KeepsTraces", "MayAct", "always", "no_beat", "queue_app"]

_log = logging.getLogger(__name__)

Carry = Callable[[str], Awaitable[None]]
"""Works on the request, or judges the click, of that id, as its row says."""

MayAct = Callable[[], bool]
"""Whether this bot may change anything at the moment."""


def always() -> bool:
    """A MayAct without conditions."""
    return True


def no_beat() -> None:
    """A beat that nobody counts."""


class KeepsTraces(Protocol):
    """Says in which trace a request was asked for, and a button pressed."""

    async def of_request(self, request_id: str) -> str: ...

    async def of_click(self, click_id: str) -> str: ...


def queue_app(
    carry_on: Carry,
    judge: Carry,
    may_act: MayAct = always,
    beat: Callable[[], None] = no_beat,
    traces: KeepsTraces | None = None,
) -> App:
    """A procrastinate app with both tasks; each round of the worker opens one with a pool.

    A job goes on with the trace of its row, whichever wake-up or sweep brought it.
    """
    from procrastinate import App

    from bot.jobs.listening import LastingListener

    _silence_procrastinate()
    app = App(connector=LastingListener(beat))

    @app.task(name=CARRY_ON)
    async def carry_on_request(request_id: str) -> None:
        of_request = traces.of_request if traces else None
        await _run_job(_traced(carry_on, CARRY_ON, of_request), request_id, may_act)

    @app.task(name=JUDGE)
    async def judge_click(click_id: str) -> None:
        of_click = traces.of_click if traces else None
        await _run_job(_traced(judge, JUDGE, of_click), click_id, may_act)

    return app


def _traced(work: Carry, task: str, trace_of: Callable[[str], Awaitable[str]] | None) -> Carry:
    """The work within a span; where nothing is traced the row is not even read."""
    if trace_of is None or not TRACING.is_on:
        return work

    async def traced(item_id: str) -> None:
        with span(f"job {task}", {"vmbackup.id": item_id}, parent=await trace_of(item_id)):
            await work(item_id)

    return traced


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
