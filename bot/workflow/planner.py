"""From a wish to its priced plan: the VM is read as it is, and the action plans, pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from advisor.asked import AdviceAsked
from advisor.errors import UsageError, VmNotFound
from advisor.model import KnownVm, Sizing
from advisor.prices.pricing import Pricer
from advisor.prices.source import PriceSource
from advisor.sizing import size
from advisor.stated_sizes import StatedSizes, stated_sizes
from bot.requests.model import Point, RequestPlan, Wish
from bot.requests.plans.bounds import Bounds
from bot.requests.plans.grounds import PointsGround, VmGround
from bot.requests.refusals import PlanRefused
from bot.requests.request import ActionRows, PlanOfPoints, PlanOfVm

_UNKNOWN = "vmbackup knows nothing of that name or id. /vmbackup snapshots lists what there is."


class Inventory(Protocol):
    """Finds a VM: live in Azure."""

    async def find(self, wanted: str, now: datetime) -> KnownVm: ...


class Planner:
    """Makes plans from one inventory and one source of prices, within the settings' bounds."""

    def __init__(
        self,
        inventory: Inventory,
        prices: PriceSource,
        bounds: Bounds,
        actions: ActionRows,
        currency: str = "USD",
    ) -> None:
        self._inventory = inventory
        self._actions = actions
        self._prices = prices
        self._bounds = bounds
        self._currency = currency

    @property
    def bounds(self) -> Bounds:
        """The bounds of retention."""
        return self._bounds

    async def known(self, vm: str, now: datetime) -> KnownVm:
        """The VM called `web-01`, `rg/web-01` or by its ARM id. Raises as the inventory does."""
        return await self._inventory.find(vm, now)

    async def plan(
        self,
        request_id: str,
        revision: int,
        wish: Wish,
        points: Sequence[Point],
        now: datetime,
        *,
        origin: RequestPlan | None = None,
        begun: RequestPlan | None = None,
    ) -> RequestPlan:
        """The plan of a wish, without its rule.

        For a wish about points, `points` are the ledger's rows and `origin` is the plan of the
        request that made them. `begun` is the plan of this very request where it was half done
        and is resumed. Raises PlanRefused (and VmNotFound, VmAmbiguous) where asking again does
        not help, AzureRefused and AzureUnreachable where it may.
        """
        match self._actions[wish.action].plan:
            case PlanOfVm(make=make):
                return await self._of_vm(
                    make, wish, request_id, revision, now, resumes=begun is not None
                )
            case PlanOfPoints(make=make_of_points):
                if origin is None:
                    raise PlanRefused(_UNKNOWN)
                known = await self._known_or_gone(origin.vm_id, now)
                ground = PointsGround(
                    request_id=request_id,
                    revision=revision,
                    origin=origin,
                    how_made=self._actions[origin.action].words.of_point,
                    points=points,
                    known=known,
                    sizing=sized(known)[0] if known else None,
                    bounds=self._bounds,
                    pricer=self._pricer(now),
                    now=now,
                    half_done_plan=begun,
                )
                return make_of_points(ground, wish)

    async def _of_vm(
        self,
        make: Callable[[VmGround, Wish], RequestPlan],
        wish: Wish,
        request_id: str,
        revision: int,
        now: datetime,
        *,
        resumes: bool,
    ) -> RequestPlan:
        known = await self.known(wish.vm, now)
        sizing, note = sized(known)
        ground = VmGround(
            request_id=request_id,
            revision=revision,
            known=known,
            sizing=sizing,
            bounds=self._bounds,
            pricer=self._pricer(now),
            now=now,
            resumes=resumes,
        )
        plan = make(ground, wish)
        return replace(plan, notes=(*plan.notes, note)) if note else plan

    def _pricer(self, now: datetime) -> Pricer:
        return Pricer(self._prices.book, self._currency, now.date())

    async def _known_or_gone(self, vm_id: str, now: datetime) -> KnownVm | None:
        """The VM; None where it is not found. A reading that failed raises."""
        try:
            return await self._inventory.find(vm_id, now)
        except VmNotFound:
            return None


def sized(known: KnownVm) -> tuple[Sizing, str]:
    """The sizes of a VM, and a note where they are assumed because its tags cannot be read."""
    try:
        return size(known, stated_sizes(AdviceAsked(vm=known.vm.id), known.vm.tags)), ""
    except UsageError as error:
        return size(known, StatedSizes()), f"Its sizes are assumed. {error}"
