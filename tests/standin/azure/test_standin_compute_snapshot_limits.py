"""How many snapshots, how often, and across regions: Azure's limits and background copies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from tests.standin.azure.running_azure import (
    GROUP,
    arm_id,
    compute,
    incremental,
    small_world,
    snapshot_of,
)
from tests.standin.azure.running_azure import (
    make_snapshot as make,
)
from tests.standin.azure.running_azure import (
    refused_snapshot as refused,
)

NORTH = "northeurope"


async def test_the_eighth_incremental_snapshot_in_five_minutes_is_refused(
    azure: AzureStandIn,
) -> None:
    async with compute(azure) as client:
        for number in range(7):
            await make(client, f"s{number}", incremental())
        await (await client.snapshots.begin_delete(GROUP, "s0")).result()
        assert await refused(client, "s7", incremental()) == (409, "OperationNotAllowed")
        await make(client, "again", incremental("spare"))
        await make(client, "s1", incremental())
        azure.world.forward(timedelta(minutes=5))
        await make(client, "s7", incremental())


async def test_a_disk_holds_five_hundred_incremental_snapshots(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        first = (await make(client, "s", incremental())).name
        kept = azure.world.get(arm_id("snapshots", first))
        assert kept
        for number in range(498):
            azure.world.put({**kept, "id": f"{kept['id']}{number}", "name": f"s{number}"})
        await make(client, "the-last", incremental())
        assert await refused(client, "too-many", incremental()) == (409, "OperationNotAllowed")
        await make(client, "full", snapshot_of(arm_id("disks", "loose")))


@pytest.mark.parametrize("disk", ["db-01-data-1", "v2"])
async def test_ultra_and_premium_v2_take_only_incremental_snapshots(
    azure: AzureStandIn, disk: str
) -> None:
    async with compute(azure) as client:
        full = snapshot_of(arm_id("disks", disk))
        assert await refused(client, "full", full) == (400, "OperationNotAllowed")
        made = await make(client, "s", incremental(disk))
    assert made.creation_data.logical_sector_size == 4096


async def test_a_snapshot_of_an_ultra_disk_is_copied_in_the_background() -> None:
    world = small_world(pace=1000.0)
    async with AzureStandIn(world) as azure, compute(azure) as client:
        poller = await client.snapshots.begin_create_or_update(
            GROUP, "s", incremental("db-01-data-1"), polling=False
        )
        assert (await poller.result()).provisioning_state == "Updating"
        world.forward(timedelta(seconds=300))
        begun = await client.snapshots.get(GROUP, "s")
        assert (begun.provisioning_state, begun.completion_percent) == ("Succeeded", 0)
        assert await _disk_from_snapshot(client) == (409, "OperationNotAllowed")
        world.forward(timedelta(seconds=2000))
        assert (await client.snapshots.get(GROUP, "s")).completion_percent == 50
        world.forward(timedelta(seconds=2000))
        assert (await client.snapshots.get(GROUP, "s")).completion_percent == 100


async def _disk_from_snapshot(client: Any) -> tuple[int, str]:
    from azure.core.exceptions import HttpResponseError

    body = snapshot_of(arm_id("snapshots", "s"), sku={"name": "UltraSSD_LRS"})
    with pytest.raises(HttpResponseError) as caught:
        await client.disks.begin_create_or_update(GROUP, "new", body)
    return caught.value.status_code, caught.value.error.code


async def test_three_background_copies_of_a_disk_at_a_time() -> None:
    world = small_world(pace=1000.0)
    async with AzureStandIn(world) as azure, compute(azure) as client:
        for number in range(3):
            await client.snapshots.begin_create_or_update(
                GROUP, f"s{number}", incremental("v2"), polling=False
            )
        assert await refused(client, "s3", incremental("v2")) == (409, "OperationNotAllowed")
        world.forward(timedelta(hours=2))
        await client.snapshots.begin_create_or_update(GROUP, "s3", incremental("v2"), polling=False)


def _many_like(world: World, name: str, count: int, **properties: Any) -> None:
    """Copies of a snapshot under other names, with some properties of their own."""
    kept = world.get(arm_id("snapshots", name))
    assert kept
    for number in range(count):
        own = {**kept["properties"], **properties}
        arm = arm_id("snapshots", f"like-{number}")
        world.put({**kept, "id": arm, "name": f"like-{number}", "properties": own})


async def test_fifty_background_copies_in_a_subscription(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        await make(client, "s", incremental("v2"))
        other = {"createOption": "Copy", "sourceResourceId": arm_id("disks", "another")}
        _many_like(azure.world, "s", 49, completionPercent=10.0, creationData=other)
        await make(client, "the-fiftieth", incremental("db-01-data-1"))
        _many_like(azure.world, "s", 50, completionPercent=10.0, creationData=other)
        assert await refused(client, "more", incremental("v2")) == (409, "OperationNotAllowed")
        await make(client, "not-copied", incremental("loose"))


async def test_a_hundred_copies_into_a_region(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        await make(client, "s", incremental())
        other = {"createOption": "CopyStart", "sourceUniqueId": "of another disk"}
        _many_like(azure.world, "s", 100, completionPercent=10.0, creationData=other)
        for number in range(100):
            copying = azure.world.get(arm_id("snapshots", f"like-{number}"))
            assert copying
            copying["location"] = NORTH
        assert await refused(client, "c", _copy()) == (409, "OperationNotAllowed")
        await make(client, "c", _copy() | {"location": "uksouth"})


async def test_access_is_granted_to_five_snapshots_of_a_family(azure: AzureStandIn) -> None:
    from azure.core.exceptions import ResourceExistsError

    grant = {"access": "Read", "durationInSeconds": 300}
    async with compute(azure) as client:
        await make(client, "s", incremental())
        await make(client, "stranger", incremental("spare"))
        _many_like(azure.world, "s", 5, diskState="ActiveSAS")
        with pytest.raises(ResourceExistsError, match="At most 5"):
            await client.snapshots.begin_grant_access(GROUP, "s", grant)
        await (await client.snapshots.begin_grant_access(GROUP, "stranger", grant)).result()


def _copy(source: str = "s", **top: Any) -> dict[str, Any]:
    return snapshot_of(arm_id("snapshots", source), "CopyStart", location=NORTH, **top)


async def test_an_incremental_snapshot_is_copied_into_another_region() -> None:
    world = small_world(pace=0.0)
    async with AzureStandIn(world) as azure, compute(azure) as client:
        await make(client, "s", incremental())
        world.pace = 1000.0
        await client.snapshots.begin_create_or_update(GROUP, "copy", _copy(), polling=False)
        world.forward(timedelta(seconds=1100))
        copy = await client.snapshots.get(GROUP, "copy")
        assert (copy.location, copy.incremental, copy.completion_percent) == (NORTH, True, 25)
        world.forward(timedelta(seconds=3000))
        copy = await client.snapshots.get(GROUP, "copy")
        assert copy.completion_percent == 100
        assert copy.creation_data.create_option == "CopyStart"


async def test_a_copy_whose_source_is_deleted_ends_in_an_error() -> None:
    world = small_world(pace=0.0)
    async with AzureStandIn(world) as azure, compute(azure) as client:
        await make(client, "s", incremental())
        world.pace = 1000.0
        await client.snapshots.begin_create_or_update(GROUP, "copy", _copy(), polling=False)
        await client.snapshots.begin_delete(GROUP, "s", polling=False)
        world.forward(timedelta(hours=2))
        copy = await client.snapshots.get(GROUP, "copy")
    assert copy.completion_percent == 0
    assert copy.copy_completion_error.error_code == "CopySourceNotFound"


async def test_what_cannot_be_copied_into_another_region(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        await make(client, "full", snapshot_of(arm_id("disks", "loose")))
        assert await refused(client, "c", _copy("full")) == (400, "OperationNotAllowed")
        assert await refused(client, "c", _copy("not-there")) == (404, "NotFound")
        there = incremental() | {"location": NORTH}
        assert await refused(client, "c", there) == (400, "InvalidParameter")


async def test_one_snapshot_of_a_disk_is_copied_into_a_region_at_a_time() -> None:
    world = small_world(pace=0.0)
    async with AzureStandIn(world) as azure, compute(azure) as client:
        await make(client, "s", incremental())
        await make(client, "s2", incremental())
        world.pace = 1000.0
        await client.snapshots.begin_create_or_update(GROUP, "copy", _copy(), polling=False)
        assert await refused(client, "copy2", _copy("s2")) == (409, "OperationNotAllowed")
