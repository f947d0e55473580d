"""Everything that was read at once: the VMs with what is around them, and what belongs to none."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from advisor.inventory.coverage import InventoryPart, InventoryRead, known_vms, with_items
from advisor.inventory.find import Fleet
from advisor.inventory.joining import Resources
from advisor.inventory.scopes_read import ScopesRead, scopes_read
from advisor.model import Reading


class Estate(NamedTuple):
    """All VMs, and every resource that was read, joined to one of them or not.

    `taken`: when it was read, where that is known. `scopes`: of which something came, of all of
    a fleet where this is a part of it; None: those of its own.
    """

    fleet: Fleet
    resources: Resources
    looked: InventoryRead
    taken: datetime | None = None
    scopes: ScopesRead | None = None

    @property
    def disks_read(self) -> bool:
        """Whether every VM and disk one may see was read: only then one that is absent is gone.

        A list that somebody chose may be that of one group, so that files alone never say it; the
        exports of `vmbackup inventory query` do.
        """
        return self.looked.at_once.get(InventoryPart.DISKS) is Reading.READ

    @property
    def scopes_read(self) -> ScopesRead:
        """Of which something came: other subscriptions may be out of scope, and other resource
        groups may be ones that may not be read."""
        if self.scopes is not None:
            return self.scopes
        ids = [known.vm.id for known in self.fleet.vms] + [one.id for one in self.resources.disks]
        return scopes_read(ids, (one.id for one in self.resources.snapshots))


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
