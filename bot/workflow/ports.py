"""What the handlers of the states work with: narrow ports that raise what they cannot read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.azure.operations import Operation, Outcome
from bot.azure.standing import LookResult
from bot.database.store import Store
from bot.jobs.queue import MayAct, always
from bot.requests.approval.people import ChannelFacts, Membership, Person
from bot.requests.approval.rules import RequestRules
from bot.requests.model import Point, RequestPlan, Step, Wish
from bot.requests.request import Request
from bot.workflow.find_card import CardFinder


class NotNow(Exception):
    """The request cannot proceed for the moment: it is put off, and tried again.

    `wait` is the wait that Azure or Slack named; None: our own back-off, which grows with every
    attempt that failed. Not `failed`: the work only takes its time.
    """

    def __init__(self, why: str, wait: timedelta | None = None, *, failed: bool = True) -> None:
        self.why, self.wait, self.failed = why, wait, failed
        super().__init__(why)


class ReadsPeople(Protocol):
    """Slack, as far as it says who people are. None: it could not be read.

    `fresh`: recent enough to decide by. The reading began at most seconds before the call
    (`bot.slack.remembered.FRESH_SECONDS`). Raises SlackThrottled where Slack names a wait.
    """

    async def person(self, user_id: str, *, fresh: bool = False) -> Person | None: ...

    async def groups(self, ids: Iterable[str], *, fresh: bool = False) -> Membership: ...

    async def channel(self, channel_id: str) -> ChannelFacts | None: ...


class MakesPlans(Protocol):
    """Reads Azure and makes a plan of a wish. Raises VmbackupError of many kinds."""

    async def plan(
        self,
        request: Request,
        revision: int,
        points: Sequence[Point],
        now: datetime,
    ) -> RequestPlan: ...


class Acts(Protocol):
    """Azure, as far as steps go. Raises RefusedForNow and RefusedForGood."""

    async def look(self, step: Step) -> LookResult: ...

    async def do(self, step: Step) -> Operation | None: ...

    async def outcome(self, step: Step) -> Outcome: ...


class ChecksSources(Protocol):
    """Azure, as far as the points of a plan go. Raises RefusedForNow and RefusedForGood."""

    async def check(self, plan: RequestPlan) -> None: ...


class StepsOf(Protocol):
    """The steps of a plan, in the order in which they are numbered. Raises RefusedForGood."""

    def __call__(
        self, plan: RequestPlan, tags: Mapping[str, str], points: Sequence[Point] = ()
    ) -> tuple[Step, ...]: ...


class Deletion(Protocol):
    """The wish to delete what a request made: all of it where no point is named."""

    def __call__(self, of_request: str, reason: str, points: tuple[str, ...] = ()) -> Wish: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowPace:
    """How long a worker waits for what; the settings say it, tests make it short."""

    lease_seconds: float = 30.0
    #: Between two looks at a resource that Azure is still making, within one hold of the lease.
    look_again_seconds: float = 1.0
    #: A worker stays so long with a request that Azure is busy with; then it puts it off.
    patience_seconds: float = 20.0
    put_off_seconds: float = 5.0
    #: Our own back-off doubles up to this: the longest pause before a worker notices that an
    #: outage is over.
    longest_backoff_seconds: float = 15.0
    #: Planning that cannot read Azure or Slack ends after this.
    planning_at_most: timedelta = timedelta(minutes=15)
    #: Azure may take hours to copy an Ultra disk, but nothing waits for longer than this.
    running_at_most: timedelta = timedelta(hours=24)
    #: What undoes a restore takes Azure minutes, and a VM may stand still meanwhile: after this a
    #: person does by hand what is left.
    rolling_back_at_most: timedelta = timedelta(hours=4)
    #: A request that fails so often in a row before it begins ends once its approval is void.
    begin_attempts_at_most: int = 60
    steps_at_once: int = 4

    def at_most(self, wait: timedelta) -> timedelta:
        """The wait that Azure or Slack named, but no longer than a request may run."""
        return min(wait, self.running_at_most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything that the handler of a state may use."""

    store: Store
    plans: MakesPlans
    people: ReadsPeople
    acts: Acts
    sources: ChecksSources
    rules: RequestRules
    steps_of: StepsOf
    deletion: Deletion
    cards: CardFinder
    new_token: Callable[[], str]  #: for buttons: opaque, not to be guessed
    new_request_id: Callable[[], str]
    new_error_id: Callable[[], str]  #: shown to the person and written to the log
    pace: WorkflowPace = WorkflowPace()
    may_act: MayAct = always  #: whether this bot may change anything at the moment
