"""The steps of a plan: what is sent to Azure, in which order, and by what it is known as ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.azure import bodies
from bot.azure.arm_ids import Resource, collection_of, name_of, resource_kind, same_id
from bot.azure.ownership import identity
from bot.azure.refusals import Never
from bot.requests.model import Action, Kind, Plan, PlannedDisk, Point, Request, Step
from bot.requests.tags import ASKER_TAG, EXPIRES_TAG, OURSELVES, PLAN_TAG, REQUEST_TAG, VM_TAG, iso

Tags = Mapping[str, str]


def steps_of(
    plan: Plan, request: Request, tags: Tags, points: Sequence[Point] = ()
) -> tuple[Step, ...]:
    """The steps, numbered from 1. `tags` are those of the request (`requests.tags.tags_of`).

    `points` are the ledger's rows that a deletion or an extension is about; only those that the
    plan names are touched. Raises Never for a plan that names what cannot be acted on.
    """
    match plan.action, plan.kind:
        case Action.SNAPSHOT, Kind.RESTORE_POINT:
            steps = _restore_point(plan, tags)
        case Action.SNAPSHOT, _:
            steps = _snapshots(plan, tags)
        case Action.COPY, Kind.RESTORE_POINT:
            steps = _restore_point_copy(plan, tags)
        case Action.COPY, _:
            steps = _copies(plan, tags)
        case Action.RESTORE, _:
            steps = _restore(plan, tags)
        case Action.DELETE, _:
            steps = map(_deletion, _planned(plan, points))
        case Action.EXTEND, _:
            steps = _extension(plan, points)
    return tuple(replace(step, number=number) for number, step in enumerate(steps, start=1))


def deletion_of(point: Point, number: int = 1) -> Step:
    """The step that deletes one thing of the ledger."""
    return replace(_deletion(point), number=number)


# --- made ------------------------------------------------------------------------------------


def _snapshots(plan: Plan, tags: Tags) -> Iterator[Step]:
    for disk in plan.disks:
        body = bodies.snapshot(plan, disk, tags)
        expect = _expect(tags, disk.source_id or disk.id, disk.unique_id)
        what = f"snapshot of {disk.name}"
        yield _step("take-snapshot", disk.target_id, body, expect, what, disk_id=disk.id)


def _copies(plan: Plan, tags: Tags) -> Iterator[Step]:
    for disk in plan.disks:
        body, expect = bodies.snapshot_copy(plan, disk, tags), _of_point(tags, disk)
        what = f"copy of {name_of(disk.source_id)} in {plan.target_region}"
        yield _step("copy-snapshot", disk.target_id, body, expect, what, disk_id=disk.id)


def _restore_point(plan: Plan, tags: Tags) -> Iterator[Step]:
    point_id = _one_target(plan)
    yield _collection(point_id, plan.vm_id, plan.region, plan, tags)
    yield _step(
        "take-restore-point",
        point_id,
        bodies.restore_point(plan),
        {"vm_uuid": plan.vm_uuid},
        f"restore point of {plan.vm_name}",
        after=1,
    )


def _restore_point_copy(plan: Plan, tags: Tags) -> Iterator[Step]:
    point_id, disk = _one_target(plan), plan.disks[0]
    source_id = disk.source_id
    yield _collection(point_id, collection_of(source_id), plan.target_region, plan, tags)
    yield _step(
        "take-restore-point",
        point_id,
        bodies.restore_point_copy(source_id),
        {"source_id": source_id, "point_unique_id": disk.unique_id},
        f"copy of {name_of(source_id)} in {plan.target_region}",
        after=1,
    )


def _collection(point_id: str, source_id: str, region: str, plan: Plan, tags: Tags) -> Step:
    """It outlives the request: it says which VM it is of and who made it, not when it expires."""
    kept = {name: tags[name] for name in (REQUEST_TAG, ASKER_TAG, VM_TAG) if name in tags}
    return _step(
        "make-collection",
        collection_of(point_id),
        bodies.collection(source_id, region, kept),
        {"source_id": source_id},
        f"collection for restore points of {plan.vm_name}",
    )


def _one_target(plan: Plan) -> str:
    targets = {disk.target_id.lower(): disk.target_id for disk in plan.disks}
    if len(targets) != 1:
        raise Never("A restore point holds all its disks; the plan names several.")
    return next(iter(targets.values()))


# --- restored --------------------------------------------------------------------------------


def _restore(plan: Plan, tags: Tags) -> Iterator[Step]:
    """Every disk is made before the VM is touched; then one change of the VM after another."""
    made = [_new_disk(plan, disk, tags) for disk in plan.disks]
    on_vm = [*_swap(plan), *(_attach(plan, disk) for disk in plan.disks if disk.lun is not None)]
    for place, step in enumerate([*made, *on_vm]):
        yield replace(step, after=(place or None) if on_vm else None)


def _new_disk(plan: Plan, disk: PlannedDisk, tags: Tags) -> Step:
    of_point = resource_kind(disk.source_id) is Resource.RESTORE_POINT
    body = bodies.disk(plan, disk, tags, of_point=of_point)
    expect = _of_point(tags, disk) | {"disk_id": disk.id}
    return _step(
        "make-disk", disk.target_id, body, expect, f"new disk of {disk.name}", disk_id=disk.id
    )


def _swap(plan: Plan) -> Iterator[Step]:
    new = next((disk for disk in plan.disks if plan.swap_os_disk and disk.is_os), None)
    if new is None:
        return
    vm = plan.vm_name
    stopped = _on_vm(plan, "deallocate", {}, f"{vm} stopped (deallocated)")
    yield _expecting(stopped, ran=plan.vm_runs)
    swapped = _on_vm(
        plan, "swap-os-disk", {"disk_id": new.target_id}, f"{vm} on its new OS disk", new.id
    )
    yield _expecting(swapped, disk_id=plan.os_disk_id)
    if plan.vm_runs:
        yield _on_vm(plan, "start-vm", {}, f"{vm} started again")


def _attach(plan: Plan, disk: PlannedDisk) -> Step:
    what = f"{name_of(disk.target_id)} attached to {plan.vm_name}"
    return _on_vm(plan, "attach-disk", {"disk_id": disk.target_id, "lun": disk.lun}, what, disk.id)


def _on_vm(plan: Plan, verb: str, send: Mapping[str, Any], what: str, disk_id: str = "") -> Step:
    return _step(verb, plan.vm_id, send, {"vm_uuid": plan.vm_uuid}, what, disk_id=disk_id)


def _expecting(step: Step, **more: str | bool) -> Step:
    return replace(step, body={**step.body, "expect": {**step.body["expect"], **more}})


# --- kept longer, deleted --------------------------------------------------------------------


def _extension(plan: Plan, points: Sequence[Point]) -> Iterator[Step]:
    """A restore point has no tags: its ledger row alone says until when it is kept."""
    if plan.expires_at is None:
        raise Never("The plan does not say until when it is kept.")
    for point in _planned(plan, points):
        if resource_kind(point.arm_id) is Resource.RESTORE_POINT:
            continue
        send = {"tags": {EXPIRES_TAG: iso(plan.expires_at)}}
        what = f"{name_of(point.arm_id)} kept until {plan.expires_at:%d %B %Y}"
        before = iso(point.expires_at) if point.expires_at else ""
        expect = _as_noted(replace(point, expires_at=None)) | {"before": before}  # the end changes
        yield _step("retag", point.arm_id, send, expect, what, disk_id=point.disk_id)


_DELETIONS = {
    Resource.SNAPSHOT: "delete-snapshot",
    Resource.RESTORE_POINT: "delete-restore-point",
    Resource.DISK: "delete-disk",
}


def _deletion(point: Point) -> Step:
    verb = _DELETIONS.get(resource_kind(point.arm_id))
    if verb is None:
        raise Never(f"“{name_of(point.arm_id)}” is nothing that vmbackup deletes.")
    what = f"deletion of {name_of(point.arm_id)}"
    return _step(verb, point.arm_id, {}, _as_noted(point), what, disk_id=point.disk_id)


def _planned(plan: Plan, points: Sequence[Point]) -> list[Point]:
    """The points that the plan names and that are still there."""
    named = [one for disk in plan.disks for one in (disk.source_id, disk.target_id) if one]
    return [
        point
        for point in points
        if point.deleted_at is None and any(same_id(point.arm_id, one) for one in named)
    ]


def _as_noted(point: Point) -> dict[str, Any]:
    """What must agree before it is changed or deleted. A restore point has no tags."""
    tags = {
        REQUEST_TAG: point.request_id,
        ASKER_TAG: point.asker_id or OURSELVES,
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


# --- a step ----------------------------------------------------------------------------------


def _expect(tags: Tags, source_id: str, source_unique_id: str = "") -> dict[str, Any]:
    return {
        "tags": identity(tags),
        "source_id": source_id,
        "source_unique_id": source_unique_id,
    }


def _of_point(tags: Tags, disk: PlannedDisk) -> dict[str, Any]:
    """Of a plan about points, `unique_id` is the point's: checked before it is made from."""
    return _expect(tags, disk.source_id) | {"point_unique_id": disk.unique_id}


def _step(
    verb: str,
    target_id: str,
    send: Mapping[str, Any],
    expect: Mapping[str, Any],
    what: str,
    *,
    after: int | None = None,
    disk_id: str = "",
) -> Step:
    resource_kind(target_id)
    body = {"send": dict(send), "expect": dict(expect)}
    return Step(
        number=0, verb=verb, target_id=target_id, body=body, what=what, after=after, disk_id=disk_id
    )
