"""The queue: procrastinate's tasks. A job carries an id and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from advisor.errors import DatabaseUnreachable
from bot.jobs.enqueue import CARRY_ON, JUDGE

if TYPE_CHECKING:
    from procrastinate import App

__all__ = ["Carry", "MayAct", "always", "queue_app"]

_log = logging.getLogger(__name__)

Carry = Callable[[str], Awaitable[None]]
"""Carries on with the request, or judges the click, of that id, from what its row says."""

MayAct = Callable[[], bool]
"""Whether this bot may change anything at the moment."""


def always() -> bool:
    """Nothing stands against it."""
    return True


def queue_app(carry_on: Carry, judge: Carry, may_act: MayAct = always) -> App:
    """An app with both tasks; it is opened with a pool, and used for one round of the worker."""
    from procrastinate import App, PsycopgConnector

    _quiet()
    app = App(connector=PsycopgConnector())

    @app.task(name=CARRY_ON)
    async def carry_on_with(request_id: str) -> None:
        await _carried(carry_on, request_id, may_act)

    @app.task(name=JUDGE)
    async def judge_click(click_id: str) -> None:
        await _carried(judge, click_id, may_act)

    return app


async def _carried(work: Carry, item_id: str, may_act: MayAct) -> None:
    """A job that fails is no loss: the row is still due, and the sweep comes back to it."""
    if not may_act():
        return
    try:
        await work(item_id)
    except DatabaseUnreachable:
        _log.info("%s is put off: the database does not answer.", item_id)
    except Exception:  # noqa: BLE001  the boundary: one request's mistake is not another's
        _log.exception("%s is put off for a reason nobody foresaw.", item_id)


def _quiet() -> None:
    """It tells of every job, and at length of what the worker's loop says in a sentence."""
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
