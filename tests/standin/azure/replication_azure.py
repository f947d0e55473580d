"""What the tests of replication share: the ground it stands on, and waiting for its writes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.recovery_azure import VAULT_ID, WEB, call, make_vault
from tests.standin.azure.running_azure import REGION, SUBSCRIPTION, small_world

TARGET = "norwayeast"
RECOVERY_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shop-asr"
FABRICS = {
    REGION: f"{VAULT_ID}/replicationFabrics/west",
    TARGET: f"{VAULT_ID}/replicationFabrics/north",
}
CONTAINERS = {
    region: f"{fabric}/replicationProtectionContainers/machines"
    for region, fabric in FABRICS.items()
}
POLICY = f"{VAULT_ID}/replicationPolicies/day"
ITEM = f"{CONTAINERS[REGION]}/replicationProtectedItems/web-01"
BACK = f"{CONTAINERS[TARGET]}/replicationProtectedItems/web-01"
PLAN = f"{VAULT_ID}/replicationRecoveryPlans/shop"
NETWORK = f"{RECOVERY_GROUP}/providers/Microsoft.Network/virtualNetworks/test"


async def done(azure: AzureStandIn, method: str, path: str, body: Any = None) -> Any:
    """The headers of a write that is accepted and over."""
    status, answer, headers = await call(azure, method, path, body)
    assert status == 202, answer
    for _ in range(20):
        azure.world.forward(timedelta(minutes=1))
        _, operation, _ = await call(azure, "GET", headers["Azure-AsyncOperation"])
        if operation["status"] != "InProgress":
            break
    assert operation["status"] == "Succeeded", operation
    return headers


async def lay_the_ground(azure: AzureStandIn) -> None:
    """Vault, two fabrics with containers, a policy, mappings both ways."""
    await make_vault(azure)
    for region, fabric in FABRICS.items():
        custom = {"instanceType": "Azure", "location": region}
        await done(azure, "PUT", fabric, {"properties": {"customDetails": custom}})
        container = {"properties": {"providerSpecificInput": [{"instanceType": "A2A"}]}}
        await done(azure, "PUT", CONTAINERS[region], container)
    policy = {
        "instanceType": "A2A",
        "recoveryPointHistory": 1440,
        "appConsistentFrequencyInMinutes": 240,
        "multiVmSyncStatus": "Enable",
    }
    await done(azure, "PUT", POLICY, {"properties": {"providerSpecificInput": policy}})
    for here, there in ((REGION, TARGET), (TARGET, REGION)):
        mapping = {
            "policyId": POLICY,
            "targetProtectionContainerId": CONTAINERS[there],
            "providerSpecificInput": {"instanceType": "A2A", "agentAutoUpdateStatus": "Disabled"},
        }
        path = f"{CONTAINERS[here]}/replicationProtectionContainerMappings/there"
        await done(azure, "PUT", path, {"properties": mapping})


def enable_body(vm_id: str = WEB, **more: Any) -> dict[str, Any]:
    details = {
        "instanceType": "A2A",
        "fabricObjectId": vm_id,
        "recoveryContainerId": CONTAINERS[TARGET],
        "recoveryResourceGroupId": RECOVERY_GROUP,
        **more,
    }
    return {"properties": {"policyId": POLICY, "providerSpecificDetails": details}}


@asynccontextmanager
async def running_ground() -> AsyncIterator[AzureStandIn]:
    """Work takes its usual time of the world; the clock is moved by the tests."""
    async with AzureStandIn(small_world(pace=1.0)) as azure:
        await lay_the_ground(azure)
        yield azure


async def item(azure: AzureStandIn, path: str = ITEM) -> Any:
    status, body, _ = await call(azure, "GET", path)
    assert status == 200, body
    return body["properties"]
