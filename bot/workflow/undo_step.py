"""One step is undone: its operation is asked, its target looked at, its request sent when due.

How far it came is stored with the step, as it is when a step is done.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.azure.operations import OperationState, Outcome
from bot.azure.refusals import RefusedForGood, RefusedForNow, ReplyLost
from bot.azure.standing import LookState, noted
from bot.requests.model import Step
from bot.workflow.one_step import NOT_CARRIED_OUT, SENDS_AT_MOST
from bot.workflow.ports import NotNow
from bot.workflow.step_results import LOST_AT_MOST, NOT_ANSWERED, HeldRequest


async def undo_step(held: HeldRequest, step: Step, undo: Step) -> bool:
    """True when the step is undone; False where Azure says no, and it stays. Raises NotNow.

    Where it takes longer than a worker's patience, the next turn asks and looks again.
    """
    pace, clock = held.ports.pace, asyncio.get_running_loop().time
    until = clock() + pace.patience_seconds
    undoing = _Undoing(held, step if step.undoing else followed_anew(step, undoing=True), undo)
    try:
        while not await undoing.advance():
            if clock() >= until:
                wait = timedelta(seconds=pace.put_off_seconds)
                raise NotNow("The steps are being rolled back.", wait, failed=False)
            await asyncio.sleep(pace.look_again_seconds)
    except RefusedForNow as error:
        raise NotNow(error.sentence, error.retry_after) from error
    except RefusedForGood:
        return False
    return True


def followed_anew(step: Step, *, undoing: bool = False) -> Step:
    """The step with nothing accepted, refused or under way."""
    return replace(
        step, undoing=undoing, accepted=0, conflicts=0, lost=0, operation="", ask_at=None
    )


def _not_carried_out(step: Step) -> str:
    if not step.lost:
        return NOT_CARRIED_OUT
    return f"It was sent to Azure {step.accepted + step.lost} times, and was not carried out."


@dataclass(slots=True)
class _Undoing:
    """A step that is being undone, and the step that undoes it."""

    held: HeldRequest
    step: Step
    undo: Step

    async def advance(self) -> bool:
        """Ask, look, and send where the step is still to be undone. True: it is undone."""
        now = await self.held.ports.store.now()
        if self.step.operation and self.step.ask_at is not None and now < self.step.ask_at:
            return False
        outcome = await self._ask() if self.step.operation else None
        if outcome is not None and outcome.state is OperationState.IN_PROGRESS:
            await self._store(replace(self.step, ask_at=self._ask_at(now, outcome.wait)))
            return False
        return await self._look_and_send(now, outcome)

    async def _look_and_send(self, now: datetime, outcome: Outcome | None) -> bool:
        await self.held.lease.hold()
        standing = await self.held.ports.acts.look(self._asked())
        await self.held.lease.hold()
        if standing.state is LookState.THERE:
            return True
        if standing.state in (LookState.FOREIGN, LookState.FAILED):
            raise RefusedForGood(standing.why)
        if outcome is not None:
            await self._note_end(now, outcome)
        if standing.state is LookState.ABSENT:
            self.undo = noted(self.undo, standing)
            await self._send()
        return False

    async def _ask(self) -> Outcome:
        await self.held.lease.hold()
        outcome = await self.held.ports.acts.outcome(self._asked())
        await self.held.lease.hold()
        return outcome

    async def _note_end(self, now: datetime, outcome: Outcome) -> None:
        """Nothing is under way any more. Raises why it failed, which stays noted until it is sent
        again."""
        refusal = outcome.refusal
        if refusal is None:
            await self._store(replace(self.step, operation="", ask_at=None))
            return
        wait = refusal.retry_after if isinstance(refusal, RefusedForNow) else None
        await self._store(replace(self.step, operation="", ask_at=self._ask_at(now, wait)))
        raise refusal

    def _asked(self) -> Step:
        """The step that undoes, with what is known of its last sending."""
        return replace(self.undo, operation=self.step.operation, ask_at=self.step.ask_at)

    async def _send(self) -> None:
        """Send the request once, where it was not sent often enough already."""
        sent = self.step.accepted + self.step.lost  # what had no answer may have been accepted, too
        if self.step.accepted and sent >= SENDS_AT_MOST:
            raise RefusedForGood(_not_carried_out(self.step))
        if self.step.lost >= LOST_AT_MOST:
            raise RefusedForGood(NOT_ANSWERED)
        before, asked = self.step, self._asked()
        await self._note_sending()
        try:
            operation = await self.held.ports.acts.do(asked)
        except ReplyLost:
            raise  # it was noted as sent without an answer
        except RefusedForNow as error:
            await self._store(before)
            await self._count_conflict(error)
            raise
        except RefusedForGood:
            await self._store(before)
            raise
        await self.held.lease.hold()
        now = await self.held.ports.store.now()
        step = replace(before, accepted=before.accepted + 1, ask_at=None)
        if operation is not None:
            ask_at = self._ask_at(now, operation.wait)
            step = replace(step, operation=operation.address, ask_at=ask_at)
        await self._store(step)

    async def _note_sending(self) -> None:
        """Store, before it is sent, that there is no answer: that holds after a crash.

        What Azure accepted then has no address, and a deletion that fails may show as being
        deleted for ever. So the request may be sent again, within its bound.
        """
        sent = self.step.accepted + self.step.lost + 1
        again_at = await self.held.ports.store.now() if sent < SENDS_AT_MOST else None
        await self._store(replace(self.step, lost=self.step.lost + 1, ask_at=again_at))

    async def _count_conflict(self, error: RefusedForNow) -> None:
        if error.at_most is None:
            return
        await self._store(replace(self.step, conflicts=self.step.conflicts + 1))
        if self.step.conflicts >= error.at_most:
            raise RefusedForGood(error.sentence) from error

    def _ask_at(self, now: datetime, wait: timedelta | None) -> datetime:
        pace = self.held.ports.pace
        named = max(wait or timedelta(), timedelta(seconds=pace.look_again_seconds))
        return now + pace.at_most(named)

    async def _store(self, step: Step) -> None:
        if step != self.step:
            await self.held.note_undoing(step)
            self.step = step
