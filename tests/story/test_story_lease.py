"""A lease is kept alive while somebody waits, and for no moment longer."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.story.lease import Lease


class Deaf:
    """A store that renews, and does not notice that it is cancelled meanwhile."""

    def __init__(self) -> None:
        self.renewals = 0

    async def renew(self, request_id: str, token: str, seconds: float) -> bool:
        self.renewals += 1
        ends = asyncio.get_running_loop().time() + 0.05
        while (left := ends - asyncio.get_running_loop().time()) > 0:
            try:
                await asyncio.sleep(left)
            except asyncio.CancelledError:
                return True
        return True

    async def keep_wait(self, request_id: str, token: str, wait: timedelta) -> None:
        raise AssertionError("Nobody named a wait.")


async def test_a_lease_ends_with_its_block_though_the_store_hides_the_cancellation() -> None:
    """As Python 3.11's `asyncio.wait_for` does where the result comes at the same moment."""
    store = Deaf()
    lease = Lease(store, "r-1", "mine", 0.03)
    async with asyncio.timeout(5):
        async with lease.kept():
            while not store.renewals:
                await asyncio.sleep(0.005)
    before = store.renewals
    await asyncio.sleep(0.1)
    assert store.renewals == before
