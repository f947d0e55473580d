"""The join of all resources into VMs with what protects them, on lower-cased full ARM ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from advisor.inventory.arm import CollectionRecord, DiskRecord, RestorePointRecord, SnapshotRecord
from advisor.inventory.protections import (
    backup_protection,
    made_by_backup,
    replication_protection,
    restore_point_protection,
    snapshot_protection,
    snapshots_of,
    traced,
)
from advisor.inventory.recovery_services import BackupItem, ReplicatedItem, ReplicationPolicy
from advisor.model import (
    BackupPolicy,
    Disk,
    Protection,
    Reading,
    Vault,
    Vm,
)

Thing = TypeVar("Thing")


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
    replication_policies: tuple[ReplicationPolicy, ...] = ()


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
    recovery_points: Mapping[str, timedelta | None]


def index(resources: Resources) -> Index:
    """Look-ups over the resources, without what Azure Backup made for itself."""
    snapshots = traced(one for one in resources.snapshots if not made_by_backup(one.id))
    collections = [one for one in resources.collections if not made_by_backup(one.id)]
    return Index(
        disks={one.id.lower(): one for one in resources.disks},
        snapshots=_grouped((one.source_id, one) for one in snapshots),
        snapshots_by_unique_id=_grouped((one.source_unique_id, one) for one in snapshots),
        collections=_by_vm(collections),
        restore_points=_points(resources),
        vaults={one.id.lower(): one for one in resources.vaults},
        policies={(one.id or one.name).lower(): one for one in resources.policies},
        items=_grouped((one.source_id, one) for one in resources.items if one.of_vm),
        replicated=_grouped((one.source_id, one) for one in resources.replicated if one.of_vm),
        recovery_points={
            one.id.lower(): one.recovery_points for one in resources.replication_policies
        },
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
        architecture=vm.architecture or (architectures[0] if architectures else None),
    )


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
            item, found.vaults.get(item.vault_id), found.policies.get(item.policy_id or ""), now
        )
        for item in sorted(found.items.get(vm.key, ()), key=lambda one: one.key)
    ]
    replications = [
        replication_protection(
            item, found.vaults.get(item.vault_id), found.recovery_points.get(item.policy_id or "")
        )
        for item in sorted(found.replicated.get(vm.key, ()), key=lambda one: one.key)
    ]
    by_hand = (_snapshots(vm, found, now), _restore_points(vm, found, now))
    return (*backups, *replications, *(one for one in by_hand if one))


def _snapshots(vm: Vm, found: Index, now: datetime) -> Protection | None:
    by_disk = {
        disk.name: snapshots_of(disk, found.snapshots, found.snapshots_by_unique_id)
        for disk in vm.disks
        if not (disk.ephemeral or disk.unmanaged)
    }
    return snapshot_protection(by_disk, now)


def _restore_points(vm: Vm, found: Index, now: datetime) -> Protection | None:
    collections = sorted(found.collections.get(vm.key, ()), key=lambda one: one.key)
    points = {
        point.key: point
        for collection in collections
        for point in found.restore_points.get(collection.key, ())
    }
    read = [
        replace(one, points_read=True) if one.key in found.restore_points else one
        for one in collections
    ]
    return restore_point_protection(read, [points[key] for key in sorted(points)], now)


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


def _points(resources: Resources) -> dict[str, list[RestorePointRecord]]:
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


def _grouped(pairs: Iterable[tuple[str | None, Thing]]) -> dict[str, list[Thing]]:
    """By key, without those that have none."""
    grouped: dict[str, list[Thing]] = defaultdict(list)
    for key, thing in pairs:
        if key:
            grouped[key].append(thing)
    return dict(grouped)
