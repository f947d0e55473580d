"""Missing prices: how far they may go before the answer changes, and when none can be given."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from advisor.advising import advise_known
from advisor.model import Event, Meter, Retention
from advisor.needs import Tiers
from advisor.prices.book import Book, KnownPrices
from advisor.prices.quote import Quote, key_of
from advisor.prices.shipped import shipped_quotes
from advisor.recommend.assess import Judge
from advisor.recommend.bound import settle
from advisor.recommend.plans import fresh_plans
from tests.recommend.made import a_candidate, a_line, a_need, prices
from tests.strategies import NOW, a_disk, a_vm, advise, asked, known

SITE = "site-recovery"


def test_a_plan_whose_missing_price_at_one_and_a_half_times_the_dearest_is_cheaper_wins() -> None:
    """100 GB at 0.10 and half as much again are 15, with the known 10 less than 30."""
    ours = a_candidate(a_line("10"), a_line(None, much="100"))
    rival = a_candidate(a_line("30"), option=SITE)
    settled = settle([ours, rival], prices(storage=("0.02", "0.10")))
    assert settled.winner is ours
    assert settled.sentence == (
        "It is the cheapest unless the price of storage is above 0.2 USD a GB"
        " (dearest known: 0.1 USD)."
    )


def test_a_plan_that_could_be_dearer_is_not_recommended_and_neither_is_its_rival() -> None:
    ours = a_candidate(a_line("10"), a_line(None, much="100"))
    rival = a_candidate(a_line("20"), option=SITE)
    settled = settle([ours, rival], prices(storage=("0.02", "0.10")))
    assert settled.winner is None
    assert {each.options for each in settled.open} == {rival.options, ours.options}


def test_a_rivals_missing_price_counts_at_the_cheapest_known() -> None:
    ours = a_candidate(a_line("20"))
    rival = a_candidate(a_line("10"), a_line(None, much="100"), option=SITE)
    settled = settle([ours, rival], prices(storage=("0.12", "0.30")))
    assert settled.winner is ours
    assert "unless the price of storage is below 0.1 USD a GB" in settled.sentence
    assert settle([ours, rival], prices(storage=("0.02", "0.30"))).winner is None


def test_what_both_lack_cancels_for_the_quantity_they_share() -> None:
    """Nothing is known of the meter, and nothing needs to be."""
    ours = a_candidate(a_line("10"), a_line(None, much="100"))
    rival = a_candidate(a_line("20"), a_line(None, much="100"), option=SITE)
    assert settle([ours, rival], prices()).winner is ours
    more = a_candidate(a_line("10"), a_line(None, much="101"))
    assert settle([more, rival], prices()).winner is None


def test_a_meter_known_nowhere_bounds_nothing() -> None:
    ours = a_candidate(a_line("1"), a_line(None, much="1"))
    rival = a_candidate(a_line("1000"), option=SITE)
    assert settle([ours, rival], prices()).winner is None


def test_of_alike_configurations_none_is_left_out_for_one_whose_meter_is_known_nowhere() -> None:
    """One costs 1 and something that nobody knows, the other 1 and 10 at the price known."""
    judge = Judge(a_need())
    nowhere = a_candidate(a_line("1"), a_line(None, meter="nobody")).parts
    known = a_candidate(a_line("1"), a_line(None, much="100")).parts
    for assessed in ([*nowhere, *known], [*known, *nowhere]):
        fresh = fresh_plans(assessed, judge, prices(storage=("0.10", "0.10")), lambda _: ())
        assert fresh.best is not None
        assert fresh.best.parts == known


def test_several_missing_prices_are_told_as_one_factor_on_all() -> None:
    ours = a_candidate(
        a_line("10"), a_line(None, much="100"), a_line(None, meter="traffic", much="10")
    )
    rival = a_candidate(a_line("30"), option=SITE)
    settled = settle([ours, rival], prices(storage=("0.01", "0.04"), traffic=("0.1", "0.1")))
    assert settled.winner is ours
    assert "2 missing prices come to more than 4 times the dearest known" in settled.sentence


def test_of_one_option_the_one_that_lacks_less_is_the_cheaper_at_the_prices_known() -> None:
    """10 and 100 GB are dearer than 12 and 10 GB, at 0.10 a GB."""
    much, less = (
        a_candidate(a_line(known), a_line(None, much=gib))
        for known, gib in (("10", "100"), ("12", "10"))
    )
    assert settle([much, less], prices(storage=("0.10", "0.10"))).winner is less


def test_a_rival_of_the_same_option_that_lacks_a_price_is_not_lost() -> None:
    """Without what it lacks it is cheaper, with the cheapest price known it is dearer."""
    ours = a_candidate(a_line("20"))
    same = a_candidate(a_line("15"), a_line(None, much="100"))
    assert settle([ours, same], prices(storage=("0.10", "0.10"))).winner is ours
    assert settle([ours, same], prices(storage=("0.01", "0.02"))).winner is same


def quote(region: str, amount: str, unit: str = "1 GB/Month") -> Quote:
    key = key_of("Backup", "Backup", "Standard", "Standard LRS Data Stored", region, "USD")
    return Quote(key, unit, Decimal(0), Decimal(amount), "2026-08-22", "A", "seen")


def test_a_vault_that_lost_its_price_stands_beside_the_dearer_one_that_is_taken() -> None:
    quotes = [
        quote
        for quote in shipped_quotes()
        if (quote.key.meter, quote.key.region) != ("Standard LRS Data Stored", "westeurope")
    ]
    big = known(a_vm(a_disk(size_gib=1024)))
    asked_for = asked(survive=(Event.DELETION,), isolated=False)
    decision = advise_known(big, asked_for, Tiers(), Book(quotes), NOW).decision
    assert decision.plan is not None
    assert decision.plan.monthly.complete
    [beside] = [each for each in decision.alternatives if each.why == "may-cost-less"]
    assert beside.plan is not None
    assert not beside.plan.monthly.complete
    assert "LRS vault" in beside.sentence


@pytest.mark.parametrize("lacking", ["no more", "Snapshots"])
def test_a_plan_by_other_options_that_may_cost_half_is_named_beside_what_is_taken(
    lacking: str,
) -> None:
    """No book has the archive of a GRS vault: the pair is taken, and that is said beside it; also
    where snapshots have no price here, of which one is known elsewhere."""
    quotes = [
        quote
        for quote in shipped_quotes()
        if lacking not in quote.key.meter or quote.key.region != "westeurope"
    ]
    big = known(a_vm(a_disk(size_gib=64), a_disk("data", is_os=False, lun=0, size_gib=4096)))
    asked_for = asked(
        survive=(Event.DELETION, Event.REGION),
        keep=Retention(daily=30, weekly=12, monthly=60, yearly=10),
        isolated=False,
    )
    decision = advise_known(big, asked_for, Tiers(), Book(quotes), NOW).decision
    assert decision.plan is not None
    assert decision.plan.options == ("azure-backup", SITE)
    [beside] = [each for each in decision.alternatives if each.why == "may-cost-less"]
    assert beside.plan is not None
    assert beside.plan.options == ("azure-backup",)
    assert "no price for archive storage" in beside.sentence


def test_the_book_tells_the_cheapest_and_the_dearest_of_a_meter_in_any_region() -> None:
    book = Book([quote("a", "0.02"), quote("b", "0.05"), quote("c", "9", "1/Month")])
    meter = Meter("Backup", "Backup", "Standard", "Standard LRS Data Stored", "elsewhere")
    day = date(2026, 11, 22)
    known = book.known_anywhere(meter, "1 GB/Month", "USD", day)
    assert known == KnownPrices(Decimal("0.02"), Decimal("0.05"))
    assert book.known_anywhere(meter, "1 GB/Month", "EUR", day) is None
    other = meter._replace(meter="Standard GRS Data Stored")
    assert book.known_anywhere(other, "1 GB/Month", "USD", day) is None


@pytest.mark.parametrize("region", ["eastus2", "swedencentral"])
def test_no_complete_plan_is_called_the_cheapest_where_a_price_is_missing(region: str) -> None:
    advice = advise(a_vm(region=region))
    assert advice.decision.plan is not None
    assert advice.decision.plan.monthly.missing
    assert not any("the cheapest" in reason for reason in advice.reasons)
    assert f"prices update --region {region}" in " ".join(advice.decision.todo)
