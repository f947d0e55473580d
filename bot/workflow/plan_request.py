"""The plan of a request and the points it is about, as Azure and the ledger have them now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from advisor.errors import (
    AzureRefused,
    AzureUnreachable,
    DatabaseUnreachable,
    InputUnreadable,
    PriceError,
    VmbackupError,
)
from bot.requests.approval.people import Membership, Person
from bot.requests.model import Point, RequestPlan
from bot.requests.request import Request
from bot.workflow.origin import origin_of
from bot.workflow.ports import NotNow, Ports
from bot.workflow.refused import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRequest:
    """A request with its requester as read now and its plan as made now."""

    request: Request
    requester: Person | None  #: None: vmbackup itself asks
    groups: Membership
    plan: RequestPlan
    now: datetime


async def make_plan(ports: Ports, request: Request, revision: int, now: datetime) -> RequestPlan:
    """The plan as Azure stands now. Raises NotNow, or Refused with the sentence."""
    points = await read_points(ports, request)
    try:
        return await ports.plans.plan(request, revision, points, now)
    except AzureUnreachable as error:
        raise NotNow(str(error), _named_wait(error)) from error
    except AzureRefused as error:
        if error.reason.startswith("429"):
            raise NotNow(str(error), _named_wait(error)) from error
        raise Refused(str(error)) from error
    except (InputUnreadable, PriceError) as error:
        raise NotNow(str(error)) from error
    except DatabaseUnreachable:
        raise  # says nothing about the wish: the next worker makes the plan again
    except VmbackupError as error:
        raise Refused(str(error)) from error


def _named_wait(error: AzureRefused | AzureUnreachable) -> timedelta | None:
    """What Azure asked us to wait; None: it named nothing."""
    seconds = error.retry_after_seconds
    return None if seconds is None else timedelta(seconds=seconds)


async def read_points(ports: Ports, request: Request) -> tuple[Point, ...]:
    """The points that the request is about: those of another request, or those of these names.

    Raises Refused where a name is that of points of several requests.
    """
    wish = request.wish
    if wish.of_request:
        return await _points_made_by(ports, wish.of_request)
    named = [point for name in wish.points for point in await ports.store.points_named(name)]
    if len({point.request_id for point in named}) > 1:
        raise Refused("Several are called so. Name it by its full id, which its thread says.")
    return tuple(named)


async def _points_made_by(ports: Ports, request_id: str) -> tuple[Point, ...]:
    """Raises Refused where that request never made anything."""
    origin = await origin_of(ports.store, request_id)
    if origin is None:
        return ()
    if not await ports.store.points(request_id=origin.id, alive=False):
        raise Refused(
            f"{request_id} made nothing of its own, so nothing can be done with it. "
            "/vmbackup snapshots lists what there is."
        )
    return await ports.store.points(request_id=origin.id, alive=True)
