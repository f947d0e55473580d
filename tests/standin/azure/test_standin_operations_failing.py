"""Work that is accepted and fails later, and work whose address is forgotten or never given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any, NamedTuple

import aiohttp
import pytest

from deploy.local.azure.server import AzureStandIn
from deploy.local.control import TOKEN_HEADER
from deploy.local.faults import Fault, Kind
from deploy.local.fleet.compute import DiskSpec, disk_body
from tests.standin.azure.running_azure import (
    CREATED,
    REGION,
    arm_id,
    incremental,
    small_world,
    snapshot_of,
    talking,
)

STATUS, RESULT = "Azure-AsyncOperation", "Location"
VERSION = {"api-version": "2026-04-01"}
VM = arm_id("virtualMachines", "web-01")
SPARE_OS = arm_id("disks", "spare-os")
POINT = f"{arm_id('restorePointCollections', 'points')}/restorePoints/p"
FAR = snapshot_of(arm_id("snapshots", "s"), "CopyStart") | {"location": "northeurope"}


class Failing(NamedTuple):
    """A write whose work fails: the request, the code, and the resource it is about."""

    method: str
    path: str
    body: Mapping[str, Any] | None
    status: int
    code: str
    about: str


def swap(disk: str) -> Mapping[str, Any]:
    os_disk = {"name": disk.rsplit("/", 1)[-1], "managedDisk": {"id": disk}}
    return {"properties": {"storageProfile": {"osDisk": os_disk}}}


FAILURES = {
    "a start": Failing("POST", f"{VM}/start", None, 202, "AllocationFailed", VM),
    "a deallocation": Failing("POST", f"{VM}/deallocate", None, 202, "InternalServerError", VM),
    "an OS disk swap": Failing("PATCH", VM, swap(SPARE_OS), 200, "OperationNotAllowed", VM),
    "an attachment": Failing(
        "POST",
        f"{VM}/attachDetachDataDisks",
        {"dataDisksToAttach": [{"diskId": arm_id("disks", "loose"), "lun": 5}]},
        202,
        "AttachDiskWhileBeingDetached",
        VM,
    ),
    "a snapshot": Failing(
        "PUT",
        arm_id("snapshots", "new"),
        incremental(),
        202,
        "DiskEncryptionSetKeyNotAccessible",
        arm_id("snapshots", "new"),
    ),
    "a copy": Failing(
        "PUT", arm_id("snapshots", "far"), FAR, 202, "SkuNotAvailable", arm_id("snapshots", "far")
    ),
    "a disk": Failing(
        "PUT",
        arm_id("disks", "new"),
        snapshot_of(arm_id("snapshots", "s")),
        202,
        "SkuNotAvailable",
        arm_id("disks", "new"),
    ),
    "a changed disk": Failing(
        "PATCH",
        arm_id("disks", "loose"),
        {"tags": {"a": "b"}, "properties": {"diskSizeGB": 64}},
        202,
        "OperationNotAllowed",
        arm_id("disks", "loose"),
    ),
    "a restore point": Failing("PUT", POINT, {}, 201, "VMAgentStatusCommunicationError", POINT),
}


def failing_world() -> Any:
    """The small world with web-01 stopped and one more disk to boot from."""
    world = small_world()
    spare = disk_body(SPARE_OS, REGION, DiskSpec(sku="Premium_LRS", size_gib=64), CREATED)
    spare["properties"]["osType"] = "Linux"
    world.put(spare)
    vm = world.get(VM)
    assert vm is not None
    for status in vm["properties"]["instanceView"]["statuses"]:
        if status["code"].startswith("PowerState/"):
            status |= {"code": "PowerState/deallocated", "displayStatus": "VM deallocated"}
    for disk in world.of_type("Microsoft.Compute/disks"):
        if disk.get("managedBy") == VM:
            disk["properties"]["diskState"] = "Reserved"
    return world


async def prepare(session: aiohttp.ClientSession) -> None:
    for path, body in (
        (arm_id("snapshots", "s"), incremental()),
        (
            arm_id("restorePointCollections", "points"),
            {"location": REGION, "properties": {"source": {"id": VM}}},
        ),
    ):
        assert (await session.put(path, json=body, params=VERSION)).status < 300


async def body_of(session: aiohttp.ClientSession, address: str) -> Any:
    return await (await session.get(address)).json()


@pytest.mark.parametrize("name", FAILURES)
async def test_accepted_work_that_fails_says_so_only_at_its_address(name: str) -> None:
    wanted = FAILURES[name]
    async with AzureStandIn(failing_world()) as azure, talking(azure) as session:
        await prepare(session)
        before = azure.world.snapshot()
        fault = Fault(Kind.WORK_FAILS, method=wanted.method, code=wanted.code, message="No.")
        azure.faults.add(fault)
        url, asked = wanted.path, wanted.body
        async with session.request(wanted.method, url, json=asked, params=VERSION) as begun:
            assert begun.status == wanted.status, await begun.text()
        over = await body_of(session, begun.headers[STATUS])
        assert over["status"] == "Failed"
        assert over["error"] == {"code": wanted.code, "message": "No."}
        assert over["endTime"] >= over["startTime"]
        assert "properties" not in over
        left = azure.world.get(wanted.about)
        assert left is not None
        assert left["properties"]["provisioningState"] == "Failed"
        assert_goal_is_missed(azure, wanted.about, before)


def assert_goal_is_missed(azure: AzureStandIn, about: str, before: dict[str, Any]) -> None:
    """What was there is as it was; a copy that was begun copies nothing."""
    azure.world.forward(timedelta(hours=1))
    known = before.get(about.lower())
    if known is None:
        return assert_nothing_is_copied(azure, about)
    known["properties"]["provisioningState"] = "Failed"
    after = azure.world.snapshot()
    strip_times(known, after[about.lower()])
    assert after[about.lower()] == known
    del after[about.lower()], before[about.lower()]
    assert after == before
    return None


def assert_nothing_is_copied(azure: AzureStandIn, about: str) -> None:
    made = azure.world.get(about)
    assert made is not None
    assert not made["properties"].get("completionPercent")


def strip_times(*vms: dict[str, Any]) -> None:
    """The instance view says anew when it was provisioned."""
    for vm in vms:
        for status in vm["properties"].get("instanceView", {}).get("statuses", ()):
            status.pop("time", None)


async def test_work_is_made_to_fail_by_the_control_pages(azure: AzureStandIn) -> None:
    fault = {"kind": "work-fails", "operation": "VirtualMachines_Start", "code": "SkuNotAvailable"}
    headers = {TOKEN_HEADER: azure.control_token}
    async with talking(azure) as session:
        added = await session.post("/_standin/faults", json=fault, headers=headers)
        assert added.status == 201
        begun = await session.post(f"{VM}/start", params=VERSION)
        over = await body_of(session, begun.headers[STATUS])
        assert (over["status"], over["error"]["code"]) == ("Failed", "SkuNotAvailable")
        again = await session.post(f"{VM}/start", params=VERSION)
        assert (await body_of(session, again.headers[STATUS]))["status"] == "Succeeded"
        vm = await body_of(session, f"{VM}?api-version=2026-04-01")
    assert vm["properties"]["provisioningState"] == "Succeeded"


@pytest.mark.parametrize("through", ["code", "the control pages"])
async def test_a_forgotten_operation_is_not_found_while_its_work_goes_on(
    azure: AzureStandIn, through: str
) -> None:
    fault = Fault(Kind.OPERATION_FORGOTTEN, operation="Snapshots_*", method="PUT")
    path = arm_id("snapshots", "s")
    async with talking(azure) as session:
        await switched_on(azure, session, fault, through)
        begun = await session.put(path, json=incremental(), params=VERSION)
        assert begun.status == 202
        for name in (STATUS, RESULT):
            answer = await session.get(begun.headers[name])
            assert answer.status == 404
            assert (await answer.json())["error"]["code"] == "NotFound"
        made = await body_of(session, f"{path}?api-version=2026-03-02")
        assert made["properties"]["provisioningState"] == "Succeeded"
        again = await session.put(path, json=incremental(), params=VERSION)
        assert (await body_of(session, again.headers[STATUS]))["status"] == "Succeeded"
        azure.faults.clear()
        assert (await session.get(begun.headers[STATUS])).status == 200


async def switched_on(
    azure: AzureStandIn, session: aiohttp.ClientSession, fault: Fault, through: str
) -> None:
    if through == "code":
        azure.faults.add(fault)
        return
    headers = {TOKEN_HEADER: azure.control_token}
    added = await session.post("/_standin/faults", json=asdict(fault), headers=headers)
    assert added.status == 201


@pytest.mark.parametrize("through", ["code", "the control pages"])
async def test_an_answer_without_operation_headers_leaves_the_work_going_on(
    azure: AzureStandIn, through: str
) -> None:
    fault = Fault(Kind.NO_OPERATION_HEADERS, operation="VirtualMachines_Deallocate")
    async with talking(azure) as session:
        await switched_on(azure, session, fault, through)
        begun = await session.post(f"{VM}/deallocate", params=VERSION)
        assert begun.status == 202
        assert not {STATUS, RESULT, "Retry-After"} & set(begun.headers)
        view = await body_of(session, f"{VM}/instanceView?api-version=2026-04-01")
        again = await session.post(f"{VM}/deallocate", params=VERSION)
    assert "PowerState/deallocated" in [one["code"] for one in view["statuses"]]
    assert {STATUS, RESULT} <= set(again.headers)
