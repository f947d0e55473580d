"""Finding a VM live at the small server: what the tests of the live reading share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from advisor.azure.live import LiveInventory
from advisor.model import KnownVm
from tests.wire import sample_fleet
from tests.wire.arm_server import ArmServer, StaticCredential

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
HOUR = NOW.replace(minute=0)
WEB = sample_fleet.vm_id("web-01")
PROTECTION = "vaults/backuppolicies'"  # only the query about protection names these
POINTS = "microsoft.compute/snapshots"
DAYS_OF_HOURS = 7 * 24


@asynccontextmanager
async def inventory(server: ArmServer, **options: Any) -> AsyncIterator[LiveInventory]:
    options.setdefault("credential", StaticCredential())
    async with LiveInventory(base_url=server.url, allow_plain_http=True, **options) as live:
        yield live


async def find(server: ArmServer, wanted: str = "web-01", **options: Any) -> KnownVm:
    async with inventory(server, **options) as live:
        return await live.find(wanted, NOW)
