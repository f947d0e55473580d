"""ARM bodies of Microsoft.Compute: VMs, disks, snapshots and restore points, as REST has them.

A VM's body holds its `instanceView` in REST's shape; who serves it leaves it out where it was
not asked for, and Resource Graph shows it under `extended`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from deploy.local.azure.compute.tiers import with_tier
from deploy.local.azure.world import Body
from deploy.local.fleet.images import IMAGES, performance
from deploy.local.fleet.network import interface_id

#: The tag that says how much a VM of these worlds writes: a name of metrics.PROFILES.
WRITE_PROFILE_TAG = "write-profile"

_POWER = {"running": "VM running", "deallocated": "VM deallocated", "stopped": "VM stopped"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskSpec:
    """A disk to make. `properties` are merged into the resource's, `profile` into the VM's."""

    sku: str
    size_gib: int
    name: str = ""  #: default: VM-os, VM-data-1, ...
    caching: str = "ReadOnly"
    shared: bool = False
    is_made: bool = True  #: false: the resource is made elsewhere, or the disk has none
    properties: Mapping[str, Any] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VmSpec:
    """A VM to make. `properties` are merged into the resource's."""

    name: str
    group: str
    subscription: str
    region: str
    size: str
    image: str
    disks: Sequence[DiskSpec]  #: the OS disk first
    zone: str = ""
    power: str = "running"
    controller: str = "SCSI"
    tags: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return compute_id(self.subscription, self.group, "virtualMachines", self.name)

    def disk_name(self, index: int) -> str:
        return self.disks[index].name or f"{self.name}-{f'data-{index}' if index else 'os'}"

    def disk_id(self, index: int) -> str:
        return compute_id(self.subscription, self.group, "disks", self.disk_name(index))


def compute_id(subscription: str, group: str, kind: str, name: str) -> str:
    return (
        f"/subscriptions/{subscription}/resourceGroups/{group}"
        f"/providers/Microsoft.Compute/{kind}/{name}"
    )


def unique_id(arm_id: str) -> str:
    """A GUID that belongs to this id: the same in every run."""
    return str(uuid5(NAMESPACE_URL, arm_id.lower()))


def moment(value: datetime) -> str:
    """As ARM writes a time: seven digits after the point."""
    return value.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def vm_bodies(spec: VmSpec, created: datetime) -> Iterator[Body]:
    """The VM and the disks it has as resources of their own."""
    yield vm_body(spec, created)
    for index, disk in enumerate(spec.disks):
        if disk.is_made:
            yield _disk_of(spec, index, created)


def vm_body(spec: VmSpec, created: datetime) -> Body:
    """The VM alone."""
    image = IMAGES[spec.image]
    body: Body = {
        "id": spec.id,
        "name": spec.name,
        "type": "Microsoft.Compute/virtualMachines",
        "location": spec.region,
        "tags": dict(spec.tags),
        "properties": {
            "vmId": unique_id(spec.id),
            "hardwareProfile": {"vmSize": spec.size},
            "storageProfile": _storage_profile(spec),
            "osProfile": _os_profile(spec.name, image.os_type),
            "networkProfile": {"networkInterfaces": [_interface(spec.id)]},
            "provisioningState": "Succeeded",
            "timeCreated": moment(created),
            "instanceView": _instance_view(spec, created),
            **spec.properties,
        },
    }
    if spec.zone:
        body["zones"] = [spec.zone]
    return body


def _interface(vm_id: str) -> Body:
    return {"id": interface_id(vm_id), "properties": {"primary": True}}


def disk_body(
    arm_id: str, region: str, spec: DiskSpec, created: datetime, **properties: Any
) -> Body:
    """A disk that hangs on no VM, unless `properties` and the caller say otherwise."""
    iops, mb_per_s = performance(spec.sku, spec.size_gib)
    tier = (
        spec.sku.partition("_")[0].replace("UltraSSD", "Ultra").replace("StandardSSD", "Standard")
    )
    made: Body = {
        "creationData": {"createOption": "Empty"},
        "diskSizeGB": spec.size_gib,
        "diskSizeBytes": spec.size_gib * 2**30,
        "diskState": "Unattached",
        "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
        "networkAccessPolicy": "DenyAll",
        "publicNetworkAccess": "Disabled",
        "timeCreated": moment(created),
        "provisioningState": "Succeeded",
        "uniqueId": unique_id(arm_id),
        "diskIOPSReadWrite": iops,
        "diskMBpsReadWrite": mb_per_s,
        **with_tier(spec.sku, spec.size_gib),
    }
    if tier in ("PremiumV2", "Ultra"):
        made["creationData"]["logicalSectorSize"] = 4096
    if spec.shared:
        made["maxShares"] = 2
    return {
        "id": arm_id,
        "name": arm_id.rsplit("/", 1)[-1],
        "type": "Microsoft.Compute/disks",
        "location": region,
        "sku": {"name": spec.sku, "tier": tier},
        "tags": {},
        "properties": made | properties | dict(spec.properties),
    }


def snapshot_body(
    arm_id: str,
    region: str,
    source: Body,
    created: datetime,
    *,
    sku: str = "Standard_ZRS",
    **top: Any,
) -> Body:
    """An incremental snapshot of a disk, or with a snapshot as `source` its copy elsewhere."""
    is_copy = source["type"] == "Microsoft.Compute/snapshots"
    properties = source["properties"]
    disk_unique = properties["creationData"].get("sourceUniqueId") if is_copy else None
    return {
        "id": arm_id,
        "name": arm_id.rsplit("/", 1)[-1],
        "type": "Microsoft.Compute/snapshots",
        "location": region,
        "sku": {"name": sku, "tier": "Standard"},
        "tags": {},
        "properties": {
            "creationData": {
                "createOption": "CopyStart" if is_copy else "Copy",
                "sourceResourceId": source["id"],
                "sourceUniqueId": disk_unique or properties["uniqueId"],
            },
            "incremental": True,
            "incrementalSnapshotFamilyId": unique_id(f"family of {source['id']}"),
            "diskSizeGB": properties["diskSizeGB"],
            "diskSizeBytes": properties["diskSizeGB"] * 2**30,
            "diskState": "Unattached",
            "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
            "networkAccessPolicy": "DenyAll",
            "publicNetworkAccess": "Disabled",
            "timeCreated": moment(created),
            "provisioningState": "Succeeded",
            "completionPercent": 100.0,
            "uniqueId": unique_id(arm_id),
        },
        **top,
    }


def collection_bodies(
    arm_id: str, vm: Body, taken: Sequence[datetime], consistency: str
) -> Iterator[Body]:
    """A restore point collection of a VM with the points taken at those times, oldest first."""
    region = vm["location"]
    yield {
        "id": arm_id,
        "name": arm_id.rsplit("/", 1)[-1],
        "type": "Microsoft.Compute/restorePointCollections",
        "location": region,
        "tags": {},
        "properties": {
            "source": {"id": vm["id"], "location": region},
            "restorePointCollectionId": unique_id(arm_id),
            "provisioningState": "Succeeded",
        },
    }
    for number, at in enumerate(taken, 1):
        name = f"{vm['name']}-point-{number}"
        yield _restore_point(f"{arm_id}/restorePoints/{name}", vm, at, consistency)


def _restore_point(arm_id: str, vm: Body, at: datetime, consistency: str) -> Body:
    storage = vm["properties"]["storageProfile"]
    return {
        "id": arm_id,
        "name": arm_id.rsplit("/", 1)[-1],
        "type": "Microsoft.Compute/restorePointCollections/restorePoints",
        "location": vm["location"],
        "properties": {
            "provisioningState": "Succeeded",
            "consistencyMode": consistency,
            "timeCreated": moment(at),
            "sourceMetadata": {
                "vmId": vm["properties"]["vmId"],
                "location": vm["location"],
                "hardwareProfile": vm["properties"]["hardwareProfile"],
                "storageProfile": {
                    "osDisk": _kept(arm_id, storage["osDisk"]),
                    "dataDisks": [_kept(arm_id, disk) for disk in storage["dataDisks"]],
                },
            },
        },
    }


def _kept(point_id: str, disk: Body) -> Body:
    """A disk inside a restore point."""
    kept: Body = {
        name: disk[name]
        for name in ("lun", "osType", "name", "caching", "diskSizeGB")
        if name in disk
    }
    if managed := disk.get("managedDisk"):
        kept["managedDisk"] = dict(managed)
    point = f"{point_id}/diskRestorePoints/{disk['name']}"
    return kept | {"diskRestorePoint": {"id": point}}


def _storage_profile(spec: VmSpec) -> Body:
    image = IMAGES[spec.image]
    return {
        "imageReference": {
            "publisher": image.publisher,
            "offer": image.offer,
            "sku": image.sku,
            "version": "latest",
            "exactVersion": "1.0.20260801",
        },
        "osDisk": {
            "osType": image.os_type,
            **_profile_disk(spec, 0, "FromImage"),
            "deleteOption": "Delete",
        },
        "dataDisks": [
            {
                "lun": index - 1,
                **_profile_disk(spec, index, "Attach"),
                "deleteOption": "Detach",
                "toBeDetached": False,
            }
            for index in range(1, len(spec.disks))
        ],
        "diskControllerType": spec.controller,
    }


def _profile_disk(spec: VmSpec, index: int, option: str) -> Body:
    disk = spec.disks[index]
    managed = {"storageAccountType": disk.sku, "id": spec.disk_id(index)}
    body = {
        "name": spec.disk_name(index),
        "createOption": option,
        "caching": disk.caching if index else "ReadWrite",
        "diskSizeGB": disk.size_gib,
        "managedDisk": managed,
        **disk.profile,
    }
    if "vhd" in body:
        del body["managedDisk"]
    return body


def _os_profile(name: str, os_type: str) -> Body:
    body: Body = {"computerName": name[:15], "adminUsername": "azureuser", "secrets": []}
    if os_type == "Windows":
        return body | {"windowsConfiguration": {"provisionVMAgent": True}}
    linux = {"disablePasswordAuthentication": True, "provisionVMAgent": True}
    return body | {"linuxConfiguration": linux}


def _instance_view(spec: VmSpec, created: datetime) -> Body:
    image = IMAGES[spec.image]
    return {
        "computerName": spec.name[:15],
        "osName": image.os_name,
        "osVersion": image.os_version,
        "hyperVGeneration": image.generation,
        "statuses": [
            {
                "code": "ProvisioningState/succeeded",
                "level": "Info",
                "displayStatus": "Provisioning succeeded",
                "time": moment(created),
            },
            {
                "code": f"PowerState/{spec.power}",
                "level": "Info",
                "displayStatus": _POWER[spec.power],
            },
        ],
    }


def _disk_of(spec: VmSpec, index: int, created: datetime) -> Body:
    image, disk = IMAGES[spec.image], spec.disks[index]
    is_reserved = spec.power == "deallocated"
    properties: Body = {"diskState": "Reserved" if is_reserved else "Attached"}
    if not index:
        architecture = "Arm64" if "arm64" in image.sku else "x64"
        properties |= {
            "creationData": {"createOption": "FromImage"},
            "osType": image.os_type,
            "hyperVGeneration": image.generation,
            "supportedCapabilities": {
                "acceleratedNetwork": True,
                "architecture": architecture,
                "diskControllerTypes": "SCSI, NVMe" if spec.controller == "NVMe" else "SCSI",
            },
        }
    body = disk_body(spec.disk_id(index), spec.region, disk, created, **properties)
    body |= {"managedBy": spec.id, "tags": dict(spec.tags)}
    if spec.zone and not disk.sku.endswith("ZRS"):
        body["zones"] = [spec.zone]
    return body
