"""The bills that Slack may ask for, put together."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from advisor.azure.cost_cache import CostCache
from advisor.azure.live import LiveInventory
from advisor.bill.accuracy import AccuracyFound, accuracies
from advisor.bill.bill import VmBill
from advisor.bill.ledger import LedgerEntry, judged_months
from advisor.bill.months import Month, last_final, parse_month
from advisor.billing import Billing
from advisor.cli.advise import live_inventory
from advisor.earlier import Earlier
from advisor.model import BilledSizes
from advisor.prices.saved import cache_directory
from advisor.prices.source import PriceSource
from bot.composition.request_parts import Connections, new_token
from bot.database.bill_reading import BillReading
from bot.database.earlier import EarlierStore
from bot.jobs.daily_bills import DailyBills, FoundBefore, ReadBills
from bot.jobs.fleet_reader import OpenInventory, beside_the_loop, unless_stopped
from bot.metrics import count_azure
from bot.settings import Settings
from bot.slack.files import Files, OutgoingFile, unsent_words

_CHART_NAME = "accuracy.png"


class ChartsBySlack:
    """Sends pictures as files, to one person in their direct conversation."""

    def __init__(self, files: Files) -> None:
        self._files = files

    async def send(self, picture: bytes, title: str, shows: str, user_id: str) -> str:
        """As bot.commands.billing.SendsCharts has it."""
        file = OutgoingFile(_CHART_NAME, picture, title, comment=title, alt_text=shows)
        answer = await self._files.to_person(file, user_id)
        return "" if answer.done else f"There is no chart: {unsent_words(answer)}"


class LedgerBills:
    """Bills of a live inventory beside the estimates of the bot's ledger."""

    def __init__(
        self,
        inventory: LiveInventory,
        prices: PriceSource,
        estimates: Callable[[], Awaitable[tuple[LedgerEntry, ...]]],
        clock: Callable[[], datetime],
        earlier: FoundBefore,
    ) -> None:
        self._inventory, self._prices = inventory, prices
        self._estimates, self._clock, self._earlier = estimates, clock, earlier

    async def of_vm(self, vm: str, month: str | None) -> VmBill:
        """As bot.commands.billing.Bills has it."""
        today = self._clock().date()
        wanted = parse_month(month, today) if month else last_final(today)
        found = await (await self._billing()).of_vm(vm, wanted)
        if found.learned is not None:
            await self._earlier.learned.keep({found.vm: found.learned})
        return found

    async def accuracy(self, month: str | None) -> AccuracyFound:
        """As bot.commands.billing.Bills has it."""
        today, said = self._clock().date(), await self._estimates()
        months = (parse_month(month, today),) if month else judged_months(said, today)
        if not said or not months:
            return AccuracyFound((), months, len(said))
        held = await (await self._billing()).judged(months)
        await self._earlier.learned.keep(held.learned)
        return AccuracyFound(accuracies(held.judged), months, len(said))

    async def _billing(self) -> Billing:
        cache = CostCache(cache_directory(), self._inventory.connection.base_url)
        said, earlier = await self._estimates(), await self._earlier.all()
        return Billing(self._inventory, self._prices.book, cache, said, self._clock, earlier)


def daily_bills_of(
    settings: Settings,
    connections: Connections,
    clock: Callable[[], datetime],
    may_act: Callable[[], bool],
) -> DailyBills:
    """What reads the bills once a day, beside the loop and over connections of its own."""

    def inventory() -> LiveInventory:
        return live_inventory(
            settings.subscriptions, settings.management_groups, settings.azure_url, count_azure
        )

    row, earlier = BillReading(connections.database), EarlierStore(connections.database)
    read = bill_reader(inventory, connections.prices, clock)
    return DailyBills(read, row, earlier, clock, new_token, may_act)


def bill_reader(
    inventory: OpenInventory, prices: PriceSource, clock: Callable[[], datetime]
) -> ReadBills:
    """Reads a month's bill beside the loop. `inventory` opens connections for one reading."""

    async def read(month: Month, earlier: Mapping[str, Earlier]) -> Mapping[str, BilledSizes]:
        now, book = clock(), prices.book

        async def billed(stop: threading.Event) -> Mapping[str, BilledSizes]:
            async with inventory() as opened:
                cache = CostCache(cache_directory(), opened.connection.base_url)
                billing = Billing(opened, book, cache, (), lambda: now, earlier)
                return (await unless_stopped(billing.of_all(month), stop)).learned

        return await beside_the_loop(lambda stop: asyncio.run(billed(stop)))

    return read
