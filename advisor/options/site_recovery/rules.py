"""Which VMs Site Recovery replicates between Azure regions or zones, as rules with articles.

Rows of the matrix that inventory cannot decide (kernels, file systems, multipath) are not rules.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from advisor.model import Disk
from advisor.options.case import (
    Case,
    RuleAnswer,
    SupportRule,
    is_shared,
    names,
    no,
    no_disk,
    unknown,
    yes,
)
from advisor.options.operating_system import UNKNOWN_SYSTEM, OperatingSystem, operating_system
from advisor.options.vm_size import BOOST_AMD_GENERATION, BOOST_INTEL_GENERATION, vm_size
from advisor.regions import PUBLIC_CLOUD, region

MATRIX = "azure-to-azure-support-matrix, 2026-02-27"
NEWS = "feature-updates-whats-new, 2026-04-14"
TRUSTED = "concepts-trusted-vm, 2025-03-04"

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
#: MATRIX: the newest releases listed; what came later is not known to be replicated.
NEWEST_RELEASE = {
    "windows server": (2025,),
    "windows": (11,),
    "red hat": (10, 1),
    "centos": (8, 5),
    "ubuntu": (24, 4),
    "debian": (12,),
    "suse": (15, 7),
    "oracle linux": (9, 6),
}
#: MATRIX: the sizes named as having both controllers.
MIXED_CONTROLLERS = re.compile(r"standard_l\d+a?s_v3$", re.IGNORECASE)
NOT_REPLICATED = ("coreos", "azure linux")

#: TRUSTED: releases whose Trusted Launch VMs are replicated, in preview, oldest and newest; of
#: VMs created since 2024-04-01 and not in UAE North.
TRUSTED_LINUX = {
    "ubuntu": ((18, 4), (24, 4)),
    "red hat": ((8, 3), (9, 4)),
    "suse": ((15, 3), (15, 6)),
    "alma": ((8, 10), (9, 4)),
    "debian": ((12,), (12,)),
}
TRUSTED_SINCE = datetime(2024, 4, 1, tzinfo=UTC)


# --- the VM ----------------------------------------------------------------------------------


def _operating_system(case: Case) -> RuleAnswer:
    system = operating_system(case.vm)
    oldest = OLDEST_RELEASE.get(system.family)
    if system.family in NOT_REPLICATED:
        return no(f"{system} is not replicated.")
    if system == UNKNOWN_SYSTEM or oldest is None or not system.version:
        return unknown("Which operating system the VM runs is not known from its image or agent.")
    newest = NEWEST_RELEASE.get(system.family, system.version)
    if system.version < oldest[: len(system.version)]:
        return no(f"{system} is older than what is replicated.")
    if system.version[: len(newest)] > newest:
        return unknown(f"{system} is newer than the releases that the article lists.")
    if len(system.version) < len(oldest) and system.version == oldest[: len(system.version)]:
        return unknown(f"Which release of {system} the VM runs is not known.")
    return yes(f"{system} is replicated.")


def _architecture(case: Case) -> RuleAnswer:
    size = vm_size(case.vm.size)
    said = {case.vm.architecture, *(disk.architecture for disk in case.vm.disks if disk.is_os)}
    if "Arm64" in said or (size and size.arm):
        return no(f"{case.vm.size or 'The VM'} is an ARM64 machine, which is not replicated.")
    if size is None and said == {None}:
        return unknown("The VM's processor is not known.")
    return yes("An x64 machine.")


def _controller(case: Case) -> RuleAnswer:
    if MIXED_CONTROLLERS.match(case.vm.size or ""):
        return no(f"{case.vm.size} has SCSI and NVMe controllers, which is not replicated.")
    if case.vm.disk_controller == "NVMe":
        return _on_nvme(case)
    size = vm_size(case.vm.size)
    newest = BOOST_AMD_GENERATION if size and size.amd else BOOST_INTEL_GENERATION
    if case.vm.disk_controller is None and size and size.generation >= newest:
        return unknown(
            f"Sizes like {size.name} mostly use NVMe controllers; this VM's is not known."
        )
    return yes("The VM's disks are on a SCSI controller.")


def _on_nvme(case: Case) -> RuleAnswer:
    """In preview for Windows of generation 2, in the public cloud; nothing else is named."""
    if case.vm.os_type == "Linux":
        return no("The disks are on an NVMe controller, which is not replicated on Linux.")
    if case.vm.generation == "V1":
        return no("On an NVMe controller only VMs of generation 2 are replicated.")
    if case.vm.os_type is None or region(case.vm.region).cloud != PUBLIC_CLOUD:
        return unknown(
            "On an NVMe controller Windows is replicated in preview in the public cloud; whether"
            " that holds for this VM is not known."
        )
    return yes(
        "On an NVMe controller Windows is replicated, in preview.",
        "the preview of replication from NVMe controllers takes it",
    )


def _cores(case: Case) -> RuleAnswer:
    size = vm_size(case.vm.size)
    if size is None:
        return unknown("The VM's size is not known, so neither are its cores.")
    if size.cores < FEWEST_CORES:
        return no(f"{size.name} has one core; replication wants at least two and 1 GB of memory.")
    return yes(f"{size.name} has cores enough.")


def _disk_count(case: Case) -> RuleAnswer:
    count = sum(not disk.is_os for disk in case.vm.disks)
    if count > MOST_DATA_DISKS:
        return no(f"The VM has {count} data disks; at most {MOST_DATA_DISKS} are replicated.")
    return yes(f"{count} of at most {MOST_DATA_DISKS} data disks.")


def _confidential(case: Case) -> RuleAnswer:
    if case.vm.security_type == "ConfidentialVM":
        return no("Confidential VMs are not on Site Recovery's list.")
    return yes("The VM is not confidential.")


def _trusted_launch(case: Case) -> RuleAnswer:
    if case.vm.security_type != "TrustedLaunch":
        return yes("The VM is not a Trusted Launch VM.")
    if case.vm.os_type == "Windows":
        return yes("Trusted Launch on Windows is replicated.")
    if case.vm.region == "uaenorth":
        return no("Trusted Launch on Linux is not replicated from UAE North.")
    if case.vm.created is not None and case.vm.created < TRUSTED_SINCE:
        return no("Trusted Launch on Linux is replicated for VMs created since 2024-04-01.")
    return _trusted_release(operating_system(case.vm))


def _trusted_release(system: OperatingSystem) -> RuleAnswer:
    if system == UNKNOWN_SYSTEM:
        return unknown(
            "Trusted Launch on Linux is in preview for some systems; this one is unknown."
        )
    oldest, newest = TRUSTED_LINUX.get(system.family, ((), ()))
    version = system.version
    known = oldest[: len(version)] <= version[: len(newest)] <= newest
    if not oldest or (version and not known):
        return no(f"Trusted Launch with {system} is not replicated.")
    return yes(
        f"Trusted Launch with {system} is replicated, in preview.",
        "the preview of Trusted Launch on Linux takes it",
    )


def _spot(case: Case) -> RuleAnswer:
    if case.vm.priority in ("Spot", "Low"):
        return no("Spot VMs are not on Site Recovery's list.")
    return yes("A regular VM.")


def _scale_set(case: Case) -> RuleAnswer:
    if not case.vm.scale_set_id:
        return yes("The VM is not part of a scale set.")
    if case.vm.scale_set_mode == "Flexible":
        return yes("VMs of a flexible scale set are replicated, unless it scales by itself.")
    if case.vm.scale_set_mode == "Uniform":
        return no("VMs of a uniform scale set are not replicated.")
    return unknown("Whether the VM's scale set is flexible is not known.")


def _shared_disks(case: Case) -> RuleAnswer:
    shared = [disk.name for disk in case.vm.disks if is_shared(disk)]
    if not shared:
        return _NO_SHARED_DISK(case)
    if case.vm.os_type == "Linux":
        return no(f"On Linux shared disks are not replicated: {names(shared)}.")
    text = (
        "Shared disks are replicated only with all nodes of a Windows failover cluster,"
        f" crash-consistent, without recovery plans: {names(shared)}."
    )
    if case.vm.os_type != "Windows":
        return unknown(text)
    return yes(text, "all nodes of its failover cluster are replicated together")


_NO_SHARED_DISK = no_disk("shared-disks", MATRIX, is_shared, "{disks}", "No disk is shared.").check


def _dedicated_host(case: Case) -> RuleAnswer:
    if case.vm.host_id:
        return no("VMs on dedicated hosts are not replicated.")
    return yes("The VM is on no dedicated host.")


def _encryption_at_host(case: Case) -> RuleAnswer:
    if case.vm.encryption_at_host:
        return no("Encryption at host does not survive: the failed-over VM lacks it.")
    return yes("Encryption at host is off.")


VM_RULES = (
    no_disk(
        "managed-disks",
        MATRIX,
        lambda disk: disk.unmanaged,
        "Only managed disks are replicated, not those in a storage account: {disks}.",
        "All disks are managed.",
    ),
    SupportRule("operating-system", MATRIX, _operating_system),
    SupportRule("architecture", MATRIX, _architecture),
    SupportRule("nvme-controller", f"{MATRIX}; {NEWS}", _controller),
    SupportRule("virtual-cores", MATRIX, _cores),
    SupportRule("disk-count", MATRIX, _disk_count),
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
        f"Larger than {LARGEST_DATA_DISK_GIB} GiB: {{disks}}.",
        f"No data disk is larger than {LARGEST_DATA_DISK_GIB} GiB.",
    ),
    no_disk(
        "smallest-disk",
        MATRIX,
        lambda disk: None if disk.size_gib is None else disk.size_gib < SMALLEST_DISK_GIB,
        f"Smaller than {SMALLEST_DISK_GIB} GiB: {{disks}}.",
        f"No disk is smaller than {SMALLEST_DISK_GIB} GiB.",
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
        "Disks with the write accelerator are not replicated: {disks}.",
        "No disk uses the write accelerator.",
    ),
    SupportRule("shared-disks", MATRIX, _shared_disks),
    SupportRule("confidential-vm", MATRIX, _confidential),
    SupportRule("trusted-launch", TRUSTED, _trusted_launch),
    SupportRule("spot", MATRIX, _spot),
    SupportRule("scale-set", MATRIX, _scale_set),
    SupportRule("dedicated-host", MATRIX, _dedicated_host),
    SupportRule("encryption-at-host", MATRIX, _encryption_at_host, blocking=False),
)


def _beyond(disk: Disk, most_gib: int, *, os: bool) -> bool | None:
    if disk.is_os is not os:
        return False
    return None if disk.size_gib is None else disk.size_gib > most_gib
