"""The store of requests: only it reads and writes their rows. Every call is one transaction."""

from __future__ import annotations

from bot.database import budgets, changes
from bot.database.cards import Cards
from bot.database.decisions import Decisions
from bot.database.home_requests import HomeRequests
from bot.database.intake import Intake
from bot.database.leases import Leases
from bot.database.ledger_look import LedgerLooks
from bot.database.listing import Listing
from bot.database.queries import Queries
from bot.database.seen_tags import SeenTags
from bot.database.steps import Steps
from bot.requests.changes import Change
from bot.requests.request import Request


class Store(
    Intake, Leases, Decisions, Steps, Queries, Listing, HomeRequests, SeenTags, LedgerLooks, Cards
):
    """The requests, for listeners, workers and the sweep. Raises DatabaseUnreachable.

    A call whose reply was lost may have been committed: the caller reads the row again.
    """

    async def move(self, request: Request, change: Change, token: str | None = None) -> Request:
        """Write a change, if the request has still the state and revision with which it was read.

        With a token the lease must be held, too; a change without a move needs the same
        version as well. Returns the changed request; raises MovedOn, LiveElsewhere, OverBudget,
        UsedUp.
        """
        async with self._database.connection() as connection:
            found = await changes.lock_request(connection, request.id)
            row = changes.check(found, request, change, token)
            moved = await changes.write(connection, self._wakes, self._actions, row, change, token)
            await changes.close(connection, [changes.entry_of(change, moved)], moved, change.notes)
        return moved

    async def supersede(
        self, request: Request, change: Change, former: Request, end: Change, token: str
    ) -> Request:
        """Write a change whose request takes the place of another live one, which ends with `end`.

        Both are written or neither is. Raises what `move` raises. No two wait for each other: only
        a request that is planned locks a second one, which waits; and the locks of the money are
        taken before the first row is written.
        """
        async with self._database.connection() as connection:
            row = changes.check(
                await changes.lock_request(connection, request.id), request, change, token
            )
            other = changes.check(
                await changes.lock_request(connection, former.id), former, end, None
            )
            await budgets.lock(connection, change.reserve, change.quota)
            ended = await changes.write(connection, self._wakes, self._actions, other, end)
            moved = await changes.write(connection, self._wakes, self._actions, row, change, token)
            await changes.close(connection, [changes.entry_of(end, ended)], ended, end.notes)
            await changes.close(connection, [changes.entry_of(change, moved)], moved, change.notes)
        return moved
