"""Which VMs Site Recovery replicates between Azure regions or zones, as rules with articles.

Rows of the matrix that inventory cannot decide (kernels, file systems, multipath) are not rules.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from advisor.model import Disk, Reason, Verdict
from advisor.options.case import (
    Case,
    Finding,
    Rule,
    is_shared,
    names,
    no,
    no_disk,
    unknown,
    yes,
)
from advisor.options.meters import disk_sku
from advisor.options.operating_system import UNKNOWN_SYSTEM, operating_system
from advisor.options.vm_size import BOOST_AMD_GENERATION, BOOST_INTEL_GENERATION, vm_size
from advisor.quantities import plain
from advisor.regions import display_name, region

MATRIX = "azure-to-azure-support-matrix, 2026-02-27"
QUESTIONS = "azure-to-azure-common-questions, 2025-07-25"
HIGH_CHURN = "concepts-azure-to-azure-high-churn-support, 2026-01-06"
TRUSTED = "concepts-trusted-vm, 2025-03-04"
ZONES = "azure-to-azure-how-to-enable-zone-to-zone-disaster-recovery, 2022-03-23"

LARGEST_OS_DISK_GIB = 4095  # MATRIX
LARGEST_DATA_DISK_GIB = 32 * 1024  # MATRIX
SMALLEST_DISK_GIB = 1  # MATRIX
MOST_DATA_DISKS = 64  # MATRIX
FEWEST_CORES = 2  # MATRIX

#: MATRIX: oldest releases replicated, by family; a family that is absent is not.
OLDEST_RELEASE = {
    "windows server": (2008,),
    "windows": (7,),
    "red hat": (6, 7),
    "centos": (6, 7),
    "ubuntu": (14, 4),
    "debian": (7,),
    "suse": (11,),
    "oracle linux": (6, 4),
    "rocky": (8,),
    "alma": (8,),
}
NOT_REPLICATED = ("coreos", "azure linux")

#: TRUSTED: Trusted Launch on Linux is in preview for these, not in UAE North.
TRUSTED_LINUX = ("ubuntu", "red hat", "suse", "alma", "debian")
ONLY_SOURCE = frozenset({"brazilsouth"})  # MATRIX
ONLY_TARGET = frozenset({"brazilsoutheast"})  # MATRIX


class ChurnLimit(NamedTuple):
    """MB/s that may be written, at the largest I/O size the article lists."""

    vm: Decimal
    standard_disk: Decimal
    premium_disk: Decimal  #: 128 GiB and more
    large_premium_disk: Decimal  #: `large_gib` and more
    large_gib: int


#: MATRIX (normal) and HIGH_CHURN: per VM and per disk.
CHURN_LIMITS = {
    "normal": ChurnLimit(Decimal(54), Decimal(2), Decimal(8), Decimal(20), 512),
    "high": ChurnLimit(Decimal(100), Decimal(8), Decimal(30), Decimal(50), 1024),
}


# --- the VM ----------------------------------------------------------------------------------


def _operating_system(case: Case) -> Finding:
    system = operating_system(case.vm)
    oldest = OLDEST_RELEASE.get(system.family)
    if system.family in NOT_REPLICATED:
        return no(f"{system} is not replicated.")
    if system == UNKNOWN_SYSTEM or oldest is None or not system.version:
        return unknown("Which operating system the VM runs is not known from its image or agent.")
    if system.version < oldest[: len(system.version)]:
        return no(f"{system} is older than what is replicated.")
    return yes(f"{system} is replicated.")


def _architecture(case: Case) -> Finding:
    size = vm_size(case.vm.size)
    known = case.vm.architecture or ("Arm64" if size and size.arm else None)
    if known == "Arm64":
        return no(f"{case.vm.size or 'The VM'} is an ARM64 machine, which is not replicated.")
    if known is None and size is None:
        return unknown("The VM's processor is not known.")
    return yes("An x64 machine.")


def _controller(case: Case) -> Finding:
    if case.vm.disk_controller == "NVMe":
        return no("The VM's disks hang on an NVMe controller, which is not replicated.")
    size = vm_size(case.vm.size)
    newest = BOOST_AMD_GENERATION if size and size.amd else BOOST_INTEL_GENERATION
    if case.vm.disk_controller is None and size and size.generation >= newest:
        return unknown(
            f"Sizes like {size.name} mostly use NVMe controllers; this VM's is not known."
        )
    return yes("The VM's disks hang on a SCSI controller.")


def _cores(case: Case) -> Finding:
    size = vm_size(case.vm.size)
    if size is None:
        return unknown("The VM's size is not known, so neither are its cores.")
    if size.cores < FEWEST_CORES:
        return no(f"{size.name} has one core; replication wants at least two and 1 GB of memory.")
    return yes(f"{size.name} has cores enough.")


def _disk_count(case: Case) -> Finding:
    count = sum(not disk.is_os for disk in case.vm.disks)
    if count > MOST_DATA_DISKS:
        return no(f"The VM has {count} data disks; at most {MOST_DATA_DISKS} are replicated.")
    return yes(f"{count} of at most {MOST_DATA_DISKS} data disks.")


def _confidential(case: Case) -> Finding:
    if case.vm.security_type == "ConfidentialVM":
        return no("Confidential VMs are not on Site Recovery's list.")
    return yes("The VM is not confidential.")


def _trusted_launch(case: Case) -> Finding:
    if case.vm.security_type != "TrustedLaunch":
        return yes("The VM is not a Trusted Launch VM.")
    if case.vm.os_type == "Windows":
        return yes("Trusted Launch on Windows is replicated.")
    if case.vm.region == "uaenorth":
        return no("Trusted Launch on Linux is not replicated from UAE North.")
    system = operating_system(case.vm)
    if system == UNKNOWN_SYSTEM:
        return unknown(
            "Trusted Launch on Linux is in preview for some systems; this one is unknown."
        )
    if system.family not in TRUSTED_LINUX:
        return no(f"Trusted Launch with {system} is not replicated.")
    return yes(f"Trusted Launch with {system} is replicated, in preview.")


def _spot(case: Case) -> Finding:
    if case.vm.priority in ("Spot", "Low"):
        return no("Spot VMs are not on Site Recovery's list.")
    return yes("A regular VM.")


def _scale_set(case: Case) -> Finding:
    if not case.vm.scale_set_id or case.vm.scale_set_mode == "Flexible":
        return yes("The VM is not part of a uniform scale set.")
    if case.vm.scale_set_mode == "Uniform":
        return no("VMs of a uniform scale set are not replicated.")
    return unknown("Whether the VM's scale set is flexible is not known.")


def _shared_disks(case: Case) -> Finding:
    shared = [disk.name for disk in case.vm.disks if is_shared(disk)]
    if not shared:
        return _NO_SHARED_DISK(case)
    if case.vm.os_type == "Linux":
        return no(f"{names(shared)} are shared; on Linux shared disks are not replicated.")
    return unknown(
        f"{names(shared)} are shared: replicated only with all nodes of a Windows failover"
        " cluster, crash-consistent, without recovery plans."
    )


_NO_SHARED_DISK = no_disk("shared-disks", MATRIX, is_shared, "{disks}", "No disk is shared.").check


def _dedicated_host(case: Case) -> Finding:
    if case.vm.host_id:
        return no("VMs on dedicated hosts are not replicated.")
    return yes("The VM is on no dedicated host.")


def _encryption_at_host(case: Case) -> Finding:
    if case.vm.encryption_at_host:
        return no("Encryption at host does not survive: the failed-over VM lacks it.")
    return yes("Encryption at host is off.")


def _source_region(case: Case) -> Finding:
    name = display_name(case.vm.region)
    if case.vm.region in ONLY_TARGET:
        return no(f"{name} can only be a target.")
    if region(case.vm.region).restricted:
        return unknown(f"{name} is a restricted region: Microsoft must allow the pair.")
    return yes(f"{name} can be a source.")


VM_RULES = (
    no_disk(
        "managed-disks",
        MATRIX,
        lambda disk: disk.unmanaged,
        "{disks} lie in a storage account; only managed disks are replicated.",
        "All disks are managed.",
    ),
    Rule("operating-system", MATRIX, _operating_system),
    Rule("architecture", MATRIX, _architecture),
    Rule("nvme-controller", MATRIX, _controller),
    Rule("virtual-cores", MATRIX, _cores),
    Rule("disk-count", MATRIX, _disk_count),
    no_disk(
        "os-disk-size",
        MATRIX,
        lambda disk: _beyond(disk, LARGEST_OS_DISK_GIB, os=True),
        f"The OS disk {{disks}} is larger than {LARGEST_OS_DISK_GIB} GiB.",
        f"The OS disk is at most {LARGEST_OS_DISK_GIB} GiB.",
    ),
    no_disk(
        "data-disk-size",
        MATRIX,
        lambda disk: _beyond(disk, LARGEST_DATA_DISK_GIB, os=False),
        f"{{disks}} are larger than {LARGEST_DATA_DISK_GIB} GiB.",
        f"No data disk is larger than {LARGEST_DATA_DISK_GIB} GiB.",
    ),
    no_disk(
        "ephemeral-os-disk",
        MATRIX,
        lambda disk: disk.ephemeral and disk.is_os,
        "The OS disk {disks} is ephemeral, which is not on Site Recovery's list.",
        "The OS disk is not ephemeral.",
    ),
    no_disk(
        "write-accelerator",
        MATRIX,
        lambda disk: disk.write_accelerator,
        "{disks} use the write accelerator, which is not replicated.",
        "No disk uses the write accelerator.",
    ),
    Rule("shared-disks", MATRIX, _shared_disks),
    Rule("confidential-vm", MATRIX, _confidential),
    Rule("trusted-launch", TRUSTED, _trusted_launch),
    Rule("spot", MATRIX, _spot),
    Rule("scale-set", MATRIX, _scale_set),
    Rule("dedicated-host", MATRIX, _dedicated_host),
    Rule("source-region", MATRIX, _source_region),
    Rule("encryption-at-host", MATRIX, _encryption_at_host, blocking=False),
)


def _beyond(disk: Disk, most_gib: int, *, os: bool) -> bool | None:
    if disk.is_os is not os:
        return False
    return None if disk.size_gib is None else disk.size_gib > most_gib


# --- zone to zone ----------------------------------------------------------------------------


def _zonal(case: Case) -> Finding:
    if not case.vm.zones:
        return no("The VM is in no availability zone; zone to zone needs a zonal VM.")
    return yes(f"The VM is in zone {case.vm.zones[0]}.")


def _other_zone(case: Case) -> Finding:
    wanted = (case.to or "").removeprefix("zone:")
    if wanted and wanted in case.vm.zones:
        return no(f"The VM is in zone {wanted} already.")
    return yes("The target is another zone.")


ZONE_RULES = (
    Rule("zonal-vm", ZONES, _zonal),
    Rule("other-zone", ZONES, _other_zone),
    no_disk(
        "zone-ultra-disks",
        MATRIX,
        lambda disk: None if disk.sku is None else disk.sku.startswith("UltraSSD"),
        "{disks} are Ultra disks, which are not replicated between zones.",
        "No disk is an Ultra disk.",
    ),
    no_disk(
        "zone-redundant-disks",
        ZONES,
        lambda disk: None if disk.sku is None else disk.sku.endswith("_ZRS"),
        "{disks} are zone-redundant already and are not replicated between zones.",
        "No disk is zone-redundant.",
    ),
)


# --- churn -----------------------------------------------------------------------------------


def churn_reason(case: Case, mode: str) -> Reason:
    """Peak writes against the limits of a churn mode. Without a measurement: unknown, not a no."""
    source = MATRIX if mode == "normal" else HIGH_CHURN
    peak = case.sizing.peak_write_mb_per_s
    if peak is None:
        text = (
            "Peak writes were not measured, so whether replication keeps up is not known; "
            "let vmbackup read Azure Monitor or pass --peak-write 12MB/s."
        )
        return Reason("churn", Verdict.UNKNOWN, text, source, True, True)
    limit, value = CHURN_LIMITS[mode], peak.range.likely
    if value > limit.vm:
        text = f"Peak writes of {_mb(value)} exceed {_mb(limit.vm)} a VM ({mode} churn)."
        return Reason("churn", Verdict.NO, text, source)
    return _disk_churn(case, mode, source) or Reason(
        "churn", Verdict.YES, f"Peak writes of {_mb(value)}, at most {_mb(limit.vm)} a VM.", source
    )


def _disk_churn(case: Case, mode: str, source: str) -> Reason | None:
    """The disk furthest above its limit, if any is."""
    peaks = case.sizing.peak_write_mb_per_s_by_disk
    above: list[tuple[Decimal, str, str]] = []
    for disk in case.vm.disks if peaks else ():
        most, value = disk_limit(disk, mode), peaks.get(disk.key)
        if value is not None and most is not None and value > most:
            text = f"{disk.name} peaks at {_mb(value)}; at most {_mb(most)} a disk ({mode} churn)."
            above.append((most - value, disk.name, text))
    return Reason("churn", Verdict.NO, min(above)[2], source) if above else None


def disk_limit(disk: Disk, mode: str) -> Decimal | None:
    """MB/s one disk may write, by the size and family of its replica; None where not known."""
    if disk.sku is None or disk.size_gib is None:
        return None
    limit = CHURN_LIMITS[mode]
    if disk_sku(disk.sku).family in ("Standard", "StandardSSD"):
        return limit.standard_disk
    return limit.large_premium_disk if disk.size_gib >= limit.large_gib else limit.premium_disk


def _mb(value: Decimal) -> str:
    return f"{plain(round(value, 1))} MB/s"


# --- where to --------------------------------------------------------------------------------


def target_reason(case: Case, target: str) -> Reason:
    """Whether a region can be the target. An empty target: none was named and there is no pair."""
    name = display_name(case.vm.region)
    if not target:
        text = f"{name} has no paired region; name one with --to."
        return Reason("target-region", Verdict.NO, text, QUESTIONS)
    if target == case.vm.region:
        text = f"{name} is where the VM is; within a region only zone to zone is possible."
        return Reason("target-region", Verdict.NO, text, QUESTIONS)
    if target in ONLY_SOURCE:
        text = f"{display_name(target)} can only be a source."
        return Reason("target-region", Verdict.NO, text, MATRIX)
    if region(target).restricted:
        text = f"{display_name(target)} is a restricted region: Microsoft must allow the pair."
        return Reason("target-region", Verdict.UNKNOWN, text, MATRIX, True, True)
    return Reason(
        "target-region", Verdict.YES, f"{display_name(target)} can be the target.", MATRIX
    )
