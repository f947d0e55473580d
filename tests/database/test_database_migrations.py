"""What migrations make of rows that an earlier version wrote."""

from __future__ import annotations

import asyncio
from typing import LiteralString

import psycopg
from psycopg.conninfo import make_conninfo
from store_samples import VM, a_plan, an_ask, to, to_waiting

from bot.database.migrating import migrate
from bot.database.store import Store
from bot.requests.action import Action
from bot.requests.plan_hash import plan_hash
from bot.requests.states import State
from tests.databases import Served


def as_0004_left_it(served: Served) -> None:
    """The schema and the plans as 0004 left them."""
    statements: tuple[LiteralString, ...] = (
        "ALTER TABLE requests ADD CONSTRAINT requests_action_check CHECK (action <> '')",
        "UPDATE requests SET plan = plan - 'attaches' - 'of_requesters'",
        "ALTER TABLE requests RENAME requester_team TO asker_team",
        "ALTER TABLE requests RENAME requester_user TO asker_user",
        "ALTER TABLE requests RENAME requester_name TO asker_name",
        "ALTER TABLE requests RENAME requester_channel TO asker_channel",
        "ALTER TABLE approvals RENAME requester_user TO asker_user",
        "ALTER TABLE points RENAME requester_id TO asker_id",
        "ALTER TABLE steps DROP accepted, DROP conflicts, DROP undoing",
        "ALTER TABLE steps DROP operation, DROP ask_at",
        "DROP TABLE clock",
        "DROP TABLE vm_tags_seen",
        "ALTER TABLE requests DROP COLUMN free_at",
        "ALTER TABLE steps DROP lost",
        "ALTER TABLE requests DROP undo_began",
        "ALTER TABLE points DROP delete_after, DROP in_azure, DROP looked_at, DROP not_read",
        "DROP TABLE ledger_look",
        "DROP TABLE advice_shares, advices",
        "ALTER TABLE messages DROP permalink, DROP unless_in",
        "ALTER TABLE advice_given DROP estimate",
        "DROP TABLE learned_sizes",
        "DROP TABLE fleet_seen, fleet_digest",
        "DROP TABLE measured_vms, bill_reading",
        "ALTER TABLE requests DROP trace",
        "ALTER TABLE clicks DROP trace",
        "UPDATE vmbackup_version SET version_num = '0004'",
    )
    with psycopg.connect(make_conninfo(**served.connection_keywords)) as connection:
        for statement in statements:
            connection.execute(statement)


async def test_a_restore_planned_before_0005_keeps_the_hash_that_its_approvals_rest_on(
    served: Served, store: Store
) -> None:
    ask = an_ask(action=Action.RESTORE, vm="", of_request="r-000000000001")
    await store.ask([ask])
    request = await store.get(ask.id)
    assert request is not None
    plan = a_plan(action=Action.RESTORE, attaches=True)
    await store.move(request, to_waiting(plan))
    as_0004_left_it(served)
    await asyncio.to_thread(migrate, served.connection_keywords)
    after = await store.get(ask.id)
    assert after is not None
    assert after.plan is not None
    assert plan_hash(after.plan) == plan_hash(plan)
    assert after.plan.attaches


async def test_what_was_approved_without_an_approval_before_0010_still_is(
    served: Served, store: Store
) -> None:
    for number, state in enumerate((State.WAITING, State.APPROVED), 1):
        ask = an_ask(number)
        await store.ask([ask])
        request = await store.get(ask.id)
        assert request is not None
        plan = a_plan(vm=f"{VM}-{number}")
        await store.move(request, to(state, fields={"plan": plan}))
    as_0004_left_it(served)
    await asyncio.to_thread(migrate, served.connection_keywords)
    waits, approved = [await store.get(an_ask(number).id) for number in (1, 2)]
    assert waits is not None
    assert approved is not None
    assert (waits.free_at, approved.free_at) == (None, approved.approved_at)


async def test_a_snapshot_planned_before_0005_is_read_as_it_was(
    served: Served, store: Store
) -> None:
    ask = an_ask()
    await store.ask([ask])
    request = await store.get(ask.id)
    assert request is not None
    plan = a_plan()
    await store.move(request, to_waiting(plan))
    as_0004_left_it(served)
    await asyncio.to_thread(migrate, served.connection_keywords)
    after = await store.get(ask.id)
    assert after is not None
    assert after.plan == plan
