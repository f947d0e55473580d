"""Running: the worker changes Azure step by step, and looks before it sends a request.

After a crash the next worker looks again and finds what is there. A worker sends nothing without
the lease, and one request at most for one look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.azure.refusals import RefusedForGood, RefusedForNow
from bot.azure.standing import LookState, noted
from bot.requests.action import Effect
from bot.requests.approval.who_may import begin_check
from bot.requests.changes import AuditEntry, Change
from bot.requests.model import Step, StepState
from bot.requests.request import Request
from bot.requests.states import State
from bot.workflow.completion import HARMLESS, finish
from bot.workflow.lease import Lease
from bot.workflow.ports import NotNow, Ports
from bot.workflow.step_results import TOO_LATE, HeldRequest

_ENDED = frozenset({StepState.THERE, StepState.REFUSED, StepState.UNDONE})
#: How often the request of a step is sent where Azure took it and failed.
_REPEATS = 3
NOT_BEGUN = "It was not begun: somebody asked to stop."
NOT_REACHED = "It was not begun: the step before it did not succeed."


@dataclass(slots=True)
class _Turn:
    """One worker's turn at a request: its steps as they stand, and how long to wait."""

    held: HeldRequest
    steps: dict[int, Step]
    until: float  #: the loop's time at which this turn ends
    is_too_late: bool
    is_too_old: bool  #: the approval, to begin now
    slots: asyncio.Semaphore  #: for steps side by side
    wait: timedelta | None = None
    has_failed: bool = False

    @property
    def ports(self) -> Ports:
        return self.held.ports

    @property
    def lease(self) -> Lease:
        return self.held.lease

    async def put_off(self, wait: timedelta | None) -> None:
        """Store the longest wait that Azure named: it holds even if this worker dies now."""
        self.has_failed = True
        if wait is not None:
            self.wait = max(wait, self.wait or wait)
            await self.lease.keep_wait(self.ports.pace.at_most(wait))

    def not_now(self) -> NotNow:
        """After a failure the back-off; while Azure still works on a step, a short wait."""
        if self.has_failed:
            return NotNow("Azure could not be asked.", self.wait)
        soon = timedelta(seconds=self.ports.pace.put_off_seconds)
        return NotNow("Azure is not done with it.", soon, failed=False)


async def handle_running(ports: Ports, request: Request, lease: Lease) -> None:
    """Do every step as far as this turn goes. Raises NotNow where some have not ended."""
    turn = await _start_turn(ports, request, lease)
    if await _is_void(turn):
        await ports.store.move(turn.held.request, _not_begun_in_time(request), lease.token)
        return
    await _run_rounds(turn)
    steps = tuple(turn.steps.values())
    if any(step.state not in _ENDED for step in steps):
        raise turn.not_now()
    await finish(turn.held, steps)


async def _start_turn(ports: Ports, request: Request, lease: Lease) -> _Turn:
    now = await ports.store.now()
    since = request.approved_at or request.asked_at
    steps = await ports.store.steps(request.id)
    approvals = await ports.store.approvals(request.id, request.revision)
    return _Turn(
        held=HeldRequest(ports=ports, request=request, lease=lease, approvals=approvals),
        steps={step.number: step for step in steps},
        until=asyncio.get_running_loop().time() + ports.pace.patience_seconds,
        is_too_late=now >= since + ports.pace.running_at_most,
        is_too_old=not begin_check(request.approved_at, ports.rules.begin_within, now).allowed,
        slots=asyncio.Semaphore(ports.pace.steps_at_once),
    )


# --- begun in time ---------------------------------------------------------------------------


async def _is_void(turn: _Turn) -> bool:
    """Whether no step came about in the time that the approval gives for beginning.

    The worker looks at what it sent: Azure may have refused it every time. Raises NotNow.
    """
    request = turn.held.request
    deletes = request.row.facts.effect is Effect.DELETES
    may_end = not deletes and not request.cancel_asked_by
    if not may_end or not turn.is_too_old or turn.is_too_late:
        return False
    steps = [step for step in turn.steps.values() if step.verb not in HARMLESS]
    if any(step.state in _ENDED for step in steps):
        return False
    return all([await _is_absent(turn, step) for step in steps if step.attempts])


async def _is_absent(turn: _Turn, step: Step) -> bool:
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


async def _run_rounds(turn: _Turn) -> None:
    """Do the steps that may begin side by side; those that come after them, in the next round."""
    while ready := [step for step in turn.steps.values() if _is_ready(step, turn.steps)]:
        results = await asyncio.gather(
            *(_do_step(turn, step) for step in ready), return_exceptions=True
        )
        _raise_first(results)
        if any(turn.steps[step.number].state not in _ENDED for step in ready):
            return


def _raise_first(results: Iterable[object]) -> None:
    for result in results:
        if isinstance(result, BaseException):
            raise result


def _is_ready(step: Step, steps: dict[int, Step]) -> bool:
    before = steps.get(step.after) if step.after is not None else None
    return step.state not in _ENDED and (before is None or before.state in _ENDED)


# --- one step --------------------------------------------------------------------------------


async def _do_step(turn: _Turn, step: Step) -> None:
    """Look, send where it is absent, look again: until the step ends, or the turn does."""
    async with turn.slots:
        if (why := _not_reached(turn, step)) is not None:
            await _store_step(turn, replace(step, state=StepState.REFUSED, why=why))
            return
        try:
            await _follow_step(turn, step.number)
        except RefusedForNow as error:
            await turn.put_off(error.retry_after)
            await _note_wait(turn, step.number, error)
        except RefusedForGood as error:
            refused = replace(turn.steps[step.number], state=StepState.REFUSED, why=error.sentence)
            await _store_step(turn, refused)


def _not_reached(turn: _Turn, step: Step) -> str | None:
    before = turn.steps.get(step.after) if step.after is not None else None
    is_fine = before is None or before.state is StepState.THERE
    return None if is_fine else NOT_REACHED


async def _follow_step(turn: _Turn, number: int) -> None:
    clock = asyncio.get_running_loop().time
    while True:
        if await _look_and_send(turn, number) or clock() >= turn.until:
            return
        await asyncio.sleep(turn.ports.pace.look_again_seconds)


async def _look_and_send(turn: _Turn, number: int) -> bool:
    """One look, and one request where the look finds nothing. True: the step rests this turn."""
    await turn.lease.hold()
    standing = await turn.ports.acts.look(turn.steps[number])
    await turn.lease.hold()
    step = turn.steps[number]
    repeats = (
        standing.state is LookState.FAILED and standing.can_repeat and step.attempts < _REPEATS
    )
    if standing.state is not LookState.ABSENT and not repeats:
        after = noted(step, standing)
        if turn.is_too_late and after.state not in _ENDED:
            after = replace(after, state=StepState.REFUSED, why=TOO_LATE)
        await _store_step(turn, after)
        return after.state in _ENDED
    if (why := await _why_stopped(turn)) is not None:
        await _store_step(turn, replace(step, state=StepState.REFUSED, why=why))
        return True
    if turn.wait is not None:
        return True  # Azure asked for a wait: nothing new is sent to it in this turn
    # The step is stored before it is sent, so that the next worker looks after a crash.
    step = await turn.held.dated(step)
    await _store_step(turn, replace(step, state=StepState.SENT, attempts=step.attempts + 1, why=""))
    await turn.lease.hold()
    await turn.ports.acts.do(turn.steps[number])
    await turn.lease.hold()
    return False


async def _why_stopped(turn: _Turn) -> str | None:
    """Why no further step is sent: the requester asked to stop, or the time is over. None: go."""
    if turn.is_too_late:
        return TOO_LATE
    stored = await turn.ports.store.get(turn.held.request.id)
    return NOT_BEGUN if stored is not None and stored.cancel_asked_by else None


async def _note_wait(turn: _Turn, number: int, error: RefusedForNow) -> None:
    """The card says why the step waits; after too long a time the step is given up."""
    step = turn.steps[number]
    if turn.is_too_late:
        await _store_step(turn, replace(step, state=StepState.REFUSED, why=f"{TOO_LATE} {error}"))
    elif step.why != error.sentence:
        await _store_step(turn, replace(step, why=error.sentence))


async def _store_step(turn: _Turn, step: Step) -> None:
    if step != turn.steps[step.number]:
        await turn.held.note(step)
        turn.steps[step.number] = step
