"""Managed snapshots: what they can do for a VM, what they give and what they cost.

Tariff (disks-incremental-snapshots, 2024-12-09; snapshot-copy-managed-disk, 2026-09-17):
- A snapshot is billed on its used size, never on the provisioned one, at the GB-month price.
- Incremental ones always bill at Standard HDD: the first holds the used data, each further one
  the blocks changed since the one before. Full ones hold the used data each time.
- ZRS costs what LRS costs on Standard HDD in most regions; it is looked up, never derived.
- A copy in another region stores the same there, and its changes cross between the regions.
- A VM restore point bills as incremental snapshots of all its disks (virtual-machines-create-
  restore-points, 2023-11-06).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from advisor.errors import UsageError
from advisor.model import (
    DAYS_PER_MONTH,
    Consistency,
    Event,
    LineKind,
    PointTier,
    Proposal,
    Protection,
    Range,
    Reason,
    Retention,
    Usage,
)
from advisor.options import meters
from advisor.options.case import (
    Case,
    judge,
    rounded,
    verdict_of,
    weakest,
)
from advisor.options.recovery import FROM_SNAPSHOTS, restore_time
from advisor.options.snapshots_rules import (
    CRASH_POINT_RULES,
    FULL_COPY,
    FULL_RULE,
    NOTICES,
    POINT_RULES,
    SHORTEST_SNAPSHOT_INTERVAL,
    VM_RULES,
    count_reason,
    interval_reason,
    zones_reason,
)
from advisor.quantities import format_duration, parse_duration, parse_retention
from advisor.regions import display_name
from advisor.retention import (
    gaps,
    increments,
    point_count,
    span_days,
    stored_gib,
)

NAME = "snapshots"

DAY = timedelta(days=1)
DEFAULT_KEEP = Retention(daily=7)
FREQUENCIES = tuple(timedelta(hours=hours) for hours in (24, 12, 8, 6, 4))

#: What a copy in another region lags behind: the copy is started when the snapshot is there and
#: takes at most as long again as the interval. Assumed; COPY gives no figure.
COPY_LAG_INTERVALS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotConfiguration:
    """How often, how many, which kind and where. `consistent` makes it VM restore points."""

    every: timedelta = DAY
    keep: Retention = DEFAULT_KEEP
    count: int | None = None  #: the newest n, instead of `keep`
    redundancy: str = "zrs"
    full: bool = False
    to: str | None = None
    consistent: str | None = None  #: crash or application

    def as_mapping(self) -> Mapping[str, Any]:
        kept = {"count": self.count} if self.count else {"keep": str(self.keep)}
        return {
            "every": format_duration(self.every),
            **kept,
            "redundancy": self.redundancy,
            "full": self.full,
            "to": self.to,
            "consistent": self.consistent,
        }

    @property
    def points_per_day(self) -> int:
        return max(1, int(DAY / self.every))

    @property
    def days_between(self) -> Decimal:
        return Decimal(self.every.total_seconds()) / Decimal(DAY.total_seconds())

    @property
    def points(self) -> int:
        return self.count or point_count(self.keep, self.points_per_day)


def _configuration_reasons(case: Case, chosen: SnapshotConfiguration) -> Iterator[Reason]:
    yield count_reason(chosen.points, restore_points=bool(chosen.consistent))
    yield interval_reason(chosen.every, chosen.consistent)
    if chosen.full and chosen.to:
        yield FULL_COPY
    if chosen.redundancy == "zrs" and not case.has_zones:
        yield zones_reason(case.vm.region)


# --- what it gives ---------------------------------------------------------------------------


def consistency(case: Case, chosen: SnapshotConfiguration) -> Consistency:
    """Separate snapshots of several disks have no common moment; one disk alone is as crashed."""
    if chosen.consistent:
        return Consistency.of(chosen.consistent)
    return Consistency.CRASH if len(case.stored_disks) <= 1 else Consistency.NONE


def _tiers(case: Case, chosen: SnapshotConfiguration) -> tuple[PointTier, ...]:
    events: tuple[Event, ...] = (Event.DELETION,)
    if chosen.redundancy == "zrs" and case.has_zones:
        events = (Event.DELETION, Event.ZONE)
    local = PointTier(
        name="restore-points" if chosen.consistent else "snapshots",
        events=events,
        rpo=chosen.every,
        rto=restore_time(case.sizing.used_gib.range, FROM_SNAPSHOTS),
        retention_days=_retention_days(chosen),
        consistency=consistency(case, chosen),
        isolated=False,
        note="Whoever can delete the VM can delete them too.",
    )
    return (local, _copy_tier(local, chosen)) if chosen.to else (local,)


def _copy_tier(local: PointTier, chosen: SnapshotConfiguration) -> PointTier:
    return PointTier(
        name="snapshot-copy",
        events=(Event.REGION,),
        rpo=chosen.every * COPY_LAG_INTERVALS,
        rto=local.rto,
        retention_days=local.retention_days,
        consistency=local.consistency,
        isolated=False,
        note=f"Copied to {display_name(chosen.to or '')}.",
    )


def _retention_days(chosen: SnapshotConfiguration) -> int:
    if chosen.count:
        return max(1, int(chosen.count * chosen.days_between))
    return span_days(chosen.keep)


# --- what it costs ---------------------------------------------------------------------------


def usages(
    case: Case, chosen: SnapshotConfiguration, running_days: int | None = None
) -> tuple[Usage, ...]:
    """The bill lines, in the steady state or `running_days` after the start."""
    stored, moved = _stored(case, chosen, running_days)
    what = "Restore points" if chosen.consistent else "Snapshots"
    local = _storage(case, chosen, what, case.vm.region, stored, running_days)
    if not chosen.to:
        return (local,)
    return (
        local,
        _storage(case, chosen, f"{what} copied", chosen.to, stored, running_days),
        _traffic(case, chosen, moved, LineKind.RECURRING),
        _traffic(case, chosen, rounded(case.sizing.used_gib.range), LineKind.ONE_TIME),
    )


def _stored(
    case: Case, chosen: SnapshotConfiguration, running_days: int | None
) -> tuple[Range, Range]:
    """GiB stored by all points, and GiB that change between points in a month."""
    used, shares = case.sizing.used_gib.range, case.shares_per_day
    between = _gaps(chosen, running_days)
    one = ((chosen.days_between, 1),)
    monthly_points = DAYS_PER_MONTH / chosen.days_between
    each = increments(shares, one)
    moved = Range(
        used.low * each.low * monthly_points,
        used.likely * each.likely * monthly_points,
        used.high * each.high * monthly_points,
    )
    if chosen.full:
        count = 1 + sum(pairs for _, pairs in between)
        return rounded(used.times(Decimal(count))), rounded(moved)
    return rounded(stored_gib(used, shares, between)), rounded(moved)


def _gaps(chosen: SnapshotConfiguration, running_days: int | None) -> Any:
    if chosen.count is None:
        return gaps(chosen.keep, running_days, chosen.points_per_day)
    pairs = chosen.count - 1
    if running_days is not None:
        pairs = min(pairs, int(running_days / chosen.days_between) - 1)
    return ((chosen.days_between, max(0, pairs)),)


def _storage(
    case: Case,
    chosen: SnapshotConfiguration,
    name: str,
    region: str,
    stored: Range,
    running_days: int | None,
) -> Usage:
    redundancy = "ZRS" if chosen.redundancy == "zrs" and region == case.vm.region else "LRS"
    kind = "full copies" if chosen.full else "incremental"
    when = "" if running_days is None else f" after {running_days} days"
    return Usage(
        name=name,
        kind=LineKind.RECURRING,
        meter=meters.snapshot("Standard", redundancy, region),
        unit=meters.PER_GB_MONTH,
        quantity=stored,
        source=weakest(case.sizing.used_gib.source, case.sizing.changed_gib_per_day.source),
        basis=f"{chosen.points} points, {kind}, on used size{when}",
    )


def _traffic(case: Case, chosen: SnapshotConfiguration, gib: Range, kind: LineKind) -> Usage:
    first = kind is LineKind.ONE_TIME
    return Usage(
        name="First copy to the other region" if first else "Traffic between regions",
        kind=kind,
        meter=meters.transfer(case.vm.region, chosen.to or ""),
        unit=meters.PER_GB,
        quantity=gib,
        source=weakest(case.sizing.used_gib.source, case.sizing.changed_gib_per_day.source),
        basis="the used data once" if first else "the changed blocks of a month",
    )


# --- the option ------------------------------------------------------------------------------


def configurations(case: Case) -> Sequence[SnapshotConfiguration]:
    """Every configuration worth pricing for this need."""
    keep = case.need.retention if case.need.retention != Retention() else DEFAULT_KEEP
    redundancies = ("lrs", "zrs") if case.has_zones else ("lrs",)
    targets = (None, case.paired_region) if case.paired_region else (None,)
    if case.to and not case.to.startswith("zone:"):
        targets = (None, case.to)
    chosen = [
        SnapshotConfiguration(every=every, keep=keep, redundancy=redundancy, to=to)
        for every in _frequencies(case)
        for redundancy in redundancies
        for to in targets
    ]
    chosen += [
        SnapshotConfiguration(keep=keep, redundancy=redundancy, full=True)
        for redundancy in redundancies
    ]
    return chosen + [
        SnapshotConfiguration(every=every, keep=keep, redundancy=redundancies[-1], consistent=level)
        for every in (DAY, FREQUENCIES[-1])
        for level in ("crash", "application")
    ]


def _frequencies(case: Case) -> tuple[timedelta, ...]:
    wanted = case.need.deletion.rpo if case.need.deletion else DAY
    if SHORTEST_SNAPSHOT_INTERVAL <= wanted < FREQUENCIES[-1]:
        return (*FREQUENCIES, wanted)
    return FREQUENCIES


def propose(case: Case, chosen: Sequence[SnapshotConfiguration]) -> list[Proposal]:
    """Judge and bill each configuration; what they share is worked out once."""
    common = judge((*VM_RULES, *NOTICES), case)
    by_kind = {
        "full": judge((FULL_RULE,), case),
        "crash": judge(CRASH_POINT_RULES, case),
        "application": judge(POINT_RULES, case),
        "incremental": (),
    }
    return [_proposal(case, each, common + by_kind[_kind(each)]) for each in chosen]


def _kind(chosen: SnapshotConfiguration) -> str:
    return chosen.consistent or ("full" if chosen.full else "incremental")


def _proposal(case: Case, chosen: SnapshotConfiguration, common: tuple[Reason, ...]) -> Proposal:
    reasons = common + tuple(_configuration_reasons(case, chosen))
    return Proposal(
        option=NAME,
        configuration=chosen.as_mapping(),
        verdict=verdict_of(reasons),
        reasons=reasons,
        tiers=_tiers(case, chosen),
        usages=usages(case, chosen),
    )


def said_configuration(case: Case, said: Mapping[str, Any]) -> SnapshotConfiguration:
    """The configuration of `estimate`'s flags, the rest by default. Raises UsageError."""
    if said.get("count") and said.get("keep"):
        raise UsageError("Give --count or --keep, not both.")
    redundancy = said.get("redundancy") or (
        "zrs" if case.has_zones and not said.get("full") else "lrs"
    )
    if redundancy not in ("lrs", "zrs"):
        raise UsageError(f"Snapshots are lrs or zrs, not {redundancy}.")
    keep, every = said.get("keep"), parse_duration(str(said.get("every") or "24h"))
    if every > DAY and not said.get("count"):
        raise UsageError("With less than one snapshot a day, say how many are kept: --count 8.")
    return SnapshotConfiguration(
        every=every,
        keep=parse_retention(str(keep)) if keep else DEFAULT_KEEP,
        count=int(said["count"]) if said.get("count") else None,
        redundancy=redundancy,
        full=bool(said.get("full")),
        to=str(said["to"]) if said.get("to") else None,
        consistent=str(said["consistent"]) if said.get("consistent") else None,
    )


def found_configuration(case: Case, found: Protection) -> SnapshotConfiguration | None:
    """Hand-made snapshots follow no schedule that could be priced as one."""
    return None
