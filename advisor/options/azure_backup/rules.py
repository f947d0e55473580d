"""Which VMs Azure Backup takes: the support matrix as rules, each with its article.

Rows of the matrix that inventory cannot decide (file systems, Storage Spaces, what runs inside)
are not rules; they stand in the documentation.
"""

from __future__ import annotations

from advisor.needs import STOPPED
from advisor.options.case import (
    Case,
    RuleAnswer,
    SupportRule,
    has_direct_drive,
    no,
    no_disk,
    of_read,
    unknown,
    yes,
)
from advisor.options.vm_size import vm_size
from advisor.regions import display_name

MATRIX = "backup-support-matrix-iaas, 2026-03-26"
EPHEMERAL = "ephemeral-os-disks, 2026-09-08"
SELECTIVE = "selective-disk-backup-restore, 2026-01-23"

MOST_DISKS = 32  # MATRIX
LARGEST_DISK_GIB = 64 * 1024  # MATRIX: 64 TB
LARGEST_VM_GIB = 512 * 1024  # MATRIX: 512 TB
FEWEST_CORES = 2  # MATRIX
#: MATRIX: preview of confidential VMs, DC v6 sizes only. Two readings of the same date differ in
#: all but the first two.
CONFIDENTIAL_GENERATION = 6
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

# --- the VM ----------------------------------------------------------------------------------


def _cores(case: Case) -> RuleAnswer:
    size = vm_size(case.vm.size)
    if size is None:
        return unknown("The VM's size is not known, so neither are its cores.")
    if size.cores < FEWEST_CORES:
        return no(f"{size.name} has one core; Microsoft's article names two and 1 GB of memory.")
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
    if not is_confidential(case):
        return yes("The VM is not confidential.")
    where, size = display_name(case.vm.region), vm_size(case.vm.size)
    if case.vm.region not in CONFIDENTIAL_PREVIEW:
        return no(f"Confidential VMs are not backed up in {where}.")
    if size is None:
        return unknown("Whether the VM is of a size of the preview for confidential VMs: unknown.")
    if size.generation < CONFIDENTIAL_GENERATION:
        return no(f"{size.name} is none of the DC v6 sizes of the preview for confidential VMs.")
    text = f"Confidential VMs are backed up in {where} in a preview, not meant for production."
    return yes(text, "the preview for confidential VMs takes it")


def is_confidential(case: Case) -> bool:
    return case.vm.security_type == "ConfidentialVM"


def _ephemeral(case: Case) -> RuleAnswer:
    """The articles differ: the matrix lists such disks as supported, the newer one on the disk
    itself lists Azure Backup as not.
    """
    if not any(disk.ephemeral and disk.is_os for disk in case.vm.disks):
        return yes("The OS disk is not ephemeral.")
    return unknown(
        "The OS disk is ephemeral: Microsoft's newest article says that such a VM is not backed up,"
        " the support matrix that it is. Its data disks can be snapshotted.",
        failed=True,
    )


def _spot(case: Case) -> RuleAnswer:
    if case.vm.priority in ("Spot", "Low"):
        return no("A Spot VM is backed up but restored as a regular VM, at the regular price.")
    return yes("A regular VM.")


def _stopped(case: Case) -> RuleAnswer:
    if case.vm.power_state in STOPPED:
        return no("The VM is shut down: its points are labelled crash-consistent.")
    return yes("The VM is not known to be stopped.")


def _file_restore(case: Case) -> RuleAnswer:
    if any(disk.sku is None for disk in case.vm.disks) and not has_direct_drive(case):
        return unknown("Whether a disk is Ultra or Premium SSD v2 is not known.")
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
    SupportRule("virtual-cores", MATRIX, _cores, blocking=False),  # never seen enforced
    SupportRule("ephemeral-os-disk", f"{EPHEMERAL}; {MATRIX}", _ephemeral),
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
    no_disk(
        "azure-disk-encryption",
        MATRIX,
        lambda disk: of_read(disk, disk.azure_disk_encryption),
        "Azure Disk Encryption: whole disks are restored, single files are not: {disks}.",
        "No disk is encrypted in the guest.",
    )._replace(blocking=False),
    SupportRule("file-restore", MATRIX, _file_restore, blocking=False),
    SupportRule("dedicated-host", MATRIX, _dedicated_host, blocking=False),
    SupportRule("availability-set", MATRIX, _availability_set, blocking=False),
    no_disk(
        "customer-managed-key",
        MATRIX,
        lambda disk: of_read(disk, True if disk.disk_encryption_set_id else None),
        "Encryption with a key of your own is lost in a restore in another region or zone, until"
        " the key is applied again: {disks}.",
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
