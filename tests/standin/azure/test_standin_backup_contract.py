"""Azure Backup's answers beside Microsoft's examples and the SDK's models, and the SDK's traps.

The examples are read where they lie; where they are absent these tests are skipped, saying so.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.recovery_azure import (
    ITEM_ID,
    ON_ITEM,
    PLACE,
    STANDARD,
    VAULT,
    VAULT_ID,
    WEB,
    back_up_now,
    backup_client,
    call,
    make_vault,
    points,
    protect,
    protect_body,
    vault_client,
)
from tests.standin.azure.running_azure import GROUP, REGION, SUBSCRIPTION, small_world
from tests.standin.azure.shape_of import differences, example

LOCATIONS = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.RecoveryServices/locations"
LEFT_OUT = {
    # what only private endpoints, identities or archive bring
    "$.properties.privateEndpointConnections is missing",
    "$.properties.costManagementSettings is missing",
    "$.properties.securitySettings.sourceScanConfiguration is missing",
    "$.identity is missing",
    "$.tags is missing",
    "$.nextLink is missing",
    "$.value[0].properties.recoveryPointMoveReadinessInfo.Archive is missing",
    "$.properties.zones is missing",
    "$.properties.resourceGuardOperationRequests is missing",
}


def body_of(path: str, status: str = "200") -> Any:
    return example(f"examples/{path}")["responses"][status]["body"]


async def get(azure: AzureStandIn, path: str) -> Any:
    status, body, _ = await call(azure, "GET", path)
    assert status == 200, body
    return body


@pytest.fixture
async def protected(azure: AzureStandIn) -> AzureStandIn:
    """A vault, web-01 protected, one backup made."""
    await make_vault(azure)
    await protect(azure)
    await back_up_now(azure)
    return azure


_INFO = f"{VAULT_ID}/extendedInformation/vaultExtendedInfo"
_CONFIG = f"{VAULT_ID}/backupconfig/vaultconfig"
_PROTECTABLE = f"{VAULT_ID}/backupProtectableItems"

READS = (
    ("recoveryservices/GETVault.json", VAULT_ID),
    ("recoveryservices/newest/GETVault.json", VAULT_ID),
    (
        "recoveryservices/GETVaultExtendedInfo.json",
        f"{VAULT_ID}/extendedInformation/vaultExtendedInfo",
    ),
    ("recoveryservices/ListUsages.json", f"{VAULT_ID}/usages"),
    ("recoveryservicesbackup/Compute_ProtectedItem_Get.json", ITEM_ID),
    ("recoveryservicesbackup/BackupProtectedItems_List.json", f"{VAULT_ID}/backupProtectedItems"),
    ("recoveryservicesbackup/BackupPolicies_List.json", f"{VAULT_ID}/backupPolicies"),
    ("recoveryservicesbackup/ProtectionPolicies_Get.json", STANDARD),
    ("recoveryservicesbackup/ListJobs.json", f"{VAULT_ID}/backupJobs"),
    ("recoveryservicesbackup/ListJobsWithAllSupportedFilters.json", f"{VAULT_ID}/backupJobs"),
    ("recoveryservicesbackup/RecoveryPoints_List.json", f"{ITEM_ID}/recoveryPoints"),
    (
        "recoveryservicesbackup/BackupStorageConfig_Get.json",
        f"{VAULT_ID}/backupstorageconfig/vaultstorageconfig",
    ),
    (
        "recoveryservicesbackup/BackupResourceVaultConfigs_Get.json",
        f"{VAULT_ID}/backupconfig/vaultconfig",
    ),
    (
        "recoveryservicesbackup/BackupProtectableItems_List.json",
        f"{VAULT_ID}/backupProtectableItems",
    ),
)


@pytest.mark.parametrize(("path", "address"), READS, ids=[path for path, _ in READS])
async def test_a_read_has_the_names_and_types_of_the_example(
    protected: AzureStandIn, path: str, address: str
) -> None:
    wanted = body_of(path)
    found = await get(protected, address)
    if path.endswith("RecoveryPoints_List.json"):
        wanted["value"] = wanted["value"][:1]
    assert set(differences(wanted, found)) <= LEFT_OUT


async def test_a_recovery_point_has_the_shape_of_the_example(protected: AzureStandIn) -> None:
    (point,) = await points(protected)
    wanted = body_of("recoveryservicesbackup/RecoveryPoints_Get.json")
    assert set(differences(wanted, await get(protected, point["id"]))) <= LEFT_OUT


async def test_a_job_in_progress_has_the_shape_of_the_example(protected: AzureStandIn) -> None:
    protected.world.pace = 1.0
    job = await back_up_now(protected)
    wanted = body_of("recoveryservicesbackup/GetJobDetails.json")
    assert differences(wanted, await get(protected, job)) == []


@pytest.mark.parametrize("kind", ["hourly", "daily"])
async def test_an_enhanced_policy_is_taken_and_given_back_as_in_the_example(
    azure: AzureStandIn, kind: str
) -> None:
    """What the example sends is taken, but that the hourly one keeps 30 days where Azure's own
    limit for every four hours is 17."""
    await make_vault(azure)
    whole = example(f"examples/recoveryservicesbackup/V2Policy__IaaS_v2_{kind}.json")
    asked = whole["parameters"]["parameters"]
    asked["properties"]["instantRpRetentionRangeInDays"] = 15
    path = f"{VAULT_ID}/backupPolicies/mine"
    status, body, _ = await call(azure, "PUT", path, asked)
    assert status == 200, body
    assert set(differences(whole["responses"]["200"]["body"], body)) <= LEFT_OUT
    assert await get(azure, path) == body


async def test_a_question_for_the_status_has_the_shape_of_the_example(
    protected: AzureStandIn,
) -> None:
    asked = {"resourceId": WEB, "resourceType": "VM"}
    _, body, _ = await call(protected, "POST", f"{LOCATIONS}/{REGION}/backupStatus", asked)
    assert differences(body_of("recoveryservicesbackup/GetBackupStatus.json"), body) == []
    asked["vaultId"] = VAULT_ID
    path = f"{LOCATIONS}/{REGION}/backupPreValidateProtection"
    _, body, _ = await call(protected, "POST", path, asked)
    wanted = body_of("recoveryservicesbackup/ProtectionIntent_Validate.json")
    assert differences(wanted, body) == []
    assert (body["status"], body["errorCode"]) == ("Failed", "VirtualMachineAlreadyProtected")


async def test_operations_have_the_headers_and_bodies_of_the_examples(azure: AzureStandIn) -> None:
    """202, empty, both headers; in progress with .NET's zero date; the job when it succeeded."""
    azure.world.pace = 1.0
    azure.world.retry_after_seconds = 3
    await make_vault(azure)
    azure.world.forward(timedelta(seconds=2))
    status, body, headers = await call(azure, "PUT", ITEM_ID, protect_body())
    assert (status, body) == (202, None)
    answers = example("examples/recoveryservicesbackup/ConfigureProtection.json")["responses"]
    assert set(answers["202"]["headers"]) <= set(headers)
    assert "/protectedItems/VM;iaasvmcontainerv2;" in headers["Location"]
    running = await get(azure, headers["Azure-AsyncOperation"])
    assert (running["status"], running["endTime"]) == ("InProgress", "0001-01-01T00:00:00")
    assert (await call(azure, "GET", headers["Location"]))[0] == 202
    azure.world.forward(timedelta(seconds=2))
    wanted = body_of("recoveryservicesbackup/ProtectedItemOperationStatus.json")
    assert differences(wanted, await get(azure, headers["Azure-AsyncOperation"])) == []
    wanted = body_of("recoveryservicesbackup/ProtectedItemOperationResults.json")
    assert differences(wanted, await get(azure, headers["Location"])) == []


async def test_a_vault_is_201_and_provisioning_with_one_header() -> None:
    async with AzureStandIn(small_world(pace=1.0)) as azure:
        body = {"location": REGION, "sku": {"name": "Standard"}, "properties": {}}
        status, vault, headers = await call(azure, "PUT", VAULT_ID, body)
        assert (status, vault["properties"]["provisioningState"]) == (201, "Provisioning")
        assert "Location" not in headers
        operation = await get(azure, headers["Azure-AsyncOperation"])
        assert set(operation) == {"id", "name", "status"}
        azure.world.forward(timedelta(seconds=2))
        wanted = body_of("recoveryservices/PUTVault.json", "201")
        assert set(differences(wanted, await get(azure, VAULT_ID))) <= LEFT_OUT | {
            "$.sku.tier is missing"
        }


async def test_trap_1_the_sdk_mistypes_items_and_the_wire_keys_are_the_way_round(
    protected: AzureStandIn,
) -> None:
    """Version 11 gives the bare base class for what Azure really sends; both ways round work."""
    from azure.mgmt.recoveryservicesbackup import models

    async with backup_client(protected) as backup:
        items = [item async for item in backup.backup_protected_items.list(**PLACE)]
        properties = items[0].properties
        assert type(properties) is models.ProtectedItem
        with pytest.raises(AttributeError):
            _ = properties.protection_state
        assert properties.get("protectionState") == "Protected"
        typed = models.AzureIaaSComputeVMProtectedItem(dict(properties))
        assert typed.last_backup_time.tzinfo is not None
        assert typed.virtual_machine_id == WEB


async def test_trap_5_the_job_of_a_backup_is_found_through_the_headers_only(
    protected: AzureStandIn,
) -> None:
    async with backup_client(protected) as backup:
        body = {"properties": {"objectType": "IaasVMBackupRequest"}}
        assert await backup.backups.trigger(parameters=body, **ON_ITEM) is None
        url = await backup.protected_items.delete(
            cls=lambda response, _, __: response.http_response.headers["Azure-AsyncOperation"],
            **ON_ITEM,
        )
    operation = await get(protected, url)
    assert operation["properties"]["objectType"] == "OperationStatusJobExtendedInfo"
    job = await get(protected, f"{VAULT_ID}/backupJobs/{operation['properties']['jobId']}")
    assert job["properties"]["operation"] == "DeleteBackupData"


async def test_the_sdks_models_read_every_answer(protected: AzureStandIn) -> None:
    """Reading every attribute also tries the conversion of each value to its type."""
    async with vault_client(protected) as vaults, backup_client(protected) as backup:
        vault = await vaults.vaults.get(GROUP, VAULT)
        listed = [one async for one in vaults.vaults.list_by_subscription_id()]
        of_group = [one async for one in vaults.vaults.list_by_resource_group(GROUP)]
        assert [one.id for one in listed] == [one.id for one in of_group] == [vault.id]
        redundancy = vault.properties.redundancy_settings
        assert redundancy.standard_tier_storage_redundancy == "GeoRedundant"
        policies = [one async for one in backup.backup_policies.list(**PLACE)]
        assert {one.properties.policy_type for one in policies} == {"V1", "V2"}
        jobs = [one async for one in backup.backup_jobs.list(**PLACE)]
        assert all(
            one.properties.start_time and one.properties.duration is not None for one in jobs
        )
        detail = await backup.job_details.get(job_name=jobs[0].name, **PLACE)
        assert detail.properties.extended_info.tasks_list[0].status == "Completed"
        found = [one async for one in backup.recovery_points.list(**ON_ITEM)]
        point = await backup.recovery_points.get(recovery_point_id=found[0].name, **ON_ITEM)
        assert point.properties.recovery_point_time.tzinfo is not None
        poller = await backup.recovery_points.begin_get_rp_extended_info(
            resource_group_name=GROUP,
            vault_name=VAULT,
            fabric_name="Azure",
            parameters={"properties": {"recoveryPointIds": [point.id]}},
        )
        assert poller.status() in ("InProgress", "Succeeded")


async def test_the_disks_of_a_recovery_point_have_the_shape_of_the_example(
    protected: AzureStandIn,
) -> None:
    (point,) = await points(protected)
    asked = {"properties": {"recoveryPointIds": [point["id"]]}}
    path = f"{VAULT_ID}/backupFabrics/Azure/getRPExtendedInfo"
    _, _, headers = await call(protected, "POST", path, asked)
    name = "recoveryservicesbackup/newest/AzureIaasVm__GetRPExtendedInfoOperationResult.json"
    assert differences(body_of(name), await get(protected, headers["Location"])) == []


async def test_lists_come_in_pages_that_the_sdk_follows(azure: AzureStandIn) -> None:
    await make_vault(azure)
    await protect(azure)
    azure.world.forward(timedelta(days=20))
    _, first, _ = await call(azure, "GET", f"{ITEM_ID}/recoveryPoints?$top=8&api-version=1")
    assert len(first["value"]) == 8
    seen, link = list(first["value"]), first["nextLink"]
    while link:
        _, following, _ = await call(azure, "GET", link)
        seen += following["value"]
        link = following.get("nextLink")
    assert len({point["name"] for point in seen}) == len(seen) == 20


async def test_jobs_and_items_are_filtered_as_the_cli_asks(protected: AzureStandIn) -> None:
    async with backup_client(protected) as backup:
        done = "status eq 'Completed' and operation eq 'Backup'"
        jobs = [one async for one in backup.backup_jobs.list(**PLACE, filter=done)]
        assert [one.properties.operation for one in jobs] == ["Backup"]
        later = "startTime eq '2099-01-01 08:00:00 AM' and endTime eq '2099-01-02 08:00:00 AM'"
        assert [one async for one in backup.backup_jobs.list(**PLACE, filter=later)] == []
        asked = "backupManagementType eq 'AzureIaasVM' and itemType eq 'VM'"
        items = [one async for one in backup.backup_protected_items.list(**PLACE, filter=asked)]
        assert len(items) == 1
        asked = "backupManagementType eq 'AzureIaasVM' and status eq 'Registered'"
        containers = backup.backup_protection_containers.list(**PLACE, filter=asked)
        assert [one.properties.get("friendlyName") async for one in containers] == ["web-01"]
        stopped = "backupManagementType eq 'AzureStorage'"
        assert [one async for one in backup.backup_policies.list(**PLACE, filter=stopped)] == []
