"""Virtual machine scale sets: a uniform one with its instances, and one of VMs of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from deploy.local.azure.world import Body
from deploy.local.fleet.compute import VmSpec, compute_id, moment, unique_id, vm_body


def scale_set_bodies(spec: VmSpec, instances: int, created: datetime) -> Iterator[Body]:
    """A uniform set whose instances are made as `spec` says; `spec.name` is the set's."""
    arm_id = compute_id(spec.subscription, spec.group, "virtualMachineScaleSets", spec.name)
    model = vm_body(spec, created)
    yield scale_set_body(arm_id, spec, "Uniform", instances, created)
    for number in range(instances):
        yield _instance(arm_id, spec, model, str(number))


def scale_set_body(arm_id: str, spec: VmSpec, mode: str, instances: int, created: datetime) -> Body:
    return {
        "id": arm_id,
        "name": arm_id.rsplit("/", 1)[-1],
        "type": "Microsoft.Compute/virtualMachineScaleSets",
        "location": spec.region,
        "tags": dict(spec.tags),
        "sku": {"name": spec.size, "tier": "Standard", "capacity": instances},
        "properties": {
            "orchestrationMode": mode,
            "singlePlacementGroup": False,
            "platformFaultDomainCount": 1,
            "provisioningState": "Succeeded",
            "uniqueId": unique_id(arm_id),
            "timeCreated": moment(created),
        },
    }


def _instance(set_id: str, spec: VmSpec, model: Body, number: str) -> Body:
    """An instance: its disks are resources that only the set shows."""
    name = f"{spec.name}_{number}"
    arm_id = f"{set_id}/virtualMachines/{number}"
    properties = model["properties"] | {
        "vmId": unique_id(arm_id),
        "latestModelApplied": True,
        "networkProfile": {"networkInterfaces": []},
    }
    return {
        "id": arm_id,
        "name": name,
        "type": "Microsoft.Compute/virtualMachineScaleSets/virtualMachines",
        "location": spec.region,
        "instanceId": number,
        "sku": {"name": spec.size, "tier": "Standard"},
        "tags": dict(spec.tags),
        "properties": properties,
    }
