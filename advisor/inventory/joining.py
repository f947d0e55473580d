"""The join of all resources into VMs with what protects them, on lower-cased full ARM ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol, TypeVar

from advisor.inventory.arm import DiskRecord
from advisor.inventory.compute_points import CollectionRecord, RestorePointRecord, SnapshotRecord
from advisor.inventory.data_protection import DiskBackupInstance, DiskBackupPolicy
from advisor.inventory.disk_backups import (
    DiskInstance,
    disk_backup_protections,
    made_by_disk_backup,
)
from advisor.inventory.locks import LockRecord
from advisor.inventory.points_found import (
    restore_point_protection,
    snapshot_protection,
    snapshots_of,
    traced,
)
from advisor.inventory.protections import (
    backup_protection,
    database_protections,
    made_by_backup,
)
from advisor.inventory.recovery_services import BackupItem, RecoveryPoint
from advisor.inventory.replication import ReplicatedItem, ReplicationPolicy
from advisor.inventory.replications import replication_protection
from advisor.model import (
    BackupPolicy,
    Disk,
    Protection,
    Reading,
    Vault,
    Vm,
)

Thing = TypeVar("Thing")


class _HasKey(Protocol):
    @property
    def key(self) -> str: ...


Keyed = TypeVar("Keyed", bound=_HasKey)


class Resources(NamedTuple):
    """Everything that was read, parsed and not yet joined; each id stands here once."""

    vms: tuple[Vm, ...] = ()
    disks: tuple[DiskRecord, ...] = ()
    snapshots: tuple[SnapshotRecord, ...] = ()
    collections: tuple[CollectionRecord, ...] = ()
    restore_points: tuple[RestorePointRecord, ...] = ()
    vaults: tuple[Vault, ...] = ()
    policies: tuple[BackupPolicy, ...] = ()
    items: tuple[BackupItem, ...] = ()
    replicated: tuple[ReplicatedItem, ...] = ()
    recovery_points: tuple[RecoveryPoint, ...] = ()
    replication_policies: tuple[ReplicationPolicy, ...] = ()
    disk_backups: tuple[DiskBackupInstance, ...] = ()
    disk_backup_policies: tuple[DiskBackupPolicy, ...] = ()
    locks: tuple[LockRecord, ...] = ()


class Index(NamedTuple):
    """The resources by what they are looked up by: lower-cased ids."""

    disks: Mapping[str, DiskRecord]
    snapshots: Mapping[str, Sequence[SnapshotRecord]]  #: by the disk's id
    snapshots_by_unique_id: Mapping[str, Sequence[SnapshotRecord]]
    collections: Mapping[str, Sequence[CollectionRecord]]  #: by the VM's id
    restore_points: Mapping[str, Sequence[RestorePointRecord]]  #: by the collection's id
    vaults: Mapping[str, Vault]
    policies: Mapping[str, BackupPolicy]
    items: Mapping[str, Sequence[BackupItem]]  #: by the VM's id
    replicated: Mapping[str, Sequence[ReplicatedItem]]  #: by the VM's id
    points_of_items: Mapping[str, Sequence[RecoveryPoint]]  #: by the item's id
    databases: Mapping[str, Sequence[BackupItem]]  #: by the VM's id
    history: Mapping[str, timedelta | None]  #: of a replication policy, by its id
    disk_backups: Mapping[str, Sequence[DiskBackupInstance]]  #: by the disk's id
    disk_backup_policies: Mapping[str, DiskBackupPolicy]


def index(resources: Resources) -> Index:
    """Look-ups over the resources, without what Azure Backup made for itself."""
    snapshots = traced(one for one in resources.snapshots if not made_by_backup(one.id))
    collections = [one for one in resources.collections if not made_by_backup(one.id)]
    return Index(
        disks={one.id.lower(): one for one in resources.disks},
        snapshots=_grouped((one.source_id, one) for one in snapshots),
        snapshots_by_unique_id=_grouped((one.source_unique_id, one) for one in snapshots),
        collections=_by_vm(collections),
        restore_points=_points_by_collection(resources),
        vaults={one.id.lower(): one for one in resources.vaults},
        points_of_items=_grouped((one.item_id, one) for one in resources.recovery_points),
        databases=_grouped((one.source_id, one) for one in resources.items if one.of_database),
        policies={(one.id or one.name).lower(): one for one in resources.policies},
        items=_grouped((one.source_id, one) for one in resources.items if one.of_vm),
        replicated=_grouped((one.source_id, one) for one in resources.replicated if one.of_vm),
        history={one.id.lower(): one.recovery_points for one in resources.replication_policies},
        disk_backups=_grouped((one.disk_id, one) for one in resources.disk_backups),
        disk_backup_policies={one.id.lower(): one for one in resources.disk_backup_policies},
    )


def joined_vm(vm: Vm, found: Index, asked: Reading) -> Vm:
    """The VM with what its disk resources say.

    `asked`: whether the disks were asked for everywhere. Then a disk that did not come is
    FAILED; among files somebody chose, it is NOT_SUPPLIED.
    """
    absent = Reading.FAILED if asked is not Reading.NOT_SUPPLIED else Reading.NOT_SUPPLIED
    records = [found.disks.get((disk.id or "").lower()) for disk in vm.disks]
    disks = tuple(
        _joined_disk(disk, record, absent) for disk, record in zip(vm.disks, records, strict=True)
    )
    os_records = [one for disk, one in zip(vm.disks, records, strict=True) if one and disk.is_os]
    generation = os_records[0].generation if os_records else None
    architectures = [disk.architecture for disk in disks if disk.is_os and disk.architecture]
    return replace(
        vm,
        disks=disks,
        generation=vm.generation or generation,
        disk_controller=vm.disk_controller or _only_controller(os_records),
        architecture=vm.architecture or (architectures[0] if architectures else None),
    )


def _only_controller(os_records: Sequence[DiskRecord]) -> str | None:
    """Where the VM does not say its disk controller: SCSI, where its OS disk can no other."""
    can = os_records[0].controllers if os_records else frozenset()
    return "SCSI" if can == {"SCSI"} else None


def disks_reading(vm: Vm) -> Reading:
    """Whether all the VM's disks were read; the worst of them decides."""
    readings = {disk.reading for disk in vm.disks if not disk.unmanaged}
    for worst in (Reading.FAILED, Reading.NOT_SUPPLIED):
        if worst in readings:
            return worst
    return Reading.READ


def protections(vm: Vm, found: Index, now: datetime) -> tuple[Protection, ...]:
    """Everything that protects this VM, in a fixed order."""
    backups = [
        backup_protection(
            vm,
            item,
            found.vaults.get(item.vault_id),
            found.policies.get(item.policy_id or ""),
            found.points_of_items.get(item.key, ()),
            now,
        )
        for item in _in_order(found.items.get(vm.key, ()))
    ]
    replications = [
        replication_protection(
            vm,
            item,
            found.vaults.get(item.vault_id),
            found.history.get(item.policy_id or ""),
            now,
        )
        for item in _in_order(found.replicated.get(vm.key, ()))
    ]
    databases = database_protections(
        _in_order(found.databases.get(vm.key, ())), found.vaults, found.policies, now
    )
    return (*backups, *replications, *_points(vm, found, now), *databases)


def _points(vm: Vm, found: Index, now: datetime) -> list[Protection]:
    """Of snapshots and restore points; a snapshot of Azure Disk Backup counts as its own only."""
    disks = [disk for disk in vm.disks if not (disk.ephemeral or disk.unmanaged)]
    taken = [snapshots_of(one, found.snapshots, found.snapshots_by_unique_id) for one in disks]
    backed_up = [
        DiskInstance(disk, one, [snap for snap in snapshots if made_by_disk_backup(snap, one)])
        for disk, snapshots in zip(disks, taken, strict=True)
        for one in _in_order(found.disk_backups.get(disk.key, ()))
    ]
    own = {snap.key for one in backed_up for snap in one.snapshots}
    by_hand = [[one for one in snapshots if one.key not in own] for snapshots in taken]
    others = (
        snapshot_protection(list(zip(disks, by_hand, strict=True)), now),
        _restore_points(vm, found, now),
    )
    disk_backups = disk_backup_protections(backed_up, disks, found.disk_backup_policies, now)
    return [*disk_backups, *(one for one in others if one)]


def _restore_points(vm: Vm, found: Index, now: datetime) -> Protection | None:
    collections = sorted(found.collections.get(vm.key, ()), key=lambda one: one.key)
    points = {
        point.key: point
        for collection in collections
        for point in found.restore_points.get(collection.key, ())
    }
    read = [
        one._replace(points_read=True) if one.key in found.restore_points else one
        for one in collections
    ]
    return restore_point_protection(vm, read, [points[key] for key in sorted(points)], now)


def _joined_disk(disk: Disk, record: DiskRecord | None, absent: Reading) -> Disk:
    """The resource knows the disk; the VM knows where and how it is attached."""
    if disk.reading is Reading.READ or disk.unmanaged:
        return disk
    if record is None:
        return replace(disk, reading=absent)
    resource = record.disk
    return replace(
        resource,
        name=disk.name,
        is_os=disk.is_os,
        lun=disk.lun,
        sku=resource.sku or disk.sku,
        size_gib=disk.size_gib if resource.size_gib is None else resource.size_gib,
        caching=disk.caching,
        write_accelerator=disk.write_accelerator,
        disk_encryption_set_id=resource.disk_encryption_set_id or disk.disk_encryption_set_id,
        azure_disk_encryption=bool(resource.azure_disk_encryption or disk.azure_disk_encryption),
    )


def _points_by_collection(resources: Resources) -> dict[str, list[RestorePointRecord]]:
    """Restore points by collection: those printed inside it and those listed beside it."""
    inside = [point for one in resources.collections if one.points_read for point in one.points]
    every = {point.key: point for point in (*inside, *resources.restore_points)}
    return _grouped((point.collection_id, point) for point in every.values())


def _by_vm(collections: Sequence[CollectionRecord]) -> dict[str, list[CollectionRecord]]:
    """Collections by the id of the VM, those copied to another region included."""
    all_of_them = {one.key: one for one in collections}
    grouped: dict[str, list[CollectionRecord]] = {}
    for one in collections:
        copied_from = all_of_them.get(one.source_id or "")
        origin = copied_from.source_id if copied_from else one.source_id
        if origin:
            grouped.setdefault(origin, []).append(one)
    return grouped


def _in_order(things: Sequence[Keyed]) -> list[Keyed]:
    return sorted(things, key=lambda one: one.key)


def _grouped(pairs: Iterable[tuple[str | None, Thing]]) -> dict[str, list[Thing]]:
    """By key, without those that have none."""
    grouped: dict[str, list[Thing]] = defaultdict(list)
    for key, thing in pairs:
        if key:
            grouped[key].append(thing)
    return dict(grouped)
