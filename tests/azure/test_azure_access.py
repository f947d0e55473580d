"""What the sign-in may do is read from Azure over the wire, page by page, at Azure's host alone."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from advisor.azure.access import AzureAccess, Permission, lacking
from advisor.azure.connection import AzureConnection
from advisor.azure.graph import AzureScope
from advisor.errors import AzureRefused, AzureUnreachable
from deploy.local.azure.world import World
from tests.standin.azure.running_azure import AsyncToken

READ, WRITE = "Microsoft.Compute/disks/read", "Microsoft.Compute/disks/write"


async def answered(*pages: Any, status: int = 200) -> tuple[Any, list[str]]:
    """What comes of these pages, and the paths that were asked with a token."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        assert request.headers["Authorization"].startswith("Bearer ")
        asked.append(request.path_qs)
        body = pages[min(len(asked), len(pages)) - 1]
        shown = str(request.url.origin())
        return web.json_response(
            {key: value.replace("{here}", shown) if isinstance(value, str) else value
             for key, value in body.items()}, status=status)  # fmt: skip

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with AzureConnection(
            credential=AsyncToken(World()), base_url=url, allow_plain_http=True
        ) as connection:
            access = AzureAccess(connection, AzureScope())
            return await access.permissions("/subscriptions/s"), asked
    finally:
        await runner.cleanup()


def role(*actions: str, without: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"actions": list(actions), "notActions": list(without)}


async def test_every_page_is_read() -> None:
    first = {"value": [role(READ)], "nextLink": "{here}/next?page=2"}
    found, asked = await answered(first, {"value": [role(WRITE)]})
    assert [each.actions for each in found] == [(READ,), (WRITE,)]
    assert asked[1] == "/next?page=2"


@pytest.mark.parametrize("link", ["http://127.0.0.1:9/next", "https://elsewhere.example/next"])
async def test_a_next_page_at_another_host_gets_no_token(link: str) -> None:
    with pytest.raises(AzureUnreachable, match="lies at another host"):
        await answered({"value": [], "nextLink": link})


async def test_pages_without_an_end_are_not_followed_for_ever() -> None:
    with pytest.raises(AzureUnreachable, match="more than 20 pages"):
        await answered({"value": [], "nextLink": "{here}/again"})


async def test_a_refusal_names_the_permission_and_an_odd_answer_is_no_answer() -> None:
    with pytest.raises(AzureRefused, match=r"Microsoft\.Authorization/permissions/read"):
        await answered({"error": {"code": "AuthorizationFailed", "message": "No."}}, status=403)
    with pytest.raises(AzureUnreachable, match="no list"):
        await answered({"values": []})


def test_roles_add_up_and_each_takes_off_only_from_itself() -> None:
    reader = Permission(("*/READ",), ())
    writer = Permission(("Microsoft.Compute/*",), (WRITE,))
    assert lacking([reader], (READ, WRITE)) == (WRITE,)
    assert lacking([writer], (READ, WRITE)) == (WRITE,)
    assert lacking([writer, Permission((WRITE,), (READ,))], (READ, WRITE)) == ()
    assert lacking([], (READ,)) == (READ,)
