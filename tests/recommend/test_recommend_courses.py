"""What to do about what is in place: keep, wait, mend, change, add, replace, end, or none of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisor.model import (
    Adjustment,
    Advice,
    Consistency,
    Course,
    Coverage,
    Disk,
    Event,
    EventNeed,
    KnownVm,
    Meets,
    Need,
    Protection,
    ProtectionKind,
    ProtectionState,
    Retention,
    Verdict,
)
from advisor.needs import Tier, Tiers
from advisor.options.azure_backup.bill import BackupConfiguration
from advisor.options.azure_backup.option import AZURE_BACKUP
from advisor.recommend import moves
from advisor.recommend.assess import Judge
from advisor.recommend.candidates import Candidate
from advisor.recommend.decide import CourseRuling, decide
from advisor.recommend.missing_prices import PriceBounds
from advisor.recommend.nearest import nearest
from advisor.recommend.plans import fresh_plans
from advisor.recommend.standing import standings
from tests.recommend.made import DAY, HOUR
from tests.recommend.test_recommend_in_place import backed_up
from tests.strategies import NOW, a_case, a_disk, a_vm, advise, known, pricer

PRODUCTION = Need(
    deletion=EventNeed(rpo=DAY),
    region=EventNeed(rpo=36 * HOUR, rto=DAY),
    retention=Retention(daily=30, weekly=12),
    isolated=True,
)
STATED = frozenset(
    {"deletion.asked", "deletion.rpo", "region.asked", "region.rpo", "region.rto", "zone.asked",
     "retention", "isolated", "consistency", "deletion.rto", "zone.rpo", "zone.rto"}
)  # fmt: skip
REPLICA = Protection(
    kind=ProtectionKind.SITE_RECOVERY,
    state=ProtectionState.ACTIVE,
    target="northeurope",
    rpo=timedelta(minutes=5),
)


def stated(need: Need = PRODUCTION, figures: frozenset[str] = STATED) -> Tiers:
    """One tier for all VMs, with figures that somebody stated."""
    mine = replace(need, stated=figures, tier="mine")
    return Tiers(tiers=(Tier(name="mine", tags={}, need=mine),), default="mine")


def with_also(found: KnownVm, *others: Protection, **changes: Any) -> KnownVm:
    return replace(found, protections=(*found.protections, *others), **changes)


def changed(found: KnownVm, **changes: Any) -> KnownVm:
    """The same with its first protection otherwise."""
    first, *others = found.protections
    return replace(found, protections=(replace(first, **changes), *others))


def courses(advice: Advice) -> tuple[str, ...]:
    return tuple(course.value for course in advice.decision.courses)


# --- keep, and what is not met ---------------------------------------------------------------


def test_what_nobody_stated_is_kept_and_the_ways_to_the_rest_stand_beside_it() -> None:
    decision = advise(backed_up(redundancy="lrs")).decision
    assert decision.courses == (Course.KEEP,)
    assert decision.meets is Meets.NO
    assert decision.sentence.startswith("Keep Azure Backup as it is.")
    assert "the loss of its region is not covered" in decision.sentence
    ways = [each for each in decision.alternatives if each.why == "covers-more"]
    assert [each.plan.options for each in ways if each.plan] == [
        ("azure-backup",), ("azure-backup", "site-recovery"),
    ]  # fmt: skip
    assert "move the VM to another resource group" in ways[0].sentence
    assert "USD a month" in ways[1].sentence


def test_what_somebody_stated_is_met_by_the_cheapest_way_to_it() -> None:
    decision = advise(backed_up(redundancy="lrs"), stated()).decision
    assert decision.courses == (Course.REPLACE,)
    assert decision.meets is Meets.YES
    assert decision.irreversible
    assert any("VM is in one vault at a time" in each for each in decision.todo)


def test_figures_are_stated_one_by_one() -> None:
    """The region was not: what it lacks decides nothing."""
    only = stated(figures=frozenset({"deletion.asked", "deletion.rpo", "retention"}))
    assert courses(advise(backed_up(redundancy="lrs"), only)) == ("keep",)


def test_another_vault_is_never_taken_for_a_saving_alone() -> None:
    """Enhanced every 4 h with all that it keeps, and a need that asks for much less: another
    policy in the same vault saves, too.
    """
    dear = backed_up(enhanced=True, days=30, every=4 * HOUR, keep=Retention(daily=365))
    need = Need(deletion=EventNeed(rpo=DAY), retention=Retention(daily=30), isolated=True)
    assert courses(advise(dear, stated(need))) == ("adjust",)


def test_one_of_several_is_ended_where_the_stated_need_does_not_ask_for_it() -> None:
    decision = advise(with_also(backed_up(), REPLICA), stated()).decision
    assert decision.courses == (Course.END,)
    assert decision.plan is not None
    assert decision.plan.options == ("azure-backup",)
    assert decision.difference is not None
    assert decision.difference < 0
    assert any("End Site Recovery" in each for each in decision.todo)


def test_the_difference_is_what_is_paid_afterwards_less_what_is_paid_today() -> None:
    decision = advise(with_also(backed_up(redundancy="lrs"), REPLICA)).decision
    assert decision.plan is not None
    assert decision.today is not None
    assert decision.today.likely == decision.plan.monthly.likely
    assert decision.difference == 0


def test_one_without_a_price_makes_today_unknown_and_no_difference_is_told() -> None:
    loose = Protection(kind=ProtectionKind.SNAPSHOTS, state=ProtectionState.ACTIVE, count=2)
    decision = advise(with_also(backed_up(), loose)).decision
    assert decision.courses == (Course.KEEP,)
    assert (decision.today, decision.difference) == (None, None)


# --- add -------------------------------------------------------------------------------------


def test_a_backup_is_added_where_deletion_is_not_covered_at_all() -> None:
    decision = advise(known(a_vm(), protections=(REPLICA,))).decision
    assert decision.courses == (Course.ADD,)
    assert decision.plan is not None
    assert decision.plan.options == ("site-recovery", "azure-backup")
    assert decision.meets is Meets.YES
    assert "beside Site Recovery" in decision.sentence


def test_loose_snapshots_cover_nothing() -> None:
    loose = Protection(kind=ProtectionKind.SNAPSHOTS, state=ProtectionState.ACTIVE, count=3)
    decision = advise(known(a_vm(), protections=(loose,))).decision
    assert decision.courses == (Course.ADD,)
    assert decision.plan is not None
    assert decision.plan.options == ("azure-backup",)


# --- wait and mend ---------------------------------------------------------------------------


def test_a_first_point_is_waited_for_one_interval_and_a_day() -> None:
    waiting = backed_up(ProtectionState.PENDING)
    for since, course in ((47, "wait"), (49, "fix")):
        found = changed(waiting, since=NOW - since * HOUR, last_point=None)
        assert courses(advise(found)) == (course,)


def test_whoever_waits_is_told_the_day_to_look_again() -> None:
    found = changed(backed_up(ProtectionState.PENDING), last_point=None)
    [said] = advise(found).decision.todo
    assert f"{NOW + 2 * DAY:%Y-%m-%d}" in said


def test_replication_behind_its_need_is_mended_and_meets_nothing_meanwhile() -> None:
    behind = replace(REPLICA, rpo=timedelta(hours=3))
    critical = a_vm(tags={"criticality": "mission-critical"})
    found = with_also(replace(backed_up(redundancy="lrs"), vm=critical), behind)
    advice = advise(found)
    assert courses(advice) == ("fix",)
    replica = advice.in_place[1].assessment
    assert replica is not None
    assert not replica.met
    assert "region: RPO 3 h instead of 15 min" in replica.unmet
    assert any("behind by 3 h" in each for each in advice.decision.todo)


def test_a_drill_left_running_is_cleaned_up_first_and_changes_nothing_else() -> None:
    left = replace(REPLICA, drill_since=NOW - 50 * DAY)
    decision = advise(with_also(backed_up(redundancy="lrs"), left)).decision
    assert decision.courses == (Course.KEEP,)
    assert decision.todo[0].startswith(f"Clean up the test failover of {NOW - 50 * DAY:%Y-%m-%d}")


def test_what_was_stopped_is_taken_up_again_only_where_it_is_needed() -> None:
    stopped = replace(REPLICA, state=ProtectionState.STOPPED)
    assert courses(advise(with_also(backed_up(), stopped))) == ("keep",)
    assert courses(advise(with_also(backed_up(redundancy="lrs"), stopped))) == ("fix",)


#: Zone-redundant incremental snapshots of every disk, every four hours for a week.
DISK_BACKUP = Protection(
    kind=ProtectionKind.DISK_BACKUP,
    state=ProtectionState.ACTIVE,
    last_point=NOW - HOUR,
    count=42,
    regions=("westeurope",),
    every=4 * HOUR,
    kept=7 * DAY,
)
DELETION_ALONE = Need(deletion=EventNeed(rpo=DAY), retention=Retention(daily=7))


def test_what_was_deleted_on_purpose_is_not_taken_up_for_a_zone_that_nobody_asks_for() -> None:
    gone = replace(DISK_BACKUP, state=ProtectionState.SOFT_DELETED)
    found = with_also(backed_up(redundancy="lrs", keep=Retention(daily=7)), gone)
    assert courses(advise(found, stated(DELETION_ALONE))) == ("keep",)


def test_what_runs_is_never_ended_for_what_fails_and_costs_less() -> None:
    failing = replace(DISK_BACKUP, state=ProtectionState.ERROR)
    found = with_also(backed_up(redundancy="lrs", keep=Retention(daily=7)), failing)
    figures = STATED - {"deletion.asked"}  # so that nothing is replaced for a saving
    decision = advise(found, stated(DELETION_ALONE, figures)).decision
    assert decision.plan is not None
    assert "azure-backup" in decision.plan.options


def test_a_stopped_one_that_is_not_needed_is_told_with_what_it_costs() -> None:
    stopped = replace(REPLICA, state=ProtectionState.STOPPED)
    changes = " ".join(advise(with_also(backed_up(), stopped)).changes)
    assert "Site Recovery is stopped and costs" in changes


# --- cannot say, and nothing read ------------------------------------------------------------


def test_protection_that_was_found_and_not_read_leaves_nothing_to_say() -> None:
    decision = advise(changed(backed_up(), policy=None)).decision
    assert (decision.courses, decision.plan) == ((Course.CANNOT_SAY,), None)
    assert decision.sentence.startswith("Cannot say")


def test_what_meets_the_need_is_kept_whatever_else_could_not_be_read() -> None:
    unread = replace(REPLICA, target=None)
    assert courses(advise(with_also(backed_up(), unread))) == ("keep",)


def test_where_nobody_read_what_protects_it_that_is_said_first_and_is_no_condition() -> None:
    decision = advise(known(a_vm(), coverage=Coverage())).decision
    assert decision.courses == (Course.PROTECT,)
    assert (decision.meets, decision.conditions) == (Meets.YES, ())
    assert "if nothing protects it yet" in decision.sentence
    assert "vmbackup inventory query" in decision.todo[0]


def test_a_vm_whose_disks_hold_nothing_needs_no_protection() -> None:
    decision = advise(a_vm(a_disk(ephemeral=True))).decision
    assert (decision.courses, decision.plan) == ((Course.NOTHING_TO_PROTECT,), None)


def test_a_node_of_aks_needs_no_protection_and_its_cluster_does() -> None:
    decision = advise(a_vm(tags={"aks-managed-poolName": "np1"})).decision
    assert decision.courses == (Course.NOTHING_TO_PROTECT,)
    assert "Azure Backup for AKS" in decision.sentence


# --- adjust ----------------------------------------------------------------------------------


def ruling(
    found: KnownVm, need: Need, adjustments: Callable[..., Sequence[Adjustment]]
) -> CourseRuling:
    """The decision where Azure Backup may be changed in place as `adjustments` says."""
    case, usd = a_case(found.vm, need=need), pricer()
    judge = Judge(need, found.vm.disks)
    assert AZURE_BACKUP.found is not None
    row = replace(AZURE_BACKUP, found=replace(AZURE_BACKUP.found, adjustments=adjustments))
    standing = tuple(each._replace(option=row) for each in standings(found, case, judge, usd, NOW))
    assessed = [
        judge.assess(proposal, *usd.bill(proposal.usages))
        for proposal in AZURE_BACKUP.propose(case, AZURE_BACKUP.configurations(case))
        if proposal.verdict is not Verdict.NO
    ]

    bounds = PriceBounds(usd.known_anywhere)

    def nothing(_: frozenset[str]) -> tuple[()]:
        return ()

    def near() -> tuple[Candidate, ...]:
        return nearest(assessed, judge, bounds)

    fresh = fresh_plans(assessed, judge, bounds, nothing)
    return decide(moves.Place(case, judge, usd, bounds, standing, fresh, nothing, near))


def to(what: str = "change it", **changes: Any) -> Callable[..., Sequence[Adjustment]]:
    """One adjustment: what is in place, with these parts of its configuration otherwise."""

    def adjustments(case: Any, found: Protection) -> Sequence[Adjustment]:
        assert AZURE_BACKUP.found is not None
        chosen = AZURE_BACKUP.found.configuration(case, found)
        assert isinstance(chosen, BackupConfiguration)
        after = replace(chosen, **changes)
        return (Adjustment(what, after.mapping, after),)

    return adjustments


def test_what_is_missing_is_met_by_a_change_in_place_whether_stated_or_not() -> None:
    for need in (PRODUCTION, replace(PRODUCTION, stated=STATED)):
        decided = ruling(backed_up(redundancy="grs"), need, to(redundancy="grs-crr"))
        assert decided.courses == (Course.ADJUST,)
        assert decided.chosen is not None
        assert decided.chosen.judged.met == {Event.DELETION, Event.REGION}


def test_a_change_goes_together_with_waiting_for_the_first_point() -> None:
    new = changed(backed_up(ProtectionState.PENDING, redundancy="lrs"), last_point=None)
    decided = ruling(new, PRODUCTION, to(redundancy="grs-crr"))
    assert decided.courses == (Course.ADJUST, Course.WAIT)


def test_days_of_instant_restore_beyond_the_need_are_a_setting_and_may_be_fewer() -> None:
    """30 days of 4 TB cost more than the vault; nobody stated anything."""
    found = backed_up(days=30)
    big = replace(found, vm=a_vm(a_disk(size_gib=4095)))
    assert ruling(big, PRODUCTION, to(instant_restore_days=2)).courses == (Course.ADJUST,)


def test_a_day_of_instant_restore_less_is_not_taken_for_a_few_dollars() -> None:
    found = replace(backed_up(days=30), vm=a_vm(a_disk(size_gib=4095)))

    def fewer(case: Any, protection: Protection) -> Sequence[Adjustment]:
        return [
            change._replace(takes_away=("Restores at once reach less far back.",))
            for days in (2, 1)
            for change in to(f"{days}", instant_restore_days=days)(case, protection)
        ]

    decided = ruling(found, PRODUCTION, fewer)
    assert decided.chosen is not None
    assert decided.chosen.adjusted is not None
    assert decided.chosen.adjusted.what == "2"


@pytest.mark.parametrize(("figures", "course"), [(frozenset(), "keep"), (STATED, "adjust")])
def test_a_retention_is_shortened_only_where_one_was_stated(
    figures: frozenset[str], course: str
) -> None:
    found = backed_up(keep=Retention(daily=30, weekly=12, monthly=60, yearly=10))
    big = replace(found, vm=a_vm(a_disk(size_gib=4095)))
    need = replace(PRODUCTION, stated=figures)
    decided = ruling(big, need, to(keep=Retention(daily=30, weekly=12)))
    assert [each.value for each in decided.courses] == [course]


def test_a_shared_disk_is_held_beside_the_vault_that_survives_what_is_asked() -> None:
    """The cheapest vault is local, and with it nothing would survive the region."""
    shared = a_disk("quorum", max_shares=2)
    asked_for = replace(PRODUCTION, isolated=False, consistency=Consistency.CRASH)
    decision = advise(a_vm(a_disk(), shared), stated(asked_for, frozenset({"isolated"}))).decision
    assert decision.courses == (Course.PROTECT,)
    assert decision.plan is not None
    assert decision.plan.options == ("azure-backup", "snapshots")
    assert not decision.unmet


def test_what_an_option_leaves_out_is_held_by_another_option() -> None:
    """Restore points leave the shared disk out; snapshots of it are no plan beside them."""
    need = replace(DELETION_ALONE, consistency=Consistency.CRASH)
    decision = advise(a_vm(a_disk(), a_disk("quorum", max_shares=2)), stated(need)).decision
    assert decision.plan is not None
    assert decision.plan.options == ("azure-backup", "snapshots")


def test_a_disk_that_is_in_no_point_is_taken_in_and_named_as_a_gap_of_today() -> None:
    data: Disk = a_disk("data", size_gib=256)
    found = changed(replace(backed_up(), vm=a_vm(a_disk(), data)), left_out=frozenset({data.key}))
    advice = advise(found)
    assert [gap.disk for gap in advice.decision.gaps] == ["data"]
    assert advice.decision.meets is Meets.YES, "once it is taken in"
    assert "The disk data is in no point today" in advice.decision.sentence
    decided = ruling(found, PRODUCTION, to(left_out=frozenset(), leave_out=""))
    assert decided.courses == (Course.ADJUST,)
    assert decided.chosen is not None
    assert decided.base is not None
    assert not decided.chosen.judged.gaps
    assert [gap.disk for gap in decided.base.judged.gaps] == ["data"]
