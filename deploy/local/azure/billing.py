"""What the resources of a world cost a day, at the prices of the played list.

Backup is billed on the vault, never on the VM; an Enhanced policy's instant-restore points on
the restore point collection; Site Recovery's fee on the vault and its disks on the replicas.
What the list has no price for (compute) is not on the bill, nor is traffic.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from advisor.model import Meter
from advisor.options.meters import (
    disk_sku,
    disk_tier,
    instance_fee,
    replication_fee,
    snapshot,
    ultra,
    vault_storage,
)
from deploy.local.azure.fingerprint import fingerprint
from deploy.local.azure.granular import BilledByItem
from deploy.local.azure.retail import PriceList, Rates, rates_on
from deploy.local.azure.world import Body, World
from deploy.local.azure.writes import wobble

CURRENCY = "USD"
#: A protected instance is a half up to 50 GiB and one for each 500 GiB begun (azure-backup-
#: pricing); Premium SSD v2 gives 3,000 IOPS and 125 MB/s with every disk (disks-types).
_HALF_UP_TO_GIB, _WHOLE_UP_TO_GIB = 50, 500
_FREE_IOPS, _FREE_MB_PER_S = 3000, 125
CHANGED_SHARE_A_DAY = Decimal("0.02")
_REDUNDANCY = {"LocallyRedundant": "lrs", "ZoneRedundant": "zrs", "GeoRedundant": "grs"}


class Charge(NamedTuple):
    """What one meter of one resource costs. `daily` units and amount; from `since` on."""

    resource_id: str
    resource_type: str
    region: str
    category: str
    subcategory: str
    meter: str
    unit: str
    quantity: Decimal
    amount: Decimal
    since: date
    tags: dict[str, str]
    until: date = date.max  #: the last day
    kind: str = "Usage"  #: Cost Management's ChargeType
    item_id: str = ""  #: of a vault's charge the protected item it is for, lower-cased


@dataclass
class Bills:
    """The charges of a world, made again when its resources have changed."""

    #: What is no usage of a resource: a test puts purchases, refunds and taxes here, each of one
    #: day, with the amount as its daily one.
    others: list[Charge] = field(default_factory=list)
    #: False: only the others are there; a test then says itself what every resource costs.
    makes_its_own: bool = True
    _made: tuple[date, int, list[Charge]] | None = None

    def charges(self, world: World) -> list[Charge]:
        """Every charge of today's resources, and the others."""
        if not self.makes_its_own:
            return list(self.others)
        by_item = world.part(BilledByItem).since
        today, mark = world.now.date(), fingerprint(world.resources)
        if self._made is None or self._made[:2] != (today, mark):
            self._made = (today, mark, list(_charges(world)))
        return [*_by_granularity(self._made[2], by_item), *self.others]


def _by_granularity(charges: Iterable[Charge], by_item: Mapping[str, date]) -> Iterator[Charge]:
    """What is charged on a vault, from the day on that its items are billed on the item."""
    for charge in charges:
        since = by_item.get(charge.resource_id)
        if since is None or not charge.item_id:
            yield charge
            continue
        yield charge._replace(until=since - timedelta(days=1))
        yield charge._replace(resource_id=charge.item_id, since=max(since, charge.since))


class _Use(NamedTuple):
    """So many units a month (or an hour, where the meter is by the hour) of one meter."""

    meter: Meter | None
    units: Decimal
    label: str = ""  #: the meter's name on bills, where it is another one
    since: date | None = None  #: the first day; None: that of the resource
    until: date = date.max


def used_gib(disk_id: str, size_gib: int) -> Decimal:
    """How much of a disk is in use: a third to three quarters, always the same for a disk."""
    return Decimal(size_gib) * Decimal(str(round(0.1 + 0.45 * wobble(disk_id.lower()), 3)))


class _Around(NamedTuple):
    """What a charge may depend on besides its own resource."""

    resources: Mapping[str, Body]
    snapshots: Mapping[tuple[str, str], list[str]]  #: (source, region) -> when they were made
    points: Mapping[str, int]  #: how many restore points a collection has, by lower-cased id
    today: date


def _around(world: World) -> _Around:
    snapshots: dict[tuple[str, str], list[str]] = defaultdict(list)
    for body in world.of_type("Microsoft.Compute/snapshots"):
        snapshots[_family(body)].append(body["properties"]["timeCreated"])
    kept = (key.partition("/restorepoints/") for key in world.resources)
    points = Counter(collection for collection, found, _ in kept if found)
    return _Around(world.resources, snapshots, points, world.now.date())


def _family(snapshot_body: Body) -> tuple[str, str]:
    creation = snapshot_body["properties"]["creationData"]
    return str(creation.get("sourceResourceId", "")).lower(), snapshot_body["location"]


def _charges(world: World) -> Iterator[Charge]:
    around = _around(world)
    rates = rates_on(world.part(PriceList).rows, world.now.date())
    for body in list(world.resources.values()):
        uses = _USES.get(str(body["type"]).lower())
        for resource_id, region, use in uses(around, body) if uses else ():
            charge = _charge(world, rates, body, resource_id, region, use)
            if charge:
                yield charge


_Billed = Iterable[tuple[str, str, _Use]]


def _charge(
    world: World, rates: Rates, body: Body, resource_id: str, region: str, use: _Use
) -> Charge | None:
    today = world.now.date()
    if use.meter is None:
        return None
    rate = rates.get(tuple(use.meter[:5]))
    if rate is None:
        return None  # what has no price is not on the bill, as the docstring says
    is_hourly = rate.unit.endswith("/Hour")
    share = Decimal(24) if is_hourly else Decimal(12) / 365
    units = use.units * share
    return Charge(
        resource_id=resource_id.lower(),
        resource_type=resource_id.split("/providers/")[-1].rsplit("/", 1)[0].lower(),
        region=region,
        category=use.meter.service,
        subcategory="" if use.meter.product == use.meter.service else use.meter.product,
        meter=use.label or use.meter.meter,
        unit=rate.unit,
        quantity=units,
        amount=rate.price * use.units * share,
        since=use.since or _since(body, today),
        until=use.until,
        tags=dict(body.get("tags") or {}),
        item_id=body["id"].lower() if "/protecteditems/" in body["id"].lower() else "",
    )


def _since(body: Body, today: date) -> date:
    created = (body.get("properties") or {}).get("timeCreated")
    if not created:
        return date.min
    return min(today, datetime.fromisoformat(created[:19]).replace(tzinfo=UTC).date())


# --- disks and snapshots ---------------------------------------------------------------------


def _disk(around: _Around, body: Body) -> _Billed:
    properties = body["properties"]
    yield from (
        (body["id"], body["location"], use)
        for use in _disk_uses(body["sku"]["name"], properties, body["location"])
    )


def _disk_uses(sku_name: str, properties: Body, region: str) -> Iterator[_Use]:
    sku, size = disk_sku(sku_name), Decimal(properties["diskSizeGB"])
    if sku.family not in ("PremiumV2", "UltraSSD"):
        yield _Use(disk_tier(sku.family, sku.redundancy, int(size), region), Decimal(1))
        return
    iops = Decimal(properties.get("diskIOPSReadWrite", 0))
    mb_per_s = Decimal(properties.get("diskMBpsReadWrite", 0))
    if sku.family == "PremiumV2":
        iops, mb_per_s = (
            max(iops - _FREE_IOPS, Decimal(0)),
            max(mb_per_s - _FREE_MB_PER_S, Decimal(0)),
        )
    for part, units in (("Capacity", size), ("IOPS", iops), ("Throughput (MBps)", mb_per_s)):
        if units:
            yield _Use(_direct(sku.family, part, region), units)


def _direct(family: str, part: str, region: str) -> Meter:
    if family == "UltraSSD":
        return ultra(part, region)
    name = f"Premium LRS Provisioned {part}"
    return Meter("Storage", "Azure Premium SSD v2", "Premium LRS", name, region)


def _snapshot(around: _Around, body: Body) -> _Billed:
    """The first of a disk is billed for what is used, each later one for what changed since."""
    properties, region = body["properties"], body["location"]
    whole = used_gib(_family(body)[0], properties["diskSizeGB"])
    made = properties["timeCreated"]
    before = [at for at in around.snapshots[_family(body)] if at < made]
    stored = whole
    if before:
        stored = min(whole, whole * CHANGED_SHARE_A_DAY * _days_between(max(before), made))
    redundancy = "ZRS" if str(body["sku"]["name"]).endswith("ZRS") else "LRS"
    yield body["id"], region, _snapshots(redundancy, region, stored)


def _days_between(earlier: str, later: str) -> Decimal:
    before, after = (datetime.fromisoformat(text[:19]) for text in (earlier, later))
    return Decimal(max(1, (after - before).days))


def _snapshots(redundancy: str, region: str, stored_gib: Decimal) -> _Use:
    """Incremental snapshots are billed as Standard HDD; bills write the doubled name."""
    label = f"Snapshots {redundancy} Snapshots"
    return _Use(snapshot("Standard", redundancy, region), stored_gib, label)


def _collection(around: _Around, body: Body) -> _Billed:
    vm = around.resources.get(str(body["properties"]["source"]["id"]).lower())
    if vm is None:
        return
    points = around.points.get(body["id"].lower(), 0)
    whole = used_by(vm)
    stored = whole + whole * CHANGED_SHARE_A_DAY * max(0, points - 1)
    yield body["id"], body["location"], _snapshots("ZRS", body["location"], stored)


# --- Backup and Site Recovery ----------------------------------------------------------------


def used_by(vm: Body) -> Decimal:
    """GiB in use on the disks of a VM."""
    storage = vm["properties"]["storageProfile"]
    disks = [storage["osDisk"], *storage["dataDisks"]]
    return sum(
        (
            used_gib(disk["managedDisk"]["id"], disk["diskSizeGB"])
            for disk in disks
            if "managedDisk" in disk
        ),
        Decimal(0),
    )


def _backup_item(around: _Around, body: Body) -> _Billed:
    """Billed on the vault, from the first recovery point until nothing is kept."""
    properties = body["properties"]
    vault, vm = _vault_of(around, body), around.resources.get(_source(properties))
    if vault is None or vm is None or not properties.get("lastRecoveryPoint"):
        return
    region, used = vault["location"], used_by(vm)
    yield vault["id"], region, _Use(instance_fee(region), _instances(used))
    for use in _stored(around.today, properties, used, vault_storage(_redundancy(vault), region)):
        yield vault["id"], region, use


def _stored(today: date, properties: Body, used: Decimal, meter: Meter | None) -> Iterator[_Use]:
    """What the vault holds: the data in use, and what changed up to each further point.

    As long as there is a point of every day since the oldest, none has expired: then the vault
    grew by what changed each day, and held nothing before. Assumed, as is that a day's charge is
    of what is held in the end of it.
    """
    info = properties.get("extendedInfo") or {}
    points, text = int(info.get("recoveryPointCount") or 1), info.get("oldestRecoveryPoint")
    oldest = datetime.fromisoformat(text[:19]).date() if text else date.min
    if (today - oldest).days + 1 != points:
        yield _Use(meter, used * (1 + CHANGED_SHARE_A_DAY * max(0, points - 1)))
        return
    for number in range(points):
        day = oldest + timedelta(days=number)
        until = date.max if day == today else day
        grown = used * (1 + CHANGED_SHARE_A_DAY * number)
        yield _Use(meter, grown, since=day, until=until)


def _source(properties: Body) -> str:
    return str(properties.get("sourceResourceId") or "").lower()


def _instances(used: Decimal) -> Decimal:
    if used <= _HALF_UP_TO_GIB:
        return Decimal("0.5")
    return Decimal(math.ceil(used / _WHOLE_UP_TO_GIB))  # Decimal's // rounds towards zero


def _vault_of(around: _Around, body: Body) -> Body | None:
    return around.resources.get("/".join(str(body["id"]).lower().split("/")[:9]))


def _redundancy(vault: Body) -> str:
    settings: dict[str, Any] = vault["properties"].get("redundancySettings") or {}
    kind = _REDUNDANCY.get(settings.get("standardTierStorageRedundancy", ""), "grs")
    across = settings.get("crossRegionRestore") == "Enabled"
    return "grs-crr" if across and kind == "grs" else kind


def _replicated_item(around: _Around, body: Body) -> _Billed:
    """The fee on the vault, and the replica disks where they are. The sample's items are all
    older than the free month."""
    vault, details = _vault_of(around, body), body["properties"]["providerSpecificDetails"]
    if vault is None:
        return
    target = details.get("recoveryFabricLocation") or vault["location"]
    yield vault["id"], vault["location"], _Use(replication_fee(target), Decimal(1))
    for disk in details.get("protectedManagedDisks", ()):
        size = int(disk.get("diskCapacityInBytes", 0)) // 2**30
        if size and disk.get("recoveryReplicaDiskId"):
            properties = {"diskSizeGB": size}
            for use in _disk_uses(disk["recoveryReplicaDiskAccountType"], properties, target):
                yield disk["recoveryReplicaDiskId"], target, use


_USES = {
    "microsoft.compute/disks": _disk,
    "microsoft.compute/snapshots": _snapshot,
    "microsoft.compute/restorepointcollections": _collection,
    "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems": (
        _backup_item
    ),
    "microsoft.recoveryservices/vaults/replicationfabrics/replicationprotectioncontainers"
    "/replicationprotecteditems": _replicated_item,
}
