"""The closed form of the points kept and their storage, held against a life day by day."""

from __future__ import annotations

import itertools
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from advisor.model import Range, Retention
from advisor.retention import Gaps, Growth, gaps, kept_ages, point_count, span_days
from tests.laws.storage_day_by_day import (
    DAYS_PER_YEAR,
    points_kept,
    share_in_hot_spot,
    share_never_twice,
    share_randomly,
)
from tests.strategies import RETENTIONS, SHARES

Keep = tuple[int, int, int, int]
SMALL = st.builds(
    Retention,
    daily=st.integers(0, 40),
    weekly=st.integers(0, 20),
    monthly=st.integers(0, 15),
    yearly=st.integers(0, 3),
    more_weekly=st.just(0),
    more_monthly=st.just(0),
    more_yearly=st.just(0),
).filter(any)

#: Those of which every day of a year is lived through from its beginning.
SMALLER = st.builds(
    Retention,
    daily=st.integers(0, 20),
    weekly=st.integers(0, 20),
    monthly=st.integers(0, 5),
    yearly=st.integers(0, 1),
    more_weekly=st.just(0),
    more_monthly=st.just(0),
    more_yearly=st.just(0),
).filter(any)


def lived(
    retention: Retention, days: int, per_day: int = 1, day_of_year: int = 0
) -> list[Fraction]:
    return points_kept(retention._asdict(), days, per_day, day_of_year)


def gaps_of(made: list[Fraction]) -> list[Fraction]:
    return [newer - older for older, newer in itertools.pairwise(made)]


def average_lived(lives: list[list[Fraction]]) -> dict[Fraction, Fraction]:
    """How many gaps of each length there are on average over some days."""
    counted = Counter(gap for made in lives for gap in gaps_of(made))
    return {gap: Fraction(count, len(lives)) for gap, count in counted.items()}


def average_closed(between: Gaps) -> dict[Fraction, Fraction]:
    return {
        Fraction(gap).limit_denominator(1000): Fraction(count).limit_denominator(1000)
        for gap, count in between
    }


def year_lived(retention: Retention, per_day: int = 1) -> list[list[Fraction]]:
    """Every day of a year after the steady state is reached, each lived through by itself."""
    days = long_enough(retention)
    return [lived(retention, days, per_day, day) for day in range(DAYS_PER_YEAR)]


def long_enough(retention: Retention) -> int:
    """Until every kind has reached its number: a period more than the span, for the oldest."""
    return span_days(retention) + DAYS_PER_YEAR + 2


@settings(max_examples=60)
@given(SMALL, st.integers(0, 364))
@example(Retention(daily=30, weekly=12, monthly=12, yearly=3), 0)
@example(Retention(daily=7, weekly=5, monthly=13, yearly=2), 200)
def test_the_points_kept_on_any_day_of_the_year_are_those_left_by_years_of_pruning(
    retention: Retention, day: int
) -> None:
    days = long_enough(retention)
    newest = days - 1
    left = sorted(newest - made for made in lived(retention, days, 1, day))
    assert left == list(kept_ages(retention, 1, day))


@settings(max_examples=3)
@given(SMALLER, st.sampled_from((1, 6)))
@example(Retention(daily=7, weekly=14, monthly=4), 6)
@example(Retention(daily=1), 6)
def test_the_steady_state_is_the_average_of_a_year_lived_day_by_day(
    retention: Retention, per_day: int
) -> None:
    year = year_lived(retention, per_day)
    assert average_closed(gaps(retention, None, per_day)) == average_lived(year)
    assert point_count(retention, per_day) == max(map(len, year))


@pytest.mark.parametrize("keep", [(30, 12, 0, 0), (7, 4, 12, 0), (0, 5, 0, 0)])
def test_one_year_stands_for_all_whatever_weekday_they_begin_on(keep: Keep) -> None:
    """A year has a day more than its weeks, so the next one begins elsewhere in a week."""
    retention, share = Retention(*keep), 0.02
    weeks = Growth(Range.exactly(Decimal("0.02"))).increments(gaps(retention)).likely
    lives = [
        points_kept(retention._asdict(), 800, 1, day + shift)
        for shift in range(0, 7 * DAYS_PER_YEAR, DAYS_PER_YEAR)
        for day in range(0, DAYS_PER_YEAR, 13)
    ]
    held = sum(share_randomly(share, gap) for made in lives for gap in gaps_of(made)) / len(lives)
    assert float(weeks) == pytest.approx(held, rel=0.01)


@settings(max_examples=30)
@given(SMALL, st.integers(1, 700))
@example(Retention(daily=30, weekly=12), 30)
@example(Retention(daily=30, weekly=12), 1)
def test_before_the_steady_state_a_month_holds_the_average_of_its_days(
    retention: Retention, running: int
) -> None:
    """Until the month that is billed lies whole behind the oldest point that is ever kept."""
    running = min(running, span_days(retention) + 29)
    month = range(max(0, running - 30), running)
    lives = [lived(retention, day + 1, 1, day) for day in month]
    assert average_closed(gaps(retention, running)) == average_lived(lives)


def test_a_first_month_is_billed_by_what_lay_there_on_average_and_not_at_its_end() -> None:
    """One point more each day: after 30 days 29 gaps, on average 14.5."""
    assert gaps(Retention(daily=30), 30) == ((Decimal(1), Decimal("14.5")),)


def test_a_day_that_is_kept_every_four_hours_has_six_points() -> None:
    assert point_count(Retention(daily=1), 6) == 6
    assert point_count(Retention(daily=7), 6) == 42


@settings(max_examples=3)
@given(SMALLER, SHARES, st.sampled_from((1, 1, 6)))
def test_the_storage_of_all_three_ways_of_rewriting_is_what_living_through_it_gives(
    retention: Retention, share: Decimal, per_day: int
) -> None:
    """Low: a hot spot; likely: random; high: never twice. Within a day low and high change."""
    models = (share_in_hot_spot, share_randomly, share_never_twice)
    lowest = highest = likely = 0.0
    for gap, count in average_lived(year_lived(retention, per_day)).items():
        shares = [model(float(share), gap) * float(count) for model in models]
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
