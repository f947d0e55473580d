"""Files of PowerShell's cmdlets: read like those of az, and what ConvertTo-Json cut is told."""

from __future__ import annotations

from typing import Any

import pytest
from inventory_samples import (
    NOW,
    SUBSCRIPTION,
    disk,
    disks_of,
    fleet,
    graph,
    item,
    policy,
    replicated,
    rest,
    snapshot,
    vault,
    vm,
)

from advisor.errors import InputUnreadable
from advisor.inventory.powershell import as_az
from advisor.inventory.recovery_services import ITEM_TYPE, DiskList, parse_backup_item
from advisor.model import ProtectionState, Reading

LIST = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute"


def pascal(value: Any) -> Any:
    """Keys in Pascal case at every depth, but those of tags."""
    if isinstance(value, dict):
        return {
            key[:1].upper() + key[1:]: inner if key == "tags" else pascal(inner)
            for key, inner in value.items()
        }
    return [pascal(one) for one in value] if isinstance(value, list) else value


def cmdlet_vm(**changes: Any) -> dict[str, Any]:
    """As `Get-AzVM | ConvertTo-Json -Depth 20` of Windows PowerShell writes it."""
    body = vm(timeCreated="\\/Date(1741680892118)\\/", tags={"env": "prod"}, **changes)
    body["storageProfile"]["osDisk"] |= {"osType": 1, "caching": 2}
    body["storageProfile"]["dataDisks"][0]["caching"] = 1
    written: dict[str, Any] = pascal(body)
    return written | {"AvailabilitySetReference": {"Id": f"{LIST}/availabilitySets/a"}}


def cmdlet_item(**changes: Any) -> dict[str, Any]:
    """As `Get-AzRecoveryServicesBackupItem | ConvertTo-Json` writes it."""
    flat = item(vm())
    body = {
        "VirtualMachineId": vm()["id"],
        "HealthStatus": "Passed",
        "IsInclusionList": None,
        "DiskLunList": None,
        "ProtectionStatus": 1,
        "PolicyId": flat["properties"]["policyId"],
        "ProtectionState": 3,
        "LastBackupStatus": "Completed",
        "LastBackupTime": {"value": f"/Date({int(NOW.timestamp()) * 1000})/", "DisplayHint": 2},
        "ProtectionPolicyName": "daily",
        "DateOfPurge": None,
        "DeleteState": 2,
        "Name": flat["name"],
        "Id": flat["id"],
        "LatestRecoveryPoint": f"\\/Date({int(NOW.timestamp()) * 1000})\\/",
        "SourceResourceId": vm()["id"],
        "WorkloadType": 1,
        "ContainerName": "iaasvmcontainerv2;rg-a;web-01",
        "ContainerType": 1,
        "BackupManagementType": 1,
    }
    return {**body, **changes}


def read_item(body: dict[str, Any]) -> Any:
    return parse_backup_item(as_az(body, ITEM_TYPE, "f", "$"), "f", "$")


def test_a_vm_of_a_cmdlet_is_the_vm_that_az_prints() -> None:
    read = fleet([cmdlet_vm()], [pascal(one) for one in disks_of()]).find("web-01")
    assert read.coverage.disks is Reading.READ
    assert read.vm.os_type == "Linux"
    assert [one.caching for one in read.vm.disks] == ["ReadWrite", "ReadOnly"]
    assert [one.size_gib for one in read.vm.disks] == [256, 256]
    assert read.vm.tags == {"env": "prod"}
    assert read.vm.created is not None
    assert read.vm.created.isoformat() == "2025-03-11T08:14:52.118000+00:00"
    assert read.vm.availability_set_id == f"{LIST}/availabilitySets/a"
    assert SUBSCRIPTION in read.vm.id


@pytest.mark.parametrize(
    "written",
    [
        lambda: cmdlet_vm(),
        lambda: {"value": [cmdlet_vm()], "Count": 1},
        lambda: {"Data": [graph(vm())], "SkipToken": None},
        lambda: {"Data": {"value": [graph(vm())], "Count": 1}},
        lambda: [{**graph(vm()), "ResourceId": vm()["id"]}],
    ],
)
def test_every_wrapper_of_powershell_holds_the_vm(written: Any) -> None:
    assert fleet(written()).find("web-01").vm.name == "web-01"


def test_a_list_that_powershell_wrapped_is_a_list_at_every_depth() -> None:
    body = cmdlet_vm()
    body["Zones"] = {"value": ["2"], "Count": 1}
    disks = body["StorageProfile"]["DataDisks"]
    body["StorageProfile"]["DataDisks"] = {"value": disks, "Count": len(disks)}
    read = fleet([body]).find("web-01").vm
    assert read.zones == ("2",)
    assert len(read.disks) == 2


def test_a_wrapper_whose_count_is_another_was_cut_short() -> None:
    with pytest.raises(InputUnreadable, match="count is 2, but there is 1 row"):
        fleet({"value": [cmdlet_vm()], "Count": 2})


def test_a_snapshot_of_a_cmdlet_is_found_for_its_disk() -> None:
    body = pascal(snapshot("s", disks_of()[0]["id"], NOW))
    known = fleet([cmdlet_vm()], [pascal(one) for one in disks_of()], [body]).find("web-01")
    assert known.coverage.snapshots is Reading.READ
    assert len(known.protections) == 1


def test_words_are_read_as_they_are_where_powershell_7_wrote_them() -> None:
    body = cmdlet_vm()
    body["StorageProfile"]["OsDisk"] |= {"OsType": "Windows", "Caching": "None"}
    read = fleet([body]).find("web-01").vm
    assert (read.os_type, read.disks[0].caching) == ("Windows", "None")


def test_a_number_that_stands_for_no_known_word_is_refused() -> None:
    body = cmdlet_vm()
    body["StorageProfile"]["OsDisk"]["OsType"] = 7
    with pytest.raises(InputUnreadable, match="-EnumsAsStrings") as caught:
        fleet([body])
    assert caught.value.place == "$[0].storageProfile.osDisk.osType"


# --- backup items ----------------------------------------------------------------------------


def test_a_backup_item_of_a_cmdlet_protects_its_vm() -> None:
    known = fleet([vm()], disks_of(), [cmdlet_item()]).find("web-01")
    assert known.protections[0].state is ProtectionState.ACTIVE
    assert known.protections[0].last_point == NOW


@pytest.mark.parametrize(
    ("number", "word"),
    [(1, "IRPending"), (2, "ProtectionError"), (3, "Protected"), (4, "ProtectionStopped")],
)
def test_the_numbers_of_its_state_are_azures_words(number: int, word: str) -> None:
    assert read_item(cmdlet_item(ProtectionState=number)).state == word
    assert read_item(cmdlet_item(ProtectionState=word)).state == word


def test_an_item_to_be_deleted_and_its_disks_are_read() -> None:
    read = read_item(cmdlet_item(DeleteState=1, IsInclusionList=True, DiskLunList=[0, 2]))
    assert read.soft_deleted
    assert read.disks == DiskList(frozenset({0, 2}), inclusion=True)
    assert read_item(cmdlet_item()).disks is None
    assert not read_item(cmdlet_item()).soft_deleted


def test_an_item_of_databases_is_told_from_one_of_a_vm() -> None:
    read = read_item(cmdlet_item(BackupManagementType=6, WorkloadType=4))
    assert read.of_database
    assert read_item(cmdlet_item(BackupManagementType="AzureVM")).of_vm


@pytest.mark.parametrize("body", [vault(), policy(), replicated(vm())])
def test_what_has_another_shape_in_powershell_is_refused_and_never_read_as_absent(
    body: dict[str, Any],
) -> None:
    with pytest.raises(InputUnreadable, match="A cmdlet wrote this") as caught:
        fleet([vm()], [pascal(body)])
    assert "az … -o json" in caught.value.problem


# --- what ConvertTo-Json cut -----------------------------------------------------------------

CUTS = [
    "@{imageReference=; osDisk=; dataDisks=System.Object[]}",
    "System.Collections.Hashtable",
    "System.Object[]",
    "Microsoft.Azure.Management.Compute.Models.StorageProfile",
    "Microsoft.Azure.Commands.Compute.Models.PSDisk Microsoft.Azure.Commands.Compute.Models.PSDisk",
    "System.Collections.Generic.Dictionary`2[System.String,System.String]",
]


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(
    "path",
    [
        ("storageProfile",),
        ("storageProfile", "osDisk"),
        ("storageProfile", "osDisk", "managedDisk"),
        ("storageProfile", "dataDisks"),
        ("storageProfile", "imageReference"),
        ("hardwareProfile",),
        ("securityProfile",),
        ("instanceView",),
        ("tags",),
        ("zones",),
    ],
)
def test_what_was_cut_is_named_and_never_read_as_absent(path: tuple[str, ...], cut: str) -> None:
    body = vm()
    inner = body
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = cut
    for written, place in ((body, "$[0]."), (pascal(body), "$[0]."), (rest(body), "$[0].")):
        with pytest.raises(InputUnreadable) as caught:
            fleet([written])
        assert caught.value.place.startswith(place)
        assert caught.value.place.endswith(path[-1])
        assert f"PowerShell cut {path[-1]} off" in caught.value.problem
        assert "ConvertTo-Json -Depth 20" in caught.value.problem


@pytest.mark.parametrize("cut", CUTS)
def test_rows_and_elements_that_were_cut_are_told_too(cut: str) -> None:
    body = vm()
    body["storageProfile"]["dataDisks"] = [cut]
    for written in ([cut], {"Data": [cut]}, [body]):
        with pytest.raises(InputUnreadable, match=r"PowerShell cut .* -Depth 20"):
            fleet(written)


def test_a_list_of_texts_that_was_cut_gets_the_same_remedy() -> None:
    """PowerShell joins a list of texts with spaces, which no sign tells from a text."""
    with pytest.raises(InputUnreadable, match=r"zones must be a list, but is “1”.*-Depth 20"):
        fleet([vm(zones="1")])


def test_a_disk_of_a_cmdlet_has_its_type_and_its_vm() -> None:
    body = pascal(disk("web-01-os", osType=1, managedBy=vm()["id"]))
    read = fleet([vm()], [body]).find("web-01").vm
    assert read.disks[0].reading is Reading.READ
    assert read.disks[0].is_os
