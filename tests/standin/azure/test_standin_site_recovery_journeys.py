"""Site Recovery from enabling to failing back, with the clock moved on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.recovery_azure import (
    DB,
    VAULT,
    VAULT_ID,
    WEB,
    call,
    make_vault,
    refused,
    replication_client,
)
from tests.standin.azure.replication_azure import (
    BACK,
    CONTAINERS,
    FABRICS,
    ITEM,
    NETWORK,
    PLAN,
    POLICY,
    RECOVERY_GROUP,
    TARGET,
    done,
    enable_body,
    item,
    lay_the_ground,
    running_ground,
)
from tests.standin.azure.running_azure import GROUP, REGION, SUBSCRIPTION, small_world


@pytest.fixture
async def running() -> AsyncIterator[AzureStandIn]:
    async with running_ground() as azure:
        yield azure


@pytest.fixture
async def replicated(running: AzureStandIn) -> AzureStandIn:
    """web-01 is protected, and has been for three hours."""
    await done(running, "PUT", ITEM, enable_body())
    running.world.forward(timedelta(hours=5))
    return running


async def test_replication_copies_waits_for_a_point_and_protects(running: AzureStandIn) -> None:
    await done(running, "PUT", ITEM, enable_body())
    first = await item(running)
    assert first["protectionState"] == "InitialReplicationInProgress"
    assert first["allowedOperations"] == ["DisableProtection"]
    assert first["providerSpecificDetails"]["rpoInSeconds"] is None
    running.world.forward(timedelta(minutes=20))
    halfway = (await item(running))["providerSpecificDetails"]["monitoringPercentageCompletion"]
    assert 20 < halfway < 80
    running.world.forward(timedelta(minutes=36))
    waiting = await item(running)
    assert waiting["protectionState"] == "InitialReplicationRecoveryCompletionPending"
    assert waiting["protectionStateDescription"] == "Waiting for first recovery point"
    running.world.forward(timedelta(minutes=10))
    protected = await item(running)
    assert protected["protectionState"] == "Protected"
    assert protected["replicationHealth"] == "Normal"
    assert protected["failoverHealth"] == "Warning"
    assert [one["errorCode"] for one in protected["healthErrors"]] == ["161011"]
    seen = set()
    for _ in range(5):
        running.world.forward(timedelta(seconds=70))
        rpo = (await item(running))["providerSpecificDetails"]["rpoInSeconds"]
        assert 0 < rpo < 360
        seen.add(rpo)
    assert len(seen) > 2, "the RPO moves"


async def test_replica_disks_are_marked_and_go_with_replication(replicated: AzureStandIn) -> None:
    disks = replicated.world.of_type("Microsoft.Compute/disks", RECOVERY_GROUP)
    assert len(disks) == 2
    assert all("ASR-ReplicaDisk" in disk["tags"] for disk in disks)
    assert {disk["location"] for disk in disks} == {TARGET}
    await done(replicated, "POST", f"{ITEM}/remove", {"properties": {}})
    assert (await call(replicated, "GET", ITEM))[0] == 404
    assert replicated.world.of_type("Microsoft.Compute/disks", RECOVERY_GROUP) == []
    status, body, _ = await call(replicated, "DELETE", ITEM)
    assert (status, body["error"]["details"][0]["code"]) == (404, "ArmResourceDoesNotExist")


async def test_a_test_failover_makes_a_vm_that_its_clean_up_removes(
    replicated: AzureStandIn,
) -> None:
    asked: dict[str, Any] = {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "VmNetworkAsInput",
        "networkId": NETWORK,
        "providerSpecificDetails": {"instanceType": "A2A"},
    }
    await done(replicated, "POST", f"{ITEM}/testFailover", {"properties": asked})
    tested = await item(replicated)
    assert tested["allowedOperations"] == ["TestFailoverCleanup"]
    assert tested["testFailoverState"] == "WaitingForCompletion"
    assert tested["failoverHealth"] == "Normal"
    drill = f"{RECOVERY_GROUP}/providers/Microsoft.Compute/virtualMachines/web-01-test"
    vm = replicated.world.get(drill)
    assert vm is not None
    assert vm["location"] == TARGET
    os_disk = vm["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    assert os_disk.endswith("-ASRtest")
    assert replicated.world.get(os_disk) is not None
    assert await refused(replicated, "POST", f"{ITEM}/unplannedFailover", {"properties": {}}) == (
        "OperationNotAllowed"
    )

    await done(replicated, "POST", f"{ITEM}/testFailoverCleanup", {"properties": {"comments": ""}})
    assert replicated.world.get(drill) is None
    assert replicated.world.get(os_disk) is None
    assert (await item(replicated))["lastSuccessfulTestFailoverTime"]


async def test_after_failover_and_commit_replication_is_turned_round(
    replicated: AzureStandIn,
) -> None:
    asked = {
        "failoverDirection": "PrimaryToRecovery",
        "sourceSiteOperations": "Required",
        "providerSpecificDetails": {"instanceType": "A2A"},
    }
    await done(replicated, "POST", f"{ITEM}/unplannedFailover", {"properties": asked})
    over = await item(replicated)
    assert over["activeLocation"] == "Recovery"
    assert "Commit" in over["allowedOperations"]
    there = f"{RECOVERY_GROUP}/providers/Microsoft.Compute/virtualMachines/web-01"
    assert replicated.world.get(there) is not None
    source = replicated.world.get(WEB)
    assert source is not None
    power = source["properties"]["extended"]["instanceView"]["powerState"]["code"]
    assert power == "PowerState/deallocated"

    await done(replicated, "POST", f"{ITEM}/failoverCommit")
    assert "ReProtect" in (await item(replicated))["allowedOperations"]
    back = {
        "replicationProtectedItemName": "web-01",
        "providerSpecificDetails": {
            "instanceType": "A2A",
            "policyId": POLICY,
            "recoveryContainerId": CONTAINERS[REGION],
            "recoveryResourceGroupId": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}",
        },
    }
    path = f"{CONTAINERS[REGION]}/switchprotection"
    headers = await done(replicated, "POST", path, {"properties": back})
    assert f"{CONTAINERS[REGION]}/operationresults/" in headers["Location"]
    assert (await call(replicated, "GET", ITEM))[0] == 404
    turned = await item(replicated, BACK)
    details = turned["providerSpecificDetails"]
    assert turned["activeLocation"] == "Primary"
    assert details["fabricObjectId"] == there.lower()
    assert (details["primaryFabricLocation"], details["recoveryFabricLocation"]) == (TARGET, REGION)
    assert details["initialPrimaryFabricLocation"] == REGION
    replicated.world.forward(timedelta(hours=2))
    assert (await item(replicated, BACK))["protectionState"] == "Protected"
    _, jobs, _ = await call(replicated, "GET", f"{VAULT_ID}/replicationJobs")
    names = [job["properties"]["scenarioName"] for job in jobs["value"]]
    assert names == ["SwitchProtection", "CommitFailover", "UnplannedFailover", "EnableDr"]
    assert {job["properties"]["state"] for job in jobs["value"]} == {"Succeeded"}


async def test_a_recovery_plan_fails_its_machines_over_together(replicated: AzureStandIn) -> None:
    other = f"{CONTAINERS[REGION]}/replicationProtectedItems/db-01"
    await done(replicated, "PUT", other, enable_body(DB))
    replicated.world.forward(timedelta(hours=5))
    groups = [
        {"groupType": "Boot", "replicationProtectedItems": [{"id": one, "virtualMachineId": ""}]}
        for one in (other, ITEM)
    ]
    body = {
        "properties": {
            "primaryFabricId": FABRICS[REGION],
            "recoveryFabricId": FABRICS[TARGET],
            "failoverDeploymentModel": "ResourceManager",
            "groups": groups,
        }
    }
    await done(replicated, "PUT", PLAN, body)
    _, plan, _ = await call(replicated, "GET", PLAN)
    kinds = [group["groupType"] for group in plan["properties"]["groups"]]
    assert kinds == ["Shutdown", "Failover", "Boot", "Boot"]
    assert plan["properties"]["allowedOperations"] == ["UnplannedFailover", "TestFailover"]
    asked = {"failoverDirection": "PrimaryToRecovery", "networkType": "NoNetworkAttachAsInput"}
    for action, wanted in (
        ("testFailover", ["TestFailoverCleanup"]),
        ("testFailoverCleanup", ["UnplannedFailover", "TestFailover"]),
        ("unplannedFailover", ["Commit"]),
        ("failoverCommit", ["ReProtect"]),
        ("reProtect", []),
    ):
        await done(replicated, "POST", f"{PLAN}/{action}", {"properties": asked})
        _, plan, _ = await call(replicated, "GET", PLAN)
        assert plan["properties"]["allowedOperations"] == wanted, action
        assert plan["properties"]["currentScenarioStatus"] == "Succeeded"
    assert (await item(replicated, BACK))["activeLocation"] == "Primary"
    members = [one["id"] for g in plan["properties"]["groups"] for one in _members(g)]
    assert BACK in members, "the plan follows its machines to where they are replicated from"
    replicated.world.forward(timedelta(hours=5))
    _, plan, _ = await call(replicated, "GET", PLAN)
    assert plan["properties"]["allowedOperations"] == ["UnplannedFailover", "TestFailover"]


async def test_a_plan_whose_item_is_no_longer_replicated_is_still_shown(
    replicated: AzureStandIn,
) -> None:
    group = {"groupType": "Boot", "replicationProtectedItems": [{"id": ITEM}]}
    body = {"primaryFabricId": FABRICS[REGION], "recoveryFabricId": FABRICS[TARGET]}
    await done(replicated, "PUT", PLAN, {"properties": body | {"groups": [group]}})
    await done(replicated, "DELETE", ITEM)
    status, plan, _ = await call(replicated, "GET", PLAN)
    assert (status, plan["properties"]["allowedOperations"]) == (200, [])
    assert (await call(replicated, "GET", f"{VAULT_ID}/replicationRecoveryPlans"))[0] == 200
    assert (await call(replicated, "POST", f"{PLAN}/testFailover", {}))[0] == 404


def _members(group: Any) -> list[Any]:
    return list(group["replicationProtectedItems"])


async def test_an_intent_makes_what_is_missing_and_replicates() -> None:
    async with AzureStandIn(small_world()) as azure:
        await make_vault(azure)
        details = {
            "instanceType": "A2A",
            "fabricObjectId": WEB,
            "primaryLocation": REGION,
            "recoveryLocation": TARGET,
            "recoverySubscriptionId": SUBSCRIPTION,
            "recoveryAvailabilityType": "Single",
            "recoveryResourceGroupId": RECOVERY_GROUP,
        }
        path = f"{VAULT_ID}/replicationProtectionIntents/web-01"
        body = {"properties": {"providerSpecificDetails": details}}
        status, intent, _ = await call(azure, "PUT", path, body)
        assert (status, intent["properties"]["jobState"]) == (200, "InProgress")
        _, job, _ = await call(azure, "GET", intent["properties"]["jobId"])
        assert job["properties"]["state"] == "Succeeded"
        _, found, _ = await call(azure, "GET", f"{VAULT_ID}/replicationProtectedItems")
        (one,) = found["value"]
        assert f"asr-a2a-default-{REGION}" in one["id"]
        assert (await call(azure, "GET", path))[1]["properties"]["jobState"] == "Succeeded"


async def test_the_sdk_enables_reads_and_fails_over() -> None:
    """Trap 6: with both headers the pollers end; what they return is not to be trusted, so the
    item is read again and the job is listed."""
    async with AzureStandIn(small_world()) as azure, replication_client(azure) as asr:
        await lay_the_ground(azure)
        place = {
            "resource_group_name": GROUP,
            "resource_name": VAULT,
            "fabric_name": "west",
            "protection_container_name": "machines",
            "replicated_protected_item_name": "web-01",
        }
        items = asr.replication_protected_items
        await (await items.begin_create(input=enable_body(), **place)).result()
        azure.world.forward(timedelta(hours=1))
        found = await items.get(**place)
        assert found.properties.protection_state == "Protected"
        assert found.properties.provider_specific_details.instance_type == "A2A"
        assert found.properties.provider_specific_details.rpo_in_seconds is not None
        points = asr.recovery_points.list_by_replication_protected_items(**place)
        kinds = {point.properties.recovery_point_type async for point in points}
        assert kinds == {"CrashConsistent", "AppConsistent"}
        asked = {"properties": {"failoverDirection": "PrimaryToRecovery"}}
        poller = await items.begin_unplanned_failover(failover_input=asked, **place)
        await poller.result()
        found = await items.get(**place)
        assert found.properties.active_location == "Recovery"
        vault = {"resource_group_name": GROUP, "resource_name": VAULT}
        listed = [one async for one in items.list(**vault)]
        assert [one.name for one in listed] == ["web-01"]
        jobs = [job async for job in asr.replication_jobs.list(**vault)]
        assert jobs[0].properties.scenario_name == "UnplannedFailover"
        job = await asr.replication_jobs.get(job_name=jobs[0].name, **vault)
        assert [task.state for task in job.properties.tasks] == ["Succeeded"] * 3
        fabrics = [one async for one in asr.replication_fabrics.list(**vault)]
        assert {one.properties.custom_details.location for one in fabrics} == {REGION, TARGET}


async def test_trap_6_writes_send_both_headers_and_the_status_names_no_job(
    replicated: AzureStandIn,
) -> None:
    asked = {"properties": {"failoverDirection": "PrimaryToRecovery"}}
    status, body, headers = await call(replicated, "POST", f"{ITEM}/unplannedFailover", asked)
    assert (status, body) == (202, None)
    assert f"{VAULT_ID}/replicationOperationStatus/" in headers["Azure-AsyncOperation"]
    assert f"{ITEM}/operationresults/" in headers["Location"]
    _, operation, _ = await call(replicated, "GET", headers["Azure-AsyncOperation"])
    assert operation["properties"] is None
    assert operation["status"] == "InProgress"
    assert "/replicationJobs/" in headers["x-ms-request-id"]
    assert (await call(replicated, "GET", headers["Location"]))[0] == 202
    replicated.world.forward(timedelta(minutes=10))
    assert (await call(replicated, "GET", headers["Location"]))[0] == 200
