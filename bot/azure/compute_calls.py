"""The operations of azure-mgmt-compute that vmbackup calls, by the kind of the resource.

The SDK knows addresses and api-versions. A body goes out as it is stored and was approved: it is
handed over as a mapping, which the SDK does not change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from bot.azure.arm_ids import ComputeId, Resource
from bot.azure.refusals import RefusedForGood

if TYPE_CHECKING:
    from azure.mgmt.compute import types
    from azure.mgmt.compute.aio import ComputeManagementClient

Body = Mapping[str, Any]


async def get(client: ComputeManagementClient, of: ComputeId, options: Mapping[str, Any]) -> object:
    """What `cls` of the options makes of the answer."""
    group, name = of.resource_group, of.name
    match of.kind:
        case Resource.DISK:
            return await client.disks.get(group, name, **options)
        case Resource.SNAPSHOT:
            return await client.snapshots.get(group, name, **options)
        case Resource.VM:
            return await client.virtual_machines.get(group, name, **options)
        case Resource.COLLECTION:
            return await client.restore_point_collections.get(group, name, **options)
        case Resource.RESTORE_POINT:
            return await client.restore_points.get(group, of.collection, name, **options)


async def put(
    client: ComputeManagementClient, of: ComputeId, body: Body, options: Mapping[str, Any]
) -> None:
    """Make the resource. A collection is made at once: it has no long-running operation."""
    group, name = of.resource_group, of.name
    match of.kind:
        case Resource.DISK:
            disk = cast("types.Disk", dict(body))
            await client.disks.begin_create_or_update(group, name, disk, **options)
        case Resource.SNAPSHOT:
            snapshot = cast("types.Snapshot", dict(body))
            await client.snapshots.begin_create_or_update(group, name, snapshot, **options)
        case Resource.COLLECTION:
            made = cast("types.RestorePointCollection", dict(body))
            at_once = {key: value for key, value in options.items() if key != "polling"}
            await client.restore_point_collections.create_or_update(group, name, made, **at_once)
        case Resource.RESTORE_POINT:
            point = cast("types.RestorePoint", dict(body))
            await client.restore_points.begin_create(group, of.collection, name, point, **options)
        case Resource.VM:
            raise _never(of, "makes")


async def patch(
    client: ComputeManagementClient, of: ComputeId, body: Body, options: Mapping[str, Any]
) -> None:
    """Change the properties that the body names."""
    group, name = of.resource_group, of.name
    match of.kind:
        case Resource.DISK:
            disk = cast("types.DiskUpdate", dict(body))
            await client.disks.begin_update(group, name, disk, **options)
        case Resource.SNAPSHOT:
            snapshot = cast("types.SnapshotUpdate", dict(body))
            await client.snapshots.begin_update(group, name, snapshot, **options)
        case Resource.VM:
            vm = cast("types.VirtualMachineUpdate", dict(body))
            await client.virtual_machines.begin_update(group, name, vm, **options)
        case Resource.COLLECTION | Resource.RESTORE_POINT:
            raise _never(of, "changes")


async def delete(
    client: ComputeManagementClient, of: ComputeId, options: Mapping[str, Any]
) -> None:
    """Delete a disk, a snapshot or a restore point; nothing else is ever deleted."""
    group, name = of.resource_group, of.name
    match of.kind:
        case Resource.DISK:
            await client.disks.begin_delete(group, name, **options)
        case Resource.SNAPSHOT:
            await client.snapshots.begin_delete(group, name, **options)
        case Resource.RESTORE_POINT:
            await client.restore_points.begin_delete(group, of.collection, name, **options)
        case Resource.VM | Resource.COLLECTION:
            raise _never(of, "deletes")


async def start(client: ComputeManagementClient, of: ComputeId, options: Mapping[str, Any]) -> None:
    """Start a VM."""
    await client.virtual_machines.begin_start(of.resource_group, of.name, **options)


async def deallocate(
    client: ComputeManagementClient, of: ComputeId, options: Mapping[str, Any]
) -> None:
    """Stop a VM and give its host back."""
    await client.virtual_machines.begin_deallocate(of.resource_group, of.name, **options)


async def change_data_disks(
    client: ComputeManagementClient, of: ComputeId, body: Body, options: Mapping[str, Any]
) -> None:
    """Attach data disks to a VM, or detach them."""
    disks = cast("types.AttachDetachDataDisksRequest", dict(body))
    await client.virtual_machines.begin_attach_detach_data_disks(
        of.resource_group, of.name, disks, **options
    )


def _never(of: ComputeId, does: str) -> RefusedForGood:
    return RefusedForGood(f"vmbackup never {does} “{of.name}”.")
