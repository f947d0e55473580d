"""What a move takes away, and that nothing is taken that nobody stated or that is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from advisor.model import Course, Event, EventNeed, Need, PointTier, ProtectionState, Retention
from advisor.recommend.moves import gains, lessened
from tests.recommend.made import DAY, HOUR, a_candidate, a_need, a_tier, assumed
from tests.recommend.test_recommend_courses import REPLICA, STATED, courses, stated, with_also
from tests.recommend.test_recommend_in_place import backed_up
from tests.strategies import NOW, a_disk, a_vm, advise

DELETION = Need(deletion=EventNeed(rpo=DAY), retention=Retention(daily=7))
SOON = a_tier(rto=assumed(0.1, 0.25, 1))
ELSEWHERE = a_tier(Event.REGION, name="secondary")


@pytest.mark.parametrize(
    ("before", "after", "less"),
    [
        ((SOON, ELSEWHERE), (SOON,), {"region.asked", "zone.asked"}),
        ((SOON,), (a_tier(rto=assumed(0.2, 0.5, 1)),), {"deletion.rto"}),
        ((SOON,), (SOON._replace(rpo=2 * DAY),), {"deletion.rpo"}),
        ((SOON,), (SOON._replace(isolated=False),), {"isolated"}),
        ((SOON,), (SOON._replace(retention_days=83),), {"retention"}),
        ((SOON,), (SOON, ELSEWHERE), set()),
    ],
)
def test_what_is_given_less_is_named_by_its_figure(
    before: tuple[PointTier, ...], after: tuple[PointTier, ...], less: set[str]
) -> None:
    assert lessened(a_candidate(tiers=before), a_candidate(tiers=after)) == less


def test_what_meets_one_event_better_and_another_worse_gains_nothing() -> None:
    need = a_need(region=EventNeed(rpo=DAY))
    here, there = a_candidate(tiers=(SOON,), need=need), a_candidate(tiers=(ELSEWHERE,), need=need)
    both = a_candidate(tiers=(SOON, ELSEWHERE), need=need)
    assert gains(there, here) == gains(here, there) == ()
    assert gains(both, here) == (1,)


@pytest.mark.parametrize(
    "figures", [frozenset(), frozenset({"deletion.asked", "deletion.rpo", "retention"})]
)
def test_a_second_protection_is_not_ended_for_a_saving_where_nobody_stated_what_it_gives(
    figures: frozenset[str],
) -> None:
    """The replica survives the region, which the need does not ask for."""
    found = with_also(backed_up(redundancy="lrs", keep=Retention(daily=7)), REPLICA)
    assert courses(advise(found, stated(DELETION, figures))) == ("keep",)
    whole = advise(found, stated(DELETION, STATED))
    assert Course.END in whole.decision.courses


def test_a_backup_is_never_left_for_another_vault_for_a_saving_alone() -> None:
    """A vault that is not geo-redundant would cost half as much, and meet as much."""
    found = backed_up(redundancy="grs", keep=Retention(daily=7))
    big = replace(found, vm=a_vm(a_disk(size_gib=4095)))
    decision = advise(big, stated(replace(DELETION, isolated=True), STATED)).decision
    assert Course.REPLACE not in decision.courses


def test_isolation_that_is_asked_for_is_never_given_up_though_the_need_is_missed_anyway() -> None:
    """Neither meets an RPO of an hour; both cost, and only the replica's points are no backup."""
    need = replace(DELETION, deletion=EventNeed(rpo=timedelta(minutes=1)), isolated=True)
    found = with_also(backed_up(redundancy="grs", keep=Retention(daily=7)), REPLICA)
    big = replace(found, vm=a_vm(a_disk(size_gib=4095)))
    decision = advise(big, stated(need, STATED)).decision
    assert decision.plan is not None
    assert "azure-backup" in decision.plan.options


def test_a_first_point_is_overdue_by_the_day_of_the_reading_not_by_that_of_the_advice() -> None:
    """A file that was written ten days ago, half a day after the backup was configured."""
    new = backed_up(ProtectionState.PENDING)
    [found] = new.protections
    taken = NOW - 10 * DAY
    found = replace(found, since=taken - 12 * HOUR, last_point=None)
    read = replace(new, taken=taken, protections=(found,))
    assert courses(advise(read)) == ("wait",)
    assert courses(advise(replace(read, taken=NOW))) == ("fix",)
