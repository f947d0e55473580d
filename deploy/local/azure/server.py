"""The stand-in for Azure as a server on loopback: requests named, counted, checked, answered."""

from __future__ import annotations

import inspect
import secrets
import ssl
import tempfile
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import unquote

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from multidict import CIMultiDict

from deploy.local.azure import access, identity, locks
from deploy.local.azure.calls import Answer, Call, Operation, Refusal, Table
from deploy.local.azure.rate_limits import RateLimits
from deploy.local.azure.services import BEGINNINGS, SERVICES
from deploy.local.azure.world import World
from deploy.local.certificates import CA_FILE, loopback_tls
from deploy.local.control import PREFIX, Control, control_routes
from deploy.local.faults import FAILING, Asked, Fault, Faults, Kind, fault_middleware
from deploy.local.watching import Watches, watch_middleware

HOST = "127.0.0.1"
UNKNOWN = "Unknown"
#: What clients of the public cloud ask: signing in, Resource Manager, and the older manager's name.
AZURE_HOSTS = (
    "login.microsoftonline.com",
    "management.azure.com",
    "management.core.windows.net",
)
#: How many requests are remembered, for a demo that runs for days.
REMEMBERED = 10_000
_LARGEST_BODY_BYTES = 16 * 1024 * 1024


class Asking(NamedTuple):
    """One request as it arrived; `headers` are without Authorization."""

    name: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class _Found(NamedTuple):
    operation: Operation | None
    params: Mapping[str, str]


_FOUND = web.RequestKey("found", _Found)


class AzureStandIn:
    """An async context manager. `url` is plain HTTP; with `tls`, `tls_url` and `ca_file` too.

    `port` 0 takes any free one. `hosts` are further names that it answers to and that its
    certificate has, for clients that cannot be told another address than Azure's own (AZURE_HOSTS);
    whoever uses them leads those names here.
    """

    def __init__(
        self,
        world: World,
        services: Sequence[Sequence[Operation]] = SERVICES,
        *,
        port: int = 0,
        tls: bool = False,
        tls_port: int = 0,
        hosts: Sequence[str] = (),
        control_token: str | None = None,
    ) -> None:
        self.world = world
        self.hosts = frozenset(host.lower() for host in hosts)
        self.faults = Faults()
        self.watches = Watches()
        #: what else meets every request, before all that is done here; set before it is entered
        self.outermost: list[Middleware] = []
        self.counts: Counter[str] = Counter()
        self.requests: list[Asking] = []
        self.control_token = control_token or secrets.token_urlsafe(24)
        self.url = self.tls_url = ""
        self.ca_file: Path | None = None
        self._table = Table(operation for service in services for operation in service)
        self._ports = (port, tls_port) if tls else (port,)
        self._runner: web.AppRunner | None = None
        self._directory: tempfile.TemporaryDirectory[str] | None = None

    # --- starting and stopping ---------------------------------------------------------------

    async def __aenter__(self) -> AzureStandIn:
        for begin in BEGINNINGS:
            begin(self.world)
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        try:
            await self._listen(self._runner)
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._close()

    async def _listen(self, runner: web.AppRunner) -> None:
        self.url = f"http://{HOST}:{await _bound(runner, self._ports[0], None)}"
        if len(self._ports) == 1:
            return
        self._directory = tempfile.TemporaryDirectory(prefix="vmbackup-stand-in-")
        tls = loopback_tls(Path(self._directory.name), sorted(self.hosts))
        self.ca_file = Path(self._directory.name) / CA_FILE
        self.tls_url = f"https://localhost:{await _bound(runner, self._ports[1], tls)}"

    async def _close(self) -> None:
        if self._runner:
            await self._runner.cleanup()
        if self._directory:
            self._directory.cleanup()

    def _app(self) -> web.Application:
        watches = watch_middleware(self.watches, self._asked)
        faults = fault_middleware(self.faults, self._asked, self._shape)
        middlewares = [*self.outermost, self._noting, watches, faults]
        app = web.Application(middlewares=middlewares, client_max_size=_LARGEST_BODY_BYTES)
        app.router.add_routes(control_routes(self._control()))
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    def _control(self) -> Control:
        world = self.world
        return Control(
            token=self.control_token,
            faults=self.faults,
            counts=self.counts,
            now=lambda: world.now,
            forward=world.forward,
            dump=world.get,
        )

    # --- for those who use it ----------------------------------------------------------------

    @property
    def identity_endpoint(self) -> str:
        """What IDENTITY_ENDPOINT is set to; IDENTITY_HEADER is `identity_header`."""
        return self.url + identity.IDENTITY_PATH

    @property
    def identity_header(self) -> str:
        return self.world.part(identity.SignIn).header

    def asked(self, name: str) -> list[Asking]:
        """The requests of one operation, in order."""
        return [request for request in self.requests if request.name == name]

    def forget(self) -> None:
        """Counts and requests from here on."""
        self.counts.clear()
        self.requests.clear()

    # --- one request -------------------------------------------------------------------------

    @web.middleware
    async def _noting(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Names the request, counts it and writes it down, whatever becomes of it."""
        raw_path = _raw_path(request)
        if raw_path.startswith(f"{PREFIX}/"):
            return await handler(request)
        found = self._table.find(request.method, raw_path)
        request[_FOUND] = _Found(*found) if found else _Found(None, {})
        name = found[0].name if found else UNKNOWN
        self.counts[name] += 1
        self.requests.append(await _written_down(name, request))
        del self.requests[:-REMEMBERED]
        response = await handler(request)
        if not response.prepared:
            headers = _standard_headers(request)
            if "x-ms-failure-cause" not in response.headers:  # the gateway's own refusal
                headers |= self.world.part(RateLimits).take(name, raw_path)
            for header, value in headers.items():
                response.headers.setdefault(header, value)
            if self.world.clock_off:
                shown = datetime.now(UTC) + self.world.clock_off
                response.headers["Date"] = format_datetime(shown, usegmt=True)
        return response

    @staticmethod
    def _asked(request: web.Request) -> Asked | None:
        found = request.get(_FOUND)
        if found is None:
            return None
        name = found.operation.name if found.operation else UNKNOWN
        return Asked(name, request.method, unquote(_raw_path(request)))

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        found = request[_FOUND]
        call = await self._call(request, found.params)
        try:
            operation = found.operation
            if operation is None or not operation.anonymous:
                call = self._checked(call, found)
            if operation is None:
                raise self._unknown(request)
            answer = operation.handler(call)
            return _sent(await answer if inspect.isawaitable(answer) else answer)
        except Refusal as refusal:
            return _sent(refusal.answer())

    async def _call(self, request: web.Request, params: Mapping[str, str]) -> Call:
        fault = request.get(FAILING)
        return Call(
            world=self.world,
            method=request.method,
            path=unquote(_raw_path(request)).rstrip("/"),
            params=params,
            query=CIMultiDict(request.query),
            headers=request.headers,
            raw=await request.read(),
            base_url=_base_url(request),
            failing=fault and _error(fault),
        )

    def _checked(self, call: Call, found: _Found) -> Call:
        """The call with its caller. Raises what ARM refuses before a service sees a request."""
        self.world.catch_up()
        _check_host(call, self.hosts)
        sign_in = self.world.part(identity.SignIn)
        caller = sign_in.claims(call.headers.get("Authorization", ""))
        call = replace(call, caller=caller)
        if not call.query.get("api-version"):
            message = (
                "The api-version query parameter (?api-version=) is required for all requests."
            )
            raise Refusal(400, "MissingApiVersionParameter", message, headers=_GATEWAY)
        if found.operation:
            access.check_access(call)
            locks.refuse_if_locked(self.world, call.method, call.path)
        return call

    def _unknown(self, request: web.Request) -> Refusal:
        path = unquote(_raw_path(request))
        if methods := self._table.methods(_raw_path(request)):
            message = f"The requested resource does not support http method '{request.method}'."
            allow = {"Allow": ", ".join(methods)}
            return Refusal(405, "UnsupportedHttpMethod", message, headers=_GATEWAY | allow)
        _, found, provider = path.rpartition("/providers/")
        namespace, _, rest = provider.partition("/")
        if not found or not rest:
            message = f"The resource at '{path}' could not be found."
            return Refusal(404, "NotFound", message, headers=_GATEWAY)
        message = (
            f"The resource type '{'/'.join(rest.split('/')[::2])}' could not be found in the "
            f"namespace '{namespace}' for api version '{request.query.get('api-version')}'. "
            "The supported api-versions are those of this stand-in."
        )
        return Refusal(404, "InvalidResourceType", message, headers=_GATEWAY)

    def _shape(self, fault: Fault, request: web.Request) -> web.Response:
        """A fault as ARM would word it."""
        if fault.kind == Kind.EXPIRED:
            return _sent(identity.expired().answer())
        if fault.kind == Kind.FORBIDDEN:
            return _sent(self._forbidden(request).answer())
        return _sent(Refusal(fault.status, **_error(fault)).answer())

    def _forbidden(self, request: web.Request) -> Refusal:
        default = self.world.part(identity.SignIn).default
        caller = {"appid": default.client_id, "oid": default.object_id}
        path, url = unquote(_raw_path(request)), _base_url(request)
        return access.forbidden(
            Call(self.world, request.method, path, {}, {}, {}, b"", url, caller)
        )


_NO_VERSION = "The api-version query parameter (?api-version=) is required for all requests."
_GATEWAY = {"x-ms-failure-cause": "gateway"}
_USUAL_ERRORS = {
    400: ("BadRequest", "The request was invalid."),
    401: ("AuthenticationFailed", "Authentication failed."),
    403: ("AuthorizationFailed", "The client does not have authorization to perform action."),
    404: ("NotFound", "The entity was not found in this Azure location."),
    409: ("Conflict", "The request conflicts with another operation."),
    429: ("TooManyRequests", "The request is being throttled. Please try again later."),
    500: ("InternalServerError", "The server encountered an internal error. Please retry."),
    502: ("BadGateway", "The gateway did not receive a response from the server."),
    503: ("ServerTimeout", "The request timed out. Please retry the request."),
    504: ("GatewayTimeout", "The gateway did not receive a response in time."),
}


def _error(fault: Fault) -> dict[str, Any]:
    status = 500 if fault.kind == Kind.WORK_FAILS else fault.status
    code, message = _USUAL_ERRORS.get(status, ("Error", "The request failed."))
    return {"code": fault.code or code, "message": fault.message or message}


async def _bound(runner: web.AppRunner, port: int, tls: ssl.SSLContext | None) -> int:
    site = web.TCPSite(runner, HOST, port, ssl_context=tls)
    await site.start()
    return int(runner.addresses[-1][1])


def _raw_path(request: web.Request) -> str:
    return request.raw_path.partition("?")[0]


def _base_url(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}"


def _check_host(call: Call, hosts: frozenset[str]) -> None:
    """Raises Refusal 421 where the request names another host.

    A name of this machine must carry a port; a further name may stand without one.
    """
    asked = call.base_url.partition("://")[2].lower()
    host = asked.rpartition(":")[0]
    if host not in (HOST, "localhost", "[::1]") and not {host, asked} & hosts:
        raise Refusal(421, "MisdirectedRequest", "This server answers only to its loopback name.")


async def _written_down(name: str, request: web.Request) -> Asking:
    headers = CIMultiDict(request.headers)
    headers.popall("Authorization", None)
    path = unquote(_raw_path(request))
    body = await request.read()
    return Asking(name, request.method, path, CIMultiDict(request.query), headers, body)


#: An ARM bucket just after one request (facts G: 250 reads, 200 writes, 200 deletes).
_REMAINING = {"GET": ("reads", 249), "HEAD": ("reads", 249), "DELETE": ("deletes", 199)}


def _standard_headers(request: web.Request) -> dict[str, str]:
    own_id = str(uuid.uuid4())
    sort, left = _REMAINING.get(request.method, ("writes", 199))
    headers = {
        "x-ms-request-id": own_id,
        "x-ms-correlation-request-id": request.headers.get("x-ms-correlation-request-id", own_id),
        "x-ms-routing-request-id": f"STANDIN:{own_id}",
        f"x-ms-ratelimit-remaining-subscription-{sort}": str(left),
        f"x-ms-ratelimit-remaining-subscription-global-{sort}": str(left * 15),
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("x-ms-return-client-request-id", "").lower() == "true":
        headers["x-ms-client-request-id"] = request.headers.get("x-ms-client-request-id", "")
    return headers


def _sent(answer: Answer) -> web.Response:
    if answer.body is None:
        return web.Response(status=answer.status, headers=answer.headers)
    if isinstance(answer.body, bytes):  # a file, whose Content-Type is among the headers
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
    return web.json_response(answer.body, status=answer.status, headers=answer.headers)
