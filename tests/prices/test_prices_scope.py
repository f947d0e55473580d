"""Every meter that a bill can name is taken from the live price list, and nothing is lost there."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from advisor.model import LineKind, Meter, Range, Source, Usage
from advisor.options import OPTIONS, meters
from advisor.options.site_recovery.chosen import ReplicationConfiguration
from advisor.prices.book import Book
from advisor.prices.pricing import Pricer
from advisor.prices.quote import Key, Quote
from advisor.prices.scope import is_wanted
from tests.strategies import NOW, a_case, a_disk, a_vm

HOME, AWAY = "westeurope", "northeurope"
FAMILIES = ("Premium", "StandardSSD", "Standard")
VAULTS = ("lrs", "zrs", "grs", "grs-crr")


def every_meter() -> Iterator[Meter]:
    """One row for each way in which `meters` can name one."""
    yield meters.instance_fee(HOME)
    yield meters.replication_fee(HOME)
    yield meters.transfer(HOME, AWAY)
    for redundancy in VAULTS:
        yield meters.vault_storage(redundancy, HOME)
    for redundancy in ("lrs", "grs", "grs-crr"):
        yield meters.archive_storage(redundancy, HOME)
    for family in FAMILIES:
        for copies in ("LRS", "ZRS"):
            yield meters.snapshot(family, copies, HOME)
    for family, copies in (*((one, "LRS") for one in FAMILIES), ("Premium", "ZRS")):
        for size_gib in (32, 128, 4096):
            tier = meters.disk_tier(family, copies, size_gib, HOME)
            assert tier is not None
            yield tier
    for part in ("Capacity", "IOPS", "Throughput (MBps)"):
        yield meters.ultra(part, HOME)
    for premium in (True, False):
        yield meters.cache_storage(HOME, premium=premium)


@pytest.mark.parametrize(
    "meter", [*every_meter()], ids=lambda meter: f"{meter.product} {meter.meter}"
)
def test_a_meter_of_a_bill_is_taken_from_the_live_list(meter: Meter) -> None:
    assert is_wanted(*meter[:4])


def billed() -> Iterator[Usage]:
    """The lines of every configuration of every option, for VMs of every family of disks."""
    for sku in ("Premium_LRS", "Premium_ZRS", "StandardSSD_LRS", "Standard_LRS", "PremiumV2_LRS"):
        data = a_disk("data", is_os=False, lun=0, sku=sku)
        for region in (HOME, "westus", "italynorth"):
            case = a_case(a_vm(a_disk(), data, region=region, zones=("1",)))
            for option in OPTIONS:
                for chosen in option.configurations(case):
                    if isinstance(chosen, ReplicationConfiguration) and not chosen.to:
                        continue
                    yield from option.usages(case, chosen)


def test_whatever_a_configuration_is_billed_by_is_taken_from_the_live_list() -> None:
    """Compute of drills has no list of ours, and a disk that is not known has no meter."""
    named = {usage.meter for usage in billed() if usage.quantity is not None}
    own = [meter for meter in named if meter.service != "Virtual Machines"]
    assert len(own) > 20
    assert [meter for meter in own if not is_wanted(*meter[:4])] == []


@pytest.mark.parametrize(
    "meter",
    [
        Meter("Backup", "Backup", "Standard", "On-Prem Server Protected Instances", HOME),
        Meter("Storage", "Standard HDD Managed Disks", "S4 LRS", "S4 LRS Disk Mount", HOME),
        Meter("Storage", "Files v2", "Hot LRS", "Hot LRS Data Stored", HOME),
    ],
)
def test_what_no_bill_names_is_left_in_the_list(meter: Meter) -> None:
    assert not is_wanted(*meter[:4])


# --- units -----------------------------------------------------------------------------------


def priced_per(unit: str) -> Pricer:
    key = Key(
        "Storage", "Standard HDD Managed Disks", "Snapshots LRS", "LRS Snapshots", HOME, "USD"
    )
    quote = Quote(key, unit, Decimal(0), Decimal("5.00"), "2026-11-01", "A", "a test", "", "")
    return Pricer(Book([quote]), "USD", NOW.date())


def snapshots_of_one_gb() -> Usage:
    return Usage(
        name="Snapshots",
        kind=LineKind.RECURRING,
        meter=meters.snapshot("Standard", "LRS", HOME),
        unit=meters.PER_GB_MONTH,
        quantity=Range.exactly(Decimal(1)),
        source=Source.STATED,
        basis="a test",
    )


@pytest.mark.parametrize("unit", ["100 GB/Month", "1 GB/Day", "1/Month", "1 TB/Month"])
def test_a_price_for_another_unit_is_no_price_and_both_units_are_named(unit: str) -> None:
    line = priced_per(unit).line(snapshots_of_one_gb())
    assert (line.monthly, line.unit_price) == (None, None)
    assert line.missing == f"priced per {unit}, not per 1 GB/Month"


def test_a_price_for_the_same_unit_is_taken() -> None:
    line = priced_per("1 GB/Month").line(snapshots_of_one_gb())
    assert line.monthly is not None
    assert line.monthly.likely == 5
