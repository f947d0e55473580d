"""A nudge comes in: the request is taken, its chapter told, and it is put down again."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from bot.requests.changes import Change, ChangeRefused
from bot.requests.model import Action, Request
from bot.requests.states import State
from bot.story import clicks, ends
from bot.story.aftercare import aftercare
from bot.story.beginning import beginning
from bot.story.deleting import refused_deletion
from bot.story.doing import doing
from bot.story.lease import Lease, LeaseLost, backoff
from bot.story.planning import planning
from bot.story.tools import NotNow, Tools
from bot.story.waiting import waiting

_log = logging.getLogger(__name__)

Chapter = Callable[[Tools, Request, Lease], Awaitable[None]]
CHAPTERS: Mapping[State, Chapter] = {
    State.PLANNING: planning,
    State.WAITING: waiting,
    State.APPROVED: beginning,
    State.RUNNING: doing,
}


class Story:
    """What workers are given to do. Each may be done twice, by anybody, at any time."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def carry_on(self, request_id: str) -> None:
        """One chapter after another, until it rests. Raises DatabaseUnreachable."""
        while await self._chapter(request_id):
            pass

    async def judge(self, click_id: str) -> None:
        """Judge one click. Raises DatabaseUnreachable."""
        await clicks.judge(self._tools, click_id)

    async def look_after(self) -> None:
        """What becomes due by itself: reminders, expiries, looks that nobody took."""
        await aftercare(self._tools)

    async def _chapter(self, request_id: str) -> bool:
        """Whether the next one can follow at once."""
        tools = self._tools
        token = tools.new_token()
        request = await tools.store.take(request_id, token, tools.pace.lease_seconds)
        if request is None:
            return False
        lease = Lease(tools.store, request.id, token, tools.pace.lease_seconds)
        try:
            async with lease.kept():
                await CHAPTERS[request.state](tools, request, lease)
        except NotNow as reason:
            return await self._put_off(request, lease, reason)
        except LeaseLost as lost:
            _log.info("%s is somebody else's: %s", request.id, lost)
            return False
        except ChangeRefused as lost:
            _log.info("%s has moved on and is looked at again: %s", request.id, lost)
            await tools.store.release(request.id, token, timedelta())
            return False
        await tools.store.release(request.id, token, None)
        return True

    async def _put_off(self, request: Request, lease: Lease, reason: NotNow) -> bool:
        """Look again later; what could not be planned or begun for too long has failed."""
        tools = self._tools
        why = self._given_up(request, await tools.store.now())
        if why:
            change = await _failed(tools, request, f"{why} {reason.why}")
            await tools.store.move(request, change, lease.token)
            return False
        if reason.failed and reason.wait is not None:
            await lease.keep_wait(tools.pace.at_most(reason.wait))
        wait = self._wait(request, reason)
        _log.info("%s waits %.0f s: %s", request.id, wait.total_seconds(), reason.why)
        await tools.store.release(request.id, lease.token, wait, failed=reason.failed)
        return False

    def _wait(self, request: Request, reason: NotNow) -> timedelta:
        """What we were told to wait, or our own back-off where that is longer."""
        pace = self._tools.pace
        own = backoff(request.attempts, longest_seconds=pace.longest_backoff_seconds)
        told = pace.at_most(reason.wait or timedelta())
        return max(told, own) if reason.failed else told

    def _given_up(self, request: Request, now: datetime) -> str:
        """Why it is not tried any more; empty: it is."""
        pace, rules = self._tools.pace, self._tools.rules
        if request.state is State.PLANNING and now >= request.asked_at + pace.planning_at_most:
            return f"It could not be planned for {_minutes(pace.planning_at_most)}."
        since = request.approved_at or request.asked_at
        is_void = request.state is State.APPROVED and now >= since + rules.begin_within
        if is_void and request.attempts >= pace.begin_attempts_at_most:
            return f"It could not be begun within {_minutes(rules.begin_within)}."
        return ""


async def _failed(tools: Tools, request: Request, why: str) -> Change:
    if request.action is Action.DELETE:
        return await refused_deletion(tools, request, why)
    if await tools.store.points(request_id=request.id, alive=True):
        return ends.not_gone_on(request, why)
    return ends.refused(request, why, to=State.FAILED)


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.0f} minutes"
