"""The worker takes the request, runs the handler of its state and releases it."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from advisor.errors import DatabaseUnreachable
from bot.requests.changes import ChangeRefused
from bot.requests.request import Request
from bot.requests.states import State
from bot.workflow import clicks
from bot.workflow.giving_up import CLICK_TRIES, Unforeseen, answer_unjudged, end_of, why_given_up
from bot.workflow.lease import Lease, LeaseLost, backoff
from bot.workflow.ports import NotNow, Ports
from bot.workflow.reminders_and_expiry import handle_due
from bot.workflow.state_approved import handle_approved
from bot.workflow.state_planning import handle_planning
from bot.workflow.state_running import handle_running
from bot.workflow.state_waiting import handle_waiting

_log = logging.getLogger(__name__)

#: Clicks whose failures a worker remembers, those that failed first go first: another worker may
#: have judged them, of which this one is not told. A bot judges some hundred clicks an hour.
CLICKS_COUNTED = 1000

Handler = Callable[[Ports, Request, Lease], Awaitable[None]]
HANDLERS: Mapping[State, Handler] = {
    State.PLANNING: handle_planning,
    State.WAITING: handle_waiting,
    State.APPROVED: handle_approved,
    State.RUNNING: handle_running,
}


class Workflow:
    """What a worker does for a wake-up. Any worker may do it, at any time, and twice."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._click_failures: OrderedDict[str, int] = OrderedDict()

    async def carry_on(self, request_id: str) -> None:
        """Handle one state after another until the request rests. Raises DatabaseUnreachable."""
        while await self._run_once(request_id):
            pass

    async def judge(self, click_id: str) -> None:
        """Judge one click; one that cannot be judged is answered, too. Raises DatabaseUnreachable.

        The sweep tries a click that failed again. Each worker counts its own tries.
        """
        try:
            await clicks.judge(self._ports, click_id)
        except DatabaseUnreachable:
            raise
        except Exception:  # noqa: BLE001  the boundary: the person who pressed gets an answer
            error_id = self._ports.new_error_id()
            _log.exception("Error %s: the click %s could not be judged.", error_id, click_id)
            await self._count_failure(click_id, error_id)
        else:
            self._click_failures.pop(click_id, None)

    async def look_after(self) -> None:
        """Do what becomes due by itself: reminders, expiries, escalations of missing reviews."""
        await handle_due(self._ports)

    async def _count_failure(self, click_id: str, error_id: str) -> None:
        tries = self._click_failures.get(click_id, 0) + 1
        self._click_failures[click_id] = tries
        while len(self._click_failures) > CLICKS_COUNTED:
            self._click_failures.popitem(last=False)
        if tries >= CLICK_TRIES:
            await self._ports.store.judge(
                click_id, lambda click, *_: answer_unjudged(click, error_id)
            )
            del self._click_failures[click_id]

    async def _run_once(self, request_id: str) -> bool:
        """Take, handle and release the request; whether its next state can be handled at once."""
        ports = self._ports
        token = ports.new_token()
        request = await ports.store.take(request_id, token, ports.pace.lease_seconds)
        if request is None:
            return False
        lease = Lease(ports.store, request.id, token, ports.pace.lease_seconds, ports.may_act)
        try:
            return await self._handle(request, lease)
        except LeaseLost as lost:
            _log.info("Another worker has the lease on %s: %s", request.id, lost)
        except ChangeRefused as refused:
            _log.info("%s changed meanwhile and is read again: %s", request.id, refused)
            await ports.store.release(request.id, token, timedelta())
        return False

    async def _handle(self, request: Request, lease: Lease) -> bool:
        """Run the handler; an error of any kind puts the request off, by the same limits."""
        try:
            async with lease.kept():
                await HANDLERS[request.state](self._ports, request, lease)
        except NotNow as reason:
            return await self._put_off(request, lease, reason)
        except (LeaseLost, ChangeRefused, DatabaseUnreachable):
            raise
        except Exception:  # noqa: BLE001  the boundary: no request is stuck for a mistake of ours
            error_id = self._ports.new_error_id()
            _log.exception("Error %s: %s failed while %s.", error_id, request.id, request.state)
            return await self._put_off(request, lease, Unforeseen(error_id))
        await self._ports.store.release(request.id, lease.token, None)
        return True

    async def _put_off(self, request: Request, lease: Lease, reason: NotNow) -> bool:
        """Release the request until later; end it where it failed for too long."""
        ports = self._ports
        why = why_given_up(ports, request, reason, await ports.store.now())
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
        """The wait that Azure or Slack named, or our own back-off where that is longer."""
        pace = self._ports.pace
        own = backoff(request.attempts, longest_seconds=pace.longest_backoff_seconds)
        named = pace.at_most(reason.wait or timedelta())
        return max(named, own) if reason.failed else named
