"""Managed snapshots and VM restore points: what they give, and their row.

Their limits are in `rules`, their tariff in `bill`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from advisor.model import Proposal, ProtectionKind, Reason, Verdict
from advisor.options.case import Case, SupportRule, judge, once, verdict_of
from advisor.options.row import (
    DailyPoints,
    FoundInPlace,
    Option,
    no_adjustments,
    no_warnings,
)
from advisor.options.snapshots.bill import (
    DISK_BACKUP,
    SnapshotBill,
    SnapshotConfiguration,
    left_out,
    usages,
)
from advisor.options.snapshots.configurations import (
    complements,
    configurations,
    said_configuration,
)
from advisor.options.snapshots.disk_backup_rules import (
    DISK_BACKUP_RULES,
    OFTEN_RULES,
    SCHEDULES_OF_DIRECT_DRIVE,
)
from advisor.options.snapshots.in_place import forbidden, found_configuration, found_words
from advisor.options.snapshots.rules import (
    CRASH_RULES,
    FULL_RULES,
    MOST_SNAPSHOTS_OF_A_DISK,
    NOTICES,
    POINT_RULES,
    VM_RULES,
    copy_reason,
    zones_reason,
)
from advisor.options.snapshots.tiers import SnapshotTiers
from advisor.options.snapshots.words import BESIDE_AZURE_BACKUP, FLAGS, PHRASES


class _Rules:
    """What the VM's rules answer for each kind of configuration, each rule asked once."""

    def __init__(self, case: Case, only: tuple[str, ...] | None) -> None:
        self.case = _held(case, only)
        self._common = judge(VM_RULES, self.case)
        self._groups: dict[int, tuple[Reason, ...]] = {}
        self._kinds: dict[str, tuple[tuple[Reason, ...], Verdict]] = {}

    def of(self, chosen: SnapshotConfiguration) -> tuple[tuple[Reason, ...], Verdict]:
        """The reasons that the VM gives, and their verdict."""
        known = self._kinds.get(chosen.kind)
        if known is None:
            reasons = self._common + self._of_kind(chosen)
            known = self._kinds[chosen.kind] = (reasons, verdict_of(reasons))
        return known

    def _of_kind(self, chosen: SnapshotConfiguration) -> tuple[Reason, ...]:
        if chosen.consistent:
            points = self._group(POINT_RULES)
            return points + self._group(CRASH_RULES) if chosen.consistent == "crash" else points
        apart = self._group(NOTICES)
        if chosen.full:
            apart += self._group(FULL_RULES)
        if chosen.by == DISK_BACKUP:
            apart += self._group(DISK_BACKUP_RULES)
            if chosen.every not in SCHEDULES_OF_DIRECT_DRIVE:
                apart += self._group(OFTEN_RULES)
        return apart

    def _group(self, rules: tuple[SupportRule, ...]) -> tuple[Reason, ...]:
        """A table of rules, by its identity: the tables live as long as the program."""
        reasons = self._groups.get(id(rules))
        if reasons is None:
            reasons = self._groups[id(rules)] = judge(rules, self.case)
        return reasons


class _RulesOf:
    """The rules for each choice of disks, made once."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._rules: dict[tuple[str, ...] | None, _Rules] = {}

    def rules(self, only: tuple[str, ...] | None) -> _Rules:
        rules = self._rules.get(only)
        if rules is None:
            rules = self._rules[only] = _Rules(self._case, only)
        return rules


def _held(case: Case, only: tuple[str, ...] | None) -> Case:
    """The case with those disks only that its points would hold: others are no hindrance."""
    absent = case.leave_out | left_out(case, only, None)
    if not absent:
        return case
    disks = tuple(disk for disk in case.vm.disks if disk.key not in absent)
    stored = tuple(size for size in case.stored_disks if size.disk.key not in absent)
    return replace(case, vm=replace(case.vm, disks=disks), stored_disks=stored)


def propose(
    case: Case, chosen: Sequence[SnapshotConfiguration], *, bill_forbidden: bool = True
) -> list[Proposal]:
    """Judge and bill each configuration; what they share is worked out once."""
    gives, bill, of_disks = (
        once(case, SnapshotTiers),
        once(case, SnapshotBill),
        once(case, _RulesOf),
    )
    proposals, no = [], Verdict.NO
    for each in chosen:
        reasons, verdict = of_disks.rules(each.only).of(each)
        own = each.reasons
        if each.to:
            own += (copy_reason(case.vm.region, each.to),)
        if each.redundancy == "zrs" and not case.has_zones:
            own += (zones_reason(case.vm.region),)
        if verdict_of(own) is no:
            verdict = no
        proposals.append(
            Proposal(
                option=SNAPSHOTS.name,
                configuration=each.mapping,
                verdict=verdict,
                reasons=reasons + own,
                tiers=gives.of(each),
                usages=bill.of(each) if bill_forbidden or verdict is not no else (),
                notes=gives.notes(each),
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
    complements=complements,
    daily_points=DailyPoints(
        configuration={"every": "24h", "full": False, "to": None, "consistent": None, "by": None},
        storage_line="Snapshots",
        fewest=1,
        most=MOST_SNAPSHOTS_OF_A_DISK,
    ),
    break_evens=(BESIDE_AZURE_BACKUP,),
    found=FoundInPlace(
        kinds=(
            ProtectionKind.SNAPSHOTS,
            ProtectionKind.RESTORE_POINTS,
            ProtectionKind.DISK_BACKUP,
        ),
        configuration=found_configuration,
        words=found_words,
        forbidden=forbidden,
        leaving="",
        leaving_locked="",
        ending="",
        ending_locked="",
        adjustments=no_adjustments,
    ),
)
