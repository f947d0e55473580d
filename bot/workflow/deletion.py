"""How a deletion ends: told under the card of what it deleted, and tried again where it failed."""

from __future__ import annotations

import hashlib

from bot.messages import request_notes as notes
from bot.requests.changes import AuditEntry, Change
from bot.requests.model import Request
from bot.requests.states import State
from bot.workflow import transitions
from bot.workflow.ports import Ports

_SHORT = 12  #: digits of a hash that tell one reason from another


async def deleted(ports: Ports, request: Request) -> Change:
    """What it was about is gone; a half-done request that was cleaned up is over by it."""
    source_id = request.wish.of_request
    await cleaned_up(ports, source_id)
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


async def cleaned_up(ports: Ports, source_id: str) -> None:
    """What was half done is over once nothing of it is left.

    Before the deletion's own end, so that a crash between the two leaves something to be done
    again.
    """
    source = await ports.store.get(source_id)
    if source is None or source.state is not State.HALF_DONE:
        return
    if await ports.store.points(request_id=source_id, alive=True):
        return
    change = Change(
        to=State.CLEANED_UP,
        entry=AuditEntry(kind="cleaned up"),
        fields={"why": ""},
        notes=(transitions.thread("end", notes.cleaned_up(source)),),
        wake_in=None,
    )
    await ports.store.move(source, change)


async def refused_deletion(ports: Ports, request: Request, why: str) -> Change:
    """It was not begun: said under the card of what stays, unless nothing of that is left."""
    source_id = _source_of(request)
    await cleaned_up(ports, source_id)
    if source_id and await ports.store.points(request_id=source_id, alive=True):
        return not_deleted(request, why)
    return transitions.refused(request, why)


def _source_of(request: Request) -> str:
    """Whose points it is about."""
    return request.wish.of_request or (request.plan.of_request if request.plan else "")


def not_deleted(request: Request, why: str) -> Change:
    """It stays, for a lock or because it is not what the ledger says; it is tried again later.

    An expiry is tried every hour: the same reason is told once.
    """
    reason = hashlib.sha256(why.encode()).hexdigest()[:_SHORT]
    key = f"not-deleted-{request.id if request.requester.user_id else reason}"
    said = notes.not_deleted(request, why)
    return Change(
        to=State.FAILED,
        entry=AuditEntry(kind="not deleted", detail={"of": request.wish.of_request, "why": why}),
        fields={"why": why},
        notes=(transitions.thread(key, said, of_request=_source_of(request)),),
        wake_in=None,
    )
