"""The update of the saved prices: fetch every part, resume, and replace the file at the end.

A part is one service in one region and currency. Finished parts wait in a file beside the
saved one, so that an update that failed or was stopped goes on where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
from yarl import URL

from advisor.errors import InputUnreadable, UsageError, VmbackupError
from advisor.prices.book import PriceListPart
from advisor.prices.list_address import RETAIL_PRICES
from advisor.prices.retail import Patience, checked_address, fetch_part, list_session
from advisor.prices.saved import (
    SAVED_NAME,
    SavedPart,
    SavedPrices,
    changing,
    read_parts,
    read_saved,
    write_parts,
    write_saved,
)
from advisor.prices.scope import SERVICES

PARTIAL_NAME = "prices.partial.json"
FRESH_FOR = timedelta(hours=1)  #: how long a finished part of an unfinished update is good
_AT_ONCE = 4  # requests side by side: few enough for a list that throttles


@dataclass(frozen=True, slots=True)
class UpdatedPrices:
    """What an update brought. `resumed` parts were already there; `empty` ones had no prices."""

    path: Path
    prices: int
    resumed: int
    empty: tuple[PriceListPart, ...]
    replaced_damaged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceUpdate:
    """What to fetch, from where, and where to keep it. `now` has a time zone."""

    regions: Sequence[str]
    currency: str
    directory: Path
    now: datetime
    address: str = RETAIL_PRICES
    patience: Patience = field(default_factory=Patience)


async def update_prices(wish: PriceUpdate, on_part: Callable[[int, int], None]) -> UpdatedPrices:
    """Fetch and save; `on_part(finished, of)` is called as parts finish.

    Raises UsageError, AzureRefused, AzureUnreachable or InputUnreadable; then the prices saved
    before are as they were, and the finished parts are kept for the next time.
    """
    origin = checked_address(wish.address)
    wanted = [
        PriceListPart(region, wish.currency, service)
        for region in dict.fromkeys(wish.regions)
        for service in SERVICES
    ]
    finished = _still_fresh(wish, origin, wanted)
    resumed = len(finished)
    on_part(resumed, len(wanted))
    await _fetch_all(wish, origin, wanted, finished, on_part)
    _refuse_unknown_regions(wish, finished)
    damaged = _save(wish, finished)
    prices = sum(len(each.quotes) for each in finished.values())
    empty = tuple(part for part in wanted if not finished[part].quotes)
    return UpdatedPrices(wish.directory / SAVED_NAME, prices, resumed, empty, damaged)


def _still_fresh(
    wish: PriceUpdate, origin: URL, wanted: Iterable[PriceListPart]
) -> dict[PriceListPart, SavedPart]:
    """The wanted parts that an unfinished update of the last hour has brought already."""
    try:
        known = {each.part: each for each in read_parts(wish.directory / PARTIAL_NAME)}
    except InputUnreadable:
        return {}  # it only saves requests: what it held is fetched anew and the file replaced
    return {
        part: known[part]
        for part in wanted
        if part in known
        and known[part].source == str(origin)
        and timedelta(0) <= wish.now - known[part].fetched_at <= FRESH_FOR
    }


async def _fetch_all(
    wish: PriceUpdate,
    origin: URL,
    wanted: Sequence[PriceListPart],
    finished: dict[PriceListPart, SavedPart],
    on_part: Callable[[int, int], None],
) -> None:
    """Fetch what is not finished, a few at once; the first error stops the others."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def fetch(session: aiohttp.ClientSession, part: PriceListPart) -> None:
        async with turn:
            quotes = await fetch_part(session, origin, part, wish.patience, wish.now)
        finished[part] = SavedPart(part, wish.now, str(origin), quotes)
        write_parts(wish.directory / PARTIAL_NAME, finished.values())
        on_part(len(finished), len(wanted))

    try:
        async with list_session(origin) as session, asyncio.TaskGroup() as group:
            for part in wanted:
                if part not in finished:
                    group.create_task(fetch(session, part))
    except BaseExceptionGroup as errors:
        ours = errors.subgroup(VmbackupError)
        raise (ours or errors).exceptions[0] from errors


def _refuse_unknown_regions(wish: PriceUpdate, finished: dict[PriceListPart, SavedPart]) -> None:
    """A region without a single price is a slip of the keyboard, or a list that is broken."""
    priced = {part.region for part, each in finished.items() if each.quotes}
    for region in wish.regions:
        if region not in priced:
            raise UsageError(
                f"Azure's price list has no prices for a region called “{region}” in "
                f"{wish.currency}. The prices saved before are kept. Check the name: "
                "`az account list-locations -o table` lists them."
            )


def _save(wish: PriceUpdate, finished: dict[PriceListPart, SavedPart]) -> bool:
    """Put the new parts in place of the old ones; True where the old file was damaged.

    A part that came back empty replaces nothing: the list is known to drop rows for days.
    """
    path = wish.directory / SAVED_NAME
    with changing(path):
        try:
            saved = read_saved(path)
            damaged = False
        except InputUnreadable:
            # The remedy for a damaged file is this very update; the caller says that it was used.
            saved, damaged = SavedPrices(), True
        parts = {each.part: each for each in saved.parts}
        parts.update((part, each) for part, each in finished.items() if each.quotes)
        new = {part for part, each in finished.items() if each.quotes}
        meters = tuple(each for each in saved.meters if each.part not in new)
        write_saved(path, SavedPrices(tuple(parts[part] for part in sorted(parts)), meters))
    (wish.directory / PARTIAL_NAME).unlink(missing_ok=True)
    return damaged
