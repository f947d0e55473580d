"""Snapshots, restore points and Azure Disk Backup that are there already, as configurations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from advisor.model import (
    BackupPolicy,
    Consistency,
    Protection,
    ProtectionKind,
    ProtectionState,
    Retention,
)
from advisor.options.snapshots.bill import SnapshotConfiguration
from advisor.options.snapshots.option import SNAPSHOTS
from tests.strategies import a_case, a_disk, a_vm

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DISK_BACKUP, SERIES, POINTS = (
    ProtectionKind.DISK_BACKUP,
    ProtectionKind.SNAPSHOTS,
    ProtectionKind.RESTORE_POINTS,
)
CASE = a_case(a_vm(a_disk(), a_disk("data0", lun=0)))
DATA = frozenset({a_disk("data0").key})


def found(kind: ProtectionKind, **facts: Any) -> Protection:
    return Protection(kind=kind, state=ProtectionState.ACTIVE, **facts)


def configuration(protection: Protection, case: Any = CASE) -> SnapshotConfiguration | None:
    rules = SNAPSHOTS.found
    assert rules is not None
    return rules.configuration(case, protection)


def tiers(protection: Protection) -> Any:
    [proposal] = SNAPSHOTS.propose(CASE, [configuration(protection)])  # type: ignore[list-item]
    return proposal.tiers


# --- Azure Disk Backup -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"every": 12 * HOUR, "kept": 7 * DAY}, {"every": 12 * HOUR, "keep": Retention(daily=7)}),
        ({"every": 4 * HOUR, "kept": 36 * HOUR},
         {"every": 4 * HOUR, "keep": Retention(daily=2)}),
        ({"every": 7 * DAY, "kept": 28 * DAY}, {"every": 7 * DAY, "count": 4}),
        ({"every": DAY, "kept": 7 * DAY,
          "policy": BackupPolicy(name="p", retention=Retention(daily=5, weekly=4))},
         {"every": DAY, "keep": Retention(daily=5, weekly=4)}),
        ({"every": DAY, "kept": 7 * DAY, "left_out": DATA},
         {"every": DAY, "keep": Retention(daily=7), "only": ("os",)}),
    ],
)  # fmt: skip
def test_a_disk_backup_is_the_configuration_that_its_policy_says(
    facts: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert configuration(found(DISK_BACKUP, **facts)) == SnapshotConfiguration(
        **expected, by="azure-disk-backup"
    )


@pytest.mark.parametrize("facts", [{}, {"every": DAY}, {"kept": 7 * DAY}])
def test_a_disk_backup_whose_policy_was_not_read_has_no_price(facts: dict[str, Any]) -> None:
    assert configuration(found(DISK_BACKUP, **facts)) is None


def test_a_disk_backup_needs_nobody_and_says_which_disk_it_leaves_out() -> None:
    [tier] = tiers(found(DISK_BACKUP, every=12 * HOUR, kept=7 * DAY, left_out=DATA))
    assert tier.conditions == ()
    assert tier.left_out == DATA
    assert (tier.rpo, tier.retention_days) == (12 * HOUR, 7)


# --- what somebody takes ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", [SERIES, POINTS])
@pytest.mark.parametrize("facts", [{}, {"every": DAY}, {"kept": 3 * DAY}])
def test_loose_points_follow_no_schedule_that_could_be_priced(
    kind: ProtectionKind, facts: dict[str, Any]
) -> None:
    assert configuration(found(kind, count=9, **facts)) is None


@pytest.mark.parametrize(
    ("kind", "facts", "expected"),
    [
        (SERIES, {"count": 14}, {"count": 7}),
        (SERIES, {"count": 14, "kept": 5 * DAY}, {"count": 5}),
        (SERIES, {"count": 7, "left_out": DATA}, {"count": 7, "only": ("os",)}),
        (SERIES, {"count": 28, "regions": ("westeurope", "uksouth")},
         {"count": 7, "to": "uksouth"}),
        (SERIES, {"count": 14, "regions": ("westeurope",)}, {"count": 7}),
        (POINTS, {"count": 7}, {"count": 7, "consistent": "crash"}),
        (POINTS, {"count": 7, "consistency": Consistency.CRASH},
         {"count": 7, "consistent": "crash"}),
        (POINTS, {"count": 7, "consistency": Consistency.FILE_SYSTEM},
         {"count": 7, "consistent": "application"}),
    ],
)  # fmt: skip
def test_a_regular_series_is_priced_as_the_schedule_it_follows(
    kind: ProtectionKind, facts: dict[str, Any], expected: dict[str, Any]
) -> None:
    series = found(kind, every=DAY, observed=True, **facts)
    assert configuration(series) == SnapshotConfiguration(every=DAY, observed=True, **expected)
    for tier in tiers(series):
        assert tier.conditions == ("the series goes on",)


def test_a_series_that_lies_elsewhere_alone_is_none_of_ours() -> None:
    series = found(SERIES, every=DAY, observed=True, count=7, regions=("uksouth",))
    assert configuration(series) is None


def test_without_zones_a_series_is_locally_redundant() -> None:
    case = a_case(a_vm(region="westindia"))
    chosen = configuration(found(SERIES, every=DAY, observed=True, count=7), case)
    assert chosen is not None
    assert chosen.redundancy == "lrs"


# --- words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("protection", "said"),
    [
        (found(SERIES, count=1), "1 snapshot that nothing repeats on a schedule"),
        (found(SERIES, count=3), "3 snapshots that nothing repeats on a schedule"),
        (found(POINTS, count=1), "1 restore point that nothing repeats on a schedule"),
        (found(SERIES, count=2, left_out=DATA),
         "2 snapshots that nothing repeats on a schedule (there is no snapshot of data0)"),
        (found(SERIES, count=2, left_out=DATA, detail="There is no snapshot of data0."),
         "2 snapshots that nothing repeats on a schedule"),
        (found(SERIES, count=14, every=DAY, observed=True),
         "a regular series of 14 snapshots every 24 h"),
        (found(DISK_BACKUP, every=12 * HOUR), "Azure Disk Backup of single disks every 12 h"),
        (found(DISK_BACKUP), "Azure Disk Backup of single disks"),
        (found(DISK_BACKUP, left_out=DATA),
         "Azure Disk Backup of single disks (there is no backup of data0)"),
    ],
)  # fmt: skip
def test_what_is_there_is_named_with_its_number_and_its_schedule(
    protection: Protection, said: str
) -> None:
    rules = SNAPSHOTS.found
    assert rules is not None
    assert rules.words(protection) == said
