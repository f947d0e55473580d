"""A worker dies between any two calls: the next one makes exactly what was approved."""

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
from tests.workflow.workflow_system import QUICK, System

#: VMs of one disk, worked on side by side: for each the worker dies at every third moment.
VMS = ("api-arm-01", "checkout_1a2b3c", "dev-04")


def dying(system: System, fuse: Fuse) -> Workflow:
    """A worker that dies when the fuse has burnt."""
    ports = ports_of(system.connections, system.acts, QUICK)
    return system.workflow_with(
        store=Breaking(ports.store, fuse), acts=Breaking(ports.acts, fuse), plans=system.plans()
    )


async def survived(system: System, moment: int, vm: str, **wish: Any) -> tuple[str, bool]:
    """The request after a death at that moment, and whether a worker died at all."""
    fuse = Fuse(moment)
    request_id = await asked(system, fuse, vm, **wish)
    if (await system.get(request_id)).state is State.WAITING:
        await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    try:
        await dying(system, fuse).carry_on(request_id)
    except Died:
        await system.at_once(request_id)
    return request_id, fuse.has_burnt


async def asked(system: System, fuse: Fuse, vm: str, **wish: Any) -> str:
    try:
        return await system.ask(vm, by=dying(system, fuse), **wish)
    except Died:
        rows = await system.rows(
            "SELECT id FROM requests WHERE wish ->> 'vm' = %s ORDER BY asked_at DESC LIMIT 1", vm
        )
        request_id = str(rows[0][0])
        await system.at_once(request_id)
        return request_id


async def test_a_worker_that_dies_at_any_moment_leaves_exactly_one_snapshot(system: System) -> None:
    async def lane(first: int, vm: str) -> int:
        moment, has_died = first, True
        system.workflow = system.workflow_with(plans=system.plans())
        while has_died:
            request_id, has_died = await survived(system, moment, vm)
            request = await system.get(request_id)
            assert (request.state, request.why) == (State.DONE, ""), f"moment {moment}"
            assert len(system.snapshots(request_id)) == 1
            assert len(await system.store.points(request_id=request_id)) == 1
            assert (await system.notes(request_id)).count("It is taken") == 1
            system.azure.world.forward(timedelta(minutes=1))
            moment += len(VMS)
        return moment

    moments = await asyncio.gather(*(lane(n, vm) for n, vm in enumerate(VMS, 1)))
    assert min(moments) > 20  # every call of the flow had its turn


async def test_a_worker_that_dies_at_an_expiry_deletes_once_and_says_so(system: System) -> None:
    request_id = await system.complete("api-arm-01", keep=timedelta(hours=2))
    await system.later(request_id, timedelta(hours=3))
    moment, left = 1, True
    while left:
        await system.workflow.look_after()
        deletion = (await system.of(request_id))[-1]
        with suppress(Died):
            await dying(system, Fuse(moment)).carry_on(deletion)
        moment += 5
        await system.execute(
            "UPDATE requests SET next_at = now(), lease_token = NULL, lease_until = NULL"
            " WHERE id = %s AND state IN ('planning', 'waiting', 'approved', 'running')",
            deletion,
        )
        left = bool(await system.store.points(request_id=request_id))
    await system.at_once(deletion)
    assert (await system.get(deletion)).state is State.DONE
    assert (await system.get(deletion)).action is Action.DELETE
    assert system.snapshots(request_id) == []
    assert await system.of(request_id) == [deletion]
    assert (await system.notes(request_id)).count("1 item deleted") == 1


async def test_a_worker_that_dies_at_the_swap_of_an_os_disk_swaps_it_once(system: System) -> None:
    """At every eleventh moment: the next worker neither stops the VM twice nor makes two disks."""
    source = await system.complete("dev-04")
    moment, has_died = 2, True
    while has_died:
        fuse = Fuse(moment)
        restore = await system.ask("", action=Action.RESTORE, of_request=source, swap_os_disk=True)
        await system.press(restore, ClickKind.APPROVE, GRACE.id)
        ports = ports_of(system.connections, system.acts, QUICK)
        system.azure.forget()
        with suppress(Died):
            broken = {"store": Breaking(ports.store, fuse), "acts": Breaking(ports.acts, fuse)}
            await system.workflow_with(**broken).carry_on(restore)
        has_died = fuse.has_burnt
        await system.at_once(restore)
        assert (await system.get(restore)).state is State.DONE, f"moment {moment}"
        (point,) = await system.store.points(request_id=restore)
        vm = next(
            body
            for body in system.azure.world.of_type("Microsoft.Compute/virtualMachines")
            if body["name"] == "dev-04"
        )
        in_place = vm["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
        assert in_place.lower() == point.arm_id.lower()
        assert system.azure.counts["VirtualMachines_Update"] == 1
        assert system.azure.counts["Disks_CreateOrUpdate"] == 1
        assert system.azure.counts["VirtualMachines_Start"] == 1
        moment += 11
    assert moment > 20
