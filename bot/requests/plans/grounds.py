"""What a plan is made from: the VM as it was read, or the points of an earlier request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from advisor.model import KnownVm, Sizing
from advisor.prices.pricing import Pricer
from bot.requests.model import Point, RequestPlan
from bot.requests.plans.bounds import Bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class VmGround:
    """A VM as it was read now.

    `resumes`: the request is half done and is resumed, so that a recent restore point of the VM
    may be the request's own.
    """

    request_id: str
    revision: int
    known: KnownVm
    sizing: Sizing
    bounds: Bounds
    pricer: Pricer
    now: datetime
    resumes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsGround:
    """Points of the ledger and the plan of the request that made them (`origin`).

    `origin` has the properties of each disk. `known` None: the VM does not exist any more.
    `half_done_plan` is the plan of this request, where it is half done and resumed: what its steps
    changed of the VM already is not mistaken for the state of the VM before them.
    """

    request_id: str
    revision: int
    origin: RequestPlan
    how_made: str  #: of the origin's points: `taken`
    points: Sequence[Point]
    known: KnownVm | None
    sizing: Sizing | None
    bounds: Bounds
    pricer: Pricer
    now: datetime
    half_done_plan: RequestPlan | None = None
