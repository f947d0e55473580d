"""The prices of the regions in use, kept warm: read once a day, so that no card waits for them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta

from advisor.errors import VmbackupError
from advisor.prices.knowledge import needed_in
from advisor.regions import region
from bot.jobs.current_prices import BotPrices
from bot.loops import is_cancelled

_log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 30.0
REGIONS_EVERY = timedelta(days=1)
#: A reading that failed is tried again then; a list that failed rests as long.
AGAIN_AFTER = timedelta(minutes=10)

ReadRegions = Callable[[], Awaitable[Iterable[str]]]


class PricesKeptWarm:
    """Runs beside the sweeps. `regions` reads where VMs are; `currencies` are those of the rules.

    It never ends the bot: what fails is logged and tried again.
    """

    def __init__(
        self,
        prices: BotPrices,
        regions: ReadRegions,
        currencies: Iterable[str],
        clock: Callable[[], datetime],
    ) -> None:
        self._prices, self._regions = prices, regions
        self._currencies = tuple(dict.fromkeys(currencies))
        self._clock = clock
        self._next: datetime | None = None

    async def run(self) -> None:
        """Look until the task is cancelled."""
        while not is_cancelled():
            try:
                await self.once()
            except Exception:  # noqa: BLE001  the boundary: the next look begins anew
                _log.exception("Something went wrong while keeping the prices warm.")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def once(self) -> None:
        """Refresh what answers found to be old; once a day also the regions in use."""
        now = self._clock()
        await self._prices.refresh(now)
        if not self._prices.asks or (self._next is not None and now < self._next):
            return
        self._next = now + AGAIN_AFTER
        try:
            in_use = await self._regions()
        except VmbackupError as error:
            _log.warning("The regions in use could not be read: %s", error)
            return
        if await self._warmed(with_pairs(in_use)):
            self._next = now + REGIONS_EVERY

    async def _warmed(self, regions: Iterable[str]) -> bool:
        """False where the list could not be asked."""
        for name in regions:
            meters = [needed.meter for needed in needed_in(name)]
            for currency in self._currencies:
                if await self._prices.warm(meters, currency, self._clock()):
                    return False  # it was logged
        return True


def with_pairs(names: Iterable[str]) -> tuple[str, ...]:
    """The regions and those that they are paired with, each once."""
    every = [name.lower() for name in names]
    pairs = (region(name).pair for name in every)
    return tuple(dict.fromkeys((*every, *(pair for pair in pairs if pair))))
