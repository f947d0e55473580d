"""The plan of a deletion: the points as they lie there, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from bot.actions.delete.facts import FACTS
from bot.requests.model import Kind, RequestPlan, Wish
from bot.requests.plans.bounds import check_wish
from bot.requests.plans.cost import deletion_cost
from bot.requests.plans.grounds import PointsGround
from bot.requests.plans.of_points import as_it_is, plan_about
from bot.requests.plans.resources import made_of


def delete_plan(ground: PointsGround, wish: Wish) -> RequestPlan:
    """The points deleted. Raises PlanRefused where none exists any more."""
    check_wish(wish, FACTS)
    made = made_of(ground.points, ground.origin, wish, of_ledger=True)
    where = made[0].point.region
    disks = tuple(as_it_is(one) for one in made)
    plan = plan_about(ground, wish, made, disks, deletion_cost(ground.pricer, where))
    has_disks = any(one.point.kind is Kind.DISK for one in made)
    kind = Kind.DISK if has_disks else plan.kind
    return replace(plan, region=where, target_region=where, kind=kind)
