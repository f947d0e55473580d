"""What a plan stands on: the VM as it was read, or the points that an earlier request made."""

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

    `resumes`: the request was half done and is resumed, so that a young restore point of the VM
    may be its own.
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

    `origin` says what each disk was. `known` None: the VM is not found any more. `begun` is the
    plan of this request that was half done, where it is resumed: what it changed of the VM
    already is not taken for how the VM was.
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
    begun: RequestPlan | None = None
