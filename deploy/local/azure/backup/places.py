"""Where things are: ids of vaults, containers, items and virtual machines, and finding them."""

from __future__ import annotations

import re
from typing import NamedTuple

from deploy.local.azure.calls import RESOURCE_GROUP, Call, Refusal
from deploy.local.azure.world import Body, World

VAULTS = f"{RESOURCE_GROUP}/providers/Microsoft.RecoveryServices/vaults"
VAULT = f"{VAULTS}/{{vault}}"
CONTAINER = f"{VAULT}/backupFabrics/{{fabric}}/protectionContainers/{{container}}"
ITEM = f"{CONTAINER}/protectedItems/{{item}}"
POLICY = f"{VAULT}/backupPolicies/{{policy}}"
LOCATION = "/subscriptions/{subscription}/providers/Microsoft.RecoveryServices/locations/{region}"

VAULT_TYPE = "Microsoft.RecoveryServices/vaults"
POLICY_TYPE = f"{VAULT_TYPE}/backupPolicies"
JOB_TYPE = f"{VAULT_TYPE}/backupJobs"
CONTAINER_TYPE = f"{VAULT_TYPE}/backupFabrics/protectionContainers"
ITEM_TYPE = f"{CONTAINER_TYPE}/protectedItems"
POINT_TYPE = f"{ITEM_TYPE}/recoveryPoints"
VM_TYPE = "Microsoft.Compute/virtualMachines"
DISK_TYPE = "Microsoft.Compute/disks"
REPLICATED_ITEM_TYPE = (
    f"{VAULT_TYPE}/replicationFabrics/replicationProtectionContainers/replicationProtectedItems"
)


class Resource(NamedTuple):
    """The parts of an ARM id that name a thing in a group."""

    subscription: str
    group: str
    name: str


def parts(arm_id: str) -> Resource:
    """Subscription, group and last name of an id. Raises ValueError for what is no id."""
    match = re.match(r"/subscriptions/([^/]+)/resourceGroups/([^/]+)/", arm_id, re.IGNORECASE)
    if not match:
        raise ValueError(f"not an id of a resource in a group: {arm_id!r}")
    return Resource(match[1], match[2], arm_id.rstrip("/").rsplit("/", 1)[1])


def same(one: object, other: object) -> bool:
    """Ids and names are equal in any case."""
    return str(one or "").lower() == str(other or "").lower()


def group_id(arm_id: str) -> str:
    """The id of the group a resource is in."""
    where = parts(arm_id)
    return f"/subscriptions/{where.subscription}/resourceGroups/{where.group}"


def vault_id(call: Call) -> str:
    p = call.params
    return (
        f"/subscriptions/{p['subscription']}/resourceGroups/{p['group']}"
        f"/providers/Microsoft.RecoveryServices/vaults/{p['vault']}"
    )


def vault_of(call: Call) -> Body:
    """The vault of the path, or Azure's 404 (recorded)."""
    found = call.world.get(vault_id(call))
    if found is None:
        name, group = call.params["vault"], call.params["group"]
        raise Refusal(
            404,
            "ResourceNotFound",
            f"The Resource 'Microsoft.RecoveryServices/vaults/{name}' under resource group "
            f"'{group}' was not found. For more details please go to "
            "https://aka.ms/ARMResourceNotFoundFix",
            headers={"x-ms-failure-cause": "gateway"},
        )
    return found


def vault_id_of(arm_id: str) -> str:
    """The vault above anything that lives in one."""
    match = re.match(r".*?/vaults/[^/]+", arm_id, re.IGNORECASE)
    if not match:
        raise ValueError(f"not below a vault: {arm_id!r}")
    return match[0]


def container_name(vm_id: str) -> str:
    where = parts(vm_id)
    return f"IaasVMContainer;iaasvmcontainerv2;{where.group.lower()};{where.name.lower()}"


def item_name(vm_id: str) -> str:
    where = parts(vm_id)
    return f"VM;iaasvmcontainerv2;{where.group.lower()};{where.name.lower()}"


def item_id(vault: str, vm_id: str) -> str:
    """The id Azure Backup gives the item of a VM in a vault."""
    return (
        f"{vault}/backupFabrics/Azure/protectionContainers/{container_name(vm_id)}"
        f"/protectedItems/{item_name(vm_id)}"
    )


def item_of(call: Call) -> Body:
    """The protected item of the path, or 404."""
    vault = vault_of(call)
    p = call.params
    found = call.world.get(
        f"{vault['id']}/backupFabrics/{p['fabric']}/protectionContainers/{p['container']}"
        f"/protectedItems/{p['item']}"
    )
    if found is None:
        raise Refusal(404, "BMSUserErrorContainerObjectNotFound", "Item not found", details=None)
    return found


def items_in(world: World, scope: str = "") -> list[Body]:
    """Protected VMs (also stopped and soft-deleted ones) below a scope."""
    return [
        item
        for item in world.of_type(ITEM_TYPE, scope)
        if item["properties"].get("backupManagementType") == "AzureIaasVM"
    ]


def item_protecting(world: World, vm_id: str) -> Body | None:
    """The item that holds backups of a VM, in whichever vault."""
    for item in items_in(world):
        source = item["properties"].get("sourceResourceId") or item["properties"].get(
            "virtualMachineId"
        )
        if same(source, vm_id):
            return item
    return None


def disks_of(world: World, vm: Body) -> list[tuple[Body, Body]]:
    """(how it is attached, the disk's own body or {}) of a VM, the OS disk first."""
    storage = vm.get("properties", {}).get("storageProfile", {})
    attached = [storage["osDisk"]] if storage.get("osDisk") else []
    attached += storage.get("dataDisks") or []
    return [
        (one, world.resources.get(str((one.get("managedDisk") or {}).get("id", "")).lower(), {}))
        for one in attached
    ]
