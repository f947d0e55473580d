"""The page in the browser: its files, its live view, and what is done in it.

Like every page of the stand-ins it is for this machine only: Host and Origin are checked, and
everything but the files wants the token, which the page's address carries after the #.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, Protocol

from aiohttp import web
from aiohttp.typedefs import Handler

from deploy.local.control import TOKEN_HEADER, is_own_page
from deploy.local.slack import page_view
from deploy.local.slack.acting import Acted, People
from deploy.local.slack.errors import SlackError
from deploy.local.slack.people import Person
from deploy.local.slack.suggesting import Suggested
from deploy.local.slack.views import View
from deploy.local.slack.workspace import Message, Workspace

Given = dict[str, Any]
Deed = Callable[[Person, Given], Awaitable[Acted | Suggested | None]]

FILES = Path(__file__).parent / "page"
_PING_SECONDS = 15.0
_LOOK_SECONDS = 0.5
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
#: Nothing from outside, nothing inline.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class ShownBeside(Protocol):
    """What the page shows beside Slack and lets one do there: the demo's played Azure."""

    def view(self) -> dict[str, Any]: ...

    async def act(self, given: Mapping[str, Any]) -> str:
        """The sentence of what went wrong, or nothing. Raises ValueError."""


class PageServer:
    """Serves the page. `connections` says how many websockets the app holds."""

    def __init__(self, people: People, token: str, connections: Callable[[], int]) -> None:
        self._people, self._token, self._connections = people, token, connections
        self.beside: ShownBeside | None = None
        self._deeds: dict[str, Deed] = {
            "type": self._type,
            "press": self._press,
            "submit": self._submit,
            "suggest": self._suggest,
            "close": self._close,
            "open-home": self._open_home,
            "shortcut": self._shortcut,
        }

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.get("/", self._index),
            web.get("/page/files/{id}", self._guarded(self._file)),
            web.get("/page/changes", self._guarded(self._changes)),
            web.post("/page/act", self._guarded(self._act)),
            web.get("/page/beside", self._guarded(self._watch_beside)),
            web.post("/page/beside", self._guarded(self._act_beside)),
            web.get("/page/{name}", self._asset),
        ]

    @property
    def _workspace(self) -> Workspace:
        return self._people.workspace

    # --- files ------------------------------------------------------------------------------

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return self._asset_named(request, "index.html")

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        return self._asset_named(request, request.match_info["name"])

    def _asset_named(self, request: web.Request, name: str) -> web.StreamResponse:
        known = {path.name: path for path in FILES.iterdir() if path.suffix in _TYPES}
        if not is_own_page(request) or name not in known:
            return web.Response(status=404, headers=_HEADERS)
        return web.Response(
            text=known[name].read_text(encoding="utf-8"),
            content_type=_TYPES[known[name].suffix],
            charset="utf-8",
            headers=_HEADERS,
        )

    def _guarded(
        self, handler: Callable[[web.Request, Person], Awaitable[web.StreamResponse]]
    ) -> Handler:
        async def asked(request: web.Request) -> web.StreamResponse:
            given = request.headers.get(TOKEN_HEADER, "").encode()
            if not is_own_page(request) or not hmac.compare_digest(given, self._token.encode()):
                return _refused(403, "This page is not for you. Open the address with its token.")
            person = self._workspace.people.get(request.query.get("as", ""))
            if person is None or not page_view.person(person)["may_act"]:
                return _refused(400, "Nobody of that id can act here.")
            return await handler(request, person)

        return asked

    # --- looking ----------------------------------------------------------------------------

    async def _changes(self, request: web.Request, me: Person) -> web.StreamResponse:
        """One JSON object a line: the whole, then each change, for as long as the page is open."""
        stream = web.StreamResponse(headers={**_HEADERS, "Content-Type": "application/x-ndjson"})
        async with self._workspace.listening() as queue:
            await stream.prepare(request)
            with suppress(ConnectionError):  # the page was closed
                await self._tell(stream, queue, me)
        return stream

    async def _tell(
        self, stream: web.StreamResponse, queue: asyncio.Queue[Any], me: Person
    ) -> NoReturn:
        shown: dict[str, Any] | None = {"what": "state", "state": self._whole(me)}
        while True:
            if shown is not None:
                await stream.write(json.dumps(shown).encode() + b"\n")
            shown = await self._next(queue, me)

    def _whole(self, me: Person) -> dict[str, Any]:
        return page_view.whole(self._workspace, me, self._connections())

    async def _next(self, queue: asyncio.Queue[Any], me: Person) -> dict[str, Any] | None:
        try:
            async with asyncio.timeout(_PING_SECONDS):
                change = await queue.get()
        except TimeoutError:
            return {"what": "ping"}
        return page_view.change(self._workspace, me, change, self._connections())

    async def _watch_beside(self, request: web.Request, _: Person) -> web.StreamResponse:
        """One JSON object a line: what is shown beside Slack, whenever it has changed.

        204 where nothing is.
        """
        if self.beside is None:
            return web.Response(status=204, headers=_HEADERS)
        stream = web.StreamResponse(headers={**_HEADERS, "Content-Type": "application/x-ndjson"})
        await stream.prepare(request)
        with suppress(ConnectionError):  # the page was closed
            await _tell_beside(request, stream, self.beside)
        return stream

    async def _act_beside(self, request: web.Request, _: Person) -> web.Response:
        if self.beside is None:
            return _refused(404, "Nothing is shown beside Slack here.")
        try:
            problem = await self.beside.act(await request.json())
        except ValueError as error:
            return _refused(400, f"The page asked for something strange: {error}")
        return _sent({"ok": not problem, "problem": problem})

    async def _file(self, request: web.Request, _: Person) -> web.Response:
        file = self._workspace.files.get(request.match_info["id"])
        if file is None or file.content is None or not file.is_shared:
            return _refused(404, "There is no file of that id.")
        kind = "application/octet-stream"  # never shown as a page of this origin
        return web.Response(body=file.content, content_type=kind, headers=_HEADERS)

    # --- doing ------------------------------------------------------------------------------

    async def _act(self, request: web.Request, me: Person) -> web.Response:
        try:
            given = await request.json()
            acted = await self._deed(given)(me, given)
        except SlackError as error:
            return _sent({"ok": False, "problem": f"That is not possible: {error.code}."})
        except ValueError as error:
            return _refused(400, f"The page asked for something strange: {error}")
        problem = acted.problem if acted else ""
        options = list(acted.options) if isinstance(acted, Suggested) else []
        return _sent({"ok": not problem, "problem": problem, "options": options})

    def _deed(self, given: Any) -> Deed:
        if not isinstance(given, dict) or given.get("do") not in self._deeds:
            raise ValueError(f"“do” is one of {', '.join(self._deeds)}.")
        return self._deeds[given["do"]]

    async def _type(self, me: Person, given: Given) -> Acted:
        thread_ts = _text(given, "thread_ts", "")
        return await self._people.type(
            me.id, _text(given, "channel"), _text(given, "text"), thread_ts
        )

    async def _press(self, me: Person, given: Given) -> Acted:
        chosen, filled, action = given.get("chosen"), _filled(given), _text(given, "action")
        if "view" in given:
            view = self._view(me, given)
            return await self._people.press_in_view(me.id, view, action, chosen, filled)
        message = self._message(me, given)
        return await self._people.press(me.id, message, action, chosen, filled)

    async def _submit(self, me: Person, given: Given) -> Acted:
        return await self._people.submit(me.id, self._view(me, given), _filled(given))

    async def _suggest(self, me: Person, given: Given) -> Suggested:
        action, typed = _text(given, "action"), _text(given, "typed")
        return await self._people.suggest(me.id, self._view(me, given), action, typed)

    async def _close(self, me: Person, given: Given) -> None:
        await self._people.close(me.id, everything=bool(given.get("everything")))

    async def _open_home(self, me: Person, _: Given) -> None:
        await self._people.open_home(me.id)

    async def _shortcut(self, me: Person, given: Given) -> Acted:
        message = self._message(me, given) if "ts" in given else None
        return await self._people.shortcut(me.id, _text(given, "callback_id"), message)

    def _message(self, me: Person, given: Given) -> Message:
        message = self._workspace.message(_text(given, "channel"), _text(given, "ts"))
        if message.only_for not in ("", me.id):
            raise SlackError("message_not_found")
        return message

    def _view(self, me: Person, given: Given) -> View:
        view_id = _text(given, "view")
        for view in self._workspace.views():
            if view.id == view_id and view.person == me.id:
                return view
        raise SlackError("view_not_found")


async def _tell_beside(
    request: web.Request, stream: web.StreamResponse, beside: ShownBeside
) -> None:
    """Looks twice a second, and less often where a look takes long: at most a tenth of the time."""
    told = b""
    while request.transport is not None and not request.transport.is_closing():
        began = time.perf_counter()
        line = json.dumps(beside.view()).encode() + b"\n"
        if line != told:
            await stream.write(line)
            told = line
        await asyncio.sleep(max(_LOOK_SECONDS, 10 * (time.perf_counter() - began)))


def _text(given: Given, name: str, default: str | None = None) -> str:
    value = given.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"“{name}” is a text.")
    return value


def _filled(given: Given) -> Given:
    filled = given.get("filled", {})
    if not isinstance(filled, dict):
        raise ValueError("“filled” holds what is filled in, by action_id.")
    return filled


def _sent(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.json_response(body, status=status, headers=_HEADERS)


def _refused(status: int, problem: str) -> web.Response:
    return _sent({"ok": False, "problem": problem}, status)
