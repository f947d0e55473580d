"""`make demo`: the whole system on this machine, with no accounts.

The two stand-ins run here, the bot in a process of its own exactly as it would elsewhere. One
address is printed; behind it is a page where one asks for an advice or a snapshot as Ada and
approves the snapshot as Grace. Who may do what stands in deploy/local/vmbackup.toml.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import os
import secrets
import signal
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from advisor.errors import VmbackupError
from bot.database.embedded import EmbeddedPostgres
from bot.database.opening import CLUSTER
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from deploy.local.bot_process import BotProcess, BotStopped
from deploy.local.fleet.generate import generated_world
from deploy.local.fleet.sample import sample_world
from deploy.local.slack.manifest import read_manifest
from deploy.local.slack.standin import SlackStandIn
from deploy.local.stage.kept import bring_back, forget, keep
from deploy.local.stage.stage import Stage

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "deploy" / "slack" / "manifest.yaml"
SETTINGS = ROOT / "deploy" / "local" / "vmbackup.toml"
DATA = ROOT / ".demo"
ENTERABLE_BY_OTHERS = 0o001
PORT = 8787
LARGEST_FLEET = 100_000
LARGEST_PORT = 65_535


class AlreadyRunning(Exception):
    """Another demo uses the same folder."""


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    try:
        with only_one(asked.data):
            asyncio.run(demo(asked))
    except AlreadyRunning:
        return _said("A demo is running already. Stop it with Ctrl-C, or use its page.")
    except VmbackupError as error:
        return _said(f"The demo did not start. {error}")
    except (BotStopped, TimeoutError) as error:
        return _said(f"The bot did not start. {error}")
    return 0


def _said(sentence: str) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201 - a program for the terminal
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument(
        "--fleet", type=_size, default=0, metavar="N", help="that many more VMs, made up"
    )
    parser.add_argument("--port", type=_port, default=PORT, help="of the page; another if taken")
    parser.add_argument(
        "--data", type=Path, default=data_directory(), metavar="DIR", help="of the bot's files"
    )
    parser.add_argument(
        "--keep", action="store_true", help="go on with the requests of the last time"
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    return parser


def _size(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= LARGEST_FLEET:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {LARGEST_FLEET}, not {text}")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"a port from 0 to {LARGEST_PORT}, not {text}")
    return int(text)


# --- running ---------------------------------------------------------------------------------


async def demo(asked: argparse.Namespace) -> None:
    """Everything up, until Ctrl-C or the bot's end; anew whenever the page asks for that.

    Raises BotStopped, TimeoutError, VmbackupError.
    """
    stop = asyncio.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    token, port, is_first = secrets.token_urlsafe(24), asked.port, True
    while not stop.is_set():
        reset = asyncio.Event()
        goes_on = asked.keep and is_first
        if not goes_on:
            await emptied(asked.data)
        world = demo_world(asked.fleet)
        # Of a large fleet only what is new is kept: to compare it whole takes long.
        before = dict(world.resources) if asked.fleet else world.snapshot()
        async with system(
            world,
            asked.data,
            port,
            asks_prices=True,
            token=token,
            on_reset=reset.set,
            keeps=goes_on,
        ) as (azure, slack, bot):
            await _or_stopped(bot.ready(), stop)
            if goes_on and not stop.is_set():
                await stage_of(slack).goes_on()
            if is_first and not stop.is_set():
                _tell(azure, slack, bot, asked.data)
                if not asked.no_browser and _has_a_screen():
                    webbrowser.open(slack.url)
            try:
                await _until_over(stop, reset, bot)
            finally:
                keep(asked.data, azure, slack, before)
        port, is_first = slack.port, False
    print("Stopped.", flush=True)  # noqa: T201


def stage_of(slack: SlackStandIn) -> Stage:
    """What `system` put beside it."""
    if not isinstance(slack.page.beside, Stage):
        raise RuntimeError("There is nothing beside this Slack; `system` puts it there.")
    return slack.page.beside


async def emptied(data: Path) -> None:
    """Forget the requests of the last time; prices that were read stay. Raises VmbackupError."""
    forget(data)
    if not (data / CLUSTER).exists():
        return
    async with EmbeddedPostgres(data / CLUSTER) as server:
        await asyncio.to_thread(_drop_everything, server.connection_keywords)


def _drop_everything(keywords: Mapping[str, str]) -> None:
    with psycopg.connect(make_conninfo(**keywords)) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


@asynccontextmanager
async def system(
    world: World,
    data: Path,
    port: int = 0,
    *arguments: str,
    manifest: dict[str, object] | None = None,
    asks_prices: bool = False,
    token: str | None = None,
    on_reset: Callable[[], None] | None = None,
    keeps: bool = False,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[tuple[AzureStandIn, SlackStandIn, BotProcess]]:
    """Both stand-ins and the bot's process, while the block lasts; wait for `bot.ready()`.

    The app in Slack is the one of deploy/slack/manifest.yaml unless another is given; one that
    is not for Socket Mode is served over HTTP. `asks_prices`: of the played Azure's price list.
    `on_reset` is called when the page wants everything anew; `keeps` goes on with the last time's.
    `settings` are more variables of the bot's environment.
    """
    environment = dict(settings or {}) | ({"VMBACKUP_OFFLINE": "0"} if asks_prices else {})
    manifest = manifest or read_manifest(MANIFEST)
    async with (
        AzureStandIn(world) as azure,
        _slack_at(manifest, port, token) as slack,
        _brought_back(data if keeps else None, world, slack),
        BotProcess(
            azure, slack, data, "--settings", str(SETTINGS), *arguments, settings=environment
        ) as bot,
    ):
        slack.page.beside = Stage(azure, slack, bot, data, on_reset)
        yield azure, slack, bot


@asynccontextmanager
async def _brought_back(
    data: Path | None, world: World, slack: SlackStandIn
) -> AsyncIterator[None]:
    """Before the bot is there, which looks at both."""
    if data is not None:
        bring_back(data, world, slack.workspace)
    yield


def data_directory() -> Path:
    """Beside the project; for root elsewhere where others may not enter, for PostgreSQL will not
    run as root and its own user must reach its files."""
    closed = any(not folder.stat().st_mode & ENTERABLE_BY_OTHERS for folder in DATA.parents)
    if os.geteuid() == 0 and closed:
        return Path(tempfile.gettempdir()) / "vmbackup-demo"
    return DATA


def demo_world(fleet: int) -> World:
    """The sample fleet, and as many generated VMs beside it as asked for."""
    world = sample_world()
    return generated_world(fleet, world=world) if fleet else world


@asynccontextmanager
async def _slack_at(
    manifest: dict[str, object], port: int, token: str | None
) -> AsyncIterator[SlackStandIn]:
    """At the port wanted, so that the page's address stays; at any free one where it is taken."""
    async with AsyncExitStack() as stack:
        try:
            slack = await stack.enter_async_context(
                SlackStandIn(manifest, port=port, control_token=token)
            )
        except OSError:
            slack = await stack.enter_async_context(SlackStandIn(manifest, control_token=token))
        yield slack


async def _or_stopped(waiting: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    task = asyncio.ensure_future(waiting)
    told = asyncio.ensure_future(stop.wait())
    await asyncio.wait({task, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if task.done():
        task.result()
    task.cancel()


async def _until_over(stop: asyncio.Event, reset: asyncio.Event, bot: BotProcess) -> None:
    ended = asyncio.ensure_future(bot.ended())
    told = [asyncio.ensure_future(each.wait()) for each in (stop, reset)]
    await asyncio.wait({ended, *told}, return_when=asyncio.FIRST_COMPLETED)
    for task in told:
        task.cancel()
    if not stop.is_set() and not reset.is_set():
        raise BotStopped(f"It ended with code {ended.result()}; see {bot.log}.")
    ended.cancel()


def _tell(azure: AzureStandIn, slack: SlackStandIn, bot: BotProcess, data: Path) -> None:
    vms = len(azure.world.of_type("microsoft.compute/virtualmachines"))
    print(  # noqa: T201
        f"vmbackup is running, with a played Slack and a played Azure of {vms:,} VMs.\n\n"
        f"  Open     {slack.url}\n"
        f"  Type     /vmbackup advise web-01\n"
        f"  Then     /vmbackup snapshot web-01 before kernel update --keep 1m\n"
        f"           As Ada you cannot approve it. Choose Grace Moreau at the bottom left and do;\n"
        f"           a minute after it is taken it is deleted again. sql-01 wants Linus, too.\n"
        f"           /vmbackup help\n\n"
        f"The audit, from another terminal:\n"
        f"           VMBACKUP_DATA_DIR={_short(data)} .venv/bin/vmbackup audit verify\n\n"
        f"The bot's log is {_short(bot.log)}. Ctrl-C stops everything.",
        flush=True,
    )


def _short(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def _has_a_screen() -> bool:
    return sys.platform == "darwin" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """One demo at a time in a folder; the lock goes with the process, however it ends."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning from None
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
