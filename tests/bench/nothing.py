"""A Bolt app that only acknowledges, served as the bot is: what the bot is measured against.

`python -m tests.bench.nothing PORT`, with the bot's own environment.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

from bot.commands.command import COMMAND
from bot.logs import slack_logger
from bot.settings import read_settings
from bot.slack.inbound.http_server import serving
from bot.slack.inbound.signatures import SignatureGuard

HOST = "127.0.0.1"


async def serve(port: int) -> None:
    """Until the process is ended."""
    from slack_bolt.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    settings = read_settings()
    client = AsyncWebClient(settings.bot_token.get_secret_value(), base_url=settings.api_url)
    app = AsyncApp(
        client=client,
        logger=slack_logger(),
        process_before_response=True,
        request_verification_enabled=False,
    )

    async def acknowledge(ack: Any) -> None:
        await ack()

    app.command(COMMAND)(acknowledge)
    guard = SignatureGuard(settings.secret_for_http(), now=time.time, clock=time.monotonic)
    async with serving(app, guard, HOST, port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
