"""A schedule that can be seen only by its points: even, long enough, and still going on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from inventory_samples import NOW, arm_id, bundle, disks_of, fleet, snapshot, vm

from advisor.inventory.series import series_of
from advisor.model import Protection, ProtectionState

OS_DISK = arm_id("Microsoft.Compute/disks", "web-01-os")
DATA_DISK = arm_id("Microsoft.Compute/disks", "web-01-data")
COLLECTIONS = "Microsoft.Compute/restorePointCollections"


def hours(*ages: float) -> Any:
    return series_of([[NOW - timedelta(hours=age) for age in ages]], NOW)


@pytest.mark.parametrize(
    ("ages", "every", "kept"),
    [
        ((2, 26, 50), 24, 72),
        ((1, 5, 9, 13, 17.5), 4.5, 21),
        ((20, 44, 69, 93, 261, 429), 25, 98),
        ((47, 71, 95), 24, 72),
    ],
)
def test_three_or_more_even_points_are_a_series(
    ages: tuple[float, ...], every: float, kept: float
) -> None:
    """Its longest gap counts; older points that a retention thinned out do not."""
    assert hours(*ages) == (timedelta(hours=every), timedelta(hours=kept))


@pytest.mark.parametrize(
    "ages",
    [(), (1,), (1, 25), (1, 25, 26), (1, 25, 100, 101), (49, 73, 97), (1, 1, 1)],
)
def test_fewer_uneven_or_ended_points_are_none(ages: tuple[float, ...]) -> None:
    assert hours(*ages) is None


def taken(*resources: dict[str, Any]) -> Protection:
    [one] = fleet(bundle([vm(), *disks_of(), *resources])).find("web-01").protections
    return one


def daily(disk: str, days: int, first: int = 0, **changes: Any) -> list[dict[str, Any]]:
    name = disk.rsplit("/", 1)[-1]
    return [
        snapshot(f"{name}-{day}", disk, NOW - timedelta(days=day, hours=1), **changes)
        for day in range(first, first + days)
    ]


def test_a_regular_series_of_every_disk_is_an_observed_schedule() -> None:
    one = taken(*daily(OS_DISK, 7), *daily(DATA_DISK, 4))
    assert (one.every, one.kept, one.observed) == (timedelta(days=1), timedelta(days=4), True)
    assert (one.state, one.detail) == (ProtectionState.ACTIVE, "")


def test_a_disk_with_loose_snapshots_only_makes_no_series_of_the_vm() -> None:
    one = taken(*daily(OS_DISK, 7), *daily(DATA_DISK, 1))
    assert (one.every, one.observed) == (None, False)


def test_a_copy_was_taken_when_its_first_was() -> None:
    """Copies to another region made in between do not make the series uneven."""
    first = daily(OS_DISK, 3)
    copies = [
        snapshot(f"copy-{n}", one["id"], NOW - timedelta(days=n, minutes=7), location="northeurope")
        for n, one in enumerate(first)
    ]
    assert taken(*first, *copies, *daily(DATA_DISK, 3)).every == timedelta(days=1)


def test_a_series_that_ended_is_no_schedule_and_not_overdue() -> None:
    one = taken(*daily(OS_DISK, 7, first=9), *daily(DATA_DISK, 7, first=9))
    assert (one.every, one.state) == (None, ProtectionState.ACTIVE)


def test_restore_points_at_even_times_are_an_observed_schedule() -> None:
    arm = arm_id(COLLECTIONS, "c")
    points = [
        {
            "id": f"{arm}/restorePoints/p{n}",
            "timeCreated": (NOW - timedelta(hours=6 * n)).isoformat(),
        }
        for n in range(5)
    ]
    body = {
        "id": arm,
        "type": COLLECTIONS,
        "location": "westeurope",
        "source": {"id": vm()["id"]},
    }
    regular = taken(body | {"restorePoints": points})
    assert (regular.every, regular.observed) == (timedelta(hours=6), True)
    alone = taken(body | {"restorePoints": points[:1]})
    assert (alone.every, alone.detail) == (None, "It follows no schedule that can be seen.")
