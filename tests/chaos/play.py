"""One schedule played: its people ask, decide and insist until their request rests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from tests.chaos.blows import Journal, Stage, armed
from tests.chaos.evidence import Played
from tests.chaos.hands import APPROVE, CANCEL, CLEAN_UP, GO_ON, Hands
from tests.chaos.report import Fired
from tests.chaos.schedules import WORK_FAILS, Ending, Kind, Schedule
from tests.chaos.setting import (
    NOT_ALLOWED,
    approvers_of,
    may_approve,
    requester_of,
    vm_id,
    vm_name,
)
from tests.chaos.watcher import Standing, Watcher

#: Everything rests within so long of the last fault.
REST_SECONDS = 60.0
#: Nobody presses or types again sooner.
_INSIST_SECONDS = 4.0
_LOOK_SECONDS = 0.5
_RESTING = frozenset({"done", "cleaned up", "failed", "refused", "denied", "cancelled", "lapsed"})
#: Which of several requests about a VM is looked at: these after all others.
_LATER = {"waiting": 1, "refused": 2}


class Play:
    """The life of one request as its people see it."""

    def __init__(
        self,
        stage: Stage,
        watcher: Watcher,
        schedule: Schedule,
        locks: Mapping[str, asyncio.Lock],
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self.schedule = schedule
        self._rest_seconds = rest_seconds
        self.rested_after_seconds = 0.0
        self._stage, self._watcher, self._locks = stage, watcher, locks
        self._hands = Hands(stage.slack, schedule)
        self._acknowledged = False
        self._gave_up = ""
        self._acts: set[str] = set()
        self._acted_at = time.monotonic()

    @property
    def played(self) -> Played:
        schedule = self.schedule
        return Played(
            number=schedule.number,
            vm_id=vm_id(schedule),
            requester=requester_of(schedule),
            approvals_needed=schedule.approvals,
            may_approve=may_approve(schedule),
            typed=self._hands.typed,
            acknowledged=self._acknowledged,
            waits_for_nobody=schedule.ending is Ending.LEFT,
            pressed=tuple(self._hands.pressed),
            gave_up=self._gave_up,
            work_failed=any(
                each.kind in WORK_FAILS and each.schedule == schedule.number
                for each in self._stage.journal.fired
            ),
        )

    @property
    def state(self) -> str:
        """Of its first request; empty while there is none."""
        standing = self._standing()
        return standing.state if standing else ""

    async def run(self) -> None:
        """From the first word to the rest, or to the end of patience."""
        await asyncio.sleep(self.schedule.begins_after_seconds)
        takings = armed(self._stage, self.schedule)
        try:
            await self._ask()
            while not self._rests() and not self._gave_up:
                await self._act()
            self.rested_after_seconds = time.monotonic() - self._since()
        finally:
            for take_away in takings:
                take_away()

    # --- patience ----------------------------------------------------------------------------

    def _since(self) -> float:
        """When something last stood in the way, or its people did something new."""
        return max(self._stage.journal.last_at, self._acted_at)

    def _is_new(self, act: str) -> bool:
        """Whether they do this for the first time; doing it again buys no time."""
        is_new = act not in self._acts
        if is_new:
            self._acts.add(act)
            self._acted_at = time.monotonic()
        return is_new

    def _lose_patience(self, waiting_for: str) -> None:
        if time.monotonic() - self._since() > self._rest_seconds:
            self._gave_up = f"Waited {self._rest_seconds:.0f} s for {waiting_for} in vain."

    async def _look(self, waiting_for: str) -> None:
        await self._watcher.next_look(_LOOK_SECONDS)
        self._lose_patience(waiting_for)

    async def _wait(self, waiting_for: str) -> None:
        """Until it stands elsewhere, or it is time to insist."""
        before, until = self._standing(), time.monotonic() + _INSIST_SECONDS
        while self._standing() == before and time.monotonic() < until and not self._gave_up:
            await self._look(waiting_for)

    def _standing(self) -> Standing | None:
        """Of a command typed twice, the request that went on; one that points to it comes last."""
        found = self._watcher.of_vm(vm_name(self.schedule))
        return min(found, key=lambda each: _LATER.get(each.state, 0), default=None)

    def _rests(self) -> bool:
        if not self._watcher.all_of_vm_are_answered(vm_name(self.schedule)):
            return False
        is_left = self.schedule.ending is Ending.LEFT and "left" in self._acts
        return self.state in _RESTING or (self.state == "waiting" and is_left)

    # --- what they do ------------------------------------------------------------------------

    async def _ask(self) -> None:
        self._is_new("asked")
        while not self._gave_up:
            self._acknowledged = await self._hands.ask()
            await self._watcher.next_look(_LOOK_SECONDS)
            if self._acknowledged or self._standing():
                break
            await self._wait("an acknowledgement")
        if self.schedule.deliveries > 1:
            self._note(Kind.REDELIVERED)

    async def _act(self) -> None:
        standing = self._standing()
        if standing is None:
            return await self._look("its request to be found")
        match standing.state:
            case "waiting":
                await self._at_waiting(standing)
            case "approved" | "running" if self.schedule.ending is Ending.STOPPED:
                await self._stop()
            case "half done":
                await self._at_half_done()
            case _:
                await self._look(f"the end of “{standing.state}”")
        return None

    async def _at_waiting(self, standing: Standing) -> None:
        if self._hands.card(APPROVE) is None:
            return await self._look("the card")
        is_first = self._is_new(f"first look at revision {standing.revision}")
        if is_first:
            await self._mischief()
        await self._decide(self.schedule.clicks if is_first else 1)
        await self._wait("the decision to count")
        return None

    async def _decide(self, clicks: int) -> None:
        first, _ = approvers_of(self.schedule)
        match self.schedule.ending:
            case Ending.DENIED:
                async with self._locks[first]:  # one modal at a time on a screen
                    await self._hands.deny(first)
            case Ending.TAKEN_BACK:
                await self._hands.press(requester_of(self.schedule), CANCEL)
            case Ending.LEFT:
                self._is_new("left")
            case _:
                await self._approve(clicks)

    async def _approve(self, clicks: int) -> None:
        pressing = list(approvers_of(self.schedule))
        at_once = Kind.TWO_AT_ONCE in self.schedule.mischief
        if self.schedule.approvals == 1 and not at_once:
            pressing = pressing[:1]
        if at_once:
            await asyncio.gather(*(self._hands.press(one, APPROVE, clicks) for one in pressing))
            self._note(Kind.TWO_AT_ONCE)
        else:
            for one in pressing:
                await self._hands.press(one, APPROVE, clicks)
        if clicks > 1:
            self._note(Kind.DOUBLE_CLICK if clicks == 2 else Kind.TWENTY_CLICKS)
        if self.schedule.clicked_again:
            await self._hands.press_again()
            self._note(Kind.CLICKED_AGAIN)

    async def _mischief(self) -> None:
        """What must not count, before anything that does."""
        for kind in self.schedule.mischief:
            match kind:
                case Kind.OWN_APPROVAL:
                    await self._hands.press(requester_of(self.schedule), APPROVE)
                case Kind.NOT_ALLOWED:
                    await self._hands.press(NOT_ALLOWED, APPROVE)
                case Kind.FORGED:
                    await self._hands.forge(approvers_of(self.schedule)[0])
                case _:
                    continue
            self._note(kind)

    async def _stop(self) -> None:
        self._is_new("stopped")
        if await self._hands.press(requester_of(self.schedule), CANCEL):
            await self._wait("the end after it was taken back")
        else:
            await self._look("a button to take it back")

    async def _at_half_done(self) -> None:
        button = CLEAN_UP if self.schedule.cleans_up else GO_ON
        if self._hands.card(button) is None:
            return await self._look("the card of what is half done")
        self._is_new(button)
        await self._hands.press(requester_of(self.schedule), button)
        await self._wait("the half done to be ended")
        return None

    def _note(self, kind: Kind) -> None:
        journal: Journal = self._stage.journal
        fired = Fired(kind, self.schedule.number)
        if fired not in journal.fired:
            journal.fired.append(fired)
