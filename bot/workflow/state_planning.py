"""Planning: the worker reads the requester and the VM, makes the plan and finds its rule.

The state ends with a card that waits for approvers, with an approval that nobody needs to give,
or with a refusal.
"""

from __future__ import annotations

from bot.requests.action import Effect
from bot.requests.approval.people import Membership, Person
from bot.requests.approval.rules import RequestRules
from bot.requests.approval.who_may import may_ask
from bot.requests.changes import Change, LiveElsewhere, OverBudget, UsedUp
from bot.requests.request import Request
from bot.requests.states import State
from bot.workflow import transitions
from bot.workflow.approval_route import approved_before, route_by_rule
from bot.workflow.break_glass import is_superseded
from bot.workflow.deletable import require_deletable
from bot.workflow.deletion import deletion_refused
from bot.workflow.lease import Lease
from bot.workflow.plan_request import PlannedRequest, make_plan
from bot.workflow.ports import NotNow, Ports
from bot.workflow.refused import Refused, require
from bot.workflow.reservation import why_over
from bot.workflow.sources import require_sources


async def handle_planning(ports: Ports, request: Request, lease: Lease) -> None:
    """Make the plan and put it before the approvers. Raises NotNow."""
    try:
        change = await _plan(ports, request)
    except Refused as refusal:
        change = transitions.refused(request, refusal.why)
        if request.row.facts.effect is Effect.DELETES:
            change = await deletion_refused(ports, request, refusal.why)
    await lease.hold()
    try:
        await _move(ports, request, change, lease)
    except (OverBudget, UsedUp) as over:
        await ports.store.move(request, transitions.refused(request, why_over(over)), lease.token)


async def _move(ports: Ports, request: Request, change: Change, lease: Lease) -> None:
    """Write the change; a live request for the same is superseded, or the requester is shown it.

    Raises OverBudget, UsedUp, NotNow.
    """
    try:
        await ports.store.move(request, change, lease.token)
    except LiveElsewhere as other:
        first = await _first_of(ports, other.request_id)
        if await is_superseded(ports, request, change, first):
            end = transitions.superseded(first, request)
            await ports.store.supersede(request, change, first, end, lease.token)
        else:
            place = await ports.cards.find(first.id)
            pointed = transitions.pointed_to(request, first, place)
            await ports.store.move(request, pointed, lease.token)


async def _plan(ports: Ports, request: Request) -> Change:
    """Raises Refused, NotNow."""
    groups = await ports.people.groups(_groups_to_read(ports.rules, request))
    requester = await _read_requester(ports, request, groups)
    now = await ports.store.now()
    plan = await make_plan(ports, request, request.revision, now)
    if request.row.facts.is_approved_before(request, plan):
        return approved_before(plan)
    await require_sources(ports, request.row, plan)
    await require_deletable(ports, request, plan)
    planned = PlannedRequest(
        request=request, requester=requester, groups=groups, plan=plan, now=now
    )
    return await route_by_rule(ports, planned)


def _groups_to_read(rules: RequestRules, request: Request) -> frozenset[str]:
    """The user groups that decide whether the requester may ask, and which team pays."""
    wanted = rules.requester_groups(request.row.facts.privilege) | rules.team_groups
    return wanted | rules.break_glass_groups if request.wish.break_glass else wanted


async def _read_requester(ports: Ports, request: Request, groups: Membership) -> Person | None:
    """The requester, read from Slack; None where vmbackup itself asks. Raises Refused, NotNow."""
    if not request.requester.user_id:
        return None
    person = await ports.people.person(request.requester.user_id)
    if not await _is_clean_up(ports, request):  # that was judged with its button
        require(may_ask(person, request.row.facts.privilege, ports.rules, groups))
    return person


async def _is_clean_up(ports: Ports, request: Request) -> bool:
    """Whether it deletes what a half-done request made, which its approvers may want, too."""
    if request.row.facts.effect is not Effect.DELETES:
        return False
    source = await ports.store.get(request.wish.of_request)
    return source is not None and source.state is State.HALF_DONE


async def _first_of(ports: Ports, first_id: str) -> Request:
    """The live request for the same: a VM has one for each action. Raises NotNow."""
    first = await ports.store.get(first_id)
    if first is None:
        raise NotNow(f"{first_id} is under way and could not be read.")
    return first
