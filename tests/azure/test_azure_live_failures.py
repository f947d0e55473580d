"""What goes wrong while reading live: refused, hung, cut short, ambiguous; and what is said."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from advisor.errors import (
    AzureRefused,
    AzureUnreachable,
    UsageError,
    VmAmbiguous,
    VmNotFound,
)
from advisor.model import Reading
from tests.azure.live_reading import (
    NOW,
    PROTECTION,
    find,
    inventory,
)
from tests.wire import arm_server
from tests.wire.arm_server import ArmServer, StaticCredential, answering
from tests.wire.kql import Graph


async def test_when_the_vm_itself_is_refused_that_is_the_error(server: ArmServer) -> None:
    server.fail("", answering(403, "AuthorizationFailed"))
    with pytest.raises(AzureRefused, match=r"Microsoft.Compute/virtualMachines/read"):
        await find(server)


async def test_a_token_that_azure_does_not_take_says_how_to_sign_in(server: ArmServer) -> None:
    with pytest.raises(AzureRefused, match=r"401 InvalidAuthenticationToken\. Sign in with az"):
        await find(server, credential=StaticCredential("stale"))


async def test_a_query_resource_graph_cannot_take_is_named(server: ArmServer) -> None:
    body = {
        "error": {
            "code": "BadRequest",
            "message": "Please provide below info when asking for support: correlationId = 1.",
            "details": [{"code": "InvalidQuery", "message": "Query is invalid."}],
        }
    }

    async def refused(_: Any) -> Any:
        from aiohttp import web

        return web.json_response(body, status=400)

    server.fail("", refused)
    with pytest.raises(AzureRefused, match=r"400 InvalidQuery: Query is invalid\."):
        await find(server)


async def test_a_server_that_hangs_is_given_up_within_the_deadline(server: ArmServer) -> None:
    server.fail("", arm_server.hanging)
    async with asyncio.timeout(60):
        with pytest.raises(AzureUnreachable, match="did not answer in time"):
            await find(server, answer_seconds=0.5)


async def test_a_part_that_hangs_is_unknown_while_the_rest_is_read(server: ArmServer) -> None:
    server.fail(PROTECTION, arm_server.hanging)
    known = await find(server, answer_seconds=3)
    assert known.coverage.backup_items is Reading.FAILED
    assert known.coverage.snapshots is Reading.READ
    assert any("did not answer in time" in one.why for one in known.not_read)


@pytest.mark.parametrize("fault", [arm_server.cut_off, arm_server.not_json])
async def test_half_an_answer_is_no_answer(server: ArmServer, fault: arm_server.Answer) -> None:
    server.fail("", fault)
    with pytest.raises(AzureUnreachable, match="its answer broke off"):
        await find(server)


@pytest.mark.parametrize(
    "body",
    [{"totalRecords": 1, "count": 1, "data": {"columns": []}}, {"data": ["x"]}, {}],
)
async def test_an_answer_without_rows_is_not_an_empty_one(server: ArmServer, body: Any) -> None:
    server.fail("", arm_server.saying(body))
    with pytest.raises(AzureUnreachable, match="holds no rows"):
        await find(server)


async def test_nobody_listening_is_unreachable(shop: Graph) -> None:
    server = ArmServer(shop)
    async with server:
        pass
    with pytest.raises(AzureUnreachable, match="there was no connection"):
        await find(server)


async def test_more_subscriptions_than_resource_graph_looks_at_are_said(server: ArmServer) -> None:
    hit = {"x-ms-tenant-subscription-limit-hit": "true"}
    server.fail("", arm_server.saying({"totalRecords": 0, "count": 0, "data": []}, hit))
    with pytest.raises(AzureRefused, match="10,000 subscriptions"):
        await find(server)


async def test_two_vms_of_a_name_are_listed_with_their_ids(server: ArmServer) -> None:
    with pytest.raises(VmAmbiguous) as caught:
        await find(server, "web-02")
    assert len(caught.value.ids) == 2
    assert len(server.asked) == 3
    one = await find(server, caught.value.ids[1])
    assert one.vm.id == caught.value.ids[1]


async def test_a_name_nobody_has_brings_the_nearest(server: ArmServer) -> None:
    with pytest.raises(VmNotFound, match="Did you mean") as caught:
        await find(server, "web-1")
    assert caught.value.nearest[0] == "web-01"
    assert len(server.asked) == 4


async def test_a_name_nobody_has_is_not_found_even_when_names_cannot_be_read(
    server: ArmServer,
) -> None:
    server.fail("| project id, name\n", answering(500, "InternalServerError"))
    with pytest.raises(VmNotFound) as caught:
        await find(server, "web-1")
    assert caught.value.nearest == ()


async def test_a_text_that_is_no_name_is_never_sent(server: ArmServer) -> None:
    with pytest.raises(UsageError):
        await find(server, "x' or 1==1 | project id")
    assert server.asked == []


async def test_one_inventory_serves_several_at_once(server: ArmServer) -> None:
    async with inventory(server) as live:
        first, second = await asyncio.gather(live.find("web-01", NOW), live.find("db-02", NOW))
    assert (first.vm.name, second.vm.name) == ("web-01", "db-02")
    assert {disk.name for disk in second.vm.disks} == {"db-02-os", "shared-quorum"}


async def test_azure_identitys_default_chain_signs_in(
    server: ArmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The managed identity of a container app, by its two variables, at our own endpoint."""
    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{server.url}/identity/token")
    monkeypatch.setenv("IDENTITY_HEADER", arm_server.IDENTITY_HEADER)
    known = await find(server, credential=None)
    assert len(known.protections) == 4
    assert server.resources_signed_in_to == ["https://management.azure.com"]


async def test_a_proxy_of_the_environment_is_not_asked_about_this_machine(
    server: ArmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert (await find(server)).vm.name == "web-01"


PROGRAM = """
import asyncio, sys
from advisor.azure.live import LiveInventory
from tests.azure.live_reading import NOW
from tests.wire.arm_server import StaticCredential

async def main(url):
    options = {"credential": StaticCredential(), "base_url": url, "allow_plain_http": True}
    async with LiveInventory(**options) as live:
        print((await live.find("web-01", NOW)).vm.name)

asyncio.run(main(sys.argv[1]))
"""


async def test_waiting_for_azure_writes_nothing_on_the_terminal(server: ArmServer) -> None:
    """In a program of its own: here pytest's log handler would take what a terminal gets."""
    server.fail(PROTECTION, answering(429, "RateLimiting", headers={"Retry-After": "0"}), times=1)
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, server.url),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert await program.communicate() == (b"web-01\n", b"")
