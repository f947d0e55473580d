"""Plans for requests: the points of a request come from the ledger, the rest from Azure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.database.store import Store
from bot.requests.approval.rules import TAGS_COUNT_FOR
from bot.requests.model import Point, RequestPlan
from bot.requests.request import Request
from bot.workflow.origin import origin_of
from bot.workflow.planner import Planner


class PlansFromLedger:
    """Makes the plan of a request's wish, with the plan of the request whose points it is about.

    The tags that the VM was seen with in the time `tags_count_for` count for its rules, too.
    """

    def __init__(
        self, planner: Planner, store: Store, tags_count_for: timedelta = TAGS_COUNT_FOR
    ) -> None:
        self._planner, self._store, self._tags_count_for = planner, store, tags_count_for

    async def plan(
        self, request: Request, revision: int, points: Sequence[Point], now: datetime
    ) -> RequestPlan:
        """The plan of this revision. Raises what `Planner.plan` raises."""
        source_id = request.wish.of_request or next((one.request_id for one in points), "")
        source = await origin_of(self._store, source_id)
        origin = source.plan if source is not None else None
        begun = request.plan if await self._store.steps(request.id) else None
        plan = await self._planner.plan(
            request.id, revision, request.wish, points, now, origin=origin, begun=begun
        )
        gone = await self._store.see_tags(plan.vm_key, plan.vm_tags, self._tags_count_for)
        return replace(plan, vm_tags_gone=gone)
