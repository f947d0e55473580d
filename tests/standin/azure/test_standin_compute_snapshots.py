"""Snapshots over the wire with the real SDK: how they are made, filled in and refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from tests.standin.azure.running_azure import (
    GROUP,
    OTHER_SUBSCRIPTION,
    arm_id,
    compute,
    incremental,
    small_world,
    snapshot_of,
    talking,
)
from tests.standin.azure.running_azure import (
    make_snapshot as make,
)
from tests.standin.azure.running_azure import (
    refused_snapshot as refused,
)

NORTH = "northeurope"


async def test_an_incremental_snapshot_is_what_azure_would_have_made(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        made = await make(client, "s1", incremental(tags={"request": "7"}))
        read = await client.snapshots.get(GROUP, "s1")
    disk = azure.world.get(arm_id("disks", "loose"))
    assert disk
    assert made.as_dict() == read.as_dict()
    assert read.provisioning_state == "Succeeded"
    assert read.incremental is True
    assert (read.sku.name, read.sku.tier) == ("Standard_ZRS", "Standard")
    assert read.creation_data.source_resource_id == disk["id"]
    assert read.creation_data.source_unique_id == disk["properties"]["uniqueId"]
    assert (read.disk_size_gb, read.disk_size_bytes) == (32, 32 * 2**30)
    assert read.incremental_snapshot_family_id
    assert read.unique_id
    assert read.time_created
    assert read.tags == {"request": "7"}
    assert read.disk_state == "Unattached"


async def test_a_full_snapshot_has_no_family_and_lies_on_lrs(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        made = await make(client, "full", snapshot_of(arm_id("disks", "loose")))
    assert made.incremental is False
    assert made.sku.name == "Standard_LRS"
    assert made.incremental_snapshot_family_id is None


async def test_a_source_without_its_leading_slash_is_the_same_source(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        made = await make(client, "s", snapshot_of(arm_id("disks", "LOOSE")[1:], incremental=True))
    assert made.creation_data.source_resource_id == arm_id("disks", "loose")


async def test_snapshots_of_one_disk_are_one_family_and_of_two_disks_two(
    azure: AzureStandIn,
) -> None:
    async with compute(azure) as client:
        first = await make(client, "a", incremental("loose"))
        second = await make(client, "b", incremental("loose"))
        other = await make(client, "c", incremental("spare"))
    assert first.incremental_snapshot_family_id == second.incremental_snapshot_family_id
    assert first.incremental_snapshot_family_id != other.incremental_snapshot_family_id


async def test_the_same_put_again_is_the_same_snapshot(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        first = await make(client, "s", incremental())
        again = await make(client, "s", incremental())
        listed = [one.name async for one in client.snapshots.list()]
    assert again.unique_id == first.unique_id
    assert again.time_created == first.time_created
    assert listed == ["s"]


async def test_a_put_from_another_source_is_refused(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        await make(client, "s", incremental("loose"))
        assert await refused(client, "s", incremental("spare")) == (409, "PropertyChangeNotAllowed")
        full = snapshot_of(arm_id("disks", "loose"))
        assert await refused(client, "s", full) == (409, "PropertyChangeNotAllowed")
        north = incremental("loose") | {"location": NORTH}
        assert await refused(client, "s", north) == (409, "InvalidResourceLocation")


# --- what is refused -------------------------------------------------------------------------


async def test_a_disk_of_another_subscription_is_refused(azure: AzureStandIn) -> None:
    body = snapshot_of(arm_id("disks", "far", OTHER_SUBSCRIPTION), incremental=True)
    async with compute(azure) as client:
        assert await refused(client, "s", body) == (400, "InvalidParameter")


async def test_a_disk_that_is_not_there_is_a_404(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        assert await refused(client, "s", incremental("gone")) == (404, "NotFound")


async def test_a_group_that_is_not_there_is_a_404(azure: AzureStandIn) -> None:
    from azure.core.exceptions import ResourceNotFoundError

    async with compute(azure) as client:
        with pytest.raises(ResourceNotFoundError) as caught:
            await client.snapshots.begin_create_or_update("no-group", "s", incremental())
    assert caught.value.error.code == "ResourceGroupNotFound"


@pytest.mark.parametrize("raw", ["{", "[]", '"text"', '{"properties": []}', '{"tags": "none"}'])
async def test_what_is_no_json_object_is_refused(azure: AzureStandIn, raw: str) -> None:
    path = f"{arm_id('snapshots', 's')}?api-version=2026-03-02"
    async with talking(azure) as session:
        for method in ("PUT", "PATCH"):
            await session.put(path, json=incremental())
            answer = await session.request(method, path, data=raw)
            error = (await answer.json())["error"]
            assert (answer.status, error["code"]) == (400, "InvalidRequestContent")


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("a" * 81, {}, "InvalidParameter"),
        ("-begins", {}, "InvalidParameter"),
        ("has space", {}, "InvalidParameter"),
        ("ends.", {}, "InvalidParameter"),
        ("s", {"location": ""}, "LocationRequired"),
        ("s", {"tags": {f"t{number}": "v" for number in range(51)}}, "InvalidTagCount"),
        ("s", {"tags": {"t": "v" * 257}}, "InvalidTagValueLength"),
        ("s", {"sku": {"name": "Premium_LRS"}}, "InvalidParameter"),
        ("s", {"sku": {"name": "Nonsense"}}, "InvalidParameter"),
    ],
)
async def test_what_azure_refuses_of_a_name_a_tag_or_a_sku(
    azure: AzureStandIn, name: str, change: dict[str, Any], code: str
) -> None:
    path = f"{arm_id('snapshots', name)}?api-version=2026-03-02"
    async with (
        talking(azure) as session,
        session.put(path, json=incremental() | change) as answer,
    ):
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, code)
    assert not azure.world.of_type("Microsoft.Compute/snapshots")


async def test_a_name_of_eighty_characters_is_taken(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        await make(client, "a" * 80, incremental())


# --- changing, granting, deleting ------------------------------------------------------------


async def test_tags_and_network_access_are_changed(azure: AzureStandIn) -> None:
    change = {"tags": {"keep": "7"}, "properties": {"networkAccessPolicy": "DenyAll"}}
    async with compute(azure) as client:
        await make(client, "s", incremental(tags={"old": "1"}))
        changed = await (await client.snapshots.begin_update(GROUP, "s", change)).result()
    assert changed.tags == {"keep": "7"}
    assert changed.network_access_policy == "DenyAll"
    assert changed.provisioning_state == "Succeeded"


async def test_a_deleted_snapshot_is_gone_and_can_be_deleted_again(azure: AzureStandIn) -> None:
    from azure.core.exceptions import ResourceNotFoundError

    async with compute(azure) as client:
        await make(client, "s", incremental())
        assert await (await client.snapshots.begin_delete(GROUP, "s")).result() is None
        with pytest.raises(ResourceNotFoundError) as caught:
            await client.snapshots.get(GROUP, "s")
        await (await client.snapshots.begin_delete(GROUP, "s")).result()
    assert caught.value.error.code == "ResourceNotFound"


async def test_access_is_granted_holds_off_deletion_and_is_taken_back(azure: AzureStandIn) -> None:
    from azure.core.exceptions import ResourceExistsError

    grant = {"access": "Read", "durationInSeconds": 300}
    async with compute(azure) as client:
        await make(client, "s", incremental())
        poller = await client.snapshots.begin_grant_access(GROUP, "s", grant)
        assert (await poller.result()).access_sas.startswith("https://")
        assert (await client.snapshots.get(GROUP, "s")).disk_state == "ActiveSAS"
        with pytest.raises(ResourceExistsError, match="EndGetAccess"):
            await client.snapshots.begin_delete(GROUP, "s")
        await (await client.snapshots.begin_revoke_access(GROUP, "s")).result()
        assert (await client.snapshots.get(GROUP, "s")).disk_state == "Unattached"
        await (await client.snapshots.begin_delete(GROUP, "s")).result()


async def test_a_grant_ends_by_itself(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        await make(client, "s", incremental())
        grant = {"access": "Read", "durationInSeconds": 300}
        await (await client.snapshots.begin_grant_access(GROUP, "s", grant)).result()
        azure.world.forward(timedelta(seconds=300))
        assert (await client.snapshots.get(GROUP, "s")).disk_state == "Unattached"


async def test_no_access_is_granted_where_the_network_policy_denies_it(
    azure: AzureStandIn,
) -> None:
    from azure.core.exceptions import ResourceExistsError

    body = incremental()
    body["properties"]["networkAccessPolicy"] = "DenyAll"
    async with compute(azure) as client:
        await make(client, "s", body)
        with pytest.raises(ResourceExistsError, match="DenyAll"):
            await client.snapshots.begin_grant_access(
                GROUP, "s", {"access": "Read", "durationInSeconds": 300}
            )


async def test_a_locked_immutability_policy_keeps_a_snapshot(azure: AzureStandIn) -> None:
    from azure.core.exceptions import ResourceExistsError

    async with compute(azure) as client:
        await make(client, "s", incremental())
        unlocked = {"immutabilityDurationDays": 30, "type": "Unlocked"}
        await (
            await client.snapshots.begin_update_immutability_policy(GROUP, "s", unlocked)
        ).result()
        locked = {"immutabilityDurationDays": 30, "type": "Locked"}
        update = client.snapshots.begin_update_immutability_policy_lock
        await (await update(GROUP, "s", locked)).result()
        with pytest.raises(ResourceExistsError, match="locked immutability"):
            await client.snapshots.begin_delete(GROUP, "s")
        with pytest.raises(ResourceExistsError, match="made longer"):
            await update(GROUP, "s", locked | {"immutabilityDurationDays": 7})


async def test_lists_are_read_page_by_page() -> None:
    world = small_world(page_size=2)
    async with AzureStandIn(world) as azure, compute(azure) as client:
        for number in range(5):
            await make(client, f"s{number}", incremental())
        azure.forget()
        listed = [one.name async for one in client.snapshots.list()]
        in_group = [one.name async for one in client.snapshots.list_by_resource_group(GROUP)]
    assert listed == in_group == [f"s{number}" for number in range(5)]
    assert azure.counts == {"Snapshots_List": 3, "Snapshots_ListByResourceGroup": 3}


def test_the_clock_can_be_moved_without_a_server() -> None:
    """The world is plain values: work whose time has come is done when it is looked at."""
    world, done = World(), []
    world.after(timedelta(hours=1), lambda: done.append("later"))
    world.forward(timedelta(minutes=59))
    assert done == []
    world.forward(timedelta(minutes=1))
    assert done == ["later"]
