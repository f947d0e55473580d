"""The bot reads bills by itself: once a day, by one worker, and as patiently as Azure asks for."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from test_bot_bill import Prices

from advisor.azure.live import LiveInventory
from advisor.bill.months import last_final
from advisor.earlier import Earlier
from advisor.errors import AzureRefused, AzureUnreachable, InputUnreadable
from bot.composition.bills import bill_reader
from bot.database.bill_reading import BillReading
from bot.database.earlier import EarlierStore
from bot.database.pool import Database, pooled
from bot.database.roles import ROLE
from bot.jobs.daily_bills import (
    AGAIN_SECONDS,
    LEASE_SECONDS,
    NEXT_SECONDS,
    DailyBills,
    wait_seconds,
)
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.throttle import QueryUnits
from deploy.local.database_clock import make_movable, move_forward
from deploy.local.faults import Fault, Kind
from tests.databases import Served
from tests.standin.azure.fleet_azure import running_fleet
from tests.standin.azure.running_azure import AsyncToken

QUERY = "Query_Usage"


class Place:
    """The sample fleet's Azure, the bot's database with a clock to move, and two workers."""

    def __init__(self, azure: AzureStandIn, served: Served, database: Database) -> None:
        self.azure, self.served, self.earlier = azure, served, EarlierStore(database)
        self.row = BillReading(database)
        self.workers = [self.worker() for _ in range(2)]

    def worker(self) -> DailyBills:
        def inventory() -> LiveInventory:
            token = AsyncToken(self.azure.world)
            return LiveInventory(credential=token, base_url=self.azure.url, allow_plain_http=True)

        return DailyBills(
            bill_reader(inventory, Prices(), self.now),
            self.row,
            self.earlier,
            self.now,
            lambda: secrets.token_hex(8),
        )

    def now(self) -> datetime:
        return self.azure.world.now

    def forward(self, seconds: float) -> None:
        move_forward(self.served.connection_keywords, timedelta(seconds=seconds))

    async def kept(self) -> Mapping[str, Earlier]:
        return await self.earlier.all()


@asynccontextmanager
async def placed(served: Served) -> AsyncIterator[Place]:
    await asyncio.to_thread(make_movable, served.connection_keywords)
    async with (
        running_fleet() as azure,
        pooled(served.connection_keywords, role=ROLE) as database,
    ):
        yield Place(azure, served, database)


@pytest.fixture
async def place(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Place]:
    monkeypatch.setenv("VMBACKUP_CACHE_DIR", str(tmp_path))
    async with placed(served) as found:
        yield found


async def test_one_of_two_workers_reads_the_newest_final_month_once_a_day(place: Place) -> None:
    done = await asyncio.gather(*(each.once() for each in place.workers))
    assert sorted(done) == [False, True]
    kept = await place.kept()
    [sql] = [one.billed for vm, one in kept.items() if vm.endswith("/db-01")]
    assert sql is not None
    assert sql.month == str(last_final(place.now().date()))
    assert len(kept) > 1
    asked = place.azure.counts[QUERY]
    assert asked
    place.forward(NEXT_SECONDS - 60)
    assert not await place.workers[0].once()
    place.forward(120)
    assert await place.workers[1].once()


async def test_where_costs_were_asked_too_often_it_waits_as_long_as_azure_says(
    place: Place,
) -> None:
    units = place.azure.world.part(QueryUnits)
    units.windows = ((1, 3 * AGAIN_SECONDS),)
    assert not await place.workers[0].once()
    assert await place.kept() == {}
    units.windows = ((1000, 1.0),)
    place.forward(2 * AGAIN_SECONDS)
    assert not await place.workers[0].once(), "Azure named three hours"
    place.forward(AGAIN_SECONDS + 60)
    assert await place.workers[0].once()
    assert await place.kept()


async def test_half_a_bill_teaches_nothing(place: Place) -> None:
    """One query of several may not be read."""
    place.azure.faults.add(Fault(Kind.FORBIDDEN, QUERY, times=1))
    assert not await place.workers[0].once()
    assert await place.kept() == {}
    place.forward(NEXT_SECONDS + 1)
    assert await place.workers[0].once()


async def test_a_worker_that_died_is_followed_and_notes_nothing_late(place: Place) -> None:
    assert await place.row.take("dead", LEASE_SECONDS)
    assert not await place.workers[0].once()
    place.forward(LEASE_SECONDS + 1)
    assert await place.workers[0].once()
    assert not await place.row.done("dead", "2026-10", NEXT_SECONDS)
    assert not await place.row.put_off("dead", 1, "late")


def test_how_long_it_waits_is_said_by_azure_or_by_what_failed() -> None:
    refused = AzureRefused("the costs", "403 AuthorizationFailed.")
    assert wait_seconds(refused) == NEXT_SECONDS
    assert wait_seconds(AzureRefused("x", "429", retry_after_seconds=7200.0)) == 7200
    assert wait_seconds(AzureRefused("x", "429", retry_after_seconds=9.0)) == AGAIN_SECONDS
    assert wait_seconds(AzureUnreachable("x", "no answer.")) == AGAIN_SECONDS
    assert wait_seconds(TimeoutError()) == AGAIN_SECONDS
    assert wait_seconds(InputUnreadable("x", "", "broken.")) == AGAIN_SECONDS
