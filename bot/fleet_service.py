"""The service behind `/vmbackup fleet`: one reading for all who ask meanwhile, for each a card."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

from advisor.present.fleet_chart import ByTier, chart_words, fleet_chart
from advisor.words import capital, listed
from bot.jobs.fleet_reader import FleetRead, unread_clauses
from bot.messages.blocks import Message
from bot.messages.fleet_card import fleet_card, headline
from bot.requests.action import Privilege
from bot.requests.approval.rules import LIST
from bot.requests.model import Requester
from bot.requests.moments import day_words
from bot.slack.calls import CallAnswer
from bot.slack.files import OutgoingFile, unsent_words


class ReadsFleet(Protocol):
    """Reads the whole fleet; raises VmbackupError where nothing of it can be read."""

    async def read(self) -> FleetRead: ...

    @property
    def came(self) -> tuple[int, int] | None: ...


class JudgesListing(Protocol):
    """The rules of who may list. Raises NotAllowed."""

    async def require(self, requester: Requester, *, privilege: Privilege) -> None: ...


class SendsFiles(Protocol):
    """Sends a file to one person alone."""

    async def to_person(self, file: OutgoingFile, user_id: str) -> CallAnswer: ...


class FleetService:
    """Serves any number of people with one reading at a time."""

    def __init__(
        self,
        fleet: ReadsFleet,
        audience: JudgesListing,
        vms: Callable[[], int | None],
        files: SendsFiles,
        draw: Callable[[ByTier], bytes | None] = fleet_chart,
    ) -> None:
        self._fleet, self._audience, self._vms, self._files = fleet, audience, vms, files
        self._draw = draw
        self._under_way: asyncio.Task[FleetRead] | None = None
        self._waiting = 0

    def vms_known(self) -> int | None:
        """As bot.commands.fleets.Fleets has it."""
        return self._vms()

    def progress(self) -> str:
        """As bot.commands.fleets.Fleets has it."""
        came = self._fleet.came
        if came is None:
            return "Still at it: Azure has given no page yet."
        rows, total = came
        if rows < total:
            share = f"{rows:,} of {total:,} rows came from Azure"
            return f"Still reading: {share}, at the pace that it allows."
        return f"Everything is read, {rows:,} rows. Now each VM is advised on."

    async def shown_to(self, requester: Requester) -> Message:
        """As bot.commands.fleets.Fleets has it."""
        await self._audience.require(requester, privilege=LIST)
        read = await self._read()
        sent = await self._sent(await self._made(read), requester)
        return fleet_card(read.report, unread_clauses(read.estate), sent)

    async def _made(self, read: FleetRead) -> Mapping[str, OutgoingFile]:
        """What is sent beside the card, by what it is: made in a thread, as it takes seconds."""
        day, name = day_words(read.at), f"fleet-{read.at:%Y%m%d}"
        page = await asyncio.to_thread(read.page)
        part = " This is a part of the fleet, not all of it." if read.report.unread else ""
        said = f"The fleet on {day}: {headline(read.report)}.{part} Open the page in a browser."
        title = f"The fleet on {day}"
        made = {"the whole report": OutgoingFile(f"{name}.html", page.encode(), title, said)}
        picture = await asyncio.to_thread(self._draw, read.states_by_tier)
        if picture is not None:
            words = chart_words(read.states_by_tier)
            made["a chart"] = OutgoingFile(f"{name}.png", picture, title, alt_text=words)
        return made

    async def _sent(self, made: Mapping[str, OutgoingFile], requester: Requester) -> list[str]:
        """Where the files are, or why they are nowhere, as sentences."""
        arrived, said = [], []
        for what, file in made.items():
            answer = await self._files.to_person(file, requester.user_id)
            if answer.done:
                arrived.append(f"{what} ({file.name})")
            else:
                said.append(f"{file.name}: {unsent_words(answer)}")
        if arrived:
            verb = "is" if len(arrived) == 1 else "are"
            there = f"{capital(listed(arrived))} {verb} in your direct messages with this app."
            said.insert(0, there)
        return said

    async def _read(self) -> FleetRead:
        """The reading that is under way, or a new one. It ends with the last who waits for it."""
        task = self._under_way
        if task is None or task.done() or task.cancelling():
            task = self._under_way = asyncio.create_task(self._fleet.read())
        self._waiting += 1
        try:
            return await asyncio.shield(task)
        finally:
            self._waiting -= 1
            if not self._waiting:
                task.cancel()  # nobody waits for it any more; one that is done stays done
