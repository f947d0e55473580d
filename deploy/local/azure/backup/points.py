"""Recovery points of a protected VM: kept beside its item, pruned by its policy, shown as ARM.

Instant-restore points are snapshots beside the VM; a point is in the vault once it was copied.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from deploy.local.azure.backup import schedule
from deploy.local.azure.backup.clock import read, stamp
from deploy.local.azure.backup.places import DISK_TYPE, POINT_TYPE, disks_of, same
from deploy.local.azure.world import Body, World

#: History is made up for at most this long for items that were there before the stand-in.
HISTORY = timedelta(days=400)

#: For a stopped item that no longer says which policy made its points.
_USUAL_POLICY: Body = {
    "schedulePolicy": {
        "schedulePolicyType": "SimpleSchedulePolicy",
        "scheduleRunFrequency": "Daily",
        "scheduleRunTimes": ["2024-01-01T22:00:00Z"],
    },
    "retentionPolicy": {
        "retentionPolicyType": "LongTermRetentionPolicy",
        "dailySchedule": {"retentionDuration": {"count": 30, "durationType": "Days"}},
    },
}

_PREMIUM = ("Premium_LRS", "Premium_ZRS", "PremiumV2_LRS", "UltraSSD_LRS")


class DiskCopy(NamedTuple):
    """One disk as it was when the point was taken; `lun` -1 is the OS disk."""

    disk_id: str
    name: str
    size_gib: int
    sku: str
    lun: int
    os_type: str
    zones: tuple[str, ...]


@dataclass(frozen=True)
class VmCopy:
    """The VM as it was when the point was taken."""

    size: str
    os_type: str
    zones: tuple[str, ...]
    security: str
    encrypted: bool
    disks: tuple[DiskCopy, ...]
    excluded: bool = False  #: disks were left out
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Point:
    """A recovery point. `vaulted` is when its copy in the vault was complete."""

    name: str
    taken: datetime
    consistency: str  #: AppConsistent, FileSystemConsistent or CrashConsistent
    vm: VmCopy
    instant_until: datetime
    vaulted: datetime | None = None
    expires: datetime | None = None  #: of an on-demand point; others leave by the policy

    def in_snapshots(self, now: datetime) -> bool:
        return now < self.instant_until

    def in_vault(self, now: datetime) -> bool:
        return self.vaulted is not None and self.vaulted <= now


@dataclass
class Points:
    """Points by the item's lower-cased id, oldest first; `recovering` are mounted for files.

    The history of an item that was there before the stand-in is made up when it is asked for:
    `before` has its last point of then, `complete` the items whose history is there.
    """

    of_item: dict[str, list[Point]] = field(default_factory=dict)
    before: dict[str, datetime | None] = field(default_factory=dict)
    complete: set[str] = field(default_factory=set)
    recovering: dict[str, datetime] = field(default_factory=dict)


def copy_of(world: World, vm: Body, item: Body) -> VmCopy:
    """The VM and the disks that its item includes."""
    properties = vm.get("properties", {})
    attached = disks_of(world, vm)
    chosen = [(one, disk) for one, disk in attached if included(item, one.get("lun"))]
    return VmCopy(
        size=properties.get("hardwareProfile", {}).get("vmSize", ""),
        os_type=_os(vm),
        zones=tuple(vm.get("zones") or ()),
        security=(properties.get("securityProfile") or {}).get("securityType") or "None",
        encrypted=any(_encrypted(disk) for _, disk in chosen),
        disks=tuple(_disk_copy(one, disk) for one, disk in chosen),
        excluded=len(chosen) < len(attached),
        tags=tuple((vm.get("tags") or {}).items()),
    )


def included(item: Body, lun: int | None) -> bool:
    """Whether the item's selection of disks has this one; the OS disk (no LUN) always is in."""
    chosen = (item["properties"].get("extendedProperties") or {}).get("diskExclusionProperties")
    if not chosen or lun is None:
        return True
    listed = lun in (chosen.get("diskLunList") or [])
    return listed if chosen.get("isInclusionList") else not listed


def _os(vm: Body) -> str:
    disk = vm.get("properties", {}).get("storageProfile", {}).get("osDisk") or {}
    return str(disk.get("osType") or "Linux")


def _encrypted(disk: Body) -> bool:
    settings = disk.get("properties", {}).get("encryptionSettingsCollection") or {}
    return bool(settings.get("enabled"))


def _disk_copy(attached: Body, disk: Body) -> DiskCopy:
    managed = attached.get("managedDisk") or {}
    shape = disk.get("properties", {})
    return DiskCopy(
        disk_id=str(managed.get("id") or ""),
        name=str(attached.get("name") or disk.get("name") or ""),
        size_gib=int(shape.get("diskSizeGB") or attached.get("diskSizeGB") or 0),
        sku=str(
            (disk.get("sku") or {}).get("name")
            or managed.get("storageAccountType")
            or "Standard_LRS"
        ),
        lun=int(attached.get("lun", -1)),
        os_type=str(attached.get("osType") or ""),
        zones=tuple(disk.get("zones") or ()),
    )


def consistency(vm: Body, policy: Body) -> str:
    """Crash-consistent for a stopped VM and where the policy says so; else by the OS."""
    view = vm.get("properties", {}).get("instanceView") or {}
    extended = vm.get("properties", {}).get("extended", {}).get("instanceView", {})
    codes = {str(one.get("code")) for one in view.get("statuses") or []}
    codes.add(str((extended.get("powerState") or {}).get("code")))
    stopped = bool({"PowerState/deallocated", "PowerState/stopped"} & codes)
    if stopped or policy.get("snapshotConsistencyType") == "OnlyCrashConsistent":
        return "CrashConsistent"
    return "AppConsistent" if _os(vm) == "Windows" else "FileSystemConsistent"


def points_of(world: World, item: Body, policy: Body | None) -> list[Point]:
    """The points there are now, oldest first; those past their time are gone for good."""
    world.catch_up()
    points = _all_points(world, item, policy)
    if policy is not None and is_pruned(item):
        points[:] = [one for one in points if _kept(one, policy, world.now)]
    return points


def _all_points(world: World, item: Body, policy: Body | None) -> list[Point]:
    state, key = world.part(Points), item["id"].lower()
    points = state.of_item.setdefault(key, [])
    if key not in state.complete:
        state.complete.add(key)
        points[:0] = _history(world, item, policy, _last_before(state, item))
    return points


def _last_before(state: Points, item: Body) -> datetime | None:
    last = read(item["properties"].get("lastRecoveryPoint"))
    return state.before.setdefault(item["id"].lower(), last)


def forget_points(world: World, item_id: str) -> None:
    """The points of an item that is gone for good."""
    state, key = world.part(Points), item_id.lower()
    state.of_item.pop(key, None)
    state.before.pop(key, None)
    state.complete.discard(key)


def is_pruned(item: Body) -> bool:
    """Stopped protection keeps what there is, and so does soft delete."""
    properties = item["properties"]
    stopped = properties.get("protectionState") == "ProtectionStopped"
    return not (stopped or properties.get("isScheduledForDeferredDelete"))


def _kept(point: Point, policy: Body, now: datetime) -> bool:
    if point.in_snapshots(now):
        return True
    if point.vaulted is None:
        return False
    leaves = point.expires or schedule.vault_expiry(policy, point.taken)
    return leaves is not None and now < leaves


def _history(world: World, item: Body, policy: Body | None, last: datetime | None) -> list[Point]:
    """Points of an item that was there before: its policy's runs up to its last point."""
    if last is None:
        return []
    policy = policy or _USUAL_POLICY
    span = min(schedule.longest(policy), HISTORY)
    oldest = (item["properties"].get("extendedInfo") or {}).get("oldestRecoveryPoint")
    begin = max(read(oldest) or last - span, last - span) - timedelta(seconds=1)
    vm = world.resources.get(str(item["properties"].get("sourceResourceId")).lower())
    now = last if not is_pruned(item) else world.now
    copy = copy_of(world, vm or {}, item)
    taken = [when for when in schedule.runs(policy, begin, last) if last - when > _CLOSE]
    points = [
        make_point(world, copy, policy, when, consistency(vm or {}, policy))
        for when in [*taken, last]
    ]
    vaulted = [
        replace(one, vaulted=one.taken)
        if schedule.goes_to_vault(policy, one.taken) or one.taken == last
        else one
        for one in points
    ]
    return [one for one in vaulted if _kept(one, policy, now)]


_CLOSE = timedelta(hours=2)  #: a scheduled backup starts within two hours of its time


def make_point(
    world: World,
    vm: VmCopy,
    policy: Body,
    taken: datetime,
    kind: str,
    until: datetime | None = None,
) -> Point:
    """A point that is in the snapshots alone so far; names are 14 or 15 digits."""
    name = str(world.random.randrange(10**13, 10**15))
    instant = taken + timedelta(days=schedule.instant_days(policy))
    return Point(name, taken, kind, vm, instant, expires=until)


def add_point(world: World, item: Body, point: Point) -> None:
    """Add a point, before the item shows it; nothing is pruned while the clock catches up."""
    state = world.part(Points)
    _last_before(state, item)
    points = state.of_item.setdefault(item["id"].lower(), [])
    points.append(point)
    points.sort(key=lambda one: one.taken)


def mark_vaulted(world: World, item: Body, name: str, when: datetime) -> None:
    """The copy in the vault is complete."""
    points = world.part(Points).of_item.get(item["id"].lower(), [])
    for index, point in enumerate(points):
        if point.name == name:
            points[index] = replace(point, vaulted=when)


def shown(world: World, item: Body, point: Point) -> Body:
    """A recovery point as Azure Backup shows it."""
    now = world.now
    point_id = f"{item['id']}/recoveryPoints/{point.name}"
    mounted = world.part(Points).recovering.get(point_id.lower())
    properties: Body = {
        "objectType": "IaasVMRecoveryPoint",
        "recoveryPointType": point.consistency,
        "recoveryPointTime": stamp(point.taken),
        "recoveryPointAdditionalInfo": "",
        "sourceVMStorageType": _storage_type(point.vm),
        "isSourceVMEncrypted": point.vm.encrypted,
        "isInstantIlrSessionActive": mounted is not None and now < mounted,
        "recoveryPointTierDetails": _tiers(point, now),
        "isManagedVirtualMachine": True,
        "virtualMachineSize": point.vm.size,
        "originalStorageAccountOption": False,
        "osType": point.vm.os_type,
        "recoveryPointMoveReadinessInfo": _archive(point, now),
        "securityType": point.vm.security,
        "isPrivateAccessEnabledOnAnyDisk": False,
        "recoveryPointProperties": _expiry(world, item, point),
    }
    if point.vm.zones:
        properties["zones"] = list(point.vm.zones)
    if point.vm.excluded:
        luns = [disk.lun for disk in point.vm.disks if disk.lun >= 0]
        properties["recoveryPointDiskConfiguration"] = {
            "numberOfDisksIncludedInBackup": len(point.vm.disks),
            "includedDiskList": [{"lun": lun} for lun in luns],
        }
    return {"id": point_id, "name": point.name, "type": POINT_TYPE, "properties": properties}


def _expiry(world: World, item: Body, point: Point) -> Body:
    policy = world.resources.get(str(item["properties"].get("policyId")).lower())
    leaves = point.expires
    if leaves is None and policy is not None:
        leaves = schedule.vault_expiry(policy["properties"], point.taken) or point.instant_until
    body: Body = {"isSoftDeleted": bool(item["properties"].get("isScheduledForDeferredDelete"))}
    return body | ({"expiryTime": stamp(leaves)} if leaves else {})


def _storage_type(vm: VmCopy) -> str:
    premium = sum(disk.sku in _PREMIUM for disk in vm.disks)
    if not premium:
        return "NormalStorage"
    return "PremiumStorage" if premium == len(vm.disks) else "PremiumVMOnPartialPremiumStorage"


def _tiers(point: Point, now: datetime) -> list[Body]:
    tiers = [{"type": "InstantRP", "status": "Valid" if point.in_snapshots(now) else "Deleted"}]
    if point.in_vault(now):
        tiers.append({"type": "HardenedRP", "status": "Valid"})
    return tiers


def _archive(point: Point, now: datetime) -> Body:
    """Archive wants a point of three months that stays six more; none here ever moves."""
    told = "We're still determining if this Recovery Point can be moved."
    ready = point.in_vault(now) and now - point.taken > timedelta(days=93)
    info: Body = {"isReadyForMove": ready}
    return {"ArchivedRP": info if ready else info | {"additionalInfo": told}}


def replica_of(disk: DiskCopy, disk_id: str, region: str, now: datetime, zones: list[str]) -> Body:
    """A disk made from a copy, attached to nothing."""
    properties: Body = {
        "creationData": {"createOption": "Restore", "sourceResourceId": disk.disk_id},
        "diskSizeGB": disk.size_gib,
        "diskSizeBytes": disk.size_gib * 2**30,
        "diskState": "Unattached",
        "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
        "networkAccessPolicy": "AllowAll",
        "publicNetworkAccess": "Enabled",
        "provisioningState": "Succeeded",
        "timeCreated": stamp(now),
        **({"osType": disk.os_type} if disk.os_type else {}),
    }
    name = disk_id.rsplit("/", 1)[1]
    body: Body = {"id": disk_id, "name": name, "type": DISK_TYPE, "location": region}
    body |= {"sku": {"name": disk.sku, "tier": disk.sku.split("_")[0]}, "tags": {}}
    return body | ({"zones": zones} if zones else {}) | {"properties": properties}


def policy_of(world: World, item: Body) -> Body | None:
    """The properties of the policy an item has; None where it has none or it is gone."""
    policy = world.resources.get(str(item["properties"].get("policyId")).lower())
    return policy["properties"] if policy else None


def is_of(item: Body, vm_id: str) -> bool:
    return same(item["properties"].get("sourceResourceId"), vm_id)
