"""The bills that Slack may ask for, put together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from advisor.azure.cost_cache import CostCache
from advisor.azure.live import LiveInventory
from advisor.bill.bill import VmBill
from advisor.bill.ledger import LedgerEntry
from advisor.bill.months import last_final, parse_month
from advisor.billing import Billing
from advisor.prices.saved import cache_directory
from advisor.prices.source import PriceSource


class LedgerBills:
    """Bills of a live inventory beside the estimates of the bot's ledger."""

    def __init__(
        self,
        inventory: LiveInventory,
        prices: PriceSource,
        estimates: Callable[[], Awaitable[tuple[LedgerEntry, ...]]],
        clock: Callable[[], datetime],
    ) -> None:
        self._inventory, self._prices = inventory, prices
        self._estimates, self._clock = estimates, clock

    async def of_vm(self, vm: str, month: str | None) -> VmBill:
        """As bot.commands.billing.Bills has it."""
        today = self._clock().date()
        wanted = parse_month(month, today) if month else last_final(today)
        cache = CostCache(cache_directory(), self._inventory.connection.base_url)
        said = await self._estimates()
        billing = Billing(self._inventory, self._prices.book, cache, said, self._clock)
        return await billing.of_vm(vm, wanted)
