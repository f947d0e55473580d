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

from bot.commands.command import COMMAND, Services
from bot.commands.snapshot import SNAPSHOT
from bot.composition.actions import action_rows
from bot.composition.command import read_rules
from bot.composition.slack_app import new_id
from bot.database import Database, open_database
from bot.database.store import Store
from bot.garbage import loaded_modules_frozen
from bot.jobs.enqueue import JobWakes
from bot.jobs.grouped import Grouped
from bot.known_at_once import KnownAtOnce
from bot.logs import slack_logger
from bot.request_service import RequestService
from bot.requests.plans.bounds import Bounds
from bot.settings import Settings, read_settings
from bot.slack.inbound.background import BackgroundWork
from bot.slack.inbound.http_server import serving
from bot.slack.inbound.idle import IdleClock
from bot.slack.inbound.replies import Replies
from bot.slack.inbound.signatures import SignatureGuard
from bot.slack.inbound.slash_commands import SlashCommands
from deploy.local.demo import SETTINGS

HOST = "127.0.0.1"


def requests_of(database: Database) -> RequestService:
    """The product's own service, with what a listener needs to keep a request and nothing else."""
    store, absent = Store(database, JobWakes(), action_rows()), cast(Any, None)
    rules = read_rules(str(SETTINGS))  # the acknowledgement names the channel of the card
    return RequestService(
        store=store,
        grouped=Grouped(store),
        planner=absent,
        people=absent,
        made=absent,
        rules=rules,
        actions=action_rows(),
        pricer=absent,
        check=lambda: None,
        new_request_id=lambda: f"r-{secrets.token_hex(6)}",
        known=KnownAtOnce(
            store=store,
            people=absent,
            rules=rules,
            actions=action_rows(),
            bounds=Bounds(),
            names=lambda: None,
        ),
        choices=absent,
        new_token=absent,
        cards=absent,
    )


def desk_of(settings: Settings, database: Database, client: Any) -> SlashCommands:
    """The product's desk with the one command; nothing else is asked of it."""
    services = Services(
        advisor=cast(Any, None),
        parse=cast(Any, None),
        table=(SNAPSHOT,),
        requests=requests_of(database),
        forms=cast(Any, object()),
    )
    replies = Replies(client, settings.api_url, new_id=new_id)
    work = BackgroundWork(IdleClock(time.monotonic))
    return SlashCommands(services, work, replies, clock=time.monotonic, new_id=new_id)


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
        guard = SignatureGuard(settings.secret_for_http(), now=time.time, clock=time.monotonic)
        async with serving(app, guard, HOST, port):
            with loaded_modules_frozen():
                await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
