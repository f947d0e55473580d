"""Files that hold no inventory: each is told by name, with what to do instead."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inventory_samples import NOW, arm_id, bundle, fleet, graph, graph_page, snapshot, vm

from advisor.errors import EXIT_INPUT_UNREADABLE, EXIT_VM_NOT_FOUND, InputUnreadable, VmNotFound
from advisor.inventory import files
from advisor.inventory.documents import documents
from advisor.inventory.exports import parse_exports
from advisor.inventory.files import NamedText, read_files
from advisor.inventory.wrong_formats import TEXT_FORMATS

WHOLE = json.dumps([vm()], indent=2)


class Wrong(NamedTuple):
    """A wrong file: what it holds, what it is called, what is to be done."""

    holds: str | bytes
    called: str
    mend: str


WRONG = {
    "coloured": Wrong('\x1b[39m[\x1b[37m\n  {\x1b[94m"id"\x1b[39m: 1}\n]', "coloured", "-o json"),
    "coloured yaml": Wrong("\x1b[94mname\x1b[39m: web-01\n", "coloured", "-o json"),
    "table of az": Wrong("Name    Zones\n------  -------\nweb-01  1\n", "a table", "-o json"),
    "table of one column": Wrong("Result\n--------\nweb-01\n", "a table", "-o json"),
    "table of PowerShell": Wrong(
        "\nResourceGroupName   Name Location\n-----------------   ---- --------\nRG  web-01 we\n",
        "a table",
        "ConvertTo-Json -Depth 20",
    ),
    "box of a database": Wrong("+----+----+\n| id | nm |\n+----+----+\n", "a table", "-o json"),
    "Format-List": Wrong(
        "ResourceGroupName : RG-A\nId                : /subscriptions/1\n",
        "on the screen",
        "ConvertTo-Json -Depth 20",
    ),
    "tsv": Wrong("web-01\tRG-A\twesteurope\n", "tab-separated", "-o json"),
    "yaml": Wrong("- additionalCapabilities: null\n  name: web-01\n", "YAML", "-o json"),
    "yaml of one": Wrong("name: web-01\nlocation: westeurope\n", "YAML", "-o json"),
    "csv of the portal": Wrong("NAME,SUBSCRIPTION,LOCATION\nweb-01,prod,West\n", "CSV", "-o json"),
    "csv with quotes": Wrong('"Name","Location"\n"web-01","westeurope"\n', "CSV", "-o json"),
    "csv of Excel": Wrong("Name;Standort;Typ\nweb-01;westeurope;VM\n", "CSV", "-o json"),
    "ConvertTo-Csv": Wrong(
        '#TYPE Microsoft.Azure.Commands.Compute.Models.PSVirtualMachineList\n"Name"\n',
        "CSV",
        "ConvertTo-Json",
    ),
    "sign-in page": Wrong("<!DOCTYPE html>\n<html><body>Sign in</body></html>", "web", "az login"),
    "xml": Wrong('<?xml version="1.0"?><vms/>', "XML", "-o json"),
    "Export-Clixml": Wrong('<Objs Version="1.1.0.1"></Objs>', "own XML", "ConvertTo-Json"),
    "curl -i": Wrong("HTTP/1.1 401 Unauthorized\nServer: x\n\n", "headers", "az rest"),
    "git conflict": Wrong("<<<<<<< HEAD\n[]\n=======\n[1]\n>>>>>>> b\n", "merge", "Finish"),
    "git lfs": Wrong("version https://git-lfs.github.com/spec/v1\noid x\n", "LFS", "git lfs pull"),
    "error of az": Wrong("ERROR: Please run 'az login' to setup account.\n", "az login", "Mend"),
    "error before a list": Wrong(f"ERROR: (AuthorizationFailed) No.\n{WHOLE}", "Failed", "Mend"),
    "no az": Wrong("bash: az: command not found\n", "az wrote an error", "export again"),
    "no az on Windows": Wrong(
        "'az' is not recognized as an internal or external command,\n", "az wrote", "export again"
    ),
    "crash of az": Wrong(
        "The command failed with an unexpected error. Here is the traceback:\n", "az wrote", "Mend"
    ),
    "error of PowerShell": Wrong(
        "Get-AzVM : Run Connect-AzAccount to login.\nAt line:1 char:1\n    + CategoryInfo : X\n",
        "Connect-AzAccount",
        "export again",
    ),
    "Terraform": Wrong('resource "azurerm_virtual_machine" "a" {\n}\n', "Terraform", "-o json"),
    "Bicep": Wrong("param location string\n\nresource vm 'Microsoft.C@1' = {}\n", "Bicep", "-o"),
    "Python": Wrong("[{'name': 'web-01', 'zones': None}]", "Python", "json.dumps"),
    "Python's words": Wrong('[{"name": None}]', "Python", "json.dumps"),
    "note": Wrong("# Our VMs\n\nweb-01 is the first.\n", "a note", "az vm list -o json >"),
    "prose": Wrong("web-01 is in westeurope", "web-01 is in westeurope", "-o json"),
    "empty": Wrong("", "empty", "-o json"),
    "blank": Wrong("\r\n \r\n", "empty", "-o none"),
    "cut in an object": Wrong(WHOLE[:300], "cut short", "-o json"),
    "cut in a word": Wrong('[{"enabled": tru', "cut short", "-o json"),
    "cut at the start": Wrong('    "name": "web-01"\n  }\n]\n', "no JSON", "-o json"),
    "trailing comma": Wrong('[{"id": "x",}]', "comma", "Take the comma out"),
    "trailing comma of a list": Wrong('[\n  {"id": "x"},\n\n]', "comma", "Take the comma out"),
    "missing comma": Wrong('[{"id": "x"} {"id": "y"}]', "comma is missing", "-o json"),
    "comment": Wrong('[\n  // the first\n  {"id": "x"}\n]', "comment", "Take it out"),
    "key without quotes": Wrong('[{id: "x"}]', "without quotes", "-o json"),
    "NaN": Wrong('[{"size": NaN}]', "NaN is not a number", "-o json"),
    "copied from a window": Wrong('[{"id": "/subscr\niptions"}]', "line break", "> vms.json"),
    "huge number": Wrong('[{"lun": ' + "9" * 5000 + "}]", "more than 4,300 digits", "-o json"),
    "depth": Wrong("[" * 100_000, "nested deeper", "-o json"),
    "null": Wrong("null", "null alone", "az vm list"),
    "text": Wrong('"web-01"', "a list of resources", "az vm list"),
    "converted twice": Wrong(json.dumps(WHOLE), "converted twice", "Convert it once"),
    "names alone": Wrong('["web-01", "web-02"]', "must be an object", "--query"),
    "lists in a list": Wrong("[[], []]", "is a list", "jq -s add"),
    "some columns": Wrong('[{"name": "web-01", "size": "D4"}]', "id is missing", "--query"),
    "error of ARM": Wrong(
        '{"error": {"code": "AuthorizationFailed"}}', "AuthorizationFailed", "az account show"
    ),
    "bare error": Wrong('{"code": "NotFound", "message": "no"}', "NotFound", "az account show"),
    "Terraform's state": Wrong(
        '{"version": 4, "terraform_version": "1.9.0", "resources": []}', "state", "az vm list"
    ),
    "template": Wrong(
        '{"$schema": "x", "contentVersion": "1.0.0.0", "resources": []}', "template", "az vm list"
    ),
    "parameters": Wrong(
        '{"$schema": "x", "contentVersion": "1.0.0.0", "parameters": {}}', "template", "az vm list"
    ),
    "status of one VM": Wrong(
        '{"ResourceGroupName": "RG", "Name": "a", "VMAgent": {}, "Statuses": []}',
        "leaves its id",
        "without -Status",
    ),
    "metadata service": Wrong('{"compute": {}, "network": {}}', "metadata", "az vm list"),
    "addresses": Wrong('[{"virtualMachine": {"name": "a"}}]', "addresses", "az vm list"),
    "sizes": Wrong('[{"memoryInMb": 1, "numberOfCores": 1}]', "VM sizes", "az vm list"),
    "prices": Wrong('{"BillingCurrency": "USD", "Items": []}', "price list", "az vm list"),
    "subscriptions": Wrong('[{"id": "1", "tenantId": "2", "isDefault": true}]', "subscr", "az vm"),
    "AWS": Wrong('{"Reservations": []}', "AWS", "az vm list"),
    "resource groups": Wrong(
        '[{"id": "/subscriptions/1/rg", "type": "Microsoft.Resources/resourceGroups"}]',
        "microsoft.resources/resourcegroups",
        "az vm list",
    ),
    "scale sets": Wrong(
        json.dumps([{"id": arm_id("Microsoft.Compute/virtualMachineScaleSets", "s")}]),
        "scale sets",
        "az vmss list-instances",
    ),
    "workbook": Wrong(b"PK\x03\x04\x14\0xl/workbook.xml", "Excel", "-o json"),
    "old Office": Wrong(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office", "-o json"),
    "gzip": Wrong(b"\x1f\x8b\x08\0\0\0", "gzip", "gunzip"),
    "pdf": Wrong(b"%PDF-1.7\n%\xe2\xe3\xcf", "PDF", "-o json"),
    "picture": Wrong(b"\x89PNG\r\n\x1a\n\0\0", "picture", "-o json"),
    "program": Wrong(b"\x7fELF\x02\x01\x01\0", "program", "-o json"),
    "zeros": Wrong(bytes(4096), "zero bytes", "Make room"),
    "bytes": Wrong(b"\x01\x02\xff\0\xfe\x07\0\x99", "not text", "-o json"),
}


def refusal(path: Path) -> InputUnreadable:
    with pytest.raises(InputUnreadable) as caught:
        parse_exports(read_files([str(path)], io.BytesIO()), NOW)
    return caught.value


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_told_by_name_with_what_to_do(wrong: Wrong, tmp_path: Path) -> None:
    path = tmp_path / "vms.json"
    path.write_bytes(wrong.holds if isinstance(wrong.holds, bytes) else wrong.holds.encode())
    error = refusal(path)
    assert error.source == str(path)
    assert error.exit_code == EXIT_INPUT_UNREADABLE
    assert wrong.called in error.problem
    assert wrong.mend in error.problem
    assert error.problem.endswith((".", ".json."))


TEXTS = {name: wrong for name, wrong in WRONG.items() if isinstance(wrong.holds, str)}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_wrong_file_of_windows_is_told_alike(name: str, encoding: str, tmp_path: Path) -> None:
    """With a mark, blank lines before it and line ends of two characters."""
    wrong = TEXTS[name]
    path = tmp_path / "vms.json"
    path.write_bytes(("\r\n" * 3 + wrong.holds.replace("\n", "\r\n")).encode(encoding))
    error = refusal(path)
    assert wrong.called in error.problem
    assert wrong.mend in error.problem


def test_every_row_of_the_formats_is_met_by_a_wrong_file() -> None:
    """A row that no file of the table meets would be a row that nothing holds."""
    said = []
    for wrong in WRONG.values():
        if isinstance(wrong.holds, str):
            try:
                documents(NamedText("f", wrong.holds))
            except InputUnreadable as error:
                said.append(error.problem)
    for row in TEXT_FORMATS:
        begins = row.sentences.split("“")[0]
        assert any(problem.startswith(begins) for problem in said), row.name


def test_a_directory_a_missing_and_a_forbidden_name_are_told_apart(tmp_path: Path) -> None:
    assert "Name the files in it" in refusal(tmp_path).problem
    assert "does not exist" in refusal(tmp_path / "missing.json").problem
    assert "cannot be read" in refusal(tmp_path / ("x" * 300)).problem


def test_what_is_too_large_is_not_called_malformed(tmp_path: Path) -> None:
    path = tmp_path / "vms.json"
    with path.open("wb") as file:  # sparse: as large as it says, and nothing is written
        file.truncate(files.LARGEST_FILE_MIB * 1024**2 + 1)
    problem = refusal(path).problem
    assert f"larger than {files.LARGEST_FILE_MIB} MiB" in problem
    assert "one subscription at a time" in problem


def test_an_error_of_az_is_shown_without_what_a_terminal_would_obey() -> None:
    with pytest.raises(InputUnreadable) as caught:
        documents(NamedText("f", "ERROR: \x07\x9b31m" + "x" * 500))
    assert "\x07" not in str(caught.value)
    assert len(str(caught.value)) < 300


EMPTY = (
    [],
    {"value": []},
    {"value": [], "nextLink": None},
    graph_page([]),
    {"Data": [], "SkipToken": None},
    bundle([]),
    bundle([], "snapshots"),
)


@pytest.mark.parametrize("empty", EMPTY)
def test_an_empty_list_says_so_and_asks_for_the_subscription(empty: Any) -> None:
    with pytest.raises(VmNotFound) as caught:
        fleet(empty).find("web-01")
    assert caught.value.exit_code == EXIT_VM_NOT_FOUND
    assert str(caught.value).startswith("1.json holds an empty list: no VM is in it.")
    assert "az account show" in str(caught.value)


def test_several_empty_lists_are_named_together() -> None:
    with pytest.raises(VmNotFound, match=r"1\.json and 2\.json hold empty lists: no VM"):
        fleet([], []).find("web-01")


def test_files_without_a_vm_say_what_they_hold() -> None:
    with pytest.raises(VmNotFound, match=r"hold snapshots, but no VM\. Add the file of az vm list"):
        fleet([snapshot("s", vm()["id"], NOW)], []).find("web-01")


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_file_is_read_or_refused_in_sentences(content: bytes) -> None:
    problem = "."
    try:
        parse_exports(read_files(["-"], io.BytesIO(content)), NOW)
    except InputUnreadable as error:
        problem = error.problem
    assert problem.endswith(".")


@settings(max_examples=100, deadline=None)
@given(st.integers(1, len(WHOLE) - 2))
def test_a_list_cut_anywhere_is_never_read_as_a_shorter_one(kept: int) -> None:
    with pytest.raises(InputUnreadable):
        parse_exports([NamedText("f", WHOLE[:kept])], NOW)


def test_a_resource_is_no_wrong_file_because_of_a_key_that_it_has() -> None:
    """A network card printed alone names its VM, as the rows of az vm list-ip-addresses do."""
    card = {"id": arm_id("Microsoft.Network/networkInterfaces", "n"), "virtualMachine": {}}
    with pytest.raises(InputUnreadable, match=r"but microsoft\.network/networkinterfaces"):
        fleet(card)
    assert fleet({**vm(), "virtualMachine": {}, "compute": {}, "network": {}}).find("web-01")


def test_a_graph_answer_of_other_things_names_what_it_holds() -> None:
    card = {"id": arm_id("Microsoft.Network/networkInterfaces", "n")}
    row = graph({**card, "type": "Microsoft.Network/networkInterfaces"})
    with pytest.raises(InputUnreadable, match=r"microsoft\.network/networkinterfaces"):
        fleet(graph_page([row]))
