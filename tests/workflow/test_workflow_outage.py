"""A database that goes away while a handler runs is no reason to refuse a request."""

from __future__ import annotations

import pytest

from advisor.errors import DatabaseUnreachable
from bot.requests.states import State
from tests.workflow.workflow_system import System


class NoPlans:
    """The database goes away while a plan is made."""

    async def plan(self, *_: object) -> None:
        raise DatabaseUnreachable("The database does not answer.")


async def test_a_request_is_not_refused_because_the_database_went_away(system: System) -> None:
    with pytest.raises(DatabaseUnreachable):
        await system.ask(by=system.workflow_with(plans=NoPlans()))
    (row,) = await system.rows("SELECT id, state FROM requests")
    assert row[1] == State.PLANNING.value


async def test_an_approved_request_does_not_fail_because_the_database_went_away(
    system: System,
) -> None:
    request_id = await system.ask()
    await system.approve(request_id, begin=False)
    with pytest.raises(DatabaseUnreachable):
        await system.workflow_with(plans=NoPlans()).carry_on(request_id)
    assert (await system.get(request_id)).state is State.APPROVED
