"""`vmbackup bot`: reads the settings, opens the connections and runs the process."""

from __future__ import annotations

import logging
import re
import signal
import sys
from asyncio import AbstractEventLoop
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from advisor.cli.advise import SETTINGS_OPTION, read_tiers
from advisor.cli.group import LeafCommand
from advisor.cli.output import say
from advisor.errors import SettingsUnreadable, UsageError, VmbackupError
from advisor.needs import SETTINGS_FILE
from bot.logs import log_as_json, log_to_stderr

if TYPE_CHECKING:
    from bot.composition.process import ProcessPart
    from bot.requests.approval.rules import RequestRules
    from bot.settings import Settings

_log = logging.getLogger(__name__)

#: The values of `bot.composition.process.ProcessPart`, which the terminal's help must not load.
PARTS = ("listener", "worker")
WORKER = PARTS[1]
#: After the error of a start that failed.
MORE = "“vmbackup doctor” says what else is wrong, and what to do."
_ADDRESS = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:\s]+):(?P<port>\d{1,5})")


@click.command(cls=LeafCommand)
@click.option(
    "--http",
    metavar="HOST:PORT",
    help="Serve signed HTTP there. Without: Socket Mode, which needs no open port.",
)
@click.option(
    "--only",
    type=click.Choice(PARTS),
    help="Only take what Slack delivers, or only do the work; both need one DATABASE_URL.",
)
@SETTINGS_OPTION
def bot(http: str | None, only: str | None, settings: str | None) -> None:
    """Start the Slack bot and serve until it is stopped (Ctrl+C or SIGTERM).

    Its tokens are read from the environment: SLACK_BOT_TOKEN, and SLACK_APP_TOKEN for Socket
    Mode or SLACK_SIGNING_SECRET for --http. Its database is started beside it, unless
    DATABASE_URL names a PostgreSQL server of your own. Who may ask for snapshots and who
    approves them stands in the settings file.
    """
    import asyncio

    log_to_stderr()
    address = parse_address(http) if http else None
    if address and only == WORKER:
        raise UsageError("A worker does not listen to Slack. Leave out --http, or --only worker.")
    try:
        with asyncio.Runner(loop_factory=loop_for_psycopg()) as runner:
            runner.run(_serve(address, only, settings))
    except asyncio.CancelledError:
        raise click.Abort from None  # SIGTERM during the start
    except VmbackupError as error:
        say(f"{error} {MORE}")
        raise click.exceptions.Exit(error.exit_code) from None


def parse_address(text: str) -> tuple[str, int]:
    """`0.0.0.0:3000` or `[::1]:3000` -> host and port. Raises UsageError."""
    match = _ADDRESS.fullmatch(text.strip())
    if not match or not 0 < int(match["port"]) < 65536:
        raise UsageError(f"“{text}” is not an address. Write it like 127.0.0.1:3000.")
    return match["host"].strip("[]"), int(match["port"])


def loop_for_psycopg() -> Callable[[], AbstractEventLoop] | None:
    """On Windows psycopg works only on the selector loop (psycopg 3, "Async operations")."""
    import asyncio

    return asyncio.SelectorEventLoop if sys.platform == "win32" else None


def _end_in_order_on_sigterm() -> None:
    """Cancel the start on SIGTERM, so that the bot does not leave its database running."""
    import asyncio

    task = asyncio.current_task()
    if task is not None:
        with suppress(NotImplementedError):  # Windows has no signal handlers in asyncio
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


async def _serve(
    address: tuple[str, int] | None, only_named: str | None, settings_file: str | None
) -> None:
    import asyncio

    from advisor.prices.discounts import stated_discounts
    from bot.composition.connecting import connected
    from bot.composition.process import ProcessPart, run
    from bot.composition.slack_app import stop_on_signals
    from bot.health.health import ProcessHealth
    from bot.settings import read_settings, refuse_half_played
    from bot.traces import TRACING

    _end_in_order_on_sigterm()
    settings, only = read_settings(), ProcessPart(only_named) if only_named else None
    if settings.log_format == "json":
        log_as_json()
    refuse_half_played(settings)
    TRACING.begin(only_named or "both")
    _refuse_half_a_bot(settings, only)
    tiers, rules = read_tiers(settings_file), read_rules(settings_file)
    health = ProcessHealth()
    discounts = stated_discounts(settings_file)
    async with connected(settings, rules, health, discounts) as (connections, clock, warm):
        stop = stop_on_signals()
        await run(
            settings,
            connections,
            tiers,
            stop,
            clock,
            address=address,
            only=only,
            warm=warm,
            health=health,
        )
    await asyncio.to_thread(TRACING.end)
    _log.info("Stopped.")


def read_rules(settings_file: str | None) -> RequestRules:
    """The rules of the settings file, where there is one. Raises SettingsUnreadable."""
    from bot.composition.actions import action_facts
    from bot.requests.approval.rules_file import load_rules

    if settings_file is None and not Path(SETTINGS_FILE).exists():
        return load_rules(None, action_facts())
    return load_rules(Path(settings_file or SETTINGS_FILE), action_facts())


def _refuse_half_a_bot(settings: Settings, only: ProcessPart | None) -> None:
    """A listener and a worker that do not share a database never meet."""
    if only is not None and settings.database_url is None:
        raise SettingsUnreadable(
            "the environment",
            "DATABASE_URL",
            f"it is not set, and --only {only} shares a database with the other processes of the "
            "bot. Put there the address of a PostgreSQL server, the same for all of them.",
        )
