"""One worker's turn at a running request: its steps as they stand, and how long to wait."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.requests.approval.who_may import begin_check
from bot.requests.model import Step, StepState
from bot.requests.request import Request
from bot.workflow.lease import Lease
from bot.workflow.ports import NotNow, Ports
from bot.workflow.step_results import HeldRequest

ENDED = frozenset({StepState.THERE, StepState.REFUSED, StepState.UNDONE})


def _clock() -> float:
    return asyncio.get_running_loop().time()


@dataclass(slots=True)
class Turn:
    """The steps of a request while one worker holds it; `until` is by the clock of the loop."""

    held: HeldRequest
    steps: dict[int, Step]
    began_at: datetime  #: by the clock of the database
    until: float
    is_too_late: bool
    is_too_old: bool  #: the approval, to begin now
    slots: asyncio.Semaphore  #: for steps side by side
    began: float = field(default_factory=_clock)
    wait: timedelta | None = None
    has_failed: bool = False

    @property
    def ports(self) -> Ports:
        return self.held.ports

    @property
    def lease(self) -> Lease:
        return self.held.lease

    @property
    def is_over(self) -> bool:
        return _clock() >= self.until

    def seconds_until_asked(self, step: Step) -> float:
        """How long the operation of the step is not asked yet; 0: it may be asked."""
        if step.ask_at is None:
            return 0.0
        return max((step.ask_at - self.began_at).total_seconds() - (_clock() - self.began), 0.0)

    def is_asked_later(self, step: Step) -> bool:
        """Whether the operation of the step is not asked any more in this turn."""
        return _clock() + self.seconds_until_asked(step) > self.until

    def ask_at(self, wait: timedelta | None) -> datetime:
        """When an operation is asked next: after the wait that Azure names, or our own."""
        pace = self.ports.pace
        named = max(wait or timedelta(), timedelta(seconds=pace.look_again_seconds))
        return self.began_at + timedelta(seconds=_clock() - self.began) + pace.at_most(named)

    async def put_off(self, wait: timedelta | None) -> None:
        """Store the longest wait that Azure named: it holds even if this worker dies now."""
        self.has_failed = True
        if wait is not None:
            self.wait = max(wait, self.wait or wait)
            await self.lease.keep_wait(self.ports.pace.at_most(wait))

    async def store(self, step: Step) -> None:
        """Store how a step stands, if that changed. Raises LeaseLost."""
        if step != self.steps[step.number]:
            await self.held.note(step)
            self.steps[step.number] = step

    def is_ready(self, step: Step) -> bool:
        """Whether a step is to be done now: it has not ended, and the one before it has."""
        before = self.steps.get(step.after) if step.after is not None else None
        return step.state not in ENDED and (before is None or before.state in ENDED)

    def not_now(self) -> NotNow:
        """After a failure the back-off; while Azure works, until the first step may be asked."""
        if self.has_failed:
            return NotNow("Azure could not be asked.", self.wait)
        waits = [
            self.seconds_until_asked(step) for step in self.steps.values() if self.is_ready(step)
        ]
        seconds = max(min(waits, default=0.0), self.ports.pace.put_off_seconds)
        return NotNow("Azure is not done with it.", timedelta(seconds=seconds), failed=False)


async def start_turn(ports: Ports, request: Request, lease: Lease) -> Turn:
    """Read what the turn begins with."""
    now = await ports.store.now()
    since = request.approved_at or request.asked_at
    steps = await ports.store.steps(request.id)
    approvals = await ports.store.approvals(request.id, request.revision)
    return Turn(
        held=HeldRequest(ports=ports, request=request, lease=lease, approvals=approvals),
        steps={step.number: step for step in steps},
        began_at=now,
        until=_clock() + ports.pace.patience_seconds,
        is_too_late=now >= since + ports.pace.running_at_most,
        is_too_old=not begin_check(request.approved_at, ports.rules.begin_within, now).allowed,
        slots=asyncio.Semaphore(ports.pace.steps_at_once),
    )
