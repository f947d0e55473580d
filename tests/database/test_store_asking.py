"""Asking and pressing: written down once, however often and from wherever it is delivered."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from running_postgres import ask
from store_samples import ADA, WakesNoted, a_click, an_ask, request_id

from bot.composition.actions import action_rows
from bot.database import Database
from bot.database.audit import Audit
from bot.database.store import Store
from bot.jobs.enqueue import CARRY_ON, JUDGE, JobWakes
from bot.requests.action import Action
from bot.requests.changes import AskResult
from bot.requests.model import Requester
from bot.requests.states import State
from tests.databases import Served


async def test_what_was_asked_for_is_there_to_the_last_word(
    store: Store, woken: WakesNoted
) -> None:
    wanted = an_ask(disks=("os", "data0"), consistent=True, break_glass=True)
    assert await store.ask([wanted]) == [AskResult(request_id=wanted.id, is_new=True)]
    kept = await store.get(wanted.id)
    assert kept is not None
    assert (kept.wish, kept.requester) == (wanted.wish, ADA)
    assert (kept.action, kept.state, kept.plan) == (Action.SNAPSHOT, State.PLANNING, None)
    assert (kept.revision, kept.version, kept.attempts) == (1, 1, 0)
    assert kept.asked_at.tzinfo is not None
    assert woken.asked == [(wanted.id, None)]


async def test_a_redelivery_is_the_same_request(store: Store, woken: WakesNoted) -> None:
    await store.ask([an_ask(1, key="same")])
    again = await store.ask([an_ask(2, key="same"), an_ask(3)])
    assert again == [
        AskResult(request_id=request_id(1), is_new=False),
        AskResult(request_id=request_id(3), is_new=True),
    ]
    assert await store.get(request_id(2)) is None
    assert [each for each, _ in woken.asked] == [request_id(1), request_id(3)]


async def test_asking_again_after_a_lost_reply_is_still_new(store: Store) -> None:
    """The commit reached the database and its answer did not reach us: the row is our own."""
    await store.ask([an_ask()])
    assert await store.ask([an_ask()]) == [AskResult(request_id=request_id(1), is_new=True)]


async def test_the_same_key_twice_in_one_group_is_one_request(store: Store) -> None:
    answers = await store.ask([an_ask(1, key="same"), an_ask(2, key="same")])
    assert len({each.request_id for each in answers}) == 1
    assert sorted(each.is_new for each in answers) == [False, True]


async def test_twenty_groups_at_once_in_any_order_ask_once(store: Store) -> None:
    """Each wants the same ten, half of them backwards; nobody waits for nobody's lock."""
    asks = [an_ask(number) for number in range(10)]
    orders = [asks if even % 2 else asks[::-1] for even in range(20)]
    answers = await asyncio.gather(
        *(
            store.ask(
                [replace(each, id=request_id(100 * turn + int(each.id[2:], 16))) for each in group]
            )
            for turn, group in enumerate(orders, 1)
        )
    )
    assert sum(each.is_new for group in answers for each in group) == 10
    assert len({each.request_id for group in answers for each in group}) == 10
    assert len(await store.live_requests()) == 10


async def test_a_key_is_forgotten_after_a_day(served: Served, store: Store) -> None:
    await store.ask([an_ask(1, key="same")])
    for hours, forgotten in ((0, 0), (23, 0), (25, 1)):
        await ask(served, f"UPDATE requests SET asked_at = now() - interval '{hours} hours'")
        assert await store.forget_old_keys() == forgotten
    assert await store.ask([an_ask(2, key="same")]) == [
        AskResult(request_id=request_id(2), is_new=True)
    ]


async def test_asking_is_in_the_audit(store: Store, database: Database) -> None:
    await store.ask([an_ask(1), an_ask(2)])
    (row,) = await Audit(database).of_request(request_id(2))
    assert (row.kind, row.who, row.detail["vm"]) == ("asked", "UADA", "web-01")


async def test_text_that_no_database_holds_is_kept_as_far_as_it_can_be(store: Store) -> None:
    """NUL and half a surrogate pair come through JSON, and are nobody's name."""
    hostile = "we\x00b\ud800'); DROP TABLE requests; --%s"
    wanted = an_ask(vm=hostile, requester=Requester(team_id="T1", user_id="U1", user_name=hostile))
    await store.ask([wanted])
    kept = await store.get(wanted.id)
    assert kept is not None
    assert kept.wish.vm == kept.requester.user_name == "we�b?'); DROP TABLE requests; --%s"
    assert await store.get("\x00\ud800") is None
    assert await store.press([a_click(button=hostile, text=hostile)]) == [True]


async def test_nothing_is_written_of_a_group_of_which_one_cannot_be(store: Store) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        await store.ask([an_ask(1), replace(an_ask(2), id="mine")])
    assert await store.get(request_id(1)) is None


async def test_a_click_is_kept_once_however_often_it_comes(store: Store, woken: WakesNoted) -> None:
    assert await store.press([a_click(1), a_click(2), a_click(1)]) == [True, True, False]
    presses = (store.press([a_click(number) for number in (3, 2, 1)]) for _ in range(10))
    again = await asyncio.gather(*presses)
    assert sum(new for group in again for new in group) == 1
    assert sorted(woken.clicked) == ["click-1", "click-2", "click-3"]
    assert await store.due_clicks(10) == ["click-1", "click-2", "click-3"]


async def test_asking_pressing_and_letting_go_put_jobs_down_in_the_same_transaction(
    served: Served, database: Database
) -> None:
    """With the wake-ups of the product, in the bot's own role."""
    store = Store(database, JobWakes(), action_rows())
    await store.ask([an_ask(number) for number in range(200)])
    await store.press([a_click(number) for number in range(50)])
    assert await store.take(request_id(7), "mine", 30)
    await store.release(request_id(7), "mine", timedelta(minutes=5))
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = '{}'"
    assert await ask(served, jobs.format(CARRY_ON)) == 201
    assert await ask(served, jobs.format(JUDGE)) == 50
    with pytest.raises(psycopg.errors.CheckViolation):
        await store.ask([an_ask(300), replace(an_ask(301), id="mine")])
    assert await ask(served, jobs.format(CARRY_ON)) == 201
