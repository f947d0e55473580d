"""Which VMs and disks take managed snapshots and restore points, as rules with their articles."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from advisor.model import Reason, Verdict
from advisor.needs import STOPPED
from advisor.options.case import (
    Case,
    RuleAnswer,
    SupportRule,
    any_of,
    has_direct_drive,
    is_direct_drive,
    is_shared,
    names,
    no,
    no_disk,
    of_read,
    unknown,
    yes,
)
from advisor.options.vm_size import vm_size
from advisor.quantities import format_duration
from advisor.regions import display_name, region

# --- limits, each with its article -----------------------------------------------------------

RESTRICTIONS = "disks-incremental-snapshots-restrictions, 2024-12-11"
SNAPSHOTS = "snapshot-copy-managed-disk, 2026-09-17"
COPY = "disks-copy-incremental-snapshot-across-regions, 2024-07-08"
RESTORE_POINTS = "concepts-restore-points, 2022-07-05"
EPHEMERAL = "ephemeral-os-disks, 2026-09-08"

MOST_SNAPSHOTS_OF_A_DISK = 500  # RESTRICTIONS: incremental snapshots of one disk at a time
MOST_RESTORE_POINTS_OF_A_VM = 500  # RESTORE_POINTS: across its collections
SHORTEST_APPLICATION_INTERVAL = timedelta(hours=3)  # RESTORE_POINTS
SHORTEST_CRASH_INTERVAL = timedelta(hours=1)  # RESTORE_POINTS
OUR_OWN = "vmbackup's own limit, 2026-11-22"
SHORTEST_SNAPSHOT_INTERVAL = timedelta(hours=1)  # ours: 7 in five minutes is Azure's own limit


_NOT_EPHEMERAL = yes("The OS disk is not ephemeral.")


def _ephemeral(case: Case) -> RuleAnswer:
    """Nothing of an ephemeral disk is stored; the data disks beside it are snapshotted."""
    on_host = [disk.name for disk in case.vm.disks if disk.ephemeral]
    if not on_host:
        return _NOT_EPHEMERAL
    if not case.stored_disks:
        return no(f"Nothing of the VM has snapshots, its disks lie on the host: {names(on_host)}.")
    return yes(f"The other disks have snapshots, but not what is ephemeral: {names(on_host)}.")


VM_RULES = (
    no_disk(
        "managed-disks",
        SNAPSHOTS,
        lambda disk: disk.unmanaged,
        "Managed snapshots need managed disks, not those in a storage account: {disks}.",
        "All disks are managed.",
    ),
    SupportRule("ephemeral-os-disk", EPHEMERAL, _ephemeral),
)

FULL_RULES = (
    no_disk(
        "full-snapshot",
        RESTRICTIONS,
        is_direct_drive,
        "Ultra and Premium SSD v2 disks take incremental snapshots only: {disks}.",
        "The disks take full snapshots.",
    ),
)


def _several_disks(case: Case) -> RuleAnswer:
    stored = len(case.stored_disks)
    if stored > 1 and case.vm.power_state in STOPPED:
        return yes(
            f"The VM is off, so nothing changes between the snapshots of its {stored} disks."
        )
    if stored > 1:
        return no(f"{stored} disks are snapshotted one by one: they are captured moments apart.")
    return yes("One disk: its snapshot is crash-consistent.")


def _background_copy(case: Case) -> RuleAnswer:
    if has_direct_drive(case):
        return no("Ultra and Premium SSD v2 snapshots are usable only once their copy is complete.")
    return yes("Snapshots can be used at once.")


NOTICES = (
    no_disk(
        "large-sectors",
        RESTRICTIONS,
        lambda disk: of_read(
            disk, None if disk.logical_sector_size is None else disk.logical_sector_size == 4096
        ),
        "Snapshots of disks with sectors of 4,096 bytes only become Ultra or Premium SSD v2 disks:"
        " {disks}.",
        "No disk has sectors of 4,096 bytes.",
    )._replace(blocking=False),
    SupportRule("common-moment", SNAPSHOTS, _several_disks, blocking=False),
    SupportRule("background-copy", RESTRICTIONS, _background_copy, blocking=False),
)


def _scale_set(case: Case) -> RuleAnswer:
    if not case.vm.scale_set_id or case.vm.scale_set_mode == "Flexible":
        return yes("The VM is not part of a uniform scale set.")
    if case.vm.scale_set_mode == "Uniform":
        return no("A VM of a uniform scale set has no restore points.")
    return unknown("Whether the VM's scale set is flexible is not known.")


def _confidential(case: Case) -> RuleAnswer:
    if case.vm.security_type == "ConfidentialVM":
        return no("Confidential VMs have no restore points.")
    return yes("The VM is not confidential.")


def _crash_size(case: Case) -> RuleAnswer:
    size = vm_size(case.vm.size)
    if size is None:
        return unknown("Whether the VM's size takes premium storage is not known.")
    if not size.premium_storage:
        return no(f"{size.name} takes no premium storage, which crash-consistent points need.")
    if size.boost and len(case.stored_disks) > 2:
        return no(f"{size.name} runs on Azure Boost: data disks are captured moments apart.")
    return yes(f"{size.name} takes crash-consistent restore points.")


def _point_encryption(case: Case) -> RuleAnswer:
    if case.vm.encryption_at_host:
        return no("Encryption at host is not carried over to restore points.")
    return yes("Encryption at host is off.")


POINT_RULES = (
    SupportRule("restore-point-host-encryption", RESTORE_POINTS, _point_encryption, blocking=False),
    no_disk(
        "restore-point-encryption",
        RESTORE_POINTS,
        lambda disk: of_read(
            disk, disk.azure_disk_encryption or bool(disk.disk_encryption_set_id) or None
        ),
        "The encryption of {disks} (a key of your own, or in the guest) is not carried over to"
        " restore points.",
        "No disk has an encryption of its own.",
    )._replace(blocking=False),
    no_disk(
        "restore-point-shared-disks",
        RESTORE_POINTS,
        is_shared,
        "Shared disks are in no restore point: {disks}.",
        "No disk is shared.",
    )._replace(blocking=False),
    SupportRule("restore-point-scale-set", RESTORE_POINTS, _scale_set),
    SupportRule("restore-point-confidential", RESTORE_POINTS, _confidential),
)
#: What crash-consistent points ask beyond that.
CRASH_RULES = (
    SupportRule("restore-point-size", RESTORE_POINTS, _crash_size),
    no_disk(
        "restore-point-crash-disks",
        RESTORE_POINTS,
        lambda disk: any_of(
            is_direct_drive(disk), is_shared(disk), disk.write_accelerator, disk.ephemeral
        ),
        "Crash-consistent restore points exclude {disks} (Ultra, Premium SSD v2, shared, "
        "write-accelerated or ephemeral).",
        "No disk stands in the way of crash-consistent restore points.",
    ),
    no_disk(
        "restore-point-host-caching",
        RESTORE_POINTS,
        lambda disk: disk.caching == "ReadWrite" and not disk.is_os,
        "With writes cached on the host disks may be captured moments apart: {disks}.",
        "No data disk caches writes on the host.",
    )._replace(blocking=False),
)
CRASH_POINT_RULES = (*POINT_RULES, *CRASH_RULES)


# --- the configuration -----------------------------------------------------------------------


def count_reason(points: int, *, restore_points: bool) -> Reason:
    """Whether so many points can be kept."""
    most = MOST_RESTORE_POINTS_OF_A_VM if restore_points else MOST_SNAPSHOTS_OF_A_DISK
    what = "restore points of a VM" if restore_points else "snapshots of a disk"
    verdict = Verdict.YES if points <= most else Verdict.NO
    text = f"{points} kept; Azure allows {most} {what}."
    return Reason(
        "snapshot-count", verdict, text, RESTORE_POINTS if restore_points else RESTRICTIONS
    )


def interval_reason(every: timedelta, consistent: str | None) -> Reason:
    """Whether points can be made so often. `consistent`: crash, application or None."""
    shortest, source = SHORTEST_SNAPSHOT_INTERVAL, OUR_OWN
    if consistent:
        application = consistent == "application"
        shortest = SHORTEST_APPLICATION_INTERVAL if application else SHORTEST_CRASH_INTERVAL
        source = RESTORE_POINTS
    verdict = Verdict.YES if every >= shortest else Verdict.NO
    text = (
        f"Every {format_duration(every)}; {format_duration(shortest)} is the shortest time between."
    )
    return Reason("snapshot-interval", verdict, text, source)


FULL_COPY = Reason(
    "full-copy",
    Verdict.NO,
    "Only incremental snapshots can be copied to another region.",
    COPY,
)


def zones_reason(region_name: str) -> Reason:
    """Zone-redundant snapshots need a region with zones."""
    zones, name = region(region_name).zones, display_name(region_name)
    text = {
        Verdict.YES: f"{name} has availability zones.",
        Verdict.NO: f"{name} has no availability zones.",
        Verdict.UNKNOWN: f"Whether {name} has availability zones is not known.",
    }[zones]
    return Reason("snapshot-zones", zones, text, SNAPSHOTS, True, zones is Verdict.UNKNOWN)


@lru_cache(maxsize=1024)
def copy_reason(region_name: str, to: str) -> Reason:
    """A copy survives the region only when it lies in another one."""
    other = to != region_name
    text = f"The copy lies in {display_name(to)}{'' if other else ', where the VM is'}."
    return Reason("copy-region", Verdict.YES if other else Verdict.NO, text, COPY)
