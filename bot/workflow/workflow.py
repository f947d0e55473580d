"""A wake-up comes in: the request is taken, its chapter told, and it is put down again."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from advisor.errors import DatabaseUnreachable
from bot.requests.changes import ChangeRefused
from bot.requests.model import Request
from bot.requests.states import State
from bot.workflow import clicks
from bot.workflow.giving_up import CLICK_TRIES, Unforeseen, end_of, given_up, not_judged
from bot.workflow.lease import Lease, LeaseLost, backoff
from bot.workflow.ports import NotNow, Ports
from bot.workflow.reminders_and_expiry import aftercare
from bot.workflow.state_approved import beginning
from bot.workflow.state_planning import planning
from bot.workflow.state_running import doing
from bot.workflow.state_waiting import waiting

_log = logging.getLogger(__name__)

Chapter = Callable[[Ports, Request, Lease], Awaitable[None]]
CHAPTERS: Mapping[State, Chapter] = {
    State.PLANNING: planning,
    State.WAITING: waiting,
    State.APPROVED: beginning,
    State.RUNNING: doing,
}


class Workflow:
    """What workers are given to do. Each may be done twice, by anybody, at any time."""

    def __init__(self, ports: Ports) -> None:
        self._tools = ports
        self._click_failures: dict[str, int] = {}

    async def carry_on(self, request_id: str) -> None:
        """One chapter after another, until it rests. Raises DatabaseUnreachable."""
        while await self._chapter(request_id):
            pass

    async def judge(self, click_id: str) -> None:
        """Judge one click; one that cannot be judged is answered, too. Raises DatabaseUnreachable.

        The sweep tries it again. Another worker counts for itself.
        """
        try:
            await clicks.judge(self._tools, click_id)
        except DatabaseUnreachable:
            raise
        except Exception:  # noqa: BLE001  the boundary: whoever pressed is told something
            error_id = self._tools.new_error_id()
            _log.exception("Error %s: the click %s could not be judged.", error_id, click_id)
            await self._not_judged(click_id, error_id)
        else:
            self._click_failures.pop(click_id, None)

    async def look_after(self) -> None:
        """What becomes due by itself: reminders, expiries, looks that nobody took."""
        await aftercare(self._tools)

    async def _not_judged(self, click_id: str, error_id: str) -> None:
        tries = self._click_failures.get(click_id, 0) + 1
        self._click_failures[click_id] = tries
        if tries >= CLICK_TRIES:
            await self._tools.store.judge(click_id, lambda click, *_: not_judged(click, error_id))
            del self._click_failures[click_id]

    async def _chapter(self, request_id: str) -> bool:
        """Whether the next one can follow at once."""
        ports = self._tools
        token = ports.new_token()
        request = await ports.store.take(request_id, token, ports.pace.lease_seconds)
        if request is None:
            return False
        lease = Lease(ports.store, request.id, token, ports.pace.lease_seconds, ports.may_act)
        try:
            return await self._told(request, lease)
        except LeaseLost as lost:
            _log.info("%s is somebody else's: %s", request.id, lost)
        except ChangeRefused as lost:
            _log.info("%s has moved on and is looked at again: %s", request.id, lost)
            await ports.store.release(request.id, token, timedelta())
        return False

    async def _told(self, request: Request, lease: Lease) -> bool:
        """Whatever went wrong is put off, counted, and ends by the same limits."""
        try:
            async with lease.kept():
                await CHAPTERS[request.state](self._tools, request, lease)
        except NotNow as reason:
            return await self._put_off(request, lease, reason)
        except (LeaseLost, ChangeRefused, DatabaseUnreachable):
            raise
        except Exception:  # noqa: BLE001  the boundary: no request is stuck for a mistake of ours
            error_id = self._tools.new_error_id()
            _log.exception("Error %s: %s failed while %s.", error_id, request.id, request.state)
            return await self._put_off(request, lease, Unforeseen(error_id))
        await self._tools.store.release(request.id, lease.token, None)
        return True

    async def _put_off(self, request: Request, lease: Lease, reason: NotNow) -> bool:
        """Look again later; what could not be planned or begun for too long has failed."""
        ports = self._tools
        why = given_up(ports, request, reason, await ports.store.now())
        if why:
            change = await end_of(ports, request, f"{why} {reason.why}")
            await ports.store.move(request, change, lease.token)
            return False
        if reason.failed and reason.wait is not None:
            await lease.keep_wait(ports.pace.at_most(reason.wait))
        wait = self._wait(request, reason)
        _log.info("%s waits %.0f s: %s", request.id, wait.total_seconds(), reason.why)
        await ports.store.release(request.id, lease.token, wait, failed=reason.failed)
        return False

    def _wait(self, request: Request, reason: NotNow) -> timedelta:
        """What we were told to wait, or our own back-off where that is longer."""
        pace = self._tools.pace
        own = backoff(request.attempts, longest_seconds=pace.longest_backoff_seconds)
        told = pace.at_most(reason.wait or timedelta())
        return max(told, own) if reason.failed else told
