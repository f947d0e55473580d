"""The connections of a process, opened in order: the probes' port before the database."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from advisor.cli.advise import live_inventory
from advisor.errors import SettingsUnreadable
from advisor.prices.discounts import NO_DISCOUNTS, Discounts
from bot.composition.prices import bot_prices, kept_warm
from bot.composition.probes import watch
from bot.composition.request_parts import Connections, people_of, vms_of
from bot.composition.slack_app import web_client
from bot.database import open_once_reachable
from bot.database.one_clock import DatabaseTime, refuse_moved_clock
from bot.health.health import ProcessHealth
from bot.health.server import Probes, probes_at
from bot.jobs.warm_prices import PricesKeptWarm
from bot.metrics import count_azure
from bot.requests.approval.rules import RequestRules
from bot.settings import Settings
from bot.traces import azure_span


class Opened(NamedTuple):
    """What is open: the connections, the database's time, and what keeps prices warm."""

    connections: Connections
    clock: DatabaseTime
    warm: PricesKeptWarm


@asynccontextmanager
async def connected(
    settings: Settings,
    rules: RequestRules,
    health: ProcessHealth,
    discounts: Discounts = NO_DISCOUNTS,
) -> AsyncIterator[Opened]:
    """All that a process needs, open while the block lasts.

    The probes ask `health` from the start, also while the database is waited for.

    Raises SettingsUnreadable, DatabaseInUse, DatabaseUnusable.
    """
    probes = Probes(health)
    async with AsyncExitStack() as stack:
        await _answer_probes(settings, probes, stack)
        database = await stack.enter_async_context(open_once_reachable(settings))
        # Played or another cloud's, the address is that of the settings.
        azure = await stack.enter_async_context(
            live_inventory(
                settings.subscriptions,
                settings.management_groups,
                settings.azure_url,
                count_azure,
                azure_span,
            )
        )
        await refuse_moved_clock(database, is_played=settings.azure_is_local)
        clock = DatabaseTime(database)
        client, prices = web_client(settings), bot_prices(settings, discounts)
        connections = Connections(
            database=database,
            inventory=azure,
            prices=prices,
            client=client,
            rules=rules,
            people=people_of(client),
            vms=vms_of(azure, settings.names_seconds),
        )
        watch(health, probes, connections, prices)
        yield Opened(connections, clock, kept_warm(prices, azure, rules, clock.now))


async def _answer_probes(settings: Settings, probes: Probes, stack: AsyncExitStack) -> None:
    try:
        await stack.enter_async_context(probes_at(settings.health_host_and_port, probes))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES):
            raise
        raise SettingsUnreadable(
            "the environment",
            "VMBACKUP_HEALTH_ADDRESS",
            f"nobody can listen at {settings.health_address} ({error.strerror}). Choose another.",
        ) from error
