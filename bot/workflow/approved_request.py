"""A request that is approved, with what a worker reads before any step of it begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.requests.action import Effect
from bot.requests.approval.choose_rule import choose_rule, no_rule
from bot.requests.approval.rules import Rule
from bot.requests.approval.who_may import begin_check
from bot.requests.model import Point, RequestPlan
from bot.requests.request import Request
from bot.workflow.ports import Ports
from bot.workflow.refused import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedRequest:
    """The request as it was approved, and what exists of it from before."""

    ports: Ports
    request: Request
    plan: RequestPlan
    points: tuple[Point, ...]  #: that the request made itself: it was half done
    now: datetime

    @property
    def deletes(self) -> bool:
        """Whether its action is a deletion."""
        return self.request.row.facts.effect is Effect.DELETES

    @property
    def is_too_old(self) -> bool:
        """Whether the time is over in which an approval lets the steps begin."""
        within = self.ports.rules.begin_within
        return not begin_check(self.request.approved_at, within, self.now).allowed

    def rule_for(self, plan: RequestPlan) -> Rule:
        """The rule that holds for this plan now. Raises Refused where there is none."""
        rule = choose_rule(plan, self.ports.rules)
        if rule is None:
            raise Refused(no_rule(plan, self.ports.rules).sentence)
        return rule


async def read_approved(ports: Ports, request: Request) -> ApprovedRequest:
    """Raises DatabaseUnreachable."""
    if request.plan is None:
        raise ValueError(f"{request.id} is approved without a plan.")
    return ApprovedRequest(
        ports=ports,
        request=request,
        plan=request.plan,
        points=await ports.store.points(request_id=request.id, alive=True),
        now=await ports.store.now(),
    )
