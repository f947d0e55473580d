"""A bot as it runs: the listener, the worker, or both in one process, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial

from advisor.advising import Advisor
from advisor.azure.connection import AzureConnection
from advisor.cli.asking import parse_asked
from advisor.needs import Tiers
from bot.actions.connection import AzureActs
from bot.app import Bot, build_bot, serve
from bot.brains import Brains
from bot.database.ledger import Ledger
from bot.database.nudges import Nudges
from bot.jobs.queue import Carry
from bot.jobs.sweep import Sweep, chores
from bot.jobs.worker_loop import Worker, is_cancelled, running
from bot.parts import Doors, keeper_of, sender_of, story_of
from bot.quiet import Quiet
from bot.settings import Settings
from bot.slack.outbox import Sender
from bot.story.tools import Pace

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0
#: Commands that were kept together are acknowledged together: fifty take about 20 ms.
QUIET_FOR_JOBS_SECONDS = 0.03


class Part(StrEnum):
    """A part of the bot that can run by itself, beside others on one database."""

    LISTENER = "listener"  #: takes what Slack delivers
    WORKER = "worker"  #: does the work


async def run(
    settings: Settings,
    doors: Doors,
    tiers: Tiers,
    stop: asyncio.Event,
    *,
    address: tuple[str, int] | None = None,
    only: Part | None = None,
) -> None:
    """Serve until `stop`. Raises SlackRefused.

    Where Slack cannot be listened to nothing is worked on either: it would be said to nobody.
    """
    quiet = Quiet(time.monotonic)
    brains = Brains(
        shares_database=settings.database_url is not None, expects_hello=address is None
    )
    async with AsyncExitStack() as stack:
        if only is not Part.LISTENER:
            await stack.enter_async_context(working(settings, doors, brains, quiet))
        if only is Part.WORKER:
            _log.info("Working; Slack is listened to elsewhere.")
            await stop.wait()
        else:
            await serve(listening(settings, doors, tiers, brains, quiet), address, stop)
        _log.info("Stopping: nothing new is taken, what runs is finished.")


def listening(settings: Settings, doors: Doors, tiers: Tiers, brains: Brains, quiet: Quiet) -> Bot:
    """The app that takes what Slack delivers; not connected yet."""
    return build_bot(
        settings,
        Advisor(doors.inventory, tiers, doors.book, lambda: datetime.now(UTC)),
        parse_asked,
        Ledger(doors.database),
        client=doors.client,
        requests=keeper_of(doors, brains.check),
        brains=brains,
        quiet=quiet,
    )


@asynccontextmanager
async def working(
    settings: Settings, doors: Doors, brains: Brains, quiet: Quiet
) -> AsyncIterator[None]:
    """Jobs are done, rows swept and messages sent while the block lasts."""
    connection = AzureConnection(
        base_url=settings.azure_url, allow_plain_http=settings.azure_is_local
    )
    async with connection, AzureActs(connection) as azure:
        pace = Pace(lease_seconds=settings.lease_seconds)
        story = story_of(doors, azure, pace, brains.may_act)
        worker = Worker(
            doors.database,
            settings,
            carry_on=partial(_once_quiet, quiet, story.carry_on),
            judge=story.judge,
            may_act=brains.may_act,
        )
        swept = chores(
            doors.store,
            doors.database,
            Nudges(),
            look_after=story.look_after,
            stalled_seconds=settings.stalled_seconds,
        )
        sweep = Sweep(swept, settings.sweep_seconds, brains.may_act)
        sender = sender_of(doors)
        async with running(worker.run, sweep.run, partial(_sending, sender)):
            yield


async def _once_quiet(quiet: Quiet, carry_on: Carry, request_id: str) -> None:
    """Whoever asked at the same time is acknowledged first, where this process listens, too."""
    await quiet.wait(QUIET_FOR_JOBS_SECONDS)
    await carry_on(request_id)


async def _sending(sender: Sender) -> None:
    """Until it is cancelled; whatever goes wrong in it, messages must go on being sent."""
    while not is_cancelled():
        try:
            await sender.run(asyncio.Event())
        except Exception:  # noqa: BLE001  the boundary: the next round begins with what is stored
            _log.exception("Sending to Slack broke off; it begins again by itself.")
            await asyncio.sleep(_PAUSE_SECONDS)
