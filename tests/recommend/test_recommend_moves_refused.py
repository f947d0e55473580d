"""Moves that look better and are not made: for what nobody stated, or what Azure does not take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.model import (
    Consistency,
    Course,
    EventNeed,
    KnownVm,
    Meets,
    Need,
    Protection,
    ProtectionKind,
    ProtectionState,
    Retention,
)
from tests.recommend.made import DAY, HOUR
from tests.recommend.test_recommend_courses import REPLICA, courses, stated, with_also
from tests.recommend.test_recommend_in_place import backed_up
from tests.strategies import NOW, a_disk, a_vm, advise, known

BIG = a_disk(size_gib=4095)
SERIES = Protection(
    kind=ProtectionKind.SNAPSHOTS,
    state=ProtectionState.ACTIVE,
    last_point=NOW - 5 * HOUR,
    count=7,
    regions=("westeurope",),
    every=DAY,
    kept=7 * DAY,
    observed=True,
)
DISK_BACKUP = replace(
    SERIES,
    kind=ProtectionKind.DISK_BACKUP,
    every=4 * HOUR,
    kept=30 * DAY,
    observed=False,
)


def on(found: KnownVm, *disks: object) -> KnownVm:
    return replace(found, vm=a_vm(*disks))  # type: ignore[arg-type]


def test_another_vault_is_not_taken_for_a_figure_that_nobody_stated_because_it_costs_less() -> None:
    """The zone is stated and its RPO is not: a vault across zones gives 24 h for less, and the one
    in place 36 h from the pair."""
    need = Need(zone=EventNeed(rpo=DAY), retention=Retention(daily=30, weekly=12), isolated=True)
    found = on(backed_up(redundancy="grs-crr"), BIG)
    lost = {"deletion.asked", "deletion.rpo", "deletion.rto", "region.asked", "retention",
            "isolated", "consistency", "zone.asked"}  # fmt: skip
    assert courses(advise(found, stated(need, frozenset(lost)))) == ("keep",)
    more = frozenset({*lost, "zone.rpo"})
    assert courses(advise(found, stated(need, more))) == ("replace",)


def test_a_second_protection_that_gives_nothing_more_is_kept_where_nobody_stated_a_need() -> None:
    """Daily snapshots beside Azure Disk Backup every four hours, of the same disk."""
    found = known(a_vm(BIG), protections=(DISK_BACKUP, SERIES))
    need = Need(deletion=EventNeed(rpo=DAY), retention=Retention(daily=7))
    unstated = advise(found, stated(need, frozenset())).decision
    assert unstated.courses == (Course.KEEP,)
    assert [each.why for each in unstated.alternatives] == ["saving"]
    whole = advise(found, stated(need, frozenset({"deletion.asked"}))).decision
    assert whole.courses == (Course.END,)


def test_a_policy_that_azure_does_not_take_is_not_assigned() -> None:
    """Yearly points beside nearly as many daily ones as a VM may have would be too many."""
    need = Need(deletion=EventNeed(rpo=DAY), retention=Retention(yearly=99))
    for daily, course in ((9990, "keep"), (9900, "adjust")):
        found = backed_up(redundancy="lrs", keep=Retention(daily=daily))
        assert courses(advise(found, stated(need, frozenset()))) == (course,)


@pytest.mark.parametrize(
    ("wanted", "assigned"),
    [
        (Retention(monthly=12), "weekly=1,monthly=12"),
        (Retention(daily=30), "weekly=5"),
        (Retention(daily=7, weekly=12), "weekly=12"),
    ],
)
def test_a_weekly_policy_that_keeps_less_still_keeps_weekly_points_and_all_that_is_asked(
    wanted: Retention, assigned: str
) -> None:
    found = on(backed_up(redundancy="lrs", every=7 * DAY, days=5, keep=Retention(weekly=520)), BIG)
    need = Need(deletion=EventNeed(rpo=7 * DAY), retention=wanted)
    figures = frozenset({"deletion.asked", "deletion.rpo", "retention"})
    decision = advise(found, stated(need, figures)).decision
    assert decision.courses == (Course.ADJUST,)
    assert decision.plan is not None
    assert decision.plan.adjusted is not None
    assert decision.plan.adjusted.configuration["keep"] == assigned


def test_a_weekly_policy_keeps_more_weeks_where_it_does_not_reach_back_far_enough() -> None:
    found = backed_up(redundancy="lrs", every=7 * DAY, days=5, keep=Retention(weekly=2))
    need = Need(deletion=EventNeed(rpo=7 * DAY), retention=Retention(daily=30))
    decision = advise(found, stated(need, frozenset())).decision
    assert decision.courses == (Course.ADJUST,)
    assert decision.meets is Meets.YES
    assert decision.plan is not None
    assert decision.plan.adjusted is not None
    assert decision.plan.adjusted.configuration["keep"] == "weekly=5"


def test_what_meets_a_stated_need_for_certain_is_not_given_up_for_what_somebody_has_to_do() -> None:
    """Copies of snapshots cost 4 USD and a replica 70, if somebody takes them: named beside it. A
    backup that was stopped is not taken up again for a region."""
    need = Need(region=EventNeed(rpo=DAY, rto=HOUR), consistency=Consistency.CRASH)
    stopped = backed_up(ProtectionState.STOPPED, redundancy="lrs")
    decision = advise(with_also(stopped, REPLICA), stated(need)).decision
    assert (decision.courses, decision.meets) == ((Course.KEEP,), Meets.YES)
    [saving] = decision.alternatives
    assert saving.why == "saving"
    assert saving.plan is not None
    assert saving.plan.meets is Meets.IF


def test_what_nobody_needs_of_an_event_is_no_reason_to_keep_what_survives_it() -> None:
    """The region need not be survived, and the vault in the pair would survive it still, later
    than the replica: that is no loss, and the replica is ended for its 70 USD."""
    need = Need(deletion=EventNeed(rpo=DAY), retention=Retention(daily=30, weekly=12))
    spoken = frozenset(
        {"deletion.asked", "deletion.rpo", "retention", "region.asked", "zone.asked"}
    )
    for redundancy in ("lrs", "grs-crr"):
        found = with_also(backed_up(redundancy=redundancy), REPLICA)
        assert courses(advise(found, stated(need, spoken))) == ("end",)
        unspoken = spoken - {"region.asked"}
        assert courses(advise(found, stated(need, unspoken))) == ("keep",)


@pytest.mark.parametrize("daily", [60, 365])
def test_what_is_ended_does_not_hide_that_what_stays_keeps_more_than_is_asked(daily: int) -> None:
    """The points beyond 30 days are a fiftieth of what the replica costs, or more than it does:
    worth a change once the replica is gone, or before, and told together with its end."""
    need = Need(deletion=EventNeed(rpo=DAY), retention=Retention(daily=30))
    found = on(with_also(backed_up(redundancy="lrs", keep=Retention(daily=daily)), REPLICA), BIG)
    decision = advise(found, stated(need)).decision
    assert decision.courses == (Course.END, Course.ADJUST)
    assert decision.plan is not None
    assert decision.plan.options == ("azure-backup",)
    assert decision.plan.adjusted is not None
    assert decision.plan.adjusted.configuration["keep"] == "daily=30"
    assert decision.brief.startswith("End Site Recovery and keep Azure Backup; assign another")
    assert any("End Site Recovery" in each for each in decision.todo)
    assert any("Points older than 30 days are deleted" in each for each in decision.todo)


def test_days_of_instant_restore_below_the_portals_do_not_make_the_others_worth_it() -> None:
    """30 days cost 266 USD, the portal's 7 cost 242 and one day 236: none of them is a tenth less
    than the one before, and only the last is one less than the first."""
    big = (a_disk(), a_disk("data", is_os=False, lun=0, size_gib=2048))
    backup = backed_up(redundancy="grs-crr", enhanced=True, days=30)
    assert courses(advise(on(backup, *big))) == ("keep",)


def test_a_vm_is_not_backed_up_into_a_second_vault_in_the_place_of_its_replica() -> None:
    """A vault with cross-region restore would survive the region for a third of the price; the VM
    is in one vault at a time."""
    found = with_also(on(backed_up(redundancy="lrs"), a_disk(size_gib=1024)), REPLICA)
    assert courses(advise(found, stated())) == ("keep",)


def test_a_disk_in_no_point_is_missed_by_whoever_stated_the_event_and_not_its_rpo() -> None:
    """The vault runs as often as is asked, and leaves the shared disk out."""
    shared = a_disk("quorum", is_os=False, lun=0, max_shares=2)
    found = on(backed_up(redundancy="lrs", enhanced=True, days=7), a_disk(), shared)
    need = Need(deletion=EventNeed(rpo=DAY), retention=Retention(daily=30))
    assert courses(advise(found, stated(need, frozenset({"deletion.asked"})))) == ("add",)
    assert courses(advise(found, stated(need, frozenset({"deletion.rpo"})))) == ("keep",)
