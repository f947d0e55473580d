"""The plan of snapshots, or of one restore point: which disks, targets, retention, cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from advisor.model import Disk, KnownVm
from bot.actions.snapshot.facts import FACTS
from bot.requests.model import Cost, Kind, PlannedDisk, RequestPlan, Wish
from bot.requests.names import (
    collection_name,
    restore_point_id,
    restore_point_name,
    snapshot_id,
    snapshot_name,
)
from bot.requests.plans.bounds import keep_of
from bot.requests.plans.consistency import PointConsistency, separate, together
from bot.requests.plans.cost import storage_cost
from bot.requests.plans.disks import check_usable, chosen_disks, planned_disk
from bot.requests.plans.grounds import VmGround
from bot.requests.plans.wishes import check_wish
from bot.requests.refusals import PlanRefused


def snapshot_plan(ground: VmGround, wish: Wish) -> RequestPlan:
    """The plan of separate snapshots, or with `consistent` of one restore point.

    `rule` and `settings_digest` are left empty for `with_rule`. Raises PlanRefused.
    """
    check_wish(wish, FACTS)
    known, sizing = ground.known, ground.sizing
    keep = keep_of(wish, ground.bounds)
    disks = chosen_disks(known.vm, wish.disks)
    for disk in disks:
        check_usable(disk)
    if wish.consistent:
        judged = together(known, disks, sizing, None if ground.resumes else ground.now)
    else:
        judged = separate(known, disks, sizing)
    planned = _targets(known, wish, disks, ground.request_id)
    cost = storage_cost(planned, sizing, known.vm.region, keep, ground.pricer)
    return replace(
        _of_vm(known, planned, judged, cost),
        revision=ground.revision,
        kind=Kind.RESTORE_POINT if wish.consistent else Kind.SNAPSHOT,
        keep=keep,
        left_out=_left_out(known, disks) if wish.consistent else (),
        notes=_notes(judged, known, disks),
    )


def _of_vm(
    known: KnownVm, disks: tuple[PlannedDisk, ...], judged: PointConsistency, cost: Cost
) -> RequestPlan:
    """The fields of the plan that follow from the VM alone, whatever the wish."""
    vm = known.vm
    return RequestPlan(
        action=FACTS.action,
        revision=0,
        kind=Kind.SNAPSHOT,
        vm_id=vm.id,
        vm_name=vm.name,
        vm_uuid=_uuid(known),
        subscription_id=vm.subscription_id,
        resource_group=vm.resource_group,
        region=vm.region,
        target_region=vm.region,
        consistency=judged.consistency,
        why_consistency=judged.why,
        incremental=True,
        disks=disks,
        keep=None,
        vm_tags=dict(vm.tags),
        cost=cost,
    )


def _targets(
    known: KnownVm, wish: Wish, disks: Sequence[Disk], request_id: str
) -> tuple[PlannedDisk, ...]:
    """The planned disks with their targets: a snapshot each, or all the one restore point."""
    vm = known.vm
    place = (vm.subscription_id, vm.resource_group)
    if wish.consistent:
        collection = collection_name(vm.id, _uuid(known), vm.region)
        point = restore_point_id(*place, collection, restore_point_name(request_id, vm.id))
        return tuple(planned_disk(disk, point) for disk in disks)
    return tuple(
        planned_disk(disk, snapshot_id(*place, snapshot_name(request_id, disk.key)))
        for disk in disks
    )


def _uuid(known: KnownVm) -> str:
    if known.vm.vm_id is None:
        raise PlanRefused(
            f"The identity (vmId) of {known.vm.name} is not known, so no plan can be bound to it. "
            "Try again in a minute."
        )
    return known.vm.vm_id


def _left_out(known: KnownVm, disks: Sequence[Disk]) -> tuple[str, ...]:
    """The ids of the managed disks that the restore point excludes."""
    chosen = {disk.key for disk in disks}
    rest = (disk for disk in known.vm.disks if disk.key not in chosen)
    return tuple(disk.id for disk in rest if disk.id is not None and not disk.ephemeral)


def _notes(judged: PointConsistency, known: KnownVm, disks: Sequence[Disk]) -> tuple[str, ...]:
    rest = len(known.vm.disks) - len(disks)
    left = () if not rest else (f"{rest} of the VM's {len(known.vm.disks)} disks are not taken.",)
    return (*left, *judged.notes)
