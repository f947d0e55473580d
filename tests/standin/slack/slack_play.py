"""A rich app on the stand-in for Slack: its manifest, its Bolt app, and both transports."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.manifest import manifest
from deploy.local.slack.standin import SlackStandIn

SCOPES = [
    "commands",
    "chat:write",
    "users:read",
    "usergroups:read",
    "files:write",
    "channels:read",
    "groups:read",
    "im:read",
    "im:write",
    "channels:join",
    "app_mentions:read",
]


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(action_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain("Press"), "action_id": action_id, **more}


def buttons(*action_ids: str) -> dict[str, Any]:
    return {"type": "actions", "elements": [button(each) for each in action_ids]}


def rich_manifest(http: str = "", scopes: list[str] | None = None) -> dict[str, Any]:
    """The bot's own manifest, with everything else that the stand-in can play."""
    made = copy.deepcopy(manifest(http))
    made["oauth_config"]["scopes"]["bot"] = SCOPES if scopes is None else scopes
    made["features"]["app_home"] = {"home_tab_enabled": True, "messages_tab_enabled": True}
    made["features"]["shortcuts"] = [
        {"name": "Advise", "type": "global", "callback_id": "advise", "description": "Ask"},
        {"name": "About this", "type": "message", "callback_id": "about", "description": "Ask"},
    ]
    url = {"request_url": f"{http}/slack/events"} if http else {}
    made["settings"]["interactivity"] = {"is_enabled": True, **url}
    made["settings"]["event_subscriptions"] = {
        "bot_events": ["app_home_opened", "app_mention", "subteam_members_changed"],
        **url,
    }
    return made


def client_of(slack: SlackStandIn, token: str | None = None) -> AsyncWebClient:
    """The SDK's client, without retries, so that every refusal is seen."""
    given = slack.bot_token if token is None else token
    return AsyncWebClient(given, base_url=slack.api_url, retry_handlers=[])


def app_of(slack: SlackStandIn) -> AsyncApp:
    return AsyncApp(
        client=client_of(slack), signing_secret=slack.signing_secret, process_before_response=True
    )


@asynccontextmanager
async def over_socket(slack: SlackStandIn, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    handler = AsyncSocketModeHandler(app, slack.app_token)
    await handler.connect_async()
    await slack.until(lambda: slack.sockets.count)
    try:
        yield handler
    finally:
        await handler.close_async()


@asynccontextmanager
async def over_http(slack: SlackStandIn, app: AsyncApp) -> AsyncIterator[list[web.Request]]:
    """Serves the app; yields the requests that came."""
    came: list[web.Request] = []

    async def take(request: web.Request) -> web.StreamResponse:
        came.append(request)
        answer = await app.async_dispatch(await to_bolt_request(request))
        response: web.Response = await to_aiohttp_response(answer)
        return response

    async with serving(take) as url:
        slack.request_url = url
        yield came


@asynccontextmanager
async def serving(handler: Any) -> AsyncIterator[str]:
    """A little server that gives everything posted to `handler`."""
    application = web.Application()
    application.router.add_post("/slack/events", handler)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def playing(transport: str, slack: SlackStandIn, app: AsyncApp) -> AsyncIterator[None]:
    async with over_http(slack, app) if transport == "http" else over_socket(slack, app):
        yield


async def socket_address(slack: SlackStandIn, session: aiohttp.ClientSession) -> str:
    """Where one Socket Mode connection may be opened."""
    headers = {"Authorization": f"Bearer {slack.app_token}"}
    async with session.post(slack.api_url + "apps.connections.open", headers=headers) as got:
        return str((await got.json())["url"])


async def connected(
    slack: SlackStandIn, session: aiohttp.ClientSession
) -> aiohttp.ClientWebSocketResponse:
    """A Socket Mode connection without the SDK."""
    return await session.ws_connect(await socket_address(slack, session))
