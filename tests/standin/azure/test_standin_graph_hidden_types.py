"""Types that Resource Graph may not show, above all restore points: with them and without."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from deploy.local.azure.graph.rows import HiddenTypes
from deploy.local.azure.server import AzureStandIn
from deploy.local.fleet.sample import sample_world
from tests.standin.azure.running_azure import talking

COLLECTIONS = "microsoft.compute/restorepointcollections"
POINTS = f"{COLLECTIONS}/restorepoints"
GRAPH = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01"


async def types_of(session: aiohttp.ClientSession) -> set[str]:
    query = {"query": "resources | distinct type", "options": {"$top": 1000}}
    rows: list[dict[str, Any]] = (await (await session.post(GRAPH, json=query)).json())["data"]
    return {row["type"] for row in rows}


@pytest.mark.parametrize("hidden", [set(), {POINTS}])
async def test_restore_points_are_in_resource_graph_unless_they_are_hidden(
    hidden: set[str],
) -> None:
    world = sample_world()
    world.part(HiddenTypes).types = hidden
    async with AzureStandIn(world) as azure, talking(azure) as session:
        shown = await types_of(session)
        assert COLLECTIONS in shown
        assert (POINTS in shown) is not bool(hidden)
        [collection, *_] = world.of_type(COLLECTIONS)
        path = f"{collection['id']}?$expand=restorePoints&api-version=2026-04-01"
        read = (await (await session.get(path)).json())["properties"]["restorePoints"]
    assert read  # REST has them either way


async def test_a_type_may_be_hidden_and_shown_again_while_the_stand_in_runs() -> None:
    world = sample_world()
    async with AzureStandIn(world) as azure, talking(azure) as session:
        assert POINTS in await types_of(session)
        world.part(HiddenTypes).types = {POINTS}
        assert POINTS not in await types_of(session)
        world.part(HiddenTypes).types = set()
        assert POINTS in await types_of(session)
