"""A database that goes away in the middle of a chapter is no answer to anybody."""

from __future__ import annotations

import pytest

from advisor.errors import DatabaseUnreachable
from bot.requests.states import State
from tests.workflow.told import Told


class NoPlans:
    """The database goes away while a plan is made."""

    async def plan(self, *_: object) -> None:
        raise DatabaseUnreachable("The database does not answer.")


async def test_a_request_is_not_refused_because_the_database_went_away(tale: Told) -> None:
    with pytest.raises(DatabaseUnreachable):
        await tale.ask(by=tale.told_with(plans=NoPlans()))
    (row,) = await tale.rows("SELECT id, state FROM requests")
    assert row[1] == State.PLANNING.value


async def test_an_approved_request_does_not_fail_because_the_database_went_away(
    tale: Told,
) -> None:
    request_id = await tale.ask()
    await tale.approve(request_id, begin=False)
    with pytest.raises(DatabaseUnreachable):
        await tale.told_with(plans=NoPlans()).carry_on(request_id)
    assert (await tale.get(request_id)).state is State.APPROVED
