"""The stand-in for Slack as a server on loopback, for tests and for the demo."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from types import TracebackType
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from deploy.local.control import Control, control_routes
from deploy.local.faults import Asked, Fault, Faults, Kind, fault_middleware
from deploy.local.slack import sockets, web_api
from deploy.local.slack.acting import Acted, People
from deploy.local.slack.clock import Clock
from deploy.local.slack.courier import Courier, Delivered, Outcome
from deploy.local.slack.errors import SlackError
from deploy.local.slack.http_delivery import HttpDelivery
from deploy.local.slack.manifest import install
from deploy.local.slack.methods.files import UPLOAD_PATH, upload
from deploy.local.slack.methods.method import Call
from deploy.local.slack.page_server import PageServer
from deploy.local.slack.people import APPROVERS
from deploy.local.slack.rates import Rates
from deploy.local.slack.response_urls import respond
from deploy.local.slack.sockets import Sockets
from deploy.local.slack.suggesting import Suggested
from deploy.local.slack.tickets import Tickets
from deploy.local.slack.views import View
from deploy.local.slack.web_api import Tokens
from deploy.local.slack.workspace import PATIENCE_SECONDS, Message, Workspace

HOST = "127.0.0.1"
RESPONSE, UPLOAD = "response_url", "files.upload"  #: what faults and counts call these
REMEMBERED = 10_000
_LARGEST_BODY_BYTES = 16 * 1024 * 1024
_RESPONSE_PATHS = ("/commands/", "/actions/", "/app/")


@dataclass(frozen=True, slots=True)
class Called:
    """One call of the app: its arguments without the token, and what it was answered."""

    name: str
    args: Mapping[str, Any]
    status: int
    answer: Any

    @property
    def error(self) -> str:
        """Slack's word for what was wrong, or nothing."""
        return str(self.answer.get("error", "")) if isinstance(self.answer, dict) else ""


_ASKED = web.RequestKey("asked", Asked)
_READ = web.RequestKey("read", web_api.Request)


class SlackStandIn:
    """An async context manager. `url` is the page with its token, `api_url` the Web API.

    With `request_url` (also settable later) HTTP deliveries go there, whatever the manifest
    says; it must be on this machine. `port` 0 takes any free one.
    """

    def __init__(
        self,
        manifest: Mapping[str, Any],
        *,
        port: int = 0,
        request_url: str = "",
        seed: int = 1,
        control_token: str | None = None,
    ) -> None:
        random = Random(seed)  # noqa: S311 - ids of a played workspace
        self.clock, self.faults = Clock(), Faults()
        #: what else meets every request, before all that is done here; set before it is entered
        self.outermost: list[Middleware] = []
        self.workspace = Workspace(install(manifest), self.clock, random)
        self.counts: Counter[str] = Counter()
        self.calls: list[Called] = []
        self.control_token = control_token or secrets.token_urlsafe(24)
        self.bot_token = f"xoxb-{secrets.token_hex(16)}"
        self.app_token = f"xapp-1-{secrets.token_hex(16)}"
        self.signing_secret = secrets.token_hex(16)
        self.url = self.api_url = ""
        self.tickets, self.rates = Tickets(self.workspace), Rates(self.clock)
        self.sockets = Sockets(self.clock, random, self._app_changed)
        self._http = HttpDelivery(self.clock, self.signing_secret, request_url)
        transport = self.sockets if self.workspace.app.socket_mode else self._http
        self.courier = Courier(transport, self.clock, self._app_changed)
        self.people = People(self.workspace, self.tickets, self.courier)
        self.page = PageServer(self.people, self.control_token, lambda: self.sockets.count)
        self._port = port
        self._runner: web.AppRunner | None = None

    # --- starting and stopping ---------------------------------------------------------------

    async def __aenter__(self) -> SlackStandIn:
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self._port).start()
        except BaseException:
            await self._runner.cleanup()
            raise
        base = f"http://{HOST}:{self._runner.addresses[0][1]}"
        self.url, self.api_url = f"{base}/#{self.control_token}", f"{base}/api/"
        self.people.url = base
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.courier.stop()
        await self.sockets.close()
        await self._http.close()
        if self._runner:
            await self._runner.cleanup()

    @property
    def port(self) -> int:
        """Where the page is. Raises ValueError before it was entered."""
        return int(self.people.url.rpartition(":")[2])

    @property
    def request_url(self) -> str:
        return self._http.request_url

    @request_url.setter
    def request_url(self, url: str) -> None:
        self._http.request_url = url

    # --- what people do ----------------------------------------------------------------------

    async def type_command(self, user: str, channel: str, text: str) -> Acted:
        """Type a line, as `ada` into `#ops`; names and ids are both taken."""
        return await self.people.type(self.who(user), self.where(channel), text)

    async def press(
        self,
        user: str,
        on: Message | View,
        action_id: str,
        chosen: Any = None,
        filled: Mapping[str, Any] | None = None,
    ) -> Acted:
        """Press a button, or choose in another element, of a message or a view."""
        if isinstance(on, View):
            return await self.people.press_in_view(self.who(user), on, action_id, chosen, filled)
        return await self.people.press(self.who(user), on, action_id, chosen, filled)

    async def submit(self, user: str, view: View, values: Mapping[str, Any]) -> Acted:
        """Fill in a modal by action_id and submit it."""
        return await self.people.submit(self.who(user), view, values)

    async def suggest(self, user: str, view: View, action_id: str, typed: str) -> Suggested:
        """Type into a list of a modal that the app fills."""
        return await self.people.suggest(self.who(user), view, action_id, typed)

    async def close(self, user: str, *, everything: bool = False) -> None:
        """Close the modal on top, or all of them."""
        await self.people.close(self.who(user), everything=everything)

    async def open_home(self, user: str) -> None:
        """Look at the App Home."""
        await self.people.open_home(self.who(user))

    def set_group(self, *users: str, group: str = APPROVERS.id) -> None:
        """Put exactly these people into a user group."""
        members = tuple(self.who(user) for user in users)
        self.people.group_changed(replace(self.workspace.groups[group], members=members))

    async def deliver_again(self, earlier: Delivered) -> Outcome:
        """The same thing once more in a new envelope, newly signed."""
        return await self.courier.once(earlier.delivery)

    # --- what is there -----------------------------------------------------------------------

    def messages(self, channel: str) -> list[Message]:
        """All messages of a channel in order, those for one person too."""
        return list(self.workspace.messages[self.where(channel)].values())

    def modal(self, user: str) -> View | None:
        """The view on top of a person's screen."""
        stack = self.workspace.modals.get(self.who(user))
        return stack[-1] if stack else None

    def home(self, user: str) -> View | None:
        return self.workspace.homes.get(self.who(user))

    def called(self, name: str) -> list[Called]:
        """The calls of one method, in order."""
        return [call for call in self.calls if call.name == name]

    @property
    def deliveries(self) -> list[Delivered]:
        return self.courier.record

    async def until(self, true: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until something is true. Raises TimeoutError."""
        await self.workspace.until(true, seconds)

    def who(self, user: str) -> str:
        """The id of a person by id or name."""
        named = (each.id for each in self.workspace.people.values() if each.name == user)
        return next(named, user)

    def where(self, channel: str) -> str:
        """The id of a channel by id or name."""
        bare = channel.removeprefix("#")
        found = (each.id for each in self.workspace.channels.values() if each.name == bare != "")
        return next(found, channel)

    # --- one request -------------------------------------------------------------------------

    def _app(self) -> web.Application:
        faults = fault_middleware(self.faults, lambda request: request.get(_ASKED), _shape)
        middlewares = [*self.outermost, self._noting, faults]
        app = web.Application(middlewares=middlewares, client_max_size=_LARGEST_BODY_BYTES)
        app.router.add_routes(control_routes(self._control()))
        app.router.add_routes(self.page.routes())
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get(sockets.PATH, self.sockets.serve)
        app.router.add_post(UPLOAD_PATH + "/{file}/{secret}", self._upload)
        for prefix in _RESPONSE_PATHS:
            app.router.add_post(prefix + "{rest:.*}", self._respond)
        return app

    def _control(self) -> Control:
        return Control(
            token=self.control_token,
            faults=self.faults,
            counts=self.counts,
            now=lambda: datetime.fromtimestamp(self.clock.now(), UTC),
            forward=self._forward,
            dump=self._dump,
        )

    @web.middleware
    async def _noting(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Names a call of the app, counts it and writes it down, whatever becomes of it."""
        name = _name(request)
        if not name:
            return await handler(request)
        self.counts[name] += 1
        request[_ASKED] = Asked(name, request.method, unquote(request.path))
        if name != UPLOAD:
            try:
                request[_READ] = await web_api.read(name, request)
            except SlackError as error:
                return web.json_response(error.body())
        response = await handler(request)
        self._write_down(name, request, response)
        await self.workspace.nudge()
        return response

    def _write_down(self, name: str, request: web.Request, response: web.StreamResponse) -> None:
        read = request.get(_READ)
        text = response.text if isinstance(response, web.Response) else None
        is_json = text and response.content_type == "application/json"
        said = json.loads(text) if is_json and text else text
        self.calls.append(Called(name, read.args if read else {}, response.status, said))
        del self.calls[:-REMEMBERED]

    async def _call(self, request: web.Request) -> web.StreamResponse:
        asked, base = request[_READ], self.people.url
        call = Call(self.workspace, self.tickets, asked.args, base, self._new_socket)
        tokens = Tokens(self.bot_token, self.app_token)
        return await web_api.answer(asked, call, tokens, self.rates)

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        """Slack answers `ok` as text, and refusals as JSON."""
        try:
            await respond(self.workspace, self.tickets, request.path, request[_READ].args)
        except SlackError as error:
            gone = error.code in ("used_url", "expired_url", "no_such_url")
            return web.json_response(error.body(), status=404 if gone else 200)
        return web.Response(text="ok")

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        content = await _bytes_of(request)
        try:
            upload(
                self.workspace,
                request.match_info["file"],
                request.match_info["secret"],
                content,
            )
        except SlackError as error:
            return web.Response(status=400, text=error.code)
        return web.Response(text=f"OK - {len(content)}")

    def _new_socket(self) -> str:
        return self.people.url.replace("http://", "ws://") + self.sockets.new_path()

    async def _app_changed(self) -> None:
        await self.workspace.tell("app")

    def _forward(self, by: timedelta) -> None:
        self.clock.forward(by.total_seconds())

    def _dump(self, resource: str) -> Any:
        """`messages/C01OPS`, `deliveries` or `calls`."""
        what, _, channel = resource.partition("/")
        if what == "messages" and channel in self.workspace.messages:
            return [each.as_slack() for each in self.messages(channel)]
        if what == "deliveries":
            return [
                {"kind": each.delivery.kind, "attempt": each.delivery.attempt}
                | {"why": each.outcome.why, "payload": each.delivery.payload}
                for each in self.deliveries
            ]
        if what == "calls":
            return [{"name": each.name, "error": each.error} for each in self.calls]
        return None


def _name(request: web.Request) -> str:
    if request.path.startswith("/api/"):
        return request.match_info.get("method", "")
    if request.path.startswith(_RESPONSE_PATHS):
        return RESPONSE
    return UPLOAD if request.path.startswith(UPLOAD_PATH + "/") else ""


async def _bytes_of(request: web.Request) -> bytes:
    """The raw body, or the first file of a form."""
    if request.content_type != "multipart/form-data":
        return await request.read()
    for part in (await request.post()).values():
        if isinstance(part, web.FileField):
            return part.file.read()
    return b""


_USUAL = {429: "ratelimited", 500: "internal_error", 503: "service_unavailable"}


def _shape(fault: Fault, _: web.Request) -> web.Response:
    """A fault as Slack would word it; `status` 200 with a `code` is an ordinary refusal."""
    if fault.kind == Kind.FORBIDDEN:
        return web.json_response(SlackError(fault.code or "missing_scope").body())
    if fault.kind == Kind.EXPIRED:
        return web.json_response(SlackError(fault.code or "token_expired").body())
    code = fault.code or _USUAL.get(fault.status, "fatal_error")
    return web.json_response(SlackError(code).body(), status=fault.status)
