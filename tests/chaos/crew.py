"""The bot's processes of a batch: each behind its own proxy, started again whenever it ends."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psutil

from deploy.local.azure.server import AzureStandIn
from deploy.local.bot_process import BotProcess, BotStopped
from deploy.local.slack.standin import SlackStandIn
from tests.chaos.proxy import PORT, Proxy

#: A supervisor's pause before it starts a process again.
_RESTART_SECONDS = 0.3
_READY_SECONDS = 60.0
_LAST_BYTES = 2000


def name_of(number: int, starts: int) -> str:
    """The name of a member's process, of its so-manieth start."""
    return f"bot-{number}-{starts}"


@dataclass(eq=False)
class Member:
    """One of the processes; which one that is changes with every start."""

    number: int
    proxy: Proxy
    process: BotProcess | None = None
    starts: int = 0
    was_killed: bool = False

    @property
    def name(self) -> str:
        """Of the process that runs now: it names itself so in the database."""
        return name_of(self.number, self.starts)

    @property
    def process_id(self) -> int | None:
        return self.process.process_id if self.process else None

    def kill(self) -> bool:
        """kill -9; whether there was something to kill."""
        process_id = self.process_id
        if process_id is None:
            return False
        self.was_killed = True
        os.kill(process_id, signal.SIGKILL)
        return True

    def pause(self, seconds: float) -> bool:
        """SIGSTOP, and SIGCONT after so long; whether there was something to pause."""
        process_id = self.process_id
        if process_id is None:
            return False
        os.kill(process_id, signal.SIGSTOP)
        asyncio.get_running_loop().call_later(seconds, self._resume, process_id)
        return True

    def _resume(self, process_id: int) -> None:
        if process_id == self.process_id:  # another one may have its number by now
            os.kill(process_id, signal.SIGCONT)

    def asked_from(self, port: int) -> bool:
        """Whether a connection from that port of this machine is its own."""
        process_id = self.process_id
        if process_id is None:
            return False
        try:
            found = psutil.Process(process_id).net_connections("tcp")
        except psutil.Error:
            return False
        return any(each.laddr and each.laddr.port == port for each in found)


class Crew:
    """An async context manager: so many bots on one database, one Slack and one Azure.

    `socket` says where the server is, `settings` are more variables of each bot's environment.
    """

    def __init__(
        self,
        azure: AzureStandIn,
        slack: SlackStandIn,
        socket: Callable[[], Path],
        database: str,
        rules: Path,
        settings: Mapping[str, str],
        count: int,
    ) -> None:
        self.members: list[Member] = []
        self.ended_by_themselves = 0
        self.last_words = ""
        self._azure, self._slack, self._socket = azure, slack, socket
        self._database, self._rules, self._settings = database, rules, settings
        self._count = count
        self._is_over = False
        self._keepers: list[asyncio.Task[None]] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Crew:
        for number in range(self._count):
            proxy = await self._stack.enter_async_context(Proxy(self._socket))
            member = Member(number, proxy)
            self.members.append(member)
            self._keepers.append(asyncio.create_task(self._keep(member)))
        try:
            await self._ready()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends them as abruptly as anything else here."""
        self._is_over = True
        for member in self.members:
            member.kill()
        for keeper in self._keepers:
            with suppress(TimeoutError):
                await asyncio.wait_for(keeper, _READY_SECONDS)
        await self._stack.aclose()

    @property
    def starts(self) -> int:
        return sum(member.starts for member in self.members)

    def owner_of(self, port: int) -> Member | None:
        """Whose connection this is."""
        return next((each for each in self.members if port and each.asked_from(port)), None)

    def name_at(self, port: int) -> str:
        """The process whose connection this is; empty: it is gone."""
        member = self.owner_of(port)
        return member.name if member else ""

    def logs(self) -> str:
        """The end of each process's newest log."""
        parts = []
        for member in self.members:
            if member.process is not None and member.process.log.exists():
                parts.append(member.process.log.read_text("utf-8", "replace")[-_LAST_BYTES:])
        return "\n---\n".join(parts)

    async def _ready(self) -> None:
        """All of them connected. Raises BotStopped, TimeoutError."""
        sockets = self._slack.sockets

        def is_clear() -> bool:
            return sockets.count >= self._count or self.ended_by_themselves > 0

        await self._slack.until(is_clear, _READY_SECONDS)
        if self.ended_by_themselves:
            raise BotStopped(self.last_words)

    async def _keep(self, member: Member) -> None:
        while not self._is_over:
            process = self._new(member)
            async with process:
                member.process, member.starts = process, member.starts + 1
                await self._ended(member, process)
            if not member.was_killed and not self._is_over:
                self.ended_by_themselves += 1
                self.last_words = process.log.read_text("utf-8", "replace")[-_LAST_BYTES:]
                await self._slack.workspace.nudge()
            member.was_killed = False
            await asyncio.sleep(0 if self._is_over else _RESTART_SECONDS)

    async def _ended(self, member: Member, process: BotProcess) -> None:
        if self._is_over:  # while it was being started
            member.kill()
        await process.ended()

    def _new(self, member: Member) -> BotProcess:
        name = name_of(member.number, member.starts + 1)
        home = self._rules.parent / name
        host = quote(member.proxy.host)
        address = f"host={host}&port={PORT}&gssencmode=disable&application_name={name}"
        url = f"postgresql://vmbackup@/{self._database}?{address}"
        settings = {**self._settings, "DATABASE_URL": url}
        arguments = ("--settings", str(self._rules))
        return BotProcess(self._azure, self._slack, home, *arguments, settings=settings)
