"""What other tools look at beside disks and snapshots: interfaces, tiers, locations, scale sets,
Compute's own limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from advisor.regions import REGIONS
from deploy.local.azure.compute.tiers import performance_tier
from deploy.local.azure.rate_limits import HEADER, RateLimits
from deploy.local.azure.server import AzureStandIn
from deploy.local.fleet.sample import sample_world
from deploy.local.fleet.sample_vms import PRODUCTION
from tests.standin.azure.running_azure import (
    REGION,
    SUBSCRIPTION,
    arm_id,
    compute,
    incremental,
    small_world,
    talking,
)

VM = arm_id("virtualMachines", "web-01")
VERSION = "api-version=2026-04-01"
SETS = f"/subscriptions/{PRODUCTION}/providers/Microsoft.Compute/virtualMachineScaleSets"


async def read(session: aiohttp.ClientSession, path: str) -> Any:
    mark = "&" if "?" in path else "?"
    async with session.get(f"{path}{mark}{VERSION}") as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def test_a_vm_and_its_network_interface_name_each_other(azure: AzureStandIn) -> None:
    async with talking(azure) as session:
        vm = await read(session, VM)
        [named] = vm["properties"]["networkProfile"]["networkInterfaces"]
        nic = await read(session, named["id"])
        group = named["id"].rpartition("/")[0]
        listed = (await read(session, group))["value"]
        everywhere = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/networkInterfaces"
        assert (await read(session, everywhere))["value"] == listed
        assert [one["name"] for one in listed] == ["db-01-nic", "web-01-nic"]
        assert nic["properties"]["virtualMachine"]["id"] == VM
        [address] = nic["properties"]["ipConfigurations"]
        assert address["properties"]["privateIPAddress"].startswith("10.")
        await session.delete(f"{VM}?{VERSION}")
        left = await read(session, named["id"])
    assert "virtualMachine" not in left["properties"]


async def test_a_linux_vm_says_whether_passwords_are_refused(azure: AzureStandIn) -> None:
    async with talking(azure) as session:
        profile = (await read(session, VM))["properties"]["osProfile"]
    assert profile["linuxConfiguration"]["disablePasswordAuthentication"] is True


@pytest.mark.parametrize(
    ("sku", "size_gib", "tier"),
    [
        ("Premium_LRS", 4, "P1"),
        ("Premium_LRS", 200, "P15"),
        ("Premium_ZRS", 1024, "P30"),
        ("Premium_LRS", 32767, "P80"),
        ("StandardSSD_LRS", 128, None),
        ("UltraSSD_LRS", 128, None),
    ],
)
def test_a_premium_disk_has_the_tier_of_its_size(sku: str, size_gib: int, tier: str | None) -> None:
    assert performance_tier(sku, size_gib) == tier


async def test_a_disks_tier_follows_its_size_until_another_is_chosen(azure: AzureStandIn) -> None:
    disk = arm_id("disks", "new")

    async def tier_after(method: str, body: Any) -> Any:
        async with talking(azure) as session:
            answer = await session.request(method, f"{disk}?{VERSION}", json=body)
            assert answer.status == 202
            return (await read(session, disk))["properties"].get("tier")

    made = {"location": REGION, "sku": {"name": "Premium_LRS"}}
    made["properties"] = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 200}
    assert await tier_after("PUT", made) == "P15"
    assert await tier_after("PATCH", {"properties": {"diskSizeGB": 300}}) == "P20"
    assert await tier_after("PATCH", {"properties": {"tier": "P50"}}) == "P50"
    assert await tier_after("PATCH", {"properties": {"diskSizeGB": 600}}) == "P50"
    assert await tier_after("PATCH", {"tags": {"a": "b"}}) == "P50"


async def test_a_disk_that_is_made_standard_loses_its_tier(azure: AzureStandIn) -> None:
    async with talking(azure) as session:
        disk = arm_id("disks", "loose")
        assert (await read(session, disk))["properties"]["tier"] == "P4"
        await session.patch(f"{disk}?{VERSION}", json={"sku": {"name": "StandardSSD_LRS"}})
        assert "tier" not in (await read(session, disk))["properties"]


async def test_the_locations_of_a_subscription_are_the_regions(azure: AzureStandIn) -> None:
    async with talking(azure) as session:
        listed = (await read(session, f"/subscriptions/{SUBSCRIPTION}/locations"))["value"]
    by_name = {one["name"]: one for one in listed}
    assert set(by_name) == {name for name, one in REGIONS.items() if one.cloud == "public"}
    west = by_name["westeurope"]
    assert west["displayName"] == "West Europe"
    assert west["regionalDisplayName"] == "(Europe) West Europe"
    assert west["metadata"]["pairedRegion"][0]["name"] == "northeurope"
    assert [zone["logicalZone"] for zone in west["availabilityZoneMappings"]] == ["1", "2", "3"]
    assert "availabilityZoneMappings" not in by_name["westus"]
    assert by_name["belgiumcentral"]["metadata"]["pairedRegion"] == []
    assert by_name["canadacentral"]["metadata"]["geographyGroup"] == "Canada"
    assert by_name["eastus"]["metadata"]["geographyGroup"] == "US"


# --- scale sets ------------------------------------------------------------------------------


async def test_scale_sets_and_their_instances_are_there_on_demand() -> None:
    world = sample_world(scale_sets=True)
    async with AzureStandIn(world) as azure, talking(azure) as session:
        sets = {one["name"]: one for one in (await read(session, SETS))["value"]}
        assert set(sets) == {"vmss-render", "vmss-checkout"}
        render = sets["vmss-render"]
        assert await read(session, render["id"]) == render
        instances = (await read(session, f"{render['id']}/virtualMachines"))["value"]
        assert [one["instanceId"] for one in instances] == ["0", "1", "2"]
        assert all("instanceView" not in one["properties"] for one in instances)
        expanded = f"{render['id']}/virtualMachines?$expand=instanceView"
        assert all(
            one["properties"]["instanceView"]["statuses"]
            for one in (await read(session, expanded))["value"]
        )
        assert (await read(session, instances[1]["id"]))["name"] == "vmss-render_1"
        missing = await session.get(f"{render['id']}/virtualMachines/7?{VERSION}")
        assert missing.status == 404
        members = (await read(session, f"{sets['vmss-checkout']['id']}/virtualMachines"))["value"]
        assert [one["name"] for one in members] == ["checkout_1a2b3c"]


async def test_resource_graph_has_instances_in_a_table_of_their_own() -> None:
    graph = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01"
    kind = "microsoft.compute/virtualmachinescalesets/virtualmachines"
    async with AzureStandIn(sample_world(scale_sets=True)) as azure, talking(azure) as session:
        for table, count in (("computeresources", 3), ("resources", 0)):
            query = {"query": f"{table} | where type =~ '{kind}' | project id"}
            rows = (await (await session.post(graph, json=query)).json())["data"]
            assert len(rows) == count


async def test_the_sample_fleet_has_no_scale_set_unless_it_is_asked_for() -> None:
    async with AzureStandIn(sample_world()) as azure, talking(azure) as session:
        assert (await read(session, SETS))["value"] == []


# --- Compute's own limits --------------------------------------------------------------------


async def test_answers_of_compute_count_down_what_remains_of_their_policies() -> None:
    world = small_world()
    ticks: Iterator[float] = iter([0.0] * 6 + [61.0] * 2)
    world.part(RateLimits).clock = lambda: next(ticks)
    async with AzureStandIn(world) as azure, talking(azure) as session:
        seen = [(await session.get(f"{VM}?{VERSION}")).headers[HEADER] for _ in range(2)]
        other = arm_id("virtualMachines", "db-01")
        seen += [(await session.get(f"{other}?{VERSION}")).headers[HEADER]]
        seen += [(await session.get(f"{VM}?{VERSION}")).headers[HEADER]]
    policies = (
        "Microsoft.Compute/LowCostGetSubscriptionMaximum;{},Microsoft.Compute/LowCostGetResource;{}"
    )
    counts = [(39999, 44), (39998, 43), (39997, 44), (39999, 44)]
    assert seen == [policies.format(*each) for each in counts]


async def test_each_write_names_its_own_policy_and_the_gateway_names_none(
    azure: AzureStandIn,
) -> None:
    async with talking(azure) as session:
        url = f"{arm_id('snapshots', 's')}?{VERSION}"
        made = await session.put(url, json=incremental())
        gone = await session.get(f"{arm_id('virtualMachines', 'none')}?api-version=")
        listed = await session.get(f"/subscriptions?{VERSION}")
    assert made.headers[HEADER] == (
        "Microsoft.Compute/HighCostSnapshotCreateHydrate3Min;999,"
        "Microsoft.Compute/HighCostSnapshotCreateHydrate30Min;7999"
    )
    assert HEADER not in gone.headers
    assert HEADER not in listed.headers


async def test_a_limit_that_is_used_up_refuses_nothing(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        for _ in range(50):
            await client.virtual_machines.get("shop", "web-01")
    assert azure.counts["VirtualMachines_Get"] == 50
