"""The stage: what the page sees of the played Azure, and moves, breaks, kills and resets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from advisor.errors import VmbackupError
from bot.database.embedded import keywords_of_running
from bot.database.opening import CLUSTER
from deploy.local.azure.server import AzureStandIn
from deploy.local.bot_process import BotProcess
from deploy.local.database_clock import make_movable, move_forward
from deploy.local.slack.standin import SlackStandIn
from deploy.local.stage.azure_view import azure_view
from deploy.local.stage.switches import SWITCHES, Switchboard

Json = dict[str, Any]
Deed = Callable[[Mapping[str, Any]], Awaitable[None]]

LONGEST_STEP = timedelta(days=31)


class Stage:
    """`on_reset` starts everything anew; without one the page offers no reset."""

    def __init__(
        self,
        azure: AzureStandIn,
        slack: SlackStandIn,
        bot: BotProcess,
        data: Path,
        on_reset: Callable[[], None] | None = None,
    ) -> None:
        self._azure, self._slack, self._bot = azure, slack, bot
        self._cluster, self._on_reset = data / CLUSTER, on_reset
        self._switchboard, self._ahead = Switchboard(azure, slack), timedelta()
        self._moving = asyncio.Lock()
        self._deeds: dict[str, Deed] = {
            "forward": self._forward,
            "switch": self._switch,
            "kill-bot": self._kill_bot,
            "start-bot": self._start_bot,
            "reset": self._reset,
        }

    def view(self) -> Json:
        """Everything that the panel shows."""
        return azure_view(self._azure.world, self._azure.requests) | {
            "ahead_seconds": self._ahead.total_seconds(),
            "switches": [
                {
                    "id": each.id,
                    "name": each.name,
                    "about": each.about,
                    "on": self._switchboard.is_on(each),
                }
                for each in SWITCHES
            ],
            "bot_runs": self._bot.process_id is not None,
            "can_reset": self._on_reset is not None,
        }

    async def act(self, given: Mapping[str, Any]) -> str:
        """Do what the page asks for; the sentence of what went wrong, or nothing.

        Raises ValueError for what the page cannot ask for.
        """
        deed = self._deeds.get(str(given.get("do")))
        if deed is None:
            raise ValueError(f"“do” is one of {', '.join(self._deeds)}.")
        try:
            await deed(given)
        except (VmbackupError, psycopg.Error, TimeoutError) as error:
            return f"That did not work: {error}"
        return ""

    async def goes_on(self) -> None:
        """Lead Azure and Slack to where the clock of a database that was kept stands already."""
        await self._all_to(await asyncio.to_thread(make_movable, self._keywords()))

    def _keywords(self) -> Mapping[str, str]:
        return keywords_of_running(self._cluster)

    async def _forward(self, given: Mapping[str, Any]) -> None:
        seconds = given.get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
            raise ValueError("“seconds” is a number greater than zero.")
        by = min(timedelta(seconds=seconds), LONGEST_STEP)
        async with self._moving:
            keywords = self._keywords()
            await asyncio.to_thread(make_movable, keywords)
            await asyncio.to_thread(move_forward, keywords, by)
            await self._all_to(self._ahead + by)

    async def _all_to(self, ahead: timedelta) -> None:
        by = ahead - self._ahead
        if by > timedelta():
            self._azure.world.forward(by)
            self._slack.clock.forward(by.total_seconds())
        self._ahead = ahead

    async def _switch(self, given: Mapping[str, Any]) -> None:
        self._switchboard.turn(str(given.get("switch")), on=given.get("on") is True)

    async def _kill_bot(self, _: Mapping[str, Any]) -> None:
        await self._bot.kill()

    async def _start_bot(self, _: Mapping[str, Any]) -> None:
        await self._bot.start_again()

    async def _reset(self, _: Mapping[str, Any]) -> None:
        if self._on_reset is None:
            raise ValueError("Nothing here can be reset.")
        self._on_reset()
