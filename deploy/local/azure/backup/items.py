"""Protected items: a VM's protection in a vault, from enabling it to deleting it softly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from deploy.local.azure.access import check_linked
from deploy.local.azure.backup import tracking
from deploy.local.azure.backup.clock import NEVER_BACKED_UP, stamp
from deploy.local.azure.backup.eligibility import Asked, check
from deploy.local.azure.backup.filters import conditions, filtered
from deploy.local.azure.backup.jobs import JobPlan, finish_job, start_job
from deploy.local.azure.backup.paging import paged
from deploy.local.azure.backup.places import (
    CONTAINER_TYPE,
    ITEM,
    ITEM_TYPE,
    VAULT,
    VM_TYPE,
    container_name,
    item_id,
    item_name,
    item_of,
    items_in,
    parts,
    same,
    vault_of,
)
from deploy.local.azure.backup.points import forget_points, points_of, policy_of
from deploy.local.azure.backup.running import SOFT_DELETE_DAYS, begin, latest_state
from deploy.local.azure.backup.schedule import is_enhanced
from deploy.local.azure.calls import Answer, Call, Operation, Refusal
from deploy.local.azure.world import Body, World

#: What Resource Graph shows of an item and REST does not.
_GRAPH_ONLY = ("currentProtectionState", "dataSourceInfo", "policyInfo")


def rest(item: Body) -> Body:
    """An item as REST shows it."""
    hidden = (*_GRAPH_ONLY, "extendedInfo")
    shown = {key: value for key, value in item["properties"].items() if key not in hidden}
    fields = {key: item[key] for key in ("id", "name", "type")}
    return fields | {"properties": shown}


def new_item(world: World, vault: Body, vm: Body, policy: Body) -> Body:
    """The body of an item whose protection was just configured: no backup yet."""
    where = parts(vm["id"])
    container = container_name(vm["id"]).split(";", 1)[1]
    properties = {
        "friendlyName": where.name,
        "virtualMachineId": vm["id"],
        "protectionStatus": "Healthy",
        "protectionState": "IRPending",
        "healthStatus": "Passed",
        "lastBackupStatus": "",
        "lastBackupTime": NEVER_BACKED_UP,
        "protectedItemDataId": str(world.random.randrange(10**17, 10**18)),
        "protectedItemType": VM_TYPE,
        "backupManagementType": "AzureIaasVM",
        "workloadType": "VM",
        "containerName": container,
        "sourceResourceId": vm["id"],
        "policyId": policy["id"],
        "policyName": policy["name"],
        "policyType": "V2" if is_enhanced(policy["properties"]) else "V1",
        "vaultId": vault["id"],
        "lastRecoveryPoint": None,
        "isScheduledForDeferredDelete": False,
        "softDeleteRetentionPeriodInDays": _soft_delete_days(vault),
        "extendedProperties": {},
        "currentProtectionState": "ProtectionConfigured",
        "dataSourceInfo": {
            "resourceID": vm["id"],
            "resourceLocation": vm.get("location"),
            "datasourceType": VM_TYPE,
        },
        "policyInfo": {"name": policy["name"]},
    }
    arm_id = item_id(vault["id"], vm["id"])
    return {"id": arm_id, "name": item_name(vm["id"]), "type": ITEM_TYPE, "properties": properties}


def _soft_delete_days(vault: Body) -> int:
    settings = vault["properties"].get("securitySettings", {}).get("softDeleteSettings", {})
    return int(settings.get("softDeleteRetentionPeriodInDays") or SOFT_DELETE_DAYS)


def _put(call: Call) -> Answer:
    """Enable, change the policy, stop and keep the data, resume, or undelete: by what is sent."""
    vault = vault_of(call)
    begin(call.world)
    wanted = dict(call.body.get("properties") or {})
    known = call.world.get(call.path)
    if known is not None and wanted.get("isRehydrate"):
        return _undelete(call, vault, known)
    if known is not None and known["properties"].get("isScheduledForDeferredDelete"):
        raise Refusal(
            400,
            "BMSUserErrorItemInSoftDeletedState",
            "The backup item is in soft deleted state. Undelete it before protecting it again, or "
            "protect the virtual machine in another vault.",
        )
    if wanted.get("protectionState") in ("ProtectionStopped", "BackupsSuspended"):
        return _stop(call, vault, known, str(wanted["protectionState"]))
    return _protect(call, vault, known, wanted)


def _protect(call: Call, vault: Body, known: Body | None, wanted: Body) -> Answer:
    vm = _vm_of(call, wanted, known)
    policy = _policy_wanted(call, vault, wanted)
    item = new_item(call.world, vault, vm, policy)
    chosen = wanted.get("extendedProperties") or {}
    item["properties"]["extendedProperties"] = chosen
    version = str(call.query.get("api-version", ""))
    check(Asked(call.world, vault, vm, policy["properties"], item, version))
    _check_policy_change(call.world, known, policy)

    def done(when: datetime) -> None:
        if known is None:
            forget_points(call.world, item["id"])
            call.world.put(item)
            return
        state = "Protected" if known["properties"].get("lastRecoveryPoint") else "IRPending"
        fields = ("policyId", "policyName", "policyType", "policyInfo", "extendedProperties")
        known["properties"] |= {name: item["properties"][name] for name in fields}
        known["properties"] |= {
            "protectionState": state,
            "currentProtectionState": "ProtectionConfigured",
        }

    operation = "ConfigureBackup" if known is None else "ModifyProtection"
    return _start(call, vault, item["id"], operation, done)


def _vm_of(call: Call, wanted: Body, known: Body | None) -> Body:
    source = wanted.get("sourceResourceId") or wanted.get("virtualMachineId")
    source = source or (known or {"properties": {}})["properties"].get("sourceResourceId")
    if not source:
        raise Refusal(400, "BMSUserErrorInvalidInput", "Input provided for the call is invalid.")
    check_linked(call, str(source), "Microsoft.Compute/virtualMachines/read")
    vm = call.world.get(str(source))
    if vm is None:
        raise Refusal(
            400,
            "UserErrorVmNotFound",
            f"The virtual machine '{source}' does not exist or is not accessible.",
        )
    named = container_name(vm["id"]), item_name(vm["id"])
    asked = call.params["container"], call.params["item"]
    if not all(same(one, other) for one, other in zip(named, asked, strict=True)):
        raise Refusal(
            400,
            "BMSUserErrorInvalidInput",
            f"Input provided for the call is invalid: the names '{asked[0]}' and '{asked[1]}' are "
            f"not those of the virtual machine, '{named[0]}' and '{named[1]}'.",
        )
    return vm


def _policy_wanted(call: Call, vault: Body, wanted: Body) -> Body:
    policy = call.world.get(str(wanted.get("policyId") or ""))
    if policy is None or not policy["id"].lower().startswith(vault["id"].lower() + "/"):
        raise Refusal(
            400,
            "BMSUserErrorPolicyNotFound",
            "The policy is not one of this vault. Use the id of a backup policy of the vault.",
        )
    return policy


def _check_policy_change(world: World, known: Body | None, policy: Body) -> None:
    now = policy_of(world, known) if known else None
    if now is not None and is_enhanced(now) and not is_enhanced(policy["properties"]):
        raise Refusal(
            400,
            "UserErrorMigrationFromEnhancedToStandardPolicyNotAllowed",
            "An item protected with an Enhanced policy cannot be moved to a Standard policy.",
        )


def _stop(call: Call, vault: Body, known: Body | None, state: str) -> Answer:
    if known is None:
        raise Refusal(404, "BMSUserErrorContainerObjectNotFound", "Item not found")
    points_of(call.world, known, policy_of(call.world, known))  # pruned for the last time

    def done(when: datetime) -> None:
        known["properties"] |= {"protectionState": state, "currentProtectionState": state}
        known["properties"] |= {"policyId": "", "policyName": "", "policyInfo": {"name": ""}}

    return _start(call, vault, known["id"], "DisableBackup", done)


def _undelete(call: Call, vault: Body, known: Body) -> Answer:
    if not known["properties"].get("isScheduledForDeferredDelete"):
        raise Refusal(
            400,
            "BMSUserErrorItemNotInSoftDeletedState",
            "The backup item is not in soft deleted state.",
        )

    def done(when: datetime) -> None:
        known["properties"].pop("deferredDeleteTimeInUTC", None)
        known["properties"].pop("deferredDeleteTimeRemaining", None)
        known["properties"] |= {
            "isScheduledForDeferredDelete": False,
            "isDeferredDeleteScheduleUpcoming": False,
            "protectionState": "ProtectionStopped",
            "currentProtectionState": "ProtectionStopped",
        }

    return _start(call, vault, known["id"], "Undelete", done)


def _delete(call: Call) -> Answer:
    """Stop protection and delete the data: soft, for the vault's days. 204 where there is none."""
    vault = vault_of(call)
    begin(call.world)
    known = call.world.get(call.path)
    if known is None:
        return Answer(204)
    if known["properties"].get("isScheduledForDeferredDelete"):
        raise Refusal(
            400,
            "BMSUserErrorItemInSoftDeletedState",
            "The backup item is already in soft deleted state.",
        )
    _refuse_if_immutable(call.world, vault, known)

    points_of(call.world, known, policy_of(call.world, known))  # pruned for the last time
    job = _job(call, vault, known["properties"]["friendlyName"], "DeleteBackupData")

    def done(when: datetime) -> None:
        delete_softly(known, when, _soft_delete_days(vault))
        finish_job(call.world, job, when)

    operation = tracking.track(call, properties=tracking.job_reference(job["name"]), done=done)
    where = vault["id"]
    return tracking.accepted(
        call,
        f"{where}/backupOperations/{operation.id}",
        f"{where}/backupOperationResults/{operation.id}",
    )


def _refuse_if_immutable(world: World, vault: Body, item: Body) -> None:
    security = vault["properties"].get("securitySettings", {})
    state = security.get("immutabilitySettings", {}).get("state", "Disabled")
    if state != "Disabled" and points_of(world, item, policy_of(world, item)):
        raise Refusal(
            400,
            "UserErrorOperationNotAllowedOnImmutableVault",
            "The vault is immutable and the backup item has recovery points; its data cannot be "
            "deleted before they expire.",
        )


def delete_softly(item: Body, when: datetime, days: int) -> None:
    """Into soft delete: the data stays for that many days, and so does the policy's name."""
    item["properties"] |= {
        "isScheduledForDeferredDelete": True,
        "isDeferredDeleteScheduleUpcoming": False,
        "deferredDeleteTimeInUTC": stamp(when + timedelta(days=days)),
        "deferredDeleteTimeRemaining": f"{days}.00:00:00",
        "protectionState": "ProtectionStopped",
        "currentProtectionState": "SoftDeleted",
        "policyId": "",
        "policyName": "",
    }


def _job(call: Call, vault: Body, vm_name: str, operation: str) -> Body:
    takes = tracking.lasting(call.world, tracking.USUAL)
    plan = JobPlan(vault["id"], vm_name, operation, [(operation, takes)])
    return start_job(call.world, plan, call.world.now)


def _start(
    call: Call, vault: Body, arm_id: str, operation: str, done: Callable[[datetime], None]
) -> Answer:
    """A job and an operation that ends with it; the result is the item."""
    job = _job(call, vault, vm_name_of(arm_id), operation)

    def finish(when: datetime) -> None:
        done(when)
        finish_job(call.world, job, when)

    started = tracking.track(
        call,
        properties=tracking.job_reference(job["name"]),
        result=lambda: rest(call.world.resources[arm_id.lower()]),
        done=finish,
    )
    return tracking.accepted(
        call,
        f"{arm_id}/operationsStatus/{started.id}",
        f"{arm_id}/operationResults/{started.id}",
    )


def vm_name_of(arm_id: str) -> str:
    """The VM's name in an item's id."""
    return arm_id.rsplit(";", 1)[1]


def _get(call: Call) -> Answer:
    item = item_of(call)
    shown = rest(item)
    wanted = [value.lower() for name, _, value in conditions(call.query.get("$filter", ""))]
    if "extendedinfo" in wanted:
        shown["properties"] = shown["properties"] | {"extendedInfo": latest_state(call.world, item)}
    return Answer(200, shown)


def _list(call: Call) -> Answer:
    vault = vault_of(call)
    found = filtered(items_in(call.world, vault["id"]), call.query.get("$filter", ""))
    return paged(call, [rest(item) for item in found])


def container_of(item: Body) -> Body:
    """The container around an item, as registered."""
    name = item["id"].split("/protectionContainers/", 1)[1].split("/", 1)[0]
    vm = item["properties"]["sourceResourceId"]
    properties = {
        "friendlyName": item["properties"]["friendlyName"],
        "backupManagementType": "AzureIaasVM",
        "registrationStatus": "Registered",
        "healthStatus": "Healthy",
        "containerType": VM_TYPE,
        "protectableObjectType": VM_TYPE,
        "virtualMachineId": vm,
        "virtualMachineVersion": "Compute",
        "resourceGroup": parts(vm).group,
    }
    arm_id = item["id"].split("/protectedItems/", 1)[0]
    return {"id": arm_id, "name": name, "type": CONTAINER_TYPE, "properties": properties}


def _containers(call: Call) -> Answer:
    vault = vault_of(call)
    text = call.query.get("$filter", "").replace("status eq", "registrationStatus eq")
    return paged(call, filtered([container_of(i) for i in items_in(call.world, vault["id"])], text))


OPERATIONS = (
    Operation("ProtectedItems_CreateOrUpdate", "PUT", ITEM, _put),
    Operation("ProtectedItems_Get", "GET", ITEM, _get),
    Operation("ProtectedItems_Delete", "DELETE", ITEM, _delete),
    Operation("BackupProtectedItems_List", "GET", f"{VAULT}/backupProtectedItems", _list),
    Operation(
        "BackupProtectionContainers_List", "GET", f"{VAULT}/backupProtectionContainers", _containers
    ),
    Operation(
        "ProtectedItemOperationStatuses_Get",
        "GET",
        f"{ITEM}/operationsStatus/{{operation}}",
        tracking.status,
    ),
    Operation(
        "ProtectedItemOperationResults_Get",
        "GET",
        f"{ITEM}/operationResults/{{operation}}",
        tracking.result,
    ),
    Operation(
        "BackupOperationStatuses_Get",
        "GET",
        f"{VAULT}/backupOperations/{{operation}}",
        tracking.status,
    ),
    Operation(
        "BackupOperationResults_Get",
        "GET",
        f"{VAULT}/backupOperationResults/{{operation}}",
        tracking.result,
    ),
)
