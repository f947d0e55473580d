"""Who takes over a secret that is replaced while the process runs: Slack, the database."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from advisor.errors import SettingsUnreadable
from bot.composition.request_parts import Connections
from bot.database.address import keywords_of
from bot.database.pool import Database
from bot.loops import running
from bot.settings import Settings
from bot.settings.live_secrets import LiveSecrets
from bot.slack.calls import Calls

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

_FILE = "the new secret"


@asynccontextmanager
async def following_secrets(live: LiveSecrets, connections: Connections) -> AsyncIterator[None]:
    """Read the secrets again while the block lasts, at once on SIGHUP, and take them over."""
    with ExitStack() as stack:
        client, database = connections.client, connections.database
        stack.enter_context(live.following(partial(_bot_token, client), "bot_token"))
        stack.enter_context(live.following(partial(_database_url, database), "database_url"))
        with suppress(NotImplementedError, AttributeError):  # Windows has no SIGHUP
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGHUP, live.soon)
            stack.callback(loop.remove_signal_handler, signal.SIGHUP)
        async with running(live.run):
            yield


async def _bot_token(client: AsyncWebClient, settings: Settings) -> None:
    """Slack is asked first: a slip in the file must not silence a bot that works."""
    token = settings.bot_token.get_secret_value()
    answer = await Calls(client, token=token).read("auth.test")
    if not answer.done:
        raise SettingsUnreadable(_FILE, "SLACK_BOT_TOKEN", f"Slack does not take it: {answer.why}.")
    client.token = token


async def _database_url(database: Database, settings: Settings) -> None:
    if settings.database_url is None:
        raise SettingsUnreadable(_FILE, "DATABASE_URL", "it is gone. Start the bot anew for that.")
    await database.use(keywords_of(settings.database_url.get_secret_value()))
