"""Whoever sends messages is told as soon as one is written, by the database that has it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import psycopg
from psycopg.conninfo import make_conninfo

from bot.database.pool import Database
from bot.jobs.worker_loop import NOTICED_SOON
from bot.loops import is_cancelled

_log = logging.getLogger(__name__)

#: What the trigger of v0015 of the migrations notifies.
CHANNEL = "vmbackup_messages"
#: Between two attempts to listen; the sender looks by itself meanwhile.
PAUSE_SECONDS = 0.5


async def told_of_messages(database: Database, wake: Callable[[], None]) -> None:
    """Call `wake` whenever a transaction with a message was committed, until cancelled.

    An outage ends nothing: it listens again, and wakes then, too, for what it may have missed.
    """
    while not is_cancelled():
        conninfo = make_conninfo(**{**database.keywords, **NOTICED_SOON})
        try:
            await _listen(conninfo, wake)
        except psycopg.Error as error:
            _log.debug("The sender is not told of messages for now: %s", error)
        await asyncio.sleep(PAUSE_SECONDS)


async def _listen(conninfo: str, wake: Callable[[], None]) -> None:
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        await connection.execute(f"LISTEN {CHANNEL}".encode())
        wake()
        async for _ in connection.notifies():
            wake()
