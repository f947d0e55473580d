"""How old the prices of an answer are: the oldest that is behind a figure which is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from advisor.model import Assessment, Decision, InPlace, Plan, PriceOrigin, Verdict
from advisor.prices.quote import age_days, full_date


class PricesUsed(NamedTuple):
    """The oldest date, as much of it as is known, and its age; empty and None without a price."""

    as_of: str
    age_days: int | None


def prices_used(assessments: Iterable[Assessment], on: date) -> PricesUsed:
    """Of every line of these that has an amount. A bound is no price that was read: its own
    sentence says on what it rests."""
    bounded = PriceOrigin.BOUNDED  # an enum looks its members up slowly
    days = {
        line.true_on
        for each in assessments
        for line in each.lines
        if line.true_on and line.origin is not bounded
    }
    if not days:
        return PricesUsed("", None)
    oldest = min(days, key=full_date)
    return PricesUsed(oldest, age_days(oldest, on))


def shown_assessments(
    decision: Decision, in_place: Iterable[InPlace], ranked: Sequence[Assessment]
) -> list[Assessment]:
    """What is in place, every plan that is named, and the best of each option that is allowed."""
    plans: list[Plan | None] = [decision.plan, *(each.plan for each in decision.alternatives)]
    no, best = Verdict.NO, dict[str, Assessment]()
    for each in ranked:
        if each.verdict is not no:
            best.setdefault(each.option, each)
    return [
        *(found.assessment for found in in_place if found.assessment is not None),
        *(part for plan in plans if plan is not None for part in plan.parts),
        *best.values(),
    ]
