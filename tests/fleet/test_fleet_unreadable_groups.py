"""A fleet without rights on one resource group: what hangs on it is not known to be gone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from advisor.model.fleet import FindingKind, FleetFinding, FleetReport
from deploy.local.azure.server import AzureStandIn
from deploy.local.fleet.compute import snapshot_body
from tests.fleet.half_year import PROD, REGION, SHOP, HalfYear
from tests.fleet.reading import read, reported

SIDE = "rg-side"
SNAPSHOTS = (
    f"/subscriptions/{SHOP}/resourceGroups/rg-half-year/providers/Microsoft.Compute/snapshots"
)


def with_a_side_group(age_days: int = 3) -> HalfYear:
    """A VM in a resource group of its own; a snapshot and a vault of it lie in other ones."""
    fleet = HalfYear()
    fleet.add_vm("side-01", SHOP, PROD, (64,), SIDE)
    fleet.back_up("side-01")
    disk_id = fleet.vm("side-01")["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    disk = fleet.world.get(disk_id)
    assert disk is not None
    taken = fleet.world.now - timedelta(days=age_days)
    fleet.world.put(snapshot_body(f"{SNAPSHOTS}/before", REGION, disk, taken, sku="Standard_LRS"))
    return fleet


async def report_of(fleet: HalfYear) -> FleetReport:
    async with AzureStandIn(fleet.world) as azure:
        now = azure.world.now
        return reported(await read(azure), now).report


def of(report: FleetReport, kind: FindingKind) -> FleetFinding:
    [found] = [each for each in report.findings if each.kind is kind]
    return found


async def test_a_snapshot_of_a_disk_that_may_not_be_read_saves_nothing_for_sure() -> None:
    fleet = with_a_side_group()
    fleet.hide_group(SIDE)
    report = await report_of(fleet)
    found = of(report, FindingKind.SNAPSHOT_OF_NO_DISK)
    perhaps = "the disk that it was taken of is gone, or in a resource group that may not be read."
    assert found.said.endswith(perhaps)
    assert not found.counted
    assert report.saves.most == Decimal(0)


async def test_an_old_snapshot_is_old_whether_or_not_its_disk_may_be_read() -> None:
    fleet = with_a_side_group(age_days=200)
    fleet.hide_group(SIDE)
    found = of(await report_of(fleet), FindingKind.OLD_SNAPSHOT)
    assert found.counted
    assert "gone" not in found.said


async def test_a_backup_of_a_vm_that_may_not_be_read_is_not_said_to_be_of_one_that_is_gone() -> (
    None
):
    fleet = with_a_side_group()
    fleet.hide_group(SIDE)
    found = of(await report_of(fleet), FindingKind.BACKUP_OF_NO_VM)
    assert found.said == (
        "Vault rsv-shop keeps points of a VM that is gone, or in a resource group that may not be"
        " read, and it bills instance and storage."
    )


@pytest.mark.parametrize("other", [True, False])
async def test_what_is_absent_from_a_resource_group_that_was_read_is_gone(other: bool) -> None:
    """Of the group another VM came, or nothing: then nobody knows."""
    fleet = with_a_side_group()
    fleet.remove_vm("side-01")
    if other:
        fleet.add_vm("side-02", SHOP, PROD, (64,), SIDE)
    report = await report_of(fleet)
    for kind in (FindingKind.SNAPSHOT_OF_NO_DISK, FindingKind.BACKUP_OF_NO_VM):
        assert ("may not be read" in of(report, kind).said) is not other
    assert of(report, FindingKind.SNAPSHOT_OF_NO_DISK).counted is other


async def test_a_fleet_that_may_be_read_has_neither() -> None:
    kinds = {each.kind for each in (await report_of(with_a_side_group())).findings}
    assert not kinds & {FindingKind.SNAPSHOT_OF_NO_DISK, FindingKind.BACKUP_OF_NO_VM}
