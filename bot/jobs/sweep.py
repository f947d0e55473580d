"""The sweep: every few seconds it wakes workers for the rows that are due, job or no job."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Protocol

from advisor.errors import DatabaseUnreachable
from bot.database.clock import follow_clock
from bot.database.pool import Database
from bot.jobs.enqueue import JobWakes, forget_lost_jobs
from bot.jobs.queue import MayAct, always
from bot.loops import is_cancelled
from bot.requests.changes import ChangeRefused
from bot.requests.request import Request

_log = logging.getLogger(__name__)

AT_ONCE = 200  #: rows of each kind in one sweep; the next sweep takes the others
CHORE_SECONDS = 30.0  #: a chore that takes longer counts as hung
LONGEST_PAUSE_SECONDS = 60.0  #: before a chore that failed is tried again
HOUSEKEEPING_SECONDS = 60.0
#: People are forgotten a batch at a time; what is kept for months is not a matter of minutes.
FORGET_PEOPLE_SECONDS = 600.0
FOLLOW_CLOCK_SECONDS = 5.0

Do = Callable[[], Awaitable[object]]
WithRequest = Callable[[Request], Awaitable[object]]


class Rows(Protocol):
    """The part of the store that the sweep uses."""

    async def due(self, limit: int) -> Sequence[str]: ...

    async def due_clicks(self, limit: int) -> Sequence[str]: ...

    async def forget_old_keys(self) -> object: ...


@dataclass(slots=True)
class Chore:
    """A task that the sweep repeats. `name` completes “while ...”."""

    name: str
    do: Do
    every_seconds: float = 0.0  #: 0: in every sweep
    next_at: float = 0.0
    failures: int = 0

    def done(self, now: float) -> None:
        """Set the time of the next run after a success."""
        self.failures, self.next_at = 0, now + self.every_seconds

    def failed(self, now: float) -> None:
        """Set the time of the next try; the pause doubles with each failure."""
        self.failures += 1
        pause = min(2.0 ** min(self.failures, 10), LONGEST_PAUSE_SECONDS)
        self.next_at = now + max(pause, self.every_seconds)


class Sweep:
    """Runs the chores; survives outages, and logs each outage once."""

    def __init__(
        self,
        chores: Sequence[Chore],
        every_seconds: float,
        may_act: MayAct = always,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """`beat` is called before each chore and each pause: a loop that hangs calls it no more."""
        self._chores, self._every_seconds, self._may_act = chores, every_seconds, may_act
        self._beat = beat
        self._is_away = False

    async def run(self) -> None:
        """Sweep until the task is cancelled."""
        while not is_cancelled():
            if self._may_act():
                await self.once()
            self._beat()
            await asyncio.sleep(self._every_seconds)

    async def once(self) -> None:
        """Run every chore that is due. An outage of the database ends this sweep."""
        now = asyncio.get_running_loop().time
        for chore in self._chores:
            if chore.next_at <= now() and not await self._try(chore, now):
                return

    async def _try(self, chore: Chore, now: Callable[[], float]) -> bool:
        """Run one chore; False where the database does not answer."""
        self._beat()
        try:
            async with asyncio.timeout(CHORE_SECONDS):
                await chore.do()
        except (DatabaseUnreachable, TimeoutError) as error:
            if not self._is_away:
                _log.warning("The sweep waits for the database (while %s): %s", chore.name, error)
            self._is_away = True
            return False
        except Exception:  # noqa: BLE001  the boundary: the other chores are done all the same
            _log.exception("Something went wrong while %s.", chore.name)
            chore.failed(now())
            return True
        if self._is_away:
            _log.info("The database answers again; the sweep resumes.")
        self._is_away = False
        chore.done(now())
        return True


def chores(
    rows: Rows,
    database: Database,
    wakes: JobWakes,
    *,
    look_after: Do,
    forget_people: Do,
    stalled_seconds: float,
) -> list[Chore]:
    """The chores: the clock, due requests, due clicks, expiries and reminders, what is forgotten.

    `look_after` does the expiries, reminders and escalations, `forget_people` what is kept of
    people too long; two workers may run each at once.
    """
    forget_jobs = partial(_forget_jobs, database, timedelta(seconds=stalled_seconds))
    return [
        Chore("following the clock", partial(follow_clock, database), FOLLOW_CLOCK_SECONDS),
        Chore("waking requests that are due", partial(_requests, rows, database, wakes)),
        Chore("waking clicks that wait", partial(_clicks, rows, database, wakes)),
        Chore("handling expiries, reminders and escalations", look_after),
        Chore("forgetting old keys", rows.forget_old_keys, HOUSEKEEPING_SECONDS),
        Chore("forgetting lost jobs", forget_jobs, HOUSEKEEPING_SECONDS),
        Chore("forgetting people", forget_people, FORGET_PEOPLE_SECONDS),
    ]


async def each(requests: Iterable[Request], do: WithRequest) -> None:
    """Call `do` for every request; the errors of single requests are raised together at the end.

    A request that another worker changed meanwhile is skipped. Raises DatabaseUnreachable at once.
    """
    failures: list[Exception] = []
    for request in requests:
        try:
            await do(request)
        except DatabaseUnreachable:
            raise
        except ChangeRefused as refused:
            _log.info("%s was changed meanwhile: %s", request.id, refused)
        except Exception as error:  # noqa: BLE001  raised below, after the other requests
            error.add_note(f"The request was {request.id}.")
            failures.append(error)
    if failures:
        raise ExceptionGroup(f"{len(failures)} requests could not be handled", failures)


async def _requests(rows: Rows, database: Database, wakes: JobWakes) -> None:
    if due := await rows.due(AT_ONCE):
        async with database.connection() as connection:
            await wakes.requests(connection, due)


async def _clicks(rows: Rows, database: Database, wakes: JobWakes) -> None:
    if due := await rows.due_clicks(AT_ONCE):
        async with database.connection() as connection:
            await wakes.clicks(connection, due)


async def _forget_jobs(database: Database, stalled: timedelta) -> None:
    async with database.connection() as connection:
        await forget_lost_jobs(connection, stalled)
