"""Waiting: the card waits for approvers; the worker only reminds them and ends the wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.messages import request_notes as notes
from bot.requests.approval.choose_rule import choose_rule
from bot.requests.approval.rules import Rule
from bot.requests.changes import AuditEntry, Change, Note
from bot.requests.request import Request
from bot.workflow import transitions
from bot.workflow.card_facts import facts_of
from bot.workflow.lease import Lease
from bot.workflow.ports import Ports

_SOONEST = timedelta(seconds=1)


async def handle_waiting(ports: Ports, request: Request, lease: Lease) -> None:
    """End a request whose time is over, remind where that is due, and set the next check."""
    now = await ports.store.now()
    if request.decide_by is None or now >= request.decide_by:
        exists = bool(await ports.store.points(request_id=request.id, alive=True))
        await ports.store.move(request, transitions.lapsed(request, exists=exists), lease.token)
        return
    rule = choose_rule(request.plan, ports.rules) if request.plan else None
    since = request.decide_by - (rule.wait if rule else timedelta())
    due = [] if rule is None else [each for each in rule.reminders if since + each <= now]
    if due and request.reminded_at is not None and request.reminded_at >= since + due[-1]:
        due = []
    wake_in = _next_check(rule, since, request.decide_by, now)
    change = Change(
        to=None,
        entry=AuditEntry(kind="reminded", detail={"revision": request.revision, "times": len(due)}),
        fields={"reminded_at": now},
        notes=(_reminder(request, rule, len(due)),) if rule and due else (),
        wake_in=wake_in,
    )
    if change.notes:
        await ports.store.move(request, change, lease.token)
    else:
        await ports.store.release(request.id, lease.token, wake_in)


def _next_check(rule: Rule | None, since: datetime, end: datetime, now: datetime) -> timedelta:
    moments = [end, *(since + each for each in (rule.reminders if rule else ()))]
    return max(min(each for each in moments if each > now) - now, _SOONEST)


def _reminder(request: Request, rule: Rule, number: int) -> Note:
    """The key holds the number: each is sent once, and only the latest where several are due."""
    message = notes.reminder(request, facts_of(rule))
    return transitions.thread(f"reminder-{request.revision}-{number}", message)
