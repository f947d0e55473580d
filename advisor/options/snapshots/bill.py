"""What managed snapshots cost: the bill lines of one configuration.

Tariff (disks-incremental-snapshots, 2024-12-09; snapshot-copy-managed-disk, 2026-09-17):
- A snapshot is billed on its used size, never on the provisioned one, at the GB-month price.
- Incremental ones always bill at Standard HDD: the first holds the used data, each further one
  the blocks changed since the one before. Full ones hold the used data each time.
- ZRS costs what LRS costs on Standard HDD in most regions; it is looked up, never derived.
- A copy in another region stores the same there, and its changes cross between the regions.
- A VM restore point bills as incremental snapshots of all its disks (virtual-machines-create-
  restore-points, 2023-11-06), a shared disk never among them (concepts-restore-points, 2022-07-05).
- Azure Disk Backup takes incremental snapshots and has no fee of its own (disk-backup-support-
  matrix, 2026-02-13; backup pricing names none).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from advisor.model import DAYS_PER_MONTH, Disk, LineKind, Range, Reason, Retention, Usage
from advisor.options import meters
from advisor.options.case import Case, is_shared, rounded, weakest
from advisor.options.snapshots.disk_backup_rules import disk_backup_reasons
from advisor.options.snapshots.rules import FULL_COPY, count_reason, interval_reason
from advisor.quantities import format_duration
from advisor.retention import Gaps, billed_days, gaps, point_count, span_days
from advisor.sizing import used_of
from advisor.words import counted

DAY = timedelta(days=1)
DEFAULT_KEEP = Retention(daily=7)
DISK_BACKUP = "azure-disk-backup"  #: what takes them on schedule
OS_PLACE, LUN_PLACE = "os", "lun"


def place(disk: Disk) -> str:
    """How a disk is named in a configuration: os, lun0, or its name where it has no LUN."""
    if disk.is_os:
        return OS_PLACE
    return disk.name if disk.lun is None else f"{LUN_PLACE}{disk.lun}"


def left_out(case: Case, only: tuple[str, ...] | None, consistent: str | None) -> frozenset[str]:
    """`Disk.key` of each disk with data that the points do not hold.

    Those that were not named, and of restore points the shared disks, which Azure excludes.
    """
    if only is None and not consistent:
        return frozenset()
    return frozenset(
        size.disk.key
        for size in case.stored_disks
        if (only is not None and place(size.disk) not in only)
        or (consistent and is_shared(size.disk))
    )


@dataclass(frozen=True, kw_only=True)
class SnapshotConfiguration:
    """How often, how many, which kind and where. `consistent` makes it VM restore points.

    `by` takes them on schedule: Azure Disk Backup, or None, somebody's own automation. `only`
    names the disks (`place`) where it is not all of them. `observed`: a regular series that was
    found, of which nobody knows who takes it.

    What depends on nothing else is worked out once: the same few serve thousands of VMs.
    """

    every: timedelta = DAY
    keep: Retention = DEFAULT_KEEP
    count: int | None = None  #: the newest n, instead of `keep`
    redundancy: str = "zrs"
    full: bool = False
    to: str | None = None
    consistent: str | None = None  #: crash or application
    by: str | None = None
    only: tuple[str, ...] | None = None
    observed: bool = False

    @cached_property
    def mapping(self) -> Mapping[str, Any]:
        """Keyed by `estimate`'s flags."""
        kept = {"count": self.count} if self.count else {"keep": str(self.keep)}
        return {
            "every": format_duration(self.every),
            **kept,
            "redundancy": self.redundancy,
            "full": self.full,
            "to": self.to,
            "consistent": self.consistent,
            "by": self.by,
            "only": None if self.only is None else ",".join(self.only),
        }

    @cached_property
    def order(self) -> tuple[object, ...]:
        """Among equals the plainest first: taken by Azure, separate, incremental, here, seldom,
        LRS.
        """
        kind = (self.by is None, self.consistent or "", self.full)
        return (*kind, self.to or "", -self.every, self.redundancy, self.only or ())

    @cached_property
    def schedule(self) -> str:
        """When points are made and how long they are kept, as a key."""
        return f"{self.every} {self.count} {self.keep} {self.full}"

    @cached_property
    def disks(self) -> str:
        """Which disks it holds, as a key."""
        return f"{self.only} {bool(self.consistent)}"

    @cached_property
    def stored(self) -> str:
        """What it stores, wherever that lies, as a key."""
        return f"{self.schedule} {self.disks}"

    @cached_property
    def kind(self) -> str:
        """What the VM's rules depend on, as a key."""
        return f"{self.consistent} {self.full} {self.by} {self.by and self.every}"

    @cached_property
    def given(self) -> str:
        """What its tiers give, wherever they lie, as a key."""
        return f"{self.stored} {self.consistent} {self.by} {self.observed}"

    @cached_property
    def points_per_day(self) -> int:
        """Those of a day, a started interval counting as one; one where they are rarer."""
        return -(-DAY // self.every)

    @cached_property
    def days_between(self) -> Decimal:
        return Decimal(self.every.total_seconds()) / Decimal(DAY.total_seconds())

    @cached_property
    def points(self) -> int:
        """How many points are kept in the steady state."""
        return self.count or point_count(self.keep, self.points_per_day)

    @cached_property
    def basis(self) -> str:
        """How the stored quantity comes about."""
        kind = "full copies" if self.full else "incremental"
        return f"{counted(self.points, 'point')}, {kind}, on used size"

    @cached_property
    def retention_days(self) -> int:
        """How far back the oldest point reaches."""
        return max(1, int(self.count * self.days_between)) if self.count else span_days(self.keep)

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """What the configuration itself allows or forbids."""
        if self.by == DISK_BACKUP:
            return disk_backup_reasons(self.every, self.points, self.retention_days)
        own = (
            count_reason(self.points, restore_points=bool(self.consistent)),
            interval_reason(self.every, self.consistent),
        )
        return (*own, FULL_COPY) if self.full and self.to else own

    def gaps(self, running_days: int | None) -> Gaps:
        """The gaps between the points, in the steady state or so many days after the start."""
        if self.count is None:
            return gaps(self.keep, running_days, self.points_per_day)
        return ((self.days_between, self._pairs(self.count, running_days)),)

    def _pairs(self, count: int, running_days: int | None) -> Decimal:
        """Pairs of neighbours among the newest n points, on average over the billed month."""
        if running_days is None:
            return Decimal(count - 1)
        days = billed_days(running_days)
        made = (min(count, max(1, int((day + 1) / self.days_between))) for day in days)
        return Decimal(sum(made)) / len(days) - 1


def usages(
    case: Case, chosen: SnapshotConfiguration, running_days: int | None = None
) -> tuple[Usage, ...]:
    """The bill lines, in the steady state or `running_days` after the start."""
    return SnapshotBill(case, running_days).of(chosen)


class SnapshotBill:
    """The lines of a VM's configurations, each line made once and shared.

    A line's key holds all that its quantity, its meter and its words depend on.
    """

    def __init__(self, case: Case, running_days: int | None = None) -> None:
        self._case = case
        self._running_days = running_days
        sizing = case.sizing
        self._source = weakest(sizing.used_gib.source, sizing.changed_gib_per_day.source)
        self._used: dict[str, Range] = {}
        self._stored: dict[str, Range] = {}
        self._lines: dict[tuple[object, ...], Usage] = {}

    def of(self, chosen: SnapshotConfiguration) -> tuple[Usage, ...]:
        local = self._storage(chosen, self._case.vm.region)
        if not chosen.to:
            return (local,)
        return (
            local,
            self._storage(chosen, chosen.to),
            self._traffic(chosen, chosen.to),
            self._first_copy(chosen, chosen.to),
        )

    def _storage(self, chosen: SnapshotConfiguration, region: str) -> Usage:
        here = region == self._case.vm.region
        redundancy = "ZRS" if here and chosen.redundancy == "zrs" else "LRS"
        what = "Restore points" if chosen.consistent else "Snapshots"
        key = (chosen.stored, what, region, redundancy)
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = Usage(
                name=what if here else f"{what} copied",
                kind=LineKind.RECURRING,
                meter=meters.snapshot("Standard", redundancy, region),
                unit=meters.PER_GB_MONTH,
                quantity=self._held(chosen),
                source=self._case.sizing.used_gib.source if chosen.full else self._source,
                basis=chosen.basis,
            )
        return line

    def used(self, chosen: SnapshotConfiguration) -> Range:
        """GiB in use on the disks that its points hold."""
        used = self._used.get(chosen.disks)
        if used is None:
            used = self._used[chosen.disks] = self._use(chosen)
        return used

    def _use(self, chosen: SnapshotConfiguration) -> Range:
        case = self._case
        absent = left_out(case, chosen.only, chosen.consistent)
        if not absent:
            return case.sizing.used_gib.range
        return used_of(size for size in case.stored_disks if size.disk.key not in absent)

    def _held(self, chosen: SnapshotConfiguration) -> Range:
        """GiB held by all points."""
        held = self._stored.get(chosen.stored)
        if held is None:
            held = self._stored[chosen.stored] = rounded(self._hold(chosen))
        return held

    def _hold(self, chosen: SnapshotConfiguration) -> Range:
        used, between = self.used(chosen), chosen.gaps(self._running_days)
        if chosen.full:
            return used.times(Decimal(1 + sum(pairs for _, pairs in between)))
        return self._case.growth.stored_gib(used, between)

    def _traffic(self, chosen: SnapshotConfiguration, target: str) -> Usage:
        key = ("traffic", target, chosen.every, chosen.disks)
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = Usage(
                name="Traffic between regions",
                kind=LineKind.RECURRING,
                meter=meters.transfer(self._case.vm.region, target),
                unit=meters.PER_GB,
                quantity=rounded(self._moved(chosen)),
                source=self._source,
                basis="the changed blocks of a month",
            )
        return line

    def _moved(self, chosen: SnapshotConfiguration) -> Range:
        """GiB that change between points in a month.

        A stated amount is more of little data than of much, and within a day the more is changed
        again and again the larger its share: so the least may be that of the most data.
        """
        used = self.used(chosen)
        each = self._case.growth.over(chosen.days_between)
        points = DAYS_PER_MONTH / chosen.days_between
        return Range.spanning(
            used.low * each.low * points,
            used.likely * each.likely * points,
            used.high * each.high * points,
        )

    def _first_copy(self, chosen: SnapshotConfiguration, target: str) -> Usage:
        key = ("first copy", target, chosen.disks)
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = Usage(
                name="First copy to the other region",
                kind=LineKind.ONE_TIME,
                meter=meters.transfer(self._case.vm.region, target),
                unit=meters.PER_GB,
                quantity=rounded(self.used(chosen)),
                source=self._case.sizing.used_gib.source,
                basis="the used data once",
            )
        return line
