"""Compares the ledger with Azure, at the start of a worker and then every hour.

One query of Resource Graph shows what there is. It may be late, it shows nothing of a subscription
that may no longer be read, and restore points need not be in it at all: so what it does not show
is asked for by itself, and only Azure's own "not found" makes a point gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from advisor.errors import AzureRefused, AzureUnreachable, InputUnreadable
from advisor.inventory.own_resources import MadeRecord
from bot.azure.ownership import same_text
from bot.azure.refusals import RefusedForGood, RefusedForNow
from bot.azure.standing import LookState
from bot.azure.steps import deletion_of
from bot.database.store import Store
from bot.requests.found import MADE_PREFIX, PointLook, unrecorded
from bot.requests.model import InAzure, Point
from bot.workflow.ports import Acts

LOOK_EVERY_SECONDS = 3600.0
#: A look ends before a chore counts as hung; the next one begins with what was not reached.
LOOK_AT_MOST_SECONDS = 25.0
_SIDE_BY_SIDE = 8
_LIVE_AT_MOST = 1000
_UNREAD = (AzureRefused, AzureUnreachable, InputUnreadable)
_NO_TIME = "Azure did not answer in time."


class ShowsMade(Protocol):
    """Azure, as far as it shows the resources under our names."""

    async def made(self, prefix: str) -> tuple[MadeRecord, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerComparison:
    """The chore. It changes nothing in Azure."""

    store: Store
    acts: Acts
    made: ShowsMade
    at_most_seconds: float = LOOK_AT_MOST_SECONDS

    async def look(self) -> None:
        """Note what Azure shows of each point, and what it has beside them.

        Raises DatabaseUnreachable.
        """
        until = asyncio.get_running_loop().time() + self.at_most_seconds
        try:
            async with asyncio.timeout_at(until):
                made = await self.made.made(MADE_PREFIX)
        except _UNREAD as error:
            await self.store.note_unread(str(error))
            return
        except TimeoutError:
            await self.store.note_unread(_NO_TIME)
            return
        # Read after Azure was: what was made meanwhile is in the ledger or belongs to a live one.
        live = {one.id for one in await self.store.live_requests(_LIVE_AT_MOST)}
        points = await self.store.points()
        looks = await self._looks(points, made, until)
        await self.store.note_look(looks, unrecorded(points, made, live))

    async def _looks(
        self, points: Sequence[Point], made: Sequence[MadeRecord], until: float
    ) -> list[PointLook]:
        shown = {record.key: record for record in made}
        slots = asyncio.Semaphore(_SIDE_BY_SIDE)
        longest_ago = sorted(points, key=lambda one: (one.looked_at or one.made_at, one.arm_id))
        found = await asyncio.gather(
            *(
                self._look_at(point, shown.get(point.arm_id.lower()), slots, until)
                for point in longest_ago
            )
        )
        return [one for one in found if one is not None]

    async def _look_at(
        self, point: Point, shown: MadeRecord | None, slots: asyncio.Semaphore, until: float
    ) -> PointLook | None:
        """How the point stands; None where the time of this look is over."""
        if shown is not None and same_text(shown.unique_id, point.unique_id):
            return PointLook(point.arm_id, InAzure.THERE)
        async with slots:
            try:
                async with asyncio.timeout_at(until):
                    standing = await self.acts.look(deletion_of(point))
            except TimeoutError:
                return None
            except (RefusedForNow, RefusedForGood) as error:
                return PointLook(point.arm_id, InAzure.UNKNOWN, error.sentence)
        match standing.state:  # of the deletion that is looked at: "there" is the point gone
            case LookState.THERE:
                return PointLook(point.arm_id, InAzure.GONE)
            case LookState.FOREIGN:
                return PointLook(point.arm_id, InAzure.UNKNOWN, standing.why)
        return PointLook(point.arm_id, InAzure.THERE)
