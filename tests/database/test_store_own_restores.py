"""How long the bot's own restores took: those that are done, the VM's own first."""

from __future__ import annotations

from datetime import timedelta

import psycopg
from running_postgres import address
from store_samples import VM, a_plan, asked, to

from advisor.model import RestoredFrom
from bot.database import Database
from bot.database.own_restores import OwnRestores
from bot.database.store import Store
from bot.requests.action import Action
from bot.requests.states import State
from tests.databases import Served

OTHER = VM.replace("Web-01", "Web-02").replace("web-01", "web-02")
_DONE = """
    UPDATE requests SET state = %s, approved_at = vmbackup_now() - make_interval(mins => %s),
        finished_at = CASE WHEN %s IN ('done', 'failed') THEN vmbackup_now() END,
        next_at = NULL, lease_token = NULL, lease_until = NULL
    WHERE id = %s
"""


async def restored(
    store: Store, served: Served, number: int, vm: str, minutes: int, state: str = "done"
) -> str:
    """A request for a restore that came so far, approved so many minutes ago."""
    request = await asked(store, number, action=Action.RESTORE)
    plan = a_plan(vm=vm, action=Action.RESTORE, swap_os_disk=number % 2 == 1)
    await store.move(request, to(State.APPROVED, fields={"plan": plan}))
    async with await psycopg.AsyncConnection.connect(address(served)) as connection:
        await connection.execute(_DONE, (state, minutes, state, request.id))
    return request.id


async def test_a_restore_that_is_done_took_from_its_approval_to_its_end(
    served: Served, store: Store, database: Database
) -> None:
    done = await restored(store, served, 1, VM, 12)
    [own] = await OwnRestores(database).of_vm(VM.lower())
    [other] = await OwnRestores(database).of_vm(OTHER.lower())
    assert (round(own.took / timedelta(minutes=1)), own.is_own) == (12, True)
    assert own.place is RestoredFrom.SNAPSHOT
    assert (own.what, own.by, own.makes_vm) == ("a restore", f"vmbackup, {done}", True)
    assert (other.is_own, other.vm) == (False, own.vm)


async def test_one_that_failed_and_disks_of_no_vm_are_told_apart(
    served: Served, store: Store, database: Database
) -> None:
    await restored(store, served, 1, VM, 12, "failed")
    await restored(store, served, 2, OTHER, 30)
    found = await OwnRestores(database).of_vm(VM.lower())
    assert [(one.is_own, one.makes_vm, one.what) for one in found] == [
        (False, False, "a restore of the disks")
    ]
