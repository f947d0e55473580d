"""What the sweep finds: what expired, whom to remind, who has not looked; and what is listed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from running_postgres import ask
from store_samples import NOON, VM, a_plan, a_point, a_step, an_ask, approved, asked, request_id, to

from bot.database.store import Store
from bot.requests.action import Action
from bot.requests.changes import AuditEntry, Change
from bot.requests.model import StepState
from bot.requests.request import Request
from bot.requests.states import State
from tests.databases import Served

ID = request_id(1)


async def done(store: Store, number: int = 1, *, expires_in: timedelta) -> Request:
    """A request with one point that ends after so long."""
    request = await approved(store, number, vm=f"{VM}-{number}")
    assert await store.take(request.id, "mine", 30)
    request = await store.move(request, to(State.RUNNING, steps=(a_step(),)), "mine")
    end = await store.now() + expires_in
    point = a_point(request.id, arm_id=f"{a_point(request.id).arm_id}-{number}", expires_at=end)
    await store.note_step(request.id, "mine", a_step(state=StepState.THERE), point)
    return await store.move(request, to(State.DONE, fields={"expires_at": end}), "mine")


async def deleting(store: Store, number: int) -> Request:
    request = await asked(store, number, action=Action.DELETE, of_request=ID)
    plan = a_plan(action=Action.DELETE, of_request=ID)
    return await store.move(request, to(State.APPROVED, fields={"plan": plan}))


def ids(requests: tuple[Request, ...]) -> list[str]:
    return [each.id for each in requests]


async def test_what_expired_is_found_until_somebody_deletes_it(store: Store) -> None:
    await done(store, 1, expires_in=timedelta(0))
    await done(store, 2, expires_in=timedelta(hours=1))
    assert ids(await store.expired(10)) == [ID]
    assert await store.deletions(ID) == 0
    deletion = await deleting(store, 3)
    assert ids(await store.expired(10)) == []
    assert await store.deletions(ID) == 1
    await store.move(deletion, to(State.FAILED))
    assert ids(await store.expired(10)) == []
    assert ids(await store.expired(10, again_after=timedelta(0))) == [ID]


async def test_what_is_deleted_does_not_expire_again(store: Store) -> None:
    await done(store, expires_in=timedelta(0))
    deletion = await deleting(store, 2)
    assert await store.take(deletion.id, "mine", 30)
    (point,) = await store.points(request_id=ID)
    assert await store.mark_deleted(deletion.id, "mine", [point.arm_id])
    await store.move(deletion, to(State.FAILED), "mine")
    assert ids(await store.expired(10, again_after=timedelta(0))) == []


async def test_what_is_being_extended_is_not_deleted_meanwhile(store: Store) -> None:
    await done(store, expires_in=timedelta(0))
    extending = await asked(store, 2, action=Action.EXTEND, of_request=ID)
    assert ids(await store.expired(10)) == [ID]
    plan = a_plan(action=Action.EXTEND, of_request=ID)
    await store.move(extending, to(State.APPROVED, fields={"plan": plan}))
    assert ids(await store.expired(10)) == []


@pytest.mark.parametrize(
    ("life", "left", "is_due"),
    [
        (timedelta(days=10), timedelta(hours=25), False),
        (timedelta(days=10), timedelta(hours=23), True),
        (timedelta(hours=8), timedelta(hours=2, minutes=5), False),
        (timedelta(hours=8), timedelta(hours=1, minutes=55), True),
        (timedelta(hours=8), timedelta(0), False),
    ],
)
async def test_a_reminder_comes_a_day_or_a_quarter_of_the_life_before(
    served: Served, store: Store, life: timedelta, left: timedelta, is_due: bool
) -> None:
    request = await done(store, expires_in=left)
    began = f"now() + interval '{left.total_seconds()} seconds' - interval '{life.days} days'"
    hours = f" - interval '{life.seconds} seconds'"
    await ask(served, f"UPDATE requests SET finished_at = {began}{hours}")
    assert ids(await store.to_remind(10)) == [request.id] * is_due


async def test_a_reminder_comes_once_and_only_for_what_is_there(store: Store) -> None:
    request = await done(store, expires_in=timedelta(seconds=10))
    await remind_when(store, request, await store.now())
    assert ids(await store.to_remind(10)) == []


async def remind_when(store: Store, request: Request, at: datetime) -> None:
    reminded = Change(to=None, entry=AuditEntry(kind="reminded"), fields={"reminded_at": at})
    await store.move(request, reminded)


async def test_who_broke_the_glass_is_looked_after_until_somebody_looked(store: Store) -> None:
    requests = [
        await store.move(
            await asked(store, number, break_glass=True),
            to(
                State.APPROVED,
                fields={"plan": a_plan(vm=f"{VM}-{number}"), "look_by": await store.now()},
            ),
        )
        for number in (1, 2, 3)
    ]
    assert sorted(ids(await store.unreviewed(10))) == ids(tuple(requests))
    looked = Change(to=None, entry=AuditEntry(kind="looked"), fields={"looked_by": "UBEN"})
    await store.move(requests[0], looked)
    escalated = Change(to=None, entry=AuditEntry(kind="escalated"), fields={"escalated_at": NOON})
    await store.move(requests[1], escalated)
    assert ids(await store.unreviewed(10)) == [request_id(3)]


async def test_requests_are_listed_by_their_vm_and_whether_they_live(store: Store) -> None:
    first = await approved(store, 1)
    await store.ask([an_ask(2)])
    second = await store.get(request_id(2))
    assert second is not None
    third = await store.move(await asked(store, 3), to(State.CANCELLED))
    assert set(ids(await store.live_requests())) == {first.id, second.id}
    assert ids(await store.live_requests(vm_key=VM.lower())) == [first.id]
    assert len(await store.live_requests(1)) == 1
    assert set(ids((await store.listed()).requests)) == {first.id, second.id}
    assert third.id in ids((await store.listed(everything=True)).requests)
