"""Builds steps: what each sends, and how its target is recognised as this request's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.azure import bodies
from bot.azure.arm_ids import Resource, collection_of, name_of, resource_kind, same_id
from bot.azure.ownership import identity
from bot.azure.refusals import RefusedForGood
from bot.requests.model import PlannedDisk, Point, RequestPlan, Step
from bot.requests.tags import (
    EXPIRES_TAG,
    PLAN_TAG,
    REQUEST_TAG,
    REQUESTER_TAG,
    VM_TAG,
    VMBACKUP,
    iso,
)

Tags = Mapping[str, str]


def expect_made(tags: Tags, source_id: str, source_unique_id: str = "") -> dict[str, Any]:
    """How a resource made from a source is recognised: tags, the source's id and unique id."""
    return {
        "tags": identity(tags),
        "source_id": source_id,
        "source_unique_id": source_unique_id,
    }


def expect_made_of_point(tags: Tags, disk: PlannedDisk) -> dict[str, Any]:
    """The same for a source that is a point: its unique id is checked before it is used."""
    return expect_made(tags, disk.source_id) | {"point_unique_id": disk.unique_id}


def step_of(
    verb: str,
    target_id: str,
    send: Mapping[str, Any],
    expect: Mapping[str, Any],
    what: str,
    *,
    after: int | None = None,
    disk_id: str = "",
) -> Step:
    """One step without a number; raises RefusedForGood for a target that is never changed."""
    resource_kind(target_id)
    body = {"send": dict(send), "expect": dict(expect)}
    return Step(
        number=0, verb=verb, target_id=target_id, body=body, what=what, after=after, disk_id=disk_id
    )


# --- restore points --------------------------------------------------------------------------


def collection_step(
    point_id: str, source_id: str, region: str, plan: RequestPlan, tags: Tags
) -> Step:
    """The step that makes a collection. Its tags name the VM, the request and the requester.

    No tag names an expiry, because the collection stays when the request's points expire.
    """
    kept = {name: tags[name] for name in (REQUEST_TAG, REQUESTER_TAG, VM_TAG) if name in tags}
    return step_of(
        "make-collection",
        collection_of(point_id),
        bodies.collection(source_id, region, kept),
        {"source_id": source_id},
        f"collection for restore points of {plan.vm_name}",
    )


def one_target(plan: RequestPlan) -> str:
    """The ARM id of the plan's one restore point; raises RefusedForGood where there are several."""
    targets = {disk.target_id.lower(): disk.target_id for disk in plan.disks}
    if len(targets) != 1:
        raise RefusedForGood("A restore point holds all its disks; the plan names several.")
    return next(iter(targets.values()))


# --- what exists -----------------------------------------------------------------------------


_DELETIONS = {
    Resource.SNAPSHOT: "delete-snapshot",
    Resource.RESTORE_POINT: "delete-restore-point",
    Resource.DISK: "delete-disk",
}


def deletion_of(point: Point) -> Step:
    """The step that deletes a point; raises RefusedForGood for a kind that is never deleted."""
    verb = _DELETIONS.get(resource_kind(point.arm_id))
    if verb is None:
        raise RefusedForGood(f"“{name_of(point.arm_id)}” is nothing that vmbackup deletes.")
    what = f"deletion of {name_of(point.arm_id)}"
    return step_of(verb, point.arm_id, {}, expect_as_noted(point), what, disk_id=point.disk_id)


def planned_points(plan: RequestPlan, points: Sequence[Point]) -> list[Point]:
    """The points that the plan names and that are not deleted."""
    named = [one for disk in plan.disks for one in (disk.source_id, disk.target_id) if one]
    return [
        point
        for point in points
        if point.deleted_at is None and any(same_id(point.arm_id, one) for one in named)
    ]


def expect_as_noted(point: Point) -> dict[str, Any]:
    """What must agree before a point is changed or deleted. A restore point has no tags."""
    tags = {
        REQUEST_TAG: point.request_id,
        REQUESTER_TAG: point.requester_id or VMBACKUP,
        PLAN_TAG: point.plan_hash,
    }
    if point.expires_at is not None:
        tags[EXPIRES_TAG] = iso(point.expires_at)
    has_tags = resource_kind(point.arm_id) is not Resource.RESTORE_POINT
    return {
        "tags": tags if has_tags else {},
        "unique_id": point.unique_id,
        "time_created": point.time_created,
    }
