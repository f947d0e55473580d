"""The protection states of Site Recovery: spelt as recorded, and in the sample fleet on demand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from deploy.local.azure.replication_states import (
    AWAITING_CLEANUP,
    FAILED_OVER,
    PLANNED_FAILED_OVER,
    PROTECTED,
    STATES,
)
from deploy.local.azure.server import AzureStandIn
from deploy.local.fleet.recovery import REPLICATED_TYPE
from deploy.local.fleet.sample import sample_world
from tests.standin.azure.replication_azure import (
    ITEM,
    done,
    enable_body,
    item,
    running_ground,
)
from tests.standin.azure.running_azure import talking
from tests.standin.azure.shape_of import SHARED

RECORDED = (SHARED / "recorded" / "siterecovery", SHARED / "examples" / "siterecovery")


def replicated_items(value: Any) -> Iterator[dict[str, Any]]:
    """The properties of every replicated item in a body, however deep."""
    if isinstance(value, dict):
        if "protectionState" in value and "activeLocation" in value:
            yield value
        for inner in value.values():
            yield from replicated_items(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from replicated_items(inner)


def test_every_recorded_state_is_known_with_its_words_and_its_place() -> None:
    if not all(folder.is_dir() for folder in RECORDED):
        pytest.skip(f"Recorded answers are not at {SHARED}.")
    bodies = (
        json.loads(file.read_text()) for folder in RECORDED for file in folder.rglob("*.json")
    )
    seen = {
        (one["protectionState"], one["protectionStateDescription"], one["activeLocation"])
        for body in bodies
        for one in replicated_items(body)
        if one.get("providerSpecificDetails", {}).get("instanceType")
        in ("A2A", "HyperVReplicaAzure")
    }
    assert (FAILED_OVER, "Failover completed", "Recovery") in seen
    known = {(state, row.told, row.location) for state, row in STATES.items()}
    assert seen - known <= {(PROTECTED, AWAITING_CLEANUP, "Primary")}


async def test_a_failover_goes_through_the_states_as_azure_spells_them() -> None:
    async with running_ground() as azure:
        await done(azure, "PUT", ITEM, enable_body())
        await until_protected(azure)
        failing = {"failoverDirection": "PrimaryToRecovery"}
        await done(azure, "POST", f"{ITEM}/unplannedFailover", {"properties": failing})
        over = await item(azure)
        assert over["protectionState"] == "UnplannedFailoverCommitPendingStatesBegin"
        assert over["protectionStateDescription"] == "Failover completed"
        assert "ChangePit" in over["allowedOperations"]
        await done(azure, "POST", f"{ITEM}/failoverCommit")
        assert (await item(azure))["protectionState"].endswith("StatesBegin")


async def until_protected(azure: AzureStandIn) -> None:
    azure.world.forward(timedelta(hours=3))
    assert (await item(azure))["protectionState"] == "Protected"


@pytest.mark.parametrize("state", [FAILED_OVER, PLANNED_FAILED_OVER])
async def test_the_sample_fleet_has_failed_over_items_on_demand(state: str) -> None:
    world = sample_world(replicated={"sql-01": state})
    items = {one["name"]: one for one in world.of_type(REPLICATED_TYPE)}
    query = {"query": f"recoveryservicesresources | where type =~ '{REPLICATED_TYPE}'"}
    async with AzureStandIn(world) as azure, talking(azure) as session:
        path = f"{items['sql-01']['id']}?api-version=2025-08-01"
        served = (await (await session.get(path)).json())["properties"]
        graph = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01"
        rows = (await (await session.post(graph, json=query)).json())["data"]
    assert (served["protectionState"], served["activeLocation"]) == (state, "Recovery")
    states = {row["name"]: row["properties"]["protectionState"] for row in rows}
    assert states["sql-01"] == state
    assert states["sql-02"] == "Protected"
