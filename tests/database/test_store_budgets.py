"""Money and quotas: counted under a lock, given back at every end at which nothing was spent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import psycopg
import pytest
from running_postgres import address, ask
from store_samples import NOON, VM, a_plan, asked, to

from bot.database.store import Store
from bot.requests.changes import Change, FreeQuota, MovedOn, OverBudget, Quota, Reserve, UsedUp
from bot.requests.request import Request
from bot.requests.states import RELEASES_BUDGET, State
from tests.databases import Served


def reserving(amount: str, limit: str | None = "10", **other: str) -> Change:
    values = {"team": "shop", "month": "2026-11", "currency": "USD"} | other
    reserve = Reserve(
        amount=Decimal(amount), limit=None if limit is None else Decimal(limit), **values
    )
    return to(State.APPROVED, fields={"plan": a_plan()}, reserve=reserve)


async def test_a_budget_is_never_overdrawn_by_those_who_ask_at_once(
    served: Served, store: Store
) -> None:
    """Ten want 3 of 10 each: three get it."""
    requests = [await asked(store, number) for number in range(1, 11)]
    results = await asyncio.gather(
        *(store.move(each, unlike(reserving("3"), each)) for each in requests),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Request) for each in results) == 3
    over = next(each for each in results if isinstance(each, OverBudget))
    assert (over.limit, over.reserved) == (Decimal(10), Decimal(9))
    assert await ask(served, "SELECT sum(amount) FROM reservations") == Decimal(9)


async def test_whoever_reserves_waits_for_whom_the_budget_is_locked_by(
    served: Served, store: Store
) -> None:
    request = await asked(store)
    lock = "SELECT pg_advisory_xact_lock(hashtextextended('budget shop 2026-11 USD', 0))"
    async with await psycopg.AsyncConnection.connect(address(served)) as other:
        await other.execute(lock)
        moving = asyncio.create_task(store.move(request, reserving("3")))
        done, _ = await asyncio.wait({moving}, timeout=1)
        assert not done
        await other.rollback()
    assert (await moving).state is State.APPROVED


def unlike(change: Change, request: Request) -> Change:
    """The same for a VM of the request's own."""
    return replace(change, fields={"plan": a_plan(vm=f"{VM}-{request.id}")})


async def test_another_month_team_and_currency_have_budgets_of_their_own(store: Store) -> None:
    others = ({}, {"team": "pay"}, {"month": "2026-12"}, {"currency": "EUR"})
    for number, other in enumerate(others, 1):
        request = await asked(store, number)
        await store.move(request, unlike(reserving("10", **other), request))
    last = await asked(store, 9)
    with pytest.raises(OverBudget):
        await store.move(last, unlike(reserving("0.01"), last))
    await store.move(last, unlike(reserving("99", limit=None), last))


@pytest.mark.parametrize("end", sorted(RELEASES_BUDGET | {State.DONE}))
async def test_money_is_given_back_on_every_end_but_done(
    served: Served, store: Store, end: State
) -> None:
    request = await store.move(await asked(store), reserving("10"))
    path = {
        State.CLEANED_UP: (State.RUNNING, State.HALF_DONE),
        State.DONE: (State.RUNNING,),
        State.DENIED: (State.WAITING,),
        State.LAPSED: (State.WAITING,),
    }
    for state in (*path.get(end, ()), end):
        assert await ask(served, "SELECT given_back_at FROM reservations") is None
        request = await store.move(request, to(state))
    back = await ask(served, "SELECT given_back_at FROM reservations")
    assert (back is None) is (end is State.DONE)


async def test_money_that_was_given_back_is_free_for_another_request(store: Store) -> None:
    first = await store.move(await asked(store), reserving("10"))
    await store.move(first, to(State.CANCELLED))
    second = await asked(store, 2)
    moved = await store.move(second, unlike(reserving("10"), second))
    assert moved.state is State.APPROVED


async def test_a_new_plan_reserves_in_place_of_the_old_one(served: Served, store: Store) -> None:
    request = await store.move(await asked(store), reserving("6"))
    request = await store.move(request, to(State.WAITING))
    await store.move(request, reserving("7"))
    assert await ask(served, "SELECT sum(amount) FROM reservations") == Decimal(7)


async def test_the_glass_is_broken_only_as_often_as_allowed(store: Store) -> None:
    """Five at once, two allowed."""
    quota = Quota(user_id="UADA", since=NOON - timedelta(days=7), most=2)
    requests = [await asked(store, number, break_glass=True) for number in range(1, 6)]
    results = await asyncio.gather(
        *(
            store.move(
                each, to(State.APPROVED, fields={"plan": a_plan(vm=f"{VM}-{each.id}")}, quota=quota)
            )
            for each in requests
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Request) for each in results) == 2
    used = next(each for each in results if isinstance(each, UsedUp))
    assert (used.most, used.used) == (2, 2)
    assert await store.break_glass_count("UADA", NOON - timedelta(days=7)) == 2


async def test_of_those_at_once_only_so_many_for_a_vm_go_without_an_approval(
    served: Served, store: Store
) -> None:
    requests = [await asked(store, number) for number in range(1, 6)]
    since = await store.now() - timedelta(days=1)
    results = await asyncio.gather(
        *(store.move(each, free_for_one_vm(each, since)) for each in requests),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Request) for each in results) == 2
    assert sum(isinstance(each, MovedOn) for each in results) == 3
    assert await ask(served, "SELECT count(*) FROM requests WHERE free_at IS NOT NULL") == 2


def free_for_one_vm(request: Request, since: datetime) -> Change:
    """It goes without an approval, and is about a request of its own: all may be live at once."""
    plan = a_plan(of_request=request.id)
    free = FreeQuota(vm_key=plan.vm_key, since=since, most=2)
    return to(State.APPROVED, fields={"plan": plan}, free=free)
