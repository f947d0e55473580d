"""How a request ends, or goes back to those who decide: each end is one change with its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.messages import request_notes as notes
from bot.messages.blocks import Message
from bot.requests.approval.rules import Rule
from bot.requests.changes import AuditEntry, Body, Change, Note, NoteKind, Reserve, Signed
from bot.requests.model import Request, RequestPlan
from bot.requests.states import State


def body(message: Message) -> Body:
    """A message as the outbox keeps it."""
    return {"text": message.text, "blocks": list(message.blocks)}


def thread(key: str, message: Message | Signed, of_request: str = "") -> Note:
    """A note in the request's thread, or in that of the request it is about."""
    said = body(message) if isinstance(message, Message) else message
    return Note(key=key, kind=NoteKind.THREAD, message=said, of_request=of_request)


def whisper(key: str, request: Request, message: Message) -> tuple[Note, ...]:
    """To the requester alone, where they asked; nobody is told of what vmbackup asked itself."""
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


def refused(request: Request, why: str, *, to: State = State.REFUSED) -> Change:
    """The rules, the VM or Azure do not allow it. Without a card only the requester is told."""
    said = whisper(f"refused-{request.revision}", request, notes.refused(request, why))
    told = said if not request.channel_id else (*said, thread("end", notes.failed(request, why)))
    return Change(
        to=to,
        entry=AuditEntry(kind=str(to), detail={"why": why}),
        fields={"why": why},
        notes=told,
        wake_in=None,
    )


def not_gone_on(request: Request, why: str) -> Change:
    """It was half done, and what is missing cannot be made: half done it stays."""
    return half_again(
        request,
        Change(
            to=State.HALF_DONE,
            entry=AuditEntry(kind="not gone on with", detail={"why": why}),
            fields={"why": why},
            notes=(thread(f"not-gone-on-{request.version}", notes.not_gone_on(request, why)),),
            wake_in=None,
        ),
    )


def half_again(request: Request, change: Change) -> Change:
    """The end of what was half done before: not over, for what exists must be seen to."""
    fields = {**change.fields, "approved_at": request.approved_at or request.asked_at}
    return replace(change, to=State.HALF_DONE, fields=fields)


def lapsed(request: Request, *, exists: bool = False) -> Change:
    """Nobody decided in time. `exists`: it was half done before."""
    why = "Nobody decided in time."
    key = f"lapsed-{request.revision}" if exists else "end"
    change = Change(
        to=State.LAPSED,
        entry=AuditEntry(kind="lapsed"),
        fields={"why": why},
        notes=(thread(key, notes.lapsed(request, exists=exists)),),
        wake_in=None,
    )
    return half_again(request, change) if exists else change


def asked_again(
    request: Request,
    plan: RequestPlan,
    rule: Rule,
    changes: Sequence[str],
    *,
    now: datetime,
    button: str,
    reserve: Reserve | None,
    look_by: datetime | None,
) -> Change:
    """The approval is void: a new revision of the plan, a new card, and what is different.

    It is decided in the usual way from here on. `look_by`: what was made under a broken glass
    is still looked at until then; None where nothing was.
    """
    again = replace(request, revision=plan.revision, plan=plan)
    why = "The plan changed after it was approved: " + " ".join(changes)
    return Change(
        to=State.WAITING,
        entry=AuditEntry(
            kind="voided", detail={"changes": list(changes), "revision": plan.revision}
        ),
        fields={
            "plan": plan,
            "revision": plan.revision,
            "button": button,
            "decide_by": now + rule.wait,
            "channel_id": rule.channel,
            "approved_at": None,
            "begin_by": None,
            "reminded_at": None,
            "look_by": look_by,
            "why": why,
        },
        notes=(
            thread(
                f"voided-{plan.revision}", lambda head: body(notes.voided(again, changes, head))
            ),
        ),
        reserve=reserve,
        new_card=True,
        wake_in=first_look(rule),
    )


def first_look(rule: Rule) -> timedelta:
    """When a waiting request is next looked at: at its first reminder, or its end."""
    return min((*rule.reminders, rule.wait))
