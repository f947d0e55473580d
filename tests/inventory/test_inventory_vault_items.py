"""What a vault holds beside the VM, the databases in the VM, and the moment all of it was true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from inventory_samples import (
    NOW,
    bundle,
    disks_of,
    fleet,
    graph,
    graph_page,
    item,
    policy,
    snapshot,
    vault,
    vm,
)

from advisor.inventory.arm import parse_vm
from advisor.inventory.coverage import InventoryPart, InventoryRead, known_vms
from advisor.inventory.joining import Resources
from advisor.inventory.recovery_services import parse_backup_item, parse_vault
from advisor.model import KnownVm, Protection, ProtectionKind, ProtectionState, Reading, Vault

FIRST = {"protectionState": "IRPending", "lastRecoveryPoint": None, "lastBackupStatus": "IRPending"}
NEVER = "2001-01-01T00:00:00Z"  # how Azure Backup writes that there was no backup


def pending(name: str) -> dict[str, Any]:
    return item(vm(name), lastBackupTime=NEVER, **FIRST)


def share(**properties: Any) -> dict[str, Any]:
    """A file share in the same vault: no VM, and an item of the vault all the same."""
    body = item(vm("share"), backupManagementType="AzureStorage", sourceResourceId=None)
    body["properties"] |= properties
    return body


def vault_of(known: KnownVm) -> Vault:
    [one] = known.protections
    assert one.vault is not None
    return one.vault


def test_a_vault_counts_the_items_of_all_vms_and_of_what_is_none() -> None:
    rows = [vm("a"), vm("b"), vault(), item(vm("a")), item(vm("b")), share(), item(vm("c"), "v2")]
    held = vault_of(fleet(bundle(rows, "backup_items")).find("a"))
    assert (held.items, held.has_first_backup) == (3, True)


@pytest.mark.parametrize(
    ("other", "has_one"),
    [(pending("b"), False), (item(vm("b")), True), (share(), True), (share(**FIRST), False)],
)
def test_that_a_vault_has_no_first_backup_takes_all_its_items(
    other: dict[str, Any], has_one: bool
) -> None:
    whole = bundle([vm("a"), vault(), pending("a"), other], "backup_items")
    listed = fleet([vm("a")], [vault()], [pending("a"), other])
    for read in (fleet(whole), listed):
        assert vault_of(read.find("a")).has_first_backup is has_one


def test_one_item_printed_alone_does_not_tell_of_the_others() -> None:
    held = vault_of(fleet([vm("a")], [vault()], pending("a")).find("a"))
    assert (held.items, held.has_first_backup) == (1, None)
    backed_up = vault_of(fleet([vm("a")], [vault()], item(vm("a"))).find("a"))
    assert backed_up.has_first_backup is True


def test_when_a_pending_item_was_configured_is_kept_where_it_says_so() -> None:
    body = pending("a") | {"systemData": {"createdAt": "2026-11-21T09:00:00Z"}}
    [one] = fleet(bundle([vm("a"), body])).find("a").protections
    assert one.state is ProtectionState.PENDING
    assert one.since == datetime(2026, 11, 21, 9, tzinfo=UTC)


# --- databases ---------------------------------------------------------------------------------


def database(name: str, **properties: Any) -> dict[str, Any]:
    body = item(
        vm(),
        backupManagementType="AzureWorkload",
        workloadType="SQLDataBase",
        friendlyName=name,
        lastBackupTime=(NOW - timedelta(minutes=20)).isoformat(),
        lastRecoveryPoint=None,
    )
    container = "VMAppContainer;Compute;RG-A;web-01"
    in_vault = body["id"].partition("/backupFabrics/")[0]
    body["id"] = (
        f"{in_vault}/backupFabrics/Azure/protectionContainers/{container}"
        f"/protectedItems/SQLDataBase;mssqlserver;{name}"
    )
    body["properties"] |= properties
    return body


def protections(*resources: dict[str, Any]) -> tuple[Protection, ...]:
    return fleet(bundle([vm(), *disks_of(), vault(), *resources])).find("web-01").protections


def test_the_databases_of_a_vm_are_a_protection_with_their_names_and_their_log() -> None:
    log = {"policyType": "Log", "schedulePolicy": {"scheduleFrequencyInMins": 15}}
    rule = policy(backupManagementType="AzureWorkload", subProtectionPolicy=[log])
    (one,) = protections(database("stock"), database("orders"), rule)
    assert (one.kind, one.state) == (ProtectionKind.DATABASE_BACKUP, ProtectionState.ACTIVE)
    assert one.databases == ("orders", "stock")
    assert one.every == timedelta(minutes=15)
    assert one.last_point == NOW - timedelta(minutes=20)


def test_databases_that_name_no_vm_are_those_of_their_container() -> None:
    (one,) = protections(database("hana", workloadType="SAPHanaDatabase", sourceResourceId=None))
    assert one.databases == ("hana",)


def test_stopped_databases_are_a_protection_of_their_own() -> None:
    states = {
        one.state: one.databases
        for one in protections(database("a"), database("b", protectionState="ProtectionStopped"))
    }
    assert states == {ProtectionState.ACTIVE: ("a",), ProtectionState.STOPPED: ("b",)}


def test_databases_do_not_make_their_vault_one_whose_vms_were_read() -> None:
    known = fleet([vm()], [vault()], graph_page([graph(database("a"))])).find("web-01")
    assert not known.coverage.all_vaults


# --- the moment --------------------------------------------------------------------------------


def taken(body: dict[str, Any], at: datetime | None) -> dict[str, Any]:
    if at:
        body["vmbackup"]["taken"] = at.isoformat()
    return body


def test_states_are_those_of_when_the_file_was_taken() -> None:
    """Nine days later its daily backup is as it was then, and the VM says of when that is."""
    body = taken(bundle([vm(), item(vm()), policy()]), NOW)
    known = fleet(body, now=NOW + timedelta(days=9)).find("web-01")
    assert known.taken == NOW
    assert [one.state for one in known.protections] == [ProtectionState.ACTIVE]


def test_a_file_that_does_not_say_when_is_judged_now() -> None:
    later = NOW + timedelta(days=9)
    known = fleet(bundle([vm(), item(vm()), policy()]), now=later).find("web-01")
    assert known.taken is None
    assert [one.state for one in known.protections] == [ProtectionState.OVERDUE]


def test_of_several_files_those_that_tell_of_protection_decide() -> None:
    """Lists of VMs and disks say no time; a second list of snapshots would leave it open."""
    told = taken(bundle([item(vm()), policy()]), NOW)
    later = NOW + timedelta(days=9)
    assert fleet([vm()], disks_of(), told, now=later).find("web-01").taken == NOW
    also = [snapshot("s", disks_of()[0]["id"], NOW)]
    assert fleet([vm()], also, told, now=later).find("web-01").taken is None


def test_a_file_taken_after_now_is_judged_now() -> None:
    told = taken(bundle([vm()]), NOW + timedelta(days=1))
    assert fleet(told).find("web-01").taken == NOW


@pytest.mark.parametrize(("narrowed", "items"), [(True, None), (False, 1)])
def test_items_that_were_asked_for_of_one_vm_do_not_count_for_their_vault(
    narrowed: bool, items: int | None
) -> None:
    """What else it holds was not asked for, so neither their number nor a first backup is known."""
    resources = Resources(
        vms=(parse_vm(vm(), "a test", "$"),),
        vaults=(parse_vault(vault(), "a test", "$"),),
        items=(parse_backup_item(pending("web-01"), "a test", "$"),),
    )
    looked = InventoryRead(at_once={InventoryPart.BACKUP_ITEMS: Reading.READ}, narrowed=narrowed)
    [known] = known_vms(resources, looked, NOW)
    assert vault_of(known).items == items
    assert vault_of(known).has_first_backup is (None if narrowed else False)
