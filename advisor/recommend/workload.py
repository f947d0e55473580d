"""What the workload of a VM means for the decision: nothing to protect, or a notice beside it."""

from __future__ import annotations

from advisor.model import KnownVm
from advisor.options.case import Case
from advisor.options.workloads import Workload, workload_of


def _workload(known: KnownVm, leave_out: frozenset[str]) -> Workload | None:
    return workload_of(known.vm, known.protections, leave_out)


def nothing_to_protect(known: KnownVm, case: Case) -> str:
    """The sentence that says so; empty where there is something."""
    found = _workload(known, case.leave_out)
    return found.notice if found and found.nothing_to_protect else ""


def workload_beside(known: KnownVm) -> Workload | None:
    """A workload with a protection of its own, which it wants beside the VM's plan."""
    found = _workload(known, frozenset())
    return None if found is None or found.nothing_to_protect else found
