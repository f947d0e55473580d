"""Moves: all of a change or nothing of it, from what was read, by whoever holds the lease."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from running_postgres import ask
from store_samples import (
    CHANNEL,
    GROUP,
    NOON,
    VM,
    WakesNoted,
    a_note,
    a_plan,
    a_point,
    a_step,
    approved,
    asked,
    request_id,
    to,
    to_waiting,
)

from bot.database import Database
from bot.database.audit import Audit
from bot.database.rows import plan_json
from bot.database.store import Store
from bot.requests.action import Action
from bot.requests.changes import (
    AuditEntry,
    Change,
    Extension,
    LiveElsewhere,
    MovedOn,
    NoteKind,
)
from bot.requests.model import StepState
from bot.requests.request import Request
from bot.requests.states import FINAL, LIVE, MOVES, WORKED, State
from tests.databases import Served

OTHER_VM = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/web-02"


# --- what a move writes ---------------------------------------------------------------------


async def test_a_move_writes_the_row_and_its_audit_entry(store: Store, database: Database) -> None:
    plan = a_plan()
    moved = await store.move(await asked(store), to_waiting(plan, why="ready"))
    assert moved == await store.get(moved.id)
    assert (moved.state, moved.version, moved.plan) == (State.WAITING, 2, plan)
    assert (moved.channel_id, moved.button, moved.why) == (CHANNEL, "button-1", "ready")
    assert [row.kind for row in await Audit(database).of_request(moved.id)] == ["asked", "planned"]
    assert await store.by_button("button-1") == moved


async def test_the_ends_and_the_approval_have_their_times(store: Store) -> None:
    request = await approved(store)
    assert request.approved_at is not None
    running = await store.move(request, to(State.RUNNING))
    assert running.approved_at == request.approved_at
    assert running.finished_at is None
    assert (await store.move(running, to(State.DONE))).finished_at is not None


async def test_every_move_of_the_table_can_be_written_and_no_other(
    served: Served, store: Store
) -> None:
    """The checks and triggers of the schema agree with the table of states."""
    for number, before in enumerate(State, 1):
        vm = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm-{number}"
        await asked(store, number)
        for after in State:
            await put(served, number, before, vm)
            request = await store.get(request_id(number))
            assert request is not None
            change = to(after, fields={"plan": a_plan(vm=vm)})
            if after in MOVES[before]:
                assert (await store.move(request, change)).state is after
            else:
                with pytest.raises(ValueError, match="does not move"):
                    await store.move(request, change)


async def put(served: Served, number: int, state: State, vm: str) -> None:
    """Where no sequence of moves would lead as quickly."""
    written = json.dumps(plan_json(a_plan(vm=vm)).obj).replace("'", "''")
    await ask(
        served,
        f"UPDATE requests SET state = '{state}', plan = '{written}', vm_key = '{vm.lower()}',"
        f" subject = '{vm.lower()}', approved_at = now(),"
        f" finished_at = {'now()' if state in FINAL else 'NULL'},"
        f" next_at = {'now()' if state in WORKED else 'NULL'} WHERE id = '{request_id(number)}'",
    )


async def test_the_schema_names_the_same_states(served: Served, store: Store) -> None:
    for index, states in (("requests_one_live", LIVE), ("requests_due", WORKED)):
        shown = await ask(served, f"SELECT pg_get_indexdef('{index}'::regclass)")
        assert {state for state in State if f"'{state}'" in shown} == states
    checks = await ask(
        served,
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'requests'::regclass"
        " AND pg_get_constraintdef(oid) LIKE '%finished_at%'",
    )
    assert {state for state in State if f"'{state}'" in checks} == FINAL


async def test_a_field_that_is_not_a_requests_to_change_is_refused(store: Store) -> None:
    request = await asked(store)
    with pytest.raises(ValueError, match="may not set lease_token"):
        await store.move(request, to_waiting(lease_token="mine"))
    assert await store.get(request.id) == request


async def test_steps_are_replaced_as_a_whole(store: Store) -> None:
    request = await approved(store)
    first = await store.move(request, to(State.RUNNING, steps=(a_step(1), a_step(2, after=1))))
    assert await store.steps(first.id) == (a_step(1), a_step(2, after=1))
    half = await store.move(first, to(State.HALF_DONE))
    again = await store.move(half, to(State.APPROVED))
    assert await store.steps(again.id) == (a_step(1), a_step(2, after=1))
    await store.move(again, to(State.RUNNING, steps=(a_step(3),)))
    assert await store.steps(again.id) == (a_step(3),)


async def test_a_move_wakes_at_once_later_or_not(store: Store, woken: WakesNoted) -> None:
    first, second, third = [await asked(store, number) for number in (1, 2, 3)]
    woken.asked.clear()
    later = timedelta(hours=1)
    await store.move(first, to(State.APPROVED, fields={"plan": a_plan()}))
    plan = a_plan(vm=OTHER_VM)
    await store.move(second, to(State.APPROVED, fields={"plan": plan}, wake_in=later))
    await store.move(third, to(State.REFUSED))
    assert woken.asked == [(first.id, None), (second.id, later)]
    assert await store.due(10) == [first.id]


# --- compare and set ------------------------------------------------------------------------


async def test_of_two_moves_from_the_same_reading_one_is_written(
    store: Store, database: Database
) -> None:
    request = await store.move(await asked(store), to_waiting())
    ends = [to(State.DENIED), to(State.CANCELLED), to(State.LAPSED)] * 4
    results = await asyncio.gather(
        *(store.move(request, end) for end in ends), return_exceptions=True
    )
    assert sum(isinstance(each, Request) for each in results) == 1
    assert sum(isinstance(each, MovedOn) for each in results) == len(ends) - 1
    rows = await Audit(database).of_request(request.id)
    assert [row.kind for row in rows][:2] == ["asked", "planned"]
    assert len(rows) == 3


async def test_a_move_from_another_revision_is_lost(store: Store) -> None:
    request = await store.move(await asked(store), to_waiting())
    plan = a_plan(revision=2)
    again = await store.move(request, to_waiting(plan, revision=2, button="button-2"))
    assert (again.revision, again.button) == (2, "button-2")
    with pytest.raises(MovedOn):
        await store.move(request, to(State.DENIED))
    assert await store.by_button("button-1") == await store.by_button("button-2") == again


async def test_a_change_without_a_move_wants_the_very_version(store: Store) -> None:
    request = await store.move(await asked(store), to_waiting())
    reminder = Change(to=None, entry=AuditEntry(kind="reminded"), fields={"reminded_at": NOON})
    results = await asyncio.gather(
        *(store.move(request, reminder) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(each, MovedOn) for each in results) == 4
    kept = await store.get(request.id)
    assert kept is not None
    assert (kept.state, kept.reminded_at, kept.version) == (State.WAITING, NOON, 3)


async def test_a_request_that_is_not_there_has_moved_on(store: Store) -> None:
    request = await asked(store)
    with pytest.raises(MovedOn):
        await store.move(replace(request, id=request_id(9)), to(State.CANCELLED))


# --- one live request -----------------------------------------------------------------------


async def test_one_vm_has_one_live_request_however_many_are_planned_at_once(
    store: Store,
) -> None:
    requests = [await asked(store, number) for number in range(1, 9)]
    plans = [a_plan(), a_plan(vm=VM.upper())] * 4
    results = await asyncio.gather(
        *(
            store.move(request, to_waiting(plan, button=f"b-{request.id}"))
            for request, plan in zip(requests, plans, strict=True)
        ),
        return_exceptions=True,
    )
    (first,) = [each for each in results if isinstance(each, Request)]
    others = [each.request_id for each in results if isinstance(each, LiveElsewhere)]
    assert others == [first.id] * 7
    waiting = [each for each in await store.live_requests() if each.state is State.WAITING]
    assert waiting == [first]


async def test_another_vm_another_action_and_a_request_at_its_end_stand_in_nobodys_way(
    store: Store,
) -> None:
    first = await store.move(await asked(store, 1), to_waiting(button="b-1"))
    await store.move(await asked(store, 2), to_waiting(a_plan(vm=OTHER_VM), button="b-2"))
    restoring = await asked(store, 3, action=Action.RESTORE, of_request=first.id)
    plan = a_plan(action=Action.RESTORE, of_request=first.id)
    await store.move(restoring, to_waiting(plan, button="b-3"))
    await store.move(first, to(State.CANCELLED))
    await store.move(await asked(store, 4), to_waiting(button="b-4"))
    again = await asked(store, 5, action=Action.RESTORE, of_request=first.id)
    with pytest.raises(LiveElsewhere, match="r-000000000003"):
        await store.move(again, to_waiting(plan, button="b-5"))


async def test_one_that_is_refused_has_written_nothing(store: Store, database: Database) -> None:
    await store.move(await asked(store, 1), to_waiting())
    request = await asked(store, 2)
    with pytest.raises(LiveElsewhere):
        await store.move(request, to_waiting(button="b-2"))
    assert await store.get(request.id) == request
    assert await store.by_button("b-2") is None
    assert len(await Audit(database).of_request(request.id)) == 1


# --- another request's end ------------------------------------------------------------------


async def test_an_extension_moves_the_end_of_what_another_made(store: Store) -> None:
    first = await store.move(await approved(store), to(State.RUNNING, steps=(a_step(),)))
    assert await store.take(first.id, "mine", 30)
    await store.note_step(first.id, "mine", a_step(state=StepState.THERE), a_point(first.id))
    ended = {"expires_at": NOON, "reminded_at": NOON}
    first = await store.move(first, to(State.DONE, fields=ended), "mine")
    request = await asked(store, 2, action=Action.EXTEND, of_request=first.id)
    plan = a_plan(action=Action.EXTEND, of_request=first.id)
    request = await store.move(request, to(State.APPROVED, fields={"plan": plan}))
    request = await store.move(request, to(State.RUNNING))
    until = NOON + timedelta(days=9)
    extension = Extension(request_id=first.id, expires_at=until)
    await store.move(request, to(State.DONE, extend=extension))
    (point,) = await store.points(request_id=first.id)
    extended = await store.get(first.id)
    assert extended is not None
    assert (point.expires_at, extended.expires_at, extended.reminded_at) == (until, until, None)
    assert extended.version > first.version


async def test_notes_go_where_the_card_is_or_where_they_say(served: Served, store: Store) -> None:
    first = await store.move(await asked(store, 1), to_waiting())
    second = await asked(store, 2, action=Action.DELETE, of_request=first.id)
    notes = (
        a_note("mine"),  # there is no thread: the deletion has no card
        a_note("deleted", of_request=first.id),
        a_note("aside", NoteKind.WHISPER, channel_id="C0SHOP", user_id="UADA"),
        a_note("private", NoteKind.DIRECT, user_id="UADA"),
    )
    await store.move(second, to(State.REFUSED, notes=notes))
    rows = await ask(
        served,
        "SELECT array_agg(concat_ws(' ', request_id, key, kind, channel_id, user_id) ORDER BY id)"
        " FROM messages WHERE kind <> 'card'",
    )
    assert rows == [
        f"{first.id} deleted thread {CHANNEL} ",
        f"{second.id} aside whisper C0SHOP UADA",
        f"{second.id} private direct UADA UADA",
    ]


async def test_a_signed_note_shows_the_audits_head_after_its_change(
    served: Served, store: Store, database: Database
) -> None:
    request = await store.move(await asked(store), to_waiting())
    signed = a_note("decided", message=lambda head: {"text": head, "blocks": []})
    await store.move(request, to(State.DENIED, notes=(signed,)))
    head = await Audit(database).head()
    assert (
        await ask(served, "SELECT message ->> 'text' FROM messages WHERE key = 'decided'") == head
    )


async def test_a_note_in_anothers_thread_never_waits_for_that_others_own_changes(
    store: Store,
) -> None:
    """Each holds its own row and wants the audit; the note's row names the other's, too."""
    parent = await store.move(await asked(store, 1), to_waiting())
    child = await store.move(
        await asked(store, 2, action=Action.DELETE, of_request=parent.id),
        to_waiting(a_plan(action=Action.DELETE, of_request=parent.id), button="button-2"),
    )

    async def changing(request: Request, *, noting: bool) -> None:
        for number in range(25):
            note = a_note(f"{request.id}-{number}", of_request=parent.id)
            entry = AuditEntry(kind="noted")
            change = Change(to=None, entry=entry, notes=(note,) * noting)
            request = await store.move(request, change)

    await asyncio.gather(changing(parent, noting=False), changing(child, noting=True))
