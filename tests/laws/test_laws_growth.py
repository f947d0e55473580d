"""A bill never falls as there is more to protect: in use, changed, kept, written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from advisor.errors import UsageError
from advisor.model import EventNeed, KnownVm, Monthly, Need, Retention, Usage, Vm
from advisor.options import OPTIONS
from advisor.options.azure_backup.option import AZURE_BACKUP
from advisor.options.azure_backup.policy_rules import DAY
from advisor.options.case import Case, case_of
from advisor.options.row import Option
from advisor.options.site_recovery.option import SITE_RECOVERY
from advisor.options.snapshots.option import SNAPSHOTS
from advisor.sizing import size
from advisor.stated_sizes import StatedSizes
from tests.strategies import RETENTIONS, SHARES, pricer, vms

PRICER = pricer()
TINY = Decimal("0.001")  #: amounts are rounded to a hundredth of a cent, line by line
MANY_GIB = st.decimals(Decimal(0), Decimal(4000), places=1)
slow = settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)


def a_case(vm: Vm, sizes: StatedSizes, retention: Retention) -> Case:
    need = Need(deletion=EventNeed(rpo=DAY), retention=retention)
    try:
        return case_of(vm, size(KnownVm(vm=vm), sizes), need)
    except UsageError:
        assume(False)
        raise


def bill(usages: tuple[Usage, ...]) -> Monthly:
    PRICER.forget()
    return PRICER.bill(usages)[1]


def at_most(less: Monthly, more: Monthly) -> bool:
    """Low, likely and high; of an incomplete bill its floor."""
    assert bool(less.missing) == bool(more.missing)
    if less.likely is None or less.high is None or more.likely is None or more.high is None:
        return less.low <= more.low + TINY
    return (
        less.low <= more.low + TINY
        and less.likely <= more.likely + TINY
        and less.high <= more.high + TINY
    )


def configurations(case: Case) -> Iterator[tuple[Option[Any], Any]]:
    for option in OPTIONS:
        for chosen in option.configurations(case):
            yield option, chosen


def bills_in_order(vm: Vm, retention: Retention, few: StatedSizes, many: StatedSizes) -> None:
    """Every configuration of the smaller machine costs at most what it costs for the larger."""
    small, large = a_case(vm, few, retention), a_case(vm, many, retention)
    for option, chosen in configurations(small):
        less, more = bill(option.usages(small, chosen)), bill(option.usages(large, chosen))
        assert at_most(less, more), (option.name, chosen, less, more)


@slow
@given(vms(6), RETENTIONS, SHARES, MANY_GIB, MANY_GIB)
def test_a_bill_never_falls_as_more_is_in_use(
    vm: Vm, retention: Retention, share: Decimal, one: Decimal, other: Decimal
) -> None:
    few, many = sorted((one, other))
    bills_in_order(
        vm,
        retention,
        StatedSizes(used_gib=few, churn_share_per_day=share),
        StatedSizes(used_gib=many, churn_share_per_day=share),
    )


@slow
@given(vms(6), RETENTIONS, MANY_GIB, SHARES, SHARES)
def test_a_bill_never_falls_as_more_changes_a_day(
    vm: Vm, retention: Retention, used: Decimal, one: Decimal, other: Decimal
) -> None:
    few, many = sorted((one, other))
    bills_in_order(
        vm,
        retention,
        StatedSizes(used_gib=used, churn_share_per_day=few),
        StatedSizes(used_gib=used, churn_share_per_day=many),
    )


@slow
@given(vms(6), RETENTIONS, MANY_GIB, MANY_GIB)
def test_a_bill_never_falls_as_a_larger_amount_changes_a_day(
    vm: Vm, retention: Retention, one: Decimal, other: Decimal
) -> None:
    few, many = sorted((one, other))
    bills_in_order(
        vm,
        retention,
        StatedSizes(changed_gib_per_day=few),
        StatedSizes(changed_gib_per_day=many),
    )


@slow
@given(vms(6), RETENTIONS, MANY_GIB, MANY_GIB, MANY_GIB)
def test_a_bill_never_falls_as_more_is_written_a_day(
    vm: Vm, retention: Retention, used: Decimal, one: Decimal, other: Decimal
) -> None:
    few, many = sorted((one, other))
    bills_in_order(
        vm,
        retention,
        StatedSizes(used_gib=used, written_gib_per_day=few),
        StatedSizes(used_gib=used, written_gib_per_day=many),
    )


@slow
@given(vms(6), RETENTIONS, RETENTIONS, st.integers(0, 800))
def test_a_bill_never_falls_as_more_points_are_kept(
    vm: Vm, one: Retention, other: Retention, day: int
) -> None:
    """Of every kind, in the steady state and on any day before it.

    Without archive: a point that moves there leaves the dearer vault, so one more can cost less.
    """
    more = Retention(*map(max, zip(one, other, strict=True)))
    case, running = a_case(vm, StatedSizes(), one), day or None
    for option, chosen in configurations(case):
        if not hasattr(chosen, "keep") or getattr(chosen, "archive", False):
            continue
        less_kept = bill(option.usages(case, replace(chosen, keep=one), running))
        more_kept = bill(option.usages(case, replace(chosen, keep=more), running))
        assert at_most(less_kept, more_kept), (option.name, chosen, less_kept, more_kept)


@slow
@given(vms(6), st.integers(0, 15), st.integers(0, 15), st.integers(1, 30), st.integers(1, 30))
def test_a_bill_never_falls_as_points_reach_further_back(
    vm: Vm, one: int, other: int, instant_one: int, instant_other: int
) -> None:
    """The recovery points of Site Recovery, and the snapshots that instant restore keeps."""
    case = a_case(vm, StatedSizes(), Retention(daily=30))
    few, many = sorted((one, other))
    chosen = SITE_RECOVERY.said_configuration(case, {"to": "norwayeast"})
    short = replace(chosen, recovery_points=few * DAY)
    long = replace(chosen, recovery_points=many * DAY)
    less, more = (bill(SITE_RECOVERY.usages(case, each)) for each in (short, long))
    assert less.low <= more.low + TINY
    fewer, further = sorted((instant_one, instant_other))
    for each in AZURE_BACKUP.configurations(case):
        few_days = bill(AZURE_BACKUP.usages(case, replace(each, instant_restore_days=fewer)))
        many_days = bill(AZURE_BACKUP.usages(case, replace(each, instant_restore_days=further)))
        assert at_most(few_days, many_days), each


@slow
@given(vms(6), st.integers(1, 400), st.integers(1, 400))
def test_a_bill_never_falls_as_more_snapshots_are_counted(vm: Vm, one: int, other: int) -> None:
    case = a_case(vm, StatedSizes(), Retention(daily=7))
    few, many = sorted((one, other))
    for said in ({}, {"full": True}, {"every": "4h"}, {"every": "7d"}):
        less = SNAPSHOTS.said_configuration(case, {**said, "count": few})
        more = SNAPSHOTS.said_configuration(case, {**said, "count": many})
        assert at_most(bill(SNAPSHOTS.usages(case, less)), bill(SNAPSHOTS.usages(case, more)))


@slow
@given(vms(6), RETENTIONS, st.integers(1, 900), st.integers(1, 900))
def test_a_bill_never_falls_from_one_day_to_a_later_one(
    vm: Vm, retention: Retention, one: int, other: int
) -> None:
    """Of daily points; the others grow older and younger with the days of a year."""
    case = a_case(vm, StatedSizes(), Retention(daily=max(1, retention.daily)))
    early, late = sorted((one, other))
    for option, chosen in configurations(case):
        then = bill(option.usages(case, chosen, early))
        later = bill(option.usages(case, chosen, late))
        steady = bill(option.usages(case, chosen))
        assert at_most(then, later), (option.name, chosen)
        assert at_most(later, steady), (option.name, chosen)
