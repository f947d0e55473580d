"""What was looked at: "nothing found" is told from "not looked", each with what would supply it."""

from __future__ import annotations

from typing import Any

from inventory_samples import (
    NOW,
    OTHER_SUBSCRIPTION,
    SUBSCRIPTION,
    VAULTS,
    arm_id,
    bundle,
    disk,
    disks_of,
    fleet,
    graph,
    graph_page,
    item,
    policy,
    replicated,
    snapshot,
    vault,
    vm,
)

from advisor.model import Coverage, KnownVm, NotRead, ProtectionState, Reading

PARTS = (
    "disks",
    "backup_items",
    "replicated_items",
    "snapshots",
    "restore_points",
    "disk_backups",
)


def missing(known: KnownVm) -> dict[str, str]:
    """What was not read, with its remedy."""
    return {one.what: one.remedy for one in known.not_read}


def test_a_list_of_vms_alone_names_everything_else_with_the_command_for_it() -> None:
    known = fleet([vm()]).find("web-01")
    assert known.coverage == Coverage()
    assert missing(known) == {
        "the disks of web-01": f"az disk list --subscription {SUBSCRIPTION} -o json",
        "the backup items": "az backup vault list -o json, then for each vault az backup item list "
        "--resource-group GROUP --vault-name VAULT -o json; or vmbackup inventory query",
        "the snapshots": f"az snapshot list --subscription {SUBSCRIPTION} -o json",
        "the replicated items of Site Recovery": "vmbackup inventory query",
        "the restore points": "vmbackup inventory query",
        "what Azure Disk Backup protects": "vmbackup inventory query",
    }
    assert not any(one.failed for one in known.not_read)


def test_a_bundle_that_says_that_all_was_read_leaves_nothing_open() -> None:
    known = fleet(bundle([vm(), *disks_of()], *PARTS)).find("web-01")
    assert known.not_read == ()
    assert known.protections == ()
    assert known.coverage == Coverage(
        disks=Reading.READ,
        backup_items=Reading.READ,
        replicated_items=Reading.READ,
        snapshots=Reading.READ,
        restore_points=Reading.READ,
        disk_backups=Reading.READ,
        all_vaults=True,
    )


def test_two_vms_of_one_name_and_only_one_is_backed_up() -> None:
    """Joined on full ids: the other has no protection, whatever the item is called."""
    one, other = vm("app-01", "rg-a"), vm("app-01", "rg-b")
    known = fleet([one, other], [vault()], [policy()], [item(one)])
    assert len(known.find("rg-a/app-01").protections) == 1
    assert known.find("rg-b/app-01").protections == ()


def test_a_name_that_ends_like_another_is_not_backed_up_with_it() -> None:
    known = fleet([vm("01"), vm("app-01")], [item(vm("app-01"))])
    assert known.find("01").protections == ()


def test_ids_match_in_any_case() -> None:
    backed_up = item(vm())
    backed_up["properties"]["sourceResourceId"] = vm()["id"].upper()
    assert len(fleet([vm()], [backed_up]).find("web-01").protections) == 1


def test_vaults_read_one_by_one_are_named_and_are_not_all() -> None:
    """`az backup item list` of v1 alone does not tell what other vaults hold."""
    known = fleet([vm(), vm("db-01")], [item(vm(), "v1")]).find("db-01")
    assert known.coverage.backup_items is Reading.READ
    assert known.coverage.vaults_read == ("v1",)
    assert not known.coverage.all_vaults
    assert "the backup items of other vaults" in missing(known)


def test_all_vaults_are_read_when_each_of_the_list_has_its_items() -> None:
    """Vaults of other regions cannot hold the VM: they need not be read."""
    vaults = [vault("v1"), vault("v2"), vault("far", "eastus")]
    first = fleet([vm(), vm("db-01")], vaults, [item(vm(), "v1")]).find("db-01")
    assert not first.coverage.all_vaults
    assert missing(first)["the backup items of vault v2"] == (
        "az backup item list --resource-group rg-backup --vault-name v2 -o json"
    )
    other = item(vm("app-01"), "v2")
    both = fleet([vm(), vm("db-01")], vaults, [item(vm(), "v1")], [other]).find("db-01")
    assert both.coverage.all_vaults
    assert both.coverage.vaults_read == ("v1", "v2")
    assert not any("backup items" in what for what in missing(both))


def test_vaults_of_another_subscription_do_not_stand_for_the_vms_own() -> None:
    elsewhere = vault("v9")
    elsewhere["id"] = arm_id(VAULTS, "v9", "rg-backup", OTHER_SUBSCRIPTION)
    known = fleet([vm()], [elsewhere]).find("web-01")
    assert not known.coverage.all_vaults
    assert {"the backup items of vault v9", "the backup items of other vaults"} <= set(
        missing(known)
    )


def test_one_item_printed_alone_does_not_cover_its_vault() -> None:
    """`az backup item show` tells of one VM only."""
    known = fleet([vm(), vm("db-01")], item(vm(), "v1")).find("db-01")
    assert known.coverage.backup_items is Reading.NOT_SUPPLIED
    assert known.coverage.vaults_read == ()


def test_items_of_databases_do_not_cover_a_vault() -> None:
    database = item(vm(), "v1", backupManagementType="AzureWorkload")
    known = fleet([vm()], [database]).find("web-01")
    assert known.protections == ()
    assert known.coverage.backup_items is Reading.NOT_SUPPLIED


def test_a_graph_export_of_items_covers_all_vaults() -> None:
    rows = [graph(item(vm(), "v1")), graph(replicated(vm()))]
    for export in (graph_page(rows), rows):
        known = fleet([vm("db-01")], export).find("db-01")
        assert known.coverage.all_vaults
        assert known.coverage.vaults_read == ()
        assert known.coverage.replicated_items is Reading.READ


def test_a_row_may_say_what_its_query_asked_for() -> None:
    """A policy alone says nothing of items; the column vmbackupRead does."""
    row = graph(policy())
    silent = fleet([vm()], graph_page([row])).find("web-01")
    assert not silent.coverage.all_vaults
    said = {**row, "vmbackupRead": "backup_items replicated_items"}
    known = fleet([vm()], graph_page([said])).find("web-01")
    assert known.coverage.all_vaults
    assert known.coverage.replicated_items is Reading.READ
    assert known.coverage.snapshots is Reading.NOT_SUPPLIED


def test_an_empty_list_says_nothing_and_is_named() -> None:
    """`[]` may be no snapshots or no items: nobody can tell."""
    for empty in ([], {"value": []}, graph_page([]), bundle([])):
        known = fleet([vm()], empty).find("web-01")
        assert known.coverage == Coverage()
        assert known.not_read[-1] == NotRead(
            what="what 2.json was to hold",
            why="it is an empty list, which does not say of what",
            remedy="leave it out, or export everything at once with vmbackup inventory query",
        )


def test_a_bundle_may_say_that_it_looked_and_found_nothing() -> None:
    known = fleet([vm()], bundle([], "snapshots")).find("web-01")
    assert known.coverage.snapshots is Reading.READ
    assert not any("2.json" in what for what in missing(known))


def test_snapshots_of_another_subscription_do_not_cover_the_vms_own() -> None:
    other = snapshot("s", disks_of()[0]["id"], NOW)
    other["id"] = arm_id("Microsoft.Compute/snapshots", "s", "rg", OTHER_SUBSCRIPTION)
    assert fleet([vm()], [other]).find("web-01").coverage.snapshots is Reading.NOT_SUPPLIED


def test_a_disk_that_is_not_among_the_files_is_named() -> None:
    known = fleet([vm()], [disk("web-01-os")]).find("web-01")
    assert known.coverage.disks is Reading.NOT_SUPPLIED
    assert [one.reading for one in known.vm.disks] == [Reading.READ, Reading.NOT_SUPPLIED]
    assert "the disk web-01-data of web-01" in missing(known)


def test_a_disk_that_was_asked_for_everywhere_and_did_not_come_has_failed() -> None:
    known = fleet(bundle([vm(), disk("web-01-os")], *PARTS)).find("web-01")
    assert known.coverage.disks is Reading.FAILED
    (open_,) = known.not_read
    assert open_.failed
    assert open_.what == "the disk web-01-data of web-01"
    assert "Microsoft.Compute/disks/read" in open_.remedy


def test_what_a_protection_leaves_open_is_named_with_the_command_for_it() -> None:
    known = fleet(bundle([vm(), *disks_of(), item(vm(), "v1", "gold")], *PARTS)).find("web-01")
    assert missing(known) == {
        "the redundancy of vault v1": "az backup vault list -o json",
        "the policy gold of vault v1": "az backup policy list --resource-group rg-backup "
        "--vault-name v1 -o json",
    }


def test_a_stopped_backup_without_a_policy_leaves_nothing_open() -> None:
    stopped = item(vm(), protectionState="ProtectionStopped", policyId="")
    known = fleet(bundle([vm(), *disks_of(), vault(), stopped], *PARTS)).find("web-01")
    assert known.not_read == ()


def test_a_collection_without_points_is_empty_only_where_it_says_so_itself() -> None:
    """Resource Graph may show collections and not their points."""
    kind = "Microsoft.Compute/restorePointCollections"
    empty: dict[str, Any] = {
        "id": arm_id(kind, "c"),
        "type": kind,
        "location": "westeurope",
        "source": {"id": vm()["id"]},
    }
    for known in (
        fleet(bundle([vm(), *disks_of(), empty], *PARTS)).find("web-01"),
        fleet([vm()], [empty]).find("web-01"),
    ):
        assert [one.state for one in known.protections] == [ProtectionState.UNKNOWN]
        [unread] = [one for one in known.not_read if "of collection c" in one.what]
        assert "--collection-name c --restore-points" in unread.remedy
    said = empty | {"restorePoints": []}
    assert fleet(bundle([vm(), *disks_of(), said], *PARTS)).find("web-01").protections == ()
