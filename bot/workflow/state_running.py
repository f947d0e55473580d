"""Running: the worker changes Azure step by step, and looks before it sends a request.

After a crash the next worker looks again and finds what is there. A worker sends nothing without
the lease, and one request at most for one look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from bot.azure.refusals import RefusedForGood, RefusedForNow
from bot.azure.standing import LookState
from bot.requests.action import Effect
from bot.requests.changes import AuditEntry, Change
from bot.requests.model import Step
from bot.requests.request import Request
from bot.requests.states import State
from bot.workflow.completion import HARMLESS, finish
from bot.workflow.lease import Lease
from bot.workflow.one_step import do_step
from bot.workflow.ports import NotNow, Ports
from bot.workflow.running_turn import ENDED, Turn, start_turn


async def handle_running(ports: Ports, request: Request, lease: Lease) -> None:
    """Do every step as far as this turn goes. Raises NotNow where some have not ended."""
    turn = await start_turn(ports, request, lease)
    if await _is_void(turn):
        await ports.store.move(turn.held.request, _not_begun_in_time(request), lease.token)
        return
    await _run_rounds(turn)
    steps = tuple(turn.steps.values())
    if any(step.state not in ENDED for step in steps):
        raise turn.not_now()
    await finish(turn.held, steps)


# --- begun in time ---------------------------------------------------------------------------


async def _is_void(turn: Turn) -> bool:
    """Whether no step came about in the time that the approval gives for beginning.

    The worker looks at what it sent: Azure may have refused it every time. Raises NotNow.
    """
    request = turn.held.request
    deletes = request.row.facts.effect is Effect.DELETES
    may_end = not deletes and not request.cancel_asked_by
    if not may_end or not turn.is_too_old or turn.is_too_late:
        return False
    steps = [step for step in turn.steps.values() if step.verb not in HARMLESS]
    if any(step.state in ENDED for step in steps):
        return False
    if any(step.operation for step in steps):
        return False  # Azure may still do it; its outcome is read first
    return all([await _is_absent(turn, step) for step in steps if step.attempts])


async def _is_absent(turn: Turn, step: Step) -> bool:
    await turn.lease.hold()
    try:
        standing = await turn.ports.acts.look(step)
    except RefusedForNow as error:
        raise NotNow(error.sentence, error.retry_after) from error
    except RefusedForGood:
        return False  # the step stores this answer itself
    await turn.lease.hold()
    return standing.state is LookState.ABSENT


def _not_begun_in_time(request: Request) -> Change:
    """Back to `approved`, whose handler finds that the approval is void."""
    return Change(
        to=State.APPROVED,
        entry=AuditEntry(kind="not begun in time", detail={"approved_at": request.approved_at}),
        fields={"approved_at": request.approved_at},
    )


# --- rounds ----------------------------------------------------------------------------------


async def _run_rounds(turn: Turn) -> None:
    """Do the steps that may begin side by side; those that come after them, in the next round."""
    while ready := [step for step in turn.steps.values() if turn.is_ready(step)]:
        results = await asyncio.gather(
            *(do_step(turn, step) for step in ready), return_exceptions=True
        )
        _raise_first(results)
        if any(turn.steps[step.number].state not in ENDED for step in ready):
            return


def _raise_first(results: Iterable[object]) -> None:
    for result in results:
        if isinstance(result, BaseException):
            raise result
