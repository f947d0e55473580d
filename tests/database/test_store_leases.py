"""Leases: one worker at a time, and nothing that asks for a request meanwhile is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from running_postgres import ask
from store_samples import (
    NOON,
    VM,
    WakesNoted,
    a_plan,
    a_point,
    a_step,
    an_ask,
    request_id,
    to,
    to_waiting,
)

from bot.database import Database
from bot.database.audit import Audit
from bot.database.store import Store
from bot.requests.changes import AuditEntry, Change, MovedOn
from bot.requests.model import StepState
from bot.requests.request import Request
from bot.requests.states import State
from tests.databases import Served

ID = request_id(1)


async def lapse(served: Served) -> None:
    """As if its holder had slept."""
    await ask(served, "UPDATE requests SET lease_until = now() - interval '1 second'")


async def running(store: Store) -> Request:
    """Taken by `mine`, with one step to do."""
    await store.ask([an_ask()])
    request = await store.take(ID, "mine", 30)
    assert request is not None
    request = await store.move(request, to(State.APPROVED, fields={"plan": a_plan()}), "mine")
    return await store.move(request, to(State.RUNNING, steps=(a_step(),)), "mine")


# --- taking and letting go ------------------------------------------------------------------


async def test_of_many_workers_one_takes_it(store: Store) -> None:
    await store.ask([an_ask()])
    taken = await asyncio.gather(*(store.take(ID, f"w-{number}", 30) for number in range(20)))
    assert sum(each is not None for each in taken) == 1
    assert await store.due(10) == []


async def test_a_lease_that_ran_out_is_anybodys_and_its_holder_knows(
    served: Served, store: Store
) -> None:
    await store.ask([an_ask()])
    assert await store.take(ID, "sleeper", 30)
    await lapse(served)
    assert await store.due(10) == [ID]
    request = await store.take(ID, "other", 30)
    assert request is not None
    assert not await store.renew(ID, "sleeper", 30)
    with pytest.raises(MovedOn):
        await store.move(request, to_waiting(), "sleeper")
    await store.release(ID, "sleeper", timedelta(0))
    assert await store.renew(ID, "other", 30)


async def test_a_lease_that_ran_out_cannot_be_renewed_or_used_even_if_nobody_took_it(
    served: Served, store: Store
) -> None:
    request = await running(store)
    await lapse(served)
    assert not await store.renew(ID, "mine", 30)
    assert not await store.note_step(ID, "mine", a_step(state=StepState.SENT))
    with pytest.raises(MovedOn):
        await store.move(request, to(State.FAILED), "mine")


async def test_released_it_is_due_when_that_was_said(store: Store, woken: WakesNoted) -> None:
    await store.ask([an_ask()])
    await store.take(ID, "mine", 30)
    woken.asked.clear()
    await store.release(ID, "mine", timedelta(hours=1), failed=True)
    ((woken_id, after),) = woken.asked
    assert woken_id == ID
    assert after is not None
    assert timedelta(minutes=59) < after <= timedelta(hours=1)
    assert await store.take(ID, "mine", 30) is None
    request = await store.get(ID)
    assert request is not None
    assert request.attempts == 1


async def test_released_for_good_it_waits_for_something_that_asks_for_it(store: Store) -> None:
    await store.ask([an_ask()])
    request = await store.take(ID, "mine", 30)
    assert request is not None
    waiting = await store.move(request, to_waiting(), "mine")
    await store.release(ID, "mine", None)
    assert await store.due(10) == [ID]  # the move itself said: at once
    assert await store.take(ID, "mine", 30)
    await store.release(ID, "mine", None)
    assert await store.due(10) == []
    assert await store.take(ID, "mine", 30) is None
    await store.move(waiting, to(State.APPROVED))
    assert await store.take(ID, "mine", 30)


async def test_what_asks_for_it_while_it_is_held_is_not_lost(
    store: Store, woken: WakesNoted
) -> None:
    """Somebody cancels while a worker has it: letting go for an hour means letting go for now."""
    request = await running(store)
    cancel = Change(
        to=None, entry=AuditEntry(kind="cancel", who="UADA"), fields={"cancel_asked_by": "UADA"}
    )
    await store.move(request, cancel)
    assert await store.take(ID, "other", 30) is None
    woken.asked.clear()
    await store.release(ID, "mine", timedelta(hours=1))
    assert woken.asked == [(ID, None)]
    again = await store.take(ID, "other", 30)
    assert again is not None
    assert again.cancel_asked_by == "UADA"


async def test_a_move_to_where_nobody_works_lets_go(store: Store) -> None:
    request = await running(store)
    await store.move(request, to(State.HALF_DONE), "mine")
    assert not await store.renew(ID, "mine", 30)
    assert await store.take(ID, "other", 30) is None


async def test_attempts_are_counted_anew_in_each_state(store: Store) -> None:
    await store.ask([an_ask()])
    for count in (0, 1, 2):
        request = await store.take(ID, "mine", 30)
        assert request is not None
        assert request.attempts == count
        await store.release(ID, "mine", timedelta(0), failed=True)
    assert (await store.move(request, to_waiting())).attempts == 0


# --- steps ----------------------------------------------------------------------------------


async def test_a_step_and_what_it_made_are_written_together(store: Store) -> None:
    request = await running(store)
    there = a_step(state=StepState.THERE, unique_id="u-9", time_created="2026-11-22T12:00:00Z")
    point = a_point(ID)
    assert await store.note_step(ID, "mine", there, point)
    assert await store.steps(ID) == (there,)
    assert await store.points(request_id=ID) == (point,)
    assert await store.points(vm_key=VM.lower()) == (point,)
    assert await store.points_named("WEB-01_osdisk-AB12") == (point,)
    assert await store.points_named(point.arm_id.upper()) == (point,)
    assert await store.points_named("%") == await store.points_named("") == ()
    kept = await store.get(ID)
    assert kept is not None
    assert kept.version == request.version + 1


async def test_writing_a_step_again_changes_nothing(store: Store, database: Database) -> None:
    await running(store)
    there = a_step(state=StepState.THERE)
    for _ in range(3):
        assert await store.note_step(ID, "mine", there, a_point(ID))
    kept = await store.get(ID)
    assert kept is not None
    rows = await Audit(database).of_request(ID)
    assert [row.kind for row in rows].count("step there") == 1
    assert kept.version == 4


async def test_progress_is_shown_and_not_audited(store: Store, database: Database) -> None:
    await running(store)
    await store.note_step(ID, "mine", a_step(state=StepState.SENT, percent=10))
    before = await store.get(ID)
    await store.note_step(ID, "mine", a_step(state=StepState.SENT, percent=60))
    after = await store.get(ID)
    assert before is not None
    assert after is not None
    assert after.version == before.version + 1
    rows = await Audit(database).of_request(ID)
    assert [row.kind for row in rows][-1:] == ["step sent"]
    assert rows[-1].detail["target"] == a_step().target_id


async def test_a_step_keeps_where_its_outcome_is_asked_and_the_audit_does_not(
    store: Store, database: Database
) -> None:
    await running(store)
    address = "https://management.azure.com/subscriptions/s/operations/1?t=secret"
    sent = a_step(
        state=StepState.SENT,
        attempts=4,
        accepted=2,
        conflicts=1,
        operation=address,
        ask_at=NOON,
        undoing=True,
    )
    assert await store.note_step(ID, "mine", sent)
    assert await store.steps(ID) == (sent,)
    assert "secret" not in str([row.detail for row in await Audit(database).of_request(ID)])


async def test_a_sleeper_writes_no_step(served: Served, store: Store) -> None:
    await running(store)
    await lapse(served)
    assert await store.take(ID, "other", 30)
    there = a_step(state=StepState.THERE)
    assert not await store.note_step(ID, "mine", there, a_point(ID))
    assert not await store.mark_deleted(ID, "mine", [a_point(ID).arm_id])
    assert await store.points() == ()
    assert await store.note_step(ID, "other", there, a_point(ID))


async def test_a_resource_is_never_two_requests_own(store: Store) -> None:
    await running(store)
    await store.note_step(ID, "mine", a_step(), a_point(ID))
    await store.ask([an_ask(2)])
    second = await store.take(request_id(2), "mine", 30)
    assert second is not None
    plan = a_plan(vm=f"{VM}-2")
    second = await store.move(second, to(State.APPROVED, fields={"plan": plan}), "mine")
    await store.move(second, to(State.RUNNING, steps=(a_step(),)), "mine")
    with pytest.raises(ValueError, match="belongs to another request"):
        await store.note_step(second.id, "mine", a_step(), a_point(second.id))


async def test_what_is_deleted_is_kept_in_the_ledger_and_the_card_shows_it(store: Store) -> None:
    request = await running(store)
    await store.note_step(ID, "mine", a_step(state=StepState.THERE), a_point(ID))
    done = await store.move(request, to(State.DONE, fields={"expires_at": NOON}), "mine")
    await store.ask([an_ask(2)])
    deletion = await store.take(request_id(2), "other", 30)
    assert deletion is not None
    plan = a_plan(vm=f"{VM}-2")
    deletion = await store.move(deletion, to(State.APPROVED, fields={"plan": plan}), "other")
    await store.move(deletion, to(State.RUNNING, steps=(a_step(),)), "other")
    gone = [a_point(ID).arm_id.upper()]
    assert await store.note_step(
        request_id(2), "other", a_step(state=StepState.THERE), deleted_ids=gone
    )
    assert await store.points() == ()
    (point,) = await store.points(alive=False)
    assert point.deleted_at is not None
    kept = await store.get(ID)
    assert kept is not None
    assert kept.version == done.version + 1


# --- a wait that was named ------------------------------------------------------------------


async def test_nobody_takes_it_before_the_wait_that_was_named_is_over(
    served: Served, store: Store
) -> None:
    """Not after its holder died, not when it is asked for; the longest wait named holds."""
    await store.ask([an_ask()])
    assert await store.take(ID, "mine", 30)
    await store.keep_wait(ID, "mine", timedelta(minutes=5))
    await store.keep_wait(ID, "mine", timedelta(seconds=1))
    await store.keep_wait(ID, "another", timedelta(hours=5))
    await lapse(served)
    assert await store.due(10) == []
    assert await store.take(ID, "other", 30) is None
    await ask(served, "UPDATE requests SET not_before = not_before - interval '301 seconds'")
    assert await store.due(10) == [ID]
    assert await store.take(ID, "other", 30)


async def test_a_move_ends_the_wait_that_was_named(store: Store) -> None:
    request = await running(store)
    await store.keep_wait(ID, "mine", timedelta(hours=1))
    await store.move(request, to(State.APPROVED), "mine")
    await store.release(ID, "mine", None)
    assert await store.take(ID, "other", 30)
