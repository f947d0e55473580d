"""The control pages of a stand-in: its faults, its counts, its clock, its resources.

They are for the person and the tests on this machine only: the Host must be a loopback name with
the port that was reached, the Origin absent or the same, and the token made at start-up is wanted.
"""

from __future__ import annotations

import hmac
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from deploy.local.faults import Faults, fault_from

PREFIX = "/_standin"
TOKEN_HEADER = "X-Standin-Token"  # noqa: S105 - the header's name
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")

Asking = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Control:
    """What the pages work on. `dump` gives a resource by id, or None where there is none."""

    token: str
    faults: Faults
    counts: Counter[str]
    now: Callable[[], datetime]
    forward: Callable[[timedelta], None]
    dump: Callable[[str], Any]


def is_own_page(request: web.Request) -> bool:
    """Whether Host is this machine at the port that was reached, and Origin no stranger."""
    name = request.transport and request.transport.get_extra_info("sockname")
    hosts = {f"{host}:{name[1]}" for host in _LOOPBACK_NAMES} if name else set()
    host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
    return host in hosts and origin in (None, f"{request.scheme}://{host}")


def control_routes(control: Control) -> Sequence[web.RouteDef]:
    """The routes, to be added before any route that takes every path."""

    def guarded(handler: Callable[[Control, web.Request], Awaitable[web.Response]]) -> Handler:
        async def asked(request: web.Request) -> web.StreamResponse:
            if not is_own_page(request) or not _has_token(request, control.token):
                return web.json_response({"error": "This page is not for you."}, status=403)
            try:
                return await handler(control, request)
            except (ValueError, re.error) as error:
                return web.json_response({"error": str(error)}, status=400)

        return asked

    rows = [
        ("GET", "/counts", _counts),
        ("DELETE", "/counts", _forget_counts),
        ("GET", "/faults", _faults),
        ("POST", "/faults", _add_fault),
        ("DELETE", "/faults", _clear_faults),
        ("DELETE", "/faults/{number}", _remove_fault),
        ("PUT", "/delay", _set_delay),
        ("GET", "/clock", _clock),
        ("POST", "/clock", _move_clock),
        ("GET", "/resource", _resource),
    ]
    return [web.route(method, PREFIX + path, guarded(handler)) for method, path, handler in rows]


def _has_token(request: web.Request, token: str) -> bool:
    given = request.headers.get(TOKEN_HEADER, "")
    return hmac.compare_digest(given.encode(), token.encode())


async def _body(request: web.Request) -> dict[str, Any]:
    body = await request.json()
    if not isinstance(body, dict):
        raise ValueError("The body is a JSON object.")
    return body


async def _seconds(request: web.Request) -> float:
    seconds = (await _body(request)).get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 0:
        raise ValueError("“seconds” is a number, zero or more.")
    return float(seconds)


async def _counts(control: Control, _: web.Request) -> web.Response:
    return web.json_response({"total": control.counts.total(), "counts": dict(control.counts)})


async def _forget_counts(control: Control, _: web.Request) -> web.Response:
    control.counts.clear()
    return web.json_response({"total": 0, "counts": {}})


async def _faults(control: Control, _: web.Request) -> web.Response:
    body = {"delay_seconds": control.faults.delay_seconds, "faults": control.faults.listing()}
    return web.json_response(body)


async def _add_fault(control: Control, request: web.Request) -> web.Response:
    number = control.faults.add(fault_from(await _body(request)))
    return web.json_response({"number": number}, status=201)


async def _clear_faults(control: Control, request: web.Request) -> web.Response:
    control.faults.clear()
    return await _faults(control, request)


async def _remove_fault(control: Control, request: web.Request) -> web.Response:
    if not control.faults.remove(int(request.match_info["number"])):
        return web.json_response({"error": "There is no fault of that number."}, status=404)
    return await _faults(control, request)


async def _set_delay(control: Control, request: web.Request) -> web.Response:
    control.faults.delay_seconds = await _seconds(request)
    return await _faults(control, request)


async def _clock(control: Control, _: web.Request) -> web.Response:
    return web.json_response({"now": control.now().isoformat()})


async def _move_clock(control: Control, request: web.Request) -> web.Response:
    control.forward(timedelta(seconds=await _seconds(request)))
    return await _clock(control, request)


async def _resource(control: Control, request: web.Request) -> web.Response:
    found = control.dump(request.query.get("id", ""))
    if found is None:
        return web.json_response({"error": "There is no resource of that id."}, status=404)
    return web.json_response(found)
