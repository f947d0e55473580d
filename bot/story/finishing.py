"""The last chapter: every step is over. All there, some, or nothing: each is said as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from advisor.prices.pricing import CENT_OF_A_CENT
from bot.actions.refusals import ForNow, Never
from bot.actions.standing import Seen, noted
from bot.actions.undo import undo_of
from bot.messages import request_notes as notes
from bot.requests.changes import Change, Entry, Extension
from bot.requests.model import Action, Approval, Kind, Money, Plan, Point, Request, Step, StepState
from bot.requests.plan_hash import plan_hash
from bot.requests.states import State
from bot.story import ends
from bot.story.lease import Lease, LeaseLost
from bot.story.tools import NotNow, Tools

#: What a verb leaves behind that the ledger keeps.
MAKES = {
    "take-snapshot": Kind.SNAPSHOT,
    "copy-snapshot": Kind.SNAPSHOT,
    "take-restore-point": Kind.RESTORE_POINT,
    "make-disk": Kind.DISK,
}
DELETES = frozenset({"delete-snapshot", "delete-restore-point", "delete-disk"})
#: What is there but is no harm alone: a request with only these made nothing.
_HARMLESS = frozenset({"make-collection"})
#: Half of these is of no use to anybody: what was done of it is undone.
_TAKEN_BACK = frozenset({Action.RESTORE, Action.EXTEND})


async def finished(tools: Tools, request: Request, lease: Lease, steps: Sequence[Step]) -> None:
    """Move it to its end. Raises NotNow while something is still to be taken back."""
    if request.action in _TAKEN_BACK and _went_wrong(steps):
        steps = await _taken_back(tools, request, lease, steps)
    change = await _end(tools, request, steps)
    await lease.hold()
    await tools.store.move(request, change, lease.token)


def _went_wrong(steps: Sequence[Step]) -> bool:
    return any(step.state is not StepState.THERE for step in steps)


async def _end(tools: Tools, request: Request, steps: Sequence[Step]) -> Change:
    there = [step for step in steps if step.state is StepState.THERE]
    if not _went_wrong(steps):
        return await _done(tools, request, steps)
    why = next((step.why for step in steps if step.state is StepState.REFUSED), "")
    if request.action is Action.DELETE:
        return _not_deleted(request, why)
    if [step for step in there if step.verb not in _HARMLESS]:
        return _half_done(request, steps, why)
    return _nothing(request, why)


async def _done(tools: Tools, request: Request, steps: Sequence[Step]) -> Change:
    if request.action is Action.DELETE:
        return await _deleted(tools, request)
    if request.action is Action.EXTEND:
        return _extended(request)
    points = await tools.store.points(request_id=request.id, alive=True)
    return Change(
        to=State.DONE,
        entry=Entry(kind="done", detail={"made": [point.arm_id for point in points]}),
        fields={"why": ""},
        notes=(ends.thread("end", notes.result(request, points)),),
        nudge_in=None,
    )


def _half_done(request: Request, steps: Sequence[Step], why: str) -> Change:
    return Change(
        to=State.HALF_DONE,
        entry=Entry(
            kind="half done",
            detail={"steps": {step.what: str(step.state) for step in steps}, "why": why},
        ),
        fields={"why": why},
        notes=(ends.thread(f"half-done-{request.version}", notes.half_done(request, steps)),),
        nudge_in=None,
    )


def _nothing(request: Request, why: str) -> Change:
    to = State.CANCELLED if request.cancel_asked_by else State.FAILED
    return Change(
        to=to,
        entry=Entry(kind=str(to), detail={"why": why}),
        fields={"why": why},
        notes=(ends.thread("end", notes.failed(request, why)),),
        nudge_in=None,
    )


# --- deleted, kept longer --------------------------------------------------------------------


async def _deleted(tools: Tools, request: Request) -> Change:
    """What it was about is gone; a half-done request that was cleaned up is over by it."""
    source_id = request.wish.of_request
    await _cleaned_up(tools, source_id)
    gone = await tools.store.points(request_id=source_id, alive=False)
    return Change(
        to=State.DONE,
        entry=Entry(kind="deleted", detail={"of": source_id}),
        fields={"why": ""},
        notes=(ends.thread("deleted", notes.deleted(request, gone), of_request=source_id),),
        nudge_in=None,
    )


async def _cleaned_up(tools: Tools, source_id: str) -> None:
    """Before our own end, so that a crash between the two leaves something to be done again."""
    source = await tools.store.get(source_id)
    if source is None or source.state is not State.HALF_DONE:
        return
    change = Change(
        to=State.CLEANED_UP,
        entry=Entry(kind="cleaned up"),
        fields={"why": ""},
        notes=(ends.thread("end", notes.cleaned_up(source)),),
        nudge_in=None,
    )
    await tools.store.move(source, change)


def _not_deleted(request: Request, why: str) -> Change:
    """It stays, for a lock or because it is not what the ledger says; it is tried again later."""
    key = f"not-deleted-{request.id}"
    said = notes.not_deleted(request, why)
    return Change(
        to=State.FAILED,
        entry=Entry(kind="not deleted", detail={"of": request.wish.of_request, "why": why}),
        fields={"why": why},
        notes=(ends.thread(key, said, of_request=request.wish.of_request),),
        nudge_in=None,
    )


def _extended(request: Request) -> Change:
    plan = planned(request)
    if plan.expires_at is None:
        raise ValueError(f"{request.id} extends nothing.")
    return Change(
        to=State.DONE,
        entry=Entry(kind="extended", detail={"of": plan.of_request, "until": plan.expires_at}),
        fields={"expires_at": plan.expires_at, "why": ""},
        extend=Extension(request_id=plan.of_request, expires_at=plan.expires_at),
        notes=(ends.thread("end", notes.result(request, ())),),
        nudge_in=None,
    )


# --- what was made ---------------------------------------------------------------------------


def planned(request: Request) -> Plan:
    """The plan of a request that runs."""
    if request.plan is None:
        raise ValueError(f"{request.id} runs without a plan.")
    return request.plan


def point_of(
    step: Step, request: Request, approvals: Sequence[Approval], now: datetime
) -> Point | None:
    """The ledger's row of what a step made; None where it made nothing that is kept."""
    kind, plan = MAKES.get(step.verb), planned(request)
    if kind is None:
        return None
    disks = [disk for disk in plan.disks if disk.target_id.lower() == step.target_id.lower()]
    if not disks:
        raise ValueError(f"{step.target_id} is not in the plan of {request.id}.")
    one = disks[0]
    is_whole = kind is Kind.RESTORE_POINT
    return Point(
        arm_id=step.target_id,
        kind=kind,
        request_id=request.id,
        vm_id=plan.vm_id,
        vm_name=plan.vm_name,
        disk_id=plan.vm_id if is_whole else one.id,
        disk_name=plan.vm_name if is_whole else one.name,
        size_gib=sum(disk.size_gib for disk in disks),
        region=plan.target_region or plan.region,
        unique_id=step.unique_id,
        time_created=step.time_created,
        made_at=now,
        expires_at=request.expires_at,
        plan_hash=plan_hash(plan),
        asker_id=request.asker.user_id,
        approver_ids=tuple(approval.user_id for approval in approvals),
        cost_a_month=_share_of_cost(plan, sum(disk.size_gib for disk in disks)),
        currency=plan.cost.currency,
    )


def _share_of_cost(plan: Plan, size_gib: int) -> Money | None:
    """The plan's monthly cost by provisioned size: what is used of each disk is not known."""
    whole = sum(disk.size_gib for disk in plan.disks)
    if plan.cost.a_month is None or not whole:
        return None
    share = Decimal(size_gib) / whole
    return Money(*((amount * share).quantize(CENT_OF_A_CENT) for amount in plan.cost.a_month))


# --- taken back ------------------------------------------------------------------------------


async def _taken_back(
    tools: Tools, request: Request, lease: Lease, steps: Sequence[Step]
) -> Sequence[Step]:
    """A restore that failed leaves nothing behind: each step is undone, the last one first."""
    left = list(steps)
    for place in reversed(range(len(left))):
        step = left[place]
        undo = undo_of(step) if step.state is StepState.THERE else None
        if undo is None:
            continue
        if not await _undone(tools, lease, undo):
            return left
        left[place] = replace(step, state=StepState.UNDONE)
        gone = (step.target_id,) if undo.verb in DELETES else ()
        if not await tools.store.note_step(request.id, lease.token, left[place], gone=gone):
            raise LeaseLost(request.id)
    return left


async def _undone(tools: Tools, lease: Lease, undo: Step) -> bool:
    """True when it is taken back; False where Azure says no, and it is left as half done."""
    try:
        for _ in range(2):
            await lease.hold()
            standing = await tools.acts.look(undo)
            await lease.hold()
            if standing.state is Seen.THERE:
                return True
            if standing.state in (Seen.FOREIGN, Seen.FAILED):
                return False
            if standing.state is Seen.ABSENT:
                await tools.acts.do(noted(undo, standing))
                await lease.hold()
    except ForNow as error:
        raise NotNow(str(error), error.retry_after) from error
    except Never:
        return False
    raise NotNow("What was made is being taken back.")
