"""The plan of an extension: the same points, kept for longer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.actions.extend.facts import FACTS
from bot.requests.model import RequestPlan, Wish
from bot.requests.plans.bounds import check_wish, extended
from bot.requests.plans.cost import storage_cost
from bot.requests.plans.grounds import PointsGround
from bot.requests.plans.of_points import as_it_is, moment_of, plan_about
from bot.requests.plans.resources import Made, made_of
from bot.requests.refusals import PlanRefused


def extend_plan(ground: PointsGround, wish: Wish) -> RequestPlan:
    """The points kept `wish.keep` longer than today's expiry; the price is that of the extension.

    `keep` of the plan is the whole life, which the rules look at. Raises PlanRefused.
    """
    check_wish(wish, FACTS)
    made = made_of(ground.points, ground.origin, wish, of_ledger=True)
    until = _until(ground, made, wish)
    disks = tuple(as_it_is(one) for one in made)
    where = made[0].point.region
    longer = wish.keep or timedelta()
    cost = storage_cost(disks, ground.sizing, where, longer, ground.pricer)
    plan = plan_about(ground, wish, made, disks, cost)
    return replace(
        plan,
        region=where,
        target_region=where,
        keep=until - min(one.point.made_at for one in made),
        expires_at=until,
        notes=(*_so_far(made), *plan.notes),
    )


def _until(ground: PointsGround, made: Sequence[Made], wish: Wish) -> datetime:
    """What was begun keeps the expiry that it began with, and adds nothing once more."""
    if ground.begun is not None and ground.begun.expires_at is not None:
        return ground.begun.expires_at
    expiries = _expiries(made)
    if not expiries:
        raise PlanRefused("It has no expiry: it is kept until somebody deletes it.")
    return extended(max(expiries), wish, ground.bounds, ground.now)


def _so_far(made: Sequence[Made]) -> tuple[str, ...]:
    expiries = _expiries(made)
    return (f"So far it is kept until {moment_of(max(expiries))}.",) if expiries else ()


def _expiries(made: Sequence[Made]) -> list[datetime]:
    return [one.point.expires_at for one in made if one.point.expires_at is not None]
