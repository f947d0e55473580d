"""Slack's stand-in with the bot's own manifest, and the readings and calls under test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.manifest import manifest
from bot.slack.calls import Calls
from deploy.local.slack.standin import SlackStandIn


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    """Installed from the product's own manifest, so that a scope that is missing is noticed."""
    async with SlackStandIn(manifest()) as slack:
        yield slack


@pytest.fixture
def calls(slack: SlackStandIn) -> Calls:
    return Calls(AsyncWebClient(slack.bot_token, base_url=slack.api_url), timeout_seconds=1.0)
