"""The decision about a click on a request's button: pure, and always with an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.requests.action import Effect
from bot.requests.approval.choose_rule import choose_rule, no_rule
from bot.requests.approval.people import Membership, Person
from bot.requests.approval.rules import RequestRules
from bot.requests.approval.rulings import UNKNOWN, Ruling, RulingReason, no, sentence_of
from bot.requests.approval.who_may import (
    counted_approvals,
    may_ask,
    may_decide,
    still_needed,
    tally,
    unreadable,
)
from bot.requests.model import Approval, Click, ClickKind, Kind, Requester, RequestPlan
from bot.requests.plan_hash import plan_hash
from bot.requests.request import Request
from bot.requests.states import FINAL, MEANING, State


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickRuling:
    """What to write for a click, and the answer to the person who clicked.

    A ruling that writes nothing means no.
    """

    reason: RulingReason
    sentence: str
    add_approval: bool = False
    move_to: State | None = None
    ask_cancel: bool = False
    create_clean_up: bool = False
    reviewed: bool = False
    why_allowed: str = ""  #: of an approval and a denial: "member of vm-approvers"

    @property
    def is_unknown(self) -> bool:
        """Whether the answer is no only because a fact could not be read: try again later."""
        return self.reason in UNKNOWN

    @property
    def acts(self) -> bool:
        """Whether the ruling writes anything besides the answer."""
        writes = self.add_approval or self.ask_cancel or self.create_clean_up or self.reviewed
        return writes or self.move_to is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClickCase:
    """One click with all facts that are needed to judge it."""

    click: Click
    request: Request
    approvals: Sequence[Approval]
    person: Person | None
    groups: Membership
    rules: RequestRules
    now: datetime


def judge_click(
    click: Click,
    request: Request | None,
    approvals: Sequence[Approval],
    person: Person | None,
    groups: Membership,
    rules: RequestRules,
    now: datetime,
) -> ClickRuling:
    """The decision about one click, from stored facts and those just read from Slack.

    `request` is the one that the button belongs to, in any revision; `approvals` are all of its
    approvals; `person` is the person who clicked, None where Slack could not be read. An unknown
    fact means no.
    """
    if request is None or not click.button:
        return _answer(RulingReason.UNKNOWN_BUTTON)
    if click.kind is not ClickKind.WITHDRAW:  # typed anywhere, whatever the revision
        if click.channel_id != request.channel_id:
            return _answer(RulingReason.OTHER_CHANNEL)
        if click.button != request.button:
            return _answer(RulingReason.OTHER_REVISION)
    known = person if person is not None and _is_same(click, person) else None
    return _JUDGES[click.kind](
        _ClickCase(
            click=click,
            request=request,
            approvals=approvals,
            person=known,
            groups=groups,
            rules=rules,
            now=now,
        )
    )


def groups_to_read(click: Click, request: Request | None, rules: RequestRules) -> frozenset[str]:
    """The ids of the user groups that the judgement of this click needs, and no others."""
    if request is None or (
        click.kind in (ClickKind.CANCEL, ClickKind.WITHDRAW)
        and _is_requester(click, request.requester)
    ):
        return frozenset()
    rule = choose_rule(request.plan, rules) if request.plan else None
    wanted = set(rule.approver_groups) if rule else set()
    if click.kind in (ClickKind.GO_ON, ClickKind.CLEAN_UP, ClickKind.DELETE_NOW):
        wanted |= rules.requester_groups(request.row.facts.privilege)
    return frozenset(wanted)


def _is_same(click: Click, person: Person) -> bool:
    return person.user_id == click.user_id


# --- approve and deny ------------------------------------------------------------------------


def _approve(case: _ClickCase) -> ClickRuling:
    ruling = _decision(case)
    plan = case.request.plan
    rule = choose_rule(plan, case.rules) if plan else None
    if not ruling.allowed or plan is None or rule is None:
        return _refused(ruling)
    counted = counted_approvals(
        case.approvals, case.request.revision, plan_hash(plan), case.request.requester
    )
    before = {approval.user_id for approval in counted}
    people = before | {case.click.user_id}
    counts = tally(people, rule, case.groups)
    if counts.unread and not counts.missing:
        return _refused(unreadable(counts.unread, case.rules))
    again = case.click.user_id in before
    if counts.enough:
        return _approved(ruling, add_approval=not again)
    needed = case.rules.demand_words(still_needed(people, rule, case.groups))
    if again:
        return _answer(RulingReason.ALREADY_APPROVED_BY_YOU, needed=needed)
    recorded = sentence_of(RulingReason.MORE_NEEDED, why=ruling.why, needed=needed)
    return ClickRuling(
        reason=RulingReason.MORE_NEEDED,
        sentence=recorded,
        add_approval=True,
        why_allowed=ruling.why,
    )


def _approved(ruling: Ruling, *, add_approval: bool) -> ClickRuling:
    """The approvals suffice.

    The approval is not added where the person's earlier one counts already and suffices only now,
    because a group can be read again.
    """
    return ClickRuling(
        reason=RulingReason.ENOUGH,
        sentence=sentence_of(RulingReason.ENOUGH, why=ruling.why),
        add_approval=add_approval,
        move_to=State.APPROVED,
        why_allowed=ruling.why,
    )


def _deny(case: _ClickCase) -> ClickRuling:
    ruling = _decision(case)
    if not ruling.allowed:
        return _refused(ruling)
    if not case.click.text.strip():
        return _answer(RulingReason.DENIAL_WITHOUT_REASON)
    return ClickRuling(
        reason=RulingReason.DENIED,
        sentence=sentence_of(RulingReason.DENIED),
        move_to=State.DENIED,
        why_allowed=ruling.why,
    )


def _decision(case: _ClickCase) -> Ruling:
    """Whether this click may decide the request now: first its state, then the person."""
    state, plan = case.request.state, case.request.plan
    if state is State.PLANNING:
        return no(RulingReason.STILL_PLANNED)
    if state is not State.WAITING:
        return no(RulingReason.ALREADY_DECIDED, first=how_it_stands(case.request, case.approvals))
    if case.request.decide_by is None or case.now >= case.request.decide_by:
        return no(RulingReason.EXPIRED)
    if plan is None or plan.revision != case.request.revision:
        return no(RulingReason.OTHER_REVISION)
    return _by_rule(case, plan)


def _by_rule(case: _ClickCase, plan: RequestPlan) -> Ruling:
    rule = choose_rule(plan, case.rules)
    if rule is None:
        return no_rule(plan, case.rules)
    return may_decide(case.person, case.request.requester, rule, case.groups, case.rules)


def how_it_stands(request: Request, approvals: Sequence[Approval]) -> str:
    """The first approver and the state of the request: `Grace Moreau approved it first. ...`."""
    names = dict.fromkeys(
        approval.user_name or approval.user_id
        for approval in sorted(approvals, key=lambda one: one.at)
        if approval.revision == request.revision
    )
    who = next(iter(names), "")
    approved = f"{who} approved it first. " if who else ""
    return approved + (request.why or MEANING[request.state])


# --- cancel ----------------------------------------------------------------------------------


def _cancel(case: _ClickCase) -> ClickRuling:
    """The requester may cancel even where Slack cannot be read: a cancellation only stops."""
    if _is_requester(case.click, case.request.requester):
        return _ended_or_stopped(case)
    ruling = _may_stop(case)
    if not ruling.allowed:
        return _refused(ruling)
    return replace(_ended_or_stopped(case), why_allowed=ruling.why)


def _withdraw(case: _ClickCase) -> ClickRuling:
    """As `_cancel`; whoever may decide may end it while it waits, too: its card may be gone."""
    plan = case.request.plan
    if _is_requester(case.click, case.request.requester):
        return _ended_or_stopped(case)
    if plan is None:
        return _answer(RulingReason.NOT_YOURS_YET)
    ruling = _by_rule(case, plan)
    if not ruling.allowed:  # nobody else is told how a request stands that is over
        return _refused(ruling)
    return replace(_ended_or_stopped(case), why_allowed=ruling.why)


def _may_stop(case: _ClickCase) -> Ruling:
    """Those who may decide may stop what is approved or runs; before, they can deny it."""
    state, plan = case.request.state, case.request.plan
    if state not in (State.APPROVED, State.RUNNING) or plan is None:
        return no(RulingReason.NOT_YOURS)
    return _by_rule(case, plan)


def _ended_or_stopped(case: _ClickCase) -> ClickRuling:
    state = case.request.state
    if state in FINAL:
        return _answer(RulingReason.OVER, first=how_it_stands(case.request, ()))
    if state is State.HALF_DONE:
        return _answer(RulingReason.HALF_DONE)
    if state is not State.RUNNING:
        cancelled = sentence_of(RulingReason.CANCELLED)
        return ClickRuling(
            reason=RulingReason.CANCELLED, sentence=cancelled, move_to=State.CANCELLED
        )
    if case.request.cancel_asked_by:
        return _answer(RulingReason.ALREADY_CANCELLING)
    rolls_back = case.request.row.facts.is_rolled_back
    reason = RulingReason.ROLLING_BACK if rolls_back else RulingReason.CANCELLING
    return ClickRuling(reason=reason, sentence=sentence_of(reason), ask_cancel=True)


def _is_requester(click: Click, requester: Requester) -> bool:
    """Compares user id and workspace: a user id is unique only in its workspace."""
    return bool(requester.user_id) and (click.team_id, click.user_id) == (
        requester.team_id,
        requester.user_id,
    )


# --- half done -------------------------------------------------------------------------------


def _resume(case: _ClickCase) -> ClickRuling:
    ruling = _half_done_ruling(case)
    if not ruling.allowed:
        return _refused(ruling)
    return ClickRuling(
        reason=RulingReason.GOES_ON,
        sentence=sentence_of(RulingReason.GOES_ON),
        move_to=State.APPROVED,
    )


def _clean_up(case: _ClickCase) -> ClickRuling:
    ruling = _half_done_ruling(case)
    if not ruling.allowed:
        return _refused(ruling)
    return ClickRuling(
        reason=RulingReason.CLEANS_UP,
        sentence=sentence_of(RulingReason.CLEANS_UP),
        create_clean_up=True,
    )


def _half_done_ruling(case: _ClickCase) -> Ruling:
    """Whether the requester, while allowed to ask, or an approver clicked."""
    request, plan = case.request, case.request.plan
    if request.state is not State.HALF_DONE or plan is None:
        return no(RulingReason.NOT_HALF_DONE, first=how_it_stands(request, case.approvals))
    if _is_requester(case.click, request.requester):
        return may_ask(case.person, request.row.facts.privilege, case.rules, case.groups)
    return _by_rule(case, plan)


def _delete_now(case: _ClickCase) -> ClickRuling:
    """Whoever may ask for the like, or decide it, may ask for the deletion, which has rules of its
    own: it needs no approval where it is of snapshots that the same person asked for."""
    request, plan = case.request, case.request.plan
    facts = request.row.facts
    if request.state is not State.DONE or plan is None or facts.effect is not Effect.MAKES:
        return _answer(RulingReason.NOTHING_TO_DELETE)
    ruling = may_ask(case.person, facts.privilege, case.rules, case.groups)
    if not ruling.allowed and not _by_rule(case, plan).allowed:
        return _refused(ruling)
    own = plan.kind is not Kind.DISK and _is_requester(case.click, request.requester)
    reason = RulingReason.DELETES_OWN if own else RulingReason.ASKS_TO_DELETE
    return ClickRuling(reason=reason, sentence=sentence_of(reason), create_clean_up=True)


# --- break-glass -----------------------------------------------------------------------------


def _review(case: _ClickCase) -> ClickRuling:
    """Another person who may decide reviews the request, before or after the deadline."""
    request, plan = case.request, case.request.plan
    if not request.wish.break_glass or request.look_by is None or plan is None:
        return _answer(RulingReason.NOTHING_TO_LOOK_AT)
    if request.looked_by:
        return _answer(RulingReason.ALREADY_LOOKED)
    ruling = _by_rule(case, plan)
    if ruling.reason is RulingReason.OWN_REQUEST:
        return _answer(RulingReason.OWN_GLASS)
    if not ruling.allowed:
        return _refused(ruling)
    return ClickRuling(
        reason=RulingReason.LOOKED,
        sentence=sentence_of(RulingReason.LOOKED),
        reviewed=True,
        why_allowed=ruling.why,
    )


# --- answers ---------------------------------------------------------------------------------


def _answer(reason: RulingReason, **words: str) -> ClickRuling:
    return ClickRuling(reason=reason, sentence=sentence_of(reason, **words))


def _refused(ruling: Ruling) -> ClickRuling:
    return ClickRuling(reason=ruling.reason, sentence=ruling.sentence)


_JUDGES: Mapping[ClickKind, Callable[[_ClickCase], ClickRuling]] = {
    ClickKind.APPROVE: _approve,
    ClickKind.DENY: _deny,
    ClickKind.CANCEL: _cancel,
    ClickKind.GO_ON: _resume,
    ClickKind.CLEAN_UP: _clean_up,
    ClickKind.LOOKED: _review,
    ClickKind.DELETE_NOW: _delete_now,
    ClickKind.WITHDRAW: _withdraw,
}
