"""A lease is kept alive while somebody waits, and for no moment longer."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.azure.standing import LookResult
from bot.composition.request_parts import ports_of
from bot.requests.model import Step
from bot.requests.states import State
from bot.workflow.lease import Lease
from tests.workflow.told import QUICK, Told


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


async def test_a_bot_that_may_not_act_any_more_sends_nothing_more(tale: Told) -> None:
    """Another one appears between the look at a disk and the request."""
    request_id = await tale.ask("dev-04")
    await tale.approve(request_id, begin=False)
    ports = ports_of(tale.connections, tale.acts, QUICK)
    looked = asyncio.Event()

    class Looking:
        """Azure, at whose first look another bot appears."""

        do = staticmethod(ports.acts.do)

        async def look(self, step: Step) -> LookResult:
            looked.set()
            return await ports.acts.look(step)

    workflow = tale.told_with(acts=Looking(), may_act=lambda: not looked.is_set())
    await workflow.carry_on(request_id)
    assert looked.is_set()
    assert (await tale.get(request_id)).state is State.RUNNING
    assert tale.azure.asked("Snapshots_CreateOrUpdate") == []
    await tale.at_once(request_id)
    assert (await tale.get(request_id)).state is State.DONE
