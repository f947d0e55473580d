"""The storage of recovery points lived through day by day: what the closed form must agree with.

Written from the model's description alone and sharing nothing with the code it checks: points
are made, tagged and pruned one after another, and every block's chance of being untouched is
multiplied on, step by step.
"""

from __future__ import annotations

from fractions import Fraction

DAYS_PER_YEAR = 365


def begins_month(day: int) -> bool:
    """Twelve months to a year of 365 days, each beginning on a whole day from day 0 on."""
    return any(DAYS_PER_YEAR * month // 12 == day % DAYS_PER_YEAR for month in range(12))


def points_kept(
    kept: dict[str, int], days: int, per_day: int = 1, day_of_year: int = 0
) -> list[Fraction]:
    """When the points were made that are left after so many days, oldest first, in days.

    Day 0 is the first; the newest is this day of a year whose first day also begins a week.
    Every day `per_day` points are made; its last one is also the week's, the month's or the
    year's where one begins. After every day only the newest n of each kind are kept, and all the
    points of the newest n days that are kept daily.
    """
    newest = days - 1
    weekly = [day for day in range(days) if (newest - day) % 7 == day_of_year % 7]
    tagged: dict[str, list[int]] = {"daily": [], "weekly": [], "monthly": [], "yearly": []}
    phase = (day_of_year - newest) % DAYS_PER_YEAR
    for day in range(days):
        tagged["daily"].append(day)
        if day in weekly[:1] or (tagged["weekly"] and day - tagged["weekly"][-1] == 7):
            tagged["weekly"].append(day)
        if begins_month(day + phase):
            tagged["monthly"].append(day)
        if (day + phase) % DAYS_PER_YEAR == 0:
            tagged["yearly"].append(day)
        for kind, made in tagged.items():
            del made[: max(0, len(made) - kept.get(kind, 0))]
    last = {Fraction(day) for kind in tagged for day in tagged[kind]}
    between = {day - Fraction(part, per_day) for day in tagged["daily"] for part in range(per_day)}
    return sorted(last | between)


def share_randomly(share: float, days: Fraction) -> float:
    """Any block is as likely to be rewritten as any other: 1 - (1 - c) x (1 - c) x ..."""
    untouched = 1.0
    for _ in range(days.numerator):
        untouched *= (1 - share) ** (1 / days.denominator)
    return 1 - untouched


def share_in_hot_spot(share: float, days: Fraction, spot_days: int = 5) -> float:
    """Only a part of the data is ever rewritten: five times what changes in a day."""
    spot = min(1.0, share * spot_days)
    return spot * share_randomly(share / spot, days) if spot else 0.0


def share_never_twice(share: float, days: Fraction) -> float:
    """No block is written twice until all have been."""
    changed = 0.0
    for _ in range(days.numerator):
        changed += share / days.denominator
    return min(1.0, changed)
