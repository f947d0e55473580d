"""What must not stay: resources that Azure began and gave up, and half a restore or extension.

A worker looks right before it undoes a step, and sends one request for one look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.azure.ownership import other_tag
from bot.azure.refusals import RefusedForGood, RefusedForNow
from bot.azure.standing import LookResult, LookState, noted
from bot.azure.undo import undo_of
from bot.requests.changes import AuditEntry, Change
from bot.requests.model import Step, StepState
from bot.workflow.ports import NotNow, Ports
from bot.workflow.step_results import MAKES, HeldRequest
from bot.workflow.undo_step import followed_anew, undo_step


async def recheck(held: HeldRequest, steps: Sequence[Step]) -> tuple[list[Step], list[str]]:
    """The steps once more as Azure shows them now, and the ids of what could not be removed.

    A step that was sent and then given up may have been done all the same: the worker looks
    before the request says that it was not. What Azure began and gave up is deleted. Raises
    NotNow.
    """
    left: list[str] = []
    result = list(steps)
    for place, step in enumerate(result):
        if not _may_exist(step):
            continue
        standing = await _look(held, step)
        if standing is None or standing.state is LookState.ABSENT:
            continue
        if standing.state is LookState.FOREIGN:
            left += [step.target_id] if _carries_our_tags(step, standing) else []
            continue
        if standing.state is LookState.THERE:
            result[place] = noted(step, standing)
            await held.note(result[place])
        elif not await _remove_failed(held, step, standing):
            left.append(step.target_id)
    return result, left


def _carries_our_tags(step: Step, standing: LookResult) -> bool:
    """Whether this request made the resource, which is not what the plan wanted and stays."""
    wanted: Mapping[str, str] = step.body["expect"].get("tags") or {}
    return bool(wanted) and not other_tag(standing.resource, wanted)


async def _look(held: HeldRequest, step: Step) -> LookResult | None:
    """How the step stands; None where Azure does not let us look."""
    await held.lease.hold()
    try:
        standing = await held.ports.acts.look(step)
    except RefusedForNow as error:
        raise NotNow(error.sentence, error.retry_after) from error
    except RefusedForGood:
        return None
    await held.lease.hold()
    return standing


async def _remove_failed(held: HeldRequest, step: Step, standing: LookResult) -> bool:
    undo = undo_of(noted(step, standing))
    return undo is None or await undo_step(held, step, undo)


async def roll_back(held: HeldRequest, steps: Sequence[Step]) -> list[Step]:
    """Undo each step of a request that failed, the last one first; the steps as they stand then.

    It ends where Azure says no; the rest stays, as half done. Raises NotNow.
    """
    left = list(steps)
    for place in reversed(range(len(left))):
        step = left[place]
        undo = undo_of(step) if step.state is StepState.THERE else None
        if undo is None:
            continue
        if not await undo_step(held, step, undo):
            return left
        left[place] = replace(followed_anew(step), state=StepState.UNDONE)
        await held.note_undone(left[place], undo)
    return left


# --- how long --------------------------------------------------------------------------------


async def is_overdue(held: HeldRequest) -> bool:
    """Whether what must not stay is no longer worked on: its time is over."""
    began = held.request.undo_began
    limit = held.ports.pace.rolling_back_at_most
    return began is not None and await held.ports.store.now() >= began + limit


async def later(held: HeldRequest, reason: NotNow) -> NotNow:
    """The same reason, after noting when it all began; the wait ends before its time is over."""
    now, began = await held.ports.store.now(), held.request.undo_began
    if began is None:
        began = now
        await _note_beginning(held, reason)
    left = max(began + held.ports.pace.rolling_back_at_most - now, timedelta())
    wait = None if reason.wait is None else min(reason.wait, left)
    return NotNow(reason.why, wait, failed=reason.failed)


async def _note_beginning(held: HeldRequest, reason: NotNow) -> None:
    """Raises MovedOn where a person decided meanwhile: the next turn notes it."""
    request = await held.ports.store.get(held.request.id)
    if request is None:
        return
    change = Change(
        to=None,
        entry=AuditEntry(kind="rolling back", detail={"why": reason.why}),
        fields={"undo_began": await held.ports.store.now()},
        wake_in=None,
    )
    await held.ports.store.move(request, change, held.lease.token)


def unclear(steps: Sequence[Step]) -> list[str]:
    """The ids of what was sent and given up, and of which no look says whether it exists."""
    return [step.target_id for step in steps if _may_exist(step)]


def _may_exist(step: Step) -> bool:
    """Whether it was sent and given up: Azure may have begun it, or done it since."""
    return step.state is StepState.REFUSED and bool(step.attempts) and step.verb in MAKES


async def rest_of(ports: Ports, steps: Sequence[Step]) -> list[str]:
    """The ids of what was given up and is there all the same, or cannot be looked at."""
    return [step.target_id for step in steps if _may_exist(step) and await _is_left(ports, step)]


async def _is_left(ports: Ports, step: Step) -> bool:
    try:
        standing = await ports.acts.look(step)
    except (RefusedForNow, RefusedForGood):
        return True
    if standing.state is LookState.FOREIGN:
        return _carries_our_tags(step, standing)
    return standing.state is not LookState.ABSENT


def by_hand(steps: Sequence[Step]) -> str:
    """What a person has to undo in Azure, in its order; empty where nothing is left to undo."""
    undos = (undo_of(step) for step in reversed(steps) if step.state is StepState.THERE)
    whats = [undo.what for undo in undos if undo is not None]
    return f"Do by hand in Azure, in this order: {'; '.join(whats)}." if whats else ""
