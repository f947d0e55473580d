"""The three queries: what they bring, within Resource Graph's limits, and what cannot get in."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.errors import UsageError
from advisor.inventory.coverage import InventoryPart
from advisor.inventory.resource_graph import (
    WantedVm,
    az_command,
    names_query,
    queries,
    quoted,
    wanted_vm,
)
from tests.wire import sample_fleet
from tests.wire.kql import Graph, limits, refusal

BY_NAME = WantedVm("web-01")
NARROWINGS = (
    None,
    BY_NAME,
    WantedVm("web-01", "shop"),
    WantedVm("web-01", "shop", sample_fleet.SUBSCRIPTION),
)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph(sample_fleet.shop())


def names(graph: Graph, wanted: WantedVm | None, number: int) -> set[str]:
    return {row["id"].rsplit("/", 1)[-1] for row in graph.ask(queries(wanted)[number].text)}


def test_a_name_brings_the_vm_and_its_disks(graph: Graph) -> None:
    assert names(graph, BY_NAME, 0) == {"web-01", "web-01-os", "web-01-data"}


def test_a_shared_disk_comes_with_each_vm_although_managed_by_names_one(graph: Graph) -> None:
    assert names(graph, WantedVm("db-02"), 0) == {"db-02", "db-02-os", "shared-quorum"}


def test_a_name_brings_its_items_and_only_the_policies_they_name(graph: Graph) -> None:
    items = {row["type"].rsplit("/", 1)[-1]: row for row in graph.ask(queries(BY_NAME)[1].text)}
    assert set(items) == {
        "protecteditems",
        "backuppolicies",
        "replicationprotecteditems",
        "replicationpolicies",
    }
    assert items["backuppolicies"]["name"] == "four-hourly"


def test_a_name_brings_the_databases_in_it_and_the_backups_of_its_disks(graph: Graph) -> None:
    """One of the databases names no VM: the container that it lies in does."""
    for wanted in (WantedVm("sql-01"), WantedVm("SQL-01", "shop")):
        found = [name.rsplit(";", 1)[-1] for name in sorted(names(graph, wanted, 1))]
        assert found == ["SQL-01-data-i", "orders", "stock", "four-hourly"]


def test_the_vault_of_an_item_tells_how_many_it_holds_of_any_vm(graph: Graph) -> None:
    """Its redundancy can be changed, and what that costs is said, only over all of them."""
    vaults = {
        row["name"]: (row["vmbackupItems"], row["vmbackupBackedUp"])
        for row in graph.ask(queries(BY_NAME)[2].text)
        if row["type"].endswith("/vaults")
    }
    assert vaults == {"vault-1": (3, 3), "vault-2": (0, 0)}


@pytest.mark.parametrize("never", [None, "", "0001-01-01T00:00:00", "2001-01-01T00:00:00Z"])
def test_an_item_that_azure_says_never_had_a_backup_has_none_in_its_vault(
    never: str | None,
) -> None:
    rows = sample_fleet.shop()
    for row in rows:
        if row["type"].endswith("/protecteditems"):
            row["properties"] |= {"lastRecoveryPoint": never, "lastBackupTime": never}
    [vault] = [row for row in Graph(rows).ask(queries(BY_NAME)[2].text) if row["name"] == "vault-1"]
    assert (vault["vmbackupItems"], vault["vmbackupBackedUp"]) == (3, 0)


def test_a_name_brings_snapshots_their_copies_points_and_the_vaults_of_its_items(
    graph: Graph,
) -> None:
    assert names(graph, BY_NAME, 2) == {
        "web-01-before-update",
        "web-01-elsewhere",
        "web-01-points",
        "monday",
        "vault-1",
        "vault-2",
    }


def test_an_unprotected_vm_brings_nothing_of_others(graph: Graph) -> None:
    assert names(graph, WantedVm("web-02"), 1) == set()
    assert names(graph, WantedVm("web-02"), 2) == set()


def test_a_group_or_a_full_id_tells_vms_of_one_name_apart(graph: Graph) -> None:
    both = graph.ask(queries(WantedVm("WEB-02"))[0].text)
    assert sum(row["type"].endswith("virtualmachines") for row in both) == 2
    for wanted in (
        WantedVm("web-02", "LAB"),
        WantedVm("web-02", "lab", sample_fleet.OTHER_SUBSCRIPTION),
    ):
        one = graph.ask(queries(wanted)[0].text)
        assert {row["resourceGroup"] for row in one} == {"lab"}
        assert len(one) == 2


def test_without_a_name_everything_comes_once_and_whole(graph: Graph) -> None:
    rows = [row for query in queries(None) for row in graph.ask(query.text)]
    by_id = {row["id"]: row for row in rows}
    sample = {row["id"]: row for row in sample_fleet.shop()}
    assert by_id.keys() == sample.keys()
    assert len(rows) == len(sample)
    for arm_id, row in by_id.items():
        marked = row.pop("vmbackupRead")
        assert set(marked.split()) <= set(InventoryPart)
        assert row == {name: sample[arm_id][name] for name in row}


def test_a_row_narrowed_by_name_is_the_same_whole_resource(graph: Graph) -> None:
    everything = {row["id"]: row for query in queries(None) for row in graph.ask(query.text)}
    for query in queries(BY_NAME):
        for row in graph.ask(query.text):
            everything[row["id"]].pop("vmbackupRead", None)
            row.pop("vmbackupItems", None)
            row.pop("vmbackupBackedUp", None)
            assert {k: v for k, v in row.items() if v} == {
                k: v for k, v in everything[row["id"]].items() if v
            }


def test_nothing_is_packed_before_it_is_narrowed_to_the_vm() -> None:
    """To pack is to hold whole resources in the memory that Resource Graph allows a query."""
    text = queries(BY_NAME)[2].text
    narrowed, packed = text.split("| extend whole = bag_pack(")
    assert narrowed.count("| join kind=leftouter") == 2
    assert "join" not in packed
    assert narrowed.rstrip().rpartition("\n")[2].startswith("| where found == 1")


@pytest.mark.parametrize("wanted", NARROWINGS)
def test_every_query_stays_within_resource_graphs_limits(wanted: WantedVm | None) -> None:
    for query in (*queries(wanted), names_query()):
        used = limits(query.text)
        assert used.joins_and_unions <= 3
        assert used.mv_expands <= 3
        assert used.most_uses_of_a_right_hand_table <= 1
        assert used.tables_joined_across <= 1
        assert not re.search(r"\bunion\b", query.text)
        assert re.search(r"\| project id[ ,=]", query.text)
        assert query.text.endswith("| order by id asc")


def test_the_limits_are_counted_and_a_query_beyond_them_is_refused() -> None:
    twice = "resources | join (resources | take 1) on id | union (resources | take 1)"
    assert limits(twice) == (2, 0, 2, 0)
    assert refusal(twice) == "DisallowedMaxNumberOfRemoteTables"
    assert refusal("a" + " | join (b) on id" * 4) == "DisallowedMaxNumberOfJoins"
    assert refusal("a" + " | mv-expand x" * 4) == "DisallowedMaxNumberOfMvExpands"
    assert limits("resources | where name == 'join (x) union (y)'").joins_and_unions == 0


@pytest.mark.parametrize(
    "text",
    [
        "x' or 1==1 | project id //",
        "x' or 1==1",
        "web 01",
        "",
        "/",
        "a/b/c",
        "x" * 65,
        "web\n01",
        "web-01\\",
        "группа\u0000/web-01",
        "/subscriptions/1/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/web-01",
        f"/subscriptions/{sample_fleet.SUBSCRIPTION}/resourceGroups/g'/providers/"
        "Microsoft.Compute/virtualMachines/web-01",
        f"/subscriptions/{sample_fleet.SUBSCRIPTION}/resourceGroups/g/providers/"
        "Microsoft.Sql/virtualMachines/web-01",
    ],
)
def test_what_is_not_a_vms_name_is_refused_before_a_query_is_built(text: str) -> None:
    with pytest.raises(UsageError, match="not the name of a VM"):
        wanted_vm(text)


def test_the_three_ways_to_name_a_vm_are_read() -> None:
    full = sample_fleet.vm_id("web-01")
    assert wanted_vm(" web-01 ") == WantedVm("web-01")
    assert wanted_vm("shop/web-01") == WantedVm("web-01", "shop")
    assert wanted_vm(full) == WantedVm("web-01", "shop", sample_fleet.SUBSCRIPTION)
    assert wanted_vm(full.upper()).id_ending == full.lower().removeprefix("/")


@given(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=60))
def test_any_text_becomes_one_literal_that_reads_back_as_itself(text: str) -> None:
    literal = quoted(text)
    assert re.fullmatch(r"'(?:\\.|[^'\\])*'", literal)
    assert re.sub(r"\\(.)", r"\1", literal[1:-1]) == text


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet="ab'\\|/ =\"", max_size=20))
def test_a_quoted_text_finds_exactly_the_row_that_holds_it(text: str) -> None:
    row = sample_fleet.vm("web-01") | {"name": text}
    graph = Graph([row, sample_fleet.vm("db-01") | {"name": "x' or 1==1"}])
    assert len(graph.ask(f"resources | where name == {quoted(text)} | project id, name")) == 1


@pytest.mark.parametrize("text", ["a\nb", "a\x00", "a\u2028b", "\u202eb"])
def test_a_control_character_never_reaches_a_query(text: str) -> None:
    with pytest.raises(UsageError, match="cannot be printed"):
        quoted(text)


@pytest.mark.parametrize("wanted", NARROWINGS)
def test_a_printed_command_is_one_line_that_every_shell_reads_alike(
    wanted: WantedVm | None,
) -> None:
    for query in queries(wanted):
        command = az_command(query)
        inside = re.fullmatch(
            r'az graph query -q "([^"$`!\\\n]*)" --first 1000 -o json > [\w-]+\.json', command
        )
        assert inside, command
        assert inside[1].split() == query.text.split()


@pytest.mark.parametrize("text", ["x" * 121, "web\u202e01", "web\n01"])
def test_a_name_too_long_or_not_to_be_seen_is_not_repeated(text: str) -> None:
    with pytest.raises(UsageError, match=r"^This is not the name of a VM\. Write it as web-01"):
        wanted_vm(text)
