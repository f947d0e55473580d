"""A listener that keeps requests: the product's own desk, commands, store and grouped writes.

`python -m tests.bench.asking PORT`, with the bot's own environment and DATABASE_URL: what
`vmbackup bot --only listener` is to an acknowledgement, without a worker in the same process.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from typing import Any, cast

from bot.app import new_id, settled
from bot.commands.command import COMMAND, Services
from bot.commands.snapshot import SNAPSHOT
from bot.database import Database, open_database
from bot.database.nudges import Nudges
from bot.database.requests import Store
from bot.desk import Desk
from bot.guard import Guard
from bot.http import serving
from bot.jobs.grouped import Grouped
from bot.logs import slack_logger
from bot.quiet import Quiet
from bot.replies import Replies
from bot.requests.changes import Ask, Asked
from bot.requests.model import Asker, Wish
from bot.settings import Settings, read_settings
from bot.work import Work

HOST = "127.0.0.1"


class Kept:
    """Requests, as far as a listener keeps them."""

    def __init__(self, database: Database) -> None:
        self._grouped = Grouped(Store(database, Nudges()))

    async def ask(self, asker: Asker, wish: Wish, content_key: str) -> Asked:
        request_id = f"r-{secrets.token_hex(6)}"
        return await self._grouped.ask(
            Ask(id=request_id, asker=asker, wish=wish, content_key=content_key)
        )


def desk_of(settings: Settings, database: Database, client: Any) -> Desk:
    """The product's desk with the one command; nothing else is asked of it."""
    services = Services(
        advisor=cast(Any, None),
        parse=cast(Any, None),
        table=(SNAPSHOT,),
        requests=cast(Any, Kept(database)),
        forms=cast(Any, object()),
    )
    replies = Replies(client, settings.api_url, new_id=new_id)
    return Desk(services, Work(Quiet(time.monotonic)), replies, clock=time.monotonic, new_id=new_id)


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
    async with open_database(settings) as database:
        desk = desk_of(settings, database, client)

        async def on_command(ack: Any, body: dict[str, Any]) -> None:
            message = await desk.take(body)
            await (ack(message.as_dict()) if message else ack())

        app.command(COMMAND)(on_command)
        guard = Guard(settings.secret_for_http(), now=time.time, clock=time.monotonic)
        async with serving(app, guard, HOST, port):
            with settled():
                await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
