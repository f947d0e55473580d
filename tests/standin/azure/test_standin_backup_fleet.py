"""The sample fleet's protections go on by themselves, and Resource Graph sees what REST sees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from deploy.local.azure.world import World
from deploy.local.fleet.sample import sample_world
from tests.standin.azure.fleet_azure import ask, get, running_fleet

ITEMS = (
    "recoveryservicesresources "
    "| where type == 'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers"
    "/protecteditems' | project id, name, properties"
)
REPLICATED = (
    "recoveryservicesresources | where type == 'microsoft.recoveryservices/vaults"
    "/replicationfabrics/replicationprotectioncontainers/replicationprotecteditems' "
    "| project id, name, properties"
)


async def rows(azure: Any, query: str) -> dict[str, Any]:
    data = (await ask(azure, query, options={"resultFormat": "objectArray"}))["data"]
    return {row["id"].lower(): row["properties"] for row in data}


async def test_a_week_of_the_sample_fleet_backs_up_what_is_protected_and_nothing_else() -> None:
    world = sample_world(World(pace=0.0, retry_after_seconds=0))
    async with running_fleet(world) as azure:
        before = await rows(azure, ITEMS)
        world.forward(timedelta(days=7))
        after = await rows(azure, ITEMS)
    assert len(before) > 10
    for arm_id, item in before.items():
        now = after.get(arm_id)
        if item["isScheduledForDeferredDelete"]:
            continue
        assert now is not None, arm_id
        moved = now.get("lastRecoveryPoint") != item.get("lastRecoveryPoint")
        working = item["protectionState"] in ("Protected", "IRPending")
        assert moved == working, (arm_id, item["protectionState"])


async def test_rest_answers_for_every_item_that_resource_graph_shows() -> None:
    async with running_fleet() as azure:
        for query in (ITEMS, REPLICATED):
            for arm_id, item in (await rows(azure, query)).items():
                status, body, _ = await get(azure, arm_id, **{"api-version": "2026-10-01"})
                assert status == 200, body
                shown = body["properties"]
                assert shown["protectionState"] == item["protectionState"]
                if query == ITEMS:
                    path = f"{arm_id}/recoveryPoints"
                    _, found, _ = await get(azure, path, **{"api-version": "2026-10-01"})
                    assert bool(found["value"]) == bool(item.get("lastRecoveryPoint")), arm_id


async def test_the_rpo_of_a_healthy_item_goes_on_from_what_it_was_and_a_sick_one_grows() -> None:
    world = sample_world(World(pace=0.0, retry_after_seconds=0))
    async with running_fleet(world) as azure:
        before = await rows(azure, REPLICATED)
        world.forward(timedelta(hours=6))
        after = await rows(azure, REPLICATED)
    for arm_id, item in before.items():
        was = item["providerSpecificDetails"].get("rpoInSeconds")
        now = after[arm_id]["providerSpecificDetails"].get("rpoInSeconds")
        if item["replicationHealth"] == "Critical":
            assert now >= was + 6 * 3600
        elif was is not None:
            assert 0 < now < 330
