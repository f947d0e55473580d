"""The bill of each option for one VM of West Europe, every line worked by hand.

An OS disk of 128 GiB Premium SSD with 40 GB in use and a data disk of 512 GiB Standard SSD with
60 GB: 100 GB in use, 2 % changed a day, 10 GB written a day. Prices in USD from the shipped book,
Azure Retail Prices of 2026-04-14 and 2026-08-22.
"""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import pytest

from advisor.advising import estimate
from advisor.asked import EstimateAsked, StatedDisk
from advisor.model import Estimated, LineKind
from tests.laws.storage_day_by_day import points_kept
from tests.strategies import NOW, book

NORTH_EUROPE_P10 = Decimal("19.71")
NORTH_EUROPE_E20 = Decimal("38.4")
DISKS = (
    StatedDisk(sku="Premium_LRS", provisioned_gib=128, used_gib=Decimal(40)),
    StatedDisk(sku="StandardSSD_LRS", provisioned_gib=512, used_gib=Decimal(60)),
)


def estimated(option: str, **said: Any) -> Estimated:
    asked = EstimateAsked(
        option=option,
        region="westeurope",
        disks=DISKS,
        churn_share_per_day=Decimal("0.02"),
        written_gib_per_day=Decimal(10),
        said=said,
    )
    return estimate(asked, book(), NOW)


def bill(option: str, **said: Any) -> list[tuple[str, Decimal | None, Decimal | None, str]]:
    """(name, quantity, unit price, amount to a ten-thousandth) of each line, likely."""
    return [
        (
            line.usage.name,
            line.usage.quantity.likely if line.usage.quantity else None,
            line.unit_price,
            format(line.monthly.likely, "f") if line.monthly else "missing",
        )
        for line in estimated(option, **said).assessment.lines
    ]


def test_azure_backup_enhanced_into_a_grs_vault_by_hand() -> None:
    """100 GB are one unit; 100 + 29 x 2 = 158 GB in the vault; 100 + 6 x 2 = 112 GB beside it."""
    assert bill("azure-backup", policy="enhanced", redundancy="grs", keep="daily=30") == [
        ("Protected instance", 1, Decimal("10"), "10.0000"),
        ("Vault storage", 158, Decimal("0.0448"), "7.0784"),
        ("Instant-restore snapshots", 112, Decimal("0.05"), "5.6000"),
    ]
    monthly = estimated("azure-backup", policy="enhanced", redundancy="grs").assessment.monthly
    assert monthly.likely == Decimal("22.6784")
    assert monthly.low == Decimal("22.6784")
    assert monthly.high == Decimal("22.8784"), "two more days of 2 GB at 0.05 at times"


def test_churn_as_an_amount_is_the_bill_of_the_share_that_it_is() -> None:
    """2 GB a day of 100 GB in use are 2 % of it, to the last digit of every line."""
    for option in ("azure-backup", "snapshots", "site-recovery"):
        asked = EstimateAsked(
            option=option,
            region="westeurope",
            disks=DISKS,
            changed_gib_per_day=Decimal(2),
            written_gib_per_day=Decimal(10),
        )
        by_amount, by_share = estimate(asked, book(), NOW), estimated(option)
        assert by_amount.assessment.monthly == by_share.assessment.monthly
        assert by_amount.by_month == by_share.by_month


def test_an_amount_stays_what_it_is_while_what_is_used_is_not_known() -> None:
    """30 points of 5 GB: 29 x 5 = 145 GB beside the used data, whether 10 or 100 GB are used."""
    asked = EstimateAsked(
        option="azure-backup",
        region="westeurope",
        disks=(StatedDisk(sku="Premium_LRS", provisioned_gib=1024),),
        changed_gib_per_day=Decimal(5),
        os_type="Linux",
    )
    estimated = estimate(asked, book(), NOW)
    [vault] = [
        line.usage.quantity
        for line in estimated.assessment.lines
        if line.usage.name == "Vault storage" and line.usage.quantity
    ]
    assert vault.likely - estimated.sizing.used_gib.range.likely == 145
    assert estimated.sizing.changed_gib_per_day.range.high == 5


def test_azure_backup_standard_into_an_lrs_vault_by_hand() -> None:
    """2 days of 2 GB are 4 GB: 40 % of it Premium SSD at 0.145, 60 % Standard SSD at 0.145."""
    said = {"policy": "standard", "redundancy": "lrs", "keep": "daily=30"}
    assert bill("azure-backup", **said) == [
        ("Protected instance", 1, Decimal("10"), "10.0000"),
        ("Vault storage", 158, Decimal("0.0224"), "3.5392"),
        ("Instant-restore snapshots (Premium SSD)", Decimal("1.6"), Decimal("0.145"), "0.2320"),
        ("Instant-restore snapshots (Standard SSD)", Decimal("2.4"), Decimal("0.145"), "0.3480"),
    ]
    assert estimated("azure-backup", **said).assessment.monthly.likely == Decimal("14.1192")


def test_azure_backup_with_archive_by_hand() -> None:
    """daily=7 and three months stay, on average over a year; nine lie in archive at 0.0024.

    On the first day of a month the ages are 0 to 6, 31 and 61 days, on its last 0 to 6, 30, 61
    and 91: each day's gaps g add 1 - 0.98^g.
    """
    lines = bill("azure-backup", redundancy="lrs", keep="daily=7,monthly=12", archive=True)
    held = [points_kept({"daily": 7, "monthly": 3}, 500, 1, day) for day in range(365)]
    gaps = [float(new - old) for made in held for old, new in itertools.pairwise(made)]
    vault = 100 * (1 + sum(1 - 0.98**gap for gap in gaps) / 365)
    assert float(lines[1][1]) == pytest.approx(vault, abs=0.001)
    assert lines[2] == ("Archive storage", 900, Decimal("0.0024"), "2.1600")


def test_snapshots_by_hand() -> None:
    """100 + 6 x 2 = 112 GB at 0.05; seven full ones are 700 GB."""
    assert bill("snapshots", keep="daily=7") == [("Snapshots", 112, Decimal("0.05"), "5.6000")]
    assert bill("snapshots", count=7, full=True) == [("Snapshots", 700, Decimal("0.05"), "35.0000")]


def test_snapshots_copied_to_the_pair_by_hand() -> None:
    """The same 112 GB in North Europe; 2 x 365/12 GB a month cross at 0.02, 100 GB once."""
    assert bill("snapshots", keep="daily=7", to="northeurope") == [
        ("Snapshots", 112, Decimal("0.05"), "5.6000"),
        ("Snapshots copied", 112, Decimal("0.05"), "5.6000"),
        ("Traffic between regions", Decimal("60.8333"), Decimal("0.02"), "1.2167"),
        ("First copy to the other region", 100, Decimal("0.02"), "2.0000"),
    ]
    monthly = estimated("snapshots", keep="daily=7", to="northeurope").assessment.monthly
    assert monthly.likely == Decimal("12.4167"), "without the first copy"


def test_site_recovery_to_the_pair_by_hand() -> None:
    """P10 and E20 of North Europe; 102 GB of points; 10 x 365/12 GB at 0.02; 4 of 365 days."""
    p10, e20 = NORTH_EUROPE_P10, NORTH_EUROPE_E20
    lines = bill("site-recovery", to="northeurope")
    assert lines == [
        ("Replicated instance", 1, Decimal("25"), "25.0000"),
        ("First 31 days free", -1, Decimal("25"), "-25.0000"),
        ("Replica of os-disk", 1, p10, format(round(p10, 4), ".4f")),
        ("Replica of data-disk-1", 1, e20, format(round(e20, 4), ".4f")),
        ("Recovery points", 102, Decimal("0.05"), "5.1000"),
        ("Cache storage", Decimal("0.4167"), None, "missing"),
        ("Traffic between regions", Decimal("304.1667"), Decimal("0.02"), "6.0833"),
        ("First copy to the other region", 100, Decimal("0.02"), "2.0000"),
        (
            "Drill disk of os-disk",
            Decimal("0.010959"),
            p10,
            format(p10 * Decimal("0.010959"), ".4f"),
        ),
        (
            "Drill disk of data-disk-1",
            Decimal("0.010959"),
            e20,
            format(e20 * Decimal("0.010959"), ".4f"),
        ),
        ("Drill compute", 8, None, "missing"),
    ]
    counted = Decimal("25") + p10 + e20 + Decimal("5.1") + Decimal("6.0833")
    drills = (p10 + e20) * Decimal("0.010959")
    monthly = estimated("site-recovery", to="northeurope").assessment.monthly
    assert monthly.likely == pytest.approx(counted + drills, abs=Decimal("0.0002"))


def test_the_first_month_of_site_recovery_has_the_first_copy_and_not_the_fee() -> None:
    """What is billed each month, less 25 for the free days, plus 2 for the first copy."""
    answer = estimated("site-recovery", to="northeurope")
    steady = answer.assessment.monthly
    first, second = answer.by_month[0].amount, answer.by_month[1].amount
    assert steady.likely is not None
    assert second.likely == steady.likely
    assert first.likely == steady.likely - 25 + 2


def test_the_first_months_of_a_backup_grow_with_the_points_by_hand() -> None:
    """daily=60 at 0.0224: on average 100 + 14.5 x 2 GB in month 1, 100 + 45.4667 x 2 in the 30
    days that end month 2 on day 61, and 100 + 59 x 2 from month 3 on.

    Two days of instant restore hold 2 x 2 GB but for the first day: (1 + 29 x 2) / 30 x 2.
    """
    answer = estimated("azure-backup", redundancy="lrs", policy="standard", keep="daily=60")
    amounts = [month.amount.likely for month in answer.by_month]
    first = Decimal(10) + (Decimal("3.9333") * Decimal("0.145")).quantize(Decimal("0.0001"))
    beside = Decimal(10) + Decimal("0.58")
    assert amounts == [
        first + Decimal("2.8896"),
        beside + Decimal("4.2769"),
        beside + Decimal("4.8832"),
    ]
    kinds = {line.usage.kind for line in answer.assessment.lines}
    assert kinds == {LineKind.RECURRING}
