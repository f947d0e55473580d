"""Azure Backup from enabling to restoring, through the real SDK, with the clock moved on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.recovery_azure import (
    DB,
    ENHANCED,
    ITEM,
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
    item_of,
    make_vault,
    points,
    protect,
    protect_body,
    refused,
    vault_client,
)
from tests.standin.azure.running_azure import GROUP, REGION, SUBSCRIPTION, arm_id, small_world

ACCOUNT = arm_id("x", "staging").replace("Microsoft.Compute/x", "Microsoft.Storage/storageAccounts")
RESTORED = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/restored"


def restore_body(kind: str, **more: Any) -> dict[str, Any]:
    properties = {
        "objectType": "IaasVMRestoreRequest",
        "recoveryType": kind,
        "sourceResourceId": WEB,
        "storageAccountId": ACCOUNT,
        "region": REGION,
        "createNewCloudService": False,
        **more,
    }
    return {"properties": properties}


async def test_protect_back_up_now_and_restore_the_disks_through_the_sdk(
    azure: AzureStandIn,
) -> None:
    from azure.mgmt.recoveryservicesbackup import models

    async with vault_client(azure) as vaults, backup_client(azure) as backup:
        poller = await vaults.vaults.begin_create_or_update(GROUP, VAULT, {"location": REGION})
        vault = await poller.result()
        assert vault.properties.provisioning_state == "Succeeded"
        asked = models.ProtectedItemResource(
            properties=models.AzureIaaSComputeVMProtectedItem(
                source_resource_id=WEB, policy_id=STANDARD
            )
        )
        poller = await backup.protected_items.begin_create_or_update(parameters=asked, **ON_ITEM)
        protected = await poller.result()
        assert protected.name == ITEM
        assert protected.properties.get("protectionState") == "IRPending"

        url = await backup.backups.trigger(
            parameters={"properties": {"objectType": "IaasVMBackupRequest"}},
            cls=lambda response, _, __: response.http_response.headers["Azure-AsyncOperation"],
            **ON_ITEM,
        )
        operation = await backup.protected_item_operation_statuses.get(
            operation_id=url.split("/")[-1].split("?")[0], **ON_ITEM
        )
        job = await backup.job_details.get(job_name=operation.properties.job_id, **PLACE)
        assert (job.properties.operation, job.properties.status) == ("Backup", "Completed")

        found = [point async for point in backup.recovery_points.list(**ON_ITEM)]
        assert [tier.type for tier in found[0].properties.recovery_point_tier_details] == [
            "InstantRP",
            "HardenedRP",
        ]
        body = restore_body("RestoreDisks", targetResourceGroupId=RESTORED)
        poller = await backup.restores.begin_trigger(
            recovery_point_id=found[0].name, parameters=body, **ON_ITEM
        )
        assert await poller.result() is None
        jobs = [one async for one in backup.backup_jobs.list(**PLACE)]
        assert {job.properties.operation for job in jobs} >= {"Restore", "Backup"}
    disks = azure.world.of_type("Microsoft.Compute/disks", RESTORED)
    assert sorted(disk["properties"]["diskSizeGB"] for disk in disks) == [64, 128]
    assert {disk["properties"]["diskState"] for disk in disks} == {"Unattached"}
    assert {disk["location"] for disk in disks} == {REGION}


async def test_a_job_runs_as_the_clock_moves() -> None:
    """The snapshot first, then the copy to the vault; percent and tasks follow the clock."""
    async with AzureStandIn(small_world(pace=1.0)) as azure:
        await make_vault(azure)
        azure.world.forward(timedelta(seconds=5))
        await protect(azure)
        azure.world.forward(timedelta(seconds=5))
        job = await back_up_now(azure)
        _, body, _ = await call(azure, "GET", job)
        assert body["properties"]["status"] == "InProgress"
        states = [task["status"] for task in body["properties"]["extendedInfo"]["tasksList"]]
        assert states == ["InProgress", "NotStarted"]
        assert await points(azure) == []
        azure.world.forward(timedelta(minutes=6))
        (point,) = await points(azure)
        tiers = point["properties"]["recoveryPointTierDetails"]
        assert tiers == [{"type": "InstantRP", "status": "Valid"}]
        azure.world.forward(timedelta(hours=3))
        _, body, _ = await call(azure, "GET", job)
        assert body["properties"]["status"] == "Completed"
        states = [task["status"] for task in body["properties"]["extendedInfo"]["tasksList"]]
        assert states == ["Completed", "Completed"]
        (point,) = await points(azure)
        assert len(point["properties"]["recoveryPointTierDetails"]) == 2


async def test_stop_delete_softly_undelete_and_resume(azure: AzureStandIn) -> None:
    await make_vault(azure)
    await protect(azure)
    await back_up_now(azure)
    stopped = protect_body(protectionState="ProtectionStopped")
    assert (await call(azure, "PUT", ITEM_ID, stopped))[0] == 202
    _, item, _ = await call(azure, "GET", ITEM_ID)
    assert item["properties"]["protectionState"] == "ProtectionStopped"
    azure.world.forward(timedelta(days=90))
    assert len(await points(azure)) == 1, "stopped protection keeps its points"

    before = azure.world.now
    status, body, headers = await call(azure, "DELETE", ITEM_ID)
    assert (status, body) == (202, None)
    assert "/backupOperations/" in headers["Azure-AsyncOperation"]
    assert "/backupOperationResults/" in headers["Location"]
    _, item, _ = await call(azure, "GET", ITEM_ID)
    assert item["properties"]["isScheduledForDeferredDelete"] is True
    due = item["properties"]["deferredDeleteTimeInUTC"]
    assert due.startswith((before + timedelta(days=14)).strftime("%Y-%m-%dT"))

    assert await refused(azure, "PUT", ITEM_ID, protect_body()) == (
        "BMSUserErrorItemInSoftDeletedState"
    )
    assert await refused(azure, "DELETE", VAULT_ID) == "ServiceResourceNotEmptyWithContainerDetails"

    assert (await call(azure, "PUT", ITEM_ID, protect_body(isRehydrate=True)))[0] == 202
    _, item, _ = await call(azure, "GET", ITEM_ID)
    assert item["properties"]["protectionState"] == "ProtectionStopped"
    assert item["properties"]["isScheduledForDeferredDelete"] is False
    await protect(azure)
    _, item, _ = await call(azure, "GET", ITEM_ID)
    assert item["properties"]["protectionState"] == "Protected"


async def test_a_deleted_item_is_gone_after_its_fourteen_days(azure: AzureStandIn) -> None:
    await make_vault(azure)
    await protect(azure)
    await call(azure, "DELETE", ITEM_ID)
    azure.world.forward(timedelta(days=13))
    assert (await call(azure, "GET", ITEM_ID))[0] == 200
    azure.world.forward(timedelta(days=2))
    assert (await call(azure, "GET", ITEM_ID))[0] == 404
    assert (await call(azure, "DELETE", VAULT_ID))[0] == 202
    assert (await call(azure, "GET", VAULT_ID))[0] == 404


async def test_a_week_of_the_standard_policy_makes_seven_points(azure: AzureStandIn) -> None:
    """One a day; the snapshots stay for two days, the copies in the vault for thirty."""
    await make_vault(azure)
    await protect(azure)
    azure.world.forward(timedelta(days=7))
    found = await points(azure)
    assert len(found) == 7
    times = [point["properties"]["recoveryPointTime"][11:16] for point in found]
    assert set(times) == {"22:00"}
    instant = [point["properties"]["recoveryPointTierDetails"][0]["status"] for point in found]
    assert instant == ["Valid"] * 2 + ["Deleted"] * 5
    _, item, _ = await call(
        azure, "GET", f"{ITEM_ID}?$filter=expand eq 'extendedinfo'&api-version=1"
    )
    assert item["properties"]["extendedInfo"]["recoveryPointCount"] == 7
    assert item["properties"]["lastBackupStatus"] == "Completed"
    _, jobs, _ = await call(azure, "GET", f"{VAULT_ID}/backupJobs")
    backups = [job for job in jobs["value"] if job["properties"]["operation"] == "Backup"]
    assert len(backups) == 7
    assert not any(job["properties"]["isUserTriggered"] for job in backups)


async def test_the_policy_prunes_what_is_older_than_its_retention(azure: AzureStandIn) -> None:
    await make_vault(azure)
    await protect(azure)
    azure.world.forward(timedelta(days=45))
    assert len(await points(azure)) == 30


async def test_the_enhanced_policy_copies_one_point_a_day_to_the_vault(
    azure: AzureStandIn,
) -> None:
    await make_vault(azure)
    await protect(azure, ENHANCED)
    azure.world.forward(timedelta(days=10))
    found = await points(azure)
    vaulted = [p for p in found if len(p["properties"]["recoveryPointTierDetails"]) == 2]
    days = {point["properties"]["recoveryPointTime"][:10] for point in vaulted}
    assert len(vaulted) == len(days) == 10
    snapshots = [
        point
        for point in found
        if point["properties"]["recoveryPointTierDetails"][0]["status"] == "Valid"
    ]
    assert len(snapshots) == 6, "three a day, kept for two days"


async def test_moving_the_clock_in_steps_or_at_once_makes_the_same_points() -> None:
    """However the clock gets there, what has happened is the same."""
    seen = []
    for steps in (1, 56):
        async with AzureStandIn(small_world()) as azure:
            await make_vault(azure)
            await protect(azure, ENHANCED)
            for _ in range(steps):
                azure.world.forward(timedelta(days=14) / steps)
            seen.append([p["properties"]["recoveryPointTime"][11:16] for p in await points(azure)])
    assert seen[0] == seen[1]


async def test_a_restore_makes_a_new_machine_in_another_group(azure: AzureStandIn) -> None:
    await make_vault(azure)
    await protect(azure)
    await back_up_now(azure)
    (point,) = await points(azure)
    target = f"{RESTORED}/providers/Microsoft.Compute/virtualMachines/web-01-back"
    network = f"{RESTORED}/providers/Microsoft.Network/virtualNetworks/net"
    body = restore_body(
        "AlternateLocation",
        targetVirtualMachineId=target,
        targetResourceGroupId=RESTORED,
        virtualNetworkId=network,
        subnetId=f"{network}/subnets/default",
    )
    assert (await call(azure, "POST", f"{point['id']}/restore", body))[0] == 202
    status, vm, _ = await call(azure, "GET", target, version="2026-04-01")
    assert status == 200
    assert vm["properties"]["hardwareProfile"]["vmSize"] == "Standard_D4s_v5"
    os_disk = vm["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    disk = azure.world.get(os_disk)
    assert disk is not None
    assert disk["managedBy"] == target
    code = await refused(azure, "POST", f"{point['id']}/restore", body)
    assert code == "UserErrorTargetVmAlreadyExists"


async def test_a_restore_in_place_swaps_the_disks_and_keeps_the_old_ones(
    azure: AzureStandIn,
) -> None:
    await make_vault(azure)
    await protect(azure)
    await back_up_now(azure)
    (point,) = await points(azure)
    vm = azure.world.get(WEB)
    assert vm is not None
    before = vm["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    body = restore_body("OriginalLocation")
    assert (await call(azure, "POST", f"{point['id']}/restore", body))[0] == 202
    azure.world.forward(timedelta(seconds=1))
    after = vm["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    assert after != before
    old = azure.world.get(before)
    assert old is not None
    assert old["properties"]["diskState"] == "Unattached"


async def test_files_are_recovered_from_a_mounted_point(azure: AzureStandIn) -> None:
    await make_vault(azure)
    await protect(azure)
    await back_up_now(azure)
    (point,) = await points(azure)
    asked = {
        "properties": {
            "objectType": "IaasVMILRRegistrationRequest",
            "recoveryPointId": point["name"],
            "virtualMachineId": WEB,
            "initiatorName": "somebody",
            "renewExistingRegistration": False,
        }
    }
    mount = f"{point['id']}/provisionInstantItemRecovery"
    status, _, headers = await call(azure, "POST", mount, asked)
    assert status == 202
    _, operation, _ = await call(azure, "GET", headers["Azure-AsyncOperation"])
    scripts = operation["properties"]["recoveryTarget"]["clientScripts"]
    assert scripts[0]["osType"] == "Linux"
    (mounted,) = await points(azure)
    assert mounted["properties"]["isInstantIlrSessionActive"] is True
    assert (await call(azure, "POST", f"{point['id']}/revokeInstantItemRecovery"))[0] == 202
    (mounted,) = await points(azure)
    assert mounted["properties"]["isInstantIlrSessionActive"] is False


async def test_backup_status_names_the_vault_of_protected_machines_only(
    azure: AzureStandIn,
) -> None:
    """The names of container and item are there for unprotected ones too, as recorded."""
    await make_vault(azure)
    async with backup_client(azure) as backup:
        asked = {"resource_id": WEB, "resource_type": "VM"}
        before = await backup.backup_status.get(azure_region=REGION, parameters=_wire(asked))
        assert before.protection_status == "NotProtected"
        assert before.vault_id is None
        assert before.container_name == f"iaasvmcontainer;iaasvmcontainerv2;{GROUP};web-01"
        await protect(azure)
        after = await backup.backup_status.get(azure_region=REGION, parameters=_wire(asked))
        assert (after.protection_status, after.vault_id) == ("Protected", VAULT_ID)
        assert after.policy_name == "DefaultPolicy"


def _wire(asked: dict[str, str]) -> dict[str, str]:
    return {"resourceId": asked["resource_id"], "resourceType": asked["resource_type"]}


async def test_a_machine_with_an_ultra_disk_needs_the_enhanced_policy(azure: AzureStandIn) -> None:
    await make_vault(azure)
    code = await refused(azure, "PUT", item_of("db-01"), protect_body(DB))
    assert code == "UserErrorDiskTypeNotSupportedWithStandardPolicy"
    enhanced = protect_body(DB, ENHANCED)
    assert (await call(azure, "PUT", item_of("db-01"), enhanced))[0] == 202


@pytest.mark.parametrize("days", [7, 30])
async def test_an_on_demand_point_leaves_on_its_own_date(azure: AzureStandIn, days: int) -> None:
    await make_vault(azure)
    await protect(azure)
    until = (azure.world.now + timedelta(days=days)).isoformat()
    await back_up_now(azure, recoveryPointExpiryTimeInUTC=until)
    (point,) = await points(azure)
    azure.world.forward(timedelta(days=days, minutes=-10))
    assert point["name"] in [one["name"] for one in await points(azure)]
    azure.world.forward(timedelta(minutes=20))
    assert point["name"] not in [one["name"] for one in await points(azure)]
