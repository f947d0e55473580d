"""What the store writes for a click that the rules accept: one pure function per kind of click."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.messages import direct_notes
from bot.messages import request_notes as notes
from bot.messages.blocks import Message
from bot.requests.approval.choose_rule import choose_rule
from bot.requests.approval.clicks import ClickRuling
from bot.requests.approval.people import Membership
from bot.requests.approval.rules import RequestRules, Rule
from bot.requests.approval.who_may import still_needed
from bot.requests.changes import WAKE_AT_ONCE, Ask, AuditEntry, Change, ClickJudgement, Note
from bot.requests.model import Approval, Click, ClickKind, Requester
from bot.requests.plan_hash import plan_hash
from bot.requests.request import Request
from bot.requests.states import State
from bot.workflow.card_facts import approvers
from bot.workflow.ports import Deletion
from bot.workflow.transitions import body, return_to_half_done, thread, told


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedClick:
    """A click whose ruling writes something, with everything that the change is made from."""

    click: Click  #: with the person's name as Slack has it
    request: Request
    ruling: ClickRuling
    approvals: Sequence[Approval]  #: of the request, before this click
    groups: Membership
    rules: RequestRules
    is_half_done: bool  #: the request made something already
    now: datetime

    def entry(self, kind: str, **detail: str) -> AuditEntry:
        """The audit entry: who clicked, on which revision, and why they were allowed."""
        allowed = self.ruling.why_allowed
        why = {"why_allowed": allowed} if allowed else {}
        revision = {"revision": self.request.revision}
        return AuditEntry(kind=kind, who=self.click.user_id, detail={**revision, **why, **detail})

    def note(self, name: str, message: Callable[[str], Message]) -> tuple[Note, ...]:
        """One note in the request's thread; `message` takes the audit's head."""
        return (thread(f"{name}-{self.click.id}", lambda head: body(message(head))),)

    def told(self, name: str, message: Message) -> tuple[Note, ...]:
        """The same directly to the requester, unless they are in the channel of the card."""
        return told(f"{name}-{self.click.id}", self.request, message)


def judgement_of(accepted: AcceptedClick, answer: Note) -> ClickJudgement:
    """The change that the click makes and, for a yes, the approval that is stored with it."""
    approval = _approval_of(accepted) if accepted.ruling.add_approval else None
    change = _CHANGES.get(accepted.click.kind)
    if change is None:
        raise ValueError(f"A click of {accepted.click.kind} changes no request.")
    return ClickJudgement(notes=(answer,), change=change(accepted), approval=approval)


def clean_up_of(
    accepted: AcceptedClick, answer: Note, new_request_id: str, deletion: Deletion
) -> ClickJudgement:
    """A request of its own deletes what exists, as its own rules say; a half-done request waits
    for it."""
    click, request = accepted.click, accepted.request
    half_done = request.state is State.HALF_DONE
    ask = Ask(
        id=new_request_id,
        requester=Requester(
            team_id=click.team_id,
            user_id=click.user_id,
            user_name=click.user_name,
            channel_id=click.channel_id,
        ),
        wish=deletion(request.id, "It was half done." if half_done else "It is not needed."),
        content_key=f"clean-up:{request.id}:{request.version}",
        trace=click.trace,
    )
    change = Change(
        to=None,
        entry=accepted.entry("is cleaned up" if half_done else "is deleted early", by=ask.id),
        notes=accepted.note(
            "clean-up", lambda head: notes.cleaning_up(request, click.user_id, head)
        ),
        wake_in=None,
    )
    return ClickJudgement(notes=(answer,), change=change, create=ask)


# --- approve ---------------------------------------------------------------------------------


def _approval_of(accepted: AcceptedClick) -> Approval:
    request, click = accepted.request, accepted.click
    if request.plan is None:
        raise ValueError(f"{request.id} is approved without a plan.")
    return Approval(
        request_id=request.id,
        revision=request.revision,
        user_id=click.user_id,
        user_name=click.user_name,
        plan_hash=plan_hash(request.plan),
        why_allowed=accepted.ruling.why_allowed,
        at=accepted.now,
    )


def _approve(accepted: AcceptedClick) -> Change:
    request, ruling, rules = accepted.request, accepted.ruling, accepted.rules
    rule = choose_rule(request.plan, rules) if request.plan else None
    is_enough = ruling.move_to is State.APPROVED
    needed = "" if is_enough or rule is None else _still_needed(accepted, rule)
    hashed = plan_hash(request.plan) if ruling.add_approval and request.plan else ""
    begin_by = {"begin_by": accepted.now + rules.begin_within} if is_enough else {}
    direct = direct_notes.approved(request, accepted.click.user_id)
    told_directly = accepted.told("approved", direct) if is_enough else ()
    return Change(
        to=ruling.move_to,
        entry=accepted.entry("approved", plan=hashed),
        fields={**begin_by, "why": ""},
        notes=accepted.note(
            "approved",
            lambda head: notes.approved(
                request, accepted.click.user_id, ruling.why_allowed, needed, head
            ),
        )
        + told_directly,
        wake_in=WAKE_AT_ONCE if is_enough else None,
    )


def _still_needed(accepted: AcceptedClick, rule: Rule) -> str:
    """The demands of the rule that are open after this click, in words."""
    request, click = accepted.request, accepted.click
    before = approvers(request, request.plan, accepted.approvals) if request.plan else ()
    left = still_needed((*before, click.user_id), rule, accepted.groups)
    return accepted.rules.demand_words(left)


# --- deny and cancel -------------------------------------------------------------------------


def _deny(accepted: AcceptedClick) -> Change:
    request, click, exists = accepted.request, accepted.click, accepted.is_half_done
    who = click.user_name or click.user_id
    change = Change(
        to=State.DENIED,
        entry=accepted.entry("denied", reason=click.text),
        fields={"why": f"@{who} denied it: {click.text.strip()}"},
        notes=accepted.note(
            "denied",
            lambda head: notes.denied(request, click.user_id, click.text, head, exists=exists),
        )
        + accepted.told("denied", direct_notes.denied(request, click.user_id, click.text)),
        wake_in=None,
    )
    return return_to_half_done(request, change) if exists else change


def _cancel(accepted: AcceptedClick) -> Change:
    """The request ends; one that runs is asked to stop, and its worker ends it.

    The requester does so, or a person who may decide.
    """
    return _stop(accepted) if accepted.ruling.ask_cancel else _end(accepted)


def _stop(accepted: AcceptedClick) -> Change:
    request, click = accepted.request, accepted.click
    return Change(
        to=None,
        entry=accepted.entry("asked to stop"),
        fields={"cancel_asked_by": click.user_id},
        notes=accepted.note("cancel", lambda head: notes.stopping(request, click.user_id, head)),
    )


def _end(accepted: AcceptedClick) -> Change:
    request, click, exists = accepted.request, accepted.click, accepted.is_half_done
    who = click.user_name or click.user_id
    is_own = click.user_id == request.requester.user_id
    direct = direct_notes.stopped(request, click.user_id, click.text)
    change = Change(
        to=State.CANCELLED,
        entry=accepted.entry("cancelled"),
        fields={"why": "Whoever asked took it back." if is_own else _stopped(who, click.text)},
        notes=accepted.note(
            "cancel", lambda head: notes.cancelled(request, click.user_id, head, exists=exists)
        )
        + (() if is_own else accepted.told("cancel", direct)),
        wake_in=None,
    )
    return return_to_half_done(request, change) if exists else change


def _stopped(who: str, reason: str) -> str:
    """`@grace stopped it: not during the sale.`; the reason is typed with a cancellation."""
    return f"@{who} stopped it: {reason.strip()}" if reason.strip() else f"@{who} stopped it."


# --- resume and review -----------------------------------------------------------------------


def _resume(accepted: AcceptedClick) -> Change:
    """The approval keeps its age: where it is too old by now, approvers are asked again."""
    request, click = accepted.request, accepted.click
    return Change(
        to=State.APPROVED,
        entry=accepted.entry("goes on"),
        fields={"approved_at": request.approved_at, "cancel_asked_by": "", "why": ""},
        notes=accepted.note("goes-on", lambda head: notes.resuming(request, click.user_id, head)),
    )


def _review(accepted: AcceptedClick) -> Change:
    """A break-glass request is reviewed; its state stays as it is."""
    request, click = accepted.request, accepted.click
    return Change(
        to=None,
        entry=accepted.entry("looked"),
        fields={"looked_by": click.user_id},
        notes=accepted.note("looked", lambda head: notes.reviewed(request, click.user_id, head)),
        wake_in=None,
    )


_CHANGES: Mapping[ClickKind, Callable[[AcceptedClick], Change]] = {
    ClickKind.APPROVE: _approve,
    ClickKind.DENY: _deny,
    ClickKind.CANCEL: _cancel,
    ClickKind.WITHDRAW: _cancel,
    ClickKind.GO_ON: _resume,
    ClickKind.LOOKED: _review,
}
