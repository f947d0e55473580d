"""Every listed public region: with the played price list's prices an advice is complete.

The list is the stand-in's own (`deploy/local/azure/price_figures.py`): the product reads it over
the wire, and knows neither its figures nor its rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from advisor.advising import advise_known
from advisor.asked import AdviceAsked
from advisor.model import Advice, Line, PriceOrigin, Verdict
from advisor.needs import Tiers
from advisor.present.as_text import advice_text
from advisor.prices.book import Book
from advisor.prices.retail import Patience
from advisor.prices.saved import load_book
from advisor.prices.update import PriceUpdate, update_prices
from advisor.recommend.spread import UNLISTED_TRAFFIC
from advisor.regions import PUBLIC_CLOUD, REGIONS
from deploy.local.azure.retail import PriceList
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from tests.strategies import NOW, a_disk, a_vm, known

PUBLIC = tuple(name for name, each in REGIONS.items() if each.cloud == PUBLIC_CLOUD)
TIERS = {
    "production": {"environment": "production"},
    "development": {"environment": "development"},
    "mission-critical": {"criticality": "mission-critical"},
}
#: Where a mission-critical VM is replicated to another continent. No price list that anybody read
#: has what that traffic costs: the retail API lists one price a region, for its own continent. What
#: is known is the most that it may cost.
TO_ANOTHER_CONTINENT = frozenset({"brazilsouth", "chilecentral"})


def advice_in(region: str, tier: str, book: Book, asked: AdviceAsked | None = None) -> Advice:
    """The advice for a VM of two Premium disks, in a zone where there are some."""
    zones = ("1",) if REGIONS[region].zones is Verdict.YES else ()
    vm = a_vm(a_disk(), a_disk("data", size_gib=512), region=region, zones=zones, tags=TIERS[tier])
    return advise_known(known(vm), asked or AdviceAsked(vm=vm.name), Tiers(), book, NOW)


async def fetched_book(directory: Path, *regions: str) -> Book:
    """What `prices update` saves of these regions, or of every one, read as a command reads it."""
    world = World()
    world.part(PriceList).page_rows = 1000  # as the real list has had since 2026
    async with AzureStandIn(world) as azure:
        wish = PriceUpdate(
            regions=regions or PUBLIC,
            currency="USD",
            directory=directory,
            now=NOW,
            address=azure.url,
            patience=Patience(attempts=1),
        )
        await update_prices(wish, lambda _finished, _of: None)
    return load_book(directory)


def lacking(book: Book) -> Iterator[tuple[str, str, str]]:
    """(region, tier, line) of what the plan to take, or the nearest, has no price for."""
    for region in PUBLIC:
        for tier in TIERS:
            advice = advice_in(region, tier, book)
            assert advice.need.tier == tier
            assert advice.decision.plan is not None, (region, tier)
            for missing in advice.decision.plan.monthly.missing:
                yield region, tier, missing.partition(":")[0]


async def test_with_the_price_list_every_public_region_gets_a_complete_advice(
    tmp_path: Path,
) -> None:
    book = await fetched_book(tmp_path)
    assert not list(lacking(book))
    for region in PUBLIC:
        bounded = {
            (line.usage.name, line.origin)
            for line in lines_in(region, book)
            if line.origin is not PriceOrigin.LISTED
        }
        overseas = {
            (name, PriceOrigin.BOUNDED)
            for name in ("Traffic between regions", "First copy to the other region")
        }
        assert bounded == (overseas if region in TO_ANOTHER_CONTINENT else set())


@pytest.mark.parametrize("region", sorted(TO_ANOTHER_CONTINENT))
async def test_from_south_america_traffic_ranges_up_to_what_others_report_and_is_marked(
    region: str, tmp_path: Path
) -> None:
    book = await fetched_book(tmp_path, region, "southcentralus")
    advice = advice_in(region, "mission-critical", book)
    [traffic] = [
        line for line in lines_in(region, book) if line.usage.name == "Traffic between regions"
    ]
    quantity, monthly = traffic.usage.quantity, traffic.monthly
    assert quantity is not None
    assert monthly is not None
    assert traffic.unit_price == Decimal("0.16")
    assert monthly.high == (quantity.high * Decimal("0.16")).quantize(Decimal("0.0001"))
    assert monthly.likely == (quantity.likely * Decimal("0.16")).quantize(Decimal("0.0001"))
    assert monthly.low < (quantity.low * Decimal("0.16"))
    said = advice_text(advice, width=100, color=False, details=True)
    assert "at most 0.16 a GB (b)" in said
    assert "(b) at most, as others report: What traffic from" in " ".join(said.split())
    short = " ".join(advice_text(advice, width=100, color=False).split())
    assert "known only to be at most so much." in short
    assert "prices update" not in short
    assert advice.prices_as_of > "2026"  # the bound's own date is in its sentence


async def test_once_the_sizes_are_measured_the_bound_drives_the_range(tmp_path: Path) -> None:
    book = await fetched_book(tmp_path, "brazilsouth", "southcentralus")
    measured = AdviceAsked(
        vm="web-01",
        used_gib=Decimal(288),
        changed_gib_per_day=Decimal(6),
        written_gib_per_day=Decimal(17),
    )
    advice = advice_in("brazilsouth", "mission-critical", book, measured)
    assert advice.drives_spread == UNLISTED_TRAFFIC
    at_home = advice_in("southcentralus", "mission-critical", book, measured)
    assert UNLISTED_TRAFFIC not in at_home.drives_spread


def lines_in(region: str, book: Book) -> Iterator[Line]:
    """The lines with an amount of what is recommended to a mission-critical VM."""
    plan = advice_in(region, "mission-critical", book).decision.plan
    for part in plan.parts if plan else ():
        yield from (line for line in part.lines if line.monthly is not None)


@pytest.mark.parametrize("region", ["usgovvirginia", "chinanorth3"])
def test_a_region_that_is_not_listed_says_what_is_not_known(region: str) -> None:
    """The retail list has the public cloud alone."""
    advice = advice_in(region, "production", load_book())
    plan = advice.decision.plan
    assert plan is not None
    assert any("Vault storage: There is no price for" in each for each in plan.monthly.missing)
    assert (plan.monthly.likely, plan.monthly.high) == (None, None)
