"""The plan of a copy of points in another region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from advisor.regions import REGIONS, display_name, region_name
from advisor.words import clean, listed
from bot.actions.copy.facts import FACTS
from bot.requests.model import Kind, PlannedDisk, RequestPlan, Wish
from bot.requests.names import (
    collection_name,
    restore_point_id,
    restore_point_name,
    snapshot_id,
    snapshot_name,
)
from bot.requests.plans.bounds import keep_of
from bot.requests.plans.cost import storage_cost
from bot.requests.plans.grounds import PointsGround
from bot.requests.plans.of_points import made_from, plan_about
from bot.requests.plans.resources import Made, made_of, refuse_twice
from bot.requests.plans.wishes import check_wish
from bot.requests.refusals import PlanRefused

_SHOWN = 80  # characters of a typed word that an answer repeats


def copy_plan(ground: PointsGround, wish: Wish) -> RequestPlan:
    """The plan to copy the points to another region. Raises PlanRefused."""
    check_wish(wish, FACTS)
    made = made_of(ground.points, ground.origin, wish)
    refuse_twice(made)
    keep, source = keep_of(wish, ground.bounds), made[0].point.region
    target = _target(wish.to_region, source)
    _refuse_own_keys(made, source, target)
    disks = tuple(_planned_copy(ground, one, target) for one in made)
    cost = storage_cost(disks, ground.sizing, target, keep, ground.pricer, moved_from=source)
    plan = plan_about(ground, wish, made, disks, cost)
    return replace(
        plan,
        region=source,
        target_region=target,
        keep=keep,
        incremental=True,
        notes=(made_from(ground, made), *plan.notes),
    )


def _target(wanted: str, source: str) -> str:
    target = region_name(wanted)
    if target not in REGIONS:
        shown = clean(wanted)[:_SHOWN]
        raise PlanRefused(f"“{shown}” is not a region of Azure that is known. Write northeurope.")
    if target == source:
        raise PlanRefused(f"It lies in {display_name(source)} already. Name another region.")
    return target


def _refuse_own_keys(made: Sequence[Made], source: str, target: str) -> None:
    """Raises PlanRefused for disks with a disk encryption set.

    A set serves its own region only (disk-encryption, 2024-10-22).
    """
    names = [one.disk.name for one in made if one.disk.encryption_set_id]
    if names:
        raise PlanRefused(
            f"{_disks_are(list(dict.fromkeys(names)))} encrypted with a key of your own that lies "
            f"in {display_name(source)}; a copy in {display_name(target)} would not be."
        )


def _disks_are(names: Sequence[str]) -> str:
    """The subject of a sentence; a name never comes first, where it would get a capital letter."""
    return f"The disk {names[0]} is" if len(names) == 1 else f"The disks {listed(names)} are"


def _planned_copy(ground: PointsGround, made: Made, target: str) -> PlannedDisk:
    origin, point = ground.origin, made.point
    place = (origin.subscription_id, origin.resource_group)
    if point.kind is Kind.DISK:
        raise PlanRefused("These are disks; only snapshots and restore points are copied.")
    if point.kind is Kind.RESTORE_POINT:
        collection = collection_name(origin.vm_id, origin.vm_uuid, target)
        name = restore_point_name(ground.request_id, origin.vm_id)
        target_id = restore_point_id(*place, collection, name)
    else:
        target_id = snapshot_id(*place, snapshot_name(ground.request_id, made.disk.id))
    return replace(
        made.disk, unique_id=point.unique_id, zones=(), source_id=point.arm_id, target_id=target_id
    )
