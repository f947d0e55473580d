"""What the api-versions of 2026 brought, through the SDK's typed models: kept, served, checked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.recovery_azure import (
    ENHANCED,
    ITEM_ID,
    ON_ITEM,
    PLACE,
    VAULT,
    VAULT_ID,
    WEB,
    back_up_now,
    backup_client,
    call,
    make_vault,
    points,
    protect,
    vault_client,
)
from tests.standin.azure.running_azure import (
    GROUP,
    REGION,
    SUBSCRIPTION,
    arm_id,
    compute,
    incremental,
    make_snapshot,
)


@pytest.fixture
async def vaulted(azure: AzureStandIn) -> AzureStandIn:
    """With an empty vault."""
    await make_vault(azure)
    return azure


async def whole(poller: Any) -> Any:
    return await (await poller).result()


# --- policies: instant access ----------------------------------------------------------------


async def daily_policy(azure: AzureStandIn, kind: str = "V2", **fields: Any) -> Any:
    """A policy made by copying the vault's own of that kind and setting fields of the model."""
    from azure.mgmt.recoveryservicesbackup import models

    async with backup_client(azure) as backup:
        name = {"V1": "DefaultPolicy", "V2": "EnhancedPolicy"}[kind]
        own = await backup.protection_policies.get(policy_name=name, **PLACE)
        assert type(own.properties) is models.AzureIaaSVMProtectionPolicy
        for field, value in fields.items():
            setattr(own.properties, field, value)
        body = models.ProtectionPolicyResource(properties=own.properties)
        await backup.protection_policies.create_or_update(
            policy_name="mine", parameters=body, **PLACE
        )
        return (await backup.protection_policies.get(policy_name="mine", **PLACE)).properties


async def test_an_enhanced_policy_keeps_its_instant_access(vaulted: AzureStandIn) -> None:
    asked = {"instant_access_snapshot_enabled": True, "instant_access_duration_minutes": 120}
    policy = await daily_policy(vaulted, **asked)
    assert policy.instant_access_snapshot_enabled is True
    assert policy.instant_access_duration_minutes == 120


async def test_instant_access_lasts_the_longest_unless_said_and_nothing_where_it_is_off(
    vaulted: AzureStandIn,
) -> None:
    policy = await daily_policy(vaulted, instant_access_snapshot_enabled=True)
    assert policy.instant_access_duration_minutes == 300
    policy = await daily_policy(vaulted, instant_access_duration_minutes=120)
    assert policy.instant_access_snapshot_enabled is None
    assert policy.instant_access_duration_minutes is None


@pytest.mark.parametrize(
    ("kind", "minutes", "told"),
    [("V2", 59, "60 to 300"), ("V2", 301, "60 to 300"), ("V1", 120, "policyType V2")],
)
async def test_instant_access_out_of_range_or_of_a_standard_policy_is_refused(
    vaulted: AzureStandIn, kind: str, minutes: int, told: str
) -> None:
    from azure.core.exceptions import HttpResponseError

    asked = {"instant_access_snapshot_enabled": True, "instant_access_duration_minutes": minutes}
    with pytest.raises(HttpResponseError, match=told) as caught:
        await daily_policy(vaulted, kind, **asked)
    assert caught.value.status_code == 400


# --- protected items: the type of their policy -----------------------------------------------


@pytest.mark.parametrize(("policy", "kind"), [(None, "V1"), (ENHANCED, "V2")])
async def test_a_protected_item_tells_the_type_of_its_policy(
    vaulted: AzureStandIn, policy: str | None, kind: str
) -> None:
    """Through the typed model and not the base class the SDK makes of it."""
    from azure.mgmt.recoveryservicesbackup import models

    await protect(vaulted, *([policy] if policy else []))
    async with backup_client(vaulted) as backup:
        item = await backup.protected_items.get(**ON_ITEM)
        (listed,) = [one async for one in backup.backup_protected_items.list(**PLACE)]
    for one in (item, listed):
        typed = models.AzureIaaSComputeVMProtectedItem(dict(one.properties))
        assert typed.policy_type == kind


# --- recovery points: their disks ------------------------------------------------------------


async def test_the_disks_of_a_recovery_point_are_told_by_the_pollers_result(
    vaulted: AzureStandIn,
) -> None:
    """The published answer has diskSizeInGB where 11.2.0's model reads diskSizeInGb: the wire's
    key is the way to it."""
    from azure.mgmt.recoveryservicesbackup import models

    await protect(vaulted)
    await back_up_now(vaulted)
    (point,) = await points(vaulted)
    asked = models.GetRPExtendedInfoRequestResource(
        properties=models.GetRPExtendedInfoRequest(recovery_point_ids=[point["id"]])
    )
    async with backup_client(vaulted) as backup:
        found = await whole(
            backup.recovery_points.begin_get_rp_extended_info(
                resource_group_name=GROUP, vault_name=VAULT, fabric_name="Azure", parameters=asked
            )
        )
    (one,) = found.value
    assert one.id == point["id"]
    info = one.properties
    assert type(info) is models.IaasVMRPExtendedInfo
    os_disk, (data,) = info.os_disk, info.data_disks
    assert (os_disk.name, os_disk["diskSizeInGB"]) == ("web-01-os", 64)
    assert (data.lun, data.storage_type, data["diskSizeInGB"]) == (0, "StandardSSD_LRS", 128)


# --- vaults: how finely costs are told -------------------------------------------------------


async def test_a_vault_keeps_how_finely_its_costs_are_told(vaulted: AzureStandIn) -> None:
    from azure.core.exceptions import HttpResponseError
    from azure.mgmt.recoveryservices import models

    def asked(level: str) -> Any:
        settings = models.CostManagementSettings(granularity_level=level)
        return models.PatchVault(
            properties=models.VaultProperties(cost_management_settings=settings)
        )

    async with vault_client(vaulted) as vaults:
        before = await vaults.vaults.get(GROUP, VAULT)
        assert before.properties.cost_management_settings is None
        await whole(vaults.vaults.begin_update(GROUP, VAULT, asked("ProtectedItemLevel")))
        after = await vaults.vaults.get(GROUP, VAULT)
        level = after.properties.cost_management_settings.granularity_level
        assert level == models.GranularityLevel.PROTECTED_ITEM_LEVEL
        assert after.properties.redundancy_settings == before.properties.redundancy_settings
        with pytest.raises(HttpResponseError, match="granularity level"):
            await vaults.vaults.begin_update(GROUP, VAULT, asked("PerByte"))


# --- vaults: deleted and had back ------------------------------------------------------------


def undelete_body(group: str = GROUP) -> Any:
    from azure.mgmt.recoveryservices import models

    target = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}"
    return models.DeletedVaultUndeleteInput(
        properties=models.DeletedVaultUndeleteInputProperties(recovery_resource_group_id=target)
    )


@pytest.fixture
async def deleted(vaulted: AzureStandIn) -> AsyncIterator[tuple[AzureStandIn, Any]]:
    """The vault, with a policy of its own, is deleted; with the client of vaults."""
    await daily_policy(vaulted, instant_access_snapshot_enabled=True)
    async with vault_client(vaulted) as vaults:
        await whole(vaults.vaults.begin_delete(GROUP, VAULT))
        yield vaulted, vaults


async def test_a_deleted_vault_is_listed_where_it_was_until_it_is_purged(
    deleted: tuple[AzureStandIn, Any],
) -> None:
    azure, vaults = deleted
    (one,) = [one async for one in vaults.deleted_vaults.list_by_subscription_id(REGION)]
    assert one.properties.vault_id == VAULT_ID
    kept = one.properties.purge_at - one.properties.vault_deletion_time
    assert kept == timedelta(days=14)
    assert (await vaults.deleted_vaults.get(REGION, one.name)).id == one.id
    elsewhere = vaults.deleted_vaults.list_by_subscription_id("northeurope")
    assert [one async for one in elsewhere] == []
    azure.world.forward(timedelta(days=15))
    assert [one async for one in vaults.deleted_vaults.list_by_subscription_id(REGION)] == []


@pytest.mark.parametrize("group", [GROUP, "rescued"])
async def test_a_deleted_vault_is_had_back_with_its_policies_in_the_group_that_is_named(
    deleted: tuple[AzureStandIn, Any], group: str
) -> None:
    azure, vaults = deleted
    (one,) = [one async for one in vaults.deleted_vaults.list_by_subscription_id(REGION)]
    await whole(vaults.deleted_vaults.begin_undelete(REGION, one.name, undelete_body(group)))
    vault = await vaults.vaults.get(group, VAULT)
    assert vault.id == VAULT_ID.replace(f"/{GROUP}/", f"/{group}/")
    assert [one async for one in vaults.deleted_vaults.list_by_subscription_id(REGION)] == []
    async with backup_client(azure) as backup:
        place = {"vault_name": VAULT, "resource_group_name": group}
        mine = await backup.protection_policies.get(policy_name="mine", **place)
    assert mine.id == f"{vault.id}/backupPolicies/mine"
    assert mine.properties.instant_access_duration_minutes == 300


async def test_the_operation_of_an_undelete_is_told_at_its_own_address(
    deleted: tuple[AzureStandIn, Any],
) -> None:
    azure, vaults = deleted
    azure.world.pace = 1.0
    (one,) = [one async for one in vaults.deleted_vaults.list_by_subscription_id(REGION)]
    _, _, headers = await call(azure, "POST", f"{one.id}/undelete", undelete_body().as_dict())
    name = headers["Azure-AsyncOperation"].partition("/operations/")[2].partition("?")[0]
    status = vaults.deleted_vaults.get_operation_status
    assert (await status(REGION, one.name, name)).status == "InProgress"
    azure.world.forward(timedelta(seconds=5))
    over = await status(REGION, one.name, name)
    assert (over.status, over.name) == ("Succeeded", name)


async def test_a_vault_is_not_had_back_over_one_of_its_name_nor_into_no_group(
    deleted: tuple[AzureStandIn, Any],
) -> None:
    from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError

    azure, vaults = deleted
    (one,) = [one async for one in vaults.deleted_vaults.list_by_subscription_id(REGION)]
    undelete = vaults.deleted_vaults.begin_undelete
    with pytest.raises(HttpResponseError, match="recoveryResourceGroupId"):
        await undelete(REGION, one.name, {"properties": {"recoveryResourceGroupId": "shop"}})
    with pytest.raises(ResourceNotFoundError):
        await undelete(REGION, "none", undelete_body())
    await make_vault(azure)
    with pytest.raises(ResourceExistsError):
        await undelete(REGION, one.name, undelete_body())


async def test_a_vault_that_protects_something_is_not_deleted_at_all(
    vaulted: AzureStandIn,
) -> None:
    from azure.core.exceptions import ResourceExistsError

    await protect(vaulted)
    assert (await call(vaulted, "GET", ITEM_ID))[0] == 200
    async with vault_client(vaulted) as vaults:
        with pytest.raises(ResourceExistsError):
            await vaults.vaults.begin_delete(GROUP, VAULT)
        assert [one async for one in vaults.deleted_vaults.list_by_subscription_id(REGION)] == []


# --- restore point collections: instant access -----------------------------------------------


async def test_a_collection_keeps_and_changes_its_instant_access(azure: AzureStandIn) -> None:
    from azure.core.exceptions import HttpResponseError
    from azure.mgmt.compute import models

    source = models.RestorePointCollectionSourceProperties(id=WEB)
    async with compute(azure) as client:
        collections = client.restore_point_collections

        async def made(wanted: bool | None) -> Any:
            properties = models.RestorePointCollectionProperties(
                source=source, instant_access=wanted
            )
            body = models.RestorePointCollection(location=REGION, properties=properties)
            await collections.create_or_update(GROUP, "points", body)
            return (await collections.get(GROUP, "points")).properties.instant_access

        assert await made(None) is None
        assert await made(True) is True
        assert [one.properties.instant_access async for one in collections.list(GROUP)] == [True]
        assert await made(None) is True
        change = models.RestorePointCollectionUpdate(
            properties=models.RestorePointCollectionProperties(instant_access=False)
        )
        assert (await collections.update(GROUP, "points", change)).properties.instant_access is (
            False
        )
        with pytest.raises(HttpResponseError, match="instantAccess"):
            await collections.update(GROUP, "points", {"properties": {"instantAccess": "yes"}})


# --- snapshots: immutability -----------------------------------------------------------------


async def set_policy(client: Any, kind: str, days: int) -> Any:
    """The snapshot's own policy after it was set, unlocked or locked."""
    from azure.mgmt.compute import models

    if kind == "Locked":
        body = models.ImmutabilityPolicyLockData(immutability_duration_days=days, type=kind)
        await whole(client.snapshots.begin_update_immutability_policy_lock(GROUP, "s", body))
    else:
        body = models.ImmutabilityPolicyData(immutability_duration_days=days, type=kind)
        await whole(client.snapshots.begin_update_immutability_policy(GROUP, "s", body))
    return (await client.snapshots.get(GROUP, "s")).properties.immutability_policy


async def test_a_snapshot_shows_its_immutability_and_from_when_to_when(
    azure: AzureStandIn,
) -> None:
    async with compute(azure) as client:
        await make_snapshot(client, "s", incremental())
        assert (await client.snapshots.get(GROUP, "s")).properties.immutability_policy is None
        for kind, days in (("Unlocked", 30), ("Unlocked", 7), ("Locked", 7), ("Locked", 9)):
            policy = await set_policy(client, kind, days)
            assert (policy.type, policy.immutability_duration_days) == (kind, days)
            lasting = policy.policy_expiration_time - policy.policy_start_time
            assert timedelta(0) <= lasting - timedelta(days=days) < timedelta(seconds=1)
            assert policy.is_policy_expired is False


async def test_a_locked_policy_lets_go_of_its_snapshot_when_its_days_are_over(
    azure: AzureStandIn,
) -> None:
    """Those of the last lock count, also after the snapshot was changed otherwise."""
    from azure.core.exceptions import ResourceExistsError

    async with compute(azure) as client:
        await make_snapshot(client, "s", incremental())
        await set_policy(client, "Locked", 7)
        await set_policy(client, "Locked", 10)
        await whole(client.snapshots.begin_update(GROUP, "s", {"tags": {"a": "b"}}))
        azure.world.forward(timedelta(days=8))
        with pytest.raises(ResourceExistsError, match="locked immutability"):
            await client.snapshots.begin_delete(GROUP, "s")
        azure.world.forward(timedelta(days=3))
        shown = (await client.snapshots.get(GROUP, "s")).properties.immutability_policy
        assert shown.is_policy_expired is True
        await whole(client.snapshots.begin_delete(GROUP, "s"))
    assert azure.world.get(arm_id("snapshots", "s")) is None
