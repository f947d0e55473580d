"""What a policy asks of a VM: the agent, or a size and disks for points without one."""

from __future__ import annotations

from advisor.model import Verdict
from advisor.options.azure_backup.rules import MATRIX, SELECTIVE
from advisor.options.case import (
    Case,
    RuleAnswer,
    SupportRule,
    any_of,
    is_direct_drive,
    is_shared,
    no,
    no_disk,
    unknown,
    yes,
)
from advisor.options.operating_system import UNKNOWN_SYSTEM, operating_system
from advisor.options.vm_size import vm_size

ENHANCED = "backup-azure-vms-enhanced-policy, 2025-06-11"
AGENTLESS = "backup-azure-agentless-multi-disk-crash-consistent, 2025-07-25"

OLDEST_WINDOWS_SERVER = 2016  # MATRIX of 2026-03-26; a text before had 2008 to 2012 R2, limited

_AGENT_LINUX = (
    "ubuntu", "red hat", "suse", "debian", "oracle linux", "rocky", "alma", "centos",
    "azure linux",
)  # fmt: skip


# --- the system ------------------------------------------------------------------------------


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
        "Shared disks are not backed up; only the Enhanced policy can leave them out: {disks}.",
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
