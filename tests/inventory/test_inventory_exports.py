"""Files as engineers make them: every kind is recognised, every damage names its file and place."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inventory_samples import (
    NOW,
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
    rest,
    snapshot,
    text,
    vault,
    vm,
)

from advisor.errors import InputUnreadable
from advisor.inventory.export_text import open_text
from advisor.inventory.exports import parse_exports
from advisor.inventory.files import STANDARD_INPUT, NamedText, read_files
from advisor.model import ProtectionKind, ProtectionState, Reading


def table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Resource Graph's table format of rows."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = [{"name": name, "type": "string"} for name in names]
    return graph_page(
        rows, data={"columns": columns, "rows": [[r.get(n) for n in names] for r in rows]}
    )


SHAPES: list[Callable[[list[dict[str, Any]]], Any]] = [
    lambda rows: rows,
    lambda rows: [rest(row) for row in rows],
    lambda rows: {"value": [rest(row) for row in rows]},
    lambda rows: {"value": [rest(row) for row in rows], "nextLink": None},
    lambda rows: graph_page([graph(row) for row in rows]),
    lambda rows: table([graph(row) for row in rows]),
    lambda rows: bundle([graph(row) for row in rows]),
    lambda rows: bundle(rows, "disks"),
    lambda rows: {
        "totalRecords": len(rows),
        "count": len(rows),
        "data": [graph(r) for r in rows],
        "facets": [],
        "resultTruncated": "false",
    },
]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_list_gives_the_same_vm(
    shape: Callable[[list[dict[str, Any]]], Any],
) -> None:
    """az's lists, REST pages, both formats of Resource Graph, our bundle."""
    known = fleet(shape([vm(), *disks_of()])).find("web-01")
    assert known.vm == fleet([vm(), *disks_of()]).find("web-01").vm
    assert known.coverage.disks is Reading.READ
    assert [one.size_gib for one in known.vm.disks] == [256, 256]


def test_one_vm_printed_alone_is_an_inventory() -> None:
    """`az vm show -d -o json`."""
    assert fleet(vm(powerState="VM running")).find("web-01").vm.power_state == "running"


def test_the_files_of_several_commands_are_one_inventory() -> None:
    """az vm list, disk list, snapshot list, backup vault, policy and item list."""
    known = fleet(
        [vm()],
        disks_of(),
        [snapshot("s", disks_of()[0]["id"], NOW)],
        [vault()],
        [policy()],
        [item(vm())],
    ).find("web-01")
    assert {one.kind for one in known.protections} == {
        ProtectionKind.BACKUP,
        ProtectionKind.SNAPSHOTS,
    }
    assert known.protections[0].state is ProtectionState.ACTIVE
    assert known.coverage.disks is Reading.READ
    assert known.coverage.snapshots is Reading.READ


def test_a_disk_resource_and_the_vms_profile_are_one_disk() -> None:
    """The resource knows size, SKU and encryption; the VM knows lun and caching."""
    disks = [
        disk(
            "web-01-os",
            osType="Linux",
            hyperVGeneration="V2",
            supportedCapabilities={"architecture": "Arm64"},
        ),
        disk("web-01-data", maxShares=3),
    ]
    whole = fleet([vm()], disks).find("web-01").vm
    assert [(one.is_os, one.lun, one.caching, one.max_shares) for one in whole.disks] == [
        (True, None, "ReadWrite", 1),
        (False, 0, "ReadOnly", 3),
    ]
    assert (whole.generation, whole.architecture) == ("V2", "Arm64")
    assert [one.azure_disk_encryption for one in whole.disks] == [False, False]


def test_the_order_of_files_does_not_matter() -> None:
    parts = ([vm()], disks_of(), [vault()], [item(vm())], [policy()])
    assert fleet(*parts).vms == fleet(*reversed(parts)).vms


def test_a_resource_in_two_files_counts_once_and_the_more_complete_one_wins() -> None:
    """`az vm list` beside `az vm show -d`, in either order and with ids in either case."""
    poor, rich = vm(), vm(powerState="VM running", id=vm()["id"].upper())
    for order in ((poor, rich), (rich, poor)):
        (known,) = fleet(*([one] for one in order)).vms
        assert known.vm.power_state == "running"


def test_what_is_no_business_of_ours_is_left_aside() -> None:
    """A graph export of everything also holds network cards."""
    card = {
        "id": arm_id("Microsoft.Network/networkInterfaces", "nic"),
        "type": "microsoft.network/networkinterfaces",
    }
    assert len(fleet(graph_page([card, graph(vm())])).vms) == 1


@pytest.mark.parametrize(
    ("body", "place", "problem"),
    [
        ([1], "$[0]", "must be an object"),
        ([vm(), {"name": "x"}], "$[1]", "id is missing"),
        ("web-01", "$", "must be a list of resources"),
        ({"value": {}}, "$.value", "value must be a list"),
        (
            {"value": [rest(vm())], "nextLink": "https://x/?$skiptoken=1"},
            "$.nextLink",
            "more pages",
        ),
        ({"data": 3}, "$.data", "data must be a list"),
        ({"data": {"columns": []}}, "$.data", "columns and rows"),
        ({"data": {"columns": [{}], "rows": []}}, "$.data.columns", "a name"),
        (
            {"data": {"columns": [{"name": "id"}], "rows": [["a", "b"]]}},
            "$.data.rows[0]",
            "a list of 1 values",
        ),
        (graph_page([graph(vm())], skip_token="abc"), "$", "It holds 1 of 1 rows"),
        (graph_page([graph(vm())], total_records=2994), "$", "It holds 1 of 2,994 rows"),
        (graph_page([graph(vm())], count=2), "$.count", "count is 2, but there is 1 row"),
        (graph_page([graph(vm())], resultTruncated="true"), "$.resultTruncated", "left rows out"),
        (graph_page([graph(vm())], resultTruncated=True), "$.resultTruncated", "left rows out"),
        (graph_page([graph(vm())], total_records="1"), "$.totalRecords", "a whole number"),
        ({"data": [graph(vm())], "$skipToken": "abc"}, "$", "the rest was not supplied"),
        ({"error": {"code": "AuthorizationFailed"}}, "$.error", "AuthorizationFailed"),
        ({"vmbackup": {"version": 2}, "resources": []}, "$.vmbackup.version", "must be 1"),
        ({"vmbackup": {"version": 1}}, "$.resources", "resources must be a list"),
        (bundle([], "everything"), "$.vmbackup.read", "“everything” is not one of"),
        (
            graph_page([{**graph(vm()), "vmbackupRead": "all"}]),
            "$.data[0].vmbackupRead",
            "“all” is not one of",
        ),
        (
            graph_page([{**graph(vm()), "vmbackupRead": ["disks"]}]),
            "$.data[0].vmbackupRead",
            "vmbackupRead must be a text",
        ),
        (
            [{"id": arm_id("Microsoft.Network/virtualNetworks", "n")}],
            "$[0]",
            "microsoft.network/virtualnetworks",
        ),
        ([vm(zones="1")], "$[0].zones", "zones must be a list"),
        (
            {"value": [rest(disk(maxShares="2"))]},
            "$.value[0].properties.maxShares",
            "maxShares must be a whole number",
        ),
    ],
)
def test_what_cannot_be_trusted_is_refused_naming_file_place_and_problem(
    body: Any, place: str, problem: str
) -> None:
    with pytest.raises(InputUnreadable) as caught:
        parse_exports([text([vm("db-01")], "good.json"), text(body, "bad.json")], NOW)
    assert caught.value.source == "bad.json"
    assert caught.value.place == place
    assert problem in caught.value.problem
    assert "bad.json" in str(caught.value)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ('[\n  {"id" 1}\n]', "line 2, column 9"),
        ("[", "line 1, column 2"),
        ("", ""),
        ("  \n", ""),
        ("[NaN]", ""),
        ("[" * 100_000, ""),
        ("[" + "1" * 5000 + "]", ""),
        ("[}", "line 1, column 2"),
    ],
)
def test_a_damaged_file_names_its_line_and_column(written: str, place: str) -> None:
    with pytest.raises(InputUnreadable) as caught:
        parse_exports([NamedText("vms.json", written)], NOW)
    assert caught.value.source == "vms.json"
    assert caught.value.place == place


def pages(rows: list[dict[str, Any]], size: int) -> list[dict[str, Any]]:
    cut = [rows[start : start + size] for start in range(0, len(rows), size)]
    return [
        graph_page(part, total_records=len(rows), skip_token="t" if part is not cut[-1] else None)
        for part in cut
    ]


def test_all_pages_of_a_graph_answer_together_are_whole() -> None:
    rows = [graph(vm(f"vm-{number}")) for number in range(7)]
    assert len(fleet(*pages(rows, 3)).vms) == 7


@pytest.mark.parametrize("left_out", [0, 1, 2])
def test_a_page_that_was_left_out_is_an_error(left_out: int) -> None:
    rows = [graph(vm(f"vm-{number}")) for number in range(7)]
    some = pages(rows, 3)
    del some[left_out]
    with pytest.raises(InputUnreadable, match="the rest was not supplied"):
        fleet(*some)


def test_the_same_page_twice_does_not_stand_for_the_one_that_is_missing() -> None:
    first = pages([graph(vm(f"vm-{number}")) for number in range(6)], 3)[0]
    with pytest.raises(InputUnreadable, match="3 of 6 rows"):
        fleet(first, first)


def test_files_are_read_in_the_encodings_that_shells_write(tmp_path: Path) -> None:
    """UTF-8 with and without a mark, and the UTF-16 of Windows PowerShell's `>`."""
    written = json.dumps([vm("über-01")], ensure_ascii=False)
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path = tmp_path / f"{encoding}.json"
        path.write_bytes(written.encode(encoding))
        (read,) = read_files([str(path)], io.BytesIO())
        assert read == NamedText(str(path), written)


def test_a_dash_is_standard_input_and_each_file_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "vms.json"
    path.write_text("[]")
    read = read_files(["-", str(path), "-", str(path)], io.BytesIO(b"{}"))
    assert read == (NamedText(STANDARD_INPUT, "{}"), NamedText(str(path), "[]"))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    binary = tmp_path / "vms.xlsx"
    binary.write_bytes(b"PK\x03\x04\xff\xfe\xfa")
    for path in (tmp_path / "missing.json", tmp_path, binary):
        with pytest.raises(InputUnreadable) as caught:
            read_files([str(path)], io.BytesIO())
        assert caught.value.source == str(path)
        assert caught.value.exit_code == 4


def test_hostile_names_stay_names() -> None:
    """A tag or a name is only ever a text."""
    name = "<script>*bold* `x` {} %s \u202e"
    known = fleet([vm(name, tags={name: name})]).find(name)
    assert known.vm.name == name
    assert known.vm.tags == {name: name}


def test_a_vault_of_azure_disk_backup_is_no_recovery_services_vault() -> None:
    other = {"id": arm_id("Microsoft.DataProtection/backupVaults", "b"), "location": "westeurope"}
    known = fleet(bundle([vm(), other, vault()])).find("web-01")
    assert known.protections == ()
    assert SUBSCRIPTION in known.vm.id
    assert VAULTS in vault()["id"]


def test_a_file_nested_without_end_is_refused_in_plain_words() -> None:
    with pytest.raises(InputUnreadable, match="nested deeper than any export") as refused:
        open_text(NamedText("deep.json", "[" * 100_000))
    assert "recursion" not in str(refused.value)
