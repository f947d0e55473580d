"""The alerts that a process without its other part shows, and a loop that hangs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp

from bot.health.health import LOOP_SECONDS, ProcessHealth
from bot.health.server import Probes, probes_at
from bot.jobs.sweep import Chore, Sweep
from bot.loops import running
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from deploy.local.bot_process import free_port
from deploy.local.database_clock import make_movable, move_forward
from deploy.local.faults import Fault, Kind
from tests.alerts.alarmed_bot import NEEDS_PROMTOOL, firing_around, save_prices, scraped
from tests.alerts.alarmed_bot import says_to as entry_says
from tests.alerts.told_to_prometheus import firing
from tests.databases import Served
from tests.health.probed_bot import beside, probed

pytestmark = NEEDS_PROMTOOL
OVERDUE = "vmbackup_request_overdue_seconds"


async def test_listeners_without_a_worker_and_a_worker_that_is_started(
    data_directory: Path, served: Served, tmp_path: Path
) -> None:
    """Nobody works, and a request that was asked for meanwhile waits."""
    save_prices(data_directory / "listener", timedelta(0))
    make_movable(served.connection_keywords)
    async with probed(data_directory / "listener", served, "--only", "listener") as listener:
        await listener.ready()
        before = await scraped(listener)
        await listener.slack.type_command("ada", "#ops", "/vmbackup snapshot web-01 the update")
        move_forward(served.connection_keywords, timedelta(minutes=11))
        await listener.until_figure(OVERDUE, lambda seconds: seconds > 600)
        during = await scraped(listener)
        entry_says("VmbackupNobodyWorks", "Start a worker")
        entry_says("VmbackupRequestsWait", "Start the workers")
        save_prices(data_directory / "worker", timedelta(0))
        async with beside(listener, data_directory / "worker", "--only", "worker") as worker:
            await worker.ready()
            await worker.until_figure('vmbackup_requests{state="waiting"}', lambda now: now == 1)
            await listener.until_figure(OVERDUE, lambda seconds: seconds == 0)
            after = await scraped(listener, worker)
    fired = firing([before, during, after], tmp_path)
    assert fired == [
        {"VmbackupNobodyWorks"},
        {"VmbackupNobodyWorks", "VmbackupRequestsWait"},
        set(),
    ]


@dataclass
class Process:
    """A sweep with one chore, watched as the bot's are; its clock can be moved."""

    address: str
    now: float = 0.0

    async def scraped(self) -> dict[str, str | None]:
        address = f"{self.address}/metrics"
        async with aiohttp.ClientSession() as session, session.get(address) as answer:
            return {"bot-0": await answer.text()}


@asynccontextmanager
async def process(chore: Chore) -> AsyncIterator[Process]:
    async def ready() -> str:
        return ""

    found = Process("")
    health = ProcessHealth(lambda: found.now)
    for part in ("slack", "worker", "database"):
        health.part(part, ready)
    sweep = Sweep([chore], 0.05, beat=health.loop("sweep"))
    async with (
        probes_at(("127.0.0.1", free_port()), Probes(health)) as port,
        running(sweep.run),
    ):
        found.address = f"http://127.0.0.1:{port}"
        yield found


async def test_a_loop_that_hangs_in_azure_and_the_process_that_is_started_anew(
    tmp_path: Path,
) -> None:
    """No fault of Azure's hangs a loop of the product; here a chore is deaf to its time-out."""
    began, ends = asyncio.Event(), asyncio.Event()
    async with AzureStandIn(World()) as azure, aiohttp.ClientSession() as session:

        async def deaf() -> None:
            while not ends.is_set():
                with suppress(asyncio.CancelledError, aiohttp.ClientError):
                    began.set()
                    async with session.get(f"{azure.url}/subscriptions"):
                        pass

        async with process(Chore("asking Azure", deaf)) as hanging:
            before = await hanging.scraped()
            azure.faults.add(Fault(Kind.HANG, times=None))
            await began.wait()
            hanging.now = LOOP_SECONDS + 1
            during = await hanging.scraped()
            ends.set()
        entry_says("VmbackupLoopHangs", "Start the process anew")
        azure.faults.clear()
        began.clear()
        ends.clear()
        async with process(Chore("asking Azure", began.wait)) as anew:
            began.set()
            after = await anew.scraped()
    firing_around("VmbackupLoopHangs", tmp_path, before, during, after)
