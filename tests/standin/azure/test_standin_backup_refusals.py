"""What Azure Backup refuses: the request is refused in Azure's shape, and nothing has changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.recovery_azure import (
    ENHANCED,
    ITEM_ID,
    STANDARD,
    VAULT_ID,
    WEB,
    back_up_now,
    call,
    make_vault,
    points,
    protect,
    protect_body,
    refused,
)
from tests.standin.azure.running_azure import REGION, SUBSCRIPTION, arm_id

RESTORED = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/restored"
BACKUP = {"properties": {"objectType": "IaasVMBackupRequest"}}


def change_vm(azure: AzureStandIn, change: dict[str, Any]) -> None:
    """Lay something over web-01's properties."""
    vm = azure.world.get(WEB)
    assert vm is not None
    for key, value in change.items():
        held = vm["properties"].get(key)
        vm["properties"][key] = held | value if isinstance(held, dict) else value


def change_disk(azure: AzureStandIn, **change: Any) -> None:
    disk = azure.world.get(arm_id("disks", "web-01-data-0"))
    if disk is None:
        vm = azure.world.get(WEB)
        assert vm is not None
        data = vm["properties"]["storageProfile"]["dataDisks"][0]
        disk = azure.world.get(data["managedDisk"]["id"])
    assert disk is not None
    disk["properties"] |= change


async def test_a_vault_of_another_region_does_not_protect_a_machine(azure: AzureStandIn) -> None:
    await call(azure, "PUT", VAULT_ID, {"location": "northeurope", "properties": {}})
    assert await refused(azure, "PUT", ITEM_ID, protect_body()) == (
        "UserErrorVaultAndVmNotInSameRegion"
    )
    assert (await call(azure, "GET", ITEM_ID))[0] == 404


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            {"securityProfile": {"securityType": "ConfidentialVM"}},
            "UserErrorConfidentialVMNotSupported",
        ),
        (
            {"storageProfile": {"osDisk": {"name": "o", "writeAcceleratorEnabled": True}}},
            "UserErrorWriteAcceleratedOSDiskNotSupported",
        ),
    ],
)
async def test_what_no_policy_protects(
    azure: AzureStandIn, change: dict[str, Any], code: str
) -> None:
    await make_vault(azure)
    change_vm(azure, change)
    for policy in (STANDARD, ENHANCED):
        assert await refused(azure, "PUT", ITEM_ID, protect_body(policy=policy)) == code


async def test_trusted_launch_takes_the_standard_policy_from_a_newer_api_version_on(
    azure: AzureStandIn,
) -> None:
    await make_vault(azure)
    change_vm(azure, {"securityProfile": {"securityType": "TrustedLaunch"}})
    old = await call(azure, "PUT", ITEM_ID, protect_body(), "2024-04-01")
    assert old[0] == 400
    assert old[1]["error"]["code"] == "UserErrorTrustedLaunchVMNotSupported"
    enhanced = await call(azure, "PUT", ITEM_ID, protect_body(policy=ENHANCED), "2024-04-01")
    assert enhanced[0] == 202
    await call(azure, "DELETE", ITEM_ID)
    azure.world.forward(timedelta(days=15))
    assert (await call(azure, "PUT", ITEM_ID, protect_body(), "2025-02-01"))[0] == 202


async def test_a_shared_disk_can_be_left_out(azure: AzureStandIn) -> None:
    await make_vault(azure)
    change_disk(azure, maxShares=2)
    asked = protect_body(policy=ENHANCED)
    assert await refused(azure, "PUT", ITEM_ID, asked) == "UserErrorSharedDiskNotSupported"
    left_out = {"diskExclusionProperties": {"diskLunList": [0], "isInclusionList": False}}
    await protect(azure, ENHANCED, extendedProperties=left_out)
    await back_up_now(azure)
    (point,) = await points(azure)
    chosen = point["properties"]["recoveryPointDiskConfiguration"]
    assert chosen["numberOfDisksIncludedInBackup"] == 1
    network = f"{RESTORED}/providers/Microsoft.Network/virtualNetworks/n"
    body = {
        "properties": {
            "objectType": "IaasVMRestoreRequest",
            "recoveryType": "AlternateLocation",
            "targetVirtualMachineId": f"{RESTORED}/providers/Microsoft.Compute/virtualMachines/x",
            "targetResourceGroupId": RESTORED,
            "virtualNetworkId": network,
            "subnetId": f"{network}/subnets/s",
        }
    }
    code = await refused(azure, "POST", f"{point['id']}/restore", body)
    assert code == "UserErrorRestoreNotSupportedWithDiskExclusion"


async def test_another_vault_does_not_protect_a_machine_twice(azure: AzureStandIn) -> None:
    await make_vault(azure)
    await protect(azure)
    other = VAULT_ID.replace("/safe", "/second")
    await call(azure, "PUT", other, {"location": REGION, "properties": {}})
    body = protect_body(policy=f"{other}/backupPolicies/DefaultPolicy")
    path = ITEM_ID.replace("/vaults/safe/", "/vaults/second/")
    assert await refused(azure, "PUT", path, body) == "VirtualMachineAlreadyProtected"


async def test_no_more_than_nine_backups_on_demand_in_a_day(azure: AzureStandIn) -> None:
    await make_vault(azure)
    await protect(azure)
    now = azure.world.now
    azure.world.forward(timedelta(days=1) - timedelta(hours=now.hour, minutes=now.minute))
    for _ in range(9):
        await back_up_now(azure)
    code = await refused(azure, "POST", f"{ITEM_ID}/backup", BACKUP)
    assert code == "UserErrorOnDemandBackupLimitReached"
    azure.world.forward(timedelta(days=1))
    await back_up_now(azure)


async def test_one_backup_at_a_time(azure: AzureStandIn) -> None:
    await make_vault(azure)
    await protect(azure)
    azure.world.forward(timedelta(seconds=1))
    azure.world.pace = 1.0
    assert (await call(azure, "POST", f"{ITEM_ID}/backup", BACKUP))[0] == 202
    code = await refused(azure, "POST", f"{ITEM_ID}/backup", BACKUP)
    assert code == "UserErrorBackupOperationInProgress"


async def test_stopped_protection_takes_no_backup(azure: AzureStandIn) -> None:
    await make_vault(azure)
    await protect(azure)
    await call(azure, "PUT", ITEM_ID, protect_body(protectionState="ProtectionStopped"))
    code = await refused(azure, "POST", f"{ITEM_ID}/backup", BACKUP)
    assert code == "BMSUserErrorBackupOnStoppedProtection"


async def test_enhanced_does_not_go_back_to_standard(azure: AzureStandIn) -> None:
    await make_vault(azure)
    await protect(azure, ENHANCED)
    code = await refused(azure, "PUT", ITEM_ID, protect_body(policy=STANDARD))
    assert code == "UserErrorMigrationFromEnhancedToStandardPolicyNotAllowed"


async def test_a_policy_in_use_is_not_deleted(azure: AzureStandIn) -> None:
    await make_vault(azure)
    await protect(azure)
    assert await refused(azure, "DELETE", STANDARD) == "BMSUserErrorPolicyInUse"
    assert (await call(azure, "DELETE", ENHANCED))[0] == 200
    assert (await call(azure, "DELETE", ENHANCED))[0] == 204


async def test_the_redundancy_of_a_vault_is_fixed_by_its_first_backup(azure: AzureStandIn) -> None:
    await make_vault(azure)
    change = {
        "properties": {"redundancySettings": {"standardTierStorageRedundancy": "LocallyRedundant"}}
    }
    assert (await call(azure, "PATCH", VAULT_ID, change))[0] == 200
    await protect(azure)
    await back_up_now(azure)
    change["properties"]["redundancySettings"]["standardTierStorageRedundancy"] = "ZoneRedundant"
    assert await refused(azure, "PATCH", VAULT_ID, change) == "CloudStorageTypeCannotBeModified"
    config = f"{VAULT_ID}/backupstorageconfig/vaultstorageconfig"
    _, body, _ = await call(azure, "GET", config)
    assert body["properties"]["storageTypeState"] == "Locked"
    assert body["properties"]["storageType"] == "LocallyRedundant"


async def test_cross_region_restore_goes_to_the_pair_and_only_there(azure: AzureStandIn) -> None:
    geo = {"standardTierStorageRedundancy": "GeoRedundant", "crossRegionRestore": "Enabled"}
    await make_vault(azure, redundancySettings=geo)
    await protect(azure)
    await back_up_now(azure)
    azure.world.forward(timedelta(hours=13))
    point = (await points(azure))[-1]
    _, token, _ = await call(azure, "POST", f"{point['id']}/accessToken")
    restore = {
        "objectType": "IaasVMRestoreRequest",
        "recoveryPointId": point["name"],
        "recoveryType": "RestoreDisks",
        "storageAccountId": "/subscriptions/s/resourceGroups/g/x/y/z",
        "targetResourceGroupId": RESTORED,
    }
    asked = {"crossRegionRestoreAccessDetails": token["properties"], "restoreRequest": restore}
    where = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.RecoveryServices/locations"
    far = f"{where}/norwayeast/backupCrossRegionRestore"
    assert await refused(azure, "POST", far, asked) == "UserErrorCrossRegionRestoreRegionNotPaired"
    pair = f"{where}/northeurope/backupCrossRegionRestore"
    assert (await call(azure, "POST", pair, asked))[0] == 202
    azure.world.forward(timedelta(seconds=1))
    disks = azure.world.of_type("Microsoft.Compute/disks", RESTORED)
    assert {disk["location"] for disk in disks} == {"northeurope"}
    here = {"properties": restore | {"region": "northeurope"}}
    code = await refused(azure, "POST", f"{point['id']}/restore", here)
    assert code == "UserErrorRestoreRegionNotSupported"


async def test_a_lock_on_the_group_of_restore_points_fails_the_backup(azure: AzureStandIn) -> None:
    await make_vault(azure)
    await protect(azure)
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/AzureBackupRG_{REGION}_1"
    lock = {"properties": {"level": "CanNotDelete"}}
    path = f"{group}/providers/Microsoft.Authorization/locks/keep"
    assert (await call(azure, "PUT", path, lock, "2020-05-01"))[0] == 201
    job = await back_up_now(azure)
    _, body, _ = await call(azure, "GET", job)
    assert body["properties"]["status"] == "Failed"
    (error,) = body["properties"]["errorDetails"]
    assert error["errorTitle"] == "UserErrorRpCollectionLimitReached"
    _, item, _ = await call(azure, "GET", ITEM_ID)
    assert item["properties"]["lastBackupStatus"] == "Failed"
    assert await points(azure) == []


async def test_a_locked_vault_is_not_changed(azure: AzureStandIn) -> None:
    await make_vault(azure)
    lock = {"properties": {"level": "ReadOnly"}}
    path = f"{VAULT_ID}/providers/Microsoft.Authorization/locks/keep"
    await call(azure, "PUT", path, lock, "2020-05-01")
    assert await refused(azure, "PUT", ITEM_ID, protect_body()) == "ScopeLocked"


async def test_an_immutable_vault_keeps_the_points_of_its_items(azure: AzureStandIn) -> None:
    await make_vault(azure, securitySettings={"immutabilitySettings": {"state": "Unlocked"}})
    await protect(azure)
    await back_up_now(azure)
    code = await refused(azure, "DELETE", ITEM_ID)
    assert code == "UserErrorOperationNotAllowedOnImmutableVault"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"timeZone": "UTC"}, ""),
        ({"policyType": "V2"}, "BMSUserErrorInvalidPolicyInput"),
        ({"instantRpRetentionRangeInDays": 6}, "BMSUserErrorInvalidPolicyInput"),
        ({"retentionPolicy": {}}, "BMSUserErrorInvalidPolicyInput"),
        ({"backupManagementType": "AzureStorage"}, "BMSUserErrorInvalidPolicyInput"),
    ],
)
async def test_a_policy_that_azure_does_not_take(
    azure: AzureStandIn, change: dict[str, Any], code: str
) -> None:
    await make_vault(azure)
    _, policy, _ = await call(azure, "GET", STANDARD)
    body = {"properties": policy["properties"] | change}
    path = f"{VAULT_ID}/backupPolicies/mine"
    if code:
        assert await refused(azure, "PUT", path, body) == code
    else:
        assert (await call(azure, "PUT", path, body))[0] == 200


async def test_what_is_not_there_is_a_404_in_azures_words(azure: AzureStandIn) -> None:
    status, body, headers = await call(azure, "GET", VAULT_ID)
    assert (status, body["error"]["code"]) == (404, "ResourceNotFound")
    assert headers["x-ms-failure-cause"] == "gateway"
    assert "under resource group 'shop' was not found" in body["error"]["message"]
    await make_vault(azure)
    assert (await call(azure, "GET", ITEM_ID))[0] == 404
    assert (await call(azure, "DELETE", ITEM_ID))[0] == 204
    assert (await call(azure, "GET", f"{VAULT_ID}/backupJobs/none"))[0] == 404
