"""What the harness writes down of each request that a bot sends to the played Azure or Slack."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit
from weakref import WeakKeyDictionary

from aiohttp import web
from aiohttp.typedefs import Handler

from deploy.local.faults import ADDRESSES
from tests.chaos.evidence import Asked

_AZURE = ("/resourcegroups/", "/providers/microsoft.compute/locations/")
_SLACK = "/api/chat."

#: The name of the process that has this port of this machine; empty: it is gone.
Whose = Callable[[int], str]


class Calls:
    """A middleware for a stand-in, before all others: when it was asked, by whom, what it said.

    Only requests about resources, operations and messages are written down.
    """

    def __init__(self, whose: Whose) -> None:
        self.asked: list[Asked] = []
        self._whose = whose
        self._known: WeakKeyDictionary[Any, str] = WeakKeyDictionary()

    async def note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Note the request once it was answered, or once its connection was closed instead."""
        path = unquote(request.path).rstrip("/").lower()
        if not any(each in path for each in _AZURE) and not path.startswith(_SLACK):
            return await handler(request)
        at, who, channel = datetime.now(UTC), self._who(request), await _channel(request)
        response = await handler(request)
        said, headers = _said(response), response.headers
        self.asked.append(
            Asked(
                at=at,
                answered_at=datetime.now(UTC),
                who=who,
                method=request.method,
                path=path,
                status=response.status,
                delivered=not _is_closed(request),
                retry_after_seconds=_seconds(headers.get("Retry-After", "")),
                operation=_operation(headers),
                state=_state(said),
                code=_code(said),
                channel=channel,
            )
        )
        return response

    def _who(self, request: web.Request) -> str:
        """Of a connection that is known already, whoever had it: it changes no hands."""
        transport = request.transport
        name = transport and transport.get_extra_info("peername")
        if transport is None or not name:
            return ""
        if transport not in self._known:
            self._known[transport] = self._whose(int(name[1]))
        return self._known[transport]


def middleware_of(calls: Calls) -> Callable[..., Any]:
    """As aiohttp wants a middleware that is a method."""

    @web.middleware
    async def noting(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await calls.note(request, handler)

    return noting


def _is_closed(request: web.Request) -> bool:
    """Whether the one who asked gets no whole answer: a fault, or it is gone itself."""
    return request.transport is None or request.transport.is_closing()


async def _channel(request: web.Request) -> str:
    if not request.path.startswith(_SLACK):
        return ""
    try:
        said = json.loads(await request.read())
    except ValueError:
        return ""
    return str(said.get("channel", "")) if isinstance(said, dict) else ""


def _said(response: web.StreamResponse) -> Mapping[str, Any]:
    text = response.text if isinstance(response, web.Response) else None
    is_json = bool(text) and response.content_type == "application/json"
    said = json.loads(text or "null") if is_json else None
    return said if isinstance(said, dict) else {}


def _state(said: Mapping[str, Any]) -> str:
    """`ok` or the error of Slack, the status of an operation, the provisioning of a resource."""
    if "ok" in said:
        return "ok" if said["ok"] is True else str(said.get("error", ""))
    properties = said.get("properties")
    provisioned = properties.get("provisioningState") if isinstance(properties, dict) else ""
    return str(said.get("status") or provisioned or "").lower()


def _code(said: Mapping[str, Any]) -> str:
    error = said.get("error")
    return str(error.get("code", "")) if isinstance(error, dict) else ""


def _operation(headers: Mapping[str, str]) -> str:
    """The path of the address where the outcome of accepted work is asked."""
    found = next((headers[name] for name in ADDRESSES if name in headers), "")
    return unquote(urlsplit(found).path).lower()


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdecimal() else 0.0
