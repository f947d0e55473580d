"""Resource Graph: KQL is run over the world as it is now, in scope, in pages, in both formats."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest

from deploy.local.azure.graph.engine import completed
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from deploy.local.fleet.sample_vms import DEVELOPMENT, PRODUCTION
from tests.standin.azure.fleet_azure import GRAPH, ask, client_of, names, post, running_fleet
from tests.standin.azure.running_azure import SUBSCRIPTION, arm_id, small_world
from tests.standin.azure.shape_of import differences, example


class Colour(StrEnum):
    """Any enum."""

    RED = "red"
    BLUE = "blue"


VMS = "resources | where type =~ 'Microsoft.Compute/virtualMachines'"


async def test_a_query_without_a_table_is_about_resources(azure: AzureStandIn) -> None:
    wanted = ["db-01", "web-01"]
    kind = "where type =~ 'microsoft.compute/virtualmachines' | project id, name"
    for query in (kind, f"| {kind}", f"Resources | {kind}", f"// VMs\n{kind}"):
        assert await names(azure, query) == wanted, query


def test_a_query_that_names_its_table_is_left_as_it_is() -> None:
    for query in ("resources | take 1", "let n = 1; resources | take n", "print 1", "nosuch"):
        assert completed(query) == query


async def test_spellings_are_resource_graphs_own(azure: AzureStandIn) -> None:
    """Types, groups and regions in lower case, ids as made, an absent object null."""
    body = await ask(azure, f"{VMS} | where name == 'web-01'")
    (row,) = body["data"]
    assert row["id"] == arm_id("virtualMachines", "web-01")
    assert row["type"] == "microsoft.compute/virtualmachines"
    assert row["subscriptionId"] == SUBSCRIPTION
    assert row["tenantId"] == azure.world.tenant_id
    assert row["plan"] is None
    assert row["tags"] == {"environment": "production"}


async def test_the_power_state_lies_where_resource_graph_has_it(azure: AzureStandIn) -> None:
    query = f"{VMS} | project name, p = properties.extended.instanceView.powerState.code, "
    rows = (await ask(azure, query + "v = properties.instanceView"))["data"]
    assert {row["p"] for row in rows} == {"PowerState/running"}
    assert {row["v"] for row in rows} == {None}


async def test_every_table_holds_what_it_holds_in_azure() -> None:
    counted = "| summarize n = count() by type | project type"
    async with running_fleet() as azure:
        found = {
            table: {row["type"] for row in (await ask(azure, f"{table} {counted}"))["data"]}
            for table in ("resources", "RecoveryServicesResources", "resourcecontainers")
        }
        assert await names(azure, "advisorresources | project id, name") == []
    vault = "microsoft.recoveryservices/vaults"
    assert vault in found["resources"]
    assert all(kind.startswith(f"{vault}/") for kind in found["RecoveryServicesResources"])
    containers = "microsoft.resources/subscriptions"
    assert found["resourcecontainers"] == {containers, f"{containers}/resourcegroups"}


async def test_what_changes_in_the_world_changes_in_the_answer(azure: AzureStandIn) -> None:
    disks = "resources | where type =~ 'microsoft.compute/disks'"
    query = f"{disks} | project id, name"
    before = await names(azure, query)
    spare = azure.world.get(arm_id("disks", "spare"))
    assert spare
    spare["tags"] = {"owner": "anna"}
    azure.world.remove(arm_id("disks", "loose"))
    azure.world.put({**spare, "id": arm_id("disks", "new"), "name": "new"})
    assert set(await names(azure, query)) == {*before, "new"} - {"loose"}
    owned = f"{disks} | where tags.owner == 'anna' | project id, name"
    assert await names(azure, owned) == ["new", "spare"]


async def test_a_member_of_an_enum_in_a_body_is_its_value(azure: AzureStandIn) -> None:
    disk = azure.world.get(arm_id("disks", "spare"))
    assert disk
    for state in Colour:
        disk["tags"] = {"colour": state}
        query = f"resources | where tags.colour == '{state}' | project id, name"
        assert await names(azure, query) == ["spare"]


async def test_what_may_not_be_read_is_not_in_the_answer(azure: AzureStandIn) -> None:
    azure.world.forbidden.add(arm_id("virtualMachines", "web-01").lower())
    assert await names(azure, f"{VMS} | project id, name") == ["db-01"]
    azure.world.forbidden.clear()
    assert await names(azure, f"{VMS} | project id, name") == ["db-01", "web-01"]


async def test_only_the_subscriptions_asked_for_are_looked_at() -> None:
    async with running_fleet() as azure:
        query = f"{VMS} | project id, name"
        everywhere = await names(azure, query)
        in_each = [
            await names(azure, query, subscriptions=[one]) for one in (PRODUCTION, DEVELOPMENT)
        ]
        assert sorted(everywhere) == sorted([*in_each[0], *in_each[1]])
        assert "web-01" in in_each[0]
        assert "dev-03" in in_each[1]
        assert await names(azure, query, managementGroups=[azure.world.tenant_id]) == everywhere


async def test_a_management_group_is_the_subscriptions_in_it() -> None:
    async with running_fleet() as azure:
        azure.world.put(
            {
                "id": "/providers/Microsoft.Management/managementGroups/labs",
                "name": "labs",
                "type": "Microsoft.Management/managementGroups",
                "properties": {"subscriptions": [DEVELOPMENT]},
            }
        )
        found = await names(azure, f"{VMS} | project id, name", managementGroups=["labs"])
        assert "dev-03" in found
        assert "web-01" not in found
        status, body, _ = await post(azure, GRAPH, {"query": VMS, "managementGroups": ["nobody"]})
    assert (status, body["error"]["details"][0]["code"]) == (400, "ManagementGroupNotFound")


async def test_pages_follow_each_other_without_a_gap_or_an_overlap() -> None:
    async with running_fleet() as azure:
        query = "resources | where type =~ 'microsoft.compute/disks' | project id, name"
        whole = (await ask(azure, query, options={"$top": 1000}))["data"]
        seen: list[dict[str, Any]] = []
        options: dict[str, Any] = {"$top": 40}
        while options:
            page = await ask(azure, query, options=options)
            assert page["totalRecords"] == len(whole)
            assert page["resultTruncated"] == "false"
            assert page["count"] == len(page["data"])
            seen += page["data"]
            token = page.get("$skipToken")
            options = {"$skipToken": token} if token else {}
    assert seen == whole
    assert len(whole) > 80


async def test_the_default_page_has_a_hundred_rows_and_skip_skips() -> None:
    async with running_fleet() as azure:
        query = "resources | project id, name"
        assert (await ask(azure, query))["count"] == 100
        first = await names(azure, query, options={"$top": 5})
        assert await names(azure, query, options={"$top": 3, "$skip": 2}) == first[2:]
        empty = {"$top": None, "$skip": None, "$skipToken": None, "resultFormat": None}
        assert (await ask(azure, query, options=empty))["count"] == 100


async def test_without_an_id_there_is_no_next_page_and_the_answer_says_it_is_cut() -> None:
    async with running_fleet() as azure:
        page = await ask(azure, "resources | project name", options={"$top": 5})
        token = (await ask(azure, "resources | project id", options={"$top": 5}))["$skipToken"]
        assert "$skipToken" not in page
        assert page["resultTruncated"] == "true"
        body = {"query": "resources | project name", "options": {"$skipToken": token}}
        assert (await post(azure, GRAPH, body))[0] == 400


async def test_the_table_format_names_the_columns_and_their_types(azure: AzureStandIn) -> None:
    made = "n = 1, on = true, at = datetime(2026-01-02)"
    query = f"{VMS} | where name == 'db-01' | project name, properties, {made}"
    data = (await ask(azure, query, options={"resultFormat": "table"}))["data"]
    types = {"name": "string", "properties": "object", "n": "long", "on": "boolean"}
    assert {one["name"]: one["type"] for one in data["columns"]} == types | {"at": "datetime"}
    ((name, properties, number, on, at),) = data["rows"]
    assert isinstance(properties, dict)
    assert (name, number, on, at) == ("db-01", 1, True, "2026-01-02T00:00:00.0000000Z")


async def test_now_is_the_worlds_time() -> None:
    async with running_fleet(small_world()) as azure:
        azure.world.forward(timedelta(days=400))
        ((moment,),) = (await ask(azure, "print at = now()", options={"resultFormat": "table"}))[
            "data"
        ]["rows"]
        said = datetime.fromisoformat(moment[:19] + "+00:00")
    assert abs(said - azure.world.now) < timedelta(minutes=1)


async def test_facets_count_the_values_of_an_expression(azure: AzureStandIn) -> None:
    facets = [
        {"expression": "sku.name", "options": {"$top": 2}},
        {"expression": "nonExistingColumn"},
        {"expression": "name", "options": {"filter": "name contains 'web'", "sortOrder": "asc"}},
    ]
    query = "resources | where type =~ 'microsoft.compute/disks'"
    skus, wrong, filtered = (await ask(azure, query, facets=facets))["facets"]
    assert skus["resultType"] == "FacetResult"
    assert skus["data"][0] == {"sku_name": "Premium_LRS", "count": 5}
    assert (skus["count"], skus["totalRecords"]) == (2, 4)
    assert [one["code"] for one in wrong["errors"]] == ["NoValidColumns", "InvalidColumnNames"]
    assert filtered["totalRecords"] == 2


async def test_a_facet_of_a_nested_field_counts_what_the_query_made_of_it(
    azure: AzureStandIn,
) -> None:
    """Projecting it gives the column underscores; the facet goes on naming it with dots."""
    nested = "properties.storageProfile.osDisk.osType"
    query = f"{VMS} | project name, {nested}"
    (facet,) = (await ask(azure, query, facets=[{"expression": nested}]))["facets"]
    assert facet["expression"] == nested
    assert facet["data"] == [{nested.replace(".", "_"): "Linux", "count": 2}]


@pytest.mark.parametrize(
    ("name", "query", "facets"),
    [
        ("ResourcesFirstPageQuery", "resources | project id, name, type, location", []),
        ("ResourcesSummarizeQuery", "resources | summarize by location", []),
        (
            "ResourcesFacetQuery",
            f"{VMS} | project id, name, location, resourceGroup, "
            "properties.storageProfile.osDisk.osType",
            [{"expression": "location"}],
        ),
    ],
)
async def test_an_answer_has_the_shape_of_azures_example(
    name: str, query: str, facets: list[dict[str, str]]
) -> None:
    wanted = example(f"examples/resourcegraph/{name}.json")["responses"]["200"]["body"]
    async with running_fleet() as azure:
        found = await ask(azure, query, options={"$top": 3}, facets=facets)
    assert differences(wanted, found) == []


async def test_the_sdks_typed_answer_reads_every_field(azure: AzureStandIn) -> None:
    from azure.mgmt.resourcegraph.aio import ResourceGraphClient
    from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

    request = QueryRequest(
        query=f"{VMS} | project id, name",
        options=QueryRequestOptions(top=1, result_format="objectArray"),
    )
    async with client_of(azure, ResourceGraphClient) as client:
        page = await client.resources(request)
    assert (page.total_records, page.count, page.result_truncated) == (2, 1, "false")
    assert page.skip_token
    assert page.data[0]["name"] == "db-01"


def test_resources_of_a_world_are_not_shared_with_another() -> None:
    one, other = World(), World()
    from deploy.local.azure.graph.engine import Engine

    assert one.part(Engine) is not other.part(Engine)
