"""What Site Recovery refuses, with cause and advice, and which points it keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.site_recovery.replication import point_times
from tests.standin.azure.recovery_azure import (
    VAULT_ID,
    WEB,
    call,
    refused,
)
from tests.standin.azure.replication_azure import (
    CONTAINERS,
    FABRICS,
    ITEM,
    POLICY,
    done,
    enable_body,
    running_ground,
)
from tests.standin.azure.running_azure import REGION, arm_id


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


# --- what is refused -------------------------------------------------------------------------


def lay_over(azure: AzureStandIn, change: dict[str, Any], disk: dict[str, Any]) -> None:
    vm = azure.world.get(WEB)
    assert vm is not None
    storage = vm["properties"]["storageProfile"]
    storage |= change.pop("storageProfile", {})
    storage["osDisk"] |= change.pop("osDisk", {})
    vm["properties"] |= change
    body = azure.world.get(storage["osDisk"]["managedDisk"]["id"])
    assert body is not None
    body["properties"] |= disk


ARM = {"supportedCapabilities": {"architecture": "Arm64"}}


@pytest.mark.parametrize(
    ("change", "disk", "code"),
    [
        (
            {"storageProfile": {"diskControllerType": "NVMe"}},
            {},
            "A2ANVMeDiskControllerNotSupported",
        ),
        ({}, ARM, "A2AArm64NotSupported"),
        ({"osDisk": {"writeAcceleratorEnabled": True}}, {}, "A2AWriteAcceleratorNotSupported"),
        ({}, {"maxShares": 2}, "A2ASharedDiskNotSupported"),
        ({"priority": "Spot"}, {}, "A2AVirtualMachineKindNotSupported"),
        (
            {"osDisk": {"diffDiskSettings": {"option": "Local"}}},
            {},
            "A2AEphemeralOSDiskNotSupported",
        ),
        ({}, {"diskSizeGB": 8192}, "A2ADiskLimitExceeded"),
    ],
)
async def test_what_is_not_replicated_is_refused_with_cause_and_advice(
    running: AzureStandIn, change: dict[str, Any], disk: dict[str, Any], code: str
) -> None:
    lay_over(running, dict(change), disk)
    status, body, _ = await call(running, "PUT", ITEM, enable_body())
    assert (status, body["error"]["code"]) == (400, code)
    (detail,) = body["error"]["details"]
    assert detail["possibleCauses"]
    assert detail["recommendedAction"]
    assert (await call(running, "GET", ITEM))[0] == 404
    path = f"{WEB}/providers/Microsoft.RecoveryServices/replicationEligibilityResults/default"
    _, told, _ = await call(running, "GET", path)
    assert [error["code"] for error in told["properties"]["errors"]] == [code]


async def test_a_machine_is_replicated_once(replicated: AzureStandIn) -> None:
    second = f"{CONTAINERS[REGION]}/replicationProtectedItems/again"
    assert await refused(replicated, "PUT", second, enable_body()) == "150258"


async def test_what_is_in_use_is_not_deleted(replicated: AzureStandIn) -> None:
    assert await refused(replicated, "DELETE", POLICY) == "ResourceInUse"
    assert await refused(replicated, "POST", f"{FABRICS[REGION]}/remove") == "ResourceInUse"
    assert await refused(replicated, "DELETE", VAULT_ID) == (
        "ServiceResourceNotEmptyWithContainerDetails"
    )


async def test_nothing_fails_over_before_the_first_point(running: AzureStandIn) -> None:
    await done(running, "PUT", ITEM, enable_body())
    for action in ("testFailover", "unplannedFailover", "failoverCommit"):
        path = f"{ITEM}/{action}"
        assert await refused(running, "POST", path, {"properties": {}}) == "OperationNotAllowed"


async def test_rest_hides_what_resource_graph_alone_shows(replicated: AzureStandIn) -> None:
    assert replicated.world.get(arm_id("virtualMachines", "web-01")) is not None
    path = f"{VAULT_ID}/replicationProtectedItems"
    _, body, _ = await call(replicated, "GET", path)
    shown = body["value"][0]["properties"]["providerSpecificDetails"]
    assert "dataSourceInfo" not in shown, "Resource Graph alone shows it"
    kept = replicated.world.get(ITEM)
    assert kept is not None
    assert kept["properties"]["providerSpecificDetails"]["dataSourceInfo"]["resourceId"] == WEB


# --- which points are kept -------------------------------------------------------------------

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def test_with_no_history_the_latest_point_alone_is_kept() -> None:
    assert point_times(NOON - timedelta(days=3), NOON, timedelta()) == [NOON]


def test_a_day_keeps_every_point_for_two_hours_and_one_an_hour_after() -> None:
    times = point_times(NOON - timedelta(days=9), NOON, timedelta(days=1))
    ages = [NOON - when for when in times]
    assert sum(age < timedelta(hours=2) for age in ages) == 24
    assert len([age for age in ages if age >= timedelta(hours=2)]) == 23
    assert max(ages) <= timedelta(days=1)


def test_fifteen_days_thin_out_to_one_in_four_hours() -> None:
    times = point_times(NOON - timedelta(days=30), NOON, timedelta(days=15))
    old = [when for when in times if NOON - when > timedelta(days=7, hours=4)]
    gaps = {one - other for one, other in pairwise(old)}
    assert gaps == {timedelta(hours=4)}


def test_before_the_first_point_there_is_none() -> None:
    assert point_times(NOON + timedelta(minutes=1), NOON, timedelta(days=1)) == []
