"""A fleet that lives through half a year: what happens to it, week by week. No word of digests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from advisor.prices.book import Book
from advisor.prices.quote import Key
from advisor.prices.shipped import shipped_quotes
from advisor.prices.source import Brought
from advisor.prices.wanted import WantedPrices
from deploy.local.azure.graph.quota import Quota
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import Body, World
from deploy.local.faults import Fault, Kind
from deploy.local.fleet.compute import DiskSpec, VmSpec, moment, vm_bodies
from deploy.local.fleet.recovery import (
    ITEM_STATES,
    ITEM_TYPE,
    PolicySpec,
    item_body,
    policy_body,
    vault_body,
    vault_id,
)

GRAPH = "ResourceGraph_Resources"
SHOP = "6f1d3c52-8a4e-4b7a-9c0e-2d5f7a9b1e34"
LAB = "0b9e4d17-5c3f-4f62-8e2a-71c6d8a3f590"
REGION = "westeurope"
PROD, DEV = {"environment": "production"}, {"environment": "development"}
WEEK = timedelta(days=7)
#: Product and part of the name of meters in westeurope whose price the script moves.
STORAGE = ("Backup", "GRS Data Stored")
SNAPSHOTS = ("Standard HDD Managed Disks", "Snapshots")


@dataclass
class MovingPrices:
    """The shipped prices, some of them multiplied. Nothing is ever fetched."""

    factors: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    @property
    def book(self) -> Book:
        return Book(
            quote._replace(amount=quote.amount * self._factor(quote.key))
            for quote in shipped_quotes()
        )

    def _factor(self, key: Key) -> Decimal:
        if key.region != REGION:
            return Decimal(1)
        for (product, part), factor in self.factors.items():
            if key.product == product and part in key.meter:
                return factor
        return Decimal(1)

    async def bring(self, wanted: WantedPrices, now: Any, spent: float = 0.0) -> Brought:
        return Brought()


class HalfYear:
    """The played Azure of six VMs in two subscriptions, and what may happen to them."""

    def __init__(self) -> None:
        self.world = World(pace=0.0, retry_after_seconds=0)
        self.world.part(Quota).most = 10_000
        self.prices = MovingPrices()
        self._age = timedelta(days=300)  #: of the VMs that there are from the start
        self._policies = (
            PolicySpec("daily", daily=30, weekly=12),
            PolicySpec("weekly", every_hours=168, daily=0, weekly=12),
        )
        self.vault = self._vault("rsv-shop", SHOP, "grs-crr")
        self.lab_vault = self._vault("rsv-lab", LAB, "lrs")
        for name in ("web-01", "web-02"):
            self.add_vm(name, SHOP, PROD, sizes=(64, 256))
            self.back_up(name)
        self.add_vm("db-01", SHOP, PROD, sizes=(128, 4096))
        self.back_up("db-01")
        self.add_vm("dev-01", LAB, DEV, sizes=(64,))
        self.back_up("dev-01", self.lab_vault)
        self.add_vm("batch-01", SHOP, DEV, sizes=(64,))  # nothing protects it, from the start
        self.nightly()
        self._age = timedelta(0)

    # --- what there is ------------------------------------------------------------------------

    def _vault(self, name: str, subscription: str, redundancy: str) -> Body:
        body = vault_body(vault_id(subscription, "rg-backup", name), REGION, redundancy, {})
        self.world.put(body)
        for spec in self._policies:
            self.world.put(policy_body(body, spec, 3))
        return body

    def vm(self, name: str) -> Body:
        found = self.world.of_type("Microsoft.Compute/virtualMachines")
        return next(one for one in found if one["name"] == name)

    def item(self, name: str) -> Body:
        found = self.world.of_type(ITEM_TYPE)
        return next(one for one in found if one["properties"]["friendlyName"] == name)

    def add_vm(
        self,
        name: str,
        subscription: str,
        tags: Mapping[str, str],
        sizes: tuple[int, ...],
        group: str = "rg-half-year",
    ) -> None:
        spec = VmSpec(
            name=name,
            group=group,
            subscription=subscription,
            region=REGION,
            size="Standard_D4s_v5",
            image="ubuntu-22",
            disks=[DiskSpec(sku="Premium_LRS", size_gib=size) for size in sizes],
            tags=tags,
        )
        for body in vm_bodies(spec, self.world.now - self._age):
            self.world.put(body)

    def back_up_new(self, name: str, group: str = "rg-half-year") -> None:
        """A VM that is made with its backup."""
        self.add_vm(name, SHOP, PROD, (64,), group)
        self.back_up(name)

    def remove_vm(self, name: str) -> None:
        """With its disks; a vault keeps what it has."""
        vm = self.vm(name)
        storage = vm["properties"]["storageProfile"]
        for disk in (storage["osDisk"], *storage["dataDisks"]):
            self.world.remove(disk["managedDisk"]["id"])
        self.world.remove(vm["id"])

    def back_up(self, name: str, vault: Body | None = None, policy: str = "daily") -> None:
        body = item_body(
            vault or self.vault, self.vm(name), policy, ITEM_STATES["active"], self.world.now, 30
        )
        self.world.put(body)

    # --- what happens -------------------------------------------------------------------------

    def nightly(self) -> None:
        """Every backup that works has a point of eight hours ago."""
        last = moment(self.world.now - timedelta(hours=8))
        for item in self.world.of_type(ITEM_TYPE):
            if item["properties"]["lastBackupStatus"] == "Completed":
                item["properties"] |= {"lastBackupTime": last, "lastRecoveryPoint": last}

    def fail(self, name: str) -> None:
        """Its job failed last night, and its newest point is of the night before."""
        self._state(name, "failed")

    def mend(self, name: str) -> None:
        self._state(name, "active")

    def _state(self, name: str, state: str) -> None:
        item, vm = self.item(name), self.vm(name)
        vault = self.vault if self.vault["id"] in item["id"] else self.lab_vault
        last = self.world.now - timedelta(hours=32 if state == "failed" else 8)
        self.world.put(item_body(vault, vm, "daily", ITEM_STATES[state], last, 30))

    def assign(self, name: str, policy: str) -> None:
        item = self.item(name)
        vault = item["id"].split("/backupFabrics/")[0]
        item["properties"] |= {
            "policyId": f"{vault}/backupPolicies/{policy}",
            "policyName": policy,
        }

    def leave_out(self, name: str, lun: int) -> None:
        """A data disk is taken out of the backup."""
        chosen = {"diskLunList": [lun], "isInclusionList": False}
        extended = {"diskExclusionProperties": chosen}
        self.item(name)["properties"]["extendedProperties"] = extended

    def take_in(self, name: str) -> None:
        del self.item(name)["properties"]["extendedProperties"]

    def end_backup(self, name: str) -> None:
        """Somebody deletes the item, with soft delete long over."""
        self.world.remove(self.item(name)["id"])

    def price(self, meter: tuple[str, str], factor: str) -> None:
        """Of its price at the start."""
        self.prices.factors[meter] = Decimal(factor)

    def hide(self, subscription: str) -> None:
        """The bot's identity loses its rights there: Resource Graph shows nothing of it."""
        self.world.forbidden.add(f"/subscriptions/{subscription.lower()}")

    def hide_group(self, group: str) -> None:
        """The role assignment on one resource group is taken away, and no other one."""
        self.world.forbidden.add(f"/subscriptions/{SHOP}/resourceGroups/{group}")

    def show_again(self) -> None:
        self.world.forbidden.clear()

    def delete_subscription(self, subscription: str) -> None:
        """With all that is in it."""
        within = f"/subscriptions/{subscription.lower()}"
        for key in [each for each in self.world.resources if each.startswith(within)]:
            del self.world.resources[key]


def throttled(azure: AzureStandIn, skip: int) -> None:
    """Resource Graph answers so many queries, and then says 429 to every other one."""
    azure.faults.clear()
    azure.faults.add(
        Fault(Kind.STATUS, operation=GRAPH, status=429, retry_after="0", skip=skip, times=None)
    )


Happening = Callable[[HalfYear], None]


@dataclass(frozen=True)
class Week:
    """What happens before the digest of a week is due.

    `answers`: how many queries Azure answers in each reading before it throttles; None: all.
    `worker`: whether one runs.
    """

    happens: tuple[Happening, ...] = ()
    answers: int | None = None
    worker: bool = True

    @property
    def is_settled(self) -> bool:
        """Whether there is a digest, said or silent: with not one VM read there is none."""
        return self.worker and self.answers != 0


#: By the number of the week. Week 0 is the first reading, that others are compared with.
SCRIPT: Mapping[int, Week] = {
    2: Week((lambda fleet: fleet.add_vm("new-01", SHOP, PROD, (64,)),)),
    4: Week((lambda fleet: fleet.fail("web-02"),)),
    6: Week((lambda fleet: fleet.mend("web-02"),)),
    7: Week((lambda fleet: fleet.leave_out("db-01", 0),)),
    8: Week((lambda fleet: fleet.take_in("db-01"),)),
    9: Week((lambda fleet: fleet.assign("web-01", "weekly"),)),
    10: Week((lambda fleet: fleet.assign("web-01", "daily"),)),
    11: Week((lambda fleet: fleet.price(STORAGE, "1.2"),)),
    12: Week((lambda fleet: fleet.price(STORAGE, "1.206"),)),
    # Its job fails in the week in which nobody can read what protects it.
    13: Week((lambda fleet: fleet.fail("web-02"),), answers=1),
    # Both happen while no worker runs.
    15: Week((lambda fleet: fleet.remove_vm("new-01"),), worker=False),
    16: Week((lambda fleet: fleet.mend("web-02"),)),
    17: Week((lambda fleet: fleet.end_backup("dev-01"),)),
    19: Week((lambda fleet: fleet.price(SNAPSHOTS, "12"),)),
    20: Week((lambda fleet: fleet.back_up_new("safe-01"),)),
    21: Week((lambda fleet: fleet.hide(LAB),)),
    22: Week((lambda fleet: fleet.show_again(),)),
    # Not one VM can be read, so that nobody knows that one is gone.
    23: Week((lambda fleet: fleet.remove_vm("safe-01"),), answers=0),
    25: Week((lambda fleet: fleet.price(STORAGE, "1.2145"),)),
    26: Week((lambda fleet: fleet.delete_subscription(LAB),)),
    27: Week((lambda fleet: fleet.back_up_new("side-01", "rg-side"),)),
    # Rights are lost on one resource group, come back, and are lost again; nobody deletes it.
    28: Week((lambda fleet: fleet.hide_group("rg-side"),)),
    30: Week((lambda fleet: fleet.show_again(),)),
    31: Week((lambda fleet: fleet.hide_group("rg-side"),)),
    32: Week((lambda fleet: fleet.remove_vm("side-01"),)),
    33: Week((lambda fleet: fleet.show_again(),)),
}
WEEKS = 34
