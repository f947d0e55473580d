"""Every action about a VM of the sample fleet, in all the ways that it may be wished for.

The planner plans over the wire, and the plans are carried out and undone at the stand-in. What is
new in the table of actions or among the wishes' switches is met here by itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, fields, replace
from itertools import count
from typing import Any, NamedTuple

from advisor.azure.live import LiveInventory
from advisor.prices.shipped import shipped_book
from advisor.prices.source import FixedPrices
from bot.azure.connection import AzureActs
from bot.azure.undo import undo_of
from bot.composition.actions import action_rows, steps_of
from bot.requests.model import Point, RequestPlan, Step, StepState, Wish
from bot.requests.plan_hash import plan_hash
from bot.requests.plans.bounds import Bounds
from bot.requests.refusals import PlanRefused
from bot.requests.request import ActionRow, PlanOfVm
from bot.requests.tags import PLAN_TAG, expiry_of, tags_of
from bot.workflow.planner import Planner
from deploy.local.azure.server import Asking, AzureStandIn
from tests.actions.acting import CHANGES, a_request, acting, carried_out
from tests.actions.test_actions_table import ROWS, a_wish
from tests.requests.planning_samples import points_of
from tests.standin.azure.fleet_azure import running_fleet
from tests.standin.azure.running_azure import AsyncToken

OF_VM = tuple(row for row in ROWS if isinstance(row.plan, PlanOfVm))
OF_POINTS = tuple(row for row in ROWS if row not in OF_VM)
#: What a requester may switch on; breaking the glass changes who decides, not what is sent.
SWITCHES = tuple(
    each.name for each in fields(Wish) if each.type == "bool" and each.name != "break_glass"
)


def wishes(row: ActionRow, vm: str, of_request: str = "") -> Iterator[tuple[Wish, Wish]]:
    """A wish with nothing switched on, and one for each switch.

    Each with a retention, and then without: a swapped OS disk, say, has none.
    """
    plain = replace(a_wish(row), vm=vm, of_request=of_request)
    for switched in ({}, *({switch: True} for switch in SWITCHES)):
        wish = replace(plain, **switched)
        yield wish, replace(wish, keep=None)


class Done(NamedTuple):
    """A request that was carried out."""

    request_id: str
    tags: Mapping[str, str]
    steps: Sequence[Step]


@dataclass
class Doing:
    """Carries out, and writes down what was planned and sent."""

    azure: AzureStandIn
    acts: AzureActs
    planner: Planner
    plans: list[RequestPlan] = field(default_factory=list)
    verbs: set[str] = field(default_factory=set)
    sent: list[Asking] = field(default_factory=list)
    ids: Iterator[str] = field(default_factory=lambda: (f"r-{number:012x}" for number in count(1)))

    async def everything_about(self, vm: str) -> None:
        for row in OF_VM:
            own_id = next(self.ids)
            for plan in await self._plans(row, own_id, vm):
                made = await self._done(row, own_id, plan)
                points = [self._noted(one, made, plan) for one in points_of(plan)]
                await self._everything_about_points(vm, plan, points)
                await self._carried_out(undoing(made.steps))

    async def _everything_about_points(
        self, vm: str, origin: RequestPlan, points: Sequence[Point]
    ) -> None:
        """What cannot be undone comes last, for it takes the points away."""
        for row in sorted(OF_POINTS, key=lambda row: not row.facts.can_be_undone):
            own_id = next(self.ids)
            for plan in await self._plans(row, own_id, vm, points, origin):
                made = await self._done(row, own_id, plan, points)
                await self._carried_out(undoing(made.steps))

    async def _plans(
        self,
        row: ActionRow,
        own_id: str,
        vm: str,
        points: Sequence[Point] = (),
        origin: RequestPlan | None = None,
    ) -> list[RequestPlan]:
        """The different plans of one action; a wish that it refuses has none."""
        found: dict[str, RequestPlan] = {}
        now = self.azure.world.now
        for ways in wishes(row, vm, points[0].request_id if points else ""):
            for wish in ways:
                with suppress(PlanRefused):
                    plan = await self.planner.plan(own_id, 1, wish, points, now, origin=origin)
                    found[plan_hash(plan)] = plan
                    break
        self.plans += found.values()
        return [*found.values()]

    async def _done(
        self, row: ActionRow, own_id: str, plan: RequestPlan, points: Sequence[Point] = ()
    ) -> Done:
        until = expiry_of(plan, self.azure.world.now)
        request = replace(a_request(plan.action, own_id), row=row, expires_at=until)
        tags = tags_of(request, plan, ())
        return Done(own_id, tags, await self._carried_out(steps_of(plan, tags, points)))

    def _noted(self, point: Point, made: Done, plan: RequestPlan) -> Point:
        """The ledger's row of a point, with what the step that made it noted."""
        now = self.azure.world.now
        (step,) = [one for one in made.steps if one.target_id == point.arm_id]
        return replace(
            point,
            request_id=made.request_id,
            unique_id=step.unique_id,
            time_created=step.time_created,
            plan_hash=made.tags[PLAN_TAG],
            made_at=now,
            expires_at=expiry_of(plan, now),
        )

    async def _carried_out(self, steps: Sequence[Step]) -> list[Step]:
        self.azure.forget()
        done = await carried_out(self.acts, steps)
        assert {step.state for step in done} <= {StepState.THERE}, [step.why for step in done]
        self.verbs |= {step.verb for step in steps}
        self.sent += [one for one in self.azure.requests if _changes_compute(one)]
        return done


@asynccontextmanager
async def doing(set_of_disks: Mapping[str, Any]) -> AsyncIterator[Doing]:
    """Over the sample fleet, each disk of which is set to that, too."""
    async with running_fleet() as azure:
        for body in list(azure.world.snapshot().values()):
            if body["type"].lower() == "microsoft.compute/disks":
                azure.world.put({**body, "properties": {**body["properties"], **set_of_disks}})
        inventory = LiveInventory(
            credential=AsyncToken(azure.world),
            base_url=azure.url,
            allow_plain_http=True,
            answer_seconds=60,
        )
        async with inventory, acting(azure, answer_seconds=60) as acts:
            yield Doing(
                azure,
                acts,
                Planner(inventory, FixedPrices(shipped_book()), Bounds(), action_rows()),
            )


def undoing(done: Sequence[Step]) -> list[Step]:
    return [undo for step in reversed(done) if (undo := undo_of(step)) is not None]


def _changes_compute(request: Asking) -> bool:
    return request.method in CHANGES and "/microsoft.compute/" in request.path.lower()
