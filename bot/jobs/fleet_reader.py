"""The whole fleet for the bot: read and advised on beside the loop, which must answer Slack.

Joining ten thousand VMs and advising on them takes seconds of a processor, so that all of it runs
in a thread with a loop and connections of its own.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import NamedTuple, TypeVar

from advisor.azure.kept_pages import KeptPages
from advisor.azure.live import LiveInventory
from advisor.azure.subscription_standing import SubscriptionStanding
from advisor.azure.vm_standing import VmStanding
from advisor.earlier import NOTHING_EARLIER, Earlier, with_earlier
from advisor.errors import VmNotFound
from advisor.fleet.cores import Work, advised
from advisor.fleet.kinds import one_of_each_kind
from advisor.fleet.report import fleet_report, fleet_rows
from advisor.fleet.top import need_hours
from advisor.inventory.estate import Estate
from advisor.model import KnownVm, StateNow
from advisor.model.fleet import AzureRead, FleetReport, FleetRow
from advisor.needs import Tiers
from advisor.present.fleet_html import FleetColumns, fleet_html
from advisor.prices.pricing import Pricer
from advisor.prices.source import ROUNDS, PriceSource
from advisor.prices.wanted import WantedPrices, wanted_of
from advisor.words import clean

_log = logging.getLogger(__name__)

_Given = TypeVar("_Given")

OpenInventory = Callable[[], AbstractAsyncContextManager[LiveInventory]]
#: Called with each VM and its row, in the thread, as they come.
Watch = Callable[[KnownVm, FleetRow], None]
#: Reads what was found out of VMs before, by the VM's lower-cased id.
ReadEarlier = Callable[[], Awaitable[Mapping[str, Earlier]]]
#: How soon a reading that nobody waits for any more ends.
_LOOK_SECONDS = 0.2

#: Pages of a reading that broke off are used again for so long: the card says so. Ours.
PAGES_KEPT_SECONDS = 30 * 60.0
NOT_KEPT = "A reading of the fleet that breaks off begins anew: %s."  #: why no page is kept


async def nothing_earlier() -> Mapping[str, Earlier]:
    """A ReadEarlier where nothing was kept."""
    return {}


class FleetRead(NamedTuple):
    """A fleet as it was read and advised on at one time."""

    report: FleetReport
    estate: Estate
    pricer: Pricer  #: by which one VM of each kind was priced: it knows every meter that counts
    states_by_tier: Mapping[str, Counter[StateNow]]
    columns: FleetColumns
    need_hours: Decimal  #: of data that the default tier may lose by deletion
    at: datetime

    def page(self) -> str:
        """The whole report as one HTML file; for a large fleet this takes seconds."""
        return fleet_html(self.report, self.columns, self.need_hours)


class ReadingStopped(Exception):
    """Nobody waits for the reading any more."""


class FleetReader:
    """Reads the fleet. `inventory` opens connections for one reading; raises as `everything`."""

    def __init__(
        self,
        inventory: OpenInventory,
        prices: PriceSource,
        tiers: Tiers,
        clock: Callable[[], datetime],
        currency: str = "USD",
        earlier: ReadEarlier = nothing_earlier,
        *,
        pages: Path | None = None,
    ) -> None:
        """`pages`: where those of a reading that broke off are kept, so that the next goes on."""
        self._inventory, self._prices, self._clock = inventory, prices, clock
        self._earlier = earlier
        self.tiers, self.currency = tiers, currency
        self._pages = pages
        self._turn = threading.Lock()  #: whose reading keeps pages; one that is stopped ends first
        self.came: tuple[int, int] | None = None  #: rows that came, and in all; None: none yet

    async def read(self, *watching: Watch) -> FleetRead:
        """Every VM one may read, and what could not be read. Raises VmNotFound for none at all."""
        now, self.came = self._clock(), None
        estate, azure = await beside_the_loop(lambda stop: self._estate(now, stop))
        if not estate.fleet.vms:
            raise VmNotFound("", why=estate.fleet.why_none or "There is no VM in what may be read.")
        estate = with_all_earlier(estate, await self._earlier(), now)
        pricer = await self._priced(estate, now)
        return await beside_the_loop(
            lambda stop: self._advised(estate, azure, pricer, now, watching, stop)
        )

    async def standing_of(self, subscriptions: Iterable[str]) -> list[SubscriptionStanding]:
        """What became of subscriptions of which nothing came. Raises nothing of Azure's."""
        async with self._inventory() as inventory:
            return [await inventory.standing_of(each) for each in sorted(subscriptions)]

    async def vm_standings(
        self, vm_ids: Iterable[str], listed: Collection[str]
    ) -> list[VmStanding]:
        """What became of VMs that are not among those `listed`. Raises nothing of Azure's."""
        async with self._inventory() as inventory:
            return await inventory.vm_standings(vm_ids, listed)

    def _estate(self, now: datetime, stop: threading.Event) -> tuple[Estate, AzureRead]:
        async def read() -> tuple[Estate, AzureRead]:
            began = monotonic()
            kept = self._kept()
            async with self._inventory() as inventory:
                reading = inventory.everything(now, kept, self._watched)
                estate = await unless_stopped(reading, stop)
                if kept is not None and kept.unwritten:
                    _log.warning(NOT_KEPT, kept.unwritten)
                seconds = Decimal(f"{monotonic() - began:.1f}")
                return estate, AzureRead(inventory.calls, seconds)

        with self._turn:
            return asyncio.run(read())

    def _kept(self) -> KeptPages | None:
        if self._pages is None:
            return None
        try:
            return KeptPages(self._pages, resume=True, good_for_seconds=PAGES_KEPT_SECONDS)
        except OSError as error:
            _log.warning(NOT_KEPT, error)
            return None

    def _watched(self, rows: int, total: int) -> None:
        self.came = rows, total

    async def _priced(self, estate: Estate, now: datetime) -> Pricer:
        """A pricer that priced one VM of each kind, once what they lack was asked for."""
        few = one_of_each_kind(estate.fleet.vms)

        def work(stop: threading.Event) -> tuple[Pricer, WantedPrices]:
            pricer = Pricer(self._prices.book, self.currency, now.date())
            for _ in unless_set(stop, fleet_rows(few, self.currency, self.tiers, pricer, now)):
                pass
            return pricer, wanted_of(pricer, now.date())

        began = monotonic()
        pricer, wanted = await beside_the_loop(work)
        for _ in range(ROUNDS):
            said = await self._prices.bring(wanted, now, monotonic() - began)
            if not said.has_new:
                break
            pricer, wanted = await beside_the_loop(work)
        return pricer

    def _advised(
        self,
        estate: Estate,
        azure: AzureRead,
        pricer: Pricer,
        now: datetime,
        watching: Iterable[Watch],
        stop: threading.Event,
    ) -> FleetRead:
        vms, columns = estate.fleet.vms, FleetColumns()
        by_tier: dict[str, Counter[StateNow]] = defaultdict(Counter)

        def seen() -> Iterator[FleetRow]:
            rows = advised(vms, Work(self.currency, self.tiers, pricer.book, now))
            for known, row in zip(vms, unless_set(stop, rows), strict=True):
                by_tier[row.tier][row.state] += 1
                for watch in watching:
                    watch(known, row)
                yield row

        report = fleet_report(columns.passing(seen()), estate, pricer, now, azure=azure)
        return FleetRead(report, estate, pricer, by_tier, columns, need_hours(self.tiers), now)


def with_all_earlier(estate: Estate, earlier: Mapping[str, Earlier], now: datetime) -> Estate:
    """Each VM with what was found out of it before."""
    vms = tuple(
        with_earlier(known, earlier.get(known.vm.key, NOTHING_EARLIER), now)
        for known in estate.fleet.vms
    )
    return estate._replace(fleet=estate.fleet._replace(vms=vms))


def unread_clauses(estate: Estate) -> tuple[str, ...]:
    """What could not be read, without what only a terminal takes: `the vaults: 403 Forbidden`."""
    said = (f"{clean(one.what)}: {clean(one.why)}" for one in estate.looked.unclear)
    return tuple(dict.fromkeys(said))


async def beside_the_loop(work: Callable[[threading.Event], _Given]) -> _Given:
    """Run work in a thread. It is told to stop where whoever waits for it is cancelled."""
    stop = threading.Event()
    try:
        return await asyncio.to_thread(work, stop)
    except asyncio.CancelledError:
        stop.set()
        raise


def unless_set(stop: threading.Event, rows: Iterable[_Given]) -> Iterator[_Given]:
    """The rows; raises ReadingStopped once nobody waits for them."""
    for row in rows:
        if stop.is_set():
            raise ReadingStopped
        yield row


async def unless_stopped(reading: Awaitable[_Given], stop: threading.Event) -> _Given:
    """The reading; raises ReadingStopped once nobody waits for it."""
    task = asyncio.ensure_future(reading)
    while not task.done():
        await asyncio.wait({task}, timeout=_LOOK_SECONDS)
        if stop.is_set():
            task.cancel()
            await asyncio.wait({task})
            raise ReadingStopped
    return task.result()
