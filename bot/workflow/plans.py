"""Plans for requests: the points of a request come from the ledger, the rest from Azure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.database.store import Store
from bot.requests.model import Point, RequestPlan
from bot.requests.request import Request
from bot.workflow.origin import origin_of
from bot.workflow.planner import Planner


class PlansFromLedger:
    """Makes the plan of a request's wish, with the plan of the request whose points it is about."""

    def __init__(self, planner: Planner, store: Store) -> None:
        self._planner, self._store = planner, store

    async def plan(
        self, request: Request, revision: int, points: Sequence[Point], now: datetime
    ) -> RequestPlan:
        """The plan of this revision. Raises what `Planner.plan` raises."""
        source_id = request.wish.of_request or next((one.request_id for one in points), "")
        source = await origin_of(self._store, source_id)
        origin = source.plan if source is not None else None
        begun = request.plan if await self._store.steps(request.id) else None
        return await self._planner.plan(
            request.id, revision, request.wish, points, now, origin=origin, begun=begun
        )
