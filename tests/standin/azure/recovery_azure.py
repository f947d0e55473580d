"""What the tests of backup and replication share: clients, a vault, and moving the clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.fleet_azure import client_of
from tests.standin.azure.running_azure import GROUP, REGION, SUBSCRIPTION, arm_id, talking

VAULT = "safe"
VAULT_ID = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
    f"/providers/Microsoft.RecoveryServices/vaults/{VAULT}"
)
WEB = arm_id("virtualMachines", "web-01")
DB = arm_id("virtualMachines", "db-01")
CONTAINER = f"IaasVMContainer;iaasvmcontainerv2;{GROUP};web-01"
ITEM = f"VM;iaasvmcontainerv2;{GROUP};web-01"
ITEM_ID = f"{VAULT_ID}/backupFabrics/Azure/protectionContainers/{CONTAINER}/protectedItems/{ITEM}"
STANDARD, ENHANCED = (f"{VAULT_ID}/backupPolicies/{n}" for n in ("DefaultPolicy", "EnhancedPolicy"))
PLACE = {"vault_name": VAULT, "resource_group_name": GROUP}
ON_ITEM = {
    **PLACE,
    "fabric_name": "Azure",
    "container_name": CONTAINER,
    "protected_item_name": ITEM,
}
BACKUP_VERSION = "2026-10-01"


def item_of(vm: str) -> str:
    """The path of the item of a VM of the small world."""
    return ITEM_ID.replace("web-01", vm)


def protect_body(vm_id: str = WEB, policy: str = STANDARD, **more: Any) -> dict[str, Any]:
    kind = {"protectedItemType": "Microsoft.Compute/virtualMachines"}
    return {"properties": {**kind, "sourceResourceId": vm_id, "policyId": policy, **more}}


async def call(
    azure: AzureStandIn, method: str, path: str, body: Any = None, version: str = BACKUP_VERSION
) -> tuple[int, Any, Any]:
    """Status, body and headers of one plain request."""
    query = {} if "api-version" in path else {"api-version": version}
    async with (
        talking(azure) as session,
        session.request(method, path, json=body, params=query) as answer,
    ):
        text = await answer.text()
        return answer.status, await answer.json() if text else None, answer.headers


async def refused(azure: AzureStandIn, method: str, path: str, body: Any = None) -> str:
    """The error code of a request that must be refused."""
    status, answer, _ = await call(azure, method, path, body)
    assert status >= 400, answer
    return str(answer["error"]["code"])


async def make_vault(azure: AzureStandIn, **properties: Any) -> Any:
    """The vault, in the region of the small world's VMs."""
    body = {"location": REGION, "sku": {"name": "Standard"}, "properties": properties}
    status, vault, _ = await call(azure, "PUT", VAULT_ID, body)
    assert status == 201
    return vault


async def protect(azure: AzureStandIn, policy: str = STANDARD, **more: Any) -> None:
    status, answer, _ = await call(azure, "PUT", ITEM_ID, protect_body(policy=policy, **more))
    assert status == 202, answer


async def back_up_now(azure: AzureStandIn, **properties: Any) -> str:
    """The path of the job of a backup on demand."""
    body = {"properties": {"objectType": "IaasVMBackupRequest", **properties}}
    status, answer, headers = await call(azure, "POST", f"{ITEM_ID}/backup", body)
    assert status == 202, answer
    azure.world.forward(timedelta(seconds=5))
    _, operation, _ = await call(azure, "GET", headers["Azure-AsyncOperation"])
    return f"{VAULT_ID}/backupJobs/{operation['properties']['jobId']}"


async def points(azure: AzureStandIn) -> list[Any]:
    _, answer, _ = await call(azure, "GET", f"{ITEM_ID}/recoveryPoints")
    return list(answer["value"])


@asynccontextmanager
async def backup_client(azure: AzureStandIn) -> AsyncIterator[Any]:
    from azure.mgmt.recoveryservicesbackup.aio import RecoveryServicesBackupClient

    async with client_of(
        azure, RecoveryServicesBackupClient, subscription_id=SUBSCRIPTION
    ) as client:
        yield client


@asynccontextmanager
async def vault_client(azure: AzureStandIn) -> AsyncIterator[Any]:
    from azure.mgmt.recoveryservices.aio import RecoveryServicesClient

    async with client_of(azure, RecoveryServicesClient, subscription_id=SUBSCRIPTION) as client:
        yield client


@asynccontextmanager
async def replication_client(azure: AzureStandIn) -> AsyncIterator[Any]:
    from azure.mgmt.recoveryservicessiterecovery.aio import SiteRecoveryManagementClient

    async with client_of(
        azure, SiteRecoveryManagementClient, subscription_id=SUBSCRIPTION
    ) as client:
        yield client
