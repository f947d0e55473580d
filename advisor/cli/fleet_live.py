"""The fleet as Azure has it now: read page by page, a large one put by on the disk meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from advisor.cli.advise import live_inventory
from advisor.cli.fleet_progress import reading_progress
from advisor.errors import VmNotFound

if TYPE_CHECKING:
    from advisor.azure.estate_reading import GatheredEstate, Watched
    from advisor.azure.kept_pages import KeptPages
    from advisor.fleet.sources import FleetSource
    from advisor.inventory.estate import Estate
    from advisor.model.fleet import AzureRead


class LiveFleet(NamedTuple):
    """The fleet, what reading it took, and what is called once all of it was told."""

    source: FleetSource
    azure: AzureRead
    told: Callable[[], None]


def live_fleet(
    subscriptions: Sequence[str], management_groups: Sequence[str], now: datetime, *, resume: bool
) -> LiveFleet:
    """Raises as `LiveInventory.everything`, and VmNotFound for no VM at all."""
    import asyncio

    from advisor.azure.kept_pages import FOLDER, KeptPages
    from advisor.prices.saved import cache_directory

    kept = KeptPages(
        cache_directory() / FOLDER, resume=resume, scope=(*subscriptions, *management_groups)
    )
    with reading_progress() as watched:
        gathered, azure = asyncio.run(_gathered(subscriptions, management_groups, kept, watched))
    source = _source(gathered, kept, now)
    return LiveFleet(source, azure, kept.forget if gathered.is_whole else lambda: None)


async def _gathered(
    subscriptions: Sequence[str],
    management_groups: Sequence[str],
    kept: KeptPages,
    watched: Watched,
) -> tuple[GatheredEstate, AzureRead]:
    from time import monotonic

    from advisor.model.fleet import AzureRead

    async with live_inventory(subscriptions, management_groups) as inventory:
        began = monotonic()
        gathered = await inventory.gathered(kept, watched)
        seconds = Decimal(f"{monotonic() - began:.1f}")
        return gathered, AzureRead(inventory.calls, seconds)


def _source(gathered: GatheredEstate, kept: KeptPages, now: datetime) -> FleetSource:
    from advisor.fleet.large import fleet_of_pages

    if gathered.is_large and any(one.vms for one in gathered.answers):
        return fleet_of_pages(kept.places(), gathered.looked, now)
    return whole_fleet(gathered.estate(now))


def whole_fleet(estate: Estate) -> FleetSource:
    """An estate in memory. Raises VmNotFound where there is no VM in it."""
    from advisor.fleet.sources import WholeFleet

    if not estate.fleet.vms:
        raise VmNotFound("", why=estate.fleet.why_none or "There is no VM in what could be read.")
    return WholeFleet(estate)
