"""The plan of a restore: new disks from points, attached to the VM or replacing its OS disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from advisor.model import Vm
from advisor.regions import display_name
from advisor.words import counted, listed
from bot.actions.restore.facts import FACTS
from bot.requests.model import DiskSettings, Kind, PlannedDisk, RequestPlan, Wish
from bot.requests.names import disk_id, restored_disk_name
from bot.requests.plans.bounds import out_of_bounds
from bot.requests.plans.consistency import AT_REST
from bot.requests.plans.cost import disks_cost
from bot.requests.plans.grounds import PointsGround
from bot.requests.plans.of_points import made_from, plan_about
from bot.requests.plans.resources import Made, made_of, refuse_twice
from bot.requests.plans.wishes import check_wish
from bot.requests.refusals import PlanRefused

#: Logical unit numbers of data disks run from 0 to 63 (virtual-machines/sizes: at most 64).
MOST_DATA_DISKS = 64


def restore_plan(ground: PointsGround, wish: Wish) -> RequestPlan:
    """The plan for new disks from points: attached to the VM, or replacing its OS disk.

    Where the VM does not exist or is in another region, the disks are not attached (their `lun` is
    None). Raises PlanRefused.
    """
    check_wish(wish, FACTS)
    made = made_of(ground.points, ground.origin, wish)
    if any(one.point.kind is Kind.DISK for one in made):
        raise PlanRefused(
            "These are disks already; only snapshots and restore points are restored."
        )
    refuse_twice(made)
    where = made[0].point.region
    attached_to = _vm_in_region(ground, where)
    if wish.swap_os_disk:
        made = _only_os_disk(ground, made, attached_to)
    disks = _new_disks(ground, made, attached_to, swap=wish.swap_os_disk)
    cost = disks_cost(disks, where, ground.pricer, _keep(ground, wish))
    plan = plan_about(ground, wish, made, disks, cost)
    in_place = (
        _os_disk(attached_to, ground.half_done_plan) if wish.swap_os_disk and attached_to else ""
    )
    return replace(
        plan,
        kind=Kind.DISK,
        region=where,
        target_region=where,
        incremental=False,
        keep=_keep(ground, wish),
        swap_os_disk=wish.swap_os_disk,
        os_disk_id=in_place,
        attaches=True,
        vm_runs=_runs(attached_to, ground.half_done_plan),
        notes=(
            made_from(ground, made),
            *plan.notes,
            *_restore_notes(ground, disks, attached_to, swap=wish.swap_os_disk),
            *_expiry_notes(wish),
            *_not_priced(disks),
            *_not_kept(ground, made, disks),
        ),
    )


def _keep(ground: PointsGround, wish: Wish) -> timedelta | None:
    """How long the new disks are kept; None: until somebody deletes them. Raises PlanRefused."""
    if wish.keep is None:
        return None
    if wish.swap_os_disk:
        raise PlanRefused(
            "The VM runs on a swapped OS disk, so it has no expiry: leave out --keep."
        )
    if wrong := out_of_bounds(wish.keep, ground.bounds):
        raise PlanRefused(wrong)
    return wish.keep


def _expiry_notes(wish: Wish) -> tuple[str, ...]:
    if wish.keep is None:
        return ()
    return ("At its expiry a disk that is or was attached stays until its requester says so.",)


def _vm_in_region(ground: PointsGround, where: str) -> Vm | None:
    """The VM that disks in that region can be attached to."""
    if ground.known is None or ground.known.vm.region != where:
        return None
    return ground.known.vm


def _only_os_disk(ground: PointsGround, made: tuple[Made, ...], vm: Vm | None) -> tuple[Made, ...]:
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


def _os_disk(vm: Vm, half_done_plan: RequestPlan | None) -> str:
    """The id of the OS disk to swap. Raises PlanRefused where it is no managed disk."""
    made = {disk.target_id.lower() for disk in half_done_plan.disks} if half_done_plan else set()
    for disk in vm.disks:
        if disk.is_os and disk.id and not disk.ephemeral:
            return half_done_plan.os_disk_id if half_done_plan and disk.key in made else disk.id
    raise PlanRefused(f"The VM “{vm.name}” has no managed OS disk that could be swapped.")


def _runs(vm: Vm | None, half_done_plan: RequestPlan | None) -> bool:
    if half_done_plan is not None:
        return half_done_plan.vm_runs
    return vm is None or vm.power_state not in AT_REST


def _new_disks(
    ground: PointsGround, made: tuple[Made, ...], vm: Vm | None, *, swap: bool
) -> tuple[PlannedDisk, ...]:
    """The planned disks, with the `unique_id` of the points, and a LUN where they are attached."""
    origin = ground.origin
    targets = [_new_id(ground, one) for one in made]
    luns = _free_luns(vm, targets) if vm is not None and not swap else []
    elsewhere = made[0].point.region != origin.region  # a copy in another region has other zones
    return tuple(
        replace(
            one.disk,
            unique_id=one.point.unique_id,
            lun=luns[number] if number < len(luns) else None,
            zones=() if elsewhere else one.disk.zones,
            settings=_kept_settings(one.disk, elsewhere=elsewhere),
            source_id=one.point.arm_id,
            target_id=targets[number],
        )
        for number, one in enumerate(made)
    )


def _kept_settings(disk: PlannedDisk, *, elsewhere: bool) -> DiskSettings:
    """The settings of the disk that the point was made of; a disk access serves one region."""
    return replace(disk.settings, disk_access_id="") if elsewhere else disk.settings


def _not_kept(
    ground: PointsGround, made: Sequence[Made], disks: Sequence[PlannedDisk]
) -> tuple[str, ...]:
    """One note for each thing that the new disks cannot have of the former ones."""
    lost: dict[str, list[str]] = {}
    for one, disk in zip(made, disks, strict=True):
        was = replace(one.disk, zones=one.disk.zones or _zones_today(ground, one.disk))
        for what in _lost(was, disk):
            lost.setdefault(what, []).append(one.disk.name)
    return tuple(f"{what}: {listed(dict.fromkeys(names))}." for what, names in lost.items())


def _not_priced(disks: Sequence[PlannedDisk]) -> tuple[str, ...]:
    """One note for each charge beside the disk's tier, which Azure adds by use: on-demand bursting
    (disk-bursting), each further mount of a shared disk (disks-shared), and whatever it takes for
    performance plus (disks-enable-performance)."""
    charges = {
        "on-demand bursting": [one.name for one in disks if one.settings.bursting],
        "the mounts of a shared disk": [one.name for one in disks if one.settings.max_shares > 1],
        "performance plus": [one.name for one in disks if one.settings.performance_plus],
    }
    return tuple(
        f"Not priced: what Azure charges for {what} is added: {listed(names)}."
        for what, names in charges.items()
        if names
    )


def _zones_today(ground: PointsGround, disk: PlannedDisk) -> tuple[str, ...]:
    """The zones of the VM's own disk: the plan of a copy in another region names none."""
    own = ground.known.vm.disks if ground.known else ()
    return next((one.zones for one in own if one.key == disk.id.lower()), ())


def _lost(was: PlannedDisk, new: PlannedDisk) -> Iterator[str]:
    if was.zones and not new.zones:
        yield "Made in no zone, because the zones of another region are others"
    if was.settings.disk_access_id and not new.settings.disk_access_id:
        yield "Made without its disk access, which serves its own region only"
    if was.in_background and (was.settings.iops is None or was.settings.mb_per_s is None):
        yield (
            "Made with the IOPS and throughput that Azure gives by itself, because those of the "
            "disk were not noted when the point was made"
        )


def _new_id(ground: PointsGround, made: Made) -> str:
    name = restored_disk_name(ground.request_id, made.disk.id)
    return disk_id(ground.origin.subscription_id, ground.origin.resource_group, name)


def _free_luns(vm: Vm, targets: Sequence[str]) -> list[int]:
    """A LUN for each new disk; the LUN of one that is attached already counts as free."""
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
    ground: PointsGround, disks: Sequence[PlannedDisk], vm: Vm | None, *, swap: bool
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
