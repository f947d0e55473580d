"""The virtual machines that failovers make in the recovery region, and their disks."""

from __future__ import annotations

import copy
from datetime import datetime

from deploy.local.azure.backup.clock import stamp
from deploy.local.azure.backup.places import VM_TYPE, same
from deploy.local.azure.site_recovery.pieces import missing
from deploy.local.azure.site_recovery.replication import replica_of
from deploy.local.azure.world import Body, World


def target_vm_id(item: Body, name_field: str) -> str:
    details = item["properties"]["providerSpecificDetails"]
    name = details.get(name_field) or f"{item['properties']['friendlyName']}-test"
    return f"{recovery_group(item)}/providers/Microsoft.Compute/virtualMachines/{name}"


def recovery_group(item: Body) -> str:
    details = item["properties"]["providerSpecificDetails"]
    disks = details.get("protectedManagedDisks") or [{}]
    group = details.get("recoveryAzureResourceGroupId") or disks[0].get("recoveryResourceGroupId")
    if not group:
        raise missing("recoveryAzureResourceGroupId")
    return str(group)


def make_vm(world: World, item: Body, vm_id: str, name_field: str, when: datetime) -> None:
    """The replicated VM in the recovery region, with disks of its own."""
    details, replica = item["properties"]["providerSpecificDetails"], replica_of(world, item)
    vm = copy.deepcopy(replica.vm)
    region, zone = details["recoveryFabricLocation"], details.get("recoveryAvailabilityZone")
    vm |= {"id": vm_id, "name": vm_id.rsplit("/", 1)[1], "type": VM_TYPE, "location": region}
    vm.pop("zones", None)
    if zone:
        vm["zones"] = [zone]
    vm["properties"] |= {"vmId": world.new_guid(), "timeCreated": stamp(when)}
    for field in ("instanceView", "extended", "resources"):
        vm["properties"].pop(field, None)
    for attached in _attached(vm):
        asked = _asked_disk(details, attached)
        name = asked.get(name_field) or attached["name"]
        disk = _make_disk(world, replica.disks, attached, asked, f"{_group(vm_id)}/{name}", vm)
        attached |= {"name": name, "managedDisk": {**attached["managedDisk"], "id": disk["id"]}}
        world.put(disk)
    world.put(vm)


def _attached(vm: Body) -> list[Body]:
    storage = vm["properties"].get("storageProfile") or {}
    return [one for one in (storage.get("osDisk"), *(storage.get("dataDisks") or [])) if one]


def _asked_disk(details: Body, attached: Body) -> Body:
    held = details.get("protectedManagedDisks") or []
    disk_id = attached["managedDisk"]["id"]
    return next((disk for disk in held if same(disk["diskId"], disk_id)), {})


def _group(vm_id: str) -> str:
    return f"{vm_id.split('/providers/')[0]}/providers/Microsoft.Compute/disks"


def _make_disk(
    world: World, known: list[Body], attached: Body, asked: Body, arm_id: str, vm: Body
) -> Body:
    disk_id = attached["managedDisk"]["id"]
    source = next((disk for disk in known if same(disk.get("id"), disk_id)), {})
    disk = copy.deepcopy(source) or {"type": "Microsoft.Compute/disks", "properties": {}}
    sku = asked.get("recoveryTargetDiskAccountType") or "Premium_LRS"
    disk |= {"id": arm_id, "name": arm_id.rsplit("/", 1)[1], "location": vm["location"]}
    disk |= {"managedBy": vm["id"], "sku": {"name": sku, "tier": sku.split("_")[0]}}
    disk.pop("zones", None)
    if vm.get("zones"):
        disk["zones"] = list(vm["zones"])
    disk["properties"] |= {
        "creationData": {"createOption": "Restore", "sourceResourceId": disk_id},
        "diskState": "Attached",
        "uniqueId": world.new_guid(),
        "timeCreated": stamp(world.now),
        "provisioningState": "Succeeded",
    }
    return disk


def remove_vm(world: World, vm_id: str) -> None:
    vm = world.remove(vm_id)
    for attached in _attached(vm) if vm else []:
        world.remove(str(attached["managedDisk"]["id"]))


def shut_down(world: World, vm_id: str) -> None:
    vm = world.resources.get(str(vm_id).lower())
    if vm is None:
        return
    state = {"code": "PowerState/deallocated", "displayStatus": "VM deallocated", "level": "Info"}
    extended = vm["properties"].setdefault("extended", {}).setdefault("instanceView", {})
    extended["powerState"] = state
    statuses = vm["properties"].setdefault("instanceView", {}).setdefault("statuses", [])
    kept = [one for one in statuses if not str(one.get("code")).startswith("PowerState/")]
    vm["properties"]["instanceView"]["statuses"] = [*kept, state]
