"""Faults on demand for the stand-ins: rules that say which request meets what.

Every stand-in puts `fault_middleware` behind the middleware that names and counts a request;
the shape of a refusal is the stand-in's own.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import MISSING, asdict, dataclass, field, fields
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


class Kind(StrEnum):
    """What a request meets. The kinds from `slow` on run it."""

    STATUS = "status"  #: an answer of that status, with Retry-After where said
    FORBIDDEN = "forbidden"  #: 403 in the stand-in's own words
    EXPIRED = "expired"  #: the token is called expired
    DROP = "drop"  #: the connection is closed before anything was done
    HANG = "hang"  #: no answer for `seconds`
    SLOW = "slow"  #: the right answer, `seconds` late
    CUT = "cut"  #: the work is done, the answer ends in the middle of its body
    #: the work is done, the connection is closed without an answer. aiohttp's client then sends
    #: a GET, PUT or DELETE once more by itself: `times` 2 is what its caller notices.
    LOST = "lost"
    PAGE_MISSING = "page-missing"  #: the answer's link to its next page leads nowhere
    #: the request is accepted, the long-running work fails: its address then says `Failed` with
    #: `code` and `message`, and the resource does not reach what was asked for
    WORK_FAILS = "work-fails"
    #: the work goes on, but the addresses that the answer gives for it are a 404
    OPERATION_FORGOTTEN = "operation-forgotten"
    #: the work goes on, but the answer gives no address to ask for it, and no Retry-After
    NO_OPERATION_HEADERS = "no-operation-headers"


@dataclass(frozen=True)
class Fault:
    """One rule. `operation` is a name with * and ?, `path` a regular expression in any case.

    The first `skip` requests that match pass; the next `times` meet the fault (None: all).
    """

    kind: Kind
    operation: str = "*"
    method: str = ""
    path: str = ""
    skip: int = 0
    times: int | None = 1
    status: int = 429
    retry_after: str | None = None  #: the header's text: seconds, or a date
    headers: Mapping[str, str] = field(default_factory=dict)
    code: str = ""  #: the error's code; empty: the stand-in's usual one for that status
    message: str = ""
    seconds: float = 0.0

    def concerns(self, asked: Asked) -> bool:
        return (
            fnmatchcase(asked.operation.lower(), self.operation.lower())
            and self.method.upper() in ("", asked.method)
            and re.search(self.path, asked.path, re.IGNORECASE) is not None
        )


#: The headers that say where long-running work is asked for, and when.
ADDRESSES = ("Azure-AsyncOperation", "Location")
_OPERATION_HEADERS = (*ADDRESSES, "Retry-After")

#: Where the middleware leaves a fault of kind `work-fails` for the handler to find.
FAILING = web.RequestKey("failing", Fault)


class Asked(NamedTuple):
    """What a rule looks at: the operation's name, the method, the path without escapes."""

    operation: str
    method: str
    path: str


#: Turns a fault of kind status, forbidden or expired into the stand-in's answer.
Shape = Callable[[Fault, web.Request], web.Response]


def fault_from(body: Mapping[str, Any]) -> Fault:
    """A fault from JSON, by the names of `Fault`. Raises ValueError for what it cannot be."""
    known = {item.name: item for item in fields(Fault)}
    if unknown := sorted(set(body) - set(known)):
        raise ValueError(f"A fault has no “{unknown[0]}”. It has: {', '.join(known)}.")
    if body.get("kind") not in list(Kind):
        raise ValueError(f"The kind of a fault is one of {', '.join(Kind)}.")
    for name, value in body.items():
        _check(name, value, known[name].default)
    re.compile(body.get("path", ""))  # re.error is a ValueError from 3.13 on only
    return Fault(**{**body, "kind": Kind(body["kind"])})


def _check(name: str, value: object, default: object) -> None:
    wanted: tuple[type, ...] = {
        "kind": (str,),
        "times": (int, type(None)),
        "retry_after": (str, type(None)),
        "headers": (dict,),
        "seconds": (int, float),
    }.get(name, (type(default),) if default is not MISSING else (object,))
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise ValueError(f"“{name}” of a fault cannot be {value!r}.")


@dataclass
class _Rule:
    fault: Fault
    matched: int = 0

    def met(self) -> bool:
        self.matched += 1
        over = self.matched - self.fault.skip
        return over > 0 and (self.fault.times is None or over <= self.fault.times)


@dataclass
class Faults:
    """The rules in force, in the order they were added, and a delay put on every request."""

    delay_seconds: float = 0.0
    _rules: dict[int, _Rule] = field(default_factory=dict)
    _next: int = 1
    _forgotten: set[str] = field(default_factory=set)

    def add(self, fault: Fault) -> int:
        """Puts a rule in force; its number is for `remove`."""
        number, self._next = self._next, self._next + 1
        self._rules[number] = _Rule(fault)
        return number

    def remove(self, number: int) -> bool:
        return self._rules.pop(number, None) is not None

    def clear(self) -> None:
        """No rule and no delay any more; a forgotten operation is known again."""
        self._rules.clear()
        self._forgotten.clear()
        self.delay_seconds = 0.0

    def meet(self, asked: Asked) -> Fault | None:
        """The first rule that this request meets; rules before it have counted it."""
        for rule in self._rules.values():
            if rule.fault.concerns(asked) and rule.met():
                return rule.fault
        return None

    def forget(self, address: str) -> None:
        """From now on the path of this address is not found."""
        self._forgotten.add(unquote(urlsplit(address).path).lower())

    def is_forgotten(self, path: str) -> bool:
        return path.lower() in self._forgotten

    def listing(self) -> list[dict[str, Any]]:
        return [
            {"number": number, "matched": rule.matched, **asdict(rule.fault)}
            for number, rule in self._rules.items()
        ]


def fault_middleware(
    faults: Faults, asked_of: Callable[[web.Request], Asked | None], shape: Shape
) -> Middleware:
    """The aiohttp middleware. A request of which `asked_of` says None meets no fault."""

    @web.middleware
    async def meeting(request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = asked_of(request)
        if asked is None:
            return await handler(request)
        if faults.delay_seconds:
            await asyncio.sleep(faults.delay_seconds)
        if faults.is_forgotten(asked.path):
            return shape(Fault(Kind.STATUS, status=404), request)
        fault = faults.meet(asked)
        if fault is None:
            return await handler(request)
        answer = await _meet(fault, request, handler, shape)
        if fault.kind == Kind.OPERATION_FORGOTTEN:
            _forget_addresses(faults, answer)
        return answer

    return meeting


def _forget_addresses(faults: Faults, answer: web.StreamResponse) -> None:
    for name in ADDRESSES:
        if name in answer.headers:
            faults.forget(answer.headers[name])


async def _meet(
    fault: Fault, request: web.Request, handler: Handler, shape: Shape
) -> web.StreamResponse:
    match fault.kind:
        case Kind.STATUS | Kind.FORBIDDEN | Kind.EXPIRED:
            return _with_headers(shape(fault, request), fault)
        case Kind.DROP:
            return _hang_up(request)
        case Kind.HANG | Kind.SLOW:
            await asyncio.sleep(fault.seconds or (600 if fault.kind == Kind.HANG else 1))
            return _hang_up(request) if fault.kind == Kind.HANG else await handler(request)
        case Kind.LOST:
            await handler(request)
            return _hang_up(request)
        case Kind.CUT:
            return await _cut(request, await handler(request))
        case Kind.PAGE_MISSING:
            return _without_next_page(await handler(request))
        case Kind.WORK_FAILS:
            request[FAILING] = fault
            return await handler(request)
        case Kind.OPERATION_FORGOTTEN:
            return await handler(request)
        case Kind.NO_OPERATION_HEADERS:
            return _without_operation_headers(await handler(request))


def _with_headers(response: web.Response, fault: Fault) -> web.Response:
    response.headers.update(fault.headers)
    if fault.retry_after is not None:
        response.headers["Retry-After"] = fault.retry_after
    return response


def _without_operation_headers(whole: web.StreamResponse) -> web.StreamResponse:
    for name in _OPERATION_HEADERS:
        whole.headers.pop(name, None)
    return whole


def _hang_up(request: web.Request) -> web.StreamResponse:
    """Closes the connection; what is returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _cut(request: web.Request, whole: web.StreamResponse) -> web.StreamResponse:
    """The head and half of the body. An answer without a body is lost altogether."""
    body = whole.body if isinstance(whole, web.Response) else None
    if not isinstance(body, bytes) or not body:
        return _hang_up(request)
    cut = web.StreamResponse(status=whole.status, headers=whole.headers)
    cut.content_length = len(body)
    with suppress(ConnectionError):  # whoever asked may have gone meanwhile
        await cut.prepare(request)
        await cut.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()  # unlike abort, sends what was written
    return cut


_LINKS = ("nextLink", "NextPageLink")
_TOKENS = ("$skipToken", "next_cursor")


def _without_next_page(whole: web.StreamResponse) -> web.StreamResponse:
    """The same answer; the way to its next page leads nowhere."""
    if not isinstance(whole, web.Response) or whole.content_type != "application/json":
        return whole
    answer = _astray(json.loads(whole.text or "null"))
    return web.json_response(answer, status=whole.status)


def _astray(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: _astray_at(key, inner) for key, inner in value.items()}


def _astray_at(key: str, value: Any) -> Any:
    if key in _LINKS and value:
        origin = "/".join(str(value).split("/")[:3])
        return f"{origin}/a-page-that-is-not-there?api-version=2021-01-01"
    if key in _TOKENS and value:
        return "a-page-that-is-not-there"
    return _astray(value) if key in ("properties", "response_metadata") else value
