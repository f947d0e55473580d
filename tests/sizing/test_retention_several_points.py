"""A policy that was found may keep several points of a week, a month or a year."""

from __future__ import annotations

from advisor.model import Retention
from advisor.retention import gaps, kept_ages, point_count, span_days


def test_several_points_of_each_period_are_kept_and_spread_over_it() -> None:
    """Ten weeks of two points reach as far back as ten weeks of one."""
    twice = Retention(weekly=10, more_weekly=1)
    assert point_count(twice) == 20
    assert span_days(twice) == span_days(Retention(weekly=10))
    assert {days for days, _ in gaps(twice)} == {3, 4}


def test_several_points_of_a_month_and_of_a_year_are_counted_too() -> None:
    assert len(kept_ages(Retention(monthly=7, more_monthly=3))) == 28
    assert len(kept_ages(Retention(yearly=2, more_yearly=5))) == 12


def test_points_of_a_day_that_keeps_daily_points_anyway_are_the_same_points() -> None:
    assert kept_ages(Retention(daily=70, weekly=10, more_weekly=2)) == tuple(range(70))
