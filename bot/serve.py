"""`vmbackup bot`: the settings and the adviser, put together and served to Slack."""

from __future__ import annotations

import re
import signal
import sys
from asyncio import AbstractEventLoop
from collections.abc import Callable
from contextlib import suppress

import click

from advisor.cli.advise import SETTINGS_OPTION, live_advisor, read_tiers
from advisor.cli.asking import parse_asked
from advisor.errors import UsageError

_ADDRESS = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:\s]+):(?P<port>\d{1,5})")


@click.command()
@click.option(
    "--http",
    metavar="HOST:PORT",
    help="Serve signed HTTP there. Without: Socket Mode, which needs no open port.",
)
@SETTINGS_OPTION
def bot(http: str | None, settings: str | None) -> None:
    """Start the Slack bot and serve until it is stopped (Ctrl+C or SIGTERM).

    Its tokens are read from the environment: SLACK_BOT_TOKEN, and SLACK_APP_TOKEN for Socket
    Mode or SLACK_SIGNING_SECRET for --http. Its database is started beside it, unless
    DATABASE_URL names a PostgreSQL server of your own.
    """
    import asyncio
    import logging

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    address = parse_address(http) if http else None
    try:
        with asyncio.Runner(loop_factory=_loop_for_psycopg()) as runner:
            runner.run(_serve(address, settings))
    except asyncio.CancelledError:
        raise click.Abort from None  # SIGTERM during the start


def parse_address(text: str) -> tuple[str, int]:
    """`0.0.0.0:3000` or `[::1]:3000` -> host and port. Raises UsageError."""
    match = _ADDRESS.fullmatch(text.strip())
    if not match or not 0 < int(match["port"]) < 65536:
        raise UsageError(f"“{text}” is not an address. Write it like 127.0.0.1:3000.")
    return match["host"].strip("[]"), int(match["port"])


def _loop_for_psycopg() -> Callable[[], AbstractEventLoop] | None:
    """On Windows psycopg works only on the selector loop (psycopg 3, "Async operations")."""
    import asyncio

    return asyncio.SelectorEventLoop if sys.platform == "win32" else None


def _end_in_order_on_sigterm() -> None:
    """While the bot starts, SIGTERM must not leave the database running behind it."""
    import asyncio

    task = asyncio.current_task()
    if task is not None:
        with suppress(NotImplementedError):  # Windows has no signal handlers in asyncio
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


async def _serve(address: tuple[str, int] | None, settings_file: str | None) -> None:
    from bot.app import run_http, run_socket_mode
    from bot.database import open_database
    from bot.database.ledger import Ledger
    from bot.settings import read_settings, refuse_half_played

    _end_in_order_on_sigterm()
    settings, tiers = read_settings(), read_tiers(settings_file)
    refuse_half_played(settings)
    scopes = (settings.subscriptions, settings.management_groups)
    local_azure = settings.azure_url if settings.azure_is_local else ""
    async with (
        open_database(settings) as database,
        live_advisor(tiers, *scopes, local_azure) as advisor,
    ):
        ledger = Ledger(database)
        if address:
            await run_http(*address, settings, advisor, parse_asked, ledger=ledger)
        else:
            await run_socket_mode(settings, advisor, parse_asked, ledger=ledger)
