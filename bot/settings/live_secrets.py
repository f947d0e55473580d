"""The secrets of a process that runs: read again from their files, handed on where they change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

from advisor.errors import SettingsUnreadable, VmbackupError
from bot.settings.settings import SECRETS, Settings, read_settings

_log = logging.getLogger(__name__)

#: Between two readings of a few small files.
EVERY_SECONDS = 5.0

#: Takes over what changed. Raises VmbackupError where it cannot be used: the old one stays.
TakesOver = Callable[[Settings], Awaitable[None]]


class LiveSecrets:
    """The settings of a process with its secrets as they are now.

    A file that is written where it stands can be read half: what changed counts once two readings
    found it alike, or at once where somebody says that it is whole (`soon`).
    """

    def __init__(
        self,
        settings: Settings,
        read: Callable[[], Settings] = read_settings,
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        self.settings = settings
        self._read, self._every_seconds = read, every_seconds
        self._takers: dict[str, list[TakesOver]] = {name: [] for name in SECRETS}
        self._told = asyncio.Event()
        self._seen, self._problem = settings, ""

    @contextmanager
    def following(self, takes_over: TakesOver, *names: str) -> Iterator[None]:
        """Call it whenever one of these fields (`bot_token`) changes while the block lasts."""
        for name in names:
            self._takers[name].append(takes_over)
        try:
            yield
        finally:
            for name in names:
                self._takers[name].remove(takes_over)

    def soon(self) -> None:
        """Read the files now: somebody says that they are whole (SIGHUP)."""
        self._told.set()

    async def run(self) -> None:
        """Read them again and again, until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every_seconds):
                    await self._told.wait()
            is_whole = self._told.is_set()
            self._told.clear()
            await self.look(is_whole=is_whole)

    async def look(self, *, is_whole: bool = False) -> tuple[str, ...]:
        """Read once, and hand on what changed; the names of the variables that were taken over."""
        try:
            found = await asyncio.to_thread(self._read)
        except SettingsUnreadable as error:
            self._say(str(error))
            return ()
        before, self._seen = self._seen, found
        taken = []
        for name, variable in SECRETS.items():
            new = getattr(found, name)
            if new == getattr(self.settings, name):
                continue
            if (is_whole or new == getattr(before, name)) and await self._handed_on(name, found):
                taken.append(variable)
        if taken:
            self._problem = ""
            _log.info("Taken over from its file: %s.", ", ".join(taken))
        elif is_whole:
            _log.info("The secrets are as they were.")
        return tuple(taken)

    async def _handed_on(self, name: str, found: Settings) -> bool:
        """Whether everybody took it over; else the old one stays, and it is tried again."""
        wanted = self.settings.model_copy(update={name: getattr(found, name)})
        try:
            for takes_over in self._takers[name]:
                await takes_over(wanted)
        except VmbackupError as error:
            self._say(str(error))
            return False
        self.settings = wanted
        return True

    def _say(self, problem: str) -> None:
        """Once for each problem; none holds a value."""
        if problem != self._problem:
            self._problem = problem
            _log.error("%s The secrets that were read before stay in use.", problem)
