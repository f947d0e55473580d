"""One call of the Web API: read, checked in Slack's order, answered in Slack's words."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from deploy.local.slack.errors import SlackError
from deploy.local.slack.methods import METHODS
from deploy.local.slack.methods.method import Call, Method
from deploy.local.slack.rates import Rates


@dataclass(frozen=True, slots=True)
class Tokens:
    """The two tokens of the app."""

    bot: str
    app: str

    def kind(self, token: str) -> str:
        """bot or app. Raises SlackError."""
        if not token:
            raise SlackError("not_authed")
        if token not in (self.bot, self.app):
            raise SlackError("invalid_auth")
        return "bot" if token == self.bot else "app"


@dataclass(frozen=True, slots=True)
class Request:
    """A request to the Web API as it was read: arguments without the token."""

    name: str
    args: Mapping[str, Any]
    token: str
    is_json: bool = False


async def read(name: str, request: web.Request) -> Request:
    """From query, form or JSON. Raises SlackError."""
    args = dict(request.query) | await _body(request)
    in_body = str(args.pop("token", ""))
    header = request.headers.get("Authorization", "")
    token = header.removeprefix("Bearer ").strip() or in_body
    return Request(name, args, token, request.content_type == "application/json")


async def answer(asked: Request, call: Call, tokens: Tokens, rates: Rates) -> web.Response:
    """The answer; every refusal is one too."""
    try:
        method = _allowed(asked, tokens)
        if call.workspace.is_rate_limited and (wait := rates.wait(method, asked.args)):
            return too_many(wait)
        if asked.is_json and not method.takes_json:
            call = replace(call, args={})
        method.check(call)
        found = method.handler(call)
        said = await found if inspect.isawaitable(found) else found
    except SlackError as error:
        return _sent(error.body(), call)
    return _sent({"ok": True, **said}, call)


def too_many(wait_seconds: int) -> web.Response:
    """429, as Slack has it."""
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers={"Retry-After": str(wait_seconds)})


def _allowed(asked: Request, tokens: Tokens) -> Method:
    method = METHODS.get(asked.name)
    if method is None:
        raise SlackError("unknown_method", req_method=asked.name)
    if method.token != "none" and tokens.kind(asked.token) != method.token:  # noqa: S105
        raise SlackError("not_allowed_token_type")
    return method


async def _body(request: web.Request) -> dict[str, Any]:
    if request.method == "GET":
        return {}
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        return body
    return {name: value for name, value in (await request.post()).items() if value is not None}


def _sent(body: dict[str, Any], call: Call) -> web.Response:
    scopes = ",".join(sorted(call.workspace.app.scopes))
    return web.json_response(body, headers={"X-OAuth-Scopes": scopes})
