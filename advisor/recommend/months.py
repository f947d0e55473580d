"""The bill month by month until the steady state: the first bill is not the last."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from advisor.model import ZERO, Assessment, Line, LineKind, Monthly, MonthOfBill, Range
from advisor.options import BY_NAME
from advisor.options.case import Case
from advisor.prices.pricing import Pricer, together, total

#: Months shown one by one; after them one a year until the steady state, a century at most.
MOST_MONTHS = 36
LAST_MONTH = 1200
BESIDE = (LineKind.ONE_TIME, LineKind.CREDIT)
DAYS_OF_MONTH = (30, 61, 91, 122, 152, 182, 213, 243, 274, 304, 334, 365)


def days_after(month: int) -> int:
    """Days since the start at the end of a month counted from 1."""
    years, rest = divmod(month - 1, 12)
    return years * 365 + DAYS_OF_MONTH[rest]


def by_month(case: Case, parts: Iterable[Assessment], pricer: Pricer) -> tuple[MonthOfBill, ...]:
    """Recurring, drill, one-time and credit lines of each month; empty where a price is missing.

    Each month is billed at what is stored at its end; the last one shown is the steady state.
    """
    parts = tuple(parts)
    steady = _amount(together((part.monthly for part in parts), pricer.currency))
    if steady is None:
        return ()
    months: list[MonthOfBill] = []
    for month in (*range(1, MOST_MONTHS + 1), *range(MOST_MONTHS + 12, LAST_MONTH + 1, 12)):
        amount = _amount_after(case, parts, pricer, month)
        if amount is None:
            return ()
        months.append(MonthOfBill(month=month, amount=amount))
        if month > 1 and amount == steady:
            break
    return tuple(months)


def first_year(case: Case, part: Assessment, pricer: Pricer) -> Decimal | None:
    """What the first twelve months cost together, likely; None where a price is missing."""
    total = ZERO
    for month in range(1, 13):
        amount = _amount_after(case, (part,), pricer, month)
        if amount is None:
            return None
        total += amount.likely
    return total


def _amount(monthly: Monthly) -> Range | None:
    if monthly.likely is None or monthly.high is None:
        return None
    return Range(monthly.low, monthly.likely, monthly.high)


def _amount_after(
    case: Case, parts: tuple[Assessment, ...], pricer: Pricer, month: int
) -> Range | None:
    lines: tuple[Line, ...] = ()
    for part in parts:
        usages = BY_NAME[part.option].usages(case, part.proposal.chosen, days_after(month))
        lines += pricer.bill(usages)[0]
    amount = _amount(total(lines, pricer.currency))
    if amount is None or month > 1:
        return amount
    once = [line.monthly for line in lines if line.usage.kind in BESIDE and line.monthly]
    return Range(*_plus(amount, once))


def _plus(amount: Range, once: list[Range]) -> tuple[Decimal, Decimal, Decimal]:
    """The first month has the first copy and the free days. A credit's low is its high."""
    low = amount.low + sum((each.low for each in once), ZERO)
    likely = amount.likely + sum((each.likely for each in once), ZERO)
    high = amount.high + sum((each.high for each in once), ZERO)
    return low, likely, high
