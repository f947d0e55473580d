"""The steps of a restore: the new disks, then what is done to the VM."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.azure import bodies
from bot.azure.arm_ids import Resource, name_of, resource_kind
from bot.azure.steps import Tags, expect_made_of_point, step_of
from bot.requests.model import PlannedDisk, Point, RequestPlan, Step


def steps(plan: RequestPlan, tags: Tags, _points: Sequence[Point]) -> Iterator[Step]:
    """Every disk is made before the VM is touched; then one change of the VM after another."""
    made = [_new_disk(plan, disk, tags) for disk in plan.disks]
    on_vm = [*_swap(plan), *(_attach(plan, disk) for disk in plan.disks if disk.lun is not None)]
    for place, step in enumerate([*made, *on_vm]):
        yield replace(step, after=(place or None) if on_vm else None)


def _new_disk(plan: RequestPlan, disk: PlannedDisk, tags: Tags) -> Step:
    of_point = resource_kind(disk.source_id) is Resource.RESTORE_POINT
    body = bodies.disk(plan, disk, tags, of_point=of_point)
    expect = expect_made_of_point(tags, disk) | {"disk_id": disk.id}
    return step_of(
        "make-disk", disk.target_id, body, expect, f"new disk of {disk.name}", disk_id=disk.id
    )


def _swap(plan: RequestPlan) -> Iterator[Step]:
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


def _attach(plan: RequestPlan, disk: PlannedDisk) -> Step:
    what = f"{name_of(disk.target_id)} attached to {plan.vm_name}"
    return _on_vm(plan, "attach-disk", {"disk_id": disk.target_id, "lun": disk.lun}, what, disk.id)


def _on_vm(
    plan: RequestPlan, verb: str, send: Mapping[str, Any], what: str, disk_id: str = ""
) -> Step:
    return step_of(verb, plan.vm_id, send, {"vm_uuid": plan.vm_uuid}, what, disk_id=disk_id)


def _expecting(step: Step, **more: str | bool) -> Step:
    return replace(step, body={**step.body, "expect": {**step.body["expect"], **more}})
