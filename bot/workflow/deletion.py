"""How a deletion ends: its note stands under the card of the request whose points it deletes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.azure.refusals import IMMUTABLE
from bot.messages import request_notes as notes
from bot.requests.changes import AuditEntry, Change, PutOff
from bot.requests.model import Step
from bot.requests.request import Request
from bot.requests.states import State
from bot.workflow import transitions
from bot.workflow.ports import Ports
from bot.workflow.rollback import rest_of

#: What is immutable is looked at again so soon: a policy that is not locked may be lifted earlier
#: (disks-incremental-snapshots, immutabilityPolicy of API 2026-03-02).
LOOKED_AT_AGAIN = timedelta(days=1)
_SHORT = 12  #: digits of a hash that tell one reason from another


async def deletion_done(ports: Ports, request: Request) -> Change:
    """The points are gone; a half-done request that was cleaned up ends with it."""
    source_id = request.wish.of_request
    await end_if_cleaned_up(ports, source_id)
    gone = [
        point
        for point in await ports.store.points(request_id=source_id, alive=False)
        if point.deleted_at is not None
    ]
    return Change(
        to=State.DONE,
        entry=AuditEntry(kind="deleted", detail={"of": source_id}),
        fields={"why": ""},
        notes=(
            transitions.thread(
                f"deleted-{request.id}", notes.deleted(request, gone), of_request=source_id
            ),
        ),
        wake_in=None,
    )


async def end_if_cleaned_up(ports: Ports, source_id: str) -> None:
    """End the half-done request `source_id` once no point of it is left.

    It ends before the deletion does, so that a worker repeats both after a crash between them.
    What Azure began and did not let us remove is no point: it is looked for, and named.
    """
    source = await ports.store.get(source_id)
    if source is None or source.state is not State.HALF_DONE:
        return
    if await ports.store.points(request_id=source_id, alive=True):
        return
    left = await rest_of(ports, await ports.store.steps(source_id))
    change = Change(
        to=State.CLEANED_UP,
        entry=AuditEntry(kind="cleaned up", detail={"left": left}),
        fields={"why": ""},
        notes=(transitions.thread("end", notes.cleaned_up(source, left)),),
        wake_in=None,
    )
    await ports.store.move(source, change)


async def deletion_refused(ports: Ports, request: Request, why: str) -> Change:
    """The deletion did not begin: the card of the points says so, where there are any left."""
    source_id = _source_of(request)
    await end_if_cleaned_up(ports, source_id)
    if source_id and await ports.store.points(request_id=source_id, alive=True):
        return deletion_failed(request, why)
    return transitions.refused(request, why)


def _source_of(request: Request) -> str:
    """The request whose points are deleted."""
    return request.wish.of_request or (request.plan.of_request if request.plan else "")


def immutable_steps(steps: Sequence[Step], now: datetime) -> tuple[PutOff, ...]:
    """What Azure says is immutable, whether or not it says until when."""
    return tuple(
        PutOff(arm_id=step.target_id, until=now + LOOKED_AT_AGAIN)
        for step in steps
        if step.why.startswith(IMMUTABLE)
    )


def deletion_failed(request: Request, why: str, put_off: tuple[PutOff, ...] = ()) -> Change:
    """A point stays: Azure has a lock on it, or it is not what the ledger says.

    An expiry is tried every hour, and its thread says the same reason once.
    """
    reason = hashlib.sha256(why.encode()).hexdigest()[:_SHORT]
    key = f"not-deleted-{request.id if request.requester.user_id else reason}"
    message = notes.not_deleted(request, why)
    return Change(
        to=State.FAILED,
        entry=AuditEntry(kind="not deleted", detail={"of": request.wish.of_request, "why": why}),
        fields={"why": why},
        notes=(transitions.thread(key, message, of_request=_source_of(request)),),
        put_off=put_off,
        wake_in=None,
    )
