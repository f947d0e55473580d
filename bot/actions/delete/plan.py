"""The plan of a deletion: the points that exist, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from bot.actions.delete.facts import FACTS
from bot.requests.model import Kind, RequestPlan, Wish
from bot.requests.plans.cost import deletion_cost
from bot.requests.plans.grounds import PointsGround
from bot.requests.plans.of_points import plan_about, point_as_disk
from bot.requests.plans.resources import made_of
from bot.requests.plans.wishes import check_wish


def delete_plan(ground: PointsGround, wish: Wish) -> RequestPlan:
    """The plan to delete the points. Raises PlanRefused where none exists any more."""
    check_wish(wish, FACTS)
    made = made_of(ground.points, ground.origin, wish, of_ledger=True)
    where = made[0].point.region
    disks = tuple(point_as_disk(one) for one in made)
    plan = plan_about(ground, wish, made, disks, deletion_cost(ground.pricer, where))
    has_disks = any(one.point.kind is Kind.DISK for one in made)
    kind = Kind.DISK if has_disks else plan.kind
    return replace(plan, region=where, target_region=where, kind=kind)
