"""VMs that hold nothing to protect, and those whose data has a protection of its own."""

from __future__ import annotations

from advisor.model import KnownVm
from advisor.options.case import Case

#: Node pools of AKS are scale sets with tags that begin so (azure-kubernetes-service-cluster-
#: backup): nothing on a node is to be backed up.
AKS_TAG = "aks-managed-"

_AKS = (
    "Nothing to protect here: a node of AKS holds no state. Azure Backup for AKS protects the"
    " cluster and its volumes."
)
_NO_DISK = (
    "Nothing to protect here: its only disks are ephemeral and hold nothing to keep. It is"
    " deployed again from its image."
)


def nothing_to_protect(known: KnownVm, case: Case) -> str:
    """The sentence that says so; empty where there is something."""
    if any(tag.lower().startswith(AKS_TAG) for tag in known.vm.tags):
        return _AKS
    return _NO_DISK if known.vm.disks and not case.stored_disks else ""


def workload_todo(known: KnownVm) -> tuple[str, ...]:
    """What a workload with a protection of its own wants beside the VM's plan."""
    return ()
