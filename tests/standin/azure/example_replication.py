"""The operations of Site Recovery of which there are examples."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from deploy.local.azure.site_recovery.pieces import JOB_TYPE
from tests.standin.azure.example_answers import Recorder
from tests.standin.azure.recovery_azure import DB, VAULT_ID, WEB
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
    enable_body,
)
from tests.standin.azure.running_azure import GROUP, REGION, SUBSCRIPTION

_MAPPING = f"{CONTAINERS[REGION]}/replicationProtectionContainerMappings/there"
_NETWORKS = f"{FABRICS[REGION]}/replicationNetworks/azureNetwork/replicationNetworkMappings"
_INTENT = f"{VAULT_ID}/replicationProtectionIntents/db-01"
_OTHER = ITEM.replace("web-01", "db-01")
_OVER: dict[str, Any] = {
    "properties": {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "NoNetworkAttachAsInput",
        "providerSpecificDetails": {"instanceType": "A2A"},
    }
}


async def ask_all(one: Recorder) -> None:
    await one.ask("PUT", VAULT_ID, {"location": REGION, "sku": {"name": "Standard"}})
    await _ground(one)
    await _items(one)
    await _plan(one)
    await _read(one)
    await _fail_over(one)
    await _fail_the_plan_over(one)
    await _jobs(one)
    await _intent(one)
    await _clear(one)


async def _ground(one: Recorder) -> None:
    for region, fabric in FABRICS.items():
        custom = {"instanceType": "Azure", "location": region}
        await one.ask("PUT", fabric, {"properties": {"customDetails": custom}})
        container = {"properties": {"providerSpecificInput": [{"instanceType": "A2A"}]}}
        await one.ask("PUT", CONTAINERS[region], container)
    kept = {"recoveryPointHistory": 1440, "appConsistentFrequencyInMinutes": 240}
    policy = {"instanceType": "A2A", "multiVmSyncStatus": "Enable", **kept}
    for name in (POLICY, f"{POLICY}-unused"):
        await one.ask("PUT", name, {"properties": {"providerSpecificInput": policy}})
    for here, there in ((REGION, TARGET), (TARGET, REGION)):
        details = {"instanceType": "A2A", "agentAutoUpdateStatus": "Disabled"}
        mapping = {
            "policyId": POLICY,
            "targetProtectionContainerId": CONTAINERS[there],
            "providerSpecificInput": details,
        }
        path = f"{CONTAINERS[here]}/replicationProtectionContainerMappings/there"
        await one.ask("PUT", path, {"properties": mapping})
    network = {
        "recoveryFabricName": "north",
        "recoveryNetworkId": NETWORK,
        "fabricSpecificDetails": {
            "instanceType": "AzureToAzure",
            "primaryNetworkId": NETWORK.replace("shop-asr", "shop"),
        },
    }
    await one.ask("PUT", f"{_NETWORKS}/there", {"properties": network})


async def _items(one: Recorder) -> None:
    await one.ask("PUT", ITEM, enable_body(WEB))
    await one.ask("PUT", _OTHER, enable_body(DB))
    one.azure.world.forward(timedelta(hours=5))


async def _plan(one: Recorder) -> None:
    member = {"id": ITEM, "virtualMachineId": WEB}
    action = {
        "actionName": "by hand",
        "failoverTypes": ["TestFailover"],
        "failoverDirections": ["PrimaryToRecovery"],
        "customDetails": {"instanceType": "ManualActionDetails", "description": "look"},
    }
    groups = [
        {
            "groupType": "Boot",
            "replicationProtectedItems": [member],
            "startGroupActions": [action],
            "endGroupActions": [],
        }
    ]
    body = {
        "primaryFabricId": FABRICS[REGION],
        "recoveryFabricId": FABRICS[TARGET],
        "failoverDeploymentModel": "ResourceManager",
        "groups": groups,
    }
    await one.ask("PUT", PLAN, {"properties": body})
    await one.ask("PATCH", PLAN, {"properties": {"groups": groups}})


async def _read(one: Recorder) -> None:
    points = await one.ask("GET", f"{ITEM}/recoveryPoints")
    of_vault = (
        "replicationFabrics",
        "replicationPolicies",
        "replicationProtectedItems",
        "replicationProtectionContainers",
        "replicationProtectionContainerMappings",
        "replicationNetworkMappings",
        "replicationRecoveryPlans",
    )
    eligible = f"{WEB}/providers/Microsoft.RecoveryServices/replicationEligibilityResults/default"
    await one.ask("GET", eligible.replace("web-01", "db-01"))
    paths = (
        *(f"{VAULT_ID}/{kind}" for kind in of_vault),
        *(FABRICS[REGION], CONTAINERS[REGION], CONTAINERS[REGION].rpartition("/")[0]),
        *(POLICY, _MAPPING, _MAPPING.rpartition("/")[0], _NETWORKS, f"{_NETWORKS}/there"),
        *(ITEM, ITEM.rpartition("/")[0], PLAN, points["value"][0]["id"], eligible),
    )
    for path in paths:
        await one.ask("GET", path)


async def _fail_over(one: Recorder) -> None:
    """One item: tested, failed over to another point, committed and turned round."""
    points = (await one.ask("GET", f"{ITEM}/recoveryPoints"))["value"]
    await one.ask("POST", f"{ITEM}/testFailover", _OVER)
    await one.ask("POST", f"{ITEM}/testFailoverCleanup", {"properties": {"comments": ""}})
    await one.ask("POST", f"{ITEM}/unplannedFailover", _OVER)
    chosen = {"recoveryPointId": points[-1]["id"], "providerSpecificDetails": {}}
    await one.ask("POST", f"{ITEM}/applyRecoveryPoint", {"properties": chosen})
    await one.ask("POST", f"{ITEM}/failoverCommit")
    back = {
        "instanceType": "A2A",
        "policyId": POLICY,
        "recoveryContainerId": CONTAINERS[REGION],
        "recoveryResourceGroupId": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}",
    }
    turned = {"replicationProtectedItemName": "web-01", "providerSpecificDetails": back}
    await one.ask("POST", f"{CONTAINERS[REGION]}/switchprotection", {"properties": turned})
    one.azure.world.forward(timedelta(hours=5))
    await one.ask("GET", BACK)


async def _fail_the_plan_over(one: Recorder) -> None:
    plan = f"{PLAN}-2"
    groups = [{"groupType": "Boot", "replicationProtectedItems": [{"id": _OTHER}]}]
    body = {"primaryFabricId": FABRICS[REGION], "recoveryFabricId": FABRICS[TARGET]}
    await one.ask("PUT", plan, {"properties": body | {"groups": groups}})
    actions = ("testFailover", "testFailoverCleanup", "unplannedFailover", "failoverCommit")
    for action in (*actions, "reProtect"):
        await one.ask("POST", f"{plan}/{action}", _OVER)
        await one.ask("GET", plan)
    await one.ask("DELETE", plan)
    one.azure.world.forward(timedelta(hours=5))


async def _jobs(one: Recorder) -> None:
    jobs = (await one.ask("GET", f"{VAULT_ID}/replicationJobs"))["value"]
    for job in jobs:
        await one.ask("GET", job["id"])
    world = one.azure.world
    broken = next(body for body in world.of_type(JOB_TYPE) if body["id"] == jobs[0]["id"])
    broken["properties"]["state"] = "Failed"
    await one.ask("POST", f"{jobs[0]['id']}/restart")


async def _intent(one: Recorder) -> None:
    await one.ask("DELETE", _OTHER.replace(CONTAINERS[REGION], CONTAINERS[TARGET]))
    details = {
        "instanceType": "A2A",
        "fabricObjectId": DB,
        "primaryLocation": REGION,
        "recoveryLocation": TARGET,
        "recoverySubscriptionId": SUBSCRIPTION,
        "recoveryAvailabilityType": "Single",
        "recoveryResourceGroupId": RECOVERY_GROUP,
    }
    await one.ask("PUT", _INTENT, {"properties": {"providerSpecificDetails": details}})
    one.azure.world.forward(timedelta(hours=5))
    for path in (_INTENT, _INTENT.rpartition("/")[0]):
        await one.ask("GET", path)


async def _clear(one: Recorder) -> None:
    """Everything is taken away again, by both ways there are."""
    await one.ask("DELETE", PLAN)
    await one.ask("POST", f"{BACK}/remove", {"properties": {"disableProtectionReason": "NotSet"}})
    await one.ask("DELETE", f"{POLICY}-unused")
    for region, way in ((REGION, "POST"), (TARGET, "DELETE")):
        mapping = f"{CONTAINERS[region]}/replicationProtectionContainerMappings/there"
        await one.ask(way, mapping + ("/remove" if way == "POST" else ""))
    for region, way in ((REGION, "POST"), (TARGET, "DELETE")):
        await one.ask("POST", f"{CONTAINERS[region]}/remove")
        await one.ask(way, FABRICS[region] + ("/remove" if way == "POST" else ""))
