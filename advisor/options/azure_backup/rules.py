"""Which VMs Azure Backup takes: the support matrix as rules, each with its article.

Rows of the matrix that inventory cannot decide (file systems, Storage Spaces, what runs inside)
are not rules; they stand in the documentation.
"""

from __future__ import annotations

from advisor.model import Verdict
from advisor.needs import STOPPED
from advisor.options.case import (
    Case,
    RuleAnswer,
    SupportRule,
    any_of,
    has_direct_drive,
    is_direct_drive,
    is_shared,
    no,
    no_disk,
    of_read,
    unknown,
    yes,
)
from advisor.options.operating_system import UNKNOWN_SYSTEM, operating_system
from advisor.options.vm_size import vm_size
from advisor.regions import display_name

MATRIX = "backup-support-matrix-iaas, 2026-01-28"
ENHANCED = "backup-azure-vms-enhanced-policy, 2025-06-11"
AGENTLESS = "backup-azure-agentless-multi-disk-crash-consistent, 2025-07-25"
SELECTIVE = "selective-disk-backup-restore, 2026-01-23"

MOST_DISKS = 32  # MATRIX
LARGEST_DISK_GIB = 64 * 1024  # MATRIX: 64 TB
LARGEST_VM_GIB = 512 * 1024  # MATRIX: 512 TB
FEWEST_CORES = 2  # MATRIX
OLDEST_WINDOWS_SERVER = 2016  # MATRIX of 2026-01-28; the text before had 2008 to 2012 R2, limited
#: MATRIX (older text): preview of confidential VMs, DC v6 sizes only.
CONFIDENTIAL_PREVIEW = frozenset(
    {
        "uaenorth",
        "koreacentral",
        "switzerlandnorth",
        "westcentralus",
        "southafricanorth",
        "uksouth",
    }
)

_AGENT_LINUX = (
    "ubuntu", "red hat", "suse", "debian", "oracle linux", "rocky", "alma", "centos",
    "azure linux",
)  # fmt: skip


# --- the VM ----------------------------------------------------------------------------------


def agent_supported(case: Case) -> Verdict:
    """Whether the backup agent runs on the VM's system, as far as it is known."""
    system = operating_system(case.vm)
    if system == UNKNOWN_SYSTEM:
        return Verdict.UNKNOWN
    if system.family == "coreos":
        return Verdict.NO
    if system.family == "windows server":
        if not system.version:
            return Verdict.UNKNOWN
        return Verdict.YES if system.version[0] >= OLDEST_WINDOWS_SERVER else Verdict.NO
    if system.family == "windows":
        return Verdict.YES if system.version[:1] in ((10,), (11,)) else Verdict.NO
    return Verdict.YES if system.family in _AGENT_LINUX else Verdict.UNKNOWN


def _operating_system(case: Case) -> RuleAnswer:
    system, supported = operating_system(case.vm), agent_supported(case)
    if supported is Verdict.YES:
        return yes(f"{system} is on the agent's list.")
    if supported is Verdict.NO:
        return no(f"{system} is not on the agent's list any more.")
    return unknown("Which operating system the VM runs is not known from its image or agent.")


def _cores(case: Case) -> RuleAnswer:
    size = vm_size(case.vm.size)
    if size is None:
        return unknown("The VM's size is not known, so neither are its cores.")
    if size.cores < FEWEST_CORES:
        return no(f"{size.name} has one core; backup wants at least two and 1 GB of memory.")
    return yes(f"{size.name} has cores enough.")


def _disk_count(case: Case) -> RuleAnswer:
    count = len(case.vm.disks)
    if count > MOST_DISKS:
        return no(f"The VM has {count} disks; at most {MOST_DISKS} are backed up.")
    return yes(f"{count} of at most {MOST_DISKS} disks.")


def _vm_size_total(case: Case) -> RuleAnswer:
    sizes = [disk.size_gib for disk in case.vm.disks if not disk.ephemeral]
    known = sum(size for size in sizes if size)
    if known > LARGEST_VM_GIB:
        return no(f"The disks hold {known} GiB; at most {LARGEST_VM_GIB} GiB are backed up.")
    if None in sizes:
        return unknown("The sizes of some disks are not known.")
    return yes(f"The disks hold {known} GiB of at most {LARGEST_VM_GIB}.")


def _scale_set(case: Case) -> RuleAnswer:
    if not case.vm.scale_set_id or case.vm.scale_set_mode == "Flexible":
        return yes("The VM is not part of a uniform scale set.")
    if case.vm.scale_set_mode == "Uniform":
        return no("VMs of a uniform scale set are not backed up.")
    return unknown("Whether the VM's scale set is flexible is not known.")


def _confidential(case: Case) -> RuleAnswer:
    if case.vm.security_type != "ConfidentialVM":
        return yes("The VM is not confidential.")
    if case.vm.region in CONFIDENTIAL_PREVIEW:
        return no("Confidential VMs are backed up in preview only, not for production.")
    return no(f"Confidential VMs are not backed up in {display_name(case.vm.region)}.")


def _spot(case: Case) -> RuleAnswer:
    if case.vm.priority in ("Spot", "Low"):
        return no("A Spot VM is backed up but restored as a regular VM, at the regular price.")
    return yes("A regular VM.")


def _stopped(case: Case) -> RuleAnswer:
    if case.vm.power_state in STOPPED:
        return no("The VM is stopped: its points are crash-consistent.")
    return yes("The VM is not known to be stopped.")


def _disk_encryption(case: Case) -> RuleAnswer:
    if any(disk.azure_disk_encryption for disk in case.vm.disks):
        return no("Azure Disk Encryption: whole disks are restored, single files are not.")
    return yes("No disk is known to be encrypted in the guest.")


def _file_restore(case: Case) -> RuleAnswer:
    if has_direct_drive(case):
        return no("VMs with Ultra or Premium SSD v2 disks have no restore of single files.")
    return yes("Single files can be restored.")


def _dedicated_host(case: Case) -> RuleAnswer:
    if case.vm.host_id:
        return no("The VM is on a dedicated host: it is restored as disks, not as a VM.")
    return yes("The VM is on no dedicated host.")


def _availability_set(case: Case) -> RuleAnswer:
    if case.vm.availability_set_id:
        return no("The VM is in an availability set: it is restored as disks, not as a VM.")
    return yes("The VM is in no availability set.")


def _something_stored(case: Case) -> RuleAnswer:
    if not case.vm.disks:
        return unknown("Which disks the VM has is not known.")
    if not case.stored_disks:
        return no("The VM has only an ephemeral OS disk: nothing of it is stored.")
    return yes("The VM has disks whose data is stored.")


VM_RULES = (
    SupportRule("something-stored", MATRIX, _something_stored),
    no_disk(
        "managed-disks",
        MATRIX,
        lambda disk: disk.unmanaged,
        "Unmanaged disks, in a storage account, are no longer backed up: {disks}.",
        "All disks are managed.",
    ),
    SupportRule("virtual-cores", MATRIX, _cores),
    SupportRule("disk-count", MATRIX, _disk_count),
    no_disk(
        "disk-size",
        MATRIX,
        lambda disk: None if disk.size_gib is None else disk.size_gib > LARGEST_DISK_GIB,
        f"Larger than {LARGEST_DISK_GIB} GiB: {{disks}}.",
        f"No disk is larger than {LARGEST_DISK_GIB} GiB.",
    ),
    SupportRule("total-size", MATRIX, _vm_size_total),
    no_disk(
        "write-accelerator-os",
        MATRIX,
        lambda disk: disk.write_accelerator and disk.is_os,
        "The OS disk {disks} uses the write accelerator; only data disks with it are backed up.",
        "The OS disk does not use the write accelerator.",
    ),
    no_disk(
        "data-access-auth",
        MATRIX,
        lambda disk: of_read(
            disk,
            None
            if disk.data_access_auth_mode is None
            else disk.data_access_auth_mode == "AzureActiveDirectory",
        ),
        "Backup fails with Entra authentication for data access: {disks}.",
        "No disk wants Entra authentication for data access.",
    ),
    no_disk(
        "secured-data-disk",
        MATRIX,
        lambda disk: of_read(
            disk,
            None
            if disk.security_type is None
            else not disk.is_os and disk.security_type != "Standard",
        ),
        "OS disks of trusted or confidential VMs attached as data disks: {disks}.",
        "No data disk was the OS disk of a trusted or confidential VM.",
    ),
    SupportRule("scale-set", MATRIX, _scale_set),
    SupportRule("confidential-vm", MATRIX, _confidential),
    SupportRule("spot", MATRIX, _spot, blocking=False),
    SupportRule("stopped", MATRIX, _stopped, blocking=False),
    SupportRule("azure-disk-encryption", MATRIX, _disk_encryption, blocking=False),
    SupportRule("file-restore", MATRIX, _file_restore, blocking=False),
    SupportRule("dedicated-host", MATRIX, _dedicated_host, blocking=False),
    SupportRule("availability-set", MATRIX, _availability_set, blocking=False),
    no_disk(
        "customer-managed-key",
        MATRIX,
        lambda disk: of_read(disk, True if disk.disk_encryption_set_id else None),
        "{disks} are encrypted with a key of your own: a restore in another region or zone is not,"
        " until the key is applied again.",
        "No disk is encrypted with a key of your own.",
    )._replace(blocking=False),
    no_disk(
        "performance-plus",
        MATRIX,
        lambda disk: of_read(disk, disk.performance_plus),
        "Performance plus is lost in a restore from the vault: {disks}.",
        "No disk has performance plus.",
    )._replace(blocking=False),
)


# --- the policies ----------------------------------------------------------------------------


def _trusted_launch(case: Case) -> RuleAnswer:
    if case.vm.security_type == "TrustedLaunch":
        return no(
            "Trusted Launch with a Standard policy works from the command line only "
            "(CLI 2.73.0 or later) and its snapshots cost what Enhanced ones do."
        )
    return yes("The VM is not a Trusted Launch VM.")


STANDARD_RULES = (
    SupportRule("operating-system", MATRIX, _operating_system),
    no_disk(
        "enhanced-only-disks",
        MATRIX,
        is_direct_drive,
        "Ultra and Premium SSD v2 disks need the Enhanced policy: {disks}.",
        "No disk needs the Enhanced policy.",
    ),
    no_disk(
        "shared-disks",
        SELECTIVE,
        is_shared,
        "Only the Enhanced policy can leave out shared disks: {disks}.",
        "No disk is shared.",
    ),
    SupportRule("trusted-launch", ENHANCED, _trusted_launch, blocking=False),
)


def _agent_or_agentless(case: Case) -> RuleAnswer:
    found = _operating_system(case)
    if found.verdict is Verdict.NO:
        return RuleAnswer(Verdict.NO, f"{found.text} Agentless, crash-consistent backup remains.")
    return found


ENHANCED_RULES = (
    SupportRule("operating-system", MATRIX, _agent_or_agentless, blocking=False),
    no_disk(
        "shared-disks",
        SELECTIVE,
        is_shared,
        "Shared disks are left out of the backup (use Azure Disk Backup): {disks}.",
        "No disk is shared.",
    )._replace(blocking=False),
)


def _agentless_size(case: Case) -> RuleAnswer:
    size = vm_size(case.vm.size)
    if size is None:
        return unknown("Whether the VM's size takes premium storage is not known.")
    if not size.premium_storage or size.boost:
        return no(f"{size.name} takes no agentless backup (premium storage, no Azure Boost).")
    return yes(f"{size.name} takes agentless backup.")


AGENTLESS_RULES = (
    SupportRule("agentless-size", AGENTLESS, _agentless_size),
    no_disk(
        "agentless-disks",
        AGENTLESS,
        lambda disk: any_of(
            is_direct_drive(disk), is_shared(disk), disk.write_accelerator, disk.ephemeral
        ),
        "Agentless backup takes no VM with {disks} (Ultra, Premium SSD v2, shared, "
        "write-accelerated or ephemeral).",
        "No disk stands in the way of agentless backup.",
    ),
)
