"""Which recovery points are kept, and how much of the data they hold.

A chain of incremental points holds one full copy and, for every further point, the distinct
blocks changed since the neighbouring older one. With a share `c` of the used data changed each
day, the distinct share after n days of random rewriting is 1 - (1 - c)**n. Between two
neighbours n days apart it lies between what a hot spot rewrites (it saturates early) and n * c.

Which points are kept changes with the day: the newest weekly point is up to six days old. A
bill counts GB-days, so what is counted here is the average: over a year in the steady state, over
the month that is billed before it. Of each day it is a closed form over the ages of the points
that are kept; tests hold it against a day-by-day simulation of the same retention.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, TypeVar

from advisor.model import ZERO, Range, Retention

DAYS_PER_WEEK = 7
DAYS_PER_YEAR = 365
MONTHS_PER_YEAR = 12

#: Azure counts a month of retention as 31 days: 12 months are 372 (backup-instant-restore-
#: capability, 2025-06-16), and we count a year as 366 for the same reason.
RETENTION_DAYS = {"daily": 1, "weekly": 7, "monthly": 31, "yearly": 366}

#: The low end of rewriting: the writes hit a part of the data this many times the daily change.
#: Assumed; a database that rewrites the same pages, a log that goes round.
HOT_SPOT_DAYS = Decimal(5)

#: Days of the month that a bill before the steady state is about. Azure bills GB-months by the
#: hour (azure-backup-pricing, 2025-09-19), so a month costs what lay there on average.
BILLED_DAYS = 30

Gaps = tuple[tuple[Decimal, Decimal], ...]
"""(days between two neighbouring points, how many such pairs on average), shortest first."""


def span_days(retention: Retention) -> int:
    """How far back the oldest point reaches, in days as Azure counts them."""
    return max(
        retention.daily * RETENTION_DAYS["daily"],
        retention.weekly * RETENTION_DAYS["weekly"],
        retention.monthly * RETENTION_DAYS["monthly"],
        retention.yearly * RETENTION_DAYS["yearly"],
    )


def anniversary_age(count: int, per_year: int) -> int:
    """Days since the point `count` periods ago, seen on a day on which all periods begin."""
    return -((-DAYS_PER_YEAR * count) // per_year)


def kept_ages(retention: Retention, points_per_day: int = 1, day: int = 0) -> tuple[int, ...]:
    """Ages of the points kept on a day, newest first; day 0 is one on which every period begins.

    In steps of a day over `points_per_day`. The newest n points of each kind are kept, of each
    day that keeps daily points all of them; a point may be of several kinds at once.
    """
    ages = set(range(retention.daily * points_per_day))
    ages.update(_ages_of(day % DAYS_PER_WEEK, DAYS_PER_WEEK, retention.weekly, points_per_day))
    ages.update(_ages_of(day % DAYS_PER_YEAR, DAYS_PER_YEAR, retention.yearly, points_per_day))
    if retention.monthly:
        month = day * MONTHS_PER_YEAR // DAYS_PER_YEAR
        while _month_begins(month + 1) <= day:
            month += 1
        begins = (_month_begins(month - before) for before in range(retention.monthly))
        ages.update((day - begin) * points_per_day for begin in begins)
    if retention.more_weekly or retention.more_monthly or retention.more_yearly:
        ages.update(age * points_per_day for age in _further_ages(retention, day))
    return tuple(sorted(ages))


def _ages_of(newest: int, days: int, count: int, points_per_day: int) -> range:
    """The newest point of a kind, in days, and those before it, as many days apart."""
    step = days * points_per_day
    first = newest * points_per_day
    return range(first, first + count * step, step)


def _month_begins(month: int) -> int:
    """The day on which a month begins, counted from the one that begins on day 0."""
    return DAYS_PER_YEAR * month // MONTHS_PER_YEAR


def _further_ages(retention: Retention, day: int) -> Iterator[int]:
    """Ages of the points beside the first of each week, month or year, spread over it evenly."""
    kinds = (
        (DAYS_PER_WEEK, retention.weekly, retention.more_weekly),
        (DAYS_PER_YEAR / MONTHS_PER_YEAR, retention.monthly, retention.more_monthly),
        (DAYS_PER_YEAR, retention.yearly, retention.more_yearly),
    )
    for days, periods, more in kinds:
        for period in range(periods + 1 if more else 0):
            began = int((day // days - period) * days)
            ages = (day - began - int(days * part / (more + 1)) for part in range(1, more + 1))
            yield from (age for age in ages if 0 <= age < int(periods * days))


@lru_cache(maxsize=4096)
def gaps(retention: Retention, running_days: int | None = None, points_per_day: int = 1) -> Gaps:
    """The gaps between neighbouring points: how many of each length there are on average.

    Over a year in the steady state, or over the month that ends `running_days` after the start;
    every period begins on the first day, and only points that were made since exist.
    """
    if running_days is None or running_days - BILLED_DAYS >= span_days(retention):
        return _over_a_year(retention, points_per_day).gaps
    return _over(
        (
            tuple(
                age
                for age in kept_ages(retention, points_per_day, day)
                if age < (day + 1) * points_per_day
            )
            for day in billed_days(running_days)
        ),
        points_per_day,
    ).gaps


class _Kept(NamedTuple):
    """What is kept over some days: the gaps on average, and the points on the day with the most."""

    gaps: Gaps
    most: int


def _over(kept: Iterable[tuple[int, ...]], points_per_day: int) -> _Kept:
    """Of the ages on each day, one day after the other: a year of ten years' points is 10 MiB."""
    between: Counter[int] = Counter()
    days = most = 0
    for ages in kept:
        between.update(map(operator.sub, ages[1:], ages))
        days, most = days + 1, max(most, len(ages))
    found = tuple(
        (Decimal(gap) / points_per_day, Decimal(count) / days)
        for gap, count in sorted(between.items())
    )
    return _Kept(found, most)


def billed_days(running_days: int) -> range:
    """The days, counted from 0, of the month that ends `running_days` after the start."""
    return range(max(0, running_days - BILLED_DAYS), max(1, running_days))


def average_reached(most: int, running_days: int | None) -> Decimal:
    """How many of `most` things, one more each day, there are on average in the billed month."""
    if running_days is None:
        return Decimal(most)
    days = billed_days(running_days)
    return Decimal(sum(min(most, day + 1) for day in days)) / len(days)


@lru_cache(maxsize=4096)
def point_count(retention: Retention, points_per_day: int = 1) -> int:
    """How many points there are in the steady state, on the day of the year with the most."""
    return _over_a_year(retention, points_per_day).most


@lru_cache(maxsize=1024)
def _over_a_year(retention: Retention, points_per_day: int) -> _Kept:
    """Of each day of a year; one day stands for all where only days are kept."""
    same_every_day = retention == Retention(daily=retention.daily)
    days = 1 if same_every_day else DAYS_PER_YEAR
    return _over((kept_ages(retention, points_per_day, day) for day in range(days)), points_per_day)


# --- how much changes between two points -----------------------------------------------------


def changed_share(share_per_day: Decimal, days: Decimal) -> Decimal:
    """The distinct share of the data changed after `days` of random rewriting: 1 - (1 - c)**n."""
    if days == 1:
        return share_per_day
    if days % 1:  # Decimal takes twenty times as long for a fractional power
        return Decimal(str(1 - float(1 - share_per_day) ** float(days)))
    return 1 - (1 - share_per_day) ** days


def hot_spot_share(share_per_day: Decimal, days: Decimal) -> Decimal:
    """The same when all writes hit a hot spot of HOT_SPOT_DAYS times the daily change."""
    if days == 1:
        return share_per_day
    hot_spot = share_per_day * HOT_SPOT_DAYS
    if hot_spot >= 1:
        return changed_share(share_per_day, days)
    return hot_spot * _of_hot_spot(days)


@lru_cache(maxsize=4096)
def _of_hot_spot(days: Decimal) -> Decimal:
    """The share of a hot spot rewritten after so many days; a day rewrites 1 / HOT_SPOT_DAYS."""
    return changed_share(1 / HOT_SPOT_DAYS, days)


def spread_share(share_per_day: Decimal, days: Decimal) -> Decimal:
    """The same when no block is ever written twice: n * c, and never more than everything."""
    return min(Decimal(1), share_per_day * days)


Asked = TypeVar("Asked")
Told = TypeVar("Told")

#: Spans and gaps that one growth remembers. Advice on a VM asks for some twenty; one growth serves
#: all VMs that change by the same assumption, for as long as the process lives, and how long
#: protection has run is another number every day.
REMEMBERED = 512


class Growth:
    """How much of one VM's data changes between two points; each span is worked out once.

    Low: a hot spot over days; within a day, writes that never hit a block twice. High: the
    other way round. Likely: random rewriting.
    """

    def __init__(self, shares_per_day: Range) -> None:
        self.shares_per_day = shares_per_day
        self._over: dict[Decimal, Range] = {}
        self._increments: dict[int, tuple[Gaps, Range]] = {}  # by identity, which it holds on to

    def over(self, days: Decimal) -> Range:
        """The distinct share of the data changed after so many days."""
        known = self._over.get(days)
        if known is None:
            shares = self.shares_per_day
            least, most = (
                (hot_spot_share, spread_share) if days >= 1 else (spread_share, hot_spot_share)
            )
            known = Range(
                least(shares.low, days),
                changed_share(shares.likely, days),
                most(shares.high, days),
            )
            _remember(self._over, days, known)
        return known

    def increments(self, between: Gaps) -> Range:
        """The sum of the distinct shares over all gaps, as a share of the used data."""
        known = self._increments.get(id(between))
        if known is None:
            known = (between, self._sum(between))
            _remember(self._increments, id(between), known)
        return known[1]

    def _sum(self, between: Gaps) -> Range:
        low = likely = high = ZERO
        for days, count in between:
            share = self.over(days)
            low += share.low * count
            likely += share.likely * count
            high += share.high * count
        return Range(low, likely, high)

    def stored_gib(self, used_gib: Range, between: Gaps) -> Range:
        """GiB held by one full copy and the increments of the points behind it.

        100 GiB at 2 % a day kept daily=30: 100 + 29 * 2 = 158.
        """
        further = self.increments(between)
        return Range.spanning(
            used_gib.low * (1 + further.low),
            used_gib.likely * (1 + further.likely),
            used_gib.high * (1 + further.high),
        )


def _remember(known: dict[Asked, Told], asked: Asked, told: Told) -> None:
    """Keep what was worked out; where too much is kept, begin anew."""
    if len(known) >= REMEMBERED:
        known.clear()
    known[asked] = told


@lru_cache(maxsize=1024)
def growth_of(shares_per_day: Range) -> Growth:
    """The growth of all VMs that change alike: most of a fleet changes by the same assumption."""
    return Growth(shares_per_day)
