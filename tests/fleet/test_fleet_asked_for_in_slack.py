"""Whoever waits for a large fleet is told how far it is; what broke off goes on later."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any, cast

import pytest

from advisor.azure.live import LiveInventory
from advisor.errors import VmNotFound
from advisor.needs import Tiers
from advisor.prices.shipped import shipped_book
from advisor.prices.source import FixedPrices
from bot.commands.command import Answer, CommandOutcome, Services, Subcommand
from bot.fleet_service import FleetService
from bot.jobs.fleet_reader import FleetReader, OpenInventory, unread_clauses
from bot.messages.blocks import Message
from bot.messages.notices import notice
from bot.requests.model import Requester
from bot.slack.inbound.background import BackgroundWork
from bot.slack.inbound.idle import IdleClock
from bot.slack.inbound.replies import Address, Replies
from bot.slack.inbound.slash_commands import SlashCommands
from deploy.local.azure.server import AzureStandIn
from deploy.local.faults import Fault, Kind
from deploy.local.fleet.generate import generated_world
from tests.fleet.reading import live

GRAPH = "ResourceGraph_Resources"


async def test_a_reading_that_broke_off_goes_on_when_it_is_asked_for_again(tmp_path: Path) -> None:
    async with AzureStandIn(generated_world(400)) as azure:
        reader = FleetReader(
            lambda: live(azure, 1),
            FixedPrices(shipped_book()),
            Tiers(),
            lambda: azure.world.now,
            pages=tmp_path,
        )
        azure.faults.add(
            Fault(Kind.STATUS, operation=GRAPH, status=429, retry_after="0", skip=3, times=None)
        )
        partial = await reader.read()
        assert any("429" in each for each in unread_clauses(partial.estate))
        azure.faults.clear()
        asked = azure.counts[GRAPH]
        whole = await reader.read()
        assert unread_clauses(whole.estate) == ()
        assert len(whole.estate.fleet.vms) == 400
        assert azure.counts[GRAPH] - asked < asked, "what came is not asked for again"
        asked = azure.counts[GRAPH]
        await reader.read()
        assert azure.counts[GRAPH] - asked > 3, "a whole reading keeps nothing"


def keeping(inventory: OpenInventory, azure: AzureStandIn, folder: Path) -> FleetReader:
    """A reader that keeps its pages there."""
    prices = FixedPrices(shipped_book())
    return FleetReader(inventory, prices, Tiers(), lambda: azure.world.now, pages=folder)


async def test_a_disk_that_takes_no_page_ends_no_reading_and_is_said_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, rows = tmp_path / "pages", list[int]()

    def without_disk() -> LiveInventory:
        rmtree(folder)  # as a full one does: a page cannot be written
        return live(azure, 1)

    async with AzureStandIn(generated_world(20)) as azure:
        reader = keeping(without_disk, azure, folder)
        read = await reader.read(lambda known, row: rows.append(1))
    assert (len(rows), unread_clauses(read.estate)) == (20, ())
    assert "begins anew" in caplog.text


async def test_a_reading_waits_until_the_one_that_was_stopped_writes_no_page_any_more(
    tmp_path: Path,
) -> None:
    """Else both would write the same page, and its VMs would count twice."""
    opened, ended = list[int](), list[int]()

    @asynccontextmanager
    async def inventory() -> AsyncIterator[LiveInventory]:
        assert len(opened) == len(ended), "the one before still reads"
        opened.append(1)
        try:
            async with live(azure, 1) as one:
                yield one
        finally:
            await asyncio.sleep(0.5)
            ended.append(1)

    async with AzureStandIn(generated_world(20)) as azure:
        reader = keeping(inventory, azure, tmp_path)
        first = asyncio.create_task(reader.read())
        async with asyncio.timeout(30):
            while not opened:
                await asyncio.sleep(0.01)
        first.cancel()
        assert len((await reader.read()).estate.fleet.vms) == 20
    assert first.cancelled()


class Reading:
    """A fleet of which so much came."""

    def __init__(self, came: tuple[int, int] | None) -> None:
        self.came = came

    async def read(self) -> Any:
        raise NotImplementedError


def test_how_far_a_reading_is_is_a_sentence() -> None:
    def said(came: tuple[int, int] | None) -> str:
        absent = cast(Any, None)
        return FleetService(Reading(came), absent, lambda: None, absent).progress()

    assert said(None) == "Still at it: Azure has given no page yet."
    assert said((9_930, 44_000)) == (
        "Still reading: 9,930 of 44,000 rows came from Azure, at the pace that it allows."
    )
    assert said((44_000, 44_000)) == "Everything is read, 44,000 rows. Now each VM is advised on."


class EmptyReading(Reading):
    """A fleet that takes a moment to read, and has no VM."""

    async def read(self) -> Any:
        await asyncio.sleep(0.05)
        raise VmNotFound("")


class LetsAllList:
    """Rules by which everybody may list."""

    async def require(self, requester: Requester, *, privilege: Any) -> None:
        return None


@pytest.mark.parametrize("ticks", range(5))
async def test_whoever_asks_just_as_the_last_one_stops_waiting_has_a_reading_of_their_own(
    ticks: int,
) -> None:
    service = FleetService(EmptyReading(None), LetsAllList(), lambda: None, cast(Any, None))
    ada = Requester(team_id="T1", user_id="U01ADA")
    first = asyncio.create_task(service.shown_to(ada))
    await asyncio.sleep(0.01)
    first.cancel()
    for _ in range(ticks):
        await asyncio.sleep(0)
    with pytest.raises(VmNotFound):
        await service.shown_to(ada)
    assert first.cancelled()


class Heard:
    """What is sent to whoever asked, in order."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def send(self, message: Message, to: Address) -> bool:
        self.texts.append(message.text)
        return True


async def test_whoever_waits_is_told_so_and_nothing_is_said_behind_the_answer() -> None:
    heard, answered = Heard(), asyncio.Event()

    async def later() -> Answer:
        async with asyncio.timeout(20):
            while len(heard.texts) < 2:
                await asyncio.sleep(0.01)
        answered.set()
        return Answer(notice("The answer."))

    slow = Subcommand(
        name="slow",
        usage="slow",
        summary="",
        handle=lambda *_: CommandOutcome(notice("Begun."), later, lambda: notice("Still at it.")),
    )
    absent = cast(Any, None)
    desk = SlashCommands(
        Services(absent, absent, (slow,)),
        BackgroundWork(IdleClock(time.monotonic)),
        cast(Replies, heard),
        clock=time.monotonic,
        new_id=lambda: "x",
        meanwhile_seconds=(0.0, 0.01, 3_600.0),
    )
    acknowledged = await desk.take({"text": "slow", "user_id": "U01ADA", "trigger_id": "1"})
    assert acknowledged is not None
    assert acknowledged.text == "Begun."
    async with asyncio.timeout(20):
        while "The answer." not in heard.texts:
            await asyncio.sleep(0.01)
    assert heard.texts == ["Still at it.", "Still at it.", "The answer."]
