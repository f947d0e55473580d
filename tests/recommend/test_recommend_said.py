"""What is said beside a decision: what old points cost, how long points are kept, what to mend."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from advisor.model import (
    Assessment,
    Course,
    Event,
    EventNeed,
    NotRead,
    Protection,
    ProtectionState,
    Retention,
)
from advisor.present.short_form import short_form
from advisor.recommend import todo
from advisor.recommend.assess import Judge
from advisor.recommend.bound import Settled
from advisor.recommend.candidates import plan_of
from advisor.recommend.explain import reasons
from advisor.recommend.moves import Place, old_points, year_per_month
from advisor.recommend.plans import Fresh, fresh_plans
from advisor.recommend.standing import Health, Standing
from tests.judgement.machines import Backup, replication
from tests.recommend.made import DAY, HOUR, a_candidate, a_line, a_need, a_tier, prices
from tests.strategies import NOW, a_case, a_disk, a_vm, advise, known, pricer

NOTHING_FRESH = Fresh(None, lambda: None, None, Settled(None), (), (), ())


def found(*protections: Protection) -> Any:
    return advise(known(a_vm(), protections=protections))


def a_place(**need: Any) -> Place:
    asked = a_need(**need)
    return Place(
        case=a_case(need=asked),
        judge=Judge(asked),
        pricer=pricer(),
        bounds=prices(),
        standings=(),
        fresh=NOTHING_FRESH,
        complements=lambda _: (),
        nearest=lambda: (),
    )


# --- a year ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keep", "months"),
    [(Retention(daily=365), 12), (Retention(daily=73), Decimal("2.4")), (Retention(yearly=9), 12)],
)
def test_the_old_points_of_a_vault_that_is_left_are_paid_for_as_long_as_they_are_needed(
    keep: Retention, months: Decimal
) -> None:
    place = a_place(retention=keep)
    [vault] = a_candidate(a_line("20")).parts
    [beside] = a_candidate(a_line("20"), tiers=(a_tier(isolated=False),)).parts
    assert old_points(place, (vault,)) == 20 * months
    assert old_points(place, (beside,)) == 0
    new = a_candidate(a_line("10"), in_place=True)._replace(dropped=(vault, beside))
    assert year_per_month(place, new) == (120 + 20 * months) / 12


@pytest.mark.parametrize(
    ("immutability", "keep", "months"),
    [
        ("locked", Retention(daily=7), 12),
        ("Locked", Retention(daily=73), 12),
        ("unlocked", Retention(daily=73), Decimal("2.4")),
        (None, Retention(daily=73), Decimal("2.4")),
    ],
)
def test_the_old_points_of_a_locked_vault_are_paid_for_to_their_own_end(
    immutability: str | None, keep: Retention, months: Decimal
) -> None:
    """Points of ten years that nobody may delete, where 7 or 73 days are needed."""
    vault = a_candidate(a_line("20"), tiers=(a_tier(retention_days=3650),), in_place=True).parts[0]
    left = standing_in(immutability, vault)
    place = a_place(retention=keep)._replace(standings=(left,))
    assert old_points(place, (vault,)) == 20 * months
    short = a_candidate(a_line("20"), tiers=(a_tier(retention_days=73),), in_place=True).parts[0]
    longer = a_place(retention=Retention(daily=365))
    longer = longer._replace(standings=(standing_in("locked", short),))
    assert old_points(longer, (short,)) == 240


def standing_in(immutability: str | None, part: Assessment) -> Standing:
    """What runs in a vault with or without immutability."""
    found = Backup(vault={"immutability": immutability}).found()
    return Standing(found, Health.RUNS, part, part, None)


# --- what stands beside ----------------------------------------------------------------------


def test_a_stopped_protection_without_a_price_is_told_with_none() -> None:
    stopped = replication("polandcentral", ProtectionState.STOPPED)
    advice = found(Backup().found(), stopped)
    assert advice.decision.courses == (Course.KEEP,)
    assert not any("costs" in each and "Site Recovery" in each for each in advice.changes)
    priced = found(Backup().found(), replication(state=ProtectionState.STOPPED))
    assert any("Site Recovery is stopped and costs" in each for each in priced.changes)


def test_the_reason_says_how_long_points_are_kept_and_not_how_long_the_newest_are() -> None:
    """Instant restore gives the RPO of 4 h for a week; the vault keeps what is asked."""
    need = a_need(deletion=EventNeed(rpo=4 * HOUR), isolated=False)
    newest = a_tier(name="instant", rpo=4 * HOUR, retention_days=7, isolated=False)
    plan = plan_of(a_candidate(a_line("20"), need=need, tiers=(newest, a_tier())), "USD")
    said = reasons(plan, (), Judge(need), True, a_case(need=need))
    [deletion] = [each for each in said if each.startswith("Deletion")]
    assert "lose at most 4 h" in deletion
    assert "points kept 84 days" in deletion


def test_what_is_missing_is_not_met_anew_while_something_in_place_could_not_be_read() -> None:
    """A replica whose target nobody read may be just what is missing."""
    unread = replace(replication(), target=None)
    assert found(Backup(redundancy="lrs").found(), unread).decision.courses == (Course.CANNOT_SAY,)
    assert found(Backup().found(), unread).decision.courses == (Course.KEEP,)


# --- what to do ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (ProtectionState.STOPPED, "; resume Azure Backup"),
        (ProtectionState.SOFT_DELETED, "; undelete Azure Backup and resume it"),
        (ProtectionState.ERROR, "; fix what fails"),
    ],
)
def test_beside_another_course_what_was_stopped_is_told_to_be_resumed(
    state: ProtectionState, said: str
) -> None:
    """It does not fail, and nobody would look for why."""
    critical = a_vm(tags={"criticality": "mission-critical"})
    decision = advise(known(critical, protections=(Backup(state=state).found(),))).decision
    assert decision.courses == (Course.ADD, Course.FIX)
    assert decision.brief == f"Add Site Recovery beside Azure Backup{said}"


def test_of_two_that_do_not_run_for_two_reasons_each_has_its_step() -> None:
    """`Fix both` does not say that one of them was stopped on purpose."""
    both = found(
        Backup(redundancy="lrs", state=ProtectionState.STOPPED).found(),
        replication(state=ProtectionState.ERROR),
    ).decision
    assert both.brief == "Fix Azure Backup and Site Recovery and keep them"
    assert any(each.startswith("Resume Azure Backup") for each in both.steps)


@pytest.mark.parametrize("state", list(ProtectionState))
def test_only_what_makes_no_points_is_mended(state: ProtectionState) -> None:
    health = {
        ProtectionState.ACTIVE: Health.RUNS,
        ProtectionState.PENDING: Health.WAITS,
        ProtectionState.UNKNOWN: Health.UNREADABLE,
        ProtectionState.STOPPED: Health.ENDED,
        ProtectionState.SOFT_DELETED: Health.ENDED,
    }.get(state, Health.BROKEN)
    standing = Standing(replication(state=state), health, None, None, None)
    assert bool(list(todo.mending((standing,)))) is (health in (Health.BROKEN, Health.ENDED))


def test_a_failover_is_mended_even_where_nothing_asks_for_the_replica() -> None:
    """It was no deed of whoever runs the VM to end it: the copy runs and is not replicated."""
    failed_over = found(Backup().found(), replication(state=ProtectionState.FAILED_OVER))
    stopped = found(Backup().found(), replication(state=ProtectionState.STOPPED))
    assert failed_over.decision.courses == (Course.FIX,)
    assert stopped.decision.courses == (Course.KEEP,)


def test_where_articles_disagree_azure_is_tried_and_what_is_allowed_stands_beside_it() -> None:
    """Nothing that could be read decides whether a VM with an ephemeral OS disk is backed up."""
    data = a_disk("data", lun=0)
    advice = advise(a_vm(a_disk(ephemeral=True), data, tags={"environment": "prod"}))
    assert advice.decision.courses == (Course.CANNOT_SAY,)
    tried, until = advice.decision.steps
    assert re.fullmatch(
        r"Try Azure Backup, \d+ USD a month: Azure refuses it, or makes the first point\.", tried
    )
    assert until.startswith("Until then the nearest is snapshots, ")
    assert "still deletion: points can be deleted with the VM" in until
    assert "Without an ephemeral OS disk the need can be met." in advice.decision.sentence
    assert "inventory query" not in short_form(advice).command


def test_what_was_tried_to_read_and_failed_is_read_before_anything_is_tried_in_azure() -> None:
    data = a_disk("data", lun=0)
    machine = a_vm(a_disk(ephemeral=True), data, tags={"environment": "prod"})
    failed = NotRead("the disks", "Azure refused it", "", failed=True)
    decision = advise(known(machine, not_read=(failed,))).decision
    assert decision.courses == (Course.CANNOT_SAY,)
    assert decision.todo[0].startswith("Read the disks")
    assert not any(each.startswith("Try Azure Backup") for each in decision.todo)
    assert any(each.startswith("Until then the nearest is snapshots") for each in decision.todo)


@pytest.mark.parametrize(
    "facts", [{"drill_left": True}, {"drill_since": NOW - 3 * DAY},
              {"drill_left": True, "drill_since": NOW - 3 * DAY}],
)  # fmt: skip
def test_a_test_failover_that_still_runs_is_cleaned_up_whatever_is_known_of_it(
    facts: dict[str, Any],
) -> None:
    left = replace(replication(), **facts)
    [said] = todo.drills((Standing(left, Health.RUNS, None, None, None),))
    assert said.startswith("Clean up the test failover")
    assert ("2026-11-19" in said) is ("drill_since" in facts)
    assert not list(todo.drills((Standing(replication(), Health.RUNS, None, None, None),)))


@pytest.mark.parametrize(
    ("state", "told"), [(ProtectionState.PENDING, False), (ProtectionState.ACTIVE, True)]
)
def test_beside_a_first_point_nothing_is_paid_today_that_could_be_saved_or_exceeded(
    state: ProtectionState, told: bool
) -> None:
    """A vault that cannot survive the region, which somebody asks for."""
    age = 7 * HOUR if state is ProtectionState.ACTIVE else None
    there = replace(Backup(redundancy="lrs", state=state, age=age).found(), since=NOW)
    advice = advise(
        known(a_vm(), protections=(there,)), survive=(Event.DELETION, Event.REGION), rto=DAY
    )
    assert not set(advice.decision.courses) <= {Course.KEEP, Course.WAIT, Course.FIX}
    assert any("today" in each for each in advice.changes) is told


def test_what_a_change_in_place_never_gives_back_is_said() -> None:
    advice = found(Backup(redundancy="grs").found())
    assert advice.decision.courses == (Course.ADJUST,)
    assert any("never switched off" in each for each in advice.decision.irreversible)


def test_beside_a_plan_on_a_condition_stands_the_best_that_is_certain() -> None:
    """Of a condition on a figure that nobody stated the cheaper one is taken."""
    judge = Judge(a_need())
    unsure = a_candidate(a_line("10"), tiers=(a_tier(conditions=("it rains",)),)).parts
    sure = a_candidate(a_line("30"), option="site-recovery").parts
    fresh = fresh_plans([*unsure, *sure], judge, prices(), lambda _: ())
    assert fresh.best is not None
    assert fresh.best.parts == unsure
    certain = fresh.certain()
    assert certain is not None
    assert certain.parts == sure
    assert fresh_plans(sure, judge, prices(), lambda _: ()).certain() is None
