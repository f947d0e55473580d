"""What was found out of VMs before, by bills and by measuring, beside what an inventory finds."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol

from advisor.kept_measures import KeptMeasures, with_measures
from advisor.learned import with_bill
from advisor.model import BilledSizes, KnownVm


class Earlier(NamedTuple):
    """What was found out of one VM before; None: nothing was."""

    billed: BilledSizes | None = None
    measured: KeptMeasures | None = None


NOTHING_EARLIER = Earlier()


def with_earlier(known: KnownVm, earlier: Earlier, now: datetime) -> KnownVm:
    """The VM with what of that is still true of it, where it was not found out now."""
    return with_measures(with_bill(known, earlier.billed, now), earlier.measured, now)


class FindsVm(Protocol):
    """An inventory that finds one VM by its name."""

    async def find(self, wanted: str, now: datetime) -> KnownVm: ...


class KnowsEarlier(Protocol):
    """What was found out before, by the VM's lower-cased id."""

    async def earlier(self, vm: str) -> Earlier: ...


class FinderWithEarlier:
    """Finds VMs as the inventory does, each with what was found out of it before."""

    def __init__(self, inventory: FindsVm, before: KnowsEarlier) -> None:
        self._inventory, self._before = inventory, before

    async def find(self, wanted: str, now: datetime) -> KnownVm:
        """Raises what the inventory raises, and what reading what was kept raises."""
        known = await self._inventory.find(wanted, now)
        return with_earlier(known, await self._before.earlier(known.vm.key), now)
