"""Which recovery points are kept, and how much of the data they hold.

A chain of incremental points holds one full copy and, for every further point, the distinct
blocks changed since the neighbouring older one. With a share `c` of the used data changed each
day, the distinct share after n days of random rewriting is 1 - (1 - c)**n. Between two
neighbours n days apart it lies between what a hot spot rewrites (it saturates early) and n * c.

The steady state is a closed form over the gaps between the ages of the points that are kept;
tests hold it against a day-by-day simulation of the same retention.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from advisor.model import Range, Retention

DAYS_PER_WEEK = 7
DAYS_PER_YEAR = 365
MONTHS_PER_YEAR = 12

#: Azure counts a month of retention as 31 days: 12 months are 372 (backup-instant-restore-
#: capability, 2025-06-16), and we count a year as 366 for the same reason.
RETENTION_DAYS = {"daily": 1, "weekly": 7, "monthly": 31, "yearly": 366}

#: The low end of rewriting: the writes hit a part of the data this many times the daily change.
#: Assumed; a database that rewrites the same pages, a log that goes round.
HOT_SPOT_DAYS = Decimal(5)

Gaps = tuple[tuple[Decimal, int], ...]
"""(days between two neighbouring points, how many such pairs), shortest first."""


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


def kept_ages(retention: Retention, points_per_day: int = 1) -> tuple[int, ...]:
    """Ages of the points kept, newest first, on a day on which every period begins.

    In steps of a day over `points_per_day`. The newest n points of each kind are kept, of each
    day that keeps daily points all of them; a point may be of several kinds at once.
    """
    coarse = {
        *(week * DAYS_PER_WEEK for week in range(retention.weekly)),
        *(anniversary_age(month, MONTHS_PER_YEAR) for month in range(retention.monthly)),
        *(year * DAYS_PER_YEAR for year in range(retention.yearly)),
    }
    daily = range(retention.daily * points_per_day)
    return tuple(sorted({*daily, *(age * points_per_day for age in coarse)}))


@lru_cache(maxsize=4096)
def gaps(retention: Retention, running_days: int | None = None, points_per_day: int = 1) -> Gaps:
    """The gaps between neighbouring points, in the steady state or `running_days` after the start.

    After n days only the points younger than n days exist.
    """
    ages = kept_ages(retention, points_per_day)
    if running_days is not None:
        ages = tuple(age for age in ages if age < running_days * points_per_day)
    between = Counter(older - newer for newer, older in itertools.pairwise(ages))
    return tuple((Decimal(gap) / points_per_day, count) for gap, count in sorted(between.items()))


def point_count(retention: Retention, points_per_day: int = 1) -> int:
    """How many points there are in the steady state."""
    return 1 + sum(count for _, count in gaps(retention, None, points_per_day))


def changed_share(share_per_day: Decimal, days: Decimal) -> Decimal:
    """The distinct share of the data changed after `days` of random rewriting: 1 - (1 - c)**n."""
    if days == 1:
        return share_per_day
    if days < 1:  # Decimal takes twenty times as long for a fractional power
        return Decimal(1 - float(1 - share_per_day) ** float(days))
    return 1 - (1 - share_per_day) ** days


def hot_spot_share(share_per_day: Decimal, days: Decimal) -> Decimal:
    """The same when all writes hit a hot spot of HOT_SPOT_DAYS times the daily change."""
    hot_spot = min(Decimal(1), share_per_day * HOT_SPOT_DAYS)
    if days == 1 or not hot_spot:
        return share_per_day
    return hot_spot * changed_share(share_per_day / hot_spot, days)


def spread_share(share_per_day: Decimal, days: Decimal) -> Decimal:
    """The same when no block is ever written twice: n * c, and never more than everything."""
    return min(Decimal(1), share_per_day * days)


def least_share(share_per_day: Decimal, days: Decimal) -> Decimal:
    """The low end: a hot spot over days; within a day, writes that never hit a block twice."""
    model = hot_spot_share if days >= 1 else spread_share
    return model(share_per_day, days)


def most_share(share_per_day: Decimal, days: Decimal) -> Decimal:
    """The high end: the other way round."""
    model = spread_share if days >= 1 else hot_spot_share
    return model(share_per_day, days)


def increments(shares_per_day: Range, between: Gaps) -> Range:
    """The sum of the distinct shares over all gaps, as a share of the used data."""
    return Range(
        _sum(least_share(shares_per_day.low, days) * count for days, count in between),
        _sum(changed_share(shares_per_day.likely, days) * count for days, count in between),
        _sum(most_share(shares_per_day.high, days) * count for days, count in between),
    )


def _sum(shares: Iterable[Decimal]) -> Decimal:
    return sum(shares, Decimal(0))


def stored_gib(used_gib: Range, shares_per_day: Range, between: Gaps) -> Range:
    """GiB held by one full copy and the increments of the points behind it.

    100 GiB at 2 % a day kept daily=30: 100 + 29 * 2 = 158.
    """
    further = increments(shares_per_day, between)
    return Range(
        used_gib.low * (1 + further.low),
        used_gib.likely * (1 + further.likely),
        used_gib.high * (1 + further.high),
    )
