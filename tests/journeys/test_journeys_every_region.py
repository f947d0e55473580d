"""Every listed public region: with the played price list's prices an advice is complete.

The list is the stand-in's own (`deploy/local/azure/price_figures.py`): the product reads it over
the wire, and knows neither its figures nor its rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.advising import advise_known
from advisor.asked import AdviceAsked
from advisor.model import Advice, PriceOrigin, Verdict
from advisor.needs import Tiers
from advisor.present.as_text import advice_text
from advisor.prices.book import Book
from advisor.prices.retail import Patience
from advisor.prices.saved import load_book
from advisor.prices.update import PriceUpdate, update_prices
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
#: has what that traffic costs: the retail API lists one price a region, for its own continent.
TO_ANOTHER_CONTINENT = frozenset({"brazilsouth", "chilecentral"})


def advice_in(region: str, tier: str, book: Book) -> Advice:
    """The advice for a VM of two Premium disks, in a zone where there are some."""
    zones = ("1",) if REGIONS[region].zones is Verdict.YES else ()
    vm = a_vm(a_disk(), a_disk("data", size_gib=512), region=region, zones=zones, tags=TIERS[tier])
    return advise_known(known(vm), AdviceAsked(vm=vm.name), Tiers(), book, NOW)


async def fetched_book(directory: Path) -> Book:
    """What `prices update` saves of every public region, read as a command reads it."""
    world = World()
    world.part(PriceList).page_rows = 1000  # as the real list has had since 2026
    async with AzureStandIn(world) as azure:
        wish = PriceUpdate(
            regions=PUBLIC,
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
    assert set(lacking(book)) == {
        (region, "mission-critical", "Traffic between regions") for region in TO_ANOTHER_CONTINENT
    }
    for region in TO_ANOTHER_CONTINENT:
        advice = advice_in(region, "mission-critical", book)
        assert advice.decision.plan is not None
        [said] = advice.decision.plan.monthly.missing
        assert "the one that is listed holds within a continent" in said
        assert "It is at most 0.16 USD a GB" in said
        assert "prices update" not in advice_text(advice, width=100, color=False)
    assert {*origins(book)} == {PriceOrigin.LISTED}


def origins(book: Book) -> Iterator[PriceOrigin]:
    """Where the prices of the recommended plans come from."""
    for region in PUBLIC:
        plan = advice_in(region, "mission-critical", book).decision.plan
        for part in plan.parts if plan else ():
            yield from (line.origin for line in part.lines if line.monthly is not None)


@pytest.mark.parametrize("region", ["usgovvirginia", "chinanorth3"])
def test_a_region_that_is_not_listed_says_what_is_not_known(region: str) -> None:
    """The retail list has the public cloud alone."""
    advice = advice_in(region, "production", load_book())
    plan = advice.decision.plan
    assert plan is not None
    assert any("Vault storage: There is no price for" in each for each in plan.monthly.missing)
    assert (plan.monthly.likely, plan.monthly.high) == (None, None)
