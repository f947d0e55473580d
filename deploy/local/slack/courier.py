"""Deliveries to the app: what is sent, over which transport, how often."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from deploy.local.slack.clock import Clock

#: Slack waits so long for an acknowledgement (handling user interaction, 2026-06).
ACK_SECONDS = 3.0
#: Before an event's second, third and fourth delivery (Events API, 2026-06).
RETRY_PAUSES_SECONDS = (0.0, 60.0, 300.0)
#: How many deliveries are remembered, for a demo that runs for days.
REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to deliver. `kind` is slash_commands, interactive or events_api."""

    kind: str
    payload: Mapping[str, Any]
    url: str = ""  #: where HTTP takes it
    attempt: int = 0
    reason: str = ""  #: why it is delivered again


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it. `why` is empty where it was acknowledged, else Slack's word for it."""

    why: str = ""
    answer: Any = None  #: what came with the acknowledgement: an object, a text or nothing
    may_retry: bool = True


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery and its outcome, for the record."""

    delivery: Delivery
    outcome: Outcome


class Transport(Protocol):
    """Socket Mode or HTTP."""

    async def deliver(self, delivery: Delivery) -> Outcome: ...


@dataclass
class Courier:
    """Sends things once, and events again until they are acknowledged."""

    transport: Transport
    clock: Clock
    told: Callable[[], Awaitable[None]]  #: called after each delivery
    record: list[Delivered] = field(default_factory=list)
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    async def once(self, delivery: Delivery) -> Outcome:
        outcome = await self.transport.deliver(delivery)
        self.record.append(Delivered(delivery, outcome))
        del self.record[:-REMEMBERED]
        await self.told()
        return outcome

    def event(self, delivery: Delivery) -> None:
        """Begin to deliver an event; nobody waits for it."""
        task = asyncio.create_task(self._with_retries(delivery))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def stop(self) -> None:
        """Give up what is still to be retried."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _with_retries(self, delivery: Delivery) -> None:
        outcome = await self.once(delivery)
        for attempt, pause in enumerate(RETRY_PAUSES_SECONDS, start=1):
            if not outcome.why or not outcome.may_retry:
                return
            await self.clock.sleep(pause)
            outcome = await self.once(replace(delivery, attempt=attempt, reason=outcome.why))
