"""The small server on loopback that the live reading is tested against."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from advisor.inventory.resource_graph import queries, wanted_vm
from tests.azure.live_reading import (
    DAYS_OF_HOURS,
    HOUR,
    WEB,
)
from tests.wire import sample_fleet
from tests.wire.arm_server import ArmServer
from tests.wire.kql import Graph


@pytest.fixture(scope="module")
def shop() -> Graph:
    """Its answers about web-01 are made beforehand, so that no deadline is about DuckDB."""
    graph = Graph(sample_fleet.shop())
    for query in queries(wanted_vm("web-01")):
        graph.ask(query.text)
    return graph


@pytest.fixture
async def server(shop: Graph) -> AsyncIterator[ArmServer]:
    async with ArmServer(shop) as running:
        running.measure(WEB, "", HOUR, [1_000_000.0] * DAYS_OF_HOURS)
        running.measure(WEB, "0", HOUR, [3_000_000.0] * (DAYS_OF_HOURS - 1) + [9_000_000.0])
        yield running
