"""What must not stay: what Azure began and gave up, and half of what is of no use in halves.

Nothing is taken back that was not looked at right before, and nothing twice for one look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.azure.ownership import other_tag
from bot.azure.refusals import RefusedForGood, RefusedForNow
from bot.azure.standing import LookResult, LookState, noted
from bot.azure.undo import undo_of
from bot.requests.model import Step, StepState
from bot.workflow.ports import NotNow
from bot.workflow.step_results import MAKES, HeldRequest


async def settled(held: HeldRequest, steps: Sequence[Step]) -> tuple[list[Step], list[str]]:
    """The steps once more as Azure shows them now, and the ids of what could not be removed.

    A step that was sent and then given up may have been done all the same: it is looked at
    before anybody says that it was not. What Azure began and gave up is deleted. Raises NotNow.
    """
    left: list[str] = []
    result = list(steps)
    for place, step in enumerate(result):
        if step.state is not StepState.REFUSED or not step.attempts or step.verb not in MAKES:
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
        elif not await _wreck_removed(held, noted(step, standing)):
            left.append(step.target_id)
    return result, left


def _carries_our_tags(step: Step, standing: LookResult) -> bool:
    """Not what was wanted, and not deleted for that; but this request made it."""
    wanted: Mapping[str, str] = step.body["expect"].get("tags") or {}
    return bool(wanted) and not other_tag(standing.resource, wanted)


async def _look(held: HeldRequest, step: Step) -> LookResult | None:
    """None where Azure does not let us look."""
    await held.lease.hold()
    try:
        standing = await held.ports.acts.look(step)
    except RefusedForNow as error:
        raise NotNow(error.sentence, error.retry_after) from error
    except RefusedForGood:
        return None
    await held.lease.hold()
    return standing


async def _wreck_removed(held: HeldRequest, step: Step) -> bool:
    undo = undo_of(step)
    return undo is None or await _undone(held, undo)


async def taken_back(held: HeldRequest, steps: Sequence[Step]) -> list[Step]:
    """A restore that failed leaves nothing behind: each step is undone, the last one first.

    Ends where Azure says no; the rest is left, as half done. Raises NotNow.
    """
    left = list(steps)
    for place in reversed(range(len(left))):
        step = left[place]
        undo = undo_of(step) if step.state is StepState.THERE else None
        if undo is None:
            continue
        if not await _undone(held, undo):
            return left
        left[place] = replace(step, state=StepState.UNDONE)
        await held.undone(left[place], undo)
    return left


async def _undone(held: HeldRequest, undo: Step) -> bool:
    """True when it is taken back; False where Azure says no, and it is left. Raises NotNow.

    What takes longer than a worker's patience is looked at again in its next turn.
    """
    pace, clock = held.ports.pace, asyncio.get_running_loop().time
    until = clock() + pace.patience_seconds
    try:
        while not await _undone_once(held, undo):
            if clock() >= until:
                wait = timedelta(seconds=pace.put_off_seconds)
                raise NotNow("What was made is being taken back.", wait, failed=False)
            await asyncio.sleep(pace.look_again_seconds)
    except RefusedForNow as error:
        raise NotNow(error.sentence, error.retry_after) from error
    except RefusedForGood:
        return False
    return True


async def _undone_once(held: HeldRequest, undo: Step) -> bool:
    """One look, and one request where it shows that it is still to be undone."""
    await held.lease.hold()
    standing = await held.ports.acts.look(undo)
    await held.lease.hold()
    if standing.state is LookState.THERE:
        return True
    if standing.state in (LookState.FOREIGN, LookState.FAILED):
        raise RefusedForGood(standing.why)
    if standing.state is LookState.ABSENT:
        await held.ports.acts.do(noted(undo, standing))
        await held.lease.hold()
    return False
