"""Everything that was read at once: the VMs with what is around them, and what belongs to none."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from advisor.inventory.coverage import InventoryPart, InventoryRead, known_vms, with_items
from advisor.inventory.find import Fleet
from advisor.inventory.joining import Resources
from advisor.model import Reading


class Estate(NamedTuple):
    """All VMs, and every resource that was read, joined to one of them or not.

    `taken`: when it was read, where that is known.
    """

    fleet: Fleet
    resources: Resources
    looked: InventoryRead
    taken: datetime | None = None

    @property
    def disks_read(self) -> bool:
        """Whether every disk one may see was read: only then a source that is absent is gone."""
        at_once = self.looked.at_once.get(InventoryPart.DISKS) is Reading.READ
        vms = self.fleet.vms
        return at_once or bool(vms and all(one.coverage.disks is Reading.READ for one in vms))


def estate_of(
    resources: Resources,
    looked: InventoryRead,
    now: datetime,
    taken: datetime | None = None,
    why_none: str = "",
) -> Estate:
    """The resources joined. `why_none`: why there is no VM, where there is none."""
    resources = resources._replace(vaults=with_items(resources, looked))
    vms = known_vms(resources, looked, now, taken)
    return Estate(Fleet(vms, "" if vms else why_none), resources, looked, taken)
