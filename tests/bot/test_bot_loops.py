"""Loops end when they are cancelled, whatever the library does in which they wait."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from bot.loops import is_cancelled, running


async def test_a_loop_that_looks_ends_although_its_wait_swallowed_the_cancellation() -> None:
    turns: list[int] = []

    async def looks() -> None:
        while not is_cancelled():
            turns.append(1)
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(3600)

    async with running(looks):
        await asyncio.sleep(0)
    assert turns == [1]


async def test_a_loop_that_does_not_look_is_cancelled_again_until_it_ends() -> None:
    swallowed: list[int] = []

    async def looks_away() -> None:
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                if len(swallowed) == 2:
                    raise
                swallowed.append(1)

    async with running(looks_away, cancel_again_seconds=0.01):
        await asyncio.sleep(0)
    assert swallowed == [1, 1]


async def test_what_ends_in_order_has_its_time_before_it_is_cancelled_again() -> None:
    ended: list[str] = []

    async def ends_slowly() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await asyncio.sleep(0.05)
            ended.append("in order")
            raise

    async with running(ends_slowly):
        await asyncio.sleep(0)
    assert ended == ["in order"]
