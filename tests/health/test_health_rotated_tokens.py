"""The bot's two tokens are replaced in their files while its process runs, and it goes on."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

from deploy.local.azure.server import AzureStandIn
from deploy.local.bot_process import BotProcess
from deploy.local.demo import MANIFEST, SETTINGS
from deploy.local.fleet.sample import sample_world
from deploy.local.slack.manifest import read_manifest
from deploy.local.slack.standin import SlackStandIn
from tests.databases import Served

PATIENCE_SECONDS = 60.0
NEW_BOT, NEW_APP = "xoxb-rotated-HIDDEN", "xapp-1-rotated-HIDDEN"


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():
            await asyncio.sleep(0.1)


async def test_both_tokens_are_rotated_while_commands_are_answered(
    tmp_path: Path, served: Served
) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    variables = {"DATABASE_URL": served.url, "VMBACKUP_SECRETS_DIR": str(secrets)}
    async with (
        AzureStandIn(sample_world()) as azure,
        SlackStandIn(read_manifest(MANIFEST)) as slack,
        BotProcess(
            *(azure, slack, tmp_path, "--settings", str(SETTINGS)), settings=variables
        ) as bot,
    ):
        first = (slack.bot_token, slack.app_token)

        def logged(words: str) -> bool:
            return words in bot.log.read_text(encoding="utf-8")

        async def answers(vm: str) -> None:
            """A card is posted with the token; who asked may see only what Slack took."""
            await slack.type_command("ada", "#ops", f"/vmbackup advise {vm} --share")
            await slack.until(lambda: any(vm in each.text for each in slack.messages("C01OPS")), 30)

        async def read_now() -> None:
            assert bot.process_id
            os.kill(bot.process_id, signal.SIGHUP)

        await bot.ready()
        await answers("web-01")
        (secrets / "SLACK_BOT_TOKEN").write_text(f"{NEW_BOT}\n")
        await read_now()
        await until(lambda: logged("Slack does not take it"))
        await answers("web-02")  # the old one stays in use
        slack.bot_token = NEW_BOT
        await until(lambda: logged("Taken over from its file: SLACK_BOT_TOKEN"))
        await answers("portal-01")

        (secrets / "SLACK_APP_TOKEN").write_text(f"{NEW_APP}\n")
        await read_now()
        await until(lambda: logged("Taken over from its file: SLACK_APP_TOKEN"))
        slack.app_token = NEW_APP
        await slack.sockets.close()
        await slack.until(lambda: slack.sockets.count, PATIENCE_SECONDS)
        await answers("store-us-01")
        log = bot.log.read_text(encoding="utf-8")
    for forbidden in (*first, NEW_BOT, NEW_APP, "HIDDEN", served.url):
        assert forbidden not in log, forbidden
