"""Used and changed data by the billed GB of snapshots, worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from advisor.bill.billed_snapshots import FEWEST_DAYS, billed_sizes
from advisor.bill.charges import Charge, MonthCharges
from advisor.bill.months import Month
from advisor.inventory.compute_points import SnapshotRecord
from advisor.model import Source, Vm
from tests.strategies import a_disk, a_vm

MONTH = Month(2026, 10)
FIRST = datetime(2026, 10, 1, tzinfo=UTC)
VM = a_vm(a_disk("os"), a_disk("data"))
OS, DATA = (disk.key for disk in VM.disks)


def snapshot(name: str, disk: str, made: datetime, **more: object) -> SnapshotRecord:
    plain: dict[str, object] = {
        "id": f"/subscriptions/s/x/snapshots/{name}", "region": "westeurope", "source_id": disk,
        "incremental": True, "created": made,
    }  # fmt: skip
    return SnapshotRecord(**{**plain, **more})  # type: ignore[arg-type]


def billed(**gib_days: str) -> list[MonthCharges]:
    """Quantities as a bill of a month of 31 days has them: 1 GiB for a day is 1/31."""
    usage = tuple(
        Charge(
            f"/subscriptions/s/x/snapshots/{name.replace('_', '-')}", "Snapshots ZRS Snapshots",
            Decimal(value) / 31, Decimal(1), "USD",
        )
        for name, value in gib_days.items()
    )  # fmt: skip
    return [MonthCharges("s", MONTH, usage, (), FIRST)]


def used(vm: Vm, snapshots: list[SnapshotRecord], charges: list[MonthCharges]) -> object:
    return billed_sizes(vm, snapshots, charges, MONTH).used


def test_the_oldest_snapshot_of_each_disk_is_billed_on_the_data_in_use() -> None:
    """40 GiB for 31 days and 100 GiB for the last 10 days."""
    made = [FIRST - timedelta(days=9), FIRST + timedelta(days=21)]
    found = billed_sizes(
        VM,
        [snapshot("os-1", OS, made[0]), snapshot("data-1", DATA, made[1])],
        billed(os_1="1240", data_1="1000"),
        MONTH,
    )
    assert found.used is not None
    assert round(found.used.gib.likely, 6) == 140
    assert found.used.gib.high == found.used.gib.likely
    assert found.used.source is Source.BILLED
    assert found.used.on == made[0]
    assert found.used.said == "the bill of 2026-10 of its snapshots"
    assert found.changed is None


def test_each_later_one_is_billed_on_what_changed_since_the_one_before() -> None:
    """12 GiB in 4 days and 5 in 5: 17 in 9 days, between 1 and 3 a day."""
    vm = a_vm(a_disk("os"))
    [disk] = (one.key for one in vm.disks)
    days = (-20, -16, -11)
    found = billed_sizes(
        vm,
        [snapshot(f"s-{n}", disk, FIRST + timedelta(days=day)) for n, day in enumerate(days)],
        billed(s_0="1550", s_1="372", s_2="155"),
        MONTH,
    )
    assert found.used is not None
    assert found.changed is not None
    assert round(found.used.gib.likely, 6) == 50
    low, likely, high = found.changed.gib
    assert round(likely, 6) == round(Decimal(17) / 9, 6)
    assert round(high, 6) == 3
    assert Decimal("0.97") < low <= 1


def test_a_disk_without_a_billed_snapshot_leaves_the_whole_unmeasured() -> None:
    one = [snapshot("os-1", OS, FIRST)]
    assert used(VM, one, billed(os_1="1240")) is None
    both = [*one, snapshot("data-1", DATA, FIRST)]
    assert used(VM, both, billed(os_1="1240")) is None
    assert used(VM, both, []) is None


def test_a_snapshot_of_the_last_days_a_copy_and_one_elsewhere_measure_nothing() -> None:
    vm = a_vm(a_disk("os"))
    [disk] = (one.key for one in vm.disks)
    late = FIRST + timedelta(days=31 - FEWEST_DAYS, hours=1)
    for odd in (
        snapshot("s", disk, late),
        snapshot("s", disk, FIRST, copied=True),
        snapshot("s", disk, FIRST, region="northeurope"),
        snapshot("s", "/subscriptions/s/x/disks/another", FIRST),
    ):
        assert used(vm, [odd], billed(s="310")) is None


def test_a_full_snapshot_between_two_incremental_ones_is_no_change() -> None:
    vm = a_vm(a_disk("os"))
    [disk] = (one.key for one in vm.disks)
    two = [
        snapshot("s-0", disk, FIRST - timedelta(days=9)),
        snapshot("s-1", disk, FIRST - timedelta(days=4), incremental=False),
    ]
    assert billed_sizes(vm, two, billed(s_0="1550", s_1="1550"), MONTH).changed is None


@given(st.integers(1, 4000), st.integers(0, 31 - FEWEST_DAYS))
def test_what_was_billed_gives_back_what_was_held(gib: int, day: int) -> None:
    vm = a_vm(a_disk("os"))
    [disk] = (one.key for one in vm.disks)
    made = FIRST + timedelta(days=day)
    charges = billed(s=str(gib * (31 - day)))
    found = billed_sizes(vm, [snapshot("s", disk, made)], charges, MONTH).used
    assert found is not None
    assert found.gib.low <= found.gib.likely <= found.gib.high
    assert round(found.gib.likely, 6) == gib
