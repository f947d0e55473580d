"""When an event is met: for certain, on a condition, or not; and which disks are in no point."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.model import (
    TAKEN_BY_SOMEBODY,
    Consistency,
    Event,
    EventNeed,
    Meets,
    Need,
    PointTier,
    Retention,
)
from advisor.recommend.assess import Judge, Judged
from advisor.recommend.candidates import CERTAIN, IF_NOT_STATED, IF_STATED, UNMET, levels
from tests.recommend.made import (
    DAY,
    HOUR,
    a_candidate,
    a_need,
    a_proposal,
    a_tier,
    assumed,
    blocking,
)
from tests.strategies import a_disk

INSTANT = a_tier(name="instant", rpo=4 * HOUR, retention_days=7, isolated=False)


def judged(*tiers: PointTier, need: Need, **proposal: Any) -> Judged:
    return Judge(need).alone(a_proposal(*tiers, **proposal))


@pytest.mark.parametrize(
    ("need", "meets"),
    [
        (a_need(deletion=EventNeed(rpo=4 * HOUR), isolated=False), True),
        (a_need(deletion=EventNeed(rpo=4 * HOUR)), False),
    ],
)
def test_frequent_points_beside_a_vault_give_its_retention_but_never_its_isolation(
    need: Need, meets: bool
) -> None:
    assert (Event.DELETION in judged(INSTANT, a_tier(), need=need).met) is meets


def test_points_that_are_kept_too_short_everywhere_do_not_meet_deletion() -> None:
    short = a_tier(retention_days=30)
    [said] = judged(INSTANT, short, need=a_need()).unmet
    assert said == "deletion: points kept 30 days instead of 84"


def test_retention_counts_only_where_points_are_as_consistent_as_asked() -> None:
    crash = a_tier(consistency=Consistency.CRASH, isolated=False)
    need = a_need(isolated=False)
    assert not judged(INSTANT, crash, need=need).met
    assert judged(INSTANT, crash, need=a_need(isolated=False, consistency=Consistency.CRASH)).met


@pytest.mark.parametrize(
    ("rto", "meets"),
    [
        (assumed(1, 20, 30), Meets.YES),  # a quarter over the limit is no condition
        (assumed(1, 20, 30.1), Meets.IF),
        (assumed(1, 40, 300), Meets.IF),  # wherever the likely one lies
        (assumed(24, 40, 300), Meets.IF),
        (assumed(24.1, 24.1, 24.1), Meets.NO),
    ],
)
def test_an_assumed_time_is_met_by_its_low_end_on_a_condition(rto: Any, meets: Meets) -> None:
    need = Need(region=EventNeed(rpo=36 * HOUR, rto=DAY))
    plan = judged(a_tier(Event.REGION, rto=rto), need=need)
    said = Meets.NO if plan.unmet else Meets.IF if plan.met_if else Meets.YES
    assert said is meets


def test_a_documented_time_is_met_or_not() -> None:
    need = Need(region=EventNeed(rpo=36 * HOUR, rto=30 * HOUR / 60))
    assert judged(a_tier(Event.REGION), need=need).unmet == (
        "region: back in 1 h instead of 30 min",
    )


def test_the_condition_of_an_assumed_time_names_the_limit_and_the_likely_time() -> None:
    need = Need(region=EventNeed(rpo=36 * HOUR, rto=DAY))
    plan = judged(a_tier(Event.REGION, rto=assumed(3, 42, 336)), need=need)
    [clause] = plan.met_if[Event.REGION]
    assert "at most 24 h" in clause
    assert "about 42 h" in clause
    assert plan.rests_on[Event.REGION] == {"region.rto"}


def test_consistency_that_rests_on_an_agent_is_a_condition_only_where_it_is_asked_for() -> None:
    doubtful = a_tier(
        sure_consistency=Consistency.CRASH, consistency_condition="the VM agent runs in it"
    )
    asked = judged(doubtful, need=a_need())
    assert asked.met_if[Event.DELETION] == ("the VM agent runs in it",)
    assert not judged(doubtful, need=a_need(consistency=Consistency.CRASH)).met_if


@pytest.mark.parametrize("consistency", list(Consistency))
def test_zone_and_region_want_crash_consistency_at_least_and_no_more(
    consistency: Consistency,
) -> None:
    need = Need(region=EventNeed(rpo=DAY), consistency=Consistency.APPLICATION)
    meets = Event.REGION in judged(a_tier(Event.REGION, consistency=consistency), need=need).met
    assert meets == (consistency >= Consistency.CRASH)
    less = Need(region=EventNeed(rpo=DAY), consistency=Consistency.NONE)
    assert judged(a_tier(Event.REGION, consistency=consistency), need=less).met


def test_what_survives_the_region_survives_its_zone_with_the_regions_figures() -> None:
    need = Need(zone=EventNeed(rpo=HOUR))
    replica = a_tier(Event.REGION, name="replica", rpo=HOUR / 12)
    plan = judged(a_tier(), replica, need=need)
    assert plan.met == {Event.ZONE}
    recovery = plan.recovery[Event.ZONE]
    assert recovery is not None
    assert (recovery.tier, recovery.rpo) == ("replica", HOUR / 12)


def test_the_figures_told_are_those_of_the_tier_that_is_judged() -> None:
    """Points every 4 h are not the RPO of a need for points out of reach."""
    recovery = judged(INSTANT, a_tier(), need=a_need()).recovery[Event.DELETION]
    assert recovery is not None
    assert (recovery.tier, recovery.rpo) == ("vault", DAY)


def test_the_condition_of_a_rule_is_one_of_every_event() -> None:
    plan = judged(a_tier(), need=a_need(), reasons=(blocking("the subscription is let in"),))
    assert plan.met_if[Event.DELETION] == ("the subscription is let in",)
    assert plan.rests_on[Event.DELETION] == {"deletion.asked"}


def test_a_certain_tier_needs_no_condition_of_another() -> None:
    taken = a_tier(rpo=HOUR, conditions=(TAKEN_BY_SOMEBODY,))
    assert not judged(taken, a_tier(), need=a_need()).met_if


@pytest.mark.parametrize(
    ("clause", "stated", "level"),
    [
        ("the pair is open", frozenset(), IF_NOT_STATED),
        ("the pair is open", frozenset({"deletion.asked"}), IF_STATED),
        (TAKEN_BY_SOMEBODY, frozenset({"deletion.asked"}), IF_NOT_STATED),
        ("", frozenset({"deletion.asked"}), CERTAIN),
    ],
)
def test_a_condition_weighs_by_whether_its_figure_was_stated(
    clause: str, stated: frozenset[str], level: int
) -> None:
    need = a_need(stated=stated)
    plan = judged(a_tier(conditions=(clause,) if clause else ()), need=need)
    assert levels(plan, need, (Event.DELETION,)) == (level,)


# --- disks in no point -----------------------------------------------------------------------

OS, DATA = a_disk(), a_disk("data", size_gib=512)


def test_a_disk_in_no_point_is_a_gap_of_its_event_and_the_event_is_not_met() -> None:
    need = a_need(region=EventNeed(rpo=DAY))
    replica = a_tier(Event.REGION, left_out=frozenset({DATA.key}))
    plan = a_candidate(need=need, tiers=(a_tier(), replica), disks=(OS, DATA))
    [gap] = plan.judged.gaps
    assert (gap.disk, gap.size_gib, gap.events) == ("data", 512, (Event.REGION,))
    assert plan.judged.met == {Event.DELETION}
    assert plan.judged.unmet == ("region: data is in no point",)
    assert plan.levels == (CERTAIN, UNMET)


def test_parts_that_hold_each_others_disks_leave_no_gap() -> None:
    judge = Judge(a_need(), (OS, DATA))
    one = a_proposal(a_tier(left_out=frozenset({DATA.key})))
    other = a_proposal(a_tier(left_out=frozenset({OS.key})), option="snapshots")
    plan = judge.together((one, other))
    assert (plan.met, plan.gaps) == ({Event.DELETION}, ())


def test_a_disk_only_in_points_that_are_not_good_enough_is_no_gap_and_not_met() -> None:
    judge = Judge(a_need(), (OS, DATA))
    one = a_proposal(a_tier(left_out=frozenset({DATA.key})))
    weak = a_proposal(a_tier(left_out=frozenset({OS.key}), isolated=False), option="snapshots")
    plan = judge.together((one, weak))
    assert (plan.met, plan.gaps) == (frozenset(), ())


def test_what_is_unmet_is_said_of_the_points_of_the_disk_that_the_good_ones_leave_out() -> None:
    """Days of instant restore lack as much, and hold that disk no more than the vault does."""
    judge = Judge(a_need(), (OS, DATA))
    without = frozenset({DATA.key})
    days = a_tier(name="instant", retention_days=7, left_out=without)
    vault = a_tier(left_out=without)
    weak = a_tier(left_out=frozenset({OS.key}), isolated=False, consistency=Consistency.CRASH)
    plan = judge.together((a_proposal(days, vault), a_proposal(weak, option="snapshots")))
    [said] = plan.unmet
    assert said.startswith("deletion: points can be deleted with the VM, crash consistent")


def test_the_conditions_of_all_parts_that_hold_the_disks_count() -> None:
    judge = Judge(a_need(), (OS, DATA))
    one = a_proposal(a_tier(left_out=frozenset({DATA.key})))
    other = a_proposal(a_tier(left_out=frozenset({OS.key}), conditions=("somebody comes",)))
    assert judge.together((one, other)).met_if[Event.DELETION] == ("somebody comes",)


def test_retention_from_a_tier_that_leaves_a_disk_out_leaves_it_out() -> None:
    vault = a_tier(left_out=frozenset({DATA.key}))
    plan = a_candidate(
        need=a_need(isolated=False, retention=Retention(daily=84)),
        tiers=(INSTANT, vault),
        disks=(OS, DATA),
    )
    assert not plan.judged.met


# --- points that keep, and points that give --------------------------------------------------


def test_points_within_reach_do_not_keep_for_those_that_are_out_of_it() -> None:
    """A vault for a week and snapshots for a quarter are no quarter out of reach."""
    week, beside = a_tier(retention_days=7), a_tier(name="beside", isolated=False)
    assert not judged(week, beside, need=a_need()).met
    assert judged(week, beside, need=a_need(isolated=False)).met
    assert judged(week, a_tier(name="archive"), need=a_need()).met


def test_what_the_keeping_points_rest_on_is_a_condition_too() -> None:
    """Their consistency, and the rules of the option that they are of."""
    need = a_need(deletion=EventNeed(rpo=4 * HOUR), isolated=False)
    unsure = a_tier(sure_consistency=Consistency.CRASH, consistency_condition="the agent runs")
    assert judged(INSTANT, unsure, need=need).met_if == {Event.DELETION: ("the agent runs",)}
    assert judged(INSTANT, a_tier(), need=need).met_if == {}
    often, kept = a_proposal(INSTANT), a_proposal(a_tier(), reasons=(blocking("a preview"),))
    assert Judge(need).together((often, kept)).met_if == {Event.DELETION: ("a preview",)}


@pytest.mark.parametrize(
    ("clause", "level"), [(TAKEN_BY_SOMEBODY, IF_NOT_STATED), ("the pair is open", IF_STATED)]
)
def test_points_that_somebody_must_take_keep_only_if_somebody_does(clause: str, level: int) -> None:
    """Instant restore gives 4 h for a week; the quarter rests on what is kept beside it."""
    need = a_need(
        deletion=EventNeed(rpo=4 * HOUR), isolated=False, stated=frozenset({"deletion.asked"})
    )
    beside = a_tier(name="beside", isolated=False, conditions=(clause,))
    plan = judged(INSTANT, beside, need=need)
    assert plan.met_if == {Event.DELETION: (clause,)}
    assert levels(plan, need, (Event.DELETION,)) == (level,)


def of_an_agent(tier: PointTier) -> PointTier:
    return tier._replace(sure_consistency=Consistency.CRASH, consistency_condition="the agent runs")


def test_points_back_soon_enough_beside_points_kept_long_enough_leave_one_doubt() -> None:
    """The vault alone would be back in 15 min to 3 h. One agent behind both is one condition."""
    need = a_need(deletion=EventNeed(rpo=DAY, rto=HOUR), isolated=False)
    soon = of_an_agent(INSTANT._replace(rpo=DAY, rto=assumed(0.1, 0.25, 1)))
    vault = of_an_agent(a_tier(rto=assumed(0.25, 0.6, 3)))
    found = judged(soon, vault, need=need)
    assert found.met_if == {Event.DELETION: ("the agent runs",)}
    assert found.rests_on == {Event.DELETION: {"consistency"}}


@pytest.mark.parametrize(
    ("stated", "conditions"),
    [
        (frozenset(), ("a rehearsal",)),
        (frozenset({"deletion.asked"}), ("the agent runs", "a restore takes at most 1 h")),
        (frozenset({"deletion.asked", "deletion.rto"}), ("a rehearsal",)),
    ],
)
def test_an_event_rests_on_as_few_conditions_of_stated_figures_as_can_be(
    stated: frozenset[str], conditions: tuple[str, ...]
) -> None:
    """One condition of what was stated weighs more than two of what was not."""
    need = a_need(deletion=EventNeed(rpo=DAY, rto=HOUR), stated=stated)
    one = a_tier(conditions=("a rehearsal",))
    two = of_an_agent(a_tier(name="two", rto=assumed(0.25, 0.6, 3)))
    said = judged(one, two, need=need).met_if[Event.DELETION]
    assert tuple(each.split(" (")[0] for each in said) == conditions


@pytest.mark.parametrize("event", [Event.ZONE, Event.REGION])
def test_points_out_of_reach_are_asked_of_deletion_alone(event: Event) -> None:
    need = Need(**{event.value: EventNeed(rpo=DAY)}, isolated=True)
    assert judged(a_tier(event, isolated=False), need=need).met == {event}
    both = a_need(**{event.value: EventNeed(rpo=DAY)})
    within = a_tier(Event.DELETION, event, isolated=False)
    assert judged(within, need=both).met == {event}


def test_of_two_set_ups_with_the_same_points_each_rests_on_its_own_rules() -> None:
    tier, judge = a_tier(), Judge(a_need())
    plain, preview = a_proposal(tier), a_proposal(tier, reasons=(blocking("a preview"),))
    for order in ((plain, preview, plain), (preview, plain, preview)):
        for each in order:
            expected = {Event.DELETION: ("a preview",)} if each is preview else {}
            assert judge.alone(each).met_if == expected


def test_a_rule_that_only_informs_makes_no_condition() -> None:
    """What rests on it is a condition of the points that it is about."""
    informs = blocking("it is rehearsed")._replace(blocking=False)
    assert judged(a_tier(), need=a_need(), reasons=(informs,)).met_if == {}
    region = a_tier(Event.REGION, conditions=("it is rehearsed",))
    need = a_need(region=EventNeed(rpo=DAY))
    found = judged(a_tier(), region, need=need, reasons=(informs,))
    assert found.met_if == {Event.REGION: ("it is rehearsed",)}
