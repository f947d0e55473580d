"""The list of requests for people: complete for a VM, counted, and in the order of its use."""

from __future__ import annotations

from datetime import timedelta

import pytest
from running_postgres import ask
from store_samples import VM, a_plan, a_point, a_step, approved, asked, request_id, to, to_waiting

from bot.database.store import Store
from bot.requests.action import Action
from bot.requests.model import Requester, StepState
from bot.requests.request import Request
from bot.requests.states import State
from tests.databases import Served

OTHER = f"{VM}-other"


async def done(store: Store, number: int, *, vm: str = VM, days: int = 3) -> Request:
    """A request that keeps one point for so many days."""
    request = await approved(store, number, vm=vm)
    assert await store.take(request.id, "mine", 30)
    request = await store.move(request, to(State.RUNNING, steps=(a_step(),)), "mine")
    end = await store.now() + timedelta(days=days)
    point = a_point(request.id, arm_id=f"{a_point(request.id).arm_id}-{number}", expires_at=end)
    await store.note_step(request.id, "mine", a_step(state=StepState.THERE), point)
    return await store.move(request, to(State.DONE, fields={"expires_at": end}), "mine")


async def listed(store: Store, vm: str = "", **more: object) -> list[str]:
    return [each.id for each in (await store.listed(vm, **more)).requests]  # type: ignore[arg-type]


async def test_the_list_of_a_vm_is_complete_however_many_others_were_asked_since(
    store: Store,
) -> None:
    mine = await store.move(await asked(store, 1), to_waiting())
    await store.move(mine, to(State.DENIED))
    for number in range(2, 32):
        other = await asked(store, number, vm="other-01")
        plan = a_plan(vm=OTHER, vm_name="other-01")
        waiting = await store.move(other, to_waiting(plan, button=f"button-{number}"))
        await store.move(waiting, to(State.DENIED))
    assert await listed(store, "Web-01") == [mine.id]
    page = await store.listed(limit=20)
    assert (len(page.requests), page.current) == (20, 31)
    assert await listed(store, start=20, limit=20) != await listed(store, limit=20)
    assert len(await listed(store, start=20, limit=20)) == 11


@pytest.mark.parametrize("vm", ["web-01", "shop/WEB-01", VM, VM.upper()])
async def test_a_vm_is_meant_by_its_name_its_group_or_its_id(store: Store, vm: str) -> None:
    request = await approved(store, 1)
    await approved(store, 2, vm=OTHER)
    assert await listed(store, vm) == [request.id]


async def test_a_request_about_points_belongs_to_the_vm_of_the_points(store: Store) -> None:
    origin = await done(store, 1)
    restoring = await asked(store, 2, action=Action.RESTORE, of_request=origin.id, vm="")
    assert set(await listed(store, "web-01")) == {origin.id, restoring.id}


async def test_a_spelling_that_was_refused_is_listed_only_with_all(store: Store) -> None:
    await store.move(await asked(store, 1, vm="web-1"), to(State.REFUSED))
    assert await listed(store) == []
    assert await listed(store, everything=True) == [request_id(1)]
    assert await listed(store, "web-1", everything=True) == [request_id(1)]
    page = await store.listed()
    assert (page.current, page.every) == (0, 1)


async def test_what_vmbackup_deleted_by_itself_is_listed_only_with_all(store: Store) -> None:
    origin = await done(store, 1)
    await store.move(
        await asked(store, 2, action=Action.DELETE, of_request=origin.id, vm=""),
        to(State.CANCELLED),
    )
    assert await listed(store) == [origin.id]
    assert len(await listed(store, everything=True)) == 2


async def test_what_is_under_way_is_first_then_what_expires_soonest_then_the_newest(
    store: Store, served: Served
) -> None:
    late = await done(store, 1, days=9)
    soon = await done(store, 2, vm=f"{VM}-2", days=1)
    ended = await store.move(await asked(store, 3), to_waiting(a_plan(vm=f"{VM}-3"), button="b"))
    await store.move(ended, to(State.DENIED))
    live = await approved(store, 4, vm=f"{VM}-4")
    assert await listed(store) == [live.id, soon.id, late.id, ended.id]
    await ask(
        served,
        "UPDATE requests SET finished_at = now() - interval '31 days' WHERE state = 'denied'",
    )
    assert await listed(store) == [live.id, soon.id, late.id]


async def test_the_points_of_a_page_have_those_that_are_deleted(store: Store) -> None:
    origin = await done(store, 1)
    deletion = await asked(store, 2, action=Action.DELETE, of_request=origin.id, vm="")
    plan = a_plan(action=Action.DELETE, of_request=origin.id)
    await store.move(deletion, to(State.APPROVED, fields={"plan": plan}))
    assert await store.take(deletion.id, "mine", 30)
    (point,) = await store.points(request_id=origin.id)
    assert await store.mark_deleted(deletion.id, "mine", [point.arm_id])
    (gone,) = await store.points_of([origin.id])
    assert gone.deleted_at is not None


async def test_a_stranger_in_the_name_of_a_vm_is_only_text(store: Store) -> None:
    await asked(store, 1, vm="x' OR '1'='1", requester=Requester(team_id="T1", user_id="U1"))
    assert await listed(store, "' OR '1'='1") == []
    assert await listed(store, "x' OR '1'='1") == [request_id(1)]
    assert await listed(store, "%\x00_") == []
