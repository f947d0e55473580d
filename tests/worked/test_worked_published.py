"""Examples that Microsoft and others published, each with where; and their boundaries by hand."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest

from advisor.model import Disk, DiskSize, LineKind, Need, Range, Retention, Source, Usage
from advisor.options.azure_backup.bill import instance_units
from advisor.options.azure_backup.option import AZURE_BACKUP
from advisor.options.case import Case, case_of
from advisor.options.site_recovery.option import SITE_RECOVERY
from advisor.options.snapshots.option import SNAPSHOTS
from advisor.retention import kept_ages
from advisor.sizing import sizing_of
from advisor.stated_sizes import StatedSizes
from tests.laws.storage_day_by_day import points_kept
from tests.strategies import a_case, a_disk, a_vm, pricer, stated

FEE_USD = Decimal(10)  # westeurope, Azure VM Protected Instance, Azure Retail Prices 2026-04-14


def case_with_used(*disks: tuple[Disk, str], churn: str = "0.02") -> Case:
    """A VM whose disks hold exactly so much."""
    vm = a_vm(*(disk for disk, _ in disks))
    sizes = tuple(
        DiskSize(
            disk=disk,
            provisioned_gib=disk.size_gib,
            used_gib=Range.exactly(Decimal(used)),
            source=Source.STATED,
        )
        for disk, used in disks
    )
    return case_of(vm, sizing_of(sizes, StatedSizes(churn_share_per_day=Decimal(churn))), Need())


def named(usages: tuple[Usage, ...], name: str) -> Usage:
    [found] = [each for each in usages if each.name == name]
    return found


def quantity(usage: Usage) -> Range:
    assert usage.quantity is not None
    return usage.quantity


def test_w1_two_disks_of_4_tb_with_47_gb_in_use_are_half_a_unit() -> None:
    """azure-docs, backup-azure-vms-introduction: 17 + 30 + 0 GB; the temporary disk is out."""
    case = case_with_used(
        (a_disk(), "17"), (a_disk("one", size_gib=4096), "30"), (a_disk("two", size_gib=4096), "0")
    )
    assert case.sizing.used_gib.range.likely == 47
    fee = named(
        AZURE_BACKUP.usages(case, AZURE_BACKUP.said_configuration(case, {})), "Protected instance"
    )
    assert quantity(fee) == Range.exactly(Decimal("0.5"))


@pytest.mark.parametrize(
    ("used_gib", "units", "usd"),
    [
        ("0", "0.5", "5"),
        ("47", "0.5", "5"),
        ("50", "0.5", "5"),
        ("50.0001", "1", "10"),
        ("51", "1", "10"),
        ("500", "1", "10"),
        ("500.0001", "2", "20"),
        ("501", "2", "20"),
        ("999", "2", "20"),
        ("1000", "2", "20"),
        ("1001", "3", "30"),
        ("1128", "3", "30"),
        ("2000", "4", "40"),
    ],
)
def test_w2_w3_each_started_500_gb_is_a_unit_and_half_a_one_up_to_50(
    used_gib: str, units: str, usd: str
) -> None:
    """Microsoft Q&A 2128908 (500 -> 1, 501 -> 2); Microsoft's announcement of 2015 (500 GB 10
    USD, 2,000 GB 40 USD). 1,128 GB is the size at which Infracost's own golden file bills two
    units, 20 USD, by rounding down; by Microsoft's rule it is three."""
    assert instance_units(Decimal(used_gib)) == Decimal(units)
    case = a_case(a_vm(a_disk(size_gib=4096)), stated(used=used_gib))
    usages = AZURE_BACKUP.usages(case, AZURE_BACKUP.said_configuration(case, {"redundancy": "lrs"}))
    line = pricer().line(named(usages, "Protected instance"))
    assert line.unit_price == FEE_USD
    assert line.monthly == Range.exactly(Decimal(usd))


@pytest.mark.parametrize(("gib", "usd"), [(178, "3.99"), (40, "0.90"), (400, "8.96")])
def test_w4_a_westeurope_lrs_vault_costs_what_was_published(gib: int, usd: str) -> None:
    """A published golden output of 2024-07, at 0.0224 USD a GB."""
    case = a_case(a_vm(a_disk(size_gib=4096)), stated(used=str(gib), churn="0"))
    usages = AZURE_BACKUP.usages(case, AZURE_BACKUP.said_configuration(case, {"redundancy": "lrs"}))
    line = pricer().line(named(usages, "Vault storage"))
    assert line.usage.meter.meter == "Standard LRS Data Stored"
    assert line.monthly is not None
    assert round(line.monthly.likely, 2) == Decimal(usd)


@pytest.mark.parametrize(("policy", "gib"), [("standard", 10), ("enhanced", 108)])
def test_w5_100_gb_at_2_percent_keep_10_gb_of_standard_and_108_gb_of_enhanced_snapshots(
    policy: str, gib: int
) -> None:
    """azure-docs, backup-instant-restore-capability: 5 days of instant restore."""
    case = a_case(sizes=stated(used="100", churn="0.02"))
    chosen = AZURE_BACKUP.said_configuration(case, {"policy": policy, "instant_restore": "5d"})
    held = quantity(named(AZURE_BACKUP.usages(case, chosen), "Instant-restore snapshots"))
    assert (held.low, held.likely) == (gib, gib)
    assert held.high == gib + 2 * 2, "one to two further days exist at times"


def test_w6_a_full_snapshot_of_64_gb_with_10_gb_in_use_bills_10_gb() -> None:
    """azure-docs, backup and restore options for virtual machines."""
    case = case_with_used((a_disk(size_gib=64), "10"))
    chosen = SNAPSHOTS.said_configuration(case, {"full": True, "count": 1})
    assert quantity(named(SNAPSHOTS.usages(case, chosen), "Snapshots")) == Range.exactly(
        Decimal(10)
    )


def test_w7_ten_old_replications_and_a_new_one_cost_ten_fees() -> None:
    """azure-docs, site-recovery-faq: 31 days are free for each machine."""
    case = a_case()
    usages = SITE_RECOVERY.usages(case, SITE_RECOVERY.said_configuration(case, {}))
    fee = pricer().line(named(usages, "Replicated instance"))
    credit = pricer().line(named(usages, "First 31 days free"))
    assert credit.usage.kind is LineKind.CREDIT
    assert fee.monthly is not None
    assert credit.monthly is not None
    old, new = fee.monthly.likely, fee.monthly.likely + credit.monthly.likely
    assert (old, new) == (25, 0)
    assert 10 * old + new == 250


def test_100_gb_at_2_percent_a_day_kept_30_days_are_158_gb() -> None:
    """100 for the full copy and 29 times 2."""
    case = a_case(sizes=stated(used="100", churn="0.02"))
    chosen = AZURE_BACKUP.said_configuration(case, {"keep": "daily=30"})
    assert quantity(named(AZURE_BACKUP.usages(case, chosen), "Vault storage")).likely == 158


def test_a_retention_by_generations_listed_by_hand() -> None:
    """daily=3, weekly=2, monthly=2, yearly=2 on a day on which all of them begin, and on day 40.

    Ages: 0, 1, 2 (daily), 7 (the week before), 31 (the month before), 365 (the year before). On
    day 40 the week is 5 days old, the month began on day 30 and the one before on day 0, as did
    the year.
    """
    kept = Retention(daily=3, weekly=2, monthly=2, yearly=2)
    assert kept_ages(kept) == (0, 1, 2, 7, 31, 365)
    assert kept_ages(kept, 1, 40) == (0, 1, 2, 5, 10, 12, 40, 405)


def test_the_storage_of_generations_by_hand() -> None:
    """200 GB at 1 %: every gap of n days holds 1 - 0.99^n, on average over the days of a year."""
    case = a_case(a_vm(a_disk(size_gib=256)), stated(used="200", churn="0.01"))
    chosen = AZURE_BACKUP.said_configuration(case, {"keep": "daily=7,weekly=2,monthly=2,yearly=2"})
    keep = {"daily": 7, "weekly": 2, "monthly": 2, "yearly": 2}
    year = [points_kept(keep, 900, 1, day) for day in range(365)]
    gaps = [float(newer - older) for made in year for older, newer in itertools.pairwise(made)]
    shares = sum(1 - 0.99**gap for gap in gaps) / 365
    held = quantity(named(AZURE_BACKUP.usages(case, chosen), "Vault storage")).likely
    assert float(held) == pytest.approx(200 * (1 + shares), abs=0.01)


def test_a_month_that_is_also_a_year_is_archived_once() -> None:
    """monthly=24, yearly=3: months 3 to 23 and year 2; year 1 is month 12 and counts once."""
    case = a_case(sizes=stated(used="100", churn="0.02"))
    said = {"keep": "daily=7,monthly=24,yearly=3", "archive": True, "redundancy": "lrs"}
    usages = AZURE_BACKUP.usages(case, AZURE_BACKUP.said_configuration(case, said))
    assert quantity(named(usages, "Archive storage")).likely == 22 * 100


@pytest.mark.parametrize(
    ("keep", "points"),
    [
        ("daily=7,monthly=12", 9),  # 3 months old and with 6 months left: the third to the last
        ("daily=7,monthly=9", 6),
        ("daily=7,monthly=8", 0),  # at 3 months only 5 are left
        ("daily=7,yearly=3", 2),
        ("daily=400", 0),  # daily points never move
    ],
)
def test_a_point_moves_to_archive_when_3_months_old_with_6_months_left(
    keep: str, points: int
) -> None:
    case = a_case(sizes=stated(used="100", churn="0.02"))
    said = {"keep": keep, "archive": True, "redundancy": "lrs"}
    usages = AZURE_BACKUP.usages(case, AZURE_BACKUP.said_configuration(case, said))
    archived = [usage.quantity for usage in usages if usage.name == "Archive storage"]
    assert [each.likely for each in archived if each] == ([points * 100] if points else [])


@pytest.mark.parametrize(("days", "points"), [(91, 0), (92, 0), (93, 1), (365, 9), (366, 10)])
def test_nothing_lies_in_archive_before_it_is_old_enough(days: int, points: int) -> None:
    """Of monthly=12 the first is 92 days old on day 93; of yearly=3 one is on day 366."""
    case = a_case(sizes=stated(used="100", churn="0.02"))
    said = {"keep": "daily=7,monthly=12,yearly=3", "archive": True, "redundancy": "lrs"}
    usages = AZURE_BACKUP.usages(case, AZURE_BACKUP.said_configuration(case, said), days)
    assert quantity(named(usages, "Archive storage")).likely == points * 100
