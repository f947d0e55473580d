"""The end of a running request: every step has ended, and all, some or nothing of it exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from advisor.words import duration
from bot.messages import direct_notes
from bot.messages import request_notes as notes
from bot.requests.action import Effect
from bot.requests.changes import AuditEntry, Change, Extension
from bot.requests.model import Step, StepState
from bot.requests.request import Request
from bot.requests.states import State
from bot.workflow import transitions
from bot.workflow.deletion import deletion_done, deletion_failed, immutable_steps
from bot.workflow.ports import NotNow, Ports
from bot.workflow.rollback import by_hand, is_overdue, later, recheck, roll_back, unclear
from bot.workflow.step_results import HeldRequest, plan_of
from bot.workflow.vm_standing import vm_standing

#: Verbs whose result does no harm alone: a request with only these made nothing.
HARMLESS = frozenset({"make-collection"})


async def finish(held: HeldRequest, steps: Sequence[Step]) -> None:
    """Move the request to its end. Raises NotNow while a step is still to be rolled back."""
    rest = _Rest()
    if went_wrong(steps) and await is_overdue(held):
        rest = _rest_by_hand(held, steps)
    elif went_wrong(steps):
        try:
            steps, rest = await _undone(held, steps)
        except NotNow as reason:
            raise await later(held, reason) from reason
    request = replace(held.request, expires_at=await _first_expiry(held))
    change = await _end(held.ports, request, steps, rest)
    await held.lease.hold()
    await held.ports.store.move(held.request, change, held.lease.token)


class _Rest(NamedTuple):
    """What stays although the request failed: ids, and what a person has to do about it."""

    left: Sequence[str] = ()
    by_hand: str = ""
    is_unsure: bool = False  #: what was sent last to undo a step may still come about


async def _undone(held: HeldRequest, steps: Sequence[Step]) -> tuple[Sequence[Step], _Rest]:
    steps, left = await recheck(held, steps)
    if held.request.row.facts.is_rolled_back and went_wrong(steps):
        steps = await roll_back(held, steps)
    return steps, _Rest(left)


def _rest_by_hand(held: HeldRequest, steps: Sequence[Step]) -> _Rest:
    """Its time is over: no step is undone any more."""
    at_most = held.ports.pace.rolling_back_at_most
    lead = f"What must not stay could not be undone within {duration(at_most)}."
    todo = by_hand(steps) if held.request.row.facts.is_rolled_back else ""
    is_unsure = any(_was_sent_to_undo(step) for step in steps if step.state is StepState.THERE)
    return _Rest(unclear(steps), f"{lead} {todo}".strip(), is_unsure)


def _was_sent_to_undo(step: Step) -> bool:
    """Whether Azure accepted what undoes the step, or did not answer."""
    return step.undoing and bool(step.accepted or step.lost)


async def _first_expiry(held: HeldRequest) -> datetime | None:
    """The first expiry of its points: points made after a resume have a later one."""
    points = await held.ports.store.points(request_id=held.request.id, alive=True)
    expiries = [point.expires_at for point in points if point.expires_at is not None]
    return min(expiries, default=held.request.expires_at)


def went_wrong(steps: Sequence[Step]) -> bool:
    """Whether a step of the plan did not come about."""
    return any(step.state is not StepState.THERE for step in steps)


async def _end(ports: Ports, request: Request, steps: Sequence[Step], rest: _Rest) -> Change:
    if not went_wrong(steps):
        return await _done(ports, request)
    why = next((step.why for step in steps if step.state is StepState.REFUSED), "")
    if request.row.facts.effect is Effect.DELETES:
        return deletion_failed(request, why, immutable_steps(steps, await ports.store.now()))
    stands = vm_standing(plan_of(request), steps, is_unsure=rest.is_unsure)
    stands = f"{stands} {rest.by_hand}".strip()
    there = [step for step in steps if step.state is StepState.THERE]
    if not all(map(_leaves_nothing, there)):
        return _half_done(request, steps, (why, stands), rest.left)
    return await _nothing_made(ports, request, f"{why} {stands}".strip(), rest.left)


def _leaves_nothing(step: Step) -> bool:
    """Whether nothing of a step stays: a VM that did not run before is not started again."""
    did_not_run = step.verb == "deallocate" and not step.body["expect"]["ran"]
    return step.verb in HARMLESS or did_not_run


async def _done(ports: Ports, request: Request) -> Change:
    match request.row.facts.effect:
        case Effect.DELETES:
            return await deletion_done(ports, request)
        case Effect.EXTENDS:
            return _extended(request)
        case Effect.MAKES:
            return await _points_made(ports, request)


async def _points_made(ports: Ports, request: Request) -> Change:
    points = await ports.store.points(request_id=request.id, alive=True)
    return Change(
        to=State.DONE,
        entry=AuditEntry(kind="done", detail={"made": [point.arm_id for point in points]}),
        fields={"expires_at": request.expires_at, "why": ""},
        notes=(
            transitions.thread("end", notes.result(request, points)),
            *transitions.told("end", request, direct_notes.done(request, points)),
        ),
        wake_in=None,
    )


def _half_done(
    request: Request, steps: Sequence[Step], whys: tuple[str, str], left: Sequence[str]
) -> Change:
    """`whys`: why it is half done, and how the VM stands."""
    why = " ".join(whys).strip()
    message = notes.half_done(request, steps, left, stands=whys[1])
    return Change(
        to=State.HALF_DONE,
        entry=AuditEntry(
            kind="half done",
            detail={
                "steps": {step.what: str(step.state) for step in steps},
                "why": why,
                "left": list(left),
            },
        ),
        fields={"expires_at": request.expires_at, "why": why},
        notes=(
            transitions.thread(f"half-done-{request.version}", message),
            *transitions.told(
                f"half-done-{request.version}", request, direct_notes.half_done(request, why)
            ),
        ),
        wake_in=None,
    )


async def _nothing_made(ports: Ports, request: Request, why: str, left: Sequence[str]) -> Change:
    """Nothing of the request exists, except what Azure does not let us delete (`left`)."""
    now = await ports.store.get(request.id)
    stopped = now is not None and bool(now.cancel_asked_by)
    to = State.CANCELLED if stopped else State.FAILED
    return Change(
        to=to,
        entry=AuditEntry(kind=str(to), detail={"why": why, "left": list(left)}),
        fields={"why": why},
        notes=(
            transitions.thread("end", notes.failed(request, why, left=left, stopped=stopped)),
            *transitions.told("end", request, direct_notes.failed(request, why)),
        ),
        wake_in=None,
    )


def _extended(request: Request) -> Change:
    """Only the points that the plan names get the new expiry."""
    plan = plan_of(request)
    if plan.expires_at is None:
        raise ValueError(f"{request.id} extends nothing.")
    extended = replace(request, expires_at=plan.expires_at)
    extension = Extension(
        request_id=plan.of_request,
        expires_at=plan.expires_at,
        arm_ids=tuple(disk.target_id for disk in plan.disks),
    )
    return Change(
        to=State.DONE,
        entry=AuditEntry(kind="extended", detail={"of": plan.of_request, "until": plan.expires_at}),
        fields={"expires_at": plan.expires_at, "why": ""},
        extend=extension,
        notes=(
            transitions.thread("end", notes.result(request, ())),
            *transitions.told("end", request, direct_notes.done(extended, ())),
        ),
        wake_in=None,
    )
