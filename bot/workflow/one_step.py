"""One step of a running request: ask its operation, look, send where the look finds nothing.

Azure accepts a request first and fails later. The address that says so is stored with the step, so
that whoever holds the lease reads the outcome. A look at the resource stays the proof.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.azure.operations import OperationState, Outcome
from bot.azure.refusals import RefusedForGood, RefusedForNow, ReplyLost
from bot.azure.standing import LookResult, LookState, noted
from bot.requests.model import Step, StepState
from bot.workflow.running_turn import ENDED, Turn
from bot.workflow.step_results import LOST_AT_MOST, NOT_ANSWERED, TOO_LATE

#: How often a request is sent that Azure accepted and did not carry out.
SENDS_AT_MOST = 3
NOT_BEGUN = "It was not begun: somebody asked to stop."
NOT_REACHED = "It was not begun: the step before it did not succeed."
NOT_CARRIED_OUT = f"Azure accepted it {SENDS_AT_MOST} times, and did not carry it out."


async def do_step(turn: Turn, step: Step) -> None:
    """Ask, look and send until the step ends, or the turn does."""
    async with turn.slots:
        if (why := _not_reached(turn, step)) is not None:
            await turn.store(replace(step, state=StepState.REFUSED, why=why))
            return
        try:
            await _follow_step(turn, step.number)
        except RefusedForNow as error:
            await turn.put_off(error.retry_after)
            await _note_wait(turn, step.number, error)
        except RefusedForGood as error:
            refused = replace(turn.steps[step.number], state=StepState.REFUSED, why=error.sentence)
            await turn.store(refused)


def _not_reached(turn: Turn, step: Step) -> str | None:
    before = turn.steps.get(step.after) if step.after is not None else None
    is_fine = before is None or before.state is StepState.THERE
    return None if is_fine else NOT_REACHED


async def _follow_step(turn: Turn, number: int) -> None:
    while True:
        if await _advance(turn, number) or turn.is_over:
            return
        await asyncio.sleep(turn.ports.pace.look_again_seconds)


async def _note_wait(turn: Turn, number: int, error: RefusedForNow) -> None:
    """The card says why the step waits; after too long a time the step is given up."""
    step = turn.steps[number]
    if turn.is_too_late:
        await turn.store(replace(step, state=StepState.REFUSED, why=f"{TOO_LATE} {error}"))
    elif step.why != error.sentence:
        await turn.store(replace(step, why=error.sentence))


# --- what became of what was sent ------------------------------------------------------------


async def _advance(turn: Turn, number: int) -> bool:
    """One look, and one request where the look finds nothing. True: the step rests this turn."""
    step = turn.steps[number]
    if step.operation and turn.seconds_until_asked(step) and not turn.is_too_late:
        return turn.is_asked_later(step)
    outcome = await _ask(turn, step) if step.operation else None
    if outcome is not None and outcome.state is OperationState.IN_PROGRESS:
        return await _note_progress(turn, number, outcome)
    standing = await _look(turn, number)
    if outcome is not None and outcome.refusal and standing.state is not LookState.THERE:
        await _fail(turn, number, standing, outcome.refusal)
    step = turn.steps[number]
    if standing.state is not LookState.ABSENT and not _is_repeated(step, standing):
        return await _note_standing(turn, number, standing)
    return await _send_if_allowed(turn, number)


async def _ask(turn: Turn, step: Step) -> Outcome:
    await turn.lease.hold()
    outcome = await turn.ports.acts.outcome(step)
    await turn.lease.hold()
    return outcome


async def _look(turn: Turn, number: int) -> LookResult:
    await turn.lease.hold()
    standing = await turn.ports.acts.look(turn.steps[number])
    await turn.lease.hold()
    return standing


async def _note_progress(turn: Turn, number: int, outcome: Outcome) -> bool:
    step = replace(turn.steps[number], why="", ask_at=turn.ask_at(outcome.wait))
    if turn.is_too_late:
        step = replace(step, state=StepState.REFUSED, why=TOO_LATE)
    await turn.store(step)
    return step.state in ENDED


async def _fail(
    turn: Turn, number: int, standing: LookResult, refusal: RefusedForNow | RefusedForGood
) -> None:
    """The accepted work failed. Raises its reason: for good once it was sent often enough."""
    step = _without_operation(noted(turn.steps[number], standing))
    if isinstance(refusal, RefusedForNow) and _may_be_sent_again(step, standing):
        await turn.put_off(refusal.retry_after)
        again_at = turn.ask_at(refusal.retry_after)
        await turn.store(replace(step, state=StepState.SENT, why=refusal.sentence, ask_at=again_at))
        raise refusal
    await turn.store(replace(step, state=StepState.REFUSED, why=refusal.sentence))
    raise RefusedForGood(refusal.sentence)


def _may_be_sent_again(step: Step, standing: LookResult) -> bool:
    is_wreck = standing.state is LookState.FAILED and not _is_repeated(step, standing)
    return step.accepted < SENDS_AT_MOST and not is_wreck


def _is_repeated(step: Step, standing: LookResult) -> bool:
    """Whether the same request may mend what Azure began and gave up."""
    is_failed = standing.state is LookState.FAILED and standing.can_repeat
    return is_failed and step.attempts < SENDS_AT_MOST


async def _note_standing(turn: Turn, number: int, standing: LookResult) -> bool:
    step = _without_operation(noted(turn.steps[number], standing))
    if turn.is_too_late and step.state not in ENDED:
        step = replace(step, state=StepState.REFUSED, why=TOO_LATE)
    await turn.store(step)
    return step.state in ENDED


def _without_operation(step: Step) -> Step:
    return replace(step, operation="", ask_at=None)


# --- sending ---------------------------------------------------------------------------------


async def _send_if_allowed(turn: Turn, number: int) -> bool:
    step = turn.steps[number]
    if not step.is_due_again:  # else the verb, which looks once more, must know that it failed
        step = _without_operation(step)
    if (why := await _why_stopped(turn)) is not None:
        await turn.store(replace(_without_operation(step), state=StepState.REFUSED, why=why))
        return True
    if step.accepted >= SENDS_AT_MOST:
        raise RefusedForGood(step.why or NOT_CARRIED_OUT)
    if step.lost >= LOST_AT_MOST:
        raise RefusedForGood(NOT_ANSWERED)
    if turn.wait is not None:
        return True  # Azure asked for a wait: nothing new is sent to it in this turn
    # The step is stored before it is sent, so that the next worker looks after a crash.
    step = await turn.held.dated(step)
    await turn.store(replace(step, state=StepState.SENT, attempts=step.attempts + 1, why=""))
    await _send(turn, number)
    return False


async def _send(turn: Turn, number: int) -> None:
    """Send the request once, and store where its outcome is asked."""
    await turn.lease.hold()
    try:
        operation = await turn.ports.acts.do(turn.steps[number])
    except ReplyLost as error:
        step = turn.steps[number]
        await turn.store(replace(step, lost=step.lost + 1, why=error.sentence))
        raise
    except RefusedForNow as error:
        await _count_conflict(turn, number, error)
        raise
    await turn.lease.hold()
    step = turn.steps[number]
    step = _without_operation(replace(step, accepted=step.accepted + 1))
    if operation is not None:
        step = replace(step, operation=operation.address, ask_at=turn.ask_at(operation.wait))
    await turn.store(step)


async def _count_conflict(turn: Turn, number: int, error: RefusedForNow) -> None:
    """Raises RefusedForGood where Azure refused the request so often that it is not sent again."""
    if error.at_most is None:
        return
    step = turn.steps[number]
    await turn.store(replace(step, conflicts=step.conflicts + 1, why=error.sentence))
    if step.conflicts + 1 >= error.at_most:
        raise RefusedForGood(error.sentence) from error


async def _why_stopped(turn: Turn) -> str | None:
    """Why no further step is sent: the requester asked to stop, or the time is over. None: go."""
    if turn.is_too_late:
        return TOO_LATE
    stored = await turn.ports.store.get(turn.held.request.id)
    return NOT_BEGUN if stored is not None and stored.cancel_asked_by else None
