"""The ledger of estimates: what is kept, what a bill is held against, and how far it was off."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.bill.accuracy import JudgedMonth, accuracies
from advisor.bill.compare import EstimatedLine, differences
from advisor.bill.divide import BilledLine, How
from advisor.bill.kinds import BillPart, MeterPurpose
from advisor.bill.ledger import (
    Assumed,
    EntryUnreadable,
    LedgerEntry,
    entry_from,
    entry_of,
    entry_to_dict,
    estimate_for,
)
from advisor.bill.months import Month, final_since
from advisor.errors import InputUnreadable, UsageError
from advisor.ledger_file import LEDGER_NAME, keep, kept
from advisor.model import Range
from tests.bill.billing_at_azure import billing, newest_final
from tests.bot.sample_advice import an_advice
from tests.standin.azure.fleet_azure import running_fleet

OCTOBER = Month(2026, 10)
BACKUP = (BillPart.BACKUP, MeterPurpose.STORED)
REPLICATION = (BillPart.SITE_RECOVERY, MeterPurpose.REPLICATION)
TRAFFIC = (BillPart.TRAFFIC, MeterPurpose.TRAFFIC)

decimals = st.decimals(0, 10_000, allow_nan=False, places=6)
ranges = st.tuples(decimals, decimals, decimals).map(lambda three: Range(*sorted(three)))
lines = st.builds(
    EstimatedLine,
    st.sampled_from(tuple(BillPart)),
    st.sampled_from(tuple(MeterPurpose)),
    st.text(max_size=20),
    st.none() | ranges,
    st.none() | decimals,
    st.none() | ranges,
    st.sampled_from(("measured", "billed", "stated", "assumed")),
)
entries = st.builds(
    LedgerEntry,
    vm=st.text(min_size=1, max_size=20),
    given_at=st.datetimes(timezones=st.just(UTC)),
    currency=st.sampled_from(("USD", "EUR")),
    prices_as_of=st.just("2026-11-01"),
    sizes=st.dictionaries(st.text(max_size=10), st.builds(Assumed, ranges, st.text(max_size=8))),
    in_place=st.lists(lines, max_size=3).map(tuple),
    advised=st.lists(lines, max_size=3).map(tuple),
)


def line(what: tuple[BillPart, MeterPurpose], amount: str) -> EstimatedLine:
    one = Range.exactly(Decimal(1))
    price = Decimal(amount)
    return EstimatedLine(*what, "line", one, price, Range.exactly(price), "assumed")


def entry(
    day: date, in_place: tuple[EstimatedLine, ...], advised: tuple[EstimatedLine, ...] = ()
) -> LedgerEntry:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return LedgerEntry("vm", at, "USD", "2026-11-01", {}, in_place, advised)


@given(entries)
def test_an_entry_is_read_as_it_was_written(one: LedgerEntry) -> None:
    assert entry_from(entry_to_dict(one)) == one


def test_an_advice_is_kept_with_its_lines_and_its_assumptions() -> None:
    given_advice = an_advice()
    one = entry_of(given_advice, datetime(2026, 11, 30, tzinfo=UTC))
    assert one.vm == given_advice.known.vm.key
    assert one.sizes["used_gib"].range == given_advice.sizing.used_gib.range
    assert one.sizes["used_gib"].source == given_advice.sizing.used_gib.source.value
    assert one.in_place or one.advised
    assert entry_from(entry_to_dict(one)) == one


@pytest.mark.parametrize("document", [None, [], {}, {"schema": 2}, {"schema": 1, "vm": "x"}])
def test_what_is_no_entry_is_not_taken_for_one(document: object) -> None:
    with pytest.raises(EntryUnreadable):
        entry_from(document)


def test_the_newest_estimate_given_before_the_month_was_over_counts() -> None:
    given_ones = [
        entry(date(2026, 9, 1), (line(BACKUP, "10"),)),
        entry(date(2026, 10, 31), (line(BACKUP, "20"),)),
        entry(date(2026, 11, 1), (line(BACKUP, "30"),)),
    ]
    found = estimate_for(given_ones, "vm", OCTOBER, "USD", [BillPart.BACKUP])
    assert found is not None
    assert [one.unit_price for one in found.lines] == [Decimal(20)]
    assert estimate_for(given_ones, "vm", OCTOBER, "EUR", [BillPart.BACKUP]) is None
    assert estimate_for(given_ones, "vm", Month(2026, 8), "USD", [BillPart.BACKUP]) is None
    assert estimate_for(given_ones, "other", OCTOBER, "USD", [BillPart.BACKUP]) is None


def test_what_was_advised_counts_where_it_was_billed_and_not_beside_what_was_in_place() -> None:
    advised = (line(BACKUP, "99"), line(REPLICATION, "25"), line(TRAFFIC, "3"))
    given_ones = [entry(date(2026, 10, 1), (line(BACKUP, "10"),), advised)]

    def estimated(*billed: BillPart) -> list[str]:
        found = estimate_for(given_ones, "vm", OCTOBER, "USD", billed)
        assert found is not None
        return [str(one.unit_price) for one in found.lines]

    assert estimated(BillPart.BACKUP) == ["10"]
    assert estimated(BillPart.BACKUP, BillPart.SITE_RECOVERY) == ["10", "25", "3"]


# --- how far off -----------------------------------------------------------------------------


def judged(vm: str, month: Month, estimated: str, billed: str, quantity: str = "1") -> JudgedMonth:
    bill = BilledLine(vm, *BACKUP, "m", "id", How.OWN, Decimal(quantity), Decimal(billed), "USD")
    said = estimate_for(
        [entry(date(2026, 9, 1), (line(BACKUP, estimated),))], "vm", month, "USD", ()
    )
    assert said is not None
    return JudgedMonth(vm, month, "USD", differences([bill], said, "USD"))


def test_the_errors_of_a_fleet_as_median_ninetieth_and_bias() -> None:
    """Errors of 10, 20, 30 and 100 % of 100 each, the last too little."""
    ones = [
        judged("a", OCTOBER, "110", "100"),
        judged("b", OCTOBER, "120", "100"),
        judged("c", OCTOBER, "130", "100"),
        judged("d", Month(2026, 9), "0", "100"),
    ]
    [found] = accuracies(ones)
    assert found.all.median == Decimal("0.25")
    assert found.all.ninetieth == Decimal("0.79")
    assert found.all.bias == Decimal("-0.1")
    assert found.by_month[OCTOBER].median == Decimal("0.2")
    assert found.by_part[BillPart.BACKUP].cases == 4


def test_a_price_that_was_off_is_no_assumption_that_was_off() -> None:
    [found] = accuracies([judged("a", OCTOBER, "110", "100")])
    assert (found.causes.price, found.causes.quantity, found.worst) == (Decimal(10), 0, None)
    [found] = accuracies([judged("a", OCTOBER, "100", "200", quantity="2")])
    assert (found.causes.price, found.causes.quantity) == (0, Decimal(-100))
    assert found.worst is not None
    assert found.worst[0] is MeterPurpose.STORED


def test_what_was_not_billed_at_all_has_no_share_and_is_counted() -> None:
    said = estimate_for([entry(date(2026, 9, 1), (line(BACKUP, "10"),))], "vm", OCTOBER, "USD", ())
    assert said is not None
    [found] = accuracies([JudgedMonth("vm", OCTOBER, "USD", differences([], said, "USD"))])
    assert (found.all.median, found.all.bias, found.causes.not_billed) == (None, None, 10)


def test_the_months_are_final_and_begin_with_the_first_estimate() -> None:
    today = date(2026, 11, 30)
    assert final_since(date(2026, 9, 20), today, 12) == (Month(2026, 9), OCTOBER)
    assert final_since(date(2026, 9, 20), today, 1) == (OCTOBER,)
    assert final_since(date(2026, 11, 2), today, 12) == ()


async def test_an_estimate_given_before_a_month_is_held_against_its_bill(tmp_path: Path) -> None:
    month = newest_final()
    async with running_fleet() as azure:
        async with billing(azure, tmp_path) as bills:
            first = await bills.of_vm("sql-01", month)
        assert first.estimate is not None
        said = LedgerEntry(
            vm=first.vm,
            given_at=datetime(month.year, month.month, 1, tzinfo=UTC),
            currency="USD",
            prices_as_of="",
            sizes={},
            in_place=first.estimate.lines,
            advised=(),
        )
        async with billing(azure, tmp_path, ledger=[said]) as bills:
            [found] = (await bills.judged([month])).judged
            again = await bills.of_vm("sql-01", month)
            with pytest.raises(UsageError, match="no verdict"):
                await bills.judged([month.after.after])
    assert found.vm == first.vm
    assert found.error == sum((one.error for one in first.differences), Decimal(0))
    assert again.estimate is not None
    assert again.estimate.given_at == said.given_at


# --- the file --------------------------------------------------------------------------------


def test_the_file_keeps_every_entry_in_order_for_its_owner_alone(tmp_path: Path) -> None:
    ones = [entry(date(2026, 10, day), (line(BACKUP, str(day)),)) for day in (1, 2, 3)]
    for one in ones:
        keep(tmp_path / "state", one)
    assert kept(tmp_path / "state") == tuple(ones)
    assert (tmp_path / "state" / LEDGER_NAME).stat().st_mode & 0o077 == 0
    assert kept(tmp_path / "none") == ()


def test_the_file_is_bounded_and_the_newest_stay(tmp_path: Path) -> None:
    ones = [
        entry(date(2026, 10, 1 + number % 28), (line(BACKUP, str(number)),)) for number in range(40)
    ]
    for one in ones:
        keep(tmp_path, one, largest_bytes=2000)
    found = kept(tmp_path)
    assert (tmp_path / LEDGER_NAME).stat().st_size <= 2300
    assert found == tuple(ones[-len(found) :])
    assert found


def test_a_line_that_was_half_written_is_no_entry_and_any_other_is_named(tmp_path: Path) -> None:
    keep(tmp_path, entry(date(2026, 10, 1), ()))
    path = tmp_path / LEDGER_NAME
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole + whole[:20], encoding="utf-8")
    assert len(kept(tmp_path)) == 1
    path.write_text("{}\n" + whole, encoding="utf-8")
    with pytest.raises(InputUnreadable, match="line 1"):
        kept(tmp_path)
