"""Cost Management's query: sums, groups, days, filters and pages over the bill of the world."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest

from deploy.local.azure.costs import CostPages
from deploy.local.azure.granular import BilledByItem
from deploy.local.azure.retail import PriceList
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.throttle import QueryUnits
from deploy.local.azure.world import World
from deploy.local.fleet.sample_vms import DEVELOPMENT, PRODUCTION
from tests.standin.azure.fleet_azure import client_of, get, post, running_fleet
from tests.standin.azure.shape_of import differences, example

QUERY = "/providers/Microsoft.CostManagement/query?api-version=2025-03-01"
SCOPE = f"/subscriptions/{PRODUCTION}"
BY_RESOURCE = [{"type": "Dimension", "name": name} for name in ("ResourceId", "Meter")]
UNITS_FOR_ALL = ((100_000, 10.0),)
THROTTLED = "x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after"


def asked(**dataset: Any) -> dict[str, Any]:
    """The costs of last month, as the product asks for them."""
    total = {"totalCost": {"name": "PreTaxCost", "function": "Sum"}}
    return {
        "type": "ActualCost",
        "timeframe": "TheLastMonth",
        "dataset": {"granularity": "None", "aggregation": total, **dataset},
    }


async def rows(azure: AzureStandIn, body: Any, scope: str = SCOPE) -> list[dict[str, Any]]:
    """The rows as objects."""
    azure.world.part(QueryUnits).windows = UNITS_FOR_ALL
    status, answer, _ = await post(azure, scope + QUERY, body)
    assert status == 200, answer
    names = [column["name"] for column in answer["properties"]["columns"]]
    return [dict(zip(names, row, strict=True)) for row in answer["properties"]["rows"]]


async def test_a_month_by_resource_and_meter_is_what_the_price_list_says_of_each() -> None:
    async with running_fleet() as azure:
        found = await rows(azure, asked(grouping=BY_RESOURCE))
        last_month = azure.world.now.date().replace(day=1) - timedelta(days=1)
    of_web = {
        (row["ResourceId"].rsplit("/", 1)[1], row["Meter"]): row["PreTaxCost"]
        for row in found
        if "/disks/web-01-" in row["ResourceId"]
    }
    assert set(of_web) == {("web-01-os", "P6 LRS Disk"), ("web-01-data-1", "P15 LRS Disk")}
    [monthly] = [
        row["retailPrice"]
        for row in azure.world.part(PriceList).rows
        if (row["meterName"], row["armRegionName"]) == ("P15 LRS Disk", "westeurope")
    ]
    # A day is 12/365 of a month's price.
    expected = monthly * last_month.day * 12 / 365
    assert of_web["web-01-data-1", "P15 LRS Disk"] == pytest.approx(expected)
    assert all(row["ResourceId"] == row["ResourceId"].lower() for row in found)
    assert {row["Currency"] for row in found} == {"USD"}


async def test_backup_is_billed_on_the_vault_and_its_snapshots_on_the_collection() -> None:
    async with running_fleet() as azure:
        of = defaultdict(set)
        found: list[dict[str, Any]] = []
        for category in ("Backup", "Azure Site Recovery", "Storage"):
            only = {"name": "MeterCategory", "operator": "In", "values": [category]}
            body = asked(grouping=BY_RESOURCE, filter={"dimensions": only})
            found += (part := await rows(azure, body))
            for row in part:
                of[category, row["Meter"]].add(row["ResourceId"].split("/")[-2])
    assert of["Backup", "Azure VM Protected Instance"] == {"vaults"}
    assert of["Azure Site Recovery", "VM Replicated to Azure"] == {"vaults"}
    assert of["Storage", "Snapshots ZRS Snapshots"] == {"snapshots", "restorepointcollections"}
    replicas = [row for row in found if row["ResourceId"].endswith("-asrreplica")]
    assert {row["ResourceId"].split("/")[-1] for row in replicas} >= {"sql-01-os-asrreplica"}


async def test_days_and_months_add_up_to_the_whole() -> None:
    async with running_fleet() as azure:
        whole = sum(row["PreTaxCost"] for row in await rows(azure, asked()))
        days = await rows(azure, asked(granularity="Daily"))
        (month,) = await rows(azure, asked(granularity="Monthly"))
        first = (azure.world.now.replace(day=1) - timedelta(days=1)).replace(day=1)
    assert sum(row["PreTaxCost"] for row in days) == pytest.approx(whole)
    assert month["PreTaxCost"] == pytest.approx(whole)
    assert days[0]["UsageDate"] == int(f"{first:%Y%m%d}")
    assert month["BillingMonth"] == f"{first:%Y-%m}-01T00:00:00"


async def test_a_resource_costs_nothing_before_it_was_made() -> None:
    async with running_fleet() as azure:
        snapshot = azure.world.of_type("Microsoft.Compute/snapshots")[0]
        made = azure.world.now - timedelta(days=3)
        snapshot["properties"]["timeCreated"] = made.isoformat()
        period = {
            "from": f"{made - timedelta(days=6):%Y-%m-%d}",
            "to": f"{azure.world.now:%Y-%m-%d}",
        }
        named = {"name": "ResourceId", "operator": "In", "values": [snapshot["id"]]}
        body = asked(granularity="Daily", filter={"dimensions": named})
        body |= {"timeframe": "Custom", "timePeriod": period}
        scope = "/".join(snapshot["id"].split("/")[:5])
        days = [row["UsageDate"] for row in await rows(azure, body, scope)]
    assert days[0] == int(f"{made:%Y%m%d}")


async def test_filters_and_tags_narrow_and_group() -> None:
    async with running_fleet() as azure:
        storage = {"dimensions": {"name": "MeterCategory", "operator": "In", "values": ["storage"]}}
        tagged = {"tags": {"name": "application", "operator": "In", "values": ["shop", "sap"]}}
        by_tag = [{"type": "TagKey", "name": "application"}]
        both = await rows(azure, asked(filter={"and": [storage, tagged]}, grouping=by_tag))
        either = await rows(azure, asked(filter={"or": [storage, tagged]}, grouping=by_tag))
    assert [row["application"] for row in both] == ["sap", "shop"]
    assert len(either) > 2


async def test_a_group_and_a_billing_account_are_scopes_too() -> None:
    async with running_fleet() as azure:
        group = f"{SCOPE}/resourceGroups/RG-Shop-Prod"
        names = [{"type": "Dimension", "name": "ResourceGroup"}]
        found = await rows(azure, asked(grouping=names), group)
        account = "/providers/Microsoft.Billing/billingAccounts/100"
        by_subscription = [{"type": "Dimension", "name": "SubscriptionId"}]
        everywhere = await rows(azure, asked(grouping=by_subscription), account)
        status, refused, _ = await post(azure, account + QUERY, asked(grouping=BY_RESOURCE))
    assert [row["ResourceGroup"] for row in found] == ["rg-shop-prod"]
    assert {row["SubscriptionId"] for row in everywhere} == {PRODUCTION, DEVELOPMENT}
    assert (status, refused["error"]["code"]) == (400, "BadRequest")


@pytest.mark.parametrize("name", ["grouping", "aggregation"])
async def test_a_third_of_either_is_refused(name: str) -> None:
    three = {
        "grouping": [*BY_RESOURCE, {"type": "Dimension", "name": "MeterCategory"}],
        "aggregation": {
            one: {"name": one, "function": "Sum"} for one in ("PreTaxCost", "Cost", "UsageQuantity")
        },
    }
    async with running_fleet() as azure:
        status, refused, _ = await post(azure, SCOPE + QUERY, asked(**{name: three[name]}))
    assert (status, refused["error"]["code"]) == (400, "BadRequest")
    assert f"Invalid dataset {name}" in refused["error"]["message"]


async def test_a_vault_is_billed_by_item_from_its_change_on_and_its_total_stays() -> None:
    async with running_fleet() as azure:
        before = sum(row["PreTaxCost"] for row in await rows(azure, asked()))
        [vault] = {
            row["ResourceId"]
            for row in await rows(azure, asked(grouping=BY_RESOURCE))
            if row["ResourceId"].endswith("/rsv-weu-prod")
        }
        first = azure.world.now.date().replace(day=1) - timedelta(days=10)
        azure.world.part(BilledByItem).since[vault] = first
        found = await rows(azure, asked(grouping=BY_RESOURCE))
        after = sum(row["PreTaxCost"] for row in await rows(azure, asked()))
    on_items = [row for row in found if "/protecteditems/" in row["ResourceId"]]
    on_vault = [row for row in found if row["ResourceId"] == vault]
    assert on_items
    assert on_vault
    assert after == pytest.approx(before)


async def test_what_may_not_be_read_is_not_on_the_bill() -> None:
    async with running_fleet() as azure:
        before = sum(row["PreTaxCost"] for row in await rows(azure, asked()))
        azure.world.forbidden.add(f"{SCOPE}/resourcegroups/rg-sap-prod")
        after = sum(row["PreTaxCost"] for row in await rows(azure, asked()))
    assert 0 < after < before


async def test_the_bill_follows_the_world() -> None:
    async with running_fleet() as azure:
        before = sum(row["PreTaxCost"] for row in await rows(azure, asked()))
        disk = azure.world.of_type("Microsoft.Compute/disks", SCOPE)[0]
        disk["properties"]["diskSizeGB"] = 4096
        after = sum(row["PreTaxCost"] for row in await rows(azure, asked()))
    assert after > before


async def test_a_scope_without_costs_has_no_content() -> None:
    from azure.mgmt.costmanagement.aio import CostManagementClient

    async with running_fleet(World()) as azure:
        status, body, _ = await post(azure, SCOPE + QUERY, asked())
        async with client_of(azure, CostManagementClient) as client:
            answer = await client.query.usage(scope=SCOPE, parameters=asked())
    assert (status, body, answer) == (204, None, None)


async def test_next_links_are_posted_and_lead_to_every_row_once() -> None:
    """The SDK does not follow them: one call is one request."""
    from azure.mgmt.costmanagement.aio import CostManagementClient

    async with running_fleet() as azure:
        whole = await rows(azure, asked(grouping=BY_RESOURCE))
        azure.world.part(CostPages).rows = 40
        azure.forget()
        async with client_of(azure, CostManagementClient) as client:
            page = await client.query.usage(scope=SCOPE, parameters=asked(grouping=BY_RESOURCE))
        assert azure.counts["Query_Usage"] == 1
        seen, link = list(page.rows), page.next_link
        assert (await get(azure, link.removeprefix(azure.url)))[0] == 405
        while link:
            _, answer, _ = await post(
                azure, link.removeprefix(azure.url), asked(grouping=BY_RESOURCE)
            )
            seen += answer["properties"]["rows"]
            link = answer["properties"]["nextLink"]
    assert [row[:3] for row in seen] == [list(row.values())[:3] for row in whole]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"type": "Forecast"}, "type"),
        ({"timeframe": "Tomorrow"}, "timeframe"),
        ({"timeframe": "Custom"}, "timePeriod"),
        ({"timeframe": "Custom", "timePeriod": {"from": "2026-02-02", "to": "2026-02-01"}}, "ends"),
    ],
)
async def test_a_query_that_is_none_is_refused(change: dict[str, Any], word: str) -> None:
    async with running_fleet() as azure:
        status, body, _ = await post(azure, SCOPE + QUERY, asked() | change)
    assert (status, body["error"]["code"]) == (400, "BadRequest")
    assert word in body["error"]["message"]


@pytest.mark.parametrize(
    "dataset",
    [
        {"grouping": [{"type": "Dimension", "name": "Weather"}]},
        {"aggregation": {"a": {"name": "PreTaxCost", "function": "Avg"}}},
        {"granularity": "Hourly"},
        {"filter": {"dimensions": {"name": "Weather", "operator": "In", "values": ["x"]}}},
        {"sorting": [{"name": "Weather", "direction": "ascending"}]},
    ],
)
async def test_a_dataset_that_is_none_is_refused(dataset: dict[str, Any]) -> None:
    async with running_fleet() as azure:
        status, body, _ = await post(azure, SCOPE + QUERY, asked(**dataset))
    assert (status, body["error"]["code"]) == (400, "BadRequest")


async def test_trap_4_the_429_of_cost_management_has_its_own_headers_and_is_not_retried() -> None:
    from azure.core.exceptions import HttpResponseError
    from azure.mgmt.costmanagement.aio import CostManagementClient

    async with running_fleet() as azure:
        for _ in range(12):
            status, _, headers = await post(azure, SCOPE + QUERY, asked())
            assert status == 200
        assert headers["x-ms-ratelimit-microsoft.costmanagement-qpu-remaining"] == "0"
        azure.forget()
        client = client_of(azure, CostManagementClient)
        async with client:
            with pytest.raises(HttpResponseError) as refused:
                await client.query.usage(scope=SCOPE, parameters=asked(), retry_total=10)
        assert azure.counts["Query_Usage"] == 1
    assert refused.value.status_code == 429
    headers = refused.value.response.headers
    assert 1 <= int(headers[THROTTLED]) <= 10
    assert "Retry-After" not in headers


def test_query_units_come_back_with_their_windows() -> None:
    at = [0.0]
    units = QueryUnits(windows=((12, 10.0), (20, 60.0)), clock=lambda: at[0])
    assert units.take(12)[0]
    assert units.take(1) == (False, {THROTTLED: "10"})
    at[0] = 10.0
    assert units.take(8)[0]
    at[0] = 20.0
    may, headers = units.take(1)
    assert (may, headers[THROTTLED]) == (False, "40")
    at[0] = 60.0
    assert units.take(12)[0]


async def test_an_answer_has_the_shape_of_azures_example() -> None:
    path = "examples/costmanagement/SubscriptionQueryGrouping.json"
    wanted = example(path)["responses"]["200"]["body"]
    names = [{"type": "Dimension", "name": "ResourceGroup"}]
    async with running_fleet() as azure:
        _, found, _ = await post(azure, SCOPE + QUERY, asked(grouping=names))
    assert differences(wanted, found) == []
    assert found["properties"]["columns"] == wanted["properties"]["columns"]
