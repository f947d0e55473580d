"""The plans of what is done with points that exist: restore, copy, extend, delete.

They stand on the plan of the request that made the points (`origin`): it says what each disk was.
An approval of them is bound to the points themselves: `unique_id` of a disk is the point's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from advisor.model import Consistency, KnownVm, Sizing, Vm
from advisor.prices.pricing import Pricer
from advisor.regions import REGIONS, display_name, region_name
from advisor.words import age, clean, counted, listed
from bot.requests.model import Action, Cost, Kind, Plan, PlannedDisk, Point, Wish
from bot.requests.names import (
    collection_name,
    disk_id,
    restore_point_id,
    restore_point_name,
    restored_disk_name,
    snapshot_id,
    snapshot_name,
)
from bot.requests.plans.bounds import Bounds, checked, extended, keep_of
from bot.requests.plans.consistency import AT_REST
from bot.requests.plans.cost import deletion_cost, disks_cost, storage_cost
from bot.requests.plans.resources import Made, made_of, refuse_twice
from bot.requests.refusals import PlanRefused

#: Logical unit numbers of data disks run from 0 to 63 (virtual-machines/sizes: at most 64).
MOST_DATA_DISKS = 64
_SHOWN = 80  # characters of a typed word that an answer repeats
_NAMED = 2  # points that a note names: a name has about 60 characters
_GONE = "The VM “{vm}” is not found any more."


class Ground(NamedTuple):
    """What every plan about points stands on. `known` None: the VM is not found any more.

    `begun` is the plan of this request that was half done, where it is gone on with: what it
    changed of the VM already is not taken for how the VM was.
    """

    request_id: str
    revision: int
    origin: Plan
    points: Sequence[Point]
    known: KnownVm | None
    sizing: Sizing | None
    bounds: Bounds
    pricer: Pricer
    now: datetime
    begun: Plan | None = None


# --- restore ---------------------------------------------------------------------------------


def restore_plan(ground: Ground, wish: Wish) -> Plan:
    """New disks from points: attached beside, or the OS disk put in the place of today's.

    Where the VM is gone or in another region the disks are made and attached to nothing (their
    `lun` is None). Raises PlanRefused.
    """
    checked(wish, Action.RESTORE)
    made = made_of(ground.points, ground.origin, wish)
    if any(one.point.kind is Kind.DISK for one in made):
        raise PlanRefused(
            "These are disks already; only snapshots and restore points are restored."
        )
    refuse_twice(made)
    where = made[0].point.region
    attached_to = _vm_there(ground, where)
    if wish.swap_os_disk:
        made = _only_the_os(ground, made, attached_to)
    disks = _new_disks(ground, made, attached_to, swap=wish.swap_os_disk)
    plan = _plan(ground, wish, made, disks, disks_cost(disks, where, ground.pricer))
    in_place = _os_disk(attached_to, ground.begun) if wish.swap_os_disk and attached_to else ""
    return replace(
        plan,
        kind=Kind.DISK,
        region=where,
        target_region=where,
        incremental=False,
        swap_os_disk=wish.swap_os_disk,
        os_disk_id=in_place,
        vm_runs=_runs(attached_to, ground.begun),
        notes=(*plan.notes, *_restore_notes(ground, disks, attached_to, swap=wish.swap_os_disk)),
    )


def _vm_there(ground: Ground, where: str) -> Vm | None:
    """The VM that disks in that region can be attached to."""
    if ground.known is None or ground.known.vm.region != where:
        return None
    return ground.known.vm


def _only_the_os(ground: Ground, made: tuple[Made, ...], vm: Vm | None) -> tuple[Made, ...]:
    os_only = tuple(one for one in made if one.disk.is_os)
    if not os_only:
        raise PlanRefused("It holds no OS disk to swap. Ask without --swap-os-disk.")
    if vm is None:
        raise PlanRefused(
            f"The VM “{ground.origin.vm_name}” is not found in "
            f"{display_name(os_only[0].point.region)}, so its OS disk cannot be "
            "swapped. Ask without --swap-os-disk for the disks alone."
        )
    if (vm.vm_id or "").lower() != ground.origin.vm_uuid.lower():
        raise PlanRefused(
            f"The VM that is called {vm.name} today is another one than this was taken of. Ask "
            "without --swap-os-disk for the disks alone."
        )
    return os_only


def _os_disk(vm: Vm, begun: Plan | None) -> str:
    """The id of the OS disk to swap. Raises PlanRefused where it is no managed disk."""
    made = {disk.target_id.lower() for disk in begun.disks} if begun else set()
    for disk in vm.disks:
        if disk.is_os and disk.id and not disk.ephemeral:
            return begun.os_disk_id if begun and disk.key in made else disk.id
    raise PlanRefused(f"The VM “{vm.name}” has no managed OS disk that could be swapped.")


def _runs(vm: Vm | None, begun: Plan | None) -> bool:
    if begun is not None:
        return begun.vm_runs
    return vm is None or vm.power_state not in AT_REST


def _new_disks(
    ground: Ground, made: tuple[Made, ...], vm: Vm | None, *, swap: bool
) -> tuple[PlannedDisk, ...]:
    """An `unique_id` that Azure gave the point, and a place on the VM where there is one."""
    origin = ground.origin
    targets = [_new_id(ground, one) for one in made]
    luns = _free_luns(vm, targets) if vm is not None and not swap else []
    elsewhere = made[0].point.region != origin.region  # what was copied has zones of its own
    return tuple(
        replace(
            one.disk,
            unique_id=one.point.unique_id,
            lun=luns[number] if number < len(luns) else None,
            zones=() if elsewhere else one.disk.zones,
            source_id=one.point.arm_id,
            target_id=targets[number],
        )
        for number, one in enumerate(made)
    )


def _new_id(ground: Ground, made: Made) -> str:
    name = restored_disk_name(ground.request_id, made.disk.id)
    return disk_id(ground.origin.subscription_id, ground.origin.resource_group, name)


def _free_luns(vm: Vm, targets: Sequence[str]) -> list[int]:
    """A place for each new disk; one that hangs there already has its own."""
    ours = {target.lower() for target in targets}
    taken = {disk.lun for disk in vm.disks if disk.key not in ours}
    free = [lun for lun in range(MOST_DATA_DISKS) if lun not in taken]
    if len(free) < len(targets):
        raise PlanRefused(
            f"The VM “{vm.name}” has room for {counted(len(free), 'more disk')}, and "
            f"{len(targets)} are wanted. Name fewer with --disks."
        )
    return free[: len(targets)]


def _restore_notes(
    ground: Ground, disks: Sequence[PlannedDisk], vm: Vm | None, *, swap: bool
) -> tuple[str, ...]:
    if vm is None:
        what = counted(len(disks), "disk is", "disks are")
        return (f"The VM is not found there: {what} made and attached to nothing.",)
    if swap:
        again = ", and not started again" if vm.power_state in AT_REST else " and started again"
        kept = "Today's OS disk is kept: it lies detached and goes on costing."
        return (f"The VM is stopped for the swap{again}. {kept}",)
    if (vm.vm_id or "").lower() != ground.origin.vm_uuid.lower():
        return (f"The VM called {vm.name} today is another one than this was taken of.",)
    return ()


# --- copy ------------------------------------------------------------------------------------


def copy_plan(ground: Ground, wish: Wish) -> Plan:
    """The points once more in another region. Raises PlanRefused."""
    checked(wish, Action.COPY)
    made = made_of(ground.points, ground.origin, wish)
    refuse_twice(made)
    keep, source = keep_of(wish, ground.bounds), made[0].point.region
    target = _target(wish.to_region, source)
    _refuse_own_keys(made, source, target)
    disks = tuple(_copied(ground, one, target) for one in made)
    cost = storage_cost(disks, ground.sizing, target, keep, ground.pricer, moved_from=source)
    plan = _plan(ground, wish, made, disks, cost)
    return replace(plan, region=source, target_region=target, keep=keep, incremental=True)


def _target(wanted: str, source: str) -> str:
    target = region_name(wanted)
    if target not in REGIONS:
        shown = clean(wanted)[:_SHOWN]
        raise PlanRefused(f"“{shown}” is not a region of Azure that is known. Write northeurope.")
    if target == source:
        raise PlanRefused(f"It lies in {display_name(source)} already. Name another region.")
    return target


def _refuse_own_keys(made: Sequence[Made], source: str, target: str) -> None:
    """A disk encryption set serves its own region only (disk-encryption, 2024-10-22)."""
    names = [one.disk.name for one in made if one.disk.encryption_set_id]
    if names:
        raise PlanRefused(
            f"{_disks_are(list(dict.fromkeys(names)))} encrypted with a key of your own that lies "
            f"in {display_name(source)}; a copy in {display_name(target)} would not be."
        )


def _disks_are(names: Sequence[str]) -> str:
    """Never with a name at the front, which a sentence would begin large."""
    return f"The disk {names[0]} is" if len(names) == 1 else f"The disks {listed(names)} are"


def _copied(ground: Ground, made: Made, target: str) -> PlannedDisk:
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


# --- extend and delete -----------------------------------------------------------------------


def extend_plan(ground: Ground, wish: Wish) -> Plan:
    """The points kept `wish.keep` longer than today's expiry; the price is that of the extension.

    `keep` of the plan is the whole life, which the rules look at. Raises PlanRefused.
    """
    checked(wish, Action.EXTEND)
    made = made_of(ground.points, ground.origin, wish, of_ledger=True)
    until = _until(ground, made, wish)
    disks = tuple(_as_it_is(one) for one in made)
    where = made[0].point.region
    longer = wish.keep or timedelta()
    cost = storage_cost(disks, ground.sizing, where, longer, ground.pricer)
    life = until - min(one.point.made_at for one in made)
    plan = _plan(ground, wish, made, disks, cost)
    return replace(plan, region=where, target_region=where, keep=life, expires_at=until)


def _until(ground: Ground, made: Sequence[Made], wish: Wish) -> datetime:
    """What was begun goes on to the expiry that it began with, and adds nothing once more."""
    if ground.begun is not None and ground.begun.expires_at is not None:
        return ground.begun.expires_at
    expiries = [one.point.expires_at for one in made if one.point.expires_at is not None]
    if not expiries:
        raise PlanRefused("It has no expiry: it is kept until somebody deletes it.")
    return extended(max(expiries), wish, ground.bounds, ground.now)


def delete_plan(ground: Ground, wish: Wish) -> Plan:
    """The points deleted. Raises PlanRefused where none exists any more."""
    checked(wish, Action.DELETE)
    made = made_of(ground.points, ground.origin, wish, of_ledger=True)
    where = made[0].point.region
    disks = tuple(_as_it_is(one) for one in made)
    plan = _plan(ground, wish, made, disks, deletion_cost(ground.pricer, where))
    return replace(plan, region=where, target_region=where)


def _as_it_is(made: Made) -> PlannedDisk:
    return replace(
        made.disk,
        unique_id=made.point.unique_id,
        source_id=made.point.arm_id,
        target_id=made.point.arm_id,
    )


# --- what all of them share ------------------------------------------------------------------


def _plan(
    ground: Ground, wish: Wish, made: Sequence[Made], disks: tuple[PlannedDisk, ...], cost: Cost
) -> Plan:
    """Of the VM as it is today, where it is found."""
    origin, point = ground.origin, made[0].point
    vm = ground.known.vm if ground.known else None
    return replace(
        origin,
        action=wish.action,
        revision=ground.revision,
        kind=point.kind,
        vm_uuid=(vm.vm_id if vm else None) or origin.vm_uuid,
        disks=disks,
        keep=None,
        expires_at=None,
        of_request=point.request_id,
        swap_os_disk=False,
        os_disk_id="",
        vm_runs=True,
        left_out=(),
        rule="",
        settings_digest="",
        vm_tags=dict(vm.tags) if vm else origin.vm_tags,
        taken_at=_taken_at(made),
        notes=(*_from(ground, made, wish), *([] if vm else [_GONE.format(vm=origin.vm_name)])),
        cost=cost,
    )


def _taken_at(made: Sequence[Made]) -> datetime:
    return min(one.point.made_at for one in made)


def _from(ground: Ground, made: Sequence[Made], wish: Wish) -> tuple[str, ...]:
    """Which points, of when and how good; of an extension, until when they are kept so far."""
    if wish.action is Action.DELETE:
        return ()
    if wish.action is Action.EXTEND:
        expiries = [one.point.expires_at for one in made if one.point.expires_at is not None]
        return tuple(f"So far it is kept until {_moment(max(expiries))}." for _ in expiries[:1])
    at, by = _taken_at(made), made[0].point.request_id
    verb = "copied" if ground.origin.action is Action.COPY else "taken"
    return (
        f"From: {_names(made)}, {verb} {_moment(at)} ({age(ground.now - at)} ago), "
        f"{_consistency(ground.origin, made)}, by request {by}.",
    )


def _names(made: Sequence[Made]) -> str:
    """Of as many as there is room for; else how many."""
    names = dict.fromkeys(one.point.arm_id.rpartition("/")[2] for one in made)
    return listed(names) if len(names) <= _NAMED else f"{len(names)} {made[0].point.kind}s"


def _consistency(origin: Plan, made: Sequence[Made]) -> str:
    if origin.consistency is not Consistency.NONE:
        return f"{origin.consistency.label}-consistent"
    alone = len(made) == 1
    return "crash-consistent" if alone else "each disk at a moment of its own"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
