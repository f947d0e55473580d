"""The process of a bot: the listener, the worker, or both, until it is stopped."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from enum import StrEnum
from functools import partial

from advisor.advising import Advisor
from advisor.azure.connection import AzureConnection
from advisor.cli.parameters import parse_asked
from advisor.earlier import FinderWithEarlier
from advisor.needs import Tiers
from bot.azure.connection import AzureActs
from bot.composition.bills import LedgerBills, daily_bills_of
from bot.composition.fleets import fleet_service_of, weekly_digest_of
from bot.composition.measures import LiveMeasures, RestoresBeside
from bot.composition.request_parts import (
    Connections,
    advice_service_of,
    comparison_of,
    home_service_of,
    request_service_of,
    sender_of,
    workflow_of,
)
from bot.composition.secrets import following_secrets
from bot.composition.slack_app import Bot, build_bot, serve
from bot.database.earlier import EarlierStore
from bot.database.forgetting import forget_people
from bot.database.ledger import Ledger
from bot.database.one_clock import DatabaseTime
from bot.database.own_restores import OwnRestores
from bot.database.trace_rows import TraceRows
from bot.garbage import loaded_modules_frozen
from bot.health.health import ProcessHealth
from bot.jobs.enqueue import JobWakes
from bot.jobs.queue import Carry
from bot.jobs.sweep import Chore, Do, Sweep, chores
from bot.jobs.told_of_messages import told_of_messages
from bot.jobs.warm_prices import PricesKeptWarm
from bot.jobs.worker_loop import Worker
from bot.loops import is_cancelled, running
from bot.metrics import count_azure
from bot.settings import Settings
from bot.settings.live_secrets import LiveSecrets
from bot.slack.audience import Audience
from bot.slack.inbound.idle import IdleClock
from bot.slack.inbound.single_instance import SingleInstance
from bot.slack.outbox import Sender
from bot.traces import azure_span
from bot.workflow.ledger_look import LOOK_EVERY_SECONDS
from bot.workflow.ports import WorkflowPace

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0
#: Commands that one transaction stored are acknowledged together: fifty take about 20 ms.
IDLE_BEFORE_JOBS_SECONDS = 0.03


class ProcessPart(StrEnum):
    """A part of the bot that can run by itself, beside others on one database."""

    LISTENER = "listener"  #: takes Slack's deliveries
    WORKER = "worker"  #: does the work

    @property
    def ready_as(self) -> str:
        """What /readyz and the metric `vmbackup_ready` call it."""
        return "slack" if self is ProcessPart.LISTENER else self.value


async def run(
    settings: Settings,
    connections: Connections,
    tiers: Tiers,
    stop: asyncio.Event,
    clock: DatabaseTime,
    *,
    address: tuple[str, int] | None = None,
    only: ProcessPart | None = None,
    warm: PricesKeptWarm | None = None,
    health: ProcessHealth | None = None,
) -> None:
    """Serve until `stop`, with prices kept warm by `warm`; `health` is told. Raises SlackRefused.

    Where the listener cannot start, the worker stops, too: nobody would read what it does.
    """
    idle = IdleClock(time.monotonic)
    instance = SingleInstance(
        shares_database=settings.database_url is not None, expects_hello=address is None
    )
    health = health or ProcessHealth()
    for part in ProcessPart:
        if only in (None, part):
            health.part_that_starts(part.ready_as)
    secrets = LiveSecrets(settings)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(following_secrets(secrets, connections))
        await stack.enter_async_context(running(clock.run))
        if warm is not None:
            await stack.enter_async_context(running(warm.run))
        if only is not ProcessPart.LISTENER:
            await stack.enter_async_context(
                working(settings, connections, tiers, clock, instance, idle, health)
            )
        if only is ProcessPart.WORKER:
            _log.info("The worker runs; another process listens to Slack.")
            with loaded_modules_frozen():
                await stop.wait()
        else:
            if connections.vms is not None:
                await stack.enter_async_context(running(connections.vms.run))
            bot = listening(settings, connections, tiers, instance, idle, clock, secrets)
            health.part(ProcessPart.LISTENER.ready_as, bot.link.why_not)
            await serve(bot, address, stop)
        _log.info("Stopping: the bot takes nothing new and finishes the work under way.")


def listening(
    settings: Settings,
    connections: Connections,
    tiers: Tiers,
    instance: SingleInstance,
    idle: IdleClock,
    clock: DatabaseTime,
    secrets: LiveSecrets | None = None,
) -> Bot:
    """The app that takes Slack's deliveries; it is not connected yet."""
    ledger, inventory = Ledger(connections.database), connections.inventory
    restores = OwnRestores(connections.database).of_vm
    earlier = EarlierStore(connections.database)
    finder = FinderWithEarlier(RestoresBeside(inventory, restores), earlier)
    audience = Audience(connections.people, connections.rules)
    return build_bot(
        settings,
        Advisor(finder, tiers, connections.prices, clock.now),
        parse_asked,
        ledger,
        client=connections.client,
        audience=audience,
        advices=advice_service_of(connections, clock.now),
        homes=home_service_of(connections),
        bills=LedgerBills(inventory, connections.prices, ledger.estimates, clock.now, earlier),
        fleets=fleet_service_of(settings, connections, tiers, audience, clock.now),
        measures=LiveMeasures(
            inventory,
            connections.prices,
            tiers,
            restores,
            clock.now,
            earlier.measured.keep,
            settings.workspace,
        ),
        requests=request_service_of(connections, instance.check),
        instance=instance,
        idle=idle,
        secrets=secrets,
    )


@asynccontextmanager
async def working(
    settings: Settings,
    connections: Connections,
    tiers: Tiers,
    clock: DatabaseTime,
    instance: SingleInstance,
    idle: IdleClock,
    health: ProcessHealth,
) -> AsyncIterator[None]:
    """The worker runs jobs, sweeps rows, sends messages and digests while the block lasts."""
    connection = AzureConnection(
        base_url=settings.azure_url,
        allow_plain_http=settings.azure_is_local,
        observe=count_azure,
        around=azure_span,
    )
    async with connection, AzureActs(connection) as azure:
        pace = WorkflowPace(lease_seconds=settings.lease_seconds)
        workflow = workflow_of(connections, azure, pace, instance.may_act)
        worker = Worker(
            connections.database,
            settings,
            carry_on=partial(_once_idle, idle, workflow.carry_on),
            judge=workflow.judge,
            may_act=instance.may_act,
            beat=health.loop("queue"),
            traces=TraceRows(connections.database),
        )
        swept = _chores(settings, connections, workflow.look_after)
        health.part(ProcessPart.WORKER.ready_as, worker.why_not)
        sweep = Sweep(swept, settings.sweep_seconds, instance.may_act, health.loop("sweep"))
        # A sweep of its own: what is due does not wait until Azure has answered.
        look = Chore(
            "comparing the ledger with Azure",
            comparison_of(connections, azure).look,
            LOOK_EVERY_SECONDS,
        )
        looking = Sweep([look], settings.sweep_seconds, instance.may_act, health.loop("ledger"))
        sender = sender_of(connections, health.loop("sender"))
        told = partial(told_of_messages, connections.database, sender.wake)
        digest = weekly_digest_of(settings, connections, tiers, clock.now, instance.may_act)
        digests = (digest.run,) if digest else ()
        bills = daily_bills_of(settings, connections, clock.now, instance.may_act)
        loops = (worker.run, sweep.run, looking.run, partial(_sending, sender), told, bills.run)
        async with running(*loops, *digests):
            yield


def _chores(settings: Settings, connections: Connections, look_after: Do) -> list[Chore]:
    """What the sweep of a worker does."""
    forget = partial(
        forget_people,
        connections.database,
        kept=settings.people_kept,
        advice_kept=settings.advice_kept,
        tags_count_for=connections.rules.tags_count_for,
    )
    return chores(
        connections.store,
        connections.database,
        JobWakes(),
        look_after=look_after,
        forget_people=forget,
        stalled_seconds=settings.stalled_seconds,
    )


async def _once_idle(idle: IdleClock, carry_on: Carry, request_id: str) -> None:
    """Work on the request after the acknowledgements of this moment, where the process listens."""
    await idle.wait(IDLE_BEFORE_JOBS_SECONDS)
    await carry_on(request_id)


async def _sending(sender: Sender) -> None:
    """Send messages until cancelled; no error ends that."""
    while not is_cancelled():
        try:
            await sender.run(asyncio.Event())
        except Exception:  # noqa: BLE001  the boundary: the next round begins with what is stored
            _log.exception("Sending to Slack broke off; it starts again by itself.")
            await asyncio.sleep(_PAUSE_SECONDS)
