"""Every fault, over the wire with the real SDK; the rules alone; the control pages."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.azure.server import AzureStandIn
from deploy.local.control import TOKEN_HEADER
from deploy.local.faults import Asked, Fault, Faults, Kind, fault_from
from tests.standin.azure.running_azure import (
    GROUP,
    arm_id,
    compute,
    incremental,
    small_world,
    talking,
)

DISK = f"{arm_id('disks', 'loose')}?api-version=2026-03-02"


async def status_of(client: Any, call: Any) -> tuple[int, str]:
    from azure.core.exceptions import HttpResponseError

    with pytest.raises(HttpResponseError) as caught:
        await call
    return caught.value.status_code, caught.value.error.code


# --- over the wire ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault(Kind.STATUS, status=429, retry_after="17"), 429, "TooManyRequests"),
        (Fault(Kind.STATUS, status=500), 500, "InternalServerError"),
        (Fault(Kind.STATUS, status=502), 502, "BadGateway"),
        (Fault(Kind.STATUS, status=503, code="Busy", message="Later."), 503, "Busy"),
        (Fault(Kind.FORBIDDEN), 403, "AuthorizationFailed"),
        (Fault(Kind.EXPIRED), 401, "ExpiredAuthenticationToken"),
    ],
)
async def test_a_refusal_is_in_arms_shape_and_comes_once(
    azure: AzureStandIn, fault: Fault, status: int, code: str
) -> None:
    azure.faults.add(fault)
    async with talking(azure) as session:
        answer = await session.get(DISK)
        assert (answer.status, (await answer.json())["error"]["code"]) == (status, code)
        assert answer.headers.get("Retry-After") == fault.retry_after
        assert answer.headers["x-ms-request-id"]
        assert (await session.get(DISK)).status == 200
    assert azure.counts["Disks_Get"] == 2


async def test_a_forbidden_answer_names_the_action_and_the_scope(azure: AzureStandIn) -> None:
    azure.faults.add(Fault(Kind.FORBIDDEN))
    async with talking(azure) as session:
        message = (await (await session.get(DISK)).json())["error"]["message"]
    assert "'Microsoft.Compute/disks/read'" in message
    assert arm_id("disks", "loose") in message


async def test_retry_after_is_slept_whole_whatever_the_status(azure: AzureStandIn) -> None:
    """azure-core sleeps as long as Retry-After says, for a 409 of a POST too."""
    azure.faults.add(Fault(Kind.STATUS, method="POST", status=409, retry_after="1"))
    async with compute(azure, retry_total=1) as client:
        began = time.monotonic()
        await (await client.virtual_machines.begin_start(GROUP, "web-01")).result()
    assert time.monotonic() - began >= 1
    assert azure.counts["VirtualMachines_Start"] == 2


async def test_a_post_that_meets_503_is_sent_again_unless_retries_are_off(
    azure: AzureStandIn,
) -> None:
    azure.faults.add(Fault(Kind.STATUS, method="POST", status=503, times=None))
    async with compute(azure, retry_total=3, retry_backoff_factor=0) as client:
        await status_of(client, client.virtual_machines.begin_start(GROUP, "web-01"))
    assert azure.counts["VirtualMachines_Start"] == 4
    azure.forget()
    async with compute(azure, retry_total=3, retry_backoff_factor=0) as client:
        call = client.virtual_machines.begin_start(GROUP, "web-01", retry_total=0)
        assert (await status_of(client, call))[0] == 503
    assert azure.counts["VirtualMachines_Start"] == 1


async def test_a_lost_reply_leaves_the_work_done(azure: AzureStandIn) -> None:
    """aiohttp itself sends a PUT whose connection was closed once more, so two are lost."""
    from azure.core.exceptions import ServiceRequestError, ServiceResponseError

    azure.faults.add(Fault(Kind.LOST, operation="Snapshots_CreateOrUpdate", times=2))
    async with compute(azure) as client:
        with pytest.raises((ServiceRequestError, ServiceResponseError)):
            await client.snapshots.begin_create_or_update(GROUP, "s", incremental())
        assert (await client.snapshots.get(GROUP, "s")).provisioning_state == "Succeeded"
        again = await client.snapshots.begin_create_or_update(GROUP, "s", incremental())
        made = await again.result()
    assert made.name == "s"
    assert azure.counts["Snapshots_CreateOrUpdate"] == 3
    assert len(azure.world.of_type("Microsoft.Compute/snapshots")) == 1


async def test_the_lost_reply_of_a_post_is_an_error_and_the_work_is_done(
    azure: AzureStandIn,
) -> None:
    from azure.core.exceptions import ServiceRequestError, ServiceResponseError

    azure.faults.add(Fault(Kind.LOST, operation="VirtualMachines_Deallocate"))
    async with compute(azure) as client:
        with pytest.raises((ServiceRequestError, ServiceResponseError)):
            await client.virtual_machines.begin_deallocate(GROUP, "web-01")
        view = await client.virtual_machines.instance_view(GROUP, "web-01")
    assert [status.code for status in view.statuses][-1] == "PowerState/deallocated"
    assert azure.counts["VirtualMachines_Deallocate"] == 1


async def test_a_dropped_connection_leaves_nothing_done(azure: AzureStandIn) -> None:
    from azure.core.exceptions import ServiceRequestError, ServiceResponseError

    azure.faults.add(Fault(Kind.DROP, operation="Snapshots_*", times=2))
    async with compute(azure) as client:
        with pytest.raises((ServiceRequestError, ServiceResponseError)):
            await client.snapshots.begin_create_or_update(GROUP, "s", incremental())
    assert not azure.world.of_type("Microsoft.Compute/snapshots")


async def test_an_answer_is_cut_in_the_middle_of_its_body(azure: AzureStandIn) -> None:
    from azure.core.exceptions import AzureError

    azure.faults.add(Fault(Kind.CUT))
    async with compute(azure) as client:
        with pytest.raises(AzureError):
            await client.disks.get(GROUP, "loose")
        assert (await client.disks.get(GROUP, "loose")).name == "loose"
    azure.faults.add(Fault(Kind.CUT))
    async with talking(azure) as session:
        answer = await session.get(DISK)
        assert answer.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()


async def test_a_cut_answer_without_a_body_is_lost(azure: AzureStandIn) -> None:
    azure.faults.add(Fault(Kind.CUT, method="POST"))
    vm = arm_id("virtualMachines", "web-01")
    async with talking(azure) as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.post(f"{vm}/deallocate?api-version=1")
        view = await (await session.get(f"{vm}/instanceView?api-version=1")).json()
    assert view["statuses"][-1]["code"] == "PowerState/deallocated"


async def test_a_slow_answer_is_right_and_late(azure: AzureStandIn) -> None:
    azure.faults.add(Fault(Kind.SLOW, seconds=0.3))
    async with talking(azure) as session:
        began = time.monotonic()
        assert (await session.get(DISK)).status == 200
        assert time.monotonic() - began >= 0.3


async def test_a_hung_request_holds_up_nobody_else_and_not_the_end(azure: AzureStandIn) -> None:
    azure.faults.add(Fault(Kind.HANG))
    async with talking(azure) as session:
        hung = asyncio.create_task(session.get(DISK))
        await asyncio.sleep(0.05)
        assert (await session.get(DISK)).status == 200
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await hung


async def test_a_missing_page_is_a_404_behind_the_next_link() -> None:
    from azure.core.exceptions import ResourceNotFoundError

    async with AzureStandIn(small_world(page_size=2)) as azure, compute(azure) as client:
        azure.faults.add(Fault(Kind.PAGE_MISSING, operation="Disks_List"))
        seen: list[Any] = []
        with pytest.raises(ResourceNotFoundError):
            seen.extend([disk.name async for disk in client.disks.list()])
        assert seen == []
        assert azure.counts == {"Disks_List": 1, "Unknown": 1}
        assert len([disk async for disk in client.disks.list()]) == 7


async def test_a_delay_lies_on_every_request(azure: AzureStandIn) -> None:
    azure.faults.delay_seconds = 0.08
    async with talking(azure) as session:
        began = time.monotonic()
        for _ in range(3):
            assert (await session.get(DISK)).status == 200
        assert time.monotonic() - began >= 0.24
        azure.faults.delay_seconds = 60
        azure.faults.clear()
        async with asyncio.timeout(30):
            assert (await session.get(DISK)).status == 200


# --- the rules alone -------------------------------------------------------------------------


def asked(operation: str = "Disks_Get", method: str = "GET", path: str = "/a/disks/d") -> Asked:
    return Asked(operation, method, path)


@pytest.mark.parametrize(
    ("fault", "meets"),
    [
        (Fault(Kind.DROP), True),
        (Fault(Kind.DROP, operation="disks_*"), True),
        (Fault(Kind.DROP, operation="Snapshots_*"), False),
        (Fault(Kind.DROP, method="get"), True),
        (Fault(Kind.DROP, method="PUT"), False),
        (Fault(Kind.DROP, path="/DISKS/d$"), True),
        (Fault(Kind.DROP, path="^disks"), False),
        (Fault(Kind.DROP, operation="Disks_Get", path="disks/e"), False),
    ],
)
def test_a_rule_names_operation_method_and_path(fault: Fault, meets: bool) -> None:
    faults = Faults()
    faults.add(fault)
    assert (faults.meet(asked()) is fault) is meets


@given(skip=st.integers(0, 5), times=st.one_of(st.none(), st.integers(0, 5)))
def test_a_rule_lets_some_pass_and_then_meets_so_many(skip: int, times: int | None) -> None:
    faults = Faults()
    faults.add(Fault(Kind.DROP, skip=skip, times=times))
    met = [faults.meet(asked()) is not None for _ in range(12)]
    ends = 12 if times is None else skip + times
    assert met == [skip <= number < ends for number in range(12)]


def test_of_two_rules_the_first_is_met_and_then_the_second() -> None:
    faults = Faults()
    first, second = Fault(Kind.DROP), Fault(Kind.LOST)
    number = faults.add(first)
    faults.add(second)
    assert [faults.meet(asked()) for _ in range(3)] == [first, second, None]
    assert faults.remove(number)
    assert not faults.remove(number)
    assert [row["kind"] for row in faults.listing()] == ["lost"]
    faults.clear()
    assert faults.listing() == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "nonsense"},
        {"kind": "status", "colour": "red"},
        {"kind": "status", "times": "2"},
        {"kind": "status", "times": True},
        {"kind": "status", "retry_after": 3},
        {"kind": "slow", "seconds": "long"},
        {"kind": "status", "headers": []},
        {"kind": "status", "status": None},
    ],
)
def test_what_cannot_be_a_fault_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="fault"):
        fault_from(body)


def test_a_fault_is_read_from_json() -> None:
    body = {"kind": "slow", "operation": "Disks_*", "times": None, "seconds": 2}
    assert fault_from(body) == Fault(Kind.SLOW, operation="Disks_*", times=None, seconds=2)


# --- the control pages -----------------------------------------------------------------------


def controlling(azure: AzureStandIn, **headers: str) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(azure.url, headers={TOKEN_HEADER: azure.control_token, **headers})


async def test_faults_counts_clock_and_resources_are_controlled(azure: AzureStandIn) -> None:
    async with controlling(azure) as control, talking(azure) as session:
        added = await control.post("/_standin/faults", json={"kind": "status", "status": 503})
        assert added.status == 201
        number = (await added.json())["number"]
        assert (await session.get(DISK)).status == 503
        listed = await (await control.get("/_standin/faults")).json()
        assert [(row["number"], row["matched"]) for row in listed["faults"]] == [(number, 1)]
        assert (await control.delete(f"/_standin/faults/{number}")).status == 200
        assert (await control.delete(f"/_standin/faults/{number}")).status == 404
        await control.put("/_standin/delay", json={"seconds": 0.01})
        assert azure.faults.delay_seconds == 0.01
        await control.delete("/_standin/faults")
        assert azure.faults.delay_seconds == 0
        counts = await (await control.get("/_standin/counts")).json()
        assert counts == {"total": 1, "counts": {"Disks_Get": 1}}
        await control.delete("/_standin/counts")
        assert azure.counts.total() == 0
        before = azure.world.now
        await control.post("/_standin/clock", json={"seconds": 86400})
        assert (azure.world.now - before).total_seconds() >= 86400
        shown = await control.get("/_standin/resource", params={"id": arm_id("disks", "LOOSE")})
        assert (await shown.json())["name"] == "loose"
        assert (await control.get("/_standin/resource", params={"id": "/none"})).status == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/_standin/faults", {"kind": "nonsense"}),
        ("/_standin/faults", {"kind": "drop", "path": "("}),
        ("/_standin/faults", []),
        ("/_standin/clock", {"seconds": -1}),
        ("/_standin/clock", {"hours": 1}),
    ],
)
async def test_what_the_control_pages_cannot_read_is_a_400(
    azure: AzureStandIn, path: str, body: Any
) -> None:
    async with controlling(azure) as control:
        answer = await control.post(path, json=body)
        assert answer.status == 400
        assert (await answer.json())["error"]
        assert (await control.post(path, data=b"{")).status == 400


@pytest.mark.parametrize(
    "headers",
    [
        {TOKEN_HEADER: "a guess"},
        {TOKEN_HEADER: ""},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_the_control_pages_are_for_this_machine_and_its_token(
    azure: AzureStandIn, headers: dict[str, str]
) -> None:
    async with controlling(azure, **headers) as control:
        answer = await control.post("/_standin/clock", json={"seconds": 60})
    assert answer.status == 403
    assert azure.world.ahead.total_seconds() == 0


async def test_the_own_origin_is_let_in(azure: AzureStandIn) -> None:
    async with controlling(azure, Origin=azure.url) as control:
        assert (await control.get("/_standin/counts")).status == 200
