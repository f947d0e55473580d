"""A small Slack on loopback: Web API, Socket Mode and response addresses, over real sockets.

It plays only what a slash command needs, and writes down everything it is sent.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

BOT_TOKEN, APP_TOKEN = "xoxb-valid", "xapp-valid"


@dataclass
class Received:
    """One request or envelope answer that the bot sent."""

    what: str  #: ack, response or the Web API's method
    body: dict[str, Any]
    key: str = ""  #: of an ack: the envelope; of a response: the last part of its path


@dataclass
class LittleSlack:
    """`received` is in the order of arrival. `answers` are given to responses, first to last."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)
    ephemeral_error: str = ""
    told: dict[str, dict[str, Any]] = field(default_factory=dict)  #: answers by method
    unwilling: dict[str, list[web.Response]] = field(default_factory=dict)  #: first, by method
    _socket: web.WebSocketResponse | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    def command(self, text: str, **more: str) -> dict[str, str]:
        """A slash command's fields, as Slack's samples have them."""
        number = more.pop("number", "1")
        return {
            "token": "verification-token-HIDDEN",
            "team_id": "T111",
            "team_domain": "shop",
            "channel_id": "C111",
            "channel_name": "random",
            "user_id": "U111",
            "user_name": "ada",
            "command": "/vmbackup",
            "text": text,
            "api_app_id": "A111",
            "is_enterprise_install": "false",
            "response_url": f"{self.url}/commands/T111/{number}",
            "trigger_id": f"111.222.{number}",
        } | more

    async def deliver(self, envelope_id: str, body: dict[str, str]) -> None:
        """Send a slash command over the socket."""
        await self.until(lambda: self._socket is not None)
        assert self._socket is not None
        await self._socket.send_json(
            {
                "envelope_id": envelope_id,
                "payload": body,
                "type": "slash_commands",
                "accepts_response_payload": True,
            }
        )

    def of(self, what: str) -> list[Received]:
        return [each for each in self.received if each.what == what]

    async def first(self, what: str, count: int = 1) -> list[Received]:
        """The first so many of a kind, waited for."""
        await self.until(lambda: len(self.of(what)) >= count)
        return self.of(what)[:count]

    async def until(self, condition: Any) -> None:
        """Wait for something to become true; a test that waits in vain fails."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(condition)

    async def note(self, received: Received) -> None:
        async with self._changed:
            self.received.append(received)
            self._changed.notify_all()

    # --- what it serves -------------------------------------------------------------------

    async def api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        raw = await request.text()
        body = json.loads(raw) if raw.startswith("{") else dict(await request.post())
        await self.note(Received(method, body))
        if first := self.unwilling.get(method):
            return first.pop(0)
        if token != (APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN):
            return web.json_response({"ok": False, "error": "invalid_auth"})
        if method == "chat.postEphemeral" and self.ephemeral_error:
            return web.json_response({"ok": False, "error": self.ephemeral_error})
        if method in self.told:
            return web.json_response({"ok": True} | self.told[method])
        if method == "users.info":
            return web.json_response({"ok": True, "user": _member(str(body["user"]))})
        socket = self.url.replace("http://", "ws://") + "/socket"
        identity = {"user_id": "UBOT", "bot_id": "BBOT", "team_id": "T111", "user": "vmbackup"}
        return web.json_response({"ok": True, "url": socket} | identity)

    async def response(self, request: web.Request) -> web.Response:
        await self.note(Received("response", await request.json(), request.match_info["number"]))
        return self.answers.pop(0) if self.answers else web.Response(text="ok")

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        async with self._changed:
            self._socket = socket
            self._changed.notify_all()
        async for message in socket:
            answer = json.loads(message.data)
            await self.note(Received("ack", answer.get("payload", {}), answer["envelope_id"]))
        self._socket = None
        return socket


def _member(user_id: str) -> dict[str, Any]:
    """A member of the workspace, as users.info gives one."""
    flags = dict.fromkeys(("deleted", "is_bot", "is_restricted", "is_ultra_restricted"), False)
    return {"id": user_id, "team_id": "T111", "name": "ada"} | flags


@asynccontextmanager
async def little_slack() -> AsyncIterator[LittleSlack]:
    """Up while the block lasts, on a port of its own."""
    slack = LittleSlack()
    application = web.Application()
    application.router.add_post("/api/{method}", slack.api)
    application.router.add_post("/commands/T111/{number}", slack.response)
    application.router.add_get("/socket", slack.socket)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield slack
    finally:
        await runner.cleanup()
