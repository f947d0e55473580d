"""Bills of the sample fleet at the played Azure: what the tests of reading share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from advisor.azure.cost_cache import CostCache
from advisor.azure.live import LiveInventory
from advisor.bill.months import Month, last_final
from advisor.billing import Billing
from advisor.prices.saved import load_book
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.throttle import QueryUnits
from deploy.local.fleet.sample_vms import DEVELOPMENT, PRODUCTION
from tests.standin.azure.running_azure import AsyncToken

SUBSCRIPTIONS = (DEVELOPMENT, PRODUCTION)
#: No test waits for the played Cost Management unless it is about that.
UNLIMITED = ((100_000, 10.0),)


def newest_final() -> Month:
    return last_final(datetime.now(UTC).date())


@asynccontextmanager
async def billing(azure: AzureStandIn, cache: Path, **options: Any) -> AsyncIterator[Billing]:
    if "windows" not in options:
        azure.world.part(QueryUnits).windows = UNLIMITED
    async with LiveInventory(
        credential=AsyncToken(azure.world), base_url=azure.url, allow_plain_http=True
    ) as inventory:
        kept = CostCache(cache, azure.url)
        known = options.get("earlier", {})
        yield Billing(inventory, load_book(cache), kept, options.get("ledger", ()), earlier=known)
