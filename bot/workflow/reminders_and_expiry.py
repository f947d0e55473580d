"""What becomes due by itself: the reminder before an expiry, the deletion, a missing review."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial

from advisor.model import DAYS_PER_MONTH, ZERO
from bot.azure.immutability import immutable_until
from bot.azure.refusals import RefusedForGood, RefusedForNow
from bot.azure.steps import deletion_of
from bot.jobs.sweep import AT_ONCE, each
from bot.messages import direct_notes
from bot.messages import request_notes as notes
from bot.messages.disk_notes import disk_expires_soon
from bot.requests.changes import Ask, AuditEntry, Body, Change, Note, NoteKind, PutOff
from bot.requests.model import Kind, Point, Requester
from bot.requests.request import Request
from bot.workflow import transitions
from bot.workflow.break_glass import escalation_channel
from bot.workflow.deletion import LOOKED_AT_AGAIN
from bot.workflow.disk_expiry import ask_about, attached_disks
from bot.workflow.ports import Ports

_log = logging.getLogger(__name__)
VMBACKUP_ITSELF = Requester(team_id="", user_id="")


async def handle_due(ports: Ports) -> None:
    """Remind, expire and escalate what is due now; each is done once, however many sweeps run.

    Raises DatabaseUnreachable, and at the end what went wrong with single requests.
    """
    store = ports.store
    await each(await store.to_remind(AT_ONCE), partial(remind, ports))
    await each(await store.expired(AT_ONCE), partial(expire, ports))
    await each(await store.unreviewed(AT_ONCE), partial(escalate, ports))


async def remind(ports: Ports, request: Request) -> None:
    """Say in the thread that the points expire soon, and what a day more of them costs."""
    points = await ports.store.points(request_id=request.id, alive=True)
    now = await ports.store.now()
    until = await _immutable(ports, points)
    latest = max(until.values(), default=None)
    if any(point.kind is Kind.DISK for point in points):
        message = disk_expires_soon(request, points)
    else:
        message = notes.expires_soon(request, points, _cost_a_day(points), latest)
    key = f"expires-{request.expires_at:%Y%m%d%H%M%S}" if request.expires_at else "expires"
    change = Change(
        to=None,
        entry=AuditEntry(kind="reminded of its end", detail={"at": request.expires_at}),
        fields={"reminded_at": now},
        notes=(
            transitions.thread(key, message),
            *transitions.told(key, request, direct_notes.expires_soon(request)),
        ),
        wake_in=None,
    )
    await ports.store.move(request, change)


async def _immutable(ports: Ports, points: Sequence[Point]) -> dict[str, datetime]:
    """ARM id -> when it may be deleted, of the points that are immutable.

    A point that cannot be read holds up neither reminder nor deletion, which looks again.
    """
    found: dict[str, datetime] = {}
    for point in points:
        try:
            standing = await ports.acts.look(deletion_of(point))
        except (RefusedForNow, RefusedForGood):
            continue
        except Exception:  # noqa: BLE001  the boundary: a mistake of ours keeps no snapshot for ever
            _log.exception("Looking at %s before its end failed.", point.arm_id)
            continue
        if until := immutable_until(standing.resource):
            found[point.arm_id] = until
    return found


def _cost_a_day(points: Sequence[Point]) -> Decimal | None:
    """The cost of all points for one more day; None where a price is missing."""
    months = [point.cost_a_month.likely for point in points if point.cost_a_month is not None]
    return sum(months, ZERO) / DAYS_PER_MONTH if len(months) == len(points) else None


async def expire(ports: Ports, request: Request) -> None:
    """Ask for the deletion of what expired: one at a time, and a later one where it fails.

    What is immutable for longer is put off: Azure would refuse its deletion every hour.
    """
    points, now = await ports.store.points(request_id=request.id), await ports.store.now()
    due = [point for point in points if _is_due(point, now)]
    if attached := await attached_disks(ports, due):
        await ask_about(ports, request, attached, now)
        due = [point for point in due if point not in attached]
        request = await ports.store.get(request.id) or request
    found = await _immutable(ports, due)
    immutable = {arm_id: until for arm_id, until in found.items() if until > now}
    if immutable:
        await _put_off(ports, request, immutable, now)
    expired = [point.arm_id for point in due if point.arm_id not in immutable]
    if not expired:
        return
    named = tuple(expired) if len(expired) < len(points) else ()
    wish = ports.deletion(request.id, "It expired.", named)
    times = await ports.store.deletions(request.id)
    key = f"expiry:{request.id}:{times}"
    ask = Ask(id=ports.new_request_id(), requester=VMBACKUP_ITSELF, wish=wish, content_key=key)
    await ports.store.ask([ask])


def _is_due(point: Point, now: datetime) -> bool:
    times = (point.expires_at, point.delete_after or now)
    return all(time is not None and time <= now for time in times)


async def _put_off(
    ports: Ports, request: Request, immutable: Mapping[str, datetime], now: datetime
) -> None:
    """The thread says it once for each date; a look is taken again every day."""
    key = f"put-off-{max(immutable.values()):%Y%m%d%H%M%S}"
    change = Change(
        to=None,
        entry=AuditEntry(kind="deletion put off", detail={"immutable": immutable}),
        notes=(transitions.thread(key, notes.put_off(request, immutable)),),
        put_off=tuple(
            PutOff(arm_id=arm_id, until=min(until, now + LOOKED_AT_AGAIN))
            for arm_id, until in immutable.items()
        ),
        wake_in=None,
    )
    await ports.store.move(request, change)


async def escalate(ports: Ports, request: Request) -> None:
    """Nobody reviewed a break-glass request in time: say so in the channel of the settings."""
    terms, now = ports.rules.break_glass, await ports.store.now()
    called = (*terms.circle.groups, *terms.circle.users) if terms else ()
    where, why = await escalation_channel(ports, terms) if terms else (request.channel_id, "")

    def message(head: str) -> Body:
        return transitions.body(notes.escalated(request, called, head))

    change = Change(
        to=None,
        entry=AuditEntry(kind="escalated", detail={"to": where} | ({"why": why} if why else {})),
        fields={"escalated_at": now},
        notes=(Note(key="escalated", kind=NoteKind.DIRECT, message=message, channel_id=where),),
        wake_in=None,
    )
    await ports.store.move(request, change)
