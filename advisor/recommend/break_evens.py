"""Break-evens: the retention, and the RPO and RTO, at which another option becomes the better.

The rows of the options say which of them are compared, and in which words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from advisor.model import ZERO, Assessment, Event, LineKind, Verdict
from advisor.options import BY_NAME, OPTIONS
from advisor.options.case import Case
from advisor.options.row import DailyPoints, RetentionBreakEven, TimeBreakEven
from advisor.words import about, counted, duration, money

#: Beyond ten years a break-even is no help; an option that keeps fewer points ends before.
LONGEST_DAYS = 3650


def break_evens(case: Case, ranked: Sequence[Assessment]) -> tuple[str, ...]:
    """Sentences; none where an option is not allowed or lacks a price."""
    said = [(option.name, each) for option in OPTIONS for each in option.break_evens]
    by_retention = (
        sentence
        for name, each in said
        if isinstance(each, RetentionBreakEven)
        for sentence in _by_retention(case, ranked, name, each)
    )
    by_time = (
        sentence
        for name, each in said
        if isinstance(each, TimeBreakEven)
        for sentence in _by_time(ranked, name, each)
    )
    return (*by_retention, *by_time)


# --- retention -------------------------------------------------------------------------------


def _by_retention(
    case: Case, ranked: Sequence[Assessment], option: str, said: RetentionBreakEven
) -> Iterator[str]:
    days = _retention_days(case, ranked, option, said.against)
    if days is None:
        return
    if days < 1:
        yield said.never
    elif days >= _longest_days(option, said.against):
        yield said.always
    else:
        yield said.up_to.format(days=counted(int(days), "day"))


def _longest_days(*options: str) -> int:
    """For how many daily points both can be had: what Azure keeps at most."""
    points = [BY_NAME[option].daily_points for option in options]
    return min(LONGEST_DAYS, *(each.most for each in points if each))


def _retention_days(
    case: Case, ranked: Sequence[Assessment], option: str, against: str
) -> Decimal | None:
    ours, theirs = BY_NAME[option].daily_points, BY_NAME[against].daily_points
    if ours is None or theirs is None:
        return None
    own = _cheapest(ranked, option, ours.configuration)
    other = _cheapest(ranked, against, theirs.configuration) if own else None
    if own is None or other is None:
        return None
    return retention_break_even(case, (own, ours), (other, theirs))


def _cheapest(
    ranked: Sequence[Assessment], option: str, wanted: Mapping[str, Any]
) -> Assessment | None:
    """The cheapest allowed complete configuration once a day, by its likely cost."""
    fitting = [
        each
        for each in ranked
        if each.proposal.option == option
        and each.monthly.likely is not None
        and each.proposal.verdict is Verdict.YES
        and wanted.items() <= each.proposal.configuration.items()
    ]
    return min(fitting, key=lambda each: each.monthly.likely or ZERO, default=None)


def retention_break_even(
    case: Case, own: tuple[Assessment, DailyPoints], other: tuple[Assessment, DailyPoints]
) -> Decimal | None:
    """Daily points n at which both cost the same; both grow by a day's change for each point.

    own: s * U * (1 + (n-1) * c);  other: f + v * U * (1 + (n-1) * c), f not depending on n, and
    never for fewer points than are billed at least. `f` is what the other's further lines cost
    more than the own ones.
    """
    used, share = case.sizing.used_gib.range.likely, case.growth.shares_per_day.likely
    price_own, fixed_own = _storage(*own)
    price_other, fixed_other = _storage(*other)
    if price_own is None or price_other is None or not used or not share:
        return None
    fixed = fixed_other - fixed_own
    if price_own <= price_other:
        return Decimal(LONGEST_DAYS)
    days = 1 + (fixed / (used * (price_own - price_other)) - 1) / share
    fewest = other[1].fewest
    if days >= fewest:
        return days
    least = fixed + price_other * used * (1 + (fewest - 1) * share)
    return 1 + (least / (used * price_own) - 1) / share


def _storage(each: Assessment, points: DailyPoints) -> tuple[Decimal | None, Decimal]:
    """The price of a stored GB, and what all other lines cost together; None without a price."""
    for line in each.lines:
        stored = line.usage.name == points.storage_line and line.usage.kind is LineKind.RECURRING
        if stored and line.monthly and each.monthly.likely is not None:
            return line.unit_price, each.monthly.likely - line.monthly.likely
    return None, Decimal(0)


# --- time ------------------------------------------------------------------------------------


def _by_time(ranked: Sequence[Assessment], option: str, said: TimeBreakEven) -> Iterator[str]:
    own, other = (_allowed(ranked, name, said.event) for name in (option, said.against))
    if own is None or other is None:
        return
    given = other.recovery[said.event]
    if given is None or own.monthly.likely is None:
        return
    yield said.sentence.format(
        price=money(own.monthly.likely, own.monthly.currency),
        rto=about(given.rto.likely),
        rpo=duration(given.rpo),
    )


def _allowed(ranked: Sequence[Assessment], option: str, event: Event) -> Assessment | None:
    return next(
        (
            each
            for each in ranked
            if each.proposal.option == option
            and each.proposal.verdict is Verdict.YES
            and each.recovery[event]
        ),
        None,
    )
