"""Whoever waits for a large fleet is told how far it is; what broke off goes on later."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from shutil import rmtree
from typing import Any, cast

from advisor.needs import Tiers
from advisor.prices.file_lock import locked
from advisor.prices.shipped import shipped_book
from advisor.prices.source import FixedPrices
from bot.commands.command import Answer, CommandOutcome, Services, Subcommand
from bot.fleet_service import FleetService
from bot.jobs.fleet_reader import FleetReader, unread_clauses
from bot.messages.blocks import Message
from bot.messages.notices import notice
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


async def test_a_reading_beside_another_or_without_its_folder_reads_all_the_same(
    tmp_path: Path,
) -> None:
    """One that nobody waits for any more still writes for a moment; a cleaner of /tmp removes."""
    pages = tmp_path / "pages"
    async with AzureStandIn(generated_world(20)) as azure:
        reader = FleetReader(
            lambda: live(azure, 1),
            FixedPrices(shipped_book()),
            Tiers(),
            lambda: azure.world.now,
            pages=pages,
        )
        assert len((await reader.read()).estate.fleet.vms) == 20
        azure.faults.add(Fault(Kind.FORBIDDEN, operation=GRAPH, skip=1, times=None))
        with locked(pages / "lock") as held:
            assert held
            assert unread_clauses((await reader.read()).estate)
        assert [one.name for one in pages.iterdir()] == ["lock"], "the other's folder is left alone"
        azure.faults.clear()
        rmtree(pages)
        assert unread_clauses((await reader.read()).estate) == ()


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
