"""Long-running operations as they go over the wire, and as the real SDK's pollers read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import aiohttp
import pytest

from deploy.local.azure.server import AzureStandIn
from deploy.local.faults import Fault, Kind
from tests.standin.azure.running_azure import (
    GROUP,
    REGION,
    arm_id,
    compute,
    incremental,
    small_world,
    snapshot_of,
    talking,
)

STATUS, RESULT = "Azure-AsyncOperation", "Location"
SLOW = 1000.0
VM = arm_id("virtualMachines", "web-01")
COLLECTION = arm_id("restorePointCollections", "points")
GRANT = {"access": "Read", "durationInSeconds": 60}


class Shape(NamedTuple):
    """A request and what real Azure's first answer to it looks like."""

    method: str
    path: str
    body: Mapping[str, Any] | None
    status: int
    headers: set[str]
    state: str | None  #: the body's provisioningState; None: an empty body


NEW_VM = {
    "location": REGION,
    "properties": {
        "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
        "storageProfile": {"osDisk": {"createOption": "FromImage", "osType": "Linux"}},
    },
}
EMPTY_DISK = {
    "location": REGION,
    "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8},
}
BOTH = {STATUS, RESULT}
SHAPES = {
    "a snapshot made": Shape(
        "PUT", arm_id("snapshots", "new"), incremental(), 202, BOTH, "Updating"
    ),
    "a snapshot changed": Shape("PATCH", arm_id("snapshots", "s"), {}, 202, BOTH, "Updating"),
    "a snapshot deleted": Shape("DELETE", arm_id("snapshots", "s"), None, 202, BOTH, None),
    "a snapshot's access granted": Shape(
        "POST", f"{arm_id('snapshots', 's')}/beginGetAccess", GRANT, 202, BOTH, None
    ),
    "a snapshot's access revoked": Shape(
        "POST", f"{arm_id('snapshots', 's')}/endGetAccess", None, 202, BOTH, None
    ),
    "a disk made": Shape("PUT", arm_id("disks", "new"), EMPTY_DISK, 202, BOTH, "Updating"),
    "a disk changed": Shape("PATCH", arm_id("disks", "loose"), {}, 202, BOTH, "Updating"),
    "a disk deleted": Shape("DELETE", arm_id("disks", "loose"), None, 202, BOTH, None),
    "a VM made": Shape("PUT", arm_id("virtualMachines", "new"), NEW_VM, 201, {STATUS}, "Creating"),
    "a VM put again": Shape("PUT", VM, {"location": REGION}, 200, {STATUS}, "Updating"),
    "a VM started": Shape("POST", f"{VM}/start", None, 202, BOTH, None),
    "a VM deallocated": Shape("POST", f"{VM}/deallocate", None, 202, BOTH, None),
    "a collection made": Shape(
        "PUT",
        arm_id("restorePointCollections", "new"),
        {"location": REGION, "properties": {"source": {"id": VM}}},
        201,
        set(),
        "Succeeded",
    ),
    "a restore point made": Shape(
        "PUT", f"{COLLECTION}/restorePoints/p", {}, 201, {STATUS}, "Creating"
    ),
}


@pytest.mark.parametrize("name", SHAPES)
async def test_the_first_answer_is_as_azure_sends_it(name: str) -> None:
    shape = SHAPES[name]
    world = small_world()
    async with AzureStandIn(world) as azure, talking(azure) as session:
        await _prepared(session)
        world.pace, world.retry_after_seconds = SLOW, 2
        url = f"{shape.path}?api-version=2026-04-01"
        async with session.request(shape.method, url, json=shape.body) as answer:
            text = await answer.text()
            assert answer.status == shape.status, text
            assert {STATUS, RESULT} & set(answer.headers) == shape.headers
            assert ("Retry-After" in answer.headers) == bool(shape.headers)
            if shape.headers:
                assert answer.headers["Retry-After"] == "2"
            if shape.state is None:
                assert text == ""
            else:
                body = await answer.json()
                assert body["properties"]["provisioningState"] == shape.state
                assert body["id"] == shape.path
            await _asked_after(session, azure, answer.headers, shape)


async def _prepared(session: aiohttp.ClientSession) -> None:
    version = "?api-version=2026-04-01"
    await session.put(f"{arm_id('snapshots', 's')}{version}", json=incremental())
    source = {"location": REGION, "properties": {"source": {"id": VM}}}
    await session.put(f"{COLLECTION}{version}", json=source)


async def _asked_after(
    session: aiohttp.ClientSession,
    azure: AzureStandIn,
    headers: Mapping[str, str],
    shape: Shape,
) -> None:
    """While it runs: InProgress, and 202 at Location. At the end: Succeeded, and the result."""
    if not shape.headers:
        return
    running = await (await session.get(headers[STATUS])).json()
    assert running["status"] == "InProgress"
    assert set(running) == {"startTime", "status", "name"}
    if RESULT in shape.headers:
        assert "monitor=true" in headers[RESULT]
        waiting = await session.get(headers[RESULT])
        assert (waiting.status, await waiting.read()) == (202, b"")
        assert waiting.headers["Location"]
        assert waiting.headers["Retry-After"] == "2"
    azure.world.forward(timedelta(hours=1))
    over = await (await session.get(headers[STATUS])).json()
    assert over["status"] == "Succeeded"
    assert over["endTime"] > over["startTime"]
    if RESULT in shape.headers:
        await _result(session, headers[RESULT], over, shape)


async def _result(
    session: aiohttp.ClientSession, location: str, over: dict[str, Any], shape: Shape
) -> None:
    result = await session.get(location)
    assert result.status == 200
    if shape.method in ("PUT", "PATCH"):
        body = await result.json()
        assert body["id"] == shape.path
        assert body["properties"]["provisioningState"] == "Succeeded"
        assert over["properties"]["output"] == body
    elif shape.path.endswith("beginGetAccess"):
        assert (await result.json())["accessSAS"].startswith("https://")
    else:
        assert await result.read() == b""
        assert "properties" not in over


@pytest.mark.parametrize("name", ["a snapshot made", "a disk made"])
async def test_a_disk_or_snapshot_is_first_answered_as_it_was_asked_for(name: str) -> None:
    shape = SHAPES[name]
    assert shape.body is not None
    async with AzureStandIn(small_world(pace=SLOW)) as azure, talking(azure) as session:
        asked = {**shape.body, "sku": {"name": "Standard_LRS"}, "tags": {"a": "b"}}
        url = f"{shape.path}?api-version=2026-03-02"
        body = await (await session.put(url, json=asked)).json()
        kind = shape.path.split("/")[-2]
        assert body == {
            **asked,
            "id": shape.path,
            "name": "new",
            "type": f"Microsoft.Compute/{kind}",
            "properties": {**asked["properties"], "provisioningState": "Updating"},
        }
        azure.world.forward(timedelta(hours=1))
        over = (await (await session.get(url)).json())["properties"]
    assert over["provisioningState"] == "Succeeded"
    assert {"uniqueId", "timeCreated", "diskState", "diskSizeBytes"} <= set(over)


async def test_a_vm_is_first_answered_without_ids_of_its_new_disks() -> None:
    async with AzureStandIn(small_world(pace=SLOW)) as azure, talking(azure) as session:
        url = f"{arm_id('virtualMachines', 'new')}?api-version=2026-04-01"
        body = await (await session.put(url, json=NEW_VM)).json()
        first = body["properties"]["storageProfile"]["osDisk"]
        later = (await (await session.get(url)).json())["properties"]["storageProfile"]["osDisk"]
    assert first["managedDisk"] == {"storageAccountType": "Standard_LRS"}
    assert later["managedDisk"]["id"]
    assert "instanceView" not in body["properties"]


@pytest.mark.parametrize("mode", ["", "CrashConsistent"])
async def test_a_restore_point_is_first_answered_without_its_disks_points(mode: str) -> None:
    asked = {"properties": {"consistencyMode": mode}} if mode else {}
    async with AzureStandIn(small_world(pace=SLOW)) as azure, talking(azure) as session:
        source = {"location": REGION, "properties": {"source": {"id": VM}}}
        await session.put(f"{COLLECTION}?api-version=2026-04-01", json=source)
        url = f"{COLLECTION}/restorePoints/p?api-version=2026-04-01"
        body = await (await session.put(url, json=asked)).json()
        azure.world.forward(timedelta(hours=1))
        later = (await (await session.get(url)).json())["properties"]
    assert set(body) == {"id", "name", "properties"}
    assert body["properties"].get("consistencyMode", "") == mode
    assert body["properties"]["timeCreated"]
    assert "diskRestorePoint" not in str(body)
    assert later["consistencyMode"] == (mode or "ApplicationConsistent")
    assert later["sourceMetadata"]["storageProfile"]["osDisk"]["diskRestorePoint"]["id"]


@pytest.mark.parametrize("kind", ["disks", "snapshots"])
async def test_disks_and_snapshots_never_answer_201(azure: AzureStandIn, kind: str) -> None:
    """The SDK takes 200 and 202 only."""
    body = EMPTY_DISK if kind == "disks" else incremental()
    url = f"{arm_id(kind, 'new')}?api-version=2026-03-02"
    async with talking(azure) as session:
        statuses = [(await session.put(url, json=body)).status for _ in range(2)]
    assert statuses == [202, 202]


async def test_a_poller_waits_as_long_as_the_work_takes() -> None:
    world = small_world(pace=0.5)
    async with AzureStandIn(world) as azure, compute(azure) as client:
        poller = await client.snapshots.begin_create_or_update(GROUP, "s", incremental())
        assert not poller.done()
        made = await poller.result()
        assert made.provisioning_state == "Succeeded"
        assert azure.counts["DiskOperations_Get"] > 1


async def test_a_poller_can_be_resumed_by_another_process() -> None:
    world = small_world(pace=SLOW)
    async with AzureStandIn(world) as azure:
        async with compute(azure) as client:
            poller = await client.snapshots.begin_create_or_update(GROUP, "s", incremental())
            kept = poller.continuation_token()
        world.forward(timedelta(hours=1))
        async with compute(azure) as client:
            resumed = await client.snapshots.begin_create_or_update(
                GROUP, "s", incremental(), continuation_token=kept
            )
            assert (await resumed.result()).name == "s"
    assert azure.counts["Snapshots_CreateOrUpdate"] == 1


async def test_work_that_fails_says_why_with_status_200(azure: AzureStandIn) -> None:
    from azure.core.exceptions import HttpResponseError

    azure.faults.add(
        Fault(
            Kind.WORK_FAILS,
            operation="Snapshots_CreateOrUpdate",
            code="InternalServerError",
            message="The storage account was not reached.",
        )
    )
    async with compute(azure) as client:
        poller = await client.snapshots.begin_create_or_update(GROUP, "s", incremental())
        with pytest.raises(HttpResponseError) as caught:
            await poller.result()
        assert caught.value.status_code == 200
        assert caught.value.error.code == "InternalServerError"
        assert (await client.snapshots.get(GROUP, "s")).provisioning_state == "Failed"
        again = await client.snapshots.begin_create_or_update(GROUP, "s", incremental())
        assert (await again.result()).provisioning_state == "Succeeded"


async def test_failed_work_is_an_error_at_location_too(azure: AzureStandIn) -> None:
    azure.faults.add(Fault(Kind.WORK_FAILS, operation="Disks_Delete", message="No."))
    async with talking(azure) as session:
        begun = await session.delete(f"{arm_id('disks', 'loose')}?api-version=1")
        over = await session.get(begun.headers[RESULT])
        assert over.status == 500
        assert (await over.json())["error"]["message"] == "No."
        assert (await session.get(f"{arm_id('disks', 'loose')}?api-version=1")).status == 200


async def test_an_operation_that_is_not_known_is_a_404(azure: AzureStandIn) -> None:
    path = f"/subscriptions/s/providers/Microsoft.Compute/locations/{REGION}/DiskOperations/none"
    async with talking(azure) as session:
        assert (await session.get(f"{path}?api-version=1")).status == 404


async def test_a_sdk_follows_the_next_link_with_its_own_api_version() -> None:
    """The SDK overwrites api-version in the next link: it must stand there once only."""
    world = small_world(page_size=1)
    async with AzureStandIn(world) as azure, compute(azure) as client:
        names = [vm.name async for vm in client.virtual_machines.list_all()]
    assert names == ["db-01", "web-01"]
    assert [one.query["api-version"] for one in azure.asked("VirtualMachines_ListAll")] == [
        "2026-04-01"
    ] * 2


async def test_semicolons_in_paths_are_read_raw_and_escaped(azure: AzureStandIn) -> None:
    azure.world.put({**_disk("a;b"), "id": arm_id("disks", "a;b")})
    async with talking(azure) as session:
        for name in ("a;b", "a%3Bb", "a%3bb"):
            url = f"{azure.url}{arm_id('disks', name)}?api-version=1"
            from yarl import URL

            answer = await session.get(URL(url, encoded=True))
            assert (await answer.json())["name"] == "a;b"


def _disk(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "Microsoft.Compute/disks",
        "location": REGION,
        "properties": {"diskSizeGB": 4},
    }


async def test_a_disk_made_from_a_snapshot_of_a_disk_is_that_big(azure: AzureStandIn) -> None:
    async with compute(azure) as client:
        await (await client.snapshots.begin_create_or_update(GROUP, "s", incremental())).result()
        body = snapshot_of(arm_id("snapshots", "s"), sku={"name": "Premium_LRS"})
        poller = await client.disks.begin_create_or_update(GROUP, "new", body)
        assert (await poller.result()).disk_size_gb == 32


async def test_a_vm_is_first_answered_with_the_id_of_a_disk_that_it_takes() -> None:
    disk = arm_id("disks", "loose")
    async with AzureStandIn(small_world(pace=SLOW)) as azure, talking(azure) as session:
        azure.world.resources[disk.lower()]["properties"]["osType"] = "Linux"
        for name, named in (("one", disk), ("two", disk.strip("/"))):
            os_disk = {"createOption": "Attach", "managedDisk": {"id": named}}
            body = {"location": REGION, "properties": dict(NEW_VM["properties"])}
            body["properties"]["storageProfile"] = {"osDisk": os_disk}
            path = arm_id("virtualMachines", name)
            made = await (await session.put(f"{path}?api-version=1", json=body)).json()
            shown = made["properties"]["storageProfile"]["osDisk"]["managedDisk"]
            assert shown["id"] == disk
            azure.world.resources[disk.lower()].pop("managedBy")
