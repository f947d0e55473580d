"""The bot itself in a process of its own, as it runs anywhere else, at the two stand-ins.

It is started on a leash: however the one who started it ends, the bot ends too.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from deploy.local.azure.identity import IDENTITY_PATH, SignIn
from deploy.local.azure.server import AzureStandIn
from deploy.local.slack.standin import SlackStandIn

_STOP_SECONDS = 20
_LAST_LINES = 12
_LOOK_AGAIN_SECONDS = 0.02
HOST = "127.0.0.1"
PATH = "/slack/events"
#: What of this machine's own environment would lead the bot elsewhere.
_FOREIGN = ("AZURE_", "SLACK_", "VMBACKUP_", "IDENTITY_", "MSI_", "DATABASE_URL")


class BotStopped(Exception):
    """The bot ended on its own; the text holds the last lines it wrote."""


def bot_environment(
    azure: AzureStandIn, slack: SlackStandIn, data: Path, own: Mapping[str, str]
) -> dict[str, str]:
    """The environment of a bot whose Azure and Slack are these two and nothing else.

    It asks no price list, unless a later VMBACKUP_OFFLINE=0 has it ask the played Azure's.
    """
    kept = {name: value for name, value in own.items() if not name.startswith(_FOREIGN)}
    return kept | {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "VMBACKUP_AZURE_URL": azure.url,
        "VMBACKUP_DATA_DIR": str(data),
        "VMBACKUP_CACHE_DIR": str(data / "prices"),
        "VMBACKUP_STATE_DIR": str(data / "state"),
        "VMBACKUP_OFFLINE": "1",
        "IDENTITY_ENDPOINT": f"{azure.url}{IDENTITY_PATH}",
        "IDENTITY_HEADER": azure.world.part(SignIn).header,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "PYTHONUNBUFFERED": "1",
    }


class BotProcess:
    """`vmbackup bot` running at the stand-ins; an async context manager, started when entered.

    It is reached over Socket Mode or HTTP, as the app that is installed in Slack wants it.
    `settings` are more variables of its environment, such as DATABASE_URL. `source` is the folder
    of another version of this project, which runs in the place of this one.
    """

    def __init__(
        self,
        azure: AzureStandIn,
        slack: SlackStandIn,
        data: Path,
        *arguments: str,
        settings: Mapping[str, str] | None = None,
        source: Path | None = None,
    ) -> None:
        self._slack, self._data, self._arguments = slack, data, arguments
        self._source = source
        self._http_port = 0 if slack.workspace.app.socket_mode else free_port()
        self._environment = bot_environment(azure, slack, data, os.environ) | dict(settings or {})
        self._process: asyncio.subprocess.Process | None = None
        self._wanted = asyncio.Event()  #: not set while it is dead on purpose
        self._wanted.set()
        self.log = data / "bot.log"

    async def __aenter__(self) -> BotProcess:
        self._data.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")
        await self._start()
        return self

    async def _start(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "deploy.local.leash", "bot.cli", "bot"),
                *self._transport(),
                *self._arguments,
                env=self._environment,
                cwd=self._source,  # `python -m` looks there first
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the demo, which stops it in order
            )

    async def kill(self) -> None:
        """End it as a machine that fails does, until `start_again`."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._wanted.clear()
        process.kill()
        await process.wait()

    async def start_again(self) -> None:
        """Start it after `kill`; does nothing while it runs."""
        if self.process_id is None and not self._wanted.is_set():
            await self._start()
            self._wanted.set()

    @property
    def process_id(self) -> int | None:
        """None before it was started and after it ended."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def ready(self, seconds: float = 60.0) -> None:
        """Wait until Slack reaches it. Raises BotStopped, TimeoutError."""
        connected = asyncio.ensure_future(self._reached(seconds))
        ended = asyncio.ensure_future(self.ended())
        await asyncio.wait({connected, ended}, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            connected.cancel()
            raise BotStopped(self._last_words())
        ended.cancel()
        try:
            connected.result()
        except TimeoutError:
            words = f"It did not connect within {seconds:.0f} s. {self._last_words()}"
            raise TimeoutError(words) from None

    def _transport(self) -> tuple[str, ...]:
        if not self._http_port:
            return ()
        address = f"{HOST}:{self._http_port}"
        self._slack.request_url = f"http://{address}{PATH}"
        return ("--http", address)

    async def _reached(self, seconds: float) -> None:
        if not self._http_port:
            await self._slack.until(lambda: self._slack.sockets.count, seconds)
            return
        async with asyncio.timeout(seconds):
            while not await _listens(self._http_port):  # noqa: ASYNC110 - a process tells nobody
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def ended(self) -> int:
        """Wait until it ends by itself, not by `kill`; its exit code."""
        if self._process is None:
            raise RuntimeError("BotProcess is used before `async with` started it.")
        while True:
            process = self._process
            code = await process.wait()
            if self._wanted.is_set() and process is self._process:
                return code
            await self._wanted.wait()

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return f"The last it wrote ({self.log}):\n" + "\n".join(lines[-_LAST_LINES:])

    async def __aexit__(self, *_: object) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with closing(socket.socket()) as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
