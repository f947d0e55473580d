"""Texts as shells write them: encodings, warnings, prompts, several documents, lists in pages."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from inventory_samples import (
    NOW,
    OTHER_SUBSCRIPTION,
    arm_id,
    disk,
    disks_of,
    fleet,
    graph,
    graph_page,
    item,
    rest,
    snapshot,
    vm,
)

from advisor.errors import InputUnreadable
from advisor.inventory.documents import documents
from advisor.inventory.export_text import GRAPH_STOPS
from advisor.inventory.exports import parse_exports
from advisor.inventory.files import NamedText, guesses, read_files
from advisor.model import Reading

TAGGED = json.dumps([vm(tags={"Eigentümer": "Zoë"})], ensure_ascii=False, indent=2)


def read(content: bytes) -> NamedText:
    (text,) = read_files(["-"], io.BytesIO(content))
    return text


# --- encodings -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_unicode_is_read_with_and_without_a_mark(encoding: str) -> None:
    """`>` of Windows PowerShell marks its UTF-16, `cmd /u` does not."""
    text = read(TAGGED.encode(encoding))
    assert text.text == TAGGED
    assert not [*guesses([text])]


@pytest.mark.parametrize("page", ["cp1252", "cp850"])
def test_a_code_page_of_windows_is_read_and_the_guess_is_said(page: str) -> None:
    text = read(TAGGED.encode(page))
    assert text.text == TAGGED
    (said,) = guesses([text])
    assert page in said
    assert "chcp 65001" in said
    assert "PYTHONUTF8=1" in said


def test_a_byte_that_cp1252_does_not_know_stops_nothing() -> None:
    text = read(TAGGED.encode("cp1252").replace(b"Zo\xeb", b"Zo\xeb\x81"))
    assert parse_exports([text], NOW).find("web-01").vm.tags["Eigentümer"].startswith("Zoë")


# --- what stands beside the JSON -------------------------------------------------------------

ONE = json.dumps([vm()], indent=2)


@pytest.mark.parametrize(
    "text",
    [
        f"WARNING: This command is in preview and under development.\n{ONE}",
        f"{ONE}\nWARNING: You have 2 updates available. Consider az upgrade.\n",
        f"C:\\Users\\Zoë> az vm list -o json\n{ONE}\n\nC:\\Users\\Zoë>",
        f"PS C:\\> Get-AzVM | ConvertTo-Json\r\n{ONE}\r\nPS C:\\> ",
        f"[azureuser@jump ~]$ az vm list\n{ONE}\n[azureuser@jump ~]$ ",
        f"azureuser@jump:~$ az vm list\n{ONE}",
        f"/opt/az/x.py:3: UserWarning: old\n  warnings.warn('old')\n{ONE}",
        f"HTTP/1.1 200 OK\nContent-Type: application/json; charset=utf-8\n\n{ONE}",
        f"\ufeff\n{ONE}\x1a",
        f"\x1b[33mWARNING: az is old.\x1b[0m\n{ONE}",
    ],
)
def test_a_warning_a_prompt_and_what_copies_leave_are_left_aside(text: str) -> None:
    assert parse_exports([NamedText("f", text)], NOW).find("web-01").vm.name == "web-01"


def test_several_documents_in_one_file_are_one_inventory() -> None:
    """`az vm list > all.json; az disk list >> all.json`, with a mark between them."""
    text = f"{ONE}\n\ufeff{json.dumps(disks_of())}{json.dumps([snapshot('s', '/x', NOW)])}"
    known = parse_exports([NamedText("f", text)], NOW).find("web-01")
    assert known.coverage.disks is Reading.READ
    assert known.coverage.snapshots is Reading.READ


def test_json_lines_are_read_and_are_no_whole_list() -> None:
    """Nobody can tell whether the lines are all that there are."""
    rows = [vm(), *disks_of(), snapshot("s", "/x", NOW)]
    text = "\n".join(json.dumps(row) for row in rows)
    known = parse_exports([NamedText("f", text)], NOW).find("web-01")
    assert known.coverage.disks is Reading.READ
    assert known.coverage.snapshots is Reading.NOT_SUPPLIED


def test_the_lines_of_a_graph_answer_may_hold_what_is_no_business_of_ours() -> None:
    card = {"id": arm_id("Microsoft.Network/networkInterfaces", "nic")}
    text = "\n".join(json.dumps(row) for row in (card, vm()))
    assert parse_exports([NamedText("f", text)], NOW).find("web-01")


def test_an_error_in_json_lines_names_its_line() -> None:
    text = "\n".join([json.dumps(vm()), "", json.dumps(disk(maxShares="2"))])
    with pytest.raises(InputUnreadable) as caught:
        parse_exports([NamedText("f", text)], NOW)
    assert caught.value.place == "line 3, $.maxShares"


def test_damage_in_a_later_document_names_its_place() -> None:
    with pytest.raises(InputUnreadable) as caught:
        documents(NamedText("f", f'{ONE}\n{{"id": "x",}}'))
    assert caught.value.place == f"line {ONE.count(chr(10)) + 2}, column 12"


# --- lists in pages --------------------------------------------------------------------------

NEXT = "https://management.azure.com/subscriptions/x?$skiptoken=1"


def page(rows: list[dict[str, Any]], link: str | None = None) -> dict[str, Any]:
    return {"value": [rest(row) for row in rows], "nextLink": link}


def test_the_pages_of_a_list_of_arm_together_are_whole() -> None:
    assert len(fleet(page([vm("a")], NEXT), page([vm("b")], NEXT + "2"), page([vm("c")])).vms) == 3


def test_pages_in_one_file_are_whole_too() -> None:
    text = json.dumps(page([vm("a")], NEXT)) + "\n" + json.dumps(page([vm("b")]))
    assert len(parse_exports([NamedText("f", text)], NOW).vms) == 2


def test_a_page_that_another_follows_is_refused_beside_the_end_of_another_list() -> None:
    """Disks are no last page of VMs, nor are the VMs of another subscription, nor is nothing."""
    others = (
        disks_of(),
        [],
        [{**vm(), "id": vm()["id"].replace(vm()["id"].split("/")[2], OTHER_SUBSCRIPTION)}],
    )
    for other in others:
        with pytest.raises(InputUnreadable, match="more pages follow") as caught:
            fleet(page([vm("a")], NEXT), page(other))
        assert caught.value.place == "$.nextLink"


def test_pages_of_search_azgraph_together_are_whole_and_the_last_must_be_there() -> None:
    """They have a SkipToken and no total."""
    first = {"SkipToken": "abc", "Data": [graph(vm("a"))]}
    last = {"SkipToken": None, "Data": [graph(vm("b"))]}
    assert len(fleet(first, last).vms) == 2
    with pytest.raises(InputUnreadable, match=r"It holds 1 row; the rest was not supplied"):
        fleet(first, {"Data": [graph(item(vm()))]})


@pytest.mark.parametrize("rows", [99, 100, 101, 1000])
def test_a_bare_list_that_ends_where_resource_graph_stops_is_not_known_to_be_whole(
    rows: int,
) -> None:
    """`Search-AzGraph | ConvertTo-Json` and `--query data` leave out what says so."""
    listed = [graph(vm(f"vm-{number}")) for number in range(rows)]
    if rows in GRAPH_STOPS:
        with pytest.raises(InputUnreadable, match=r"whether these are all is not known.*-First"):
            fleet(listed)
    else:
        assert len(fleet(listed).vms) == rows
    assert len(fleet(graph_page(listed)).vms) == rows
    assert len(fleet([vm(f"vm-{number}") for number in range(rows)]).vms) == rows


def test_a_page_of_az_is_not_completed_by_one_without_a_total() -> None:
    with pytest.raises(InputUnreadable, match="1 of 2 rows"):
        fleet(
            graph_page([graph(vm("a"))], total_records=2, skip_token="x"),
            {"Data": [graph(vm("b"))]},
        )
