"""The reasons of each configuration, and the VMs that the tests of the rules ask them of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from advisor.model import Image, Proposal, Verdict, Vm
from advisor.options.azure_backup.option import AZURE_BACKUP
from advisor.options.site_recovery.option import SITE_RECOVERY
from advisor.options.snapshots.option import SNAPSHOTS
from tests.strategies import a_case, a_disk, a_vm

YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN


def standard(vm: Vm) -> Proposal:
    return only(AZURE_BACKUP, vm, {"policy": "standard", "redundancy": "lrs"})


def enhanced(vm: Vm) -> Proposal:
    return only(AZURE_BACKUP, vm, {"policy": "enhanced", "redundancy": "lrs"})


def geo(vm: Vm) -> Proposal:
    return only(AZURE_BACKUP, vm, {"redundancy": "grs"})


def zonal_vault(vm: Vm) -> Proposal:
    return only(AZURE_BACKUP, vm, {"redundancy": "zrs"})


def crossing(vm: Vm) -> Proposal:
    return only(AZURE_BACKUP, vm, {"redundancy": "grs-crr"})


def archived(vm: Vm) -> Proposal:
    said = {"redundancy": "lrs", "archive": True, "keep": "daily=30,monthly=60"}
    return only(AZURE_BACKUP, vm, said)


def replica(vm: Vm) -> Proposal:
    return only(SITE_RECOVERY, vm, {"to": "norwayeast"})


def zone_replica(vm: Vm) -> Proposal:
    return only(SITE_RECOVERY, vm, {"to": "zone:2"})


def snapshot(vm: Vm) -> Proposal:
    return only(SNAPSHOTS, vm, {"redundancy": "lrs"})


def full(vm: Vm) -> Proposal:
    return only(SNAPSHOTS, vm, {"full": True})


def crash_points(vm: Vm) -> Proposal:
    return only(SNAPSHOTS, vm, {"consistent": "crash"})


def disk_backup(vm: Vm) -> Proposal:
    return only(SNAPSHOTS, vm, {"by": "azure-disk-backup", "every": "4h"})


def application_points(vm: Vm) -> Proposal:
    return only(SNAPSHOTS, vm, {"consistent": "application"})


def only(option: Any, vm: Vm, said: dict[str, Any]) -> Proposal:
    case = a_case(vm)
    [proposal] = option.propose(case, [option.said_configuration(case, said)])
    return proposal


class Row(NamedTuple):
    """A rule of an option, with VMs of each answer. `informs`: it does not decide the option."""

    ask: Callable[[Vm], Proposal]
    rule: str
    good: Vm
    bad: Vm
    unclear: Vm | None = None
    informs: bool = False


def data(**changes: Any) -> Vm:
    """A VM with a plain OS disk and a data disk that has these properties."""
    return a_vm(a_disk(), a_disk("data", **changes))


def many(count: int) -> Vm:
    return a_vm(*(a_disk("os" if not number else f"d{number}") for number in range(count)))


def image(publisher: str, offer: str, sku: str, **changes: Any) -> Vm:
    found = Image(publisher=publisher, offer=offer, sku=sku)
    return a_vm(**{"image": found, **changes})
