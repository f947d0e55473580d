"""The closed form of the points kept and their storage, held against a life day by day."""

from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from advisor.model import Range, Retention
from advisor.retention import Growth, gaps, kept_ages, point_count, span_days
from tests.laws.storage_day_by_day import (
    points_kept,
    share_in_hot_spot,
    share_never_twice,
    share_randomly,
)
from tests.strategies import RETENTIONS, SHARES

SMALL = st.builds(
    Retention,
    daily=st.integers(0, 40),
    weekly=st.integers(0, 20),
    monthly=st.integers(0, 15),
    yearly=st.integers(0, 3),
).filter(any)


def lived(retention: Retention, days: int, per_day: int = 1) -> list[Fraction]:
    kept = {
        "daily": retention.daily,
        "weekly": retention.weekly,
        "monthly": retention.monthly,
        "yearly": retention.yearly,
    }
    return points_kept(kept, days, per_day)


def gaps_lived(retention: Retention, days: int, per_day: int = 1) -> list[Fraction]:
    made = lived(retention, days, per_day)
    return sorted(newer - older for older, newer in itertools.pairwise(made))


def gaps_closed(retention: Retention, days: int | None, per_day: int = 1) -> list[Fraction]:
    return sorted(
        Fraction(gap).limit_denominator(1000)
        for gap, count in gaps(retention, days, per_day)
        for _ in range(count)
    )


def long_enough(retention: Retention) -> int:
    return span_days(retention) + 2


@settings(max_examples=60)
@given(SMALL)
@example(Retention(daily=30, weekly=12, monthly=12, yearly=3))
@example(Retention(daily=7, weekly=5, monthly=13, yearly=2))
def test_the_points_kept_in_the_steady_state_are_those_left_by_years_of_pruning(
    retention: Retention,
) -> None:
    days = long_enough(retention)
    newest = days - 1
    assert sorted(newest - made for made in lived(retention, days)) == list(kept_ages(retention))


@settings(max_examples=50)
@given(SMALL, st.integers(1, 800))
def test_after_any_number_of_days_the_gaps_are_those_of_the_points_made_so_far(
    retention: Retention, days: int
) -> None:
    assert gaps_closed(retention, days) == gaps_lived(retention, days)


@settings(max_examples=40)
@given(SMALL, st.sampled_from((2, 3, 4, 6)))
@example(Retention(daily=7, weekly=14, monthly=4), 6)
@example(Retention(daily=1), 6)
@example(Retention(weekly=14, monthly=4), 6)
def test_with_several_points_a_day_no_gap_is_lost(retention: Retention, per_day: int) -> None:
    """Two kinds can lie one day apart (week 13 and month 3): that gap is a gap as well."""
    days = long_enough(retention)
    assert gaps_closed(retention, None, per_day) == gaps_lived(retention, days, per_day)
    assert point_count(retention, per_day) == len(lived(retention, days, per_day))


def test_a_day_that_is_kept_every_four_hours_has_six_points() -> None:
    assert point_count(Retention(daily=1), 6) == 6
    assert point_count(Retention(daily=7), 6) == 42


@settings(max_examples=60)
@given(SMALL, SHARES, st.sampled_from((1, 1, 6)))
def test_the_storage_of_all_three_ways_of_rewriting_is_what_living_through_it_gives(
    retention: Retention, share: Decimal, per_day: int
) -> None:
    """Low: a hot spot; likely: random; high: never twice. Within a day low and high change."""
    models = (share_in_hot_spot, share_randomly, share_never_twice)
    lowest = highest = likely = 0.0
    for gap in gaps_lived(retention, long_enough(retention), per_day):
        shares = [model(float(share), gap) for model in models]
        lowest, likely, highest = lowest + min(shares), likely + shares[1], highest + max(shares)
    exact = Range.exactly(Decimal(100))
    held = Growth(Range.exactly(share)).stored_gib(exact, gaps(retention, None, per_day))
    assert float(held.low) == pytest.approx(100 * (1 + lowest), rel=1e-9)
    assert float(held.likely) == pytest.approx(100 * (1 + likely), rel=1e-9)
    assert float(held.high) == pytest.approx(100 * (1 + highest), rel=1e-9)


@settings(max_examples=100)
@given(RETENTIONS, RETENTIONS, SHARES, st.sampled_from((1, 2, 6)))
def test_storage_never_falls_as_more_points_of_any_kind_are_kept(
    one: Retention, other: Retention, share: Decimal, per_day: int
) -> None:
    more = Retention(*(max(a, b) for a, b in zip(parts(one), parts(other), strict=True)))
    less_held = Growth(Range.exactly(share)).increments(gaps(one, None, per_day))
    more_held = Growth(Range.exactly(share)).increments(gaps(more, None, per_day))
    tiny = Decimal("1e-12")
    assert more_held.low >= less_held.low - tiny
    assert more_held.likely >= less_held.likely - tiny
    assert more_held.high >= less_held.high - tiny


@settings(max_examples=100)
@given(RETENTIONS, SHARES, SHARES, st.sampled_from((1, 6)))
def test_storage_never_falls_as_more_changes_a_day(
    retention: Retention, one: Decimal, other: Decimal, per_day: int
) -> None:
    less, more = sorted((one, other))
    between = gaps(retention, None, per_day)
    few = Growth(Range.exactly(less)).increments(between)
    many = Growth(Range.exactly(more)).increments(between)
    tiny = Decimal("1e-12")
    assert many.low >= few.low - tiny
    assert many.likely >= few.likely - tiny
    assert many.high >= few.high - tiny


@settings(max_examples=100)
@given(RETENTIONS, st.tuples(SHARES, SHARES, SHARES), st.sampled_from((1, 3, 6)))
def test_low_is_at_most_likely_and_likely_at_most_high(
    retention: Retention, shares: tuple[Decimal, Decimal, Decimal], per_day: int
) -> None:
    low, likely, high = sorted(shares)
    held = Growth(Range(low, likely, high)).increments(gaps(retention, None, per_day))
    tiny = Decimal("1e-12")
    assert held.low <= held.likely + tiny
    assert held.likely <= held.high + tiny


def parts(retention: Retention) -> tuple[int, int, int, int]:
    return retention.daily, retention.weekly, retention.monthly, retention.yearly
