"""What a request costs until it expires: the amount that its approvers decide on, and no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from advisor.words import listed
from bot.messages.blocks import Element, cut, run, space
from bot.messages.money_words import exact_words, range_words
from bot.messages.request_words import LINE_LIMIT, NAME_LIMIT
from bot.requests.model import Cost, Money, Point, RequestPlan
from bot.requests.plans.cost import months_of

UNTIL_DELETED = "a month, until somebody deletes it"


def never_expires(plan: RequestPlan) -> bool:
    """Whether what the plan makes is kept until somebody deletes it."""
    return plan.keep is None and plan.expires_at is None


def planned_cost(plan: RequestPlan, more: str = "") -> list[Element]:
    """`about 0.71 USD (0.14 to 1.55)`, the amount bold; `more` stands after the amount."""
    cost, is_open_ended = plan.cost, never_expires(plan)
    value = cost.a_month if is_open_ended else cost.until_expiry
    after = UNTIL_DELETED if is_open_ended and not more else more
    return [*_priced(value, cost.currency, after), *_rest(cost, plan)]


def kept_cost(plan: RequestPlan, points: Sequence[Point]) -> list[Element]:
    """What the points cost from their making to their expiry, however often it was extended."""
    value, currency = cost_of_points(points, plan.cost.once), plan.cost.currency
    if not points:
        return planned_cost(plan)
    is_open_ended = any(point.expires_at is None for point in points)
    return _priced(value, currency, UNTIL_DELETED if is_open_ended else "")


def cost_of_points(points: Sequence[Point], once: Money | None = None) -> Money | None:
    """The sum over the points, each until its own expiry or, without one, for a month.

    `once`: what the traffic of a copy cost. None: a price is missing.
    """
    parts = [once] if once else []
    for point in points:
        if point.cost_a_month is None:
            return None
        months = months_of(point.expires_at - point.made_at) if point.expires_at else Decimal(1)
        parts.append(Money(*(amount * months for amount in point.cost_a_month)))
    return Money(*(sum(part, Decimal(0)) for part in zip(*parts, strict=True))) if parts else None


def amount_words(elements: Sequence[Element]) -> str:
    """The same as plain words, for the text that is read aloud."""
    return "".join(str(each["text"]) for each in elements)


def _priced(value: Money | None, currency: str, after: str) -> list[Element]:
    after = f" {after}" if after else ""
    if value is None:
        return [run(f"cost not known{after}", LINE_LIMIT, bold=True)]
    between = range_words(value)
    about = "about " if between else ""
    amount = run(f"{about}{exact_words(value.likely, currency)}{after}", LINE_LIMIT, bold=True)
    return [amount, space(f" ({between})")] if between else [amount]


def _rest(cost: Cost, plan: RequestPlan) -> Iterator[Element]:
    if cost.once is not None:
        where = cut(plan.target_region, NAME_LIMIT)
        sent = exact_words(cost.once.likely, cost.currency)
        yield run(f", {sent} of it to send it to {where}", LINE_LIMIT)
    if cost.missing:
        yield from (space(), run(f"(no price for {listed(cost.missing)})", LINE_LIMIT))
