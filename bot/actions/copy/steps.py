"""The steps of a copy to another region."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.azure import bodies
from bot.azure.arm_ids import collection_of, name_of
from bot.azure.steps import Tags, collection_step, expect_made_of_point, one_target, step_of
from bot.requests.model import Kind, Point, RequestPlan, Step


def steps(plan: RequestPlan, tags: Tags, _points: Sequence[Point]) -> Iterator[Step]:
    """A copy of each snapshot side by side; or the collection there, then the one point in it."""
    return _restore_point(plan, tags) if plan.kind is Kind.RESTORE_POINT else _copies(plan, tags)


def _copies(plan: RequestPlan, tags: Tags) -> Iterator[Step]:
    for disk in plan.disks:
        body, expect = bodies.snapshot_copy(plan, disk, tags), expect_made_of_point(tags, disk)
        what = f"copy of {name_of(disk.source_id)} in {plan.target_region}"
        yield step_of("copy-snapshot", disk.target_id, body, expect, what, disk_id=disk.id)


def _restore_point(plan: RequestPlan, tags: Tags) -> Iterator[Step]:
    point_id, disk = one_target(plan), plan.disks[0]
    source_id = disk.source_id
    yield collection_step(point_id, collection_of(source_id), plan.target_region, plan, tags)
    yield step_of(
        "take-restore-point",
        point_id,
        bodies.restore_point_copy(source_id),
        {"source_id": source_id, "point_unique_id": disk.unique_id},
        f"copy of {name_of(source_id)} in {plan.target_region}",
        after=1,
    )
