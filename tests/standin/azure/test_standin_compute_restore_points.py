"""Restore points and their collections over the wire with the real SDK."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.running_azure import GROUP, REGION, arm_id, compute, small_world

VM = arm_id("virtualMachines", "web-01")
APPLICATION: dict[str, Any] = {"properties": {}}
CRASH: dict[str, Any] = {"properties": {"consistencyMode": "CrashConsistent"}}


async def collect(client: Any, name: str = "points", vm: str = "web-01", **top: Any) -> Any:
    source = {"source": {"id": arm_id("virtualMachines", vm)}}
    body = {"location": REGION, "properties": source, **top}
    return await client.restore_point_collections.create_or_update(GROUP, name, body)


async def take(client: Any, name: str, body: dict[str, Any], collection: str = "points") -> Any:
    poller = await client.restore_points.begin_create(GROUP, collection, name, body)
    return await poller.result()


async def refused(client: Any, name: str, body: dict[str, Any]) -> tuple[int, str]:
    from azure.core.exceptions import HttpResponseError

    with pytest.raises(HttpResponseError) as caught:
        await take(client, name, body)
    return caught.value.status_code, caught.value.error.code


async def test_a_point_holds_the_vm_and_each_of_its_disks(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        collection = await collect(client, tags={"a": "b"})
        point = await take(client, "p1", APPLICATION)
        full = await client.restore_points.get(GROUP, "points", "p1", expand="instanceView")
        expanded = await client.restore_point_collections.get(
            GROUP, "points", expand="restorePoints"
        )
        plain = await client.restore_point_collections.get(GROUP, "points")
    assert collection.provisioning_state == "Succeeded"
    assert (collection.source.id, collection.source.location) == (VM, REGION)
    assert point.provisioning_state == "Succeeded"
    assert point.consistency_mode == "ApplicationConsistent"
    storage = point.source_metadata.storage_profile
    assert storage.os_disk.disk_restore_point.id.startswith(f"{point.id}/diskRestorePoints/")
    assert [disk.name for disk in storage.data_disks] == ["web-01-data-1"]
    assert len(full.instance_view.disk_restore_points) == 2
    assert [one.name for one in expanded.restore_points] == ["p1"]
    assert plain.restore_points is None


async def test_disks_are_left_out_where_asked_for(azure: AzureStandIn) -> None:
    data = {"id": arm_id("disks", "web-01-data-1")}
    async with compute(azure) as client:
        await collect(client)
        point = await take(client, "p", {"properties": {"excludeDisks": [data]}})
        assert point.source_metadata.storage_profile.data_disks == []
        assert [disk.id for disk in point.exclude_disks] == [data["id"]]
        stranger = {"properties": {"excludeDisks": [{"id": arm_id("disks", "loose")}]}}
        assert await refused(client, "q", stranger) == (400, "InvalidParameter")


async def test_three_points_of_a_kind_in_an_hour_and_then_429_with_retry_after(
    azure: AzureStandIn,
) -> None:
    from azure.core.exceptions import HttpResponseError

    async with compute(azure) as client:
        await collect(client)
        await collect(client, "others")
        for number in range(3):
            await take(client, f"p{number}", APPLICATION)
        with pytest.raises(HttpResponseError) as caught:
            await take(client, "p3", APPLICATION, "others")
        assert caught.value.status_code == 429
        assert 3500 < int(caught.value.response.headers["Retry-After"]) <= 3600
        await take(client, "crash", CRASH)
        azure.world.forward(timedelta(hours=1))
        await take(client, "p3", APPLICATION)


async def test_a_vm_has_five_hundred_points(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        await collect(client)
        first = await take(client, "p", APPLICATION)
        kept = azure.world.get(first.id)
        assert kept
        for number in range(499):
            azure.world.put({**kept, "id": f"{first.id}{number}", "name": f"p{number}"})
        assert await refused(client, "more", APPLICATION) == (409, "OperationNotAllowed")


async def test_one_point_of_a_vm_at_a_time() -> None:
    world = small_world(pace=1000.0)
    async with AzureStandIn(world) as azure, compute(azure) as client:
        await collect(client)
        await client.restore_points.begin_create(GROUP, "points", "p", APPLICATION, polling=False)
        assert await refused(client, "q", CRASH) == (409, "OperationNotAllowed")


async def test_a_crash_consistent_point_takes_no_ultra_disk_along(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        await collect(client, vm="db-01")
        assert await refused(client, "p", CRASH) == (400, "OperationNotAllowed")
        without = {"properties": {**CRASH["properties"], "excludeDisks": [_ultra()]}}
        assert (await take(client, "p", without)).consistency_mode == "CrashConsistent"
        assert (await take(client, "q", APPLICATION)).provisioning_state == "Succeeded"


def _ultra() -> dict[str, str]:
    return {"id": arm_id("disks", "db-01-data-1")}


async def test_a_point_is_never_changed_and_a_wrong_mode_is_refused(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        await collect(client)
        await take(client, "p", APPLICATION)
        assert await refused(client, "p", APPLICATION) == (409, "OperationNotAllowed")
        wrong = {"properties": {"consistencyMode": "Perfect"}}
        assert await refused(client, "q", wrong) == (400, "InvalidParameter")


async def test_a_collection_keeps_its_vm_and_lies_where_the_vm_does(azure: AzureStandIn) -> None:
    from azure.core.exceptions import HttpResponseError

    async with compute(azure) as client:
        await collect(client)
        with pytest.raises(HttpResponseError, match="PropertyChangeNotAllowed"):
            await collect(client, vm="db-01")
        with pytest.raises(HttpResponseError, match="NotFound"):
            await collect(client, "other", vm="gone")
        with pytest.raises(HttpResponseError, match="location of its VM"):
            await collect(client, "other", location="northeurope")
        again = await collect(client, tags={"a": "b"})
        changed = await client.restore_point_collections.update(
            GROUP, "points", {"tags": {"c": "d"}}
        )
    assert again.tags == {"a": "b"}
    assert changed.tags == {"c": "d"}


async def test_points_and_collections_are_listed_and_deleted(azure: AzureStandIn) -> None:
    from azure.core.exceptions import ResourceNotFoundError

    async with compute(azure) as client:
        for name in ("points", "second"):
            await collect(client, name)
        await take(client, "p", APPLICATION)
        await take(client, "q", APPLICATION)
        points, collections = client.restore_points, client.restore_point_collections
        assert [one.name async for one in collections.list(GROUP)] == ["points", "second"]
        assert [one.name async for one in collections.list_all()] == ["points", "second"]
        await (await points.begin_delete(GROUP, "points", "p")).result()
        with pytest.raises(ResourceNotFoundError):
            await points.get(GROUP, "points", "p")
        await (await collections.begin_delete(GROUP, "points")).result()
        with pytest.raises(ResourceNotFoundError):
            await points.get(GROUP, "points", "q")
        assert [one.name async for one in collections.list_all()] == ["second"]
    assert not azure.world.of_type("Microsoft.Compute/restorePointCollections/restorePoints")


async def test_a_disk_is_made_from_a_point(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        await collect(client)
        point = await take(client, "p", APPLICATION)
        inside = point.source_metadata.storage_profile.os_disk.disk_restore_point.id
        listed = [
            one.id
            async for one in client.disk_restore_point.list_by_restore_point(GROUP, "points", "p")
        ]
        one = await client.disk_restore_point.get(GROUP, "points", "p", inside.rsplit("/", 1)[-1])
        creation = {"createOption": "Restore", "sourceResourceId": inside}
        body = {"location": REGION, "properties": {"creationData": creation}}
        made = await (await client.disks.begin_create_or_update(GROUP, "new", body)).result()
    assert inside in listed
    assert len(listed) == 2
    assert one.source_resource_id == arm_id("disks", "web-01-os")
    assert (made.disk_size_gb, made.os_type) == (64, "Linux")


async def test_a_point_is_copied_into_another_region(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        collection = await collect(client)
        point = await take(client, "p", APPLICATION)
        body = {"location": "northeurope", "properties": {"source": {"id": collection.id}}}
        await client.restore_point_collections.create_or_update(GROUP, "copies", body)
        source = {"properties": {"sourceRestorePoint": {"id": point.id}}}
        copied = await take(client, "p", source, "copies")
        assert copied.source_restore_point.id == point.id
        assert await refused(client, "p2", source) == (400, "InvalidParameter")
