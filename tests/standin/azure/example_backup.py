"""The operations of vaults and of Azure Backup of which there are examples."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

from tests.standin.azure.example_answers import Recorder
from tests.standin.azure.example_operations import examples
from tests.standin.azure.recovery_azure import (
    DB,
    ENHANCED,
    ITEM_ID,
    STANDARD,
    VAULT_ID,
    WEB,
    item_of,
    protect_body,
)
from tests.standin.azure.running_azure import GROUP, REGION, SUBSCRIPTION, arm_id

_IN_SUBSCRIPTION = f"/subscriptions/{SUBSCRIPTION}"
_IN_GROUP = f"{_IN_SUBSCRIPTION}/resourceGroups/{GROUP}"
_RECOVERY = "providers/Microsoft.RecoveryServices"
_FABRIC = f"{VAULT_ID}/backupFabrics/Azure"
_ACCOUNT = f"{_IN_GROUP}/providers/Microsoft.Storage/storageAccounts/staging"
_NETWORK = f"{_IN_GROUP}/providers/Microsoft.Network/virtualNetworks/shop"


async def ask_all(one: Recorder) -> None:
    await _vaults(one)
    await _settings(one)
    await _policies(one)
    await _items(one)
    await _points(one)
    await _restores(one)
    await _jobs(one)
    await _stop(one)
    await one.ask("DELETE", f"{VAULT_ID}-1")


async def _vaults(one: Recorder) -> None:
    """Made and changed as the examples ask for it, each new one under a name of its own."""
    body = {"location": REGION, "sku": {"name": "Standard"}}
    begun = await one.begin("PUT", VAULT_ID, body)
    operation = begun["Azure-AsyncOperation"].partition("/operationStatus/")[2].partition("?")[0]
    await one.ask("GET", f"{VAULT_ID}/operationResults/{operation}")
    one.azure.world.forward(timedelta(seconds=5))
    await one.ask("GET", f"{VAULT_ID}/operationResults/{operation}")
    await one.ask("PUT", VAULT_ID, body)
    made = 0
    for example in examples():
        if example.operation == "Vaults_CreateOrUpdate":
            body = copy.deepcopy(example.whole["parameters"]["vault"]) | {"location": REGION}
            made += 1
            await one.ask("PUT", f"{VAULT_ID}-{made}", body)
            await one.ask("GET", f"{VAULT_ID}-{made}")
        if example.operation == "Vaults_Update":
            await one.ask("PATCH", VAULT_ID, example.whole["parameters"]["vault"])
    cost = {"properties": {"costManagementSettings": {"granularityLevel": "ProtectedItemLevel"}}}
    await one.ask("PATCH", VAULT_ID, cost)
    await one.ask("GET", VAULT_ID)
    check = f"{_IN_GROUP}/{_RECOVERY}/locations/{REGION}/checkNameAvailability"
    for name in ("safe", "free"):
        await one.ask("POST", check, {"name": name, "type": "Microsoft.RecoveryServices/Vaults"})
    for scope in (_IN_GROUP, _IN_SUBSCRIPTION):
        await one.ask("GET", f"{scope}/{_RECOVERY}/vaults")


async def _settings(one: Recorder) -> None:
    config = f"{VAULT_ID}/backupconfig/vaultconfig"
    soft = {"properties": {"softDeleteFeatureState": "Enabled"}}
    storage = f"{VAULT_ID}/backupstorageconfig/vaultstorageconfig"
    kind = {"properties": {"storageType": "LocallyRedundant", "storageTypeState": "Unlocked"}}
    for method in ("PUT", "PATCH"):
        await one.ask(method, config, soft)
        await one.ask(method, storage, kind)
    for path in (config, storage, f"{VAULT_ID}/extendedInformation/vaultExtendedInfo"):
        await one.ask("GET", path)


async def _policies(one: Recorder) -> None:
    """As the examples ask for them, with the instant recovery points that Azure allows."""
    made = 0
    for example in examples():
        if example.operation != "ProtectionPolicies_CreateOrUpdate":
            continue
        body = copy.deepcopy(example.whole["parameters"]["parameters"])
        if body["properties"]["backupManagementType"] != "AzureIaasVM":
            continue
        if body["properties"]["schedulePolicy"]["scheduleRunFrequency"] == "Hourly":
            body["properties"]["instantRpRetentionRangeInDays"] = 15
        made += 1
        await one.ask("PUT", f"{VAULT_ID}/backupPolicies/made-{made}", body)
        await one.ask("GET", f"{VAULT_ID}/backupPolicies/made-{made}")
    await one.ask("GET", STANDARD)
    await one.ask("GET", ENHANCED)
    await one.ask("GET", f"{VAULT_ID}/backupPolicies")
    await one.ask("DELETE", f"{VAULT_ID}/backupPolicies/made-1")
    await one.ask("DELETE", f"{VAULT_ID}/backupPolicies/never-made")


async def _items(one: Recorder) -> None:
    region = f"{_IN_SUBSCRIPTION}/{_RECOVERY}/locations/{REGION}"
    vm = {"resourceId": WEB, "resourceType": "VM", "vaultId": VAULT_ID, "properties": ""}
    for _ in range(2):
        await one.ask("GET", f"{VAULT_ID}/backupProtectableItems")
        await one.ask("POST", f"{region}/backupStatus", vm)
        await one.ask("POST", f"{region}/backupPreValidateProtection", vm)
        await one.ask("PUT", ITEM_ID, protect_body())
    feature = {"featureType": "AzureVMResourceBackup", "vmSize": "Standard_D4s_v5", "vmSku": "x"}
    await one.ask("POST", f"{region}/backupValidateFeatures", feature)
    await one.ask("POST", f"{_FABRIC}/refreshContainers")
    await one.ask("GET", f"{VAULT_ID}/backupProtectableItems")
    await one.ask("POST", f"{ITEM_ID}/backup", _asked("IaasVMBackupRequest"))
    one.azure.world.forward(timedelta(days=3))
    for path in (ITEM_ID, f"{VAULT_ID}/backupProtectedItems", f"{VAULT_ID}/usages"):
        await one.ask("GET", path)


def _asked(kind: str, **more: Any) -> dict[str, Any]:
    return {"properties": {"objectType": kind, **more}}


async def _points(one: Recorder) -> None:
    found = await one.ask("GET", f"{ITEM_ID}/recoveryPoints")
    point = found["value"][0]["id"]
    await one.ask("GET", point)
    mounted = _asked("IaasVMILRRegistrationRequest", recoveryPointId=point.rsplit("/", 1)[1])
    mounted["properties"] |= {"virtualMachineId": WEB, "initiatorName": "somebody"}
    await one.ask("POST", f"{point}/provisionInstantItemRecovery", mounted)
    await one.ask("POST", f"{point}/revokeInstantItemRecovery")
    ids = {"properties": {"recoveryPointIds": [point]}}
    await one.ask("POST", f"{_FABRIC}/getRPExtendedInfo", ids)


async def _restores(one: Recorder) -> None:
    points = (await one.ask("GET", f"{ITEM_ID}/recoveryPoints"))["value"]
    restored = f"{_IN_SUBSCRIPTION}/resourceGroups/restored"
    common = {"sourceResourceId": WEB, "storageAccountId": _ACCOUNT, "region": REGION}
    disks = _asked("IaasVMRestoreRequest", recoveryType="RestoreDisks", **common)
    disks["properties"]["targetResourceGroupId"] = restored
    await one.ask("POST", f"{points[0]['id']}/restore", disks)
    elsewhere = _asked("IaasVMRestoreRequest", recoveryType="AlternateLocation", **common)
    elsewhere["properties"] |= {
        "targetVirtualMachineId": arm_id("virtualMachines", "web-02"),
        "targetResourceGroupId": _IN_GROUP,
        "virtualNetworkId": _NETWORK,
        "subnetId": f"{_NETWORK}/subnets/default",
    }
    await one.ask("POST", f"{points[0]['id']}/restore", elsewhere)


async def _jobs(one: Recorder) -> None:
    """One is left running, looked at and cancelled."""
    await one.begin("POST", f"{ITEM_ID}/backup", _asked("IaasVMBackupRequest"))
    one.azure.world.forward(timedelta(seconds=5))
    jobs = (await one.ask("GET", f"{VAULT_ID}/backupJobs"))["value"]
    running = next(job for job in jobs if job["properties"]["status"] == "InProgress")
    for job in jobs:
        await one.ask("GET", f"{VAULT_ID}/backupJobs/{job['name']}")
    await one.ask("POST", f"{VAULT_ID}/backupJobs/{running['name']}/cancel")
    one.azure.world.forward(timedelta(days=1))


async def _stop(one: Recorder) -> None:
    """Stopped and kept, deleted softly, gone for good."""
    stopped = protect_body()
    stopped["properties"] |= {"protectionState": "ProtectionStopped", "policyId": ""}
    await one.ask("PUT", ITEM_ID, stopped)
    await one.ask("GET", ITEM_ID)
    await one.ask("DELETE", ITEM_ID)
    await one.ask("GET", ITEM_ID)
    await one.ask("GET", f"{VAULT_ID}/backupProtectedItems")
    await one.ask("DELETE", item_of("never-protected"))
    await one.ask("PUT", item_of("db-01"), protect_body(DB, ENHANCED))
    await one.ask("GET", item_of("db-01"))
    await one.ask("DELETE", item_of("db-01"))
    await one.ask("DELETE", f"{VAULT_ID}-never-made")
