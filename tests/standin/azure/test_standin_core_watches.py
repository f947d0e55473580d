"""Watches call somebody at the n-th request that matches, before the work is done or after."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from deploy.local.azure.server import AzureStandIn
from deploy.local.watching import HangUp, Watch
from tests.standin.azure.running_azure import arm_id, incremental, talking

SNAPSHOT = arm_id("snapshots", "watched")
URL = f"{SNAPSHOT}?api-version=2026-03-02"


def calling(seen: list[int], then: Exception | None = None) -> Callable[[int], Awaitable[None]]:
    async def call(port: int) -> None:
        seen.append(port)
        if then:
            raise then

    return call


@pytest.mark.parametrize(("is_after", "there"), [(False, False), (True, True)])
async def test_hanging_up_before_leaves_nothing_and_after_leaves_the_work(
    azure: AzureStandIn, is_after: bool, there: bool
) -> None:
    """aiohttp itself sends a PUT whose connection was closed once more, so two are met."""
    seen: list[int] = []
    for skip in (0, 1):
        call = calling(seen, HangUp())
        azure.watches.add(Watch("/snapshots/", call, method="PUT", skip=skip, is_after=is_after))
    async with talking(azure) as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.put(URL, json=incremental("web-01-os"))
    assert len(seen) == 2
    assert (azure.world.get(SNAPSHOT) is not None) is there


async def test_the_port_is_that_of_the_one_who_asked(azure: AzureStandIn) -> None:
    seen: list[int] = []
    azure.watches.add(Watch("/disks/", calling(seen)))
    async with talking(azure) as session:
        answer = await session.get(f"{arm_id('disks', 'loose')}?api-version=2026-03-02")
        assert answer.status == 200
    assert len(seen) == 1
    assert 1024 <= seen[0] < 65536


async def test_a_watch_passes_over_the_first_and_is_gone_when_it_was_met(
    azure: AzureStandIn,
) -> None:
    seen: list[int] = []
    watch = Watch("/disks/LOOSE", calling(seen), method="GET", skip=1)
    azure.watches.add(watch)
    async with talking(azure) as session:
        for count in (0, 1, 1):
            await session.get(f"{arm_id('disks', 'loose')}?api-version=2026-03-02")
            assert len(seen) == count
    assert not azure.watches.remove(watch)


async def test_a_watch_that_was_taken_away_calls_nobody(azure: AzureStandIn) -> None:
    seen: list[int] = []
    watch = Watch("/disks/", calling(seen))
    azure.watches.add(watch)
    assert azure.watches.remove(watch)
    async with talking(azure) as session:
        await session.get(f"{arm_id('disks', 'loose')}?api-version=2026-03-02")
    assert seen == []


async def test_a_request_that_is_held_is_done_though_its_sender_is_gone(
    azure: AzureStandIn,
) -> None:
    """What a killed process had sent still arrives, later."""
    held, let_go = asyncio.Event(), asyncio.Event()

    async def hold(_: int) -> None:
        held.set()
        await let_go.wait()

    azure.watches.add(Watch("/snapshots/", hold, method="PUT"))
    async with talking(azure) as session:
        sending = asyncio.create_task(_sent(session))
        await held.wait()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    assert azure.world.get(SNAPSHOT) is None
    let_go.set()
    async with asyncio.timeout(5):
        while azure.world.get(SNAPSHOT) is None:
            await asyncio.sleep(0.01)


async def _sent(session: aiohttp.ClientSession) -> None:
    await session.put(URL, json=incremental("web-01-os"))
