"""The product living through the simulated year: advice each month, bills read at the played Azure.

On the tenth of each month it reads the bill of the newest final month, learns of it, and advises on
every VM. In the end each month's estimates are held against what the simulation says it cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from advisor.advising import advise_briefly
from advisor.asked import AdviceAsked
from advisor.azure.cost_cache import CostCache
from advisor.azure.live import LiveInventory
from advisor.azure.whole import whole_inventory
from advisor.bill.accuracy import JudgedMonth
from advisor.bill.ledger import LedgerEntry, entry_of
from advisor.bill.months import Month, month_of
from advisor.billing import Billing
from advisor.earlier import Earlier
from advisor.learned import with_bill
from advisor.model import BilledSizes
from advisor.needs import Tiers
from advisor.prices.book import Book
from advisor.prices.own import OwnPrices
from advisor.prices.pricing import Pricer
from advisor.prices.sheet import read_sheet
from advisor.prices.shipped import shipped_book, shipped_quotes
from deploy.local.azure.price_sheet import sheet_text
from deploy.local.azure.retail import PriceList
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.throttle import QueryUnits
from tests.bill.year.played import PlayedYear, played_year
from tests.standin.azure.running_azure import AsyncToken

FIRST, LAST = date(2025, 11, 1), date(2026, 10, 31)
#: The fleet that was looked at while the product's learning was written. No figure is told of it.
SEEN_SEED = 1
#: Fleets that nobody looked at: what is told and tested is of them.
HELD_OUT_SEED = 20261130
_ADVISED_ON = 10  #: the day of the month


class YearJudged(NamedTuple):
    """Medians of the errors as shares of the true cost, by month."""

    months: tuple[Month, ...]
    errors: tuple[Decimal, ...]  #: of every VM, held against what the simulation says it cost
    own_errors: tuple[Decimal, ...]  #: of those whose vault is theirs or bills by item
    told: tuple[Decimal, ...]  #: as the product tells it, held against its own bills
    ninetieths: tuple[Decimal, ...]  #: what nine of ten stay within, of every VM
    learned: int  #: VMs of which something was learned in the end
    vms: int


async def year_judged(count: int, seed: int, cache: Path) -> YearJudged:
    """A fleet of `count` VMs, the same one for each seed."""
    year = played_year(count, seed, FIRST, LAST)
    year.world.part(QueryUnits).windows = ((100_000, 10.0),)
    book, months = _own_book(year), _months()
    ledger: list[LedgerEntry] = []
    learned: dict[str, BilledSizes] = {}
    async with (
        AzureStandIn(year.world) as azure,
        LiveInventory(
            credential=AsyncToken(year.world), base_url=azure.url, allow_plain_http=True
        ) as inventory,
    ):

        def billing(now: datetime) -> Billing:
            kept = CostCache(cache, azure.url)
            before = {vm: Earlier(billed) for vm, billed in learned.items()}
            return Billing(inventory, book, kept, tuple(ledger), lambda: now, before)

        for month in months:
            now = datetime.combine(month.first, time(12), UTC) + timedelta(days=_ADVISED_ON - 1)
            year.show(now)
            if month != months[0]:
                learned |= (await billing(now).judged([month.before])).learned
            ledger += await _advised(inventory, learned, book, now)
        after = datetime.combine(LAST, time(12), UTC) + timedelta(days=10)
        held = (await billing(after).judged(months)).judged
    return _judged(year, months, held, len(learned))


async def _advised(
    inventory: LiveInventory, learned: dict[str, BilledSizes], book: Book, now: datetime
) -> list[LedgerEntry]:
    whole = await whole_inventory(inventory, now)
    pricer = Pricer(book, "USD", now.date())
    entries = []
    for each in whole.vms:
        known = with_bill(each, learned.get(each.vm.key), now)
        asked = AdviceAsked(vm=known.vm.id)
        entries.append(entry_of(advise_briefly(known, asked, Tiers(), pricer, now), now))
    return entries


def _own_book(year: PlayedYear) -> Book:
    """The prices of the played agreement, from its sheet: what is billed is billed at them."""
    text = sheet_text("1234567", "profile", year.world.part(PriceList).rows)
    sheet = read_sheet(text, "sheet.csv", shipped_book().keys, LAST)
    now = datetime.combine(LAST, time(12), UTC)
    return Book(shipped_quotes(), own=OwnPrices(sheet.kind.value, "sheet.csv", now, sheet.quotes))


def _months() -> tuple[Month, ...]:
    months = [month_of(FIRST)]
    while months[-1] != month_of(LAST):
        months.append(months[-1].after)
    return tuple(months)


def _judged(
    year: PlayedYear, months: Sequence[Month], held: Sequence[JudgedMonth], learned: int
) -> YearJudged:
    estimated = {(one.vm, str(one.month)): one.billed + one.error for one in held}
    errors: dict[str, dict[str, Decimal]] = {}
    for (vm, month), cost in year.cost.items():
        said = estimated.get((vm, month), Decimal(0))
        errors.setdefault(month, {})[vm] = abs(said - cost) / cost
    of_month = [errors[str(month)] for month in months]
    own = [[e for vm, e in each.items() if vm not in year.shared] for each in of_month]
    return YearJudged(
        months=tuple(months),
        errors=tuple(median(each.values()) for each in of_month),
        own_errors=tuple(median(each) for each in own),
        told=tuple(
            median(abs(one.error) / one.billed for one in held if one.month == month)
            for month in months
        ),
        ninetieths=tuple(quantiles(each.values(), n=10)[-1] for each in of_month),
        learned=learned,
        vms=len(year.ids),
    )
