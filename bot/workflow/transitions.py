"""How a request ends: each end is one change with its notes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.messages import direct_notes
from bot.messages import request_notes as notes
from bot.messages import urgent_notes as urgent
from bot.messages.asked_notes import existing_request
from bot.messages.blocks import Message
from bot.requests.approval.rules import Rule, limit_of
from bot.requests.changes import AuditEntry, Body, Change, Note, NoteKind, Signed
from bot.requests.model import RequestPlan
from bot.requests.plan_hash import plan_hash
from bot.requests.request import Request
from bot.requests.states import State
from bot.workflow.find_card import CardPlace


def body(message: Message) -> Body:
    """A message as the outbox keeps it."""
    return {"text": message.text, "blocks": list(message.blocks)}


def thread(key: str, message: Message | Signed, of_request: str = "") -> Note:
    """A note in the request's thread, or in that of the request it is about."""
    content = body(message) if isinstance(message, Message) else message
    return Note(key=key, kind=NoteKind.THREAD, message=content, of_request=of_request)


def audited_plan(plan: RequestPlan) -> dict[str, Any]:
    """What the audit keeps of a plan: the hash binds all of it."""
    return {
        "plan": plan_hash(plan),
        "revision": plan.revision,
        "vm": plan.vm_id,
        "rule": plan.rule,
        "limit": limit_of(plan),
        "currency": plan.cost.currency,
    }


def whisper(key: str, request: Request, message: Message) -> tuple[Note, ...]:
    """A note to the requester alone, in the channel of the request; none where vmbackup asked."""
    if not request.requester.user_id:
        return ()
    return (
        Note(
            key=key,
            kind=NoteKind.WHISPER,
            message=body(message),
            channel_id=request.requester.channel_id,
            user_id=request.requester.user_id,
        ),
    )


def told(key: str, request: Request, message: Message) -> tuple[Note, ...]:
    """A direct message to the requester, unless they are in the channel of the card.

    Whoever asked in that channel is in it; of everybody else the sender finds out.
    """
    who = request.requester
    if not who.user_id or not request.channel_id or who.channel_id == request.channel_id:
        return ()
    return (
        Note(
            key=f"told-{key}",
            kind=NoteKind.DIRECT,
            message=body(message),
            user_id=who.user_id,
            unless_in=request.channel_id,
        ),
    )


def refused(request: Request, why: str, *, to: State = State.REFUSED) -> Change:
    """The rules, the VM or Azure do not allow it; where it has a card, its thread says so, too."""
    to_requester = whisper(f"refused-{request.revision}", request, notes.refused(request, why))
    in_thread = (thread("end", notes.failed(request, why)),) if request.channel_id else ()
    return Change(
        to=to,
        entry=AuditEntry(kind=str(to), detail={"why": why}),
        fields={"why": why},
        notes=(*to_requester, *in_thread),
        wake_in=None,
    )


def pointed_to(request: Request, first: Request, place: CardPlace) -> Change:
    """Another request for the same is under way; the requester alone is shown it, and its card.

    Whoever wanted to break the glass for it is named in its thread, and so follows it.
    """
    change = refused(request, f"{first.id} is under way for the same.")
    if request.wish.break_glass and first.state in (State.APPROVED, State.RUNNING):
        followed = urgent.followed(first, request.requester.user_id)
        in_thread = thread(f"followed-{request.id}", followed, of_request=first.id)
        return replace(
            change,
            notes=(*whisper("pointed", request, urgent.is_followed(first, place.link)), in_thread),
        )
    pointer = existing_request(first, request.requester, place.link, is_anew=place.is_anew)
    return replace(change, notes=whisper("pointed", request, pointer))


def superseded(former: Request, by: Request) -> Change:
    """A break-glass request takes the place of this one, which nobody decided yet."""
    who = by.requester.user_name or by.requester.user_id
    why = f"@{who} broke the glass for the same: {by.id} takes the place of this request."
    in_thread = thread(
        "end",
        lambda head: body(urgent.superseded(former, by.requester.user_id, by.id, head)),
    )
    return Change(
        to=State.CANCELLED,
        entry=AuditEntry(kind="superseded", who=by.requester.user_id, detail={"by": by.id}),
        fields={"why": why},
        notes=(
            *whisper("superseded", former, urgent.is_superseded(former, why)),
            in_thread,
        ),
        wake_in=None,
    )


def not_resumed(request: Request, why: str) -> Change:
    """A half-done request was resumed and cannot make what is missing: it stays half done."""
    return return_to_half_done(
        request,
        Change(
            to=State.HALF_DONE,
            entry=AuditEntry(kind="not gone on with", detail={"why": why}),
            fields={"why": why},
            notes=(thread(f"not-gone-on-{request.version}", notes.not_resumed(request, why)),),
            wake_in=None,
        ),
    )


def return_to_half_done(request: Request, change: Change) -> Change:
    """The same change to `half done` instead: what the request made earlier must be cleaned up."""
    fields = {**change.fields, "approved_at": request.approved_at or request.asked_at}
    return replace(change, to=State.HALF_DONE, fields=fields)


def lapsed(request: Request, *, exists: bool = False) -> Change:
    """Nobody decided in time. `exists`: the request was half done before."""
    why = "Nobody decided in time."
    key = f"lapsed-{request.revision}" if exists else "end"
    change = Change(
        to=State.LAPSED,
        entry=AuditEntry(kind="lapsed"),
        fields={"why": why},
        notes=(
            thread(key, notes.lapsed(request, exists=exists)),
            *told(key, request, direct_notes.expired(request)),
        ),
        wake_in=None,
    )
    return return_to_half_done(request, change) if exists else change


def first_check(rule: Rule) -> timedelta:
    """The time until a waiting request is checked: its first reminder, or its end."""
    return min((*rule.reminders, rule.wait))
