"""The whole process while it is not ready yet: it waits, and nobody can mistake it for ready."""

from __future__ import annotations

import asyncio

import pytest

from bot.commands.manifest import manifest
from deploy.local.azure.server import AzureStandIn
from deploy.local.bot_process import HOST, BotProcess
from deploy.local.faults import Fault, Kind
from deploy.local.fleet.sample import sample_world
from deploy.local.slack.standin import SlackStandIn
from tests.databases import Served
from tests.journeys.running_system import PATIENCE_SECONDS, data_directory

LOOK_AGAIN_SECONDS = 0.05


@pytest.mark.parametrize("status", [429, 503])
async def test_a_bot_whose_slack_says_not_now_listens_only_once_slack_takes_it(
    served: Served, status: int
) -> None:
    times = 2
    away = Fault(Kind.STATUS, "auth.test", status=status, retry_after="1", times=times)
    with data_directory() as data:
        async with (
            AzureStandIn(sample_world()) as azure,
            SlackStandIn(manifest("https://bot.example")) as slack,
        ):
            slack.faults.add(away)
            settings = {"DATABASE_URL": served.url}
            async with BotProcess(azure, slack, data, settings=settings) as bot:
                while "The bot is not ready" not in bot.log.read_text("utf-8"):
                    assert not await listens(slack.request_url)
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)
                await bot.ready(PATIENCE_SECONDS)
                assert len(slack.called("auth.test")) > times
                assert "Traceback" not in bot.log.read_text("utf-8")


async def listens(url: str) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, int(url.split("/")[2].partition(":")[2]))
    except OSError:
        return False
    writer.close()
    return True
