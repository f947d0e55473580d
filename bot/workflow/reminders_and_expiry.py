"""What becomes due by itself: a reminder before the end, the deletion, a look that nobody took."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from advisor.model import DAYS_PER_MONTH, ZERO
from bot.jobs.sweep import AT_ONCE, each
from bot.messages import request_notes as notes
from bot.requests.approval.choose_rule import channel_ruling
from bot.requests.approval.rules import BreakGlass
from bot.requests.changes import Ask, AuditEntry, Body, Change, Note, NoteKind
from bot.requests.model import Point, Request, Requester
from bot.workflow import transitions
from bot.workflow.ports import Ports

OURSELVES = Requester(team_id="", user_id="")


async def aftercare(ports: Ports) -> None:
    """Everything of this kind that is due now; each is done once, whoever else looks.

    Raises DatabaseUnreachable, and at the end what went wrong with single requests.
    """
    store = ports.store
    await each(await store.to_remind(AT_ONCE), partial(remind, ports))
    await each(await store.expired(AT_ONCE), partial(expire, ports))
    await each(await store.unreviewed(AT_ONCE), partial(escalate, ports))


async def remind(ports: Ports, request: Request) -> None:
    points = await ports.store.points(request_id=request.id, alive=True)
    now = await ports.store.now()
    said = notes.expires_soon(request, points, _a_day(points))
    key = f"expires-{request.expires_at:%Y%m%d%H%M%S}" if request.expires_at else "expires"
    change = Change(
        to=None,
        entry=AuditEntry(kind="reminded of its end", detail={"at": request.expires_at}),
        fields={"reminded_at": now},
        notes=(transitions.thread(key, said),),
        wake_in=None,
    )
    await ports.store.move(request, change)


def _a_day(points: Sequence[Point]) -> Decimal | None:
    """What a day more of them costs; None where a price is missing."""
    months = [point.cost_a_month.likely for point in points if point.cost_a_month is not None]
    return sum(months, ZERO) / DAYS_PER_MONTH if len(months) == len(points) else None


async def expire(ports: Ports, request: Request) -> None:
    """One deletion at a time, whoever else sweeps; again later where it does not succeed."""
    points, now = await ports.store.points(request_id=request.id), await ports.store.now()
    over = [one.arm_id for one in points if one.expires_at is not None and one.expires_at <= now]
    named = tuple(over) if len(over) < len(points) else ()
    wish = ports.deletion(request.id, "It expired.", named)
    times = await ports.store.deletions(request.id)
    key = f"expiry:{request.id}:{times}"
    ask = Ask(id=ports.new_request_id(), requester=OURSELVES, wish=wish, content_key=key)
    await ports.store.ask([ask])


async def escalation(ports: Ports, terms: BreakGlass) -> tuple[str, str]:
    """Where it is said that nobody looked, and why not where the settings want it.

    A channel that is shared with others, or that Slack does not show, hears nothing of it; the
    one in which the glass is broken does instead.
    """
    facts = await ports.people.channel(terms.escalate_to)
    ruling = channel_ruling("break_glass", terms.escalate_to, facts, external=False)
    return (terms.escalate_to, "") if ruling.allowed else (terms.channel, ruling.sentence)


async def escalate(ports: Ports, request: Request) -> None:
    """Nobody looked at a broken glass in time: it is said in the channel of the settings."""
    terms, now = ports.rules.break_glass, await ports.store.now()
    called = (*terms.circle.groups, *terms.circle.users) if terms else ()
    where, why = await escalation(ports, terms) if terms else (request.channel_id, "")

    def said(head: str) -> Body:
        return transitions.body(notes.escalated(request, called, head))

    change = Change(
        to=None,
        entry=AuditEntry(kind="escalated", detail={"to": where} | ({"why": why} if why else {})),
        fields={"escalated_at": now},
        notes=(Note(key="escalated", kind=NoteKind.DIRECT, message=said, channel_id=where),),
        wake_in=None,
    )
    await ports.store.move(request, change)
