"""Months as Azure bills them: of UTC, and final only some days after they have ended."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from advisor.errors import UsageError

#: Usage arrives late, and charges are finalised up to 72 hours after the month has ended
#: (cost-management-billing/understand-cost-mgmt-data, 2024-11); two days more are a margin.
DAYS_UNTIL_FINAL = 5
#: Cost Management answers for 13 months back in its portal and 37 at most (its query's limits).
MONTHS_BACK_AT_MOST = 37
_WRITTEN = re.compile(r"(\d{4})-(\d{2})")


class Month(NamedTuple):
    """One month of UTC. They are ordered in time."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return self.after.first - timedelta(days=1)

    @property
    def days(self) -> int:
        return self.last.day

    @property
    def after(self) -> Month:
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def before(self) -> Month:
        return month_of(self.first - timedelta(days=1))

    @property
    def final_on(self) -> date:
        """The first day on which a verdict on it is possible."""
        return self.after.first + timedelta(days=DAYS_UNTIL_FINAL)

    def is_final(self, today: date) -> bool:
        """`today` is a day of UTC."""
        return today >= self.final_on


def month_of(day: date) -> Month:
    return Month(day.year, day.month)


def last_final(today: date) -> Month:
    """The newest month on which a verdict is possible. `today` is a day of UTC."""
    month = month_of(today).before
    return month if month.is_final(today) else month.before


def final_since(first: date, today: date, at_most: int) -> tuple[Month, ...]:
    """The final months from that of `first` on, the newest `at_most` of them, in order."""
    months: list[Month] = []
    month = last_final(today)
    while month >= month_of(first) and len(months) < at_most:
        months.append(month)
        month = month.before
    return tuple(reversed(months))


def parse_month(text: str, today: date) -> Month:
    """`2026-10` -> Month. Raises UsageError for another form, the future, and too long ago."""
    found = _WRITTEN.fullmatch(text.strip())
    if not found or not 1 <= int(found[2]) <= 12 or int(found[1]) < 1:
        raise UsageError(f"“{text.strip()[:40]}” is not a month. Write it like 2026-10.")
    month, this = Month(int(found[1]), int(found[2])), month_of(today)
    if month > this:
        raise UsageError(f"{month} has not begun. The newest month with a bill is {this}.")
    if (this.year - month.year) * 12 + this.month - month.month > MONTHS_BACK_AT_MOST:
        raise UsageError(
            f"{month} is too long ago: Cost Management answers for {MONTHS_BACK_AT_MOST} months."
        )
    return month
