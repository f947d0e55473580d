"""The points that a plan is made from, looked up in Azure before anybody is asked to approve it."""

from __future__ import annotations

from bot.azure.connection import AzureActs
from bot.azure.refusals import RefusedForGood, RefusedForNow
from bot.azure.sources import checked_source
from bot.requests.action import Effect
from bot.requests.model import RequestPlan
from bot.requests.request import ActionRow, PlanOfPoints
from bot.workflow.ports import NotNow, Ports
from bot.workflow.refused import Refused


class SourcesInAzure:
    """Looks in Azure for the points of a plan. Raises RefusedForNow and RefusedForGood."""

    def __init__(self, azure: AzureActs) -> None:
        self._azure = azure

    async def check(self, plan: RequestPlan) -> None:
        """Raises RefusedForGood where a point is gone or was replaced by one of the same name."""
        wanted = {disk.source_id: disk.unique_id for disk in plan.disks}
        for source_id, unique_id in wanted.items():
            await checked_source(
                self._azure, {"source_id": source_id, "point_unique_id": unique_id}
            )


async def require_sources(ports: Ports, row: ActionRow, plan: RequestPlan) -> None:
    """Of an action that makes something of points: that they are there. Raises Refused, NotNow.

    The ledger does not tell: somebody may have deleted a point without vmbackup.
    """
    if row.facts.effect is not Effect.MAKES or not isinstance(row.plan, PlanOfPoints):
        return
    try:
        await ports.sources.check(plan)
    except RefusedForGood as error:
        raise Refused(error.sentence) from error
    except RefusedForNow as error:
        raise NotNow(error.sentence, error.retry_after) from error
