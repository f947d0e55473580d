"""A stand-in that runs over the sample fleet, for the services that only read it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from deploy.local.azure.graph.quota import Quota
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from deploy.local.fleet.sample import sample_world
from tests.standin.azure.running_azure import AsyncToken, allow_http, talking

GRAPH = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01"


@asynccontextmanager
async def running_fleet(world: World | None = None, *, queries: int = 10_000) -> AsyncIterator[Any]:
    """The sample fleet where no world is given; `queries` in five seconds are answered."""
    world = world or sample_world(World(pace=0.0, retry_after_seconds=0))
    world.part(Quota).most = queries
    async with AzureStandIn(world) as running:
        yield running


def client_of(azure: AzureStandIn, kind: Any, **arguments: Any) -> Any:
    """An async client of one of the SDKs, without retries of its own."""
    return kind(
        **arguments,
        credential=AsyncToken(azure.world),
        base_url=azure.url,
        per_call_policies=[allow_http()],
        polling_interval=0,
        retry_total=0,
    )


async def post(azure: AzureStandIn, path: str, body: Any) -> tuple[int, Any, Any]:
    """Status, body (None for an empty one) and headers of a POST."""
    async with talking(azure) as session, session.post(path, json=body) as answer:
        text = await answer.text()
        return answer.status, await answer.json() if text else None, answer.headers


async def get(azure: AzureStandIn, path: str, **parameters: str) -> tuple[int, Any, Any]:
    """The same of a GET."""
    async with talking(azure) as session, session.get(path, params=parameters) as answer:
        text = await answer.text()
        return answer.status, await answer.json() if text else None, answer.headers


async def ask(azure: AzureStandIn, query: str, **more: Any) -> Any:
    """The body of Resource Graph's answer, which must be a 200."""
    status, body, _ = await post(azure, GRAPH, {"query": query, **more})
    assert status == 200, body
    return body


async def names(azure: AzureStandIn, query: str, **more: Any) -> list[str]:
    """The names in the answer's rows."""
    return [row["name"] for row in (await ask(azure, query, **more))["data"]]
