"""What the harness writes down of a call: when, by whom, and whether its answer arrived."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from tests.chaos.calls import Calls, middleware_of

SNAPSHOT = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/snapshots/Os"
OPERATION = "/subscriptions/s/providers/Microsoft.Compute/locations/westeurope/operations/o"
POST = "/api/chat.postMessage"


async def answer(request: web.Request) -> web.Response:
    """As the stand-ins do, each path its own way."""
    if request.path == OPERATION:
        error = {"code": "OddDisk", "message": "It is odd."}
        return web.json_response({"status": "Failed", "error": error})
    if request.path.startswith("/api/"):
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429)
    if request.method == "PUT":
        headers = {"Azure-AsyncOperation": f"http://x{OPERATION}?p=1", "Retry-After": "7"}
        return web.json_response({}, status=202, headers=headers)
    if request.method == "DELETE" and request.transport is not None:
        request.transport.abort()
    return web.json_response({"properties": {"provisioningState": "Succeeded"}})


class Served:
    """A server with the middleware, its address, and the ports that it was asked about."""

    def __init__(self) -> None:
        self.ports: list[int] = []
        self.calls = Calls(self._whose)
        self.url = ""

    def _whose(self, port: int) -> str:
        self.ports.append(port)
        return "bot-0-1"


@pytest.fixture
async def server() -> AsyncIterator[Served]:
    served = Served()
    app = web.Application(middlewares=[middleware_of(served.calls)])
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield served
    await runner.cleanup()


async def test_each_call_is_written_down_with_what_was_answered(server: Served) -> None:
    async with aiohttp.ClientSession(server.url) as session:
        for method, path in (("GET", SNAPSHOT), ("PUT", SNAPSHOT), ("GET", OPERATION)):
            async with session.request(method, path):
                pass
        async with session.post(POST, json={"channel": "C01OPS", "text": "Hello."}):
            pass
    look, put, asked, post = server.calls.asked
    assert (look.method, look.path, look.state) == ("GET", SNAPSHOT.lower(), "succeeded")
    assert (put.status, put.operation) == (202, OPERATION.lower())
    assert put.retry_after_seconds == 7
    assert (asked.path, asked.state, asked.code) == (OPERATION.lower(), "failed", "OddDisk")
    assert (post.path, post.channel, post.state) == (POST.lower(), "C01OPS", "ratelimited")
    assert {each.who for each in server.calls.asked} == {"bot-0-1"}
    assert all(each.delivered and each.at <= each.answered_at for each in server.calls.asked)
    assert len(server.ports) == 1  # one connection, one look at whose it is


async def test_an_answer_that_was_cut_off_is_not_delivered(server: Served) -> None:
    async with aiohttp.ClientSession(server.url) as session:
        with pytest.raises(aiohttp.ClientError):
            await session.delete(SNAPSHOT)
    assert not any(each.delivered for each in server.calls.asked)


async def test_what_changes_nothing_here_is_not_written_down(server: Served) -> None:
    async with aiohttp.ClientSession(server.url) as session:
        for path in ("/metadata/identity/oauth2/token", "/api/users.info"):
            async with session.get(path):
                pass
    assert server.calls.asked == []
