"""What runs in a VM, where that decides more than its disks do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from advisor.model import Image, Protection, ProtectionKind, ProtectionState
from advisor.options.workloads import WorkloadKind, workload_of
from tests.strategies import WINDOWS, a_disk, a_vm

SCALE_SET = (
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/web"
)
UNIFORM = {"scale_set_id": SCALE_SET, "scale_set_mode": "Uniform"}
FLEXIBLE = {"scale_set_id": SCALE_SET, "scale_set_mode": "Flexible"}
OS, DATA, ON_HOST = a_disk(), a_disk("data", lun=0), a_disk(ephemeral=True)


def image(publisher: str, offer: str) -> Image:
    return Image(publisher=publisher, offer=offer, sku="gen2")


def a_protection(kind: ProtectionKind, **facts: Any) -> Protection:
    return Protection(kind=kind, state=ProtectionState.ACTIVE, **facts)


BACKED_UP = a_protection(ProtectionKind.BACKUP)


NOTHING_TO_PROTECT = [
    (a_vm(tags={"aks-managed-poolName": "blue"}), WorkloadKind.AKS_NODE),
    (a_vm(OS, DATA, tags={"AKS-Managed-orchestrator": "1.33"}), WorkloadKind.AKS_NODE),
    (a_vm(image=image("microsoft-aks", "aks")), WorkloadKind.AKS_NODE),
    (a_vm(**UNIFORM), WorkloadKind.SCALE_SET),
    (a_vm(name="WEB_1a2b3c4d", **FLEXIBLE), WorkloadKind.SCALE_SET),
    (a_vm(ON_HOST), WorkloadKind.NOTHING_KEPT),
]


@pytest.mark.parametrize(("vm", "kind"), NOTHING_TO_PROTECT, ids=lambda each: str(each)[:30])
def test_what_is_made_anew_has_nothing_to_protect_and_says_what_protects_it(
    vm: Any, kind: WorkloadKind
) -> None:
    workload = workload_of(vm)
    assert workload is not None
    assert (workload.kind, workload.nothing_to_protect) == (kind, True)
    assert "nothing to protect here" in workload.notice
    assert workload.protected_by
    assert workload.article


@pytest.mark.parametrize(
    ("vm", "found"),
    [
        (a_vm(), ()),
        (a_vm(image=WINDOWS), ()),
        (a_vm(tags={"purpose": "aks-managed-thing"}), ()),
        (a_vm(OS, DATA, **UNIFORM), ()),
        (a_vm(OS, DATA, name="web_1a2b3c4d", **FLEXIBLE), ()),
        (a_vm(name="db-1", **FLEXIBLE), ()),
        (a_vm(name="web_1a2b3c4d", **FLEXIBLE), (BACKED_UP,)),
        (a_vm(scale_set_id=SCALE_SET), ()),
        (a_vm(ON_HOST, DATA), ()),
    ],
)
def test_a_vm_that_may_hold_something_is_protected_as_any_other(
    vm: Any, found: tuple[Protection, ...]
) -> None:
    assert workload_of(vm, found) is None


def test_disks_that_need_no_protection_leave_nothing_to_protect_and_are_named() -> None:
    vm = a_vm(ON_HOST, DATA)
    workload = workload_of(vm, leave_out=frozenset({DATA.key}))
    assert workload is not None
    assert workload.kind is WorkloadKind.NOTHING_KEPT
    assert "os lies on the host" in workload.notice
    assert "data needs no protection" in workload.notice


def test_a_vm_whose_disks_are_not_known_is_not_said_to_keep_nothing() -> None:
    assert workload_of(replace(a_vm(), disks=())) is None


DATABASE = a_protection(ProtectionKind.DATABASE_BACKUP, databases=("orders", "billing"))
HANA = a_protection(
    ProtectionKind.DATABASE_BACKUP, databases=("PRD",), detail="SAP HANA, every 15 min."
)


@pytest.mark.parametrize(
    ("vm", "found", "kind", "words"),
    [
        (a_vm(image=image("MicrosoftSQLServer", "sql2022-ws2022")), (), WorkloadKind.SQL_SERVER,
         "every 15 min"),
        (a_vm(image=WINDOWS), (DATABASE,), WorkloadKind.SQL_SERVER,
         "billing and orders are backed up by Azure Backup already"),
        (a_vm(), (HANA,), WorkloadKind.SAP_HANA, "PRD is backed up by Azure Backup already"),
        (a_vm(image=image("SUSE", "sles-sap-15-sp5")), (), WorkloadKind.SAP_HANA,
         "if HANA runs in it"),
        (a_vm(image=image("RedHat", "RHEL-SAP-HA")), (), WorkloadKind.SAP_HANA, "Backint"),
    ],
)  # fmt: skip
def test_a_database_has_a_backup_of_its_own_that_is_told_beside_the_vms_plan(
    vm: Any, found: tuple[Protection, ...], kind: WorkloadKind, words: str
) -> None:
    workload = workload_of(vm, found)
    assert workload is not None
    assert (workload.kind, workload.nothing_to_protect) == (kind, False)
    assert words in workload.notice
    assert workload.copy_only is (kind is WorkloadKind.SQL_SERVER)
    assert ("copy-only" in workload.notice) is workload.copy_only


@pytest.mark.parametrize("publisher", ["fortinet", "PaloAltoNetworks", "checkpoint"])
def test_an_appliances_configuration_is_better_exported(publisher: str) -> None:
    workload = workload_of(a_vm(image=image(publisher, "fw")))
    assert workload is not None
    assert workload.kind is WorkloadKind.APPLIANCE
    assert not workload.nothing_to_protect
    assert "better exported than restored" in workload.notice
