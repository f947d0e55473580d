"""The fleet as Azure has it now: read page by page, a large one put by on the disk meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from advisor.cli.advise import live_inventory
from advisor.cli.fleet_progress import reading_progress
from advisor.cli.output import say
from advisor.errors import UsageError, VmNotFound

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
    """Raises as `LiveInventory.everything`, VmNotFound for no VM at all, and UsageError where the
    pages of a reading can be kept nowhere, or those that --resume is about are another's now."""
    import asyncio

    from advisor.azure.kept_pages import KeptPages

    place = _place_for_pages(resume=resume)
    try:
        kept = KeptPages(place.folder, resume=resume, scope=(*subscriptions, *management_groups))
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise UsageError(f"{place.folder} cannot hold what is read: {reason}.") from error
    with reading_progress() as watched:
        gathered, azure = asyncio.run(_gathered(subscriptions, management_groups, kept, watched))
    source = _source(gathered, kept, now)

    def told() -> None:
        if gathered.is_whole:
            kept.forget()
        place.held.close()

    return LiveFleet(source, azure, told)


class _Place(NamedTuple):
    """Where the pages go. `held`: closed once they are not needed any more."""

    folder: Path
    held: ExitStack


def _place_for_pages(*, resume: bool) -> _Place:
    """The folder of the cache, for this process alone; beside another one a folder that goes with
    this one: two readings that write into one would each count the other's VMs."""
    from tempfile import TemporaryDirectory

    from advisor.azure.kept_pages import FOLDER
    from advisor.file_lock import locked
    from advisor.prices.saved import cache_directory

    cache, held = cache_directory(), ExitStack()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        is_ours = held.enter_context(locked(cache / f"{FOLDER}.lock"))
        if is_ours:
            return _Place(cache / FOLDER, held)
        if resume:
            raise UsageError(
                "Another vmbackup fleet is reading, and holds what --resume is about. Wait for it."
            )
        say("Another vmbackup fleet is reading: if this one breaks off, it begins anew.")
        folder = held.enter_context(TemporaryDirectory(prefix="vmbackup-fleet-"))
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise UsageError(f"{cache} cannot hold what is read: {reason}.") from error
    return _Place(Path(folder), held)


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
