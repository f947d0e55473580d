"""Parts add up to the whole: amounts in cents, one amount shared out, and a vault's whole bill."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.bill.charges import Charge
from advisor.bill.divide import BilledLine, How, divided
from advisor.bill.kinds import BillPart, MeterPurpose
from advisor.bill.owners import Owners, VaultItem
from advisor.bill.shares import shared, to_cents, whole_cents

VAULT = "/subscriptions/s/resourcegroups/rg/providers/microsoft.recoveryservices/vaults/v"
METERS = (
    "Azure VM Protected Instance",
    "Azure VM Protected Instances",
    "Standard GRS Data Stored",
    "Archive LRS Data Stored",
    "VM Replicated to Azure",
    "SQL Server in Azure VM Protected Instance",
)
amounts = st.decimals(-1000, 100_000, allow_nan=False, places=9)
weights = st.decimals(0, 10_000, allow_nan=False, places=4)


@given(st.lists(amounts, max_size=30))
def test_amounts_in_cents_add_up_to_their_sum_in_cents(given_amounts: list[Decimal]) -> None:
    cents = to_cents(given_amounts)
    assert sum(cents, Decimal(0)) == whole_cents(sum(given_amounts, Decimal(0)))
    for amount, rounded in zip(given_amounts, cents, strict=True):
        assert abs(amount - rounded) <= Decimal("0.02")
        assert rounded == whole_cents(rounded)


@given(amounts.map(whole_cents), st.dictionaries(st.text(max_size=4), weights, min_size=1))
def test_shares_add_up_and_who_has_no_weight_has_nothing(
    amount: Decimal, by_name: dict[str, Decimal]
) -> None:
    if not any(by_name.values()):
        with pytest.raises(ValueError, match="one above zero"):
            shared(amount, by_name)
        return
    parts = shared(amount, by_name)
    assert sum(parts.values(), Decimal(0)) == amount
    whole = sum(by_name.values())
    for name, part in parts.items():
        assert abs(part - amount * by_name[name] / whole) <= Decimal("0.0101")
        assert by_name[name] or not part


def test_the_cents_left_over_go_to_those_that_lost_most() -> None:
    thirds = shared(Decimal("10.00"), {"a": Decimal(1), "b": Decimal(1), "c": Decimal(1)})
    assert sorted(thirds.values()) == [Decimal("3.33"), Decimal("3.33"), Decimal("3.34")]
    parts = shared(Decimal("1.00"), {"small": Decimal(1), "large": Decimal(666)})
    assert parts == {"small": Decimal("0.00"), "large": Decimal("1.00")}


def vm_id(number: int) -> str:
    return (
        f"/subscriptions/s/resourcegroups/rg/providers/microsoft.compute/virtualmachines/v{number}"
    )


def item_id(number: int) -> str:
    return f"{VAULT}/backupfabrics/azure/protectioncontainers/c/protecteditems/i{number}"


@st.composite
def vaults(draw: st.DrawFn) -> tuple[list[Charge], Owners, dict[str, dict[MeterPurpose, Decimal]]]:
    """A vault with items of any sort, billed as a whole, by item, or both in the month of the
    change."""
    count = draw(st.integers(0, 6))
    items = []
    for number in range(count):
        is_found = draw(st.booleans())
        is_vm = draw(st.booleans()) or is_found
        part = draw(st.sampled_from((BillPart.BACKUP, BillPart.SITE_RECOVERY)))
        items.append(
            VaultItem(
                key=item_id(number),
                part=part,
                vm=vm_id(number) if is_found else "",
                name=f"v{number}",
                is_vm=is_vm,
                holds_data=draw(st.booleans()),
            )
        )
    places = {
        "vault": [VAULT],
        "item": [item_id(number) for number in range(count + 1)],
        "both": [VAULT, *(item_id(number) for number in range(count + 1))],
    }[draw(st.sampled_from(("vault", "item", "both")))]
    charges = [
        Charge(place, meter, draw(st.none() | weights), draw(amounts), currency)
        for place in places
        for meter in draw(st.lists(st.sampled_from(METERS), unique=True, max_size=4))
        for currency in draw(st.lists(st.sampled_from(("USD", "EUR")), unique=True, max_size=2))
    ]
    known = {
        item.vm: draw(st.dictionaries(st.sampled_from(tuple(MeterPurpose)), weights, max_size=4))
        for item in items
        if item.vm and draw(st.booleans())
    }
    names = {item.vm: item.name for item in items if item.vm}
    return charges, Owners({}, {VAULT: items}, names), known


@given(vaults())
def test_the_shares_of_a_vault_are_its_bill_to_the_cent(
    case: tuple[list[Charge], Owners, dict[str, dict[MeterPurpose, Decimal]]],
) -> None:
    charges, owners, known = case
    lines = divided(charges, owners, known)
    for currency in {charge.currency for charge in charges}:
        billed = sum((c.amount for c in charges if c.currency == currency), Decimal(0))
        assert total(lines, currency) == whole_cents(billed)
    for line in lines:
        assert bool(line.vm) != (line.how is How.NOBODY)
        assert bool(line.why) == (line.how is How.NOBODY)
        assert line.how is not How.ITEM or line.resource_id != VAULT


def total(lines: tuple[BilledLine, ...], currency: str) -> Decimal:
    return sum((line.amount for line in lines if line.currency == currency), Decimal(0))


def test_a_fee_is_shared_by_instances_and_storage_by_what_is_stored() -> None:
    """Two VMs of 0.5 and 1 instances, of which the small one stores 40 of 400 GB."""
    items = [VaultItem(item_id(n), BillPart.BACKUP, vm_id(n), f"v{n}") for n in (1, 2)]
    known = {
        vm_id(1): {MeterPurpose.INSTANCES: Decimal("0.5"), MeterPurpose.STORED: Decimal(40)},
        vm_id(2): {MeterPurpose.INSTANCES: Decimal(1), MeterPurpose.STORED: Decimal(360)},
    }
    charges = [
        Charge(VAULT, METERS[0], Decimal("1.5"), Decimal("15"), "USD"),
        Charge(VAULT, METERS[2], Decimal(400), Decimal("17.92"), "USD"),
    ]
    owners = Owners({}, {VAULT: items}, {vm_id(n): f"v{n}" for n in (1, 2)})
    found = {(line.vm, line.kind): line.amount for line in divided(charges, owners, known)}
    assert found == {
        (vm_id(1), MeterPurpose.INSTANCES): Decimal("5.00"),
        (vm_id(2), MeterPurpose.INSTANCES): Decimal("10.00"),
        (vm_id(1), MeterPurpose.STORED): Decimal("1.79"),
        (vm_id(2), MeterPurpose.STORED): Decimal("16.13"),
    }


def test_what_is_no_vm_keeps_its_part_of_the_storage_and_is_named() -> None:
    items = [
        VaultItem(item_id(1), BillPart.BACKUP, vm_id(1), "v1"),
        VaultItem(item_id(2), BillPart.BACKUP, "", "shop-files", is_vm=False),
        VaultItem(item_id(3), BillPart.BACKUP, "", "waiting", holds_data=False),
    ]
    known = {vm_id(1): {MeterPurpose.STORED: Decimal(100), MeterPurpose.INSTANCES: Decimal(1)}}
    charges = [
        Charge(VAULT, METERS[2], Decimal(200), Decimal("9.00"), "USD"),
        Charge(VAULT, METERS[0], Decimal(1), Decimal("10.00"), "USD"),
    ]
    lines = divided(charges, Owners({}, {VAULT: items}, {vm_id(1): "v1"}), known)
    stored = {line.vm: line for line in lines if line.kind is MeterPurpose.STORED}
    assert stored[vm_id(1)].amount == stored[""].amount == Decimal("4.50")
    assert stored[""].why == "nothing could be estimated of shop-files"
    [fee] = [line for line in lines if line.kind is MeterPurpose.INSTANCES]
    assert (fee.vm, fee.amount) == (vm_id(1), Decimal("10.00"))


def test_what_is_billed_by_item_is_of_that_item_and_of_none_whose_name_it_begins_with() -> None:
    items = [VaultItem(item_id(n), BillPart.BACKUP, vm_id(n), f"v{n}") for n in (1, 10)]
    charges = [
        Charge(item_id(10), METERS[0], Decimal(1), Decimal("10.00"), "USD"),
        Charge(f"{item_id(1)}/recoverypoints/r", METERS[2], Decimal(9), Decimal("2.00"), "USD"),
        Charge(item_id(100), METERS[2], Decimal(9), Decimal("3.00"), "USD"),
    ]
    lines = divided(charges, Owners({}, {VAULT: items}, {}), {})
    assert {line.vm: line.amount for line in lines} == {
        vm_id(10): Decimal("10.00"),
        vm_id(1): Decimal("2.00"),
        "": Decimal("3.00"),
    }
