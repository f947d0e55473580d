"""How many points there are on average, counted by hand; the laws live through years of them."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import pairwise

import pytest

from advisor.model import Retention
from advisor.retention import gaps, kept_ages, span_days

YEAR = 365
BEGINS = [YEAR * month // 12 for month in range(-12, 13)]
LENGTHS = [later - earlier for earlier, later in pairwise(BEGINS)]


def test_the_newest_weekly_point_grows_old_until_the_next_one() -> None:
    assert [kept_ages(Retention(weekly=2), 1, day) for day in (0, 3, 6, 7)] == [
        (0, 7), (3, 10), (6, 13), (0, 7),
    ]  # fmt: skip


def test_months_differ_and_the_average_is_that_of_a_year() -> None:
    """Of two monthly points the gap is the month before, for as long as this one lasts."""
    days: Counter[int] = Counter()
    for before, this in pairwise(LENGTHS[11:]):
        days[before] += this
    assert len(days) > 1
    expected = tuple((Decimal(gap), Decimal(days[gap]) / YEAR) for gap in sorted(days))
    assert gaps(Retention(monthly=2)) == expected


def test_weekly_points_behind_daily_ones_stand_otherwise_on_each_day_of_the_week() -> None:
    """Behind the seventh daily point the next weekly one is 1 to 7 days older, by the weekday; a
    year has 53 of the first weekday and 52 of each other."""
    days = Counter(day % 7 for day in range(YEAR))
    expected = {1: 6 * YEAR + days[0], 7: 2 * YEAR + days[6]}
    expected |= {gap: days[gap - 1] for gap in range(2, 7)}
    found = dict(gaps(Retention(daily=7, weekly=4)))
    assert found == {gap: Decimal(count) / YEAR for gap, count in expected.items()}


@pytest.mark.parametrize("running", [1, 15, 30, 31, 45, 59, 60, 400])
def test_a_month_holds_the_average_of_its_days_until_all_of_them_are_full(running: int) -> None:
    """Of 30 daily points: one more each day, and after 30 days always 29 gaps."""
    billed = range(max(0, running - 30), running)
    pairs = sum(min(30, day + 1) - 1 for day in billed)
    [(gap, count)] = gaps(Retention(daily=30), running) or [(Decimal(1), Decimal(0))]
    assert (gap, count) == (1, Decimal(pairs) / len(billed))


def test_a_month_of_retention_reaches_back_31_days_and_a_year_366() -> None:
    """backup-instant-restore-capability (2025-06-16): 12 months are 372 days."""
    assert span_days(Retention(monthly=12)) == 372
    assert span_days(Retention(daily=40, weekly=5, monthly=1)) == 40
    assert span_days(Retention(yearly=10)) == 3660
