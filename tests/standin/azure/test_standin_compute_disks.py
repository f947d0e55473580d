"""Managed disks over the wire with the real SDK."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.running_azure import (
    GROUP,
    REGION,
    arm_id,
    compute,
    incremental,
    snapshot_of,
)


def empty(size_gib: int = 8, **top: Any) -> dict[str, Any]:
    properties = {"creationData": {"createOption": "Empty"}, "diskSizeGB": size_gib}
    return {"location": REGION, "properties": properties, **top}


async def make(client: Any, name: str, body: dict[str, Any]) -> Any:
    return await (await client.disks.begin_create_or_update(GROUP, name, body)).result()


async def refused(client: Any, name: str, body: dict[str, Any]) -> tuple[int, str]:
    from azure.core.exceptions import HttpResponseError

    with pytest.raises(HttpResponseError) as caught:
        await make(client, name, body)
    return caught.value.status_code, caught.value.error.code


async def test_an_empty_disk_is_filled_in_as_azure_does(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        body = empty(200, sku={"name": "PremiumV2_LRS"}, zones=["1"], tags={"a": "b"})
        disk = await make(client, "new", body)
    assert (disk.sku.name, disk.sku.tier) == ("PremiumV2_LRS", "Premium")
    assert (disk.disk_size_gb, disk.disk_size_bytes) == (200, 200 * 2**30)
    assert disk.disk_state == "Unattached"
    assert disk.provisioning_state == "Succeeded"
    assert disk.zones == ["1"]
    assert disk.creation_data.logical_sector_size == 4096
    assert disk.unique_id
    assert disk.time_created


async def test_a_disk_of_a_snapshot_takes_over_its_system_and_its_source(
    azure: AzureStandIn,
) -> None:
    async with compute(azure) as client:
        os_disk = incremental("web-01-os")
        await (await client.snapshots.begin_create_or_update(GROUP, "s", os_disk)).result()
        snapshot = await client.snapshots.get(GROUP, "s")
        body = snapshot_of(arm_id("snapshots", "s"), sku={"name": "Premium_LRS"})
        disk = await make(client, "restored", body)
    assert (snapshot.os_type, snapshot.hyper_v_generation) == ("Linux", "V2")
    assert (disk.os_type, disk.hyper_v_generation) == ("Linux", "V2")
    assert disk.supported_capabilities.architecture == "x64"
    assert disk.creation_data.source_unique_id == snapshot.unique_id
    assert disk.disk_size_gb == 64


async def test_a_disk_is_not_smaller_than_its_source_nor_in_another_region(
    azure: AzureStandIn,
) -> None:
    body = snapshot_of(arm_id("disks", "loose"))
    body["properties"]["diskSizeGB"] = 16
    async with compute(azure) as client:
        assert await refused(client, "new", body) == (400, "InvalidParameter")
        there = snapshot_of(arm_id("disks", "loose")) | {"location": "northeurope"}
        assert await refused(client, "new", there) == (400, "InvalidParameter")
        assert await refused(client, "new", snapshot_of(arm_id("disks", "gone"))) == (
            404,
            "NotFound",
        )
        assert await refused(client, "new", snapshot_of("/x", "Import")) == (
            400,
            "InvalidParameter",
        )


async def test_a_snapshot_with_large_sectors_makes_only_disks_that_have_them(
    azure: AzureStandIn,
) -> None:
    async with compute(azure) as client:
        poller = await client.snapshots.begin_create_or_update(GROUP, "s", incremental("v2"))
        await poller.result()
        premium = snapshot_of(arm_id("snapshots", "s"), sku={"name": "Premium_LRS"})
        assert await refused(client, "new", premium) == (400, "OperationNotAllowed")
        ultra = snapshot_of(arm_id("snapshots", "s"), sku={"name": "UltraSSD_LRS"})
        assert (await make(client, "new", ultra)).sku.tier == "Ultra"


async def test_a_disk_grows_and_does_not_shrink(azure: AzureStandIn) -> None:
    from azure.core.exceptions import HttpResponseError

    async with compute(azure) as client:
        larger = {"properties": {"diskSizeGB": 64}, "sku": {"name": "StandardSSD_LRS"}}
        disk = await (await client.disks.begin_update(GROUP, "loose", larger)).result()
        assert (disk.disk_size_gb, disk.sku.name) == (64, "StandardSSD_LRS")
        with pytest.raises(HttpResponseError, match="ResizeDiskError"):
            await client.disks.begin_update(GROUP, "loose", {"properties": {"diskSizeGB": 32}})


async def test_the_same_put_changes_and_another_source_is_refused(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        first = await make(client, "new", empty(8))
        again = await make(client, "new", empty(16, tags={"a": "b"}))
        assert again.unique_id == first.unique_id
        assert (again.disk_size_gb, again.tags) == (16, {"a": "b"})
        other = snapshot_of(arm_id("disks", "loose"))
        assert await refused(client, "new", other) == (409, "PropertyChangeNotAllowed")


async def test_an_attached_disk_is_not_deleted_and_a_loose_one_is(azure: AzureStandIn) -> None:
    from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

    async with compute(azure) as client:
        with pytest.raises(ResourceExistsError, match="attached to VM"):
            await client.disks.begin_delete(GROUP, "web-01-data-1")
        await (await client.disks.begin_delete(GROUP, "loose")).result()
        with pytest.raises(ResourceNotFoundError):
            await client.disks.get(GROUP, "loose")


async def test_access_to_a_disk_of_a_running_vm_is_not_granted(azure: AzureStandIn) -> None:
    from azure.core.exceptions import ResourceExistsError

    grant = {"access": "Read", "durationInSeconds": 60}
    for disk in ("web-01-os", "spare"):
        resource = azure.world.get(arm_id("disks", disk))
        assert resource
        resource["properties"]["networkAccessPolicy"] = "AllowAll"
    async with compute(azure) as client:
        with pytest.raises(ResourceExistsError, match="running VM"):
            await client.disks.begin_grant_access(GROUP, "web-01-os", grant)
        access = await (await client.disks.begin_grant_access(GROUP, "spare", grant)).result()
        assert access.access_sas
        await (await client.disks.begin_revoke_access(GROUP, "spare")).result()
        assert (await client.disks.get(GROUP, "spare")).disk_state == "Unattached"
