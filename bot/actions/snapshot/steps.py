"""The steps of snapshots, or of one restore point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.azure import bodies
from bot.azure.steps import Tags, collection_step, expect_made, one_target, step_of
from bot.requests.model import Kind, Point, RequestPlan, Step


def steps(plan: RequestPlan, tags: Tags, _points: Sequence[Point]) -> Iterator[Step]:
    """A snapshot of each disk side by side; or the collection, then the one point in it."""
    return _restore_point(plan, tags) if plan.kind is Kind.RESTORE_POINT else _snapshots(plan, tags)


def _snapshots(plan: RequestPlan, tags: Tags) -> Iterator[Step]:
    for disk in plan.disks:
        body = bodies.snapshot(plan, disk, tags)
        expect = expect_made(tags, disk.source_id or disk.id, disk.unique_id)
        what = f"snapshot of {disk.name}"
        yield step_of("take-snapshot", disk.target_id, body, expect, what, disk_id=disk.id)


def _restore_point(plan: RequestPlan, tags: Tags) -> Iterator[Step]:
    point_id = one_target(plan)
    yield collection_step(point_id, plan.vm_id, plan.region, plan, tags)
    yield step_of(
        "take-restore-point",
        point_id,
        bodies.restore_point(plan),
        {"vm_uuid": plan.vm_uuid},
        f"restore point of {plan.vm_name}",
        after=1,
    )
