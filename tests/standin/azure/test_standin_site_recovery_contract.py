"""Site Recovery's answers beside what Azure really answered, recorded between two of its regions.

The recordings are read where they lie; where they are absent these tests are skipped, saying so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.recovery_azure import VAULT_ID, WEB, call
from tests.standin.azure.replication_azure import (
    CONTAINERS,
    FABRICS,
    ITEM,
    NETWORK,
    PLAN,
    POLICY,
    REGION,
    TARGET,
    done,
    enable_body,
    lay_the_ground,
)
from tests.standin.azure.running_azure import small_world
from tests.standin.azure.shape_of import differences, example

RECORDINGS = (
    "test_siterecovery_A2A_scenarios.json",
    "test_siterecovery_A2A_selfcreated_scenarios__part1of2.json",
    "test_siterecovery_A2A_selfcreated_scenarios__part2of2.json",
)
MAPPING = f"{CONTAINERS[REGION]}/replicationProtectionContainerMappings/there"
NETWORKS = f"{FABRICS[REGION]}/replicationNetworks/azureNetwork/replicationNetworkMappings"
#: What a recorded address ends with -> the address of the same thing here.
SAME = {
    "replicationFabrics/*": FABRICS[REGION],
    "replicationFabrics": f"{VAULT_ID}/replicationFabrics",
    "replicationPolicies/*": POLICY,
    "replicationFabrics/*/replicationProtectionContainers/*": CONTAINERS[REGION],
    "replicationFabrics/*/replicationProtectionContainers": CONTAINERS[REGION].rsplit("/", 1)[0],
    "replicationFabrics/*/replicationProtectionContainers/*"
    "/replicationProtectionContainerMappings/*": MAPPING,
    "replicationFabrics/*/replicationProtectionContainers/*"
    "/replicationProtectionContainerMappings": MAPPING.rsplit("/", 1)[0],
    "replicationFabrics/*/replicationNetworks/azureNetwork"
    "/replicationNetworkMappings/*": f"{NETWORKS}/there",
    "replicationFabrics/*/replicationNetworks/azureNetwork/replicationNetworkMappings": NETWORKS,
    "replicationFabrics/*/replicationProtectionContainers/*/replicationProtectedItems/*": ITEM,
    "replicationRecoveryPlans/*": PLAN,
    "replicationRecoveryPlans": f"{VAULT_ID}/replicationRecoveryPlans",
}
#: Fields of network cards, of certificates and of what only some recordings have.
LEFT_OUT = (".vmNics", "agentCertificateExpiryDate", ".inputEndpoints", ".tags.")


def recorded(file: str) -> list[tuple[str, Any]]:
    """(what the address is of, body) of every successful read below a vault."""
    found = []
    for entry in example(f"recorded/siterecovery/{file}"):
        path = entry["uri"].split("?")[0].partition("/vaults/")[2].partition("/")[2]
        if entry["method"] == "GET" and entry["status"] == 200 and "replication" in path:
            found.append((plain(path), entry["body"]))
    return found


def plain(path: str) -> str:
    """The path with every name but azureNetwork as a star."""
    return "/".join(
        "*" if place % 2 and part != "azureNetwork" else part
        for place, part in enumerate(path.split("/"))
    )


@pytest.fixture
async def azure() -> AsyncIterator[AzureStandIn]:
    """web-01 replicated, in a plan, with mapped networks."""
    async with AzureStandIn(small_world()) as running:
        await lay_the_ground(running)
        body: dict[str, Any] = {
            "recoveryFabricName": "north",
            "recoveryNetworkId": NETWORK,
            "fabricSpecificDetails": {
                "instanceType": "AzureToAzure",
                "primaryNetworkId": NETWORK.replace("shop-asr", "shop"),
            },
        }
        await done(running, "PUT", f"{NETWORKS}/there", {"properties": body})
        await done(running, "PUT", ITEM, enable_body(WEB))
        running.world.forward(timedelta(hours=1))
        member = {"id": ITEM, "virtualMachineId": WEB}
        groups = [{"groupType": "Boot", "replicationProtectedItems": [member]}]
        body = {"primaryFabricId": FABRICS[REGION], "recoveryFabricId": FABRICS[TARGET]}
        await done(running, "PUT", PLAN, {"properties": body | {"groups": groups}})
        yield running


@pytest.mark.parametrize("file", RECORDINGS)
async def test_every_recorded_read_has_its_names_and_types_here(
    azure: AzureStandIn, file: str
) -> None:
    compared = 0
    for kind, wanted in recorded(file):
        if kind.startswith("replicationOperationStatus"):
            continue
        _, found, _ = await call(azure, "GET", SAME[kind])
        strange = [
            one for one in differences(wanted, found) if not any(part in one for part in LEFT_OUT)
        ]
        assert strange == [], kind
        compared += 1
    assert compared > 5


async def test_a_recorded_status_has_its_names_here(azure: AzureStandIn) -> None:
    """In progress and succeeded: the same nine names, `id` and `properties` null."""
    azure.world.pace = 1.0
    status, _, headers = await call(azure, "DELETE", PLAN)
    assert status == 202
    found = {}
    for _ in range(2):
        _, body, _ = await call(azure, "GET", headers["Azure-AsyncOperation"])
        found[body["status"]] = body
        azure.world.forward(timedelta(minutes=1))
    for file in RECORDINGS:
        for kind, wanted in recorded(file):
            if kind.startswith("replicationOperationStatus"):
                assert set(wanted) == set(found[wanted["status"]])
                nulls = {name for name in ("id", "properties", "error") if wanted[name] is None}
                assert nulls == {"id", "properties", "error"}
                assert all(found[wanted["status"]][name] is None for name in nulls)


async def test_a_recorded_job_has_its_names_here(azure: AzureStandIn) -> None:
    compared = 0
    for kind, wanted in recorded("test_siterecovery_vault_scenarios.json"):
        if not kind.startswith("replicationJobs"):
            continue
        path = f"{VAULT_ID}/replicationJobs"
        _, found, _ = await call(azure, "GET", path)
        if kind == "replicationJobs/*":
            _, found, _ = await call(azure, "GET", found["value"][0]["id"])
        assert differences(wanted, found) == [], kind
        compared += 1
    assert compared > 1


async def test_a_recorded_refusal_has_its_names_here(azure: AzureStandIn) -> None:
    """A 404 names cause and advice under `details`."""
    entries = example(f"recorded/siterecovery/{RECORDINGS[0]}")
    entries += example(f"recorded/siterecovery/{RECORDINGS[2]}")
    wanted = [e["body"] for e in entries if e["status"] == 404 and "/replication" in e["uri"]]
    _, found, _ = await call(azure, "GET", f"{ITEM}-none")
    assert wanted, "a refusal is recorded"
    for one in wanted:
        assert differences(one, found) == []
        assert one["error"]["code"] == found["error"]["code"]


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("RecoveryPoints_ListByReplicationProtectedItems.json", f"{ITEM}/recoveryPoints"),
        (
            "ReplicationEligibilityResults_Get.json",
            f"{WEB}/providers/Microsoft.RecoveryServices/replicationEligibilityResults/default",
        ),
        ("ReplicationJobs_List.json", f"{VAULT_ID}/replicationJobs"),
    ],
)
async def test_a_read_that_was_not_recorded_has_the_shape_of_the_example(
    azure: AzureStandIn, file: str, path: str
) -> None:
    wanted = example(f"examples/siterecovery/{file}")["responses"]["200"]["body"]
    _, found, _ = await call(azure, "GET", path)
    assert differences(wanted, found) == []
