"""Managed snapshots and VM restore points: what they give, and their row.

Their limits are in `rules`, their tariff in `bill`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from advisor.model import (
    Consistency,
    Event,
    PointTier,
    Proposal,
    ProtectionKind,
    Rto,
    Verdict,
)
from advisor.options.case import Case, judge, verdict_of
from advisor.options.recovery import FROM_SNAPSHOTS, restore_time
from advisor.options.row import (
    DailyPoints,
    FoundInPlace,
    Option,
    no_adjustments,
    no_complements,
    no_warnings,
)
from advisor.options.snapshots.bill import (
    SnapshotBill,
    SnapshotConfiguration,
    usages,
)
from advisor.options.snapshots.configurations import (
    COPY_LAG_INTERVALS,
    configurations,
    said_configuration,
)
from advisor.options.snapshots.in_place import forbidden, found_configuration, found_words
from advisor.options.snapshots.rules import (
    CRASH_POINT_RULES,
    FULL_RULE,
    NOTICES,
    POINT_RULES,
    VM_RULES,
    copy_reason,
    zones_reason,
)
from advisor.options.snapshots.words import BESIDE_AZURE_BACKUP, FLAGS, PHRASES
from advisor.regions import display_name

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


class _PointTiers:
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
    gives, bill = _PointTiers(case), SnapshotBill(case)
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
                option=SNAPSHOTS.name,
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


SNAPSHOTS: Option[SnapshotConfiguration] = Option(
    name="snapshots",
    title="snapshots",
    plural=True,
    flags=FLAGS,
    phrases=PHRASES,
    configurations=configurations,
    said_configuration=said_configuration,
    propose=propose,
    usages=usages,
    makes_plans_with=(),
    not_covered=(),
    proposal_warnings=no_warnings,
    need_warnings=no_warnings,
    complements=no_complements,
    daily_points=DailyPoints(
        configuration={"every": "24h", "full": False, "to": None},
        storage_line="Snapshots",
        fewest=1,
    ),
    break_evens=(BESIDE_AZURE_BACKUP,),
    found=FoundInPlace(
        kinds=(ProtectionKind.SNAPSHOTS, ProtectionKind.RESTORE_POINTS),
        configuration=found_configuration,
        words=found_words,
        forbidden=forbidden,
        adjustments=no_adjustments,
    ),
)
