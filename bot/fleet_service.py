"""The service behind `/vmbackup fleet`: one reading for all who ask meanwhile, for each a card."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from bot.jobs.fleet_reader import FleetRead, unread_clauses
from bot.messages.blocks import Message
from bot.messages.fleet_card import fleet_card
from bot.requests.action import Privilege
from bot.requests.approval.rules import LIST
from bot.requests.model import Requester


class ReadsFleet(Protocol):
    """Reads the whole fleet; raises VmbackupError where nothing of it can be read."""

    async def read(self) -> FleetRead: ...


class JudgesListing(Protocol):
    """The rules of who may list. Raises NotAllowed."""

    async def require(self, requester: Requester, *, privilege: Privilege) -> None: ...


class FleetService:
    """Serves any number of people with one reading at a time."""

    def __init__(
        self, fleet: ReadsFleet, audience: JudgesListing, vms: Callable[[], int | None]
    ) -> None:
        self._fleet, self._audience, self._vms = fleet, audience, vms
        self._under_way: asyncio.Task[FleetRead] | None = None
        self._waiting = 0

    def vms_known(self) -> int | None:
        """As bot.commands.fleets.Fleets has it."""
        return self._vms()

    async def shown_to(self, requester: Requester) -> Message:
        """As bot.commands.fleets.Fleets has it."""
        await self._audience.require(requester, privilege=LIST)
        read = await self._read()
        return fleet_card(read.report, unread_clauses(read.estate), ())

    async def _read(self) -> FleetRead:
        """The reading that is under way, or a new one. It ends with the last who waits for it."""
        task = self._under_way
        if task is None or task.done():
            task = self._under_way = asyncio.create_task(self._fleet.read())
        self._waiting += 1
        try:
            return await asyncio.shield(task)
        finally:
            self._waiting -= 1
            if not self._waiting:
                task.cancel()  # nobody waits for it any more; one that is done stays done
