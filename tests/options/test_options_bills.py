"""Which meters bill what: tiers, families, redundancy, and what has no price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from advisor.model import LineKind, Range, Usage, Vm
from advisor.options.azure_backup.option import AZURE_BACKUP
from advisor.options.site_recovery.option import SITE_RECOVERY
from advisor.options.snapshots.option import SNAPSHOTS
from tests.strategies import a_case, a_disk, a_vm, pricer, stated


def lines(option: Any, vm: Vm, said: dict[str, Any], **sizes: Any) -> tuple[Usage, ...]:
    case = a_case(vm, stated(**sizes))
    found: tuple[Usage, ...] = option.usages(case, option.said_configuration(case, said))
    return found


def called(
    usages: tuple[Usage, ...], name: str, kind: LineKind = LineKind.RECURRING
) -> list[Usage]:
    return [each for each in usages if each.name.startswith(name) and each.kind is kind]


def data(**changes: Any) -> Vm:
    return a_vm(a_disk(), a_disk("data", **changes))


@pytest.mark.parametrize(
    ("sku", "gib", "tier"),
    [
        ("Premium_LRS", 1, "P1 LRS"),
        ("Premium_LRS", 4, "P1 LRS"),
        ("Premium_LRS", 5, "P2 LRS"),
        ("Premium_LRS", 128, "P10 LRS"),
        ("Premium_LRS", 129, "P15 LRS"),
        ("Premium_LRS", 1024, "P30 LRS"),
        ("Premium_LRS", 1025, "P40 LRS"),
        ("Premium_LRS", 32767, "P80 LRS"),
        ("StandardSSD_LRS", 256, "E15 LRS"),
        ("StandardSSD_LRS", 257, "E20 LRS"),
        ("Standard_LRS", 1, "S4 LRS"),
        ("Standard_LRS", 33, "S6 LRS"),
        ("Premium_ZRS", 128, "P10 ZRS"),
        ("PremiumV2_LRS", 100, "P10 LRS"),
    ],
)
def test_a_replica_is_billed_on_the_tier_that_holds_its_provisioned_size(
    sku: str, gib: int, tier: str
) -> None:
    """Whatever is in use; Premium SSD v2 replicates to Premium SSD."""
    usages = lines(SITE_RECOVERY, data(sku=sku, size_gib=gib), {"to": "northeurope"})
    for kind, name in ((LineKind.RECURRING, "Replica"), (LineKind.DRILL, "Drill disk")):
        [found] = called(usages, f"{name} of data", kind)
        assert (found.meter.sku, found.meter.meter) == (tier, f"{tier} Disk")
        assert found.meter.region == "northeurope"


def test_a_zone_redundant_disk_has_a_local_replica_where_the_target_has_no_zones() -> None:
    usages = lines(SITE_RECOVERY, data(sku="Premium_ZRS"), {"to": "ukwest"})
    [found] = called(usages, "Replica of data")
    assert found.meter.sku == "P10 LRS"


@pytest.mark.parametrize(
    "disk",
    [{"size_gib": None}, {"sku": None}, {"size_gib": 32768}, {"sku": "PremiumV9_LRS"}],
)
def test_a_replica_whose_tier_is_not_known_has_no_price_and_no_crash(disk: dict[str, Any]) -> None:
    usages = lines(SITE_RECOVERY, data(**disk), {"to": "northeurope"})
    [found] = called(usages, "Replica of data")
    assert found.quantity is None
    priced, monthly = pricer().bill(usages)
    assert monthly.likely is None
    assert any("data" in missing for missing in monthly.missing)
    assert any(line.missing for line in priced)


def test_an_ultra_replica_is_billed_by_capacity_iops_and_throughput_for_730_hours() -> None:
    vm = data(sku="UltraSSD_LRS", size_gib=100, iops=500, throughput_mb_per_s=60)
    found = called(lines(SITE_RECOVERY, vm, {"to": "northeurope"}), "Replica of data")
    assert [(each.meter.meter, each.unit, each.quantity) for each in found] == [
        ("Ultra LRS Provisioned Capacity", "1 GiB/Hour", Range.exactly(Decimal(73000))),
        ("Ultra LRS Provisioned IOPS", "1/Hour", Range.exactly(Decimal(365000))),
        ("Ultra LRS Provisioned Throughput (MBps)", "1/Hour", Range.exactly(Decimal(43800))),
    ]


def test_an_ultra_replica_of_unknown_performance_is_not_billed_as_if_it_had_none() -> None:
    vm = data(sku="UltraSSD_LRS", size_gib=100)
    usages = lines(SITE_RECOVERY, vm, {"to": "northeurope"})
    quantities = [each.quantity for each in called(usages, "Replica of data")]
    assert quantities == [Range.exactly(Decimal(73000)), None, None]
    assert pricer().bill(usages)[1].likely is None


def test_premium_ssd_v2_has_a_premium_replica_premium_points_and_a_premium_cache() -> None:
    vm = data(sku="PremiumV2_LRS", size_gib=384)
    usages = lines(SITE_RECOVERY, vm, {"to": "northeurope"}, used="100")
    points = {each.meter.product: each.quantity for each in called(usages, "Recovery points")}
    assert set(points) == {"Standard HDD Managed Disks", "Premium SSD Managed Disks"}
    standard, premium = points["Standard HDD Managed Disks"], points["Premium SSD Managed Disks"]
    assert standard is not None
    assert premium is not None
    assert premium.likely == 3 * standard.likely, "384 of 512 GiB provisioned"
    [cache] = called(usages, "Cache storage")
    assert cache.meter.product == "Premium Block Blob"
    assert cache.meter.region == "westeurope"
    assert not cache.optional


def test_the_standard_cache_and_the_compute_of_a_drill_are_named_and_optional() -> None:
    usages = lines(SITE_RECOVERY, a_vm(), {"to": "northeurope"})
    priced, monthly = pricer().bill(usages)
    lacking = [line.usage.name for line in priced if line.missing]
    assert lacking == ["Cache storage", "Drill compute"]
    assert monthly.missing == ()


def test_between_zones_nothing_crosses_regions() -> None:
    to_zone = lines(SITE_RECOVERY, a_vm(), {"to": "zone:2"})
    to_region = lines(SITE_RECOVERY, a_vm(), {"to": "northeurope"})
    bandwidth = [each.meter.service == "Bandwidth" for each in to_zone]
    assert not any(bandwidth)
    assert {each.meter.region for each in to_zone} == {"westeurope"}
    crossing = [each for each in to_region if each.meter.service == "Bandwidth"]
    assert [each.kind for each in crossing] == [LineKind.RECURRING, LineKind.ONE_TIME]
    assert {(each.meter.region, each.meter.to_region) for each in crossing} == {
        ("westeurope", "northeurope")
    }


def test_without_points_kept_and_without_drills_nothing_is_billed_for_them() -> None:
    usages = lines(SITE_RECOVERY, a_vm(), {"recovery_points": "0h", "drills": 0})
    assert not called(usages, "Recovery points")
    assert not any(each.kind is LineKind.DRILL for each in usages)


@pytest.mark.parametrize(
    ("redundancy", "meter"),
    [
        ("lrs", "Standard LRS Data Stored"),
        ("zrs", "Standard ZRS Data Stored"),
        ("grs", "Standard GRS Data Stored"),
        ("grs-crr", "Standard RA-GRS Data Stored"),
    ],
)
def test_a_vault_is_billed_at_its_redundancy_and_cross_region_restore_as_ra_grs(
    redundancy: str, meter: str
) -> None:
    [found] = called(lines(AZURE_BACKUP, a_vm(), {"redundancy": redundancy}), "Vault storage")
    assert (found.meter.product, found.meter.meter) == ("Backup", meter)


@pytest.mark.parametrize(("region", "sku"), [("westeurope", "ZRS"), ("westindia", "LRS")])
def test_enhanced_snapshots_are_standard_hdd_and_zone_redundant_where_there_are_zones(
    region: str, sku: str
) -> None:
    usages = lines(AZURE_BACKUP, a_vm(a_disk(), region=region), {"policy": "enhanced"})
    [found] = called(usages, "Instant-restore snapshots")
    assert found.meter.product == "Standard HDD Managed Disks"
    assert found.meter.sku == f"Snapshots {sku}"


def test_standard_policy_snapshots_are_billed_by_the_family_of_each_disk() -> None:
    vm = a_vm(
        a_disk(size_gib=100),
        a_disk("ssd", sku="StandardSSD_LRS", size_gib=200),
        a_disk("hdd", sku="Standard_LRS", size_gib=100),
    )
    usages = lines(AZURE_BACKUP, vm, {"policy": "standard", "instant_restore": "5d"},
                   used="100", churn="0.02")  # fmt: skip
    found = called(usages, "Instant-restore snapshots")
    shares = {each.meter.product: each.quantity.likely for each in found if each.quantity}
    assert shares == {
        "Premium SSD Managed Disks": Decimal("2.5"),
        "Standard SSD Managed Disks": Decimal(5),
        "Standard HDD Managed Disks": Decimal("2.5"),
    }
    assert {each.meter.sku for each in found} == {"Snapshots LRS"}
    doubled = [each.meter.meter for each in found if each.meter.product.startswith("Standard SSD")]
    assert doubled == ["Snapshots LRS Snapshots"]


@pytest.mark.parametrize("redundancy", ["lrs", "zrs"])
@pytest.mark.parametrize("sku", ["Premium_LRS", "UltraSSD_LRS", "StandardSSD_ZRS"])
def test_incremental_snapshots_are_standard_hdd_whatever_the_disk(
    redundancy: str, sku: str
) -> None:
    [found] = lines(SNAPSHOTS, a_vm(a_disk(sku=sku)), {"redundancy": redundancy})
    assert found.meter.product == "Standard HDD Managed Disks"
    assert found.meter.sku == f"Snapshots {redundancy.upper()}"


def test_an_ephemeral_disk_is_stored_by_nobody() -> None:
    vm = a_vm(a_disk(ephemeral=True), a_disk("data", size_gib=100))
    for option, said in (
        (AZURE_BACKUP, {}),
        (SNAPSHOTS, {}),
        (SITE_RECOVERY, {"to": "northeurope"}),
    ):
        alone = lines(option, a_vm(a_disk("data", size_gib=100)), said)
        with_ephemeral = lines(option, vm, said)
        assert [each.quantity for each in with_ephemeral] == [each.quantity for each in alone]


def test_a_copy_is_stored_there_and_its_changes_cross_between_the_regions() -> None:
    usages = lines(SNAPSHOTS, a_vm(), {"to": "northeurope", "keep": "daily=7"},
                   used="100", churn="0.02")  # fmt: skip
    local, copy, traffic, first = usages
    assert (local.meter.region, copy.meter.region) == ("westeurope", "northeurope")
    assert (local.meter.sku, copy.meter.sku) == ("Snapshots ZRS", "Snapshots LRS")
    assert traffic.quantity is not None
    assert traffic.quantity.likely == Decimal("60.8333")  # 2 GB x 365/12 days
    assert first.kind is LineKind.ONE_TIME
    assert first.quantity == Range.exactly(Decimal(100))


def test_snapshots_that_do_not_divide_the_day_count_a_started_one() -> None:
    """Every 5 h a day has four or five."""
    for every, points in (("5h", 35), ("8h", 21), ("90min", 112)):
        [found] = lines(SNAPSHOTS, a_vm(), {"every": every, "keep": "daily=7"})
        assert f"{points} points" in found.basis


def test_a_shared_disk_is_left_out_of_a_backup_and_of_its_bill() -> None:
    """An OS disk of 100 GiB and a shared one of 300 with 200 GB in use: 50 GB are backed up."""
    vm = a_vm(a_disk(size_gib=100), a_disk("shared", size_gib=300, max_shares=2))
    usages = lines(AZURE_BACKUP, vm, {"keep": "daily=30", "instant_restore": "7d"},
                   used="200", churn="0.02")  # fmt: skip
    assert [each.quantity.likely for each in usages if each.quantity] == [
        Decimal("0.5"),
        50 + 29,
        50 + 6,
    ]


def test_a_vm_of_shared_disks_alone_has_nothing_to_store() -> None:
    usages = lines(AZURE_BACKUP, a_vm(a_disk(max_shares=2)), {}, used="40", churn="0.02")
    assert [each.quantity.likely for each in usages if each.quantity] == [Decimal("0.5"), 0, 0]
