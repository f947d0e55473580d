"""Managed snapshots and VM restore points: what they give, and which configurations there are.

Their limits are in `rules`, their tariff in `bill`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from advisor.errors import UsageError
from advisor.model import (
    Consistency,
    Event,
    Need,
    PointTier,
    Proposal,
    Protection,
    Retention,
    Rto,
    Verdict,
)
from advisor.options.case import Case, judge, verdict_of
from advisor.options.recovery import FROM_SNAPSHOTS, restore_time
from advisor.options.snapshots.bill import (
    DAY,
    DEFAULT_KEEP,
    Bill,
    SnapshotConfiguration,
    usages,
)
from advisor.options.snapshots.rules import (
    CRASH_POINT_RULES,
    FULL_RULE,
    NOTICES,
    POINT_RULES,
    SHORTEST_SNAPSHOT_INTERVAL,
    VM_RULES,
    copy_reason,
    zones_reason,
)
from advisor.quantities import parse_duration, parse_retention
from advisor.regions import display_name

NAME = "snapshots"
__all__ = [
    "NAME",
    "configurations",
    "found_configuration",
    "propose",
    "said_configuration",
    "usages",
]

FREQUENCIES = tuple(timedelta(hours=hours) for hours in (24, 12, 8, 6, 4))

#: What a copy in another region lags behind: the copy is started when the snapshot is there and
#: takes at most as long again as the interval. Assumed; the article on copying gives no figure.
COPY_LAG_INTERVALS = 2

#: A copy in another region serves only that; zone-redundant snapshots serve their zone too.
SURVIVES: Mapping[str, tuple[Event, ...]] = {
    "": (Event.DELETION,),
    "zone": (Event.DELETION, Event.ZONE),
    "region": (Event.REGION,),
}

LOCAL_NOTE = "Whoever can delete the VM can delete them too."


# --- what it gives ---------------------------------------------------------------------------


def consistency(case: Case, consistent: str | None) -> Consistency:
    """Separate snapshots of several disks have no common moment; one disk alone is as crashed."""
    if consistent == "application" and case.vm.os_type != "Windows":
        return Consistency.FILE_SYSTEM  # on Linux scripts of one's own are wanted for more
    if consistent:
        return Consistency.of(consistent)
    return Consistency.CRASH if len(case.stored_disks) <= 1 else Consistency.NONE


class _Gives:
    """The tiers of a VM's configurations, each made once and shared."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._rto: Rto = restore_time(case.sizing.used_gib.range, FROM_SNAPSHOTS)
        self._tiers: dict[tuple[object, ...], PointTier] = {}

    def of(self, chosen: SnapshotConfiguration) -> tuple[PointTier, ...]:
        zonal = chosen.redundancy == "zrs" and self._case.has_zones
        local = self._tier(chosen, "zone" if zonal else "", None)
        return (local, self._tier(chosen, "region", chosen.to)) if chosen.to else (local,)

    def _tier(self, chosen: SnapshotConfiguration, reach: str, there: str | None) -> PointTier:
        key = (chosen.schedule, chosen.consistent, reach, there)
        tier = self._tiers.get(key)
        if tier is None:
            tier = self._tiers[key] = PointTier(
                name=_tier_name(chosen, there),
                events=SURVIVES[reach],
                rpo=chosen.every * COPY_LAG_INTERVALS if there else chosen.every,
                rto=self._rto,
                retention_days=chosen.retention_days,
                consistency=consistency(self._case, chosen.consistent),
                isolated=False,
                note=f"Copied to {display_name(there)}." if there else LOCAL_NOTE,
            )
        return tier


def _tier_name(chosen: SnapshotConfiguration, there: str | None) -> str:
    if there:
        return "snapshot-copy"
    return "restore-points" if chosen.consistent else "snapshots"


# --- the option ------------------------------------------------------------------------------


def configurations(case: Case) -> Sequence[SnapshotConfiguration]:
    """Every configuration worth pricing for this need, the plainest first."""
    keep = case.need.retention if case.need.retention != Retention() else DEFAULT_KEEP
    target = case.to if case.to and not case.to.startswith("zone:") else case.paired_region
    return _configurations(keep, case.has_zones, target, _frequencies(case.need))


def _frequencies(need: Need) -> tuple[timedelta, ...]:
    """Once a day, and as seldom as each event asked for allows: more often only costs more.

    A copy in another region lags behind, so a need for `region` asks for more.
    """
    wanted = [DAY]
    for event, lag in ((need.deletion, 1), (need.zone, 1), (need.region, COPY_LAG_INTERVALS)):
        if event is not None:
            wanted.append(_seldom_enough(event.rpo / lag))
    return tuple(sorted(set(wanted), reverse=True))


def _seldom_enough(rpo: timedelta) -> timedelta:
    """The longest usual time between snapshots within an RPO; the RPO itself below them all."""
    usual = next((every for every in FREQUENCIES if every <= rpo), None)
    return usual or max(rpo, SHORTEST_SNAPSHOT_INTERVAL)


@lru_cache(maxsize=1024)
def _configurations(
    keep: Retention, zones: bool, target: str, frequencies: tuple[timedelta, ...]
) -> tuple[SnapshotConfiguration, ...]:
    redundancies = ("lrs", "zrs") if zones else ("lrs",)
    chosen = [
        SnapshotConfiguration(every=every, keep=keep, redundancy=redundancy, to=to)
        for every in frequencies
        for to in ((None, target) if target else (None,))
        for redundancy in redundancies
    ]
    chosen += [
        SnapshotConfiguration(keep=keep, redundancy=redundancy, full=True)
        for redundancy in redundancies
    ]
    chosen += [
        SnapshotConfiguration(every=every, keep=keep, redundancy=redundancies[-1], consistent=level)
        for every in (DAY, FREQUENCIES[-1])
        for level in ("crash", "application")
    ]
    return tuple(chosen)


def propose(case: Case, chosen: Sequence[SnapshotConfiguration]) -> list[Proposal]:
    """Judge and bill each configuration; what they share is worked out once."""
    common = judge(VM_RULES, case)
    apart = (*common, *judge(NOTICES, case))
    by_kind = {
        "full": (*apart, *judge((FULL_RULE,), case)),
        "crash": (*common, *judge(CRASH_POINT_RULES, case)),
        "application": (*common, *judge(POINT_RULES, case)),
        "incremental": apart,
    }
    verdicts = {kind: verdict_of(reasons) for kind, reasons in by_kind.items()}
    gives, bill = _Gives(case), Bill(case)
    proposals = []
    for each in chosen:
        kind = each.consistent or ("full" if each.full else "incremental")
        own = each.reasons
        if each.to:
            own += (copy_reason(case.vm.region, each.to),)
        if each.redundancy == "zrs" and not case.has_zones:
            own += (zones_reason(case.vm.region),)
        proposals.append(
            Proposal(
                option=NAME,
                configuration=each.mapping,
                verdict=Verdict.NO if verdict_of(own) is Verdict.NO else verdicts[kind],
                reasons=by_kind[kind] + own,
                tiers=gives.of(each),
                usages=bill.of(each),
                order=each.order,
                chosen=each,
            )
        )
    return proposals


def said_configuration(case: Case, said: Mapping[str, Any]) -> SnapshotConfiguration:
    """The configuration of `estimate`'s flags, the rest by default. Raises UsageError."""
    if said.get("count") and said.get("keep"):
        raise UsageError("Give --count or --keep, not both.")
    default = "zrs" if case.has_zones and not said.get("full") else "lrs"
    redundancy = str(said.get("redundancy") or default)
    if redundancy not in ("lrs", "zrs"):
        raise UsageError(f"Snapshots are lrs or zrs, not {redundancy}.")
    if str(said.get("to") or "").startswith("zone:"):
        raise UsageError("Snapshots are copied to a region, not to a zone: --to northeurope.")
    if said.get("full") and said.get("consistent"):
        raise UsageError("Restore points are incremental: leave out --full or --consistent.")
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
