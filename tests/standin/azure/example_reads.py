"""The operations that only read the sample fleet, of which there are examples: costs, metrics,
Resource Graph, subscriptions, and what a fleet of every kind shows of Compute."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

from deploy.local.azure.costs import QueryUnits
from deploy.local.fleet.compute import VmSpec
from deploy.local.fleet.sample import sample_vms
from tests.standin.azure.example_answers import Recorder
from tests.standin.azure.example_operations import Example, examples

_BILLING = "/providers/Microsoft.Billing/billingAccounts"
_SHEET = "providers/Microsoft.CostManagement/pricesheets/default/download"
_PROFILE = f"{_BILLING}/7c05:99ad_2019/billingProfiles/2USN"
#: As many queries of costs as one asks.
_UNITS_FOR_ALL = ((100_000, 10.0),)


async def ask_all(one: Recorder) -> None:
    one.azure.world.part(QueryUnits).windows = _UNITS_FOR_ALL
    subscriptions = (await one.ask("GET", "/subscriptions"))["value"]
    await one.ask("GET", "/tenants")
    for subscription in subscriptions:
        await one.ask("GET", subscription["id"])
        await one.ask("GET", f"{subscription['id']}/locations")
        await _compute(one, subscription["id"])
    await _own_requests(one, subscriptions[0])
    await _metrics(one, subscriptions[0]["id"])
    await _price_sheets(one)


async def _compute(one: Recorder, subscription: str) -> None:
    of_compute = f"{subscription}/providers/Microsoft.Compute"
    for kind in ("disks", "snapshots", "virtualMachines", "restorePointCollections", "skus"):
        await one.ask("GET", f"{of_compute}/{kind}")
    machines = await one.ask("GET", f"{of_compute}/virtualMachines", statusOnly="true")
    for body in machines["value"]:
        await one.ask("GET", body["id"], **{"$expand": "instanceView"})
        await one.ask("GET", f"{body['id']}/instanceView")
        await one.ask("GET", body["id"].rpartition("/")[0])
        regional = f"{of_compute}/locations/{body['location']}/virtualMachines"
        await one.ask("GET", regional)


async def _own_requests(one: Recorder, subscription: Any) -> None:
    """What the examples themselves ask of Resource Graph and of costs."""
    for example in examples():
        if example.operation == "ResourceGraph_Resources":
            await _graph(one, example, subscription["subscriptionId"])
        if example.operation == "Query_Usage":
            body = example.whole["parameters"]["parameters"]
            path = f"{subscription['id']}/providers/Microsoft.CostManagement/query"
            await one.ask("POST", path, body)


async def _graph(one: Recorder, example: Example, subscription: str) -> None:
    body = copy.deepcopy(example.whole["parameters"]["query"])
    body["subscriptions"] = [subscription]
    body.pop("managementGroups", None)
    token = (body.get("options") or {}).get("$skipToken")
    path = "/providers/Microsoft.ResourceGraph/resources"
    if token:
        first = await one.ask("POST", path, body | {"options": {"$top": 1}})
        body["options"] = {"$top": 1, "$skipToken": first["$skipToken"]}
    # The sample fleet has other names than the examples' own.
    body["query"] = body["query"].replace("'test'", "'01'")
    await one.ask("POST", path, body)


async def _metrics(one: Recorder, subscription: str) -> None:
    disk = (await one.ask("GET", f"{subscription}/providers/Microsoft.Compute/disks"))["value"][0]
    machines = f"{subscription}/providers/Microsoft.Compute/virtualMachines"
    machine = (await one.ask("GET", machines))["value"][0]
    until = one.azure.world.now.replace(minute=0, second=0, microsecond=0)
    span = f"{until - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}/{until:%Y-%m-%dT%H:%M:%SZ}"
    for resource in (disk, machine):
        of_monitor = f"{resource['id']}/providers/Microsoft.Insights"
        named = await one.ask("GET", f"{of_monitor}/metricDefinitions")
        metric = named["value"][0]["name"]["value"]
        asked = {"timespan": span, "interval": "PT1H", "metricnames": metric}
        await one.ask("GET", f"{of_monitor}/metrics", **asked, aggregation="average,maximum")
    by_lun = {"metricnames": "Data Disk Write Bytes/Sec", "$filter": "LUN eq '*'"}
    (sql,) = [one for one in sample_vms() if one.name == "sql-01"]
    of_monitor = f"{sql.id}/providers/Microsoft.Insights/metrics"
    asked = by_lun | {"aggregation": "minimum"}
    await one.ask("GET", of_monitor, timespan=span, interval="PT1H", **asked)
    await _metrics_of_many(one, sql, span)


async def _metrics_of_many(one: Recorder, vm: VmSpec, span: str) -> None:
    """At the region's own host, which is the first folder here."""
    host, start, end = f"{vm.region}.metrics.monitor.azure.com", *span.split("/")
    asked = {
        "starttime": start,
        "endtime": end,
        "interval": "PT1H",
        "metricnamespace": "Microsoft.Compute/virtualMachines",
        "metricnames": "Data Disk Write Bytes/Sec",
        "filter": "LUN eq '*'",
        "aggregation": "average,minimum,maximum",
    }
    subscription = vm.id.partition("/resourceGroups/")[0]
    path = f"/{host}{subscription}/metrics:getBatch"
    await one.ask("POST", path, {"resourceids": [vm.id]}, **asked)


async def _price_sheets(one: Recorder) -> None:
    await one.ask("POST", f"{_BILLING}/100/billingPeriods/202611/{_SHEET}", {})
    await one.ask("POST", f"{_PROFILE}/{_SHEET}", {})
    await one.ask("POST", f"{_PROFILE}/invoices/T000940677/{_SHEET}", {})
