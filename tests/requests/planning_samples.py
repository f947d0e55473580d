"""A VM of two disks, wishes about it, and plans and points made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from advisor.model import Disk, KnownVm, Vm
from advisor.sizing import size
from advisor.stated_sizes import StatedSizes
from bot.actions.snapshot.plan import snapshot_plan
from bot.composition.actions import action_rows
from bot.requests.action import Action
from bot.requests.model import Kind, Point, RequestPlan, Wish
from bot.requests.plans.bounds import Bounds
from bot.requests.plans.grounds import PointsGround, VmGround
from tests.strategies import NOW, a_disk, a_vm, known, pricer

REQUEST, OTHER_REQUEST = "r-0123456789ab", "r-ba9876543210"
VM_UUID = "5f2b7c1e-0000-4000-8000-000000000001"
THREE_DAYS = timedelta(days=3)


def os_disk(**changes: Any) -> Disk:
    return a_disk("os-disk", **{"is_os": True, "unique_id": "U-os", "zones": ("1",), **changes})


def data_disk(**changes: Any) -> Disk:
    facts = {"lun": 0, "unique_id": "U-data", "sku": "StandardSSD_LRS", "size_gib": 256}
    return a_disk("data-disk", **{**facts, "zones": ("1",), **changes})


def the_vm(*disks: Disk, **changes: Any) -> Vm:
    """A running Linux VM whose agent reports, of two disks unless others are given."""
    facts = {"vm_id": VM_UUID, "os_name": "ubuntu"}
    return a_vm(*(disks or (os_disk(), data_disk())), **{**facts, **changes})


def wish(action: Action = Action.SNAPSHOT, **said: Any) -> Wish:
    facts = {"vm": "web-01", "reason": "before kernel update", "keep": THREE_DAYS}
    if action is Action.RESTORE:
        del facts["keep"]
    return Wish(**{"action": action, **facts, **said})


def plan_of(
    vm: Vm | KnownVm | None = None, sizes: StatedSizes | None = None, **said: Any
) -> RequestPlan:
    """The plan of a snapshot of that VM."""
    found = vm if isinstance(vm, KnownVm) else known(vm or the_vm())
    return snapshot_plan(vm_ground(found, sizes), wish(**said))


def vm_ground(found: KnownVm, sizes: StatedSizes | None = None, **changes: Any) -> VmGround:
    """A VM that was read now."""
    facts = {
        "request_id": REQUEST,
        "revision": 1,
        "known": found,
        "sizing": size(found, sizes or StatedSizes()),
        "bounds": Bounds(),
        "pricer": pricer(),
        "now": NOW,
    }
    return VmGround(**{**facts, **changes})


def points_of(plan: RequestPlan, **changes: Any) -> tuple[Point, ...]:
    """What the ledger holds once a plan is done: one row for each thing that was made."""
    made = {disk.target_id: disk for disk in reversed(plan.disks)}
    return tuple(
        replace(
            Point(
                arm_id=target,
                kind=plan.kind,
                request_id=REQUEST,
                vm_id=plan.vm_id,
                vm_name=plan.vm_name,
                disk_id="" if plan.kind is Kind.RESTORE_POINT else disk.id,
                disk_name=disk.name,
                size_gib=disk.size_gib,
                region=plan.target_region,
                unique_id=f"made-{number}",
                time_created=NOW.isoformat(),
                made_at=NOW,
                expires_at=None if plan.keep is None else NOW + plan.keep,
                plan_hash="",
                requester_id="U1",
            ),
            **changes,
        )
        for number, (target, disk) in enumerate(reversed(made.items()))
    )


def ground_of(
    origin: RequestPlan | None = None,
    points: Sequence[Point] | None = None,
    vm: Vm | None = None,
    *,
    gone: bool = False,
    **changes: Any,
) -> PointsGround:
    """Points of the plan, or those given, of a VM that stands unless it is gone."""
    origin = origin or plan_of()
    found = None if gone else known(vm or the_vm())
    ground = PointsGround(
        request_id=OTHER_REQUEST,
        revision=1,
        origin=origin,
        how_made=action_rows()[origin.action].words.of_point,
        points=points_of(origin) if points is None else points,
        known=found,
        sizing=size(found, StatedSizes()) if found else None,
        bounds=Bounds(),
        pricer=pricer(),
        now=NOW,
    )
    return replace(ground, **changes)


def names_of(plan: RequestPlan) -> list[str]:
    return [disk.name for disk in plan.disks]


def sources(plan: RequestPlan) -> Iterable[str]:
    return [disk.source_id for disk in plan.disks]
