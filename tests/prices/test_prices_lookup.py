"""One meter, one region, one price: how the book chooses, refuses and counts tiers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.errors import PriceAmbiguous, PriceMissing
from advisor.model import Meter, PriceOrigin
from advisor.prices.book import Book, Price, PriceListPart
from advisor.prices.quote import Quote, key_of

TODAY = date(2026, 9, 1)
VAULT = Meter("Backup", "Backup", "Standard", "Standard GRS Data Stored", "westeurope")
IOPS = Meter(
    "Storage",
    "Azure Premium SSD v2",
    "Premium LRS",
    "Premium LRS Provisioned IOPS",
    "westeurope",
)

MakeQuote = Callable[..., Quote]


def quote(
    meter: Meter = VAULT,
    amount: str = "0.0448",
    *,
    minimum: str = "0",
    confidence: str = "A",
    true_on: str = "2026-08-22",
    currency: str = "USD",
    unit: str = "1 GB/Month",
    starts: str = "",
    ends: str = "",
) -> Quote:
    """One row of a price list, as a test wants it."""
    key = key_of(meter.service, meter.product, meter.sku, meter.meter, meter.region, currency)
    numbers = Decimal(minimum), Decimal(amount)
    return Quote(key, unit, *numbers, true_on, confidence, "a test", starts, ends)


def unit_price(book: Book, meter: Meter = VAULT, on: date = TODAY) -> Decimal:
    """What one unit costs in USD."""
    return book.price(meter, "USD", on).unit_price


def test_a_price_carries_its_unit_date_confidence_and_source() -> None:
    price = Book([quote()]).price(VAULT, "USD", TODAY)
    assert (price.unit, price.true_on, price.confidence) == ("1 GB/Month", "2026-08-22", "A")
    assert (price.meter, price.currency, price.origin) == (VAULT, "USD", PriceOrigin.LISTED)
    assert price.unit_price == Decimal("0.0448")


def test_a_missing_price_names_meter_region_currency_and_what_to_run() -> None:
    with pytest.raises(PriceMissing) as refusal:
        Book([]).price(VAULT, "EUR", TODAY)
    assert refusal.value.meter_name == "Standard GRS Data Stored"
    assert str(refusal.value) == (
        "There is no price for “Standard GRS Data Stored” (Backup) in West Europe, in EUR. "
        "Run `vmbackup prices update --region westeurope --currency EUR`."
    )


def test_a_price_that_a_fetch_did_not_bring_is_not_asked_to_be_fetched_again() -> None:
    fetched = {PriceListPart("westeurope", "USD", "Backup"): "2026-08-31"}
    with pytest.raises(PriceMissing, match="fetched on 2026-08-31 does not have it either"):
        Book([], fetched).price(VAULT, "USD", TODAY)


def test_a_price_of_another_currency_is_not_this_one() -> None:
    with pytest.raises(PriceMissing):
        unit_price(Book([quote(currency="EUR")]))


@pytest.mark.parametrize(
    ("sku", "name"),
    [
        ("Standard", "Standard GRS Data Stored"),
        ("Standard", "GRS Data Stored"),
        ("Azure VM", "GRS Data Stored"),
        ("Azure VM (2024 naming)", "GRS Data Stored"),
    ],
)
@pytest.mark.parametrize("asked", ["Standard GRS Data Stored", "GRS Data Stored"])
def test_both_spellings_of_vault_storage_are_one_meter(sku: str, name: str, asked: str) -> None:
    row = quote(Meter("Backup", "Backup", sku, name, "westeurope"))
    wanted = Meter("Backup", "Backup", "Standard", asked, "westeurope")
    assert unit_price(Book([row]), wanted) == Decimal("0.0448")


def test_both_spellings_of_the_vm_fee_are_one_meter() -> None:
    old = Meter("Backup", "Backup", "Azure VM", "Azure VM Protected Instances", "westeurope")
    new = Meter("Backup", "Backup", "Azure VM", "Azure VM Protected Instance", "westeurope")
    assert unit_price(Book([quote(old, "11")]), new) == Decimal(11)
    assert unit_price(Book([quote(new, "11")]), old) == Decimal(11)


def test_the_same_meter_name_of_another_product_is_another_price() -> None:
    disks = Meter("Storage", "Premium SSD Managed Disks", "P10 LRS", "P10 LRS Disk", "westeurope")
    blobs = Meter("Storage", "Premium Page Blob", "P10 LRS", "P10 LRS Disk", "westeurope")
    assert unit_price(Book([quote(blobs, "1"), quote(disks, "21.68")]), disks) == Decimal("21.68")
    with pytest.raises(PriceMissing):
        unit_price(Book([quote(blobs, "1")]), disks)


def test_the_same_meter_name_of_another_sku_is_another_price() -> None:
    archive = Meter("Backup", "Backup", "Archive", "Standard GRS Data Stored", "westeurope")
    with pytest.raises(PriceMissing):
        unit_price(Book([quote(archive)]))


def test_vault_storage_of_a_reservation_product_is_not_vault_storage() -> None:
    reserved = Meter(
        "Backup", "Backup Reserved Capacity", "Standard", "GRS Data Stored", "westeurope"
    )
    with pytest.raises(PriceMissing):
        unit_price(Book([quote(reserved, "415550.68")]))


def test_the_best_confidence_wins_over_the_newest() -> None:
    rows = [
        quote(amount="1", confidence="B", true_on="2026-08-30"),
        quote(amount="2", confidence="A", true_on="2026-04-14"),
    ]
    assert unit_price(Book(rows)) == 2


def test_of_equal_confidence_the_newest_wins() -> None:
    rows = [quote(amount="1", true_on="2026-04-14"), quote(amount="2", true_on="2026-08-22")]
    assert unit_price(Book(rows)) == unit_price(Book(rows[::-1])) == 2


def test_a_year_alone_is_older_than_a_month_of_it_and_newer_than_the_year_before() -> None:
    rows = [quote(amount="1", true_on="2026"), quote(amount="2", true_on="2026-04")]
    assert unit_price(Book(rows)) == 2
    rows = [quote(amount="1", true_on="2026"), quote(amount="2", true_on="2025-12-31")]
    assert unit_price(Book(rows)) == 1


def test_a_row_of_confidence_c_is_never_a_price() -> None:
    with pytest.raises(PriceMissing):
        unit_price(Book([quote(confidence="C")]))


def test_a_disagreement_that_remains_is_ambiguous_and_names_the_amounts() -> None:
    rows = [quote(amount="0.0448"), quote(amount="0.05")]
    with pytest.raises(PriceAmbiguous, match=r"0\.0448 and 0\.05"):
        unit_price(Book(rows))


def test_rows_that_agree_are_not_ambiguous() -> None:
    assert unit_price(Book([quote(), quote()])) == Decimal("0.0448")


def test_rows_that_differ_in_unit_are_ambiguous() -> None:
    rows = [quote(), quote(unit="100 GB/Month")]
    with pytest.raises(PriceAmbiguous, match="per 1 GB/Month and a price per 100 GB/Month"):
        unit_price(Book(rows))


def test_an_error_is_raised_anew_each_time_with_the_same_sentence() -> None:
    book = Book([])
    sentences = set()
    for _ in range(2):
        with pytest.raises(PriceMissing) as refusal:
            book.price(VAULT, "USD", TODAY)
        sentences.add(str(refusal.value))
    assert len(sentences) == 1


def test_a_price_that_takes_effect_later_is_not_applied_yet() -> None:
    rows = [
        quote(amount="1", starts="2025-01-01"),
        quote(amount="2", starts="2026-06-01"),
        quote(amount="3", starts="2026-09-02"),
    ]
    assert unit_price(Book(rows), on=date(2026, 9, 1)) == 2
    assert unit_price(Book(rows), on=date(2026, 9, 2)) == 3
    assert unit_price(Book(rows), on=date(2026, 5, 31)) == 1


def test_a_price_that_only_takes_effect_later_is_missing_today() -> None:
    with pytest.raises(PriceMissing):
        unit_price(Book([quote(starts="2026-09-02")]))


def test_a_price_that_has_ended_is_not_applied() -> None:
    rows = [quote(amount="1", ends="2026-08-31"), quote(amount="2", starts="2020-01-01")]
    assert unit_price(Book(rows)) == 2


def test_tiers_are_sorted_and_each_part_costs_its_own_amount() -> None:
    """Hot blob storage in East US 2: 0.0184 up to 51,200 GB, then 0.017664 up to 512,000."""
    meter = Meter("Storage", "General Block Blob v2", "Hot LRS", "Hot LRS Data Stored", "eastus2")
    rows = [
        quote(meter, "0.016928", minimum="512000"),
        quote(meter, "0.0184"),
        quote(meter, "0.017664", minimum="51200"),
    ]
    price = Book(rows).price(meter, "USD", TODAY)
    assert price.unit_price == Decimal("0.0184")
    assert price.amount_for(Decimal(0)) == 0
    assert price.amount_for(Decimal(100)) == Decimal("1.84")
    assert price.amount_for(Decimal(51200)) == Decimal("942.08")
    assert price.amount_for(Decimal(51300)) == Decimal("942.08") + Decimal("1.7664")
    assert price.amount_for(Decimal(512001)) == (
        Decimal("942.08") + 460800 * Decimal("0.017664") + Decimal("0.016928")
    )


def test_a_first_tier_that_is_free_is_not_the_unit_price() -> None:
    meter = Meter("Bandwidth", "Rtn Preference: MGN", "Standard", "Standard Out", "eastus2")
    rows = [quote(meter, "0"), quote(meter, "0.087", minimum="100")]
    price = Book(rows).price(meter, "USD", TODAY)
    assert price.unit_price == Decimal("0.087")
    assert price.amount_for(Decimal(100)) == 0
    assert price.amount_for(Decimal(101)) == Decimal("0.087")


def test_tiers_without_a_first_one_are_a_missing_price() -> None:
    with pytest.raises(PriceMissing):
        unit_price(Book([quote(minimum="100")]))


def test_the_free_row_beside_a_paid_one_is_not_the_price() -> None:
    assert unit_price(Book([quote(amount="0"), quote(amount="0.05")])) == Decimal("0.05")


@pytest.mark.parametrize("paid_from", ["0", "3000"])
def test_the_free_iops_of_a_premium_ssd_v2_are_not_the_price(paid_from: str) -> None:
    """The paid amount counts from the first unit asked for: the allowance is taken off before."""
    rows = [quote(IOPS, "0"), quote(IOPS, "0.000008", minimum=paid_from)]
    price = Book(rows).price(IOPS, "USD", TODAY)
    assert price.unit_price == Decimal("0.000008")
    assert price.amount_for(Decimal(1000)) == Decimal("0.008")


def test_a_price_of_zero_alone_is_missing() -> None:
    for meter in (VAULT, IOPS):
        with pytest.raises(PriceMissing):
            unit_price(Book([quote(meter, "0")]), meter)


def test_the_book_says_how_old_it_is() -> None:
    book = Book([quote(true_on="2026-04"), quote(true_on="2026-08-22", currency="EUR")])
    assert book.as_of == "2026-08-22"
    assert book.as_of_for("westeurope", "USD") == "2026-04"
    assert book.as_of_for("northeurope", "USD") == ""
    assert book.regions() == (("westeurope", "EUR"), ("westeurope", "USD"))
    assert Book([]).as_of == ""


amounts = st.decimals("0.0001", "1000", places=4)
quantities = st.decimals("0", "1000000", places=2)


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=5), quantities, quantities)
def test_more_units_never_cost_less(
    steps: list[tuple[Decimal, Decimal]], one: Decimal, other: Decimal
) -> None:
    minimum, tiers = Decimal(0), []
    for width, amount in steps:
        tiers.append((minimum, amount))
        minimum += width
    price = Price(
        meter=VAULT,
        currency="USD",
        unit="1 GB/Month",
        tiers=tuple(tiers),
        true_on="2026",
        confidence="A",
        source="a test",
    )
    low, high = sorted((one, other))
    assert 0 <= price.amount_for(low) <= price.amount_for(high)


rows_of_one_meter = st.lists(
    st.builds(
        quote,
        amount=st.sampled_from(["0", "0.01", "0.02", "0.03"]),
        minimum=st.sampled_from(["0", "100"]),
        confidence=st.sampled_from("ABC"),
        true_on=st.sampled_from(["2026", "2026-04", "2026-08-22"]),
        starts=st.sampled_from(["", "2026-06-01", "2026-10-01"]),
        ends=st.sampled_from(["", "2026-07-01"]),
    ),
    max_size=6,
)


@given(rows_of_one_meter)
def test_a_price_is_always_a_paid_amount_of_a_trusted_row_in_force(rows: list[Quote]) -> None:
    day = TODAY.isoformat()
    usable = {
        row.amount
        for row in rows
        if row.confidence != "C" and row.starts <= day and (not row.ends or row.ends >= day)
    }
    try:
        amount = unit_price(Book(rows))
    except (PriceMissing, PriceAmbiguous):
        return
    assert amount > 0
    assert amount in usable


@given(st.permutations(range(6)))
def test_the_order_of_the_rows_changes_nothing(order: list[int]) -> None:
    rows = [
        quote(amount="1", true_on="2026-04-14"),
        quote(amount="2", true_on="2026-08-22", starts="2026-01-01"),
        quote(amount="3", true_on="2026-08-22", starts="2026-08-01"),
        quote(amount="4", true_on="2026-08-22", starts="2027-01-01"),
        quote(amount="5", true_on="2026-08-30", confidence="B"),
        quote(amount="6", true_on="2026-08-31", confidence="C"),
    ]
    assert unit_price(Book([rows[index] for index in order])) == 3
