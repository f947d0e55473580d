"""The plan of an extension: the same points with a later expiry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.actions.extend.facts import FACTS
from bot.requests.model import PlannedDisk, RequestPlan, Wish
from bot.requests.moments import moment_words
from bot.requests.plans.bounds import extended_expiry
from bot.requests.plans.cost import storage_cost
from bot.requests.plans.grounds import PointsGround
from bot.requests.plans.of_points import plan_about, point_as_disk
from bot.requests.plans.resources import Made, made_of
from bot.requests.plans.wishes import check_wish
from bot.requests.refusals import PlanRefused


def extend_plan(ground: PointsGround, wish: Wish) -> RequestPlan:
    """The plan to keep the points `wish.keep` beyond their expiry, at the price of the extension.

    `keep` of the plan is the whole retention, and `limit_before` of its cost the amount before
    the extension: rules compare the whole. Raises PlanRefused.
    """
    check_wish(wish, FACTS)
    made = made_of(ground.points, ground.origin, wish, of_ledger=True)
    until = _new_expiry(ground, made, wish)
    disks = tuple(point_as_disk(one) for one in made)
    where = made[0].point.region
    extension = wish.keep or timedelta()
    cost = storage_cost(disks, ground.sizing, where, extension, ground.pricer)
    cost = replace(cost, limit_before=_spent_before(ground, made, disks))
    plan = plan_about(ground, wish, made, disks, cost)
    return replace(
        plan,
        region=where,
        target_region=where,
        keep=until - min(one.point.made_at for one in made),
        expires_at=until,
        notes=(*_expiry_note(made), *plan.notes),
    )


def _new_expiry(ground: PointsGround, made: Sequence[Made], wish: Wish) -> datetime:
    """The new expiry; a resumed request keeps that of its plan, so that nothing is added twice."""
    if ground.half_done_plan is not None and ground.half_done_plan.expires_at is not None:
        return ground.half_done_plan.expires_at
    expiries = _expiries(made)
    if not expiries:
        raise PlanRefused("It has no expiry: it is kept until somebody deletes it.")
    return extended_expiry(max(expiries), wish, ground.bounds, ground.now)


def _spent_before(
    ground: PointsGround, made: Sequence[Made], disks: tuple[PlannedDisk, ...]
) -> Decimal | None:
    """What the points cost until their present expiry, as rules count it; with a copy's traffic.

    A resumed request keeps that of its plan, as some of its points have the new expiry already.
    None: a price is missing.
    """
    if ground.half_done_plan is not None:
        return ground.half_done_plan.cost.limit_before
    where, origin = made[0].point.region, ground.origin.region
    kept = max(_expiries(made)) - min(one.point.made_at for one in made)
    moved_from = origin if origin != where else ""
    cost = storage_cost(disks, ground.sizing, where, kept, ground.pricer, moved_from=moved_from)
    return cost.limit_until_expiry


def _expiry_note(made: Sequence[Made]) -> tuple[str, ...]:
    expiries = _expiries(made)
    return (f"So far it is kept until {moment_words(max(expiries))}.",) if expiries else ()


def _expiries(made: Sequence[Made]) -> list[datetime]:
    return [one.point.expires_at for one in made if one.point.expires_at is not None]
