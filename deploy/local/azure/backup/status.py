"""Questions about protection: is this VM protected, could it be, and what could a vault protect."""

from __future__ import annotations

from deploy.local.azure.access import check_linked
from deploy.local.azure.backup import tracking
from deploy.local.azure.backup.eligibility import Asked, check
from deploy.local.azure.backup.filters import filtered
from deploy.local.azure.backup.items import new_item
from deploy.local.azure.backup.paging import paged
from deploy.local.azure.backup.places import (
    CONTAINER_TYPE,
    LOCATION,
    VAULT,
    VM_TYPE,
    container_name,
    item_id,
    item_name,
    item_protecting,
    items_in,
    parts,
    vault_id_of,
    vault_of,
)
from deploy.local.azure.calls import Answer, Call, Operation, Refusal
from deploy.local.azure.world import Body, World


def _vm_asked(call: Call) -> str:
    """The VM's id in the question. Raises Refusal for another kind of resource."""
    arm_id = str(call.body.get("resourceId") or "")
    if call.body.get("resourceType") != "VM":
        message = "Input provided for the call is invalid: only the resource type VM is served."
        raise Refusal(400, "BMSUserErrorInvalidInput", message)
    try:
        parts(arm_id)
    except ValueError as error:
        raise Refusal(400, "BMSUserErrorInvalidInput", "The resource id is not valid.") from error
    check_linked(call, arm_id, "Microsoft.Compute/virtualMachines/read")
    return arm_id


def _backup_status(call: Call) -> Answer:
    """Names are given for unprotected VMs too; a vault only for protected ones (recorded)."""
    vm_id = _vm_asked(call)
    body: Body = {
        "protectionStatus": "NotProtected",
        "fabricName": "Azure",
        "containerName": container_name(vm_id).lower(),
        "protectedItemName": item_name(vm_id).lower(),
        "errorCode": "Success",
        "errorMessage": "",
    }
    item = item_protecting(call.world, vm_id)
    if item is None:
        return Answer(200, body)
    properties = item["properties"]
    body |= {
        "protectionStatus": "Protected",
        "vaultId": vault_id_of(item["id"]),
        "policyName": properties.get("policyName")
        or str(properties.get("policyId") or "").rsplit("/", 1)[-1],
        "registrationStatus": "Registered",
        "acquireStorageAccountLock": None,
        "protectedItemsCount": 1,
    }
    return Answer(200, {key: value for key, value in body.items() if value is not None})


def _prevalidate(call: Call) -> Answer:
    """Whether a VM could be protected in a vault; says why not, and never fails for it."""
    vm_id = _vm_asked(call)
    body: Body = {
        "status": "Succeeded",
        "errorCode": "Success",
        "errorMessage": "",
        "recommendation": "",
        "containerName": container_name(vm_id).lower(),
        "protectedItemName": item_name(vm_id).lower(),
    }
    if item_protecting(call.world, vm_id):
        return Answer(200, body | _ALREADY)
    vault, vm = call.world.get(str(call.body.get("vaultId") or "")), call.world.get(vm_id)
    if vault is None or vm is None:
        return Answer(200, body | _failed("UserErrorVmNotFound", "The resource does not exist."))
    try:
        check(_with_enhanced(call.world, vault, vm))
    except Refusal as refusal:
        return Answer(200, body | _failed(refusal.code, refusal.message))
    return Answer(200, body)


def _failed(code: str, message: str) -> Body:
    return {"status": "Failed", "errorCode": code, "errorMessage": message}


_ALREADY = _failed("VirtualMachineAlreadyProtected", "The virtual machine is already protected.")
_ALREADY["recommendation"] = "Please do not enable protection again."


def _with_enhanced(world: World, vault: Body, vm: Body) -> Asked:
    policy: Body = {"id": "", "name": "", "properties": {"policyType": "V2"}}
    item = new_item(world, vault, vm, policy)
    return Asked(world, vault, vm, policy["properties"], item, "9999")


def _features(call: Call) -> Answer:
    """Whether Azure Backup knows the feature; VMs of every size are known."""
    known = call.body.get("featureType") == "AzureVMResourceBackup"
    return Answer(200, {"supportStatus": "Supported" if known else "NotSupported"})


def _protectable(call: Call) -> Answer:
    """VMs of the vault's region and subscription that no vault protects."""
    vault = vault_of(call)
    subscription = f"/subscriptions/{call.params['subscription']}"
    protected = {
        str(item["properties"].get("sourceResourceId")).lower() for item in items_in(call.world)
    }
    rows = [
        _protectable_item(vault, vm)
        for vm in call.world.of_type(VM_TYPE, subscription)
        if vm.get("location") == vault["location"] and vm["id"].lower() not in protected
    ]
    return paged(call, filtered(rows, call.query.get("$filter", "")))


def _protectable_item(vault: Body, vm: Body) -> Body:
    properties = {
        "friendlyName": vm["name"],
        "virtualMachineId": vm["id"],
        "protectionState": "NotProtected",
        "protectableItemType": VM_TYPE,
        "backupManagementType": "AzureIaasVM",
        "workloadType": "VM",
        "resourceGroup": parts(vm["id"]).group,
        "virtualMachineVersion": "Compute",
    }
    arm_id = item_id(vault["id"], vm["id"]).replace("/protectedItems/", "/protectableItems/")
    return {
        "id": arm_id,
        "name": item_name(vm["id"]),
        "type": f"{CONTAINER_TYPE}/protectableItems",
        "properties": properties,
    }


def _refresh(call: Call) -> Answer:
    """Look for VMs anew: nothing is to be found that is not known; the result is empty."""
    vault = vault_of(call)
    operation = tracking.track(call)
    where = f"{vault['id']}/backupFabrics/{call.params['fabric']}"
    return tracking.accepted(
        call,
        f"{where}/operationsStatus/{operation.id}",
        f"{where}/operationResults/{operation.id}",
    )


_FABRIC = f"{VAULT}/backupFabrics/{{fabric}}"

OPERATIONS = (
    Operation("BackupStatus_Get", "POST", f"{LOCATION}/backupStatus", _backup_status),
    Operation(
        "ProtectionIntent_Validate", "POST", f"{LOCATION}/backupPreValidateProtection", _prevalidate
    ),
    Operation("FeatureSupport_Validate", "POST", f"{LOCATION}/backupValidateFeatures", _features),
    Operation(
        "BackupProtectableItems_List", "GET", f"{VAULT}/backupProtectableItems", _protectable
    ),
    Operation("ProtectionContainers_Refresh", "POST", f"{_FABRIC}/refreshContainers", _refresh),
)
