"""What ARM checks before any service: sign-in, version, path, access, locks; and its headers."""

from __future__ import annotations

import time
from typing import Any

import aiohttp
import pytest

from deploy.local.azure.calls import Answer, Call, Operation
from deploy.local.azure.identity import OPERATOR, READER, SignIn
from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.running_azure import (
    GROUP,
    OTHER_SUBSCRIPTION,
    SUBSCRIPTION,
    AsyncToken,
    arm_id,
    compute,
    incremental,
    small_world,
    talking,
)

DISK = f"{arm_id('disks', 'loose')}?api-version=2026-03-02"


async def get(azure: AzureStandIn, path: str, token: str | None) -> tuple[int, Any, Any]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession(azure.url, headers=headers) as session,
        session.get(path) as answer,
    ):
        return answer.status, (await answer.json()).get("error", {}).get("code"), answer.headers


def token(azure: AzureStandIn, **options: Any) -> str:
    return azure.world.part(SignIn).token(OPERATOR, azure.world.tenant_id, **options)


async def test_without_a_token_a_request_is_refused_with_a_challenge(azure: AzureStandIn) -> None:
    status, code, headers = await get(azure, DISK, None)
    assert (status, code) == (401, "AuthenticationFailed")
    assert headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"lifetime_seconds": -1}, "ExpiredAuthenticationToken"),
        ({"audience": "https://vault.azure.net"}, "InvalidAuthenticationTokenAudience"),
    ],
)
async def test_a_token_that_is_over_or_for_somebody_else_is_refused(
    azure: AzureStandIn, options: dict[str, Any], code: str
) -> None:
    assert (await get(azure, DISK, token(azure, **options)))[:2] == (401, code)


@pytest.mark.parametrize("text", ["nonsense", "a.b.c", "..", ""])
async def test_a_token_of_somebody_elses_making_is_refused(azure: AzureStandIn, text: str) -> None:
    assert (await get(azure, DISK, text))[0] == 401


async def test_a_token_whose_claims_were_changed_is_refused(azure: AzureStandIn) -> None:
    head, _, signature = token(azure).split(".")
    _, reader, _ = AsyncToken(azure.world, READER).text.split(".")
    changed = f"{head}.{reader}.{signature}"
    assert (await get(azure, DISK, changed))[:2] == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (arm_id("disks", "loose"), 400, "MissingApiVersionParameter"),
        (f"{arm_id('disks', 'gone')}?api-version=1", 404, "ResourceNotFound"),
        (f"{arm_id('toasters', 't')}?api-version=1", 404, "InvalidResourceType"),
        ("/nowhere?api-version=1", 404, "NotFound"),
        (f"{arm_id('disks', 'loose')}/beginGetAccess?api-version=1", 405, "UnsupportedHttpMethod"),
        (
            f"/subscriptions/{'0' * 8}/resourceGroups?api-version=1",
            404,
            "SubscriptionNotFound",
        ),
    ],
)
async def test_what_is_not_there_is_refused_as_arm_does(
    azure: AzureStandIn, path: str, status: int, code: str
) -> None:
    assert (await get(azure, path, token(azure)))[:2] == (status, code)


async def test_paths_are_read_in_any_case_and_with_escapes(azure: AzureStandIn) -> None:
    async with talking(azure) as session:
        for path in (DISK.upper(), DISK.replace("loose", "l%6Fose"), DISK.lower()):
            url = path.replace("?API-VERSION", "?api-version")
            async with session.get(url) as answer:
                assert (await answer.json())["name"] == "loose"


async def test_every_answer_carries_ids_and_what_is_left_of_the_quota(azure: AzureStandIn) -> None:
    async with talking(azure) as session:
        asked = {
            "x-ms-correlation-request-id": "mine",
            "x-ms-client-request-id": "client",
            "x-ms-return-client-request-id": "true",
        }
        async with session.get(DISK, headers=asked) as answer:
            assert answer.headers["x-ms-correlation-request-id"] == "mine"
            assert answer.headers["x-ms-client-request-id"] == "client"
            assert answer.headers["x-ms-request-id"]
            assert int(answer.headers["x-ms-ratelimit-remaining-subscription-reads"]) == 249
        async with session.delete(DISK) as answer:
            assert int(answer.headers["x-ms-ratelimit-remaining-subscription-deletes"]) == 199


async def test_another_name_that_leads_here_is_refused(azure: AzureStandIn) -> None:
    port = azure.url.rsplit(":", 1)[1]
    async with (
        talking(azure) as session,
        session.get(DISK, headers={"Host": f"evil.example:{port}"}) as answer,
    ):
        assert answer.status == 421


async def test_requests_are_counted_by_name_and_written_down_without_the_token(
    azure: AzureStandIn,
) -> None:
    async with compute(azure) as client:
        await client.disks.get(GROUP, "loose")
        await (await client.snapshots.begin_create_or_update(GROUP, "s", incremental())).result()
    assert azure.counts["Disks_Get"] == 1
    assert azure.counts["Snapshots_CreateOrUpdate"] == 1
    (put,) = azure.asked("Snapshots_CreateOrUpdate")
    assert put.path == arm_id("snapshots", "s")
    assert put.query["api-version"] == "2026-03-02"
    assert b"sourceResourceId" in put.body
    assert not any("Bearer" in value for value in put.headers.values())


# --- access ----------------------------------------------------------------------------------


async def test_a_reader_reads_and_changes_nothing(azure: AzureStandIn) -> None:
    from azure.core.exceptions import HttpResponseError

    async with compute(azure, AsyncToken(azure.world, READER)) as client:
        assert (await client.disks.get(GROUP, "loose")).name == "loose"
        with pytest.raises(HttpResponseError) as caught:
            await client.snapshots.begin_create_or_update(GROUP, "s", incremental())
        with pytest.raises(HttpResponseError, match="virtualMachines/start/action"):
            await client.virtual_machines.begin_start(GROUP, "web-01")
    assert (caught.value.status_code, caught.value.error.code) == (403, "AuthorizationFailed")
    assert "'Microsoft.Compute/snapshots/write'" in caught.value.error.message
    assert arm_id("snapshots", "s") in caught.value.error.message
    assert not azure.world.of_type("Microsoft.Compute/snapshots")


async def test_a_forbidden_scope_is_refused_and_left_out_of_lists(azure: AzureStandIn) -> None:
    from azure.core.exceptions import HttpResponseError

    azure.world.forbidden.add(arm_id("disks", "loose").lower())
    async with compute(azure) as client:
        with pytest.raises(HttpResponseError) as caught:
            await client.disks.get(GROUP, "loose")
        names = [disk.name async for disk in client.disks.list()]
        with pytest.raises(HttpResponseError) as linked:
            await client.snapshots.begin_create_or_update(GROUP, "s", incremental("loose"))
    assert caught.value.error.code == "AuthorizationFailed"
    assert "'Microsoft.Compute/disks/read'" in caught.value.error.message
    assert "loose" not in names
    assert "spare" in names
    assert (linked.value.status_code, linked.value.error.code) == (403, "LinkedAuthorizationFailed")


async def test_a_forbidden_subscription_is_not_listed(azure: AzureStandIn) -> None:
    azure.world.forbidden.add(f"/subscriptions/{OTHER_SUBSCRIPTION}")
    async with (
        talking(azure) as session,
        session.get("/subscriptions?api-version=2022-12-01") as answer,
    ):
        listed = [one["subscriptionId"] for one in (await answer.json())["value"]]
    assert listed == [SUBSCRIPTION]


# --- locks -----------------------------------------------------------------------------------


def lock(scope: str) -> str:
    return f"{scope}/providers/Microsoft.Authorization/locks/keep?api-version=2020-05-01"


GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"


@pytest.mark.parametrize("scope", [GROUP_ID, f"/subscriptions/{SUBSCRIPTION}", DISK.split("?")[0]])
async def test_a_lock_against_deletion_holds_below_its_scope(
    azure: AzureStandIn, scope: str
) -> None:
    body = {"properties": {"level": "CanNotDelete", "notes": "keep"}}
    async with talking(azure) as session:
        assert (await session.put(lock(scope), json=body)).status == 201
        assert (await session.put(lock(scope), json=body)).status == 200
        refused = await session.delete(DISK)
        error = (await refused.json())["error"]
        assert (refused.status, error["code"]) == (409, "ScopeLocked")
        assert scope in error["message"]
        assert "delete operation" in error["message"]
        assert (await session.patch(DISK, json={"tags": {"a": "b"}})).status == 202
        assert (await session.delete(lock(scope))).status == 200
        assert (await session.delete(lock(scope))).status == 204
        assert (await session.delete(DISK)).status == 202


async def test_a_read_only_lock_refuses_every_change(azure: AzureStandIn) -> None:
    vm = arm_id("virtualMachines", "web-01")
    async with talking(azure) as session:
        assert (
            await session.put(lock(vm), json={"properties": {"level": "ReadOnly"}})
        ).status == 201
        assert (await session.post(f"{vm}/start?api-version=1")).status == 409
        assert (await session.patch(f"{vm}?api-version=1", json={})).status == 409
        assert (await session.get(f"{vm}?api-version=1")).status == 200
        listed = await session.get(
            f"{vm}/providers/Microsoft.Authorization/locks?api-version=2020-05-01"
        )
        assert [one["name"] for one in (await listed.json())["value"]] == ["keep"]


async def test_a_lock_of_no_known_level_is_refused(azure: AzureStandIn) -> None:
    async with talking(azure) as session:
        answer = await session.put(lock(GROUP_ID), json={"properties": {"level": "Sometimes"}})
        assert answer.status == 400


# --- what a client reads first ---------------------------------------------------------------


async def test_subscriptions_groups_and_providers_are_read(azure: AzureStandIn) -> None:
    scope = f"/subscriptions/{SUBSCRIPTION}"
    async with talking(azure) as session:

        async def read(path: str) -> Any:
            async with session.get(f"{path}?api-version=2021-04-01") as answer:
                assert answer.status == 200
                return await answer.json()

        assert (await read(scope))["subscriptionId"] == SUBSCRIPTION
        assert len((await read("/subscriptions"))["value"]) == 2
        assert (await read("/tenants"))["value"][0]["tenantId"] == azure.world.tenant_id
        assert [one["name"] for one in (await read(f"{scope}/resourceGroups"))["value"]] == [GROUP]
        assert (await read(GROUP_ID))["properties"]["provisioningState"] == "Succeeded"
        assert (await read(f"{scope}/providers/microsoft.compute"))["namespace"]
        kinds = {one["type"] for one in (await read(f"{GROUP_ID}/resources"))["value"]}
        assert kinds == {
            "Microsoft.Compute/disks",
            "Microsoft.Compute/virtualMachines",
            "Microsoft.Network/networkInterfaces",
        }
        assert (await read(f"{scope}/providers/Microsoft.Network/publicIPAddresses")) == {
            "value": []
        }


async def test_a_service_may_answer_later_and_raise_nothing_but_refusals() -> None:
    """An operation of one's own is served beside the others' checks."""

    async def later(call: Call) -> Answer:
        return Answer(200, {"who": call.caller["oid"], "name": call.params["name"]})

    own = Operation("Own_Get", "GET", "/own/{name}", later)
    async with (
        AzureStandIn(small_world(), [[own]]) as azure,
        talking(azure) as session,
        session.get("/own/a%3Bb?api-version=1") as answer,
    ):
        assert await answer.json() == {"who": OPERATOR.object_id, "name": "a;b"}


async def test_a_port_may_be_given_and_is_free_again_afterwards() -> None:
    async with AzureStandIn(small_world()) as first:
        port = int(first.url.rsplit(":", 1)[1])
    async with AzureStandIn(small_world(), port=port) as second:
        assert second.url == f"http://127.0.0.1:{port}"
    with pytest.raises(OSError, match="address already in use"):
        async with AzureStandIn(small_world()) as one:
            await AzureStandIn(small_world(), port=int(one.url.rsplit(":", 1)[1])).__aenter__()


async def test_tokens_are_over_by_real_time_and_not_by_the_worlds() -> None:
    from datetime import timedelta

    world = small_world()
    async with AzureStandIn(world) as azure:
        text = token(azure)
        world.forward(timedelta(days=30))
        assert (await get(azure, DISK, text))[0] == 200
        claims = world.part(SignIn).claims(f"Bearer {text}")
    assert claims["exp"] - time.time() < 3601
