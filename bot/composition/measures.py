"""What Slack may have measured, put together; and the restores that this bot itself has done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from advisor.asked import AdviceAsked
from advisor.azure.cost_cache import CostCache
from advisor.azure.guest_metrics import checked_workspace
from advisor.azure.live import LiveInventory
from advisor.kept_measures import KeptMeasures, measures_of
from advisor.measuring import Measuring
from advisor.model import KnownVm, RestoreMeasured
from advisor.model.measure_report import MeasureReport
from advisor.needs import Tiers
from advisor.prices.saved import cache_directory
from advisor.prices.source import PriceSource

#: The bot's own restores by the lower-cased id of the VM at hand, which is its own.
OwnRestoresOf = Callable[[str], Awaitable[tuple[RestoreMeasured, ...]]]


#: Keeps what was measured of a VM for later answers, by its lower-cased id.
KeepMeasures = Callable[[str, KeptMeasures], Awaitable[None]]


class RestoresBeside:
    """An inventory whose VMs come with the bot's own restores, too."""

    def __init__(self, inventory: LiveInventory, restores: OwnRestoresOf) -> None:
        self._inventory, self._restores = inventory, restores

    async def find(self, wanted: str, now: datetime) -> KnownVm:
        """As LiveInventory. Raises also what reading the database raises."""
        known = await self._inventory.find(wanted, now)
        own = await self._restores(known.vm.key)
        if not own:
            return known
        restores = (*known.measured.restores, *own)
        measured = known.measured._replace(restores=restores, read_at=now)
        return replace(known, measured=measured)


class LiveMeasures:
    """Measurements of a live inventory; what they find is kept.

    `workspace`: of Log Analytics; empty: none is asked. Raises UsageError for what is no
    workspace's id.
    """

    def __init__(
        self,
        inventory: LiveInventory,
        prices: PriceSource,
        tiers: Tiers,
        restores: OwnRestoresOf,
        clock: Callable[[], datetime],
        keep: KeepMeasures,
        workspace: str = "",
    ) -> None:
        self._inventory, self._prices, self._tiers = inventory, prices, tiers
        self._restores, self._clock, self._keep = restores, clock, keep
        self._workspace = checked_workspace(workspace) if workspace.strip() else ""

    async def of_vm(self, vm: str) -> MeasureReport:
        """As bot.commands.measuring.Measures has it."""
        cache = CostCache(cache_directory(), self._inventory.connection.base_url)
        measuring = Measuring(
            self._inventory,
            self._prices.book,
            cache,
            self._workspace,
            self._clock,
            self._restores,
        )
        found = await measuring.of_vm(AdviceAsked(vm=vm), self._tiers)
        known = found.after.known
        await self._keep(known.vm.key, measures_of(known))
        return found
