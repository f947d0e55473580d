"""The bodies of the requests that make a resource: closed to the network, encrypted as the disk is,
and tagged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from advisor.model import Consistency
from bot.requests.model import DiskSettings, PlannedDisk, RequestPlan
from bot.requests.plans.cost import snapshot_redundancy

#: No snapshot and no disk that vmbackup makes can be exported or reached over a network
#: (virtual-machines/disks-restrict-import-export-overview, 2024-08-20), but for a restored disk
#: with a disk access, which is reached through that as the disk before it was.
CLOSED: Mapping[str, str] = {"networkAccessPolicy": "DenyAll", "publicNetworkAccess": "Disabled"}

#: The tags of a resource, by name.
Tags = Mapping[str, str]


def snapshot_sku(where: str) -> str:
    """The SKU that the plan's price is of: named, so that no default of Azure decides it."""
    return f"Standard_{snapshot_redundancy(where)}"


def snapshot(plan: RequestPlan, disk: PlannedDisk, tags: Tags) -> dict[str, Any]:
    """A snapshot of a disk, in the disk's region."""
    creation = {"createOption": "Copy", "sourceResourceId": disk.source_id or disk.id}
    return {
        "location": plan.region,
        "sku": {"name": snapshot_sku(plan.region)},
        "tags": dict(tags),
        "properties": {
            "creationData": creation,
            "incremental": plan.incremental,
            **CLOSED,
            **_encryption(disk),
        },
    }


def snapshot_copy(plan: RequestPlan, disk: PlannedDisk, tags: Tags) -> dict[str, Any]:
    """A snapshot's copy in another region: incremental, and without an encryption set, because
    a set belongs to one region (disks-copy-incremental-snapshot-across-regions, 2024-07-08)."""
    creation = {"createOption": "CopyStart", "sourceResourceId": disk.source_id}
    return {
        "location": plan.target_region,
        "sku": {"name": snapshot_sku(plan.target_region)},
        "tags": dict(tags),
        "properties": {"creationData": creation, "incremental": True, **CLOSED},
    }


def collection(source_id: str, region: str, tags: Tags) -> dict[str, Any]:
    """A collection of a VM's restore points, or of copies of another collection's."""
    return {"location": region, "tags": dict(tags), "properties": {"source": {"id": source_id}}}


def restore_point(plan: RequestPlan) -> dict[str, Any]:
    """A restore point of all disks of the VM but those left out, at one moment.

    Without a mode Azure takes what the agent allows: application-consistent on Windows, the
    file systems on Linux (virtual-machines-create-restore-points, 2023-11-06).
    """
    left_out = [{"id": disk_id} for disk_id in plan.left_out]
    is_crash = plan.consistency is Consistency.CRASH
    properties: dict[str, Any] = {"consistencyMode": "CrashConsistent"} if is_crash else {}
    return {"properties": properties | ({"excludeDisks": left_out} if left_out else {})}


def restore_point_copy(source_id: str) -> dict[str, Any]:
    """A restore point's copy in another region."""
    return {"properties": {"sourceRestorePoint": {"id": source_id}}}


def disk(plan: RequestPlan, planned: PlannedDisk, tags: Tags, *, of_point: bool) -> dict[str, Any]:
    """A disk like the one that the snapshot or restore point was taken of."""
    creation = {
        "createOption": "Restore" if of_point else "Copy",
        "sourceResourceId": planned.source_id,
        **_said(
            logicalSectorSize=planned.settings.sector_size,
            performancePlus=planned.settings.performance_plus or None,
        ),
    }
    body: dict[str, Any] = {
        "location": plan.target_region or plan.region,
        "tags": dict(tags),
        "sku": {"name": planned.sku},
        "properties": {
            "creationData": creation,
            "diskSizeGB": planned.size_gib,
            **CLOSED,
            **_settings(planned.settings),
            **_encryption(planned),
        },
    }
    return body | ({"zones": list(planned.zones)} if planned.zones else {})


def _settings(settings: DiskSettings) -> dict[str, Any]:
    """What the disk is set to beside its kind and size; a disk access opens it to that alone."""
    access = settings.disk_access_id
    return _said(
        diskIOPSReadWrite=settings.iops,
        diskMBpsReadWrite=settings.mb_per_s,
        tier=settings.performance_tier,
        maxShares=settings.max_shares if settings.max_shares > 1 else None,
        burstingEnabled=settings.bursting or None,
        networkAccessPolicy="AllowPrivate" if access else None,
        diskAccessId=access,
    )


def _said(**values: Any) -> dict[str, Any]:
    """Those of the values that say something: Azure chooses the others."""
    return {name: value for name, value in values.items() if value}


def _encryption(disk: PlannedDisk) -> dict[str, Any]:
    """The disk's encryption set; empty where the disk has none: Azure encrypts with its own key."""
    if not disk.encryption_set_id:
        return {}
    own = {"type": disk.encryption_type, "diskEncryptionSetId": disk.encryption_set_id}
    return {"encryption": own}
