"""The sweep: every few seconds it wakes workers for what the rows say is due, job or no job."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Protocol

from advisor.errors import DatabaseUnreachable
from bot.database.pool import Database
from bot.jobs.enqueue import JobWakes, forget_lost_jobs
from bot.jobs.queue import MayAct, always
from bot.jobs.worker_loop import is_cancelled
from bot.requests.changes import ChangeRefused
from bot.requests.model import Request

_log = logging.getLogger(__name__)

AT_ONCE = 200  #: of each kind in one sweep; what is more has its turn in the next
CHORE_SECONDS = 30.0  #: a chore that takes longer hangs
LONGEST_PAUSE_SECONDS = 60.0  #: before a chore that failed is tried again
HOUSEKEEPING_SECONDS = 60.0

Do = Callable[[], Awaitable[object]]
WithRequest = Callable[[Request], Awaitable[object]]


class Rows(Protocol):
    """What the sweep reads of the store."""

    async def due(self, limit: int) -> Sequence[str]: ...

    async def due_clicks(self, limit: int) -> Sequence[str]: ...

    async def forget_old_keys(self) -> object: ...


@dataclass(slots=True)
class Chore:
    """Something that is done again and again. `name` completes “while ...”."""

    name: str
    do: Do
    every_seconds: float = 0.0  #: 0: in every sweep
    next_at: float = 0.0
    failures: int = 0

    def done(self, now: float) -> None:
        """It went well."""
        self.failures, self.next_at = 0, now + self.every_seconds

    def failed(self, now: float) -> None:
        """Try it again, each time after twice as long."""
        self.failures += 1
        pause = min(2.0 ** min(self.failures, 10), LONGEST_PAUSE_SECONDS)
        self.next_at = now + max(pause, self.every_seconds)


class Sweep:
    """Runs the chores; survives outages and says so once."""

    def __init__(
        self, chores: Sequence[Chore], every_seconds: float, may_act: MayAct = always
    ) -> None:
        self._chores, self._every_seconds, self._may_act = chores, every_seconds, may_act
        self._is_away = False

    async def run(self) -> None:
        """Until it is cancelled."""
        while not is_cancelled():
            if self._may_act():
                await self.once()
            await asyncio.sleep(self._every_seconds)

    async def once(self) -> None:
        """Every chore whose time has come. An outage of the database ends this sweep."""
        now = asyncio.get_running_loop().time
        for chore in self._chores:
            if chore.next_at <= now() and not await self._try(chore, now):
                return

    async def _try(self, chore: Chore, now: Callable[[], float]) -> bool:
        """False where the database does not answer."""
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
            _log.info("The database answers again; the sweep goes on.")
        self._is_away = False
        chore.done(now())
        return True


def chores(
    rows: Rows, database: Database, wakes: JobWakes, *, look_after: Do, stalled_seconds: float
) -> list[Chore]:
    """What is swept: work that is due, clicks, what becomes due by itself, what can be forgotten.

    `look_after` sees to expiries, reminders and the like; two workers may do so at once.
    """
    tidy = partial(_tidy, database, timedelta(seconds=stalled_seconds))
    return [
        Chore("waking requests that are due", partial(_requests, rows, database, wakes)),
        Chore("waking clicks that wait", partial(_clicks, rows, database, wakes)),
        Chore("looking after what was made", look_after),
        Chore("forgetting old keys", rows.forget_old_keys, HOUSEKEEPING_SECONDS),
        Chore("forgetting lost jobs", tidy, HOUSEKEEPING_SECONDS),
    ]


async def each(requests: Iterable[Request], do: WithRequest) -> None:
    """Do it for every one; one that fails keeps none waiting, and is raised at the end.

    Where another worker was first, nothing is left to do. Raises DatabaseUnreachable at once.
    """
    failures: list[Exception] = []
    for request in requests:
        try:
            await do(request)
        except DatabaseUnreachable:
            raise
        except ChangeRefused as refused:
            _log.info("%s has moved on: %s", request.id, refused)
        except Exception as error:  # noqa: BLE001  raised below, once the others had their turn
            error.add_note(f"It was about {request.id}.")
            failures.append(error)
    if failures:
        raise ExceptionGroup(f"{len(failures)} requests could not be dealt with", failures)


async def _requests(rows: Rows, database: Database, wakes: JobWakes) -> None:
    if due := await rows.due(AT_ONCE):
        async with database.connection() as connection:
            await wakes.requests(connection, due)


async def _clicks(rows: Rows, database: Database, wakes: JobWakes) -> None:
    if due := await rows.due_clicks(AT_ONCE):
        async with database.connection() as connection:
            await wakes.clicks(connection, due)


async def _tidy(database: Database, stalled: timedelta) -> None:
    async with database.connection() as connection:
        await forget_lost_jobs(connection, stalled)
