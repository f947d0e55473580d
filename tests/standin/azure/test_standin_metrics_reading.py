"""Azure Monitor's metrics: numbers that follow the fleet, gaps where nothing was measured."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.azure.metrics import DEFAULT_LINES
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from deploy.local.azure.writes import PROFILES, by_lun
from deploy.local.fleet.compute import WRITE_PROFILE_TAG
from deploy.local.fleet.sample import sample_world
from deploy.local.fleet.sample_vms import sample_vms
from tests.standin.azure.fleet_azure import client_of, get, running_fleet
from tests.standin.azure.running_azure import SUBSCRIPTION, arm_id, small_world
from tests.standin.azure.shape_of import differences, example

OS, DATA = "OS Disk Write Bytes/Sec", "Data Disk Write Bytes/Sec"
VMS = {spec.name: spec.id for spec in sample_vms()}


def path(resource_id: str, what: str = "metrics") -> str:
    return f"{resource_id}/providers/microsoft.insights/{what}"


async def read(azure: AzureStandIn, resource_id: str, **parameters: str) -> Any:
    """The body, of the last seven days by the hour where nothing else is said."""
    until = azure.world.now.replace(minute=0, second=0, microsecond=0)
    span = f"{until - timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}/{until:%Y-%m-%dT%H:%M:%SZ}"
    asked = {"api-version": "2024-02-01", "timespan": span, "interval": "PT1H", **parameters}
    status, body, _ = await get(azure, path(resource_id), **asked)
    assert status == 200, body
    return body


def averages(body: Any, line: int = 0) -> list[float]:
    data = body["value"][0]["timeseries"][line]["data"]
    return [point["average"] for point in data if "average" in point]


async def test_a_week_by_the_hour_has_a_number_for_every_hour_and_always_the_same() -> None:
    async with running_fleet() as azure:
        first = averages(await read(azure, VMS["web-01"], metricnames=OS))
        again = averages(await read(azure, VMS["web-01"].upper(), metricnames=OS))
    assert len(first) == 168
    assert first == again
    assert max(first) > 2 * min(first) > 0


async def test_data_disks_are_split_by_lun_where_the_filter_asks_for_it() -> None:
    async with running_fleet() as azure:
        asked = {"metricnames": DATA, "$filter": "LUN eq '*'"}
        body = await read(azure, VMS["sql-01"], **asked)
        one = await read(azure, VMS["sql-01"], **asked | {"$filter": "LUN eq '1'"})
        mean = await read(azure, VMS["sql-01"], metricnames=DATA)
    lines = body["value"][0]["timeseries"]
    assert [line["metadatavalues"][0]["value"] for line in lines] == ["0", "1"]
    assert averages(one) == averages(body, 1)
    expected = [sum(both) / 2 for both in zip(averages(body), averages(body, 1), strict=True)]
    assert averages(mean) == pytest.approx(expected, rel=1e-6)


async def test_a_split_has_ten_lines_unless_top_asks_for_more() -> None:
    async with running_fleet() as azure:
        asked = {"metricnames": DATA, "$filter": "LUN eq '*'"}
        few = await read(azure, VMS["archive-01"], **asked)
        all_of_them = await read(azure, VMS["archive-01"], **asked, top="50")
    counts = [len(body["value"][0]["timeseries"]) for body in (few, all_of_them)]
    assert counts == [DEFAULT_LINES, 32]


async def test_a_disk_writes_what_its_vm_writes_to_it() -> None:
    async with running_fleet() as azure:
        disk = VMS["web-01"].replace("virtualMachines", "disks") + "-data-1"
        of_disk = await read(azure, disk, metricnames="Composite Disk Write Bytes/sec")
        split = {"metricnames": DATA, "$filter": "LUN eq '0'"}
        of_vm = await read(azure, VMS["web-01"], **split)
    assert averages(of_disk) == averages(of_vm)


async def test_a_stopped_vm_has_moments_without_numbers() -> None:
    async with running_fleet() as azure:
        body = await read(azure, VMS["dev-03"], metricnames=OS)
    data = body["value"][0]["timeseries"][0]["data"]
    assert len(data) == 168
    assert {tuple(point) for point in data} == {("timeStamp",)}


async def test_nothing_was_measured_before_the_vm_was_made(azure: AzureStandIn) -> None:
    span = "2026-02-27T00:00:00Z/2026-03-05T00:00:00Z"
    vm = azure.world.get(arm_id("virtualMachines", "web-01"))
    assert vm
    vm["properties"]["timeCreated"] = (azure.world.now - timedelta(days=2)).isoformat()
    assert len(averages(await read(azure, vm["id"], metricnames=OS))) in (47, 48)
    assert not averages(await read(azure, vm["id"], metricnames=OS, timespan=span))


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"metricnames": "Disk Magic"}, "Failed to find metric configuration"),
        ({"interval": "PT7M"}, "invalid time grain"),
        ({"timespan": "yesterday"}, "invalid timespan"),
        ({"timespan": "2026-01-02T00:00:00Z/2026-01-01T00:00:00Z"}, "Start time"),
        ({"aggregation": "Median"}, "invalid aggregation"),
        ({"metricnames": DATA, "$filter": "Disk like 'x'"}, "Invalid filter"),
    ],
)
async def test_what_cannot_be_answered_is_refused_in_monitors_own_shape(
    azure: AzureStandIn, parameters: dict[str, str], words: str
) -> None:
    vm = arm_id("virtualMachines", "web-01")
    asked = {"api-version": "2024-02-01", **parameters}
    status, body, _ = await get(azure, path(vm), **asked)
    assert (status, body["code"]) == (400, "BadRequest")
    assert words in body["message"]


async def test_a_vm_that_is_not_there_is_a_404(azure: AzureStandIn) -> None:
    gone = path(arm_id("virtualMachines", "gone"))
    status, body, _ = await get(azure, gone, **{"api-version": "2024-02-01"})
    assert (status, body["error"]["code"]) == (404, "ResourceNotFound")


async def test_a_vm_whose_metrics_may_not_be_read_is_a_403(azure: AzureStandIn) -> None:
    vm = arm_id("virtualMachines", "web-01")
    azure.world.forbidden.add(vm.lower())
    status, body, _ = await get(azure, path(vm), **{"api-version": "2024-02-01"})
    assert (status, body["error"]["code"]) == (403, "AuthorizationFailed")


async def test_aggregations_and_metadata_are_as_asked(azure: AzureStandIn) -> None:
    vm = arm_id("virtualMachines", "web-01")
    names = "average,minimum,maximum,total,count"
    body = await read(azure, vm, metricnames=f"{OS},Percentage CPU", aggregation=names)
    point = body["value"][0]["timeseries"][0]["data"][0]
    assert list(point) == ["timeStamp", *names.split(",")]
    assert point["minimum"] < point["average"] < point["maximum"]
    assert (point["count"], point["total"]) == (60.0, pytest.approx(point["average"] * 60))
    assert body["cost"] == (7 * 24 * 60 - 1) * 2
    data = {"metricnames": DATA, "$filter": "LUN eq '*'", "resultType": "metadata"}
    lines = (await read(azure, vm, **data))["value"][0]["timeseries"]
    assert [list(line) for line in lines] == [["metadatavalues"]]


async def test_a_day_is_the_mean_of_its_hours(azure: AzureStandIn) -> None:
    vm = arm_id("virtualMachines", "web-01")
    span = {"timespan": "2026-11-01T00:00:00Z/2026-11-02T00:00:00Z", "metricnames": OS}
    hours = averages(await read(azure, vm, **span))
    (day,) = averages(await read(azure, vm, **span, interval="P1D"))
    (full,) = averages(await read(azure, vm, **span, interval="FULL"))
    assert day == full == pytest.approx(sum(hours) / 24)


@pytest.mark.parametrize("name", ["GetMetric", "GetMetricError"])
async def test_an_answer_has_the_shape_of_azures_example(name: str) -> None:
    wanted = example(f"examples/monitor/{name}.json")["responses"]["200"]["body"]
    wanted["value"] = wanted["value"][-1:]
    async with running_fleet() as azure:
        by_lun = {"metricnames": DATA, "$filter": "LUN eq '*'"}
        found = await read(azure, VMS["web-01"], **by_lun, aggregation="average,minimum,maximum")
    assert differences(wanted, found) == []


async def test_definitions_have_the_shape_of_azures_example(azure: AzureStandIn) -> None:
    wanted = example("examples/monitor/GetMetricDefinitions.json")["responses"]["200"]["body"]
    vm = arm_id("virtualMachines", "web-01")
    _, found, _ = await get(azure, path(vm, "metricDefinitions"), **{"api-version": "2024-02-01"})
    assert {OS, DATA} <= {one["name"]["value"] for one in found["value"]}
    split = [one for one in found["value"] if "dimensions" in one]
    assert differences(wanted, {"value": split}) == []


async def test_the_sdks_typed_answer_reads_every_field(azure: AzureStandIn) -> None:
    from azure.mgmt.monitor.aio import MonitorManagementClient

    async with client_of(azure, MonitorManagementClient, subscription_id=SUBSCRIPTION) as client:
        answer = await client.metrics.list(
            arm_id("virtualMachines", "web-01").strip("/"),
            metricnames=DATA,
            interval="PT1H",
            aggregation="Average",
            filter="LUN eq '*'",
        )
    (metric,) = answer.value
    (line,) = metric.timeseries
    assert (metric.error_code, metric.unit, answer.resourceregion) == (
        "Success",
        "BytesPerSecond",
        "westeurope",
    )
    assert (line.metadatavalues[0].name.value, line.metadatavalues[0].value) == ("lun", "0")
    assert all(point.time_stamp.tzinfo and point.average > 0 for point in line.data)


@given(st.integers(0, 40), st.sampled_from(sorted(PROFILES)))
def test_the_disks_together_write_what_the_profile_says(disks: int, profile: str) -> None:
    """Whatever the number of disks, within the wobble of a fifth."""
    world: World = small_world()
    vm = world.get(arm_id("virtualMachines", "web-01"))
    assert vm
    vm["tags"] = {WRITE_PROFILE_TAG: profile}
    vm["properties"]["storageProfile"]["dataDisks"] = [{"lun": lun} for lun in range(disks)]
    sunday_noon = world.now.replace(year=2026, month=11, day=1, hour=12)
    whole = sum(at(sunday_noon) for at in by_lun(vm).values()) / 10**6
    quiet = PROFILES[profile].mb_per_s * (1 - PROFILES[profile].by_day / 3)
    assert 0.8 * quiet <= whole <= 1.2 * quiet


def test_every_profile_of_the_fleet_is_one_that_is_known() -> None:
    tagged = [
        body["tags"][WRITE_PROFILE_TAG]
        for body in sample_world().of_type("Microsoft.Compute/virtualMachines")
    ]
    assert set(tagged) == set(PROFILES)
