"""Schedules come from their seed alone, and among enough of them there is every kind of fault."""

from __future__ import annotations

from collections import Counter

from tests.chaos.counts import ACCEPTED_AT_MOST
from tests.chaos.schedules import (
    AT_AZURE,
    FAULTS_OF_WORK,
    KILLS,
    Ending,
    Kind,
    schedule,
    schedules,
)

MANY = list(schedules(1, 500, 12.0))


def test_a_seed_gives_the_same_schedules_however_many_are_wanted() -> None:
    assert list(schedules(1, 500, 12.0)) == MANY
    assert MANY[:20] == list(schedules(1, 20, 12.0))
    assert MANY[41] == schedule(1, 42, 12.0)


def test_another_seed_gives_others() -> None:
    assert list(schedules(2, 50, 12.0)) != MANY[:50]


def test_five_hundred_schedules_bring_every_kind_several_times() -> None:
    found = Counter(kind for each in MANY for kind in each.kinds)
    assert set(found) == set(Kind)
    assert min(found.values()) >= 3, found


def test_most_schedules_bring_something_and_many_a_kill() -> None:
    assert sum(bool(each.kinds) for each in MANY) > 450
    killed = sum(any(fault.kind in KILLS for fault in each.faults) for each in MANY)
    assert 120 < killed < 220


def test_every_ending_is_wanted_and_most_are_approved() -> None:
    found = Counter(each.ending for each in MANY)
    assert set(found) == set(Ending)
    assert found[Ending.APPROVED] > 350


def test_what_arrives_late_never_meets_a_request_that_is_stopped() -> None:
    late = {Kind.KILL_LATE, Kind.PAUSE, Kind.PAUSE_AT_COMMIT}
    for each in MANY:
        if any(fault.kind in late for fault in each.faults):
            assert each.ending is Ending.APPROVED


def test_work_goes_wrong_where_azure_is_asked_to_change_something() -> None:
    wrong = [
        (each, fault) for each in MANY for fault in each.faults if fault.kind in FAULTS_OF_WORK
    ]
    assert {each.ending for each, _ in wrong} == {Ending.APPROVED, Ending.STOPPED}
    assert {fault.method for _, fault in wrong} == {"PUT", "DELETE"}
    failing = [fault for _, fault in wrong if fault.kind is Kind.WORK_FAILS_NOW]
    assert sum(fault.times > ACCEPTED_AT_MOST for fault in failing) > 20


def test_faults_at_azure_say_after_how_many_requests() -> None:
    numbers = {fault.number for each in MANY for fault in each.faults if fault.kind in AT_AZURE}
    assert numbers <= set(range(6))
    assert len(numbers) > 3
