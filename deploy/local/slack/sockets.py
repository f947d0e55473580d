"""Socket Mode: the app's websocket connections, and deliveries over any one of them."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from aiohttp import WSMsgType, web

from deploy.local.slack.clock import Clock
from deploy.local.slack.courier import ACK_SECONDS, Delivery, Outcome
from deploy.local.slack.people import APP_ID

PATH = "/link"
#: Socket Mode (docs.slack.dev, 2026-06).
CONNECTIONS_LIMIT = 10
DISCONNECT_REASONS = ("warning", "refresh_requested", "link_disabled")
_HOST = "applink-loopback"
_CONNECTION_SECONDS = 18_060


class Sockets:
    """The connections of the app. `changed` is called whenever their number changes."""

    def __init__(
        self, clock: Clock, random: Random, changed: Callable[[], Awaitable[None]]
    ) -> None:
        self._clock, self._random, self._changed = clock, random, changed
        self._tickets: set[str] = set()
        self._open: dict[web.WebSocketResponse, asyncio.BaseTransport | None] = {}
        self._waiting: dict[str, tuple[web.WebSocketResponse, asyncio.Future[Outcome]]] = {}

    @property
    def count(self) -> int:
        return len(self._open)

    def new_path(self) -> str:
        """Where one connection may be opened, once."""
        ticket = f"{self._random.getrandbits(128):032x}"
        self._tickets.add(ticket)
        return f"{PATH}?ticket={ticket}&app_id={APP_ID}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, from its hello to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        if self.count >= CONNECTIONS_LIMIT:
            await socket.send_json(self._disconnect("too_many_websockets"))
            await socket.close()
            return socket
        await self._hold(socket, request.transport)
        return socket

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Over any of the connections; http_timeout is Slack's word here too."""
        if not self._open:
            return Outcome("connection_failed")
        socket, envelope_id = self._random.choice(list(self._open)), str(uuid.uuid4())
        acknowledged: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = (socket, acknowledged)
        try:
            await socket.send_json(envelope(delivery, envelope_id))
            if await self._clock.within(ACK_SECONDS, acknowledged):
                return acknowledged.result()
            return Outcome("http_timeout")
        except ConnectionError:
            return Outcome("connection_failed")
        finally:
            del self._waiting[envelope_id]

    async def disconnect(self, reason: str, count: int | None = None) -> None:
        """Tell so many connections (None: all) to go; a warning alone does not close them."""
        if reason not in DISCONNECT_REASONS:
            raise ValueError(f"The reason is one of {', '.join(DISCONNECT_REASONS)}.")
        for socket in list(self._open)[:count]:
            await socket.send_json(self._disconnect(reason))
            if reason != "warning":
                await socket.close()

    def drop(self, count: int | None = None) -> None:
        """Cut connections without a word, as a broken network does."""
        for transport in list(self._open.values())[:count]:
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()

    async def close(self) -> None:
        for socket in list(self._open):
            await socket.close()

    async def _hold(
        self, socket: web.WebSocketResponse, transport: asyncio.BaseTransport | None
    ) -> None:
        self._open[socket] = transport
        try:
            await socket.send_json(self._hello())
            await self._changed()
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self._acknowledge(message.data)
        finally:
            del self._open[socket]
            self._fail_those_on(socket)
            await self._changed()

    def _acknowledge(self, text: str) -> None:
        try:
            answer = json.loads(text)
        except ValueError:
            return  # Slack does not answer to what it cannot read; the envelope runs out of time
        envelope_id = answer.get("envelope_id") if isinstance(answer, dict) else None
        _, waiting = self._waiting.get(str(envelope_id), (None, None))
        if waiting is not None and not waiting.done():
            waiting.set_result(Outcome(answer=answer.get("payload") or None))

    def _fail_those_on(self, gone: web.WebSocketResponse) -> None:
        for socket, waiting in self._waiting.values():
            if socket is gone and not waiting.done():
                waiting.set_result(Outcome("connection_failed"))

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": self.count,
            "debug_info": {
                "host": _HOST,
                "build_number": 1,
                "approximate_connection_time": _CONNECTION_SECONDS,
            },
            "connection_info": {"app_id": APP_ID},
        }

    def _disconnect(self, reason: str) -> dict[str, Any]:
        return {
            "type": "disconnect",
            "reason": reason,
            "num_connections": self.count,
            "debug_info": {"host": _HOST},
            "connection_info": {"app_id": APP_ID},
        }


def envelope(delivery: Delivery, envelope_id: str) -> dict[str, Any]:
    """One delivery as it goes over the websocket."""
    kind = delivery.payload.get("type")
    takes_answer = delivery.kind == "slash_commands" or kind in (
        "view_submission",
        "block_suggestion",
    )
    made: dict[str, Any] = {
        "envelope_id": envelope_id,
        "payload": delivery.payload,
        "type": delivery.kind,
        "accepts_response_payload": takes_answer,
    }
    if delivery.kind == "events_api":
        reason = delivery.reason.replace("http_timeout", "timeout")
        made |= {"retry_attempt": delivery.attempt, "retry_reason": reason}
    return made
