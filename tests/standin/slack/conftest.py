"""The stand-in for Slack as the tests meet it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from slack_play import client_of, playing, rich_manifest
from slack_played import Played
from slack_sdk.web.async_client import AsyncWebClient

from deploy.local.slack.standin import SlackStandIn


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    """Socket Mode, a rich app, no rate limits."""
    async with SlackStandIn(rich_manifest()) as slack:
        slack.workspace.is_rate_limited = False
        yield slack


@pytest.fixture
def client(slack: SlackStandIn) -> AsyncWebClient:
    return client_of(slack)


@pytest.fixture(params=["socket", "http"])
async def played(request: pytest.FixtureRequest) -> AsyncIterator[Played]:
    http = "http://127.0.0.1:1" if request.param == "http" else ""
    async with SlackStandIn(rich_manifest(http)) as slack:
        slack.workspace.is_rate_limited = False
        played = Played(slack)
        async with playing(request.param, slack, played.app):
            yield played
