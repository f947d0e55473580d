"""A worker that dies between any two steps: whoever goes on makes exactly what was approved."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from bot.composition.request_parts import ports_of
from bot.requests.action import Action
from bot.requests.model import ClickKind
from bot.requests.states import State
from bot.workflow.workflow import Workflow
from deploy.local.slack.people import GRACE
from tests.workflow.breaking import Breaking, Died, Fuse
from tests.workflow.told import QUICK, Told

#: Of one disk each, and side by side: each dies at every third moment.
VMS = ("api-arm-01", "checkout_1a2b3c", "dev-04")


def dying(tale: Told, fuse: Fuse) -> Workflow:
    """A worker that dies when the fuse has burnt."""
    ports = ports_of(tale.connections, tale.acts, QUICK)
    return tale.told_with(
        store=Breaking(ports.store, fuse), acts=Breaking(ports.acts, fuse), plans=tale.plans()
    )


async def survived(tale: Told, moment: int, vm: str, **wish: Any) -> tuple[str, bool]:
    """The request after a death at that moment, and whether anybody died at all."""
    fuse = Fuse(moment)
    request_id = await asked(tale, fuse, vm, **wish)
    if (await tale.get(request_id)).state is State.WAITING:
        await tale.press(request_id, ClickKind.APPROVE, GRACE.id)
    try:
        await dying(tale, fuse).carry_on(request_id)
    except Died:
        await tale.at_once(request_id)
    return request_id, fuse.has_burnt


async def asked(tale: Told, fuse: Fuse, vm: str, **wish: Any) -> str:
    try:
        return await tale.ask(vm, by=dying(tale, fuse), **wish)
    except Died:
        rows = await tale.rows(
            "SELECT id FROM requests WHERE wish ->> 'vm' = %s ORDER BY asked_at DESC LIMIT 1", vm
        )
        request_id = str(rows[0][0])
        await tale.at_once(request_id)
        return request_id


async def test_a_death_at_any_moment_makes_neither_two_nor_none(tale: Told) -> None:
    async def lane(first: int, vm: str) -> int:
        moment, has_died = first, True
        tale.workflow = tale.told_with(plans=tale.plans())
        while has_died:
            request_id, has_died = await survived(tale, moment, vm)
            request = await tale.get(request_id)
            assert (request.state, request.why) == (State.DONE, ""), f"moment {moment}"
            assert len(tale.snapshots(request_id)) == 1
            assert len(await tale.store.points(request_id=request_id)) == 1
            assert (await tale.notes(request_id)).count("It is taken") == 1
            tale.azure.world.forward(timedelta(minutes=1))
            moment += len(VMS)
        return moment

    moments = await asyncio.gather(*(lane(n, vm) for n, vm in enumerate(VMS, 1)))
    assert min(moments) > 20  # every call of the flow had its turn


async def test_a_death_while_an_expiry_is_carried_out_deletes_once_and_says_it(tale: Told) -> None:
    request_id = await tale.done("api-arm-01", keep=timedelta(hours=2))
    await tale.later(request_id, timedelta(hours=3))
    moment, left = 1, True
    while left:
        await tale.workflow.look_after()
        deletion = (await tale.of(request_id))[-1]
        with suppress(Died):
            await dying(tale, Fuse(moment)).carry_on(deletion)
        moment += 5
        await tale.execute(
            "UPDATE requests SET next_at = now(), lease_token = NULL, lease_until = NULL"
            " WHERE id = %s AND state IN ('planning', 'waiting', 'approved', 'running')",
            deletion,
        )
        left = bool(await tale.store.points(request_id=request_id))
    await tale.at_once(deletion)
    assert (await tale.get(deletion)).state is State.DONE
    assert (await tale.get(deletion)).action is Action.DELETE
    assert tale.snapshots(request_id) == []
    assert await tale.of(request_id) == [deletion]
    assert (await tale.notes(request_id)).count("1 item deleted") == 1


async def test_a_death_while_an_os_disk_is_swapped_swaps_it_once(tale: Told) -> None:
    """Every eleventh moment: whoever goes on neither stops the VM twice nor makes two disks."""
    source = await tale.done("dev-04")
    moment, has_died = 2, True
    while has_died:
        fuse = Fuse(moment)
        restore = await tale.ask("", action=Action.RESTORE, of_request=source, swap_os_disk=True)
        await tale.press(restore, ClickKind.APPROVE, GRACE.id)
        ports = ports_of(tale.connections, tale.acts, QUICK)
        tale.azure.forget()
        with suppress(Died):
            broken = {"store": Breaking(ports.store, fuse), "acts": Breaking(ports.acts, fuse)}
            await tale.told_with(**broken).carry_on(restore)
        has_died = fuse.has_burnt
        await tale.at_once(restore)
        assert (await tale.get(restore)).state is State.DONE, f"moment {moment}"
        (point,) = await tale.store.points(request_id=restore)
        vm = next(
            body
            for body in tale.azure.world.of_type("Microsoft.Compute/virtualMachines")
            if body["name"] == "dev-04"
        )
        in_place = vm["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
        assert in_place.lower() == point.arm_id.lower()
        assert tale.azure.counts["VirtualMachines_Update"] == 1
        assert tale.azure.counts["Disks_CreateOrUpdate"] == 1
        assert tale.azure.counts["VirtualMachines_Start"] == 1
        moment += 11
    assert moment > 20
