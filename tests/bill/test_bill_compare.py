"""The difference between an estimate and a bill, split so that its parts are the whole of it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.bill.compare import EstimatedLine, GivenEstimate, differences
from advisor.bill.divide import BilledLine, How
from advisor.bill.kinds import BillPart, MeterPurpose, meter_kind
from advisor.model import Range

NOW = datetime(2026, 11, 30, tzinfo=UTC)
parts, kinds = st.sampled_from(tuple(BillPart)), st.sampled_from(tuple(MeterPurpose))
numbers = st.decimals(0, 10_000, allow_nan=False, places=4)


def billed(
    part: BillPart, kind: MeterPurpose, quantity: Decimal | None, amount: Decimal
) -> BilledLine:
    return BilledLine("vm", part, kind, "meter", "id", How.OWN, quantity, amount, "USD")


def estimated(
    part: BillPart, kind: MeterPurpose, quantity: Decimal, price: Decimal
) -> EstimatedLine:
    amount = Range.exactly(quantity * price)
    return EstimatedLine(part, kind, "name", Range.exactly(quantity), price, amount)


bill_lines = st.lists(st.builds(billed, parts, kinds, st.none() | numbers, numbers), max_size=8)
estimate_lines = st.lists(st.builds(estimated, parts, kinds, numbers, numbers), max_size=8)


@given(bill_lines, estimate_lines)
def test_the_parts_of_the_difference_are_the_whole_of_it(
    lines: list[BilledLine], said: list[EstimatedLine]
) -> None:
    found = differences(lines, GivenEstimate("vm", NOW, "USD", tuple(said)), "USD")
    whole = sum((one.monthly.likely for one in said if one.monthly), Decimal(0)) - sum(
        (line.amount for line in lines), Decimal(0)
    )
    assert sum((one.error for one in found), Decimal(0)) == pytest.approx(
        whole, abs=Decimal("1e-9")
    )


def test_a_discount_is_a_difference_of_price_and_more_data_one_of_quantity() -> None:
    """Estimated: 500 GB at 0.05. Billed: 400 GB at 0.04."""
    what = (BillPart.BACKUP, MeterPurpose.STORED)
    [one] = differences(
        [billed(*what, Decimal(400), Decimal("16.00"))],
        GivenEstimate("vm", NOW, "USD", (estimated(*what, Decimal(500), Decimal("0.05")),)),
        "USD",
    )
    assert one.quantity == Decimal("4.00")
    assert one.price == Decimal("5.00")
    assert one.error == Decimal("9.00")


def test_what_stands_in_one_of_them_alone_is_neither_quantity_nor_price() -> None:
    first, second = (BillPart.BACKUP, MeterPurpose.STORED), (BillPart.TRAFFIC, MeterPurpose.TRAFFIC)
    one, other = differences(
        [billed(*first, Decimal(1), Decimal("3.00"))],
        GivenEstimate("vm", NOW, "USD", (estimated(*second, Decimal(2), Decimal(1)),)),
        "USD",
    )
    assert (one.not_estimated, one.not_billed) == (Decimal("-3.00"), Decimal(0))
    assert (other.not_estimated, other.not_billed) == (Decimal(0), Decimal(2))


def test_two_currencies_are_never_compared() -> None:
    with pytest.raises(ValueError, match="in EUR"):
        differences([], GivenEstimate("vm", NOW, "EUR", ()), "USD")


@pytest.mark.parametrize(
    ("meter", "of_vault", "kind"),
    [
        ("Azure VM Protected Instances", True, MeterPurpose.INSTANCES),
        ("LRS Data Stored", True, MeterPurpose.STORED),
        ("Standard RA-GRS Data Stored", True, MeterPurpose.STORED),
        ("Archive GRS Data Stored", True, MeterPurpose.ARCHIVED),
        ("VM Replicated to Azure", True, MeterPurpose.REPLICATION),
        ("SQL Server in Azure VM Protected Instance", True, MeterPurpose.OTHER),
        ("Snapshots ZRS Snapshots", False, MeterPurpose.SNAPSHOTS),
        ("LRS Snapshots", False, MeterPurpose.SNAPSHOTS),
        ("P15 LRS Disk", False, MeterPurpose.REPLICA_DISKS),
        ("Premium LRS Provisioned Capacity", False, MeterPurpose.REPLICA_DISKS),
        ("Standard Inter-Region Data Transfer", False, MeterPurpose.TRAFFIC),
        ("Intra Continent Data Transfer Out", False, MeterPurpose.TRAFFIC),
        ("Hot LRS Data Stored", False, MeterPurpose.CACHE),
    ],
)
def test_the_labels_of_bills_say_what_they_are_for(
    meter: str, of_vault: bool, kind: MeterPurpose
) -> None:
    assert meter_kind(meter, of_vault=of_vault) is kind
