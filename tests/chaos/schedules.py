"""Schedules: what one request goes through, drawn from a seed. Values only.

A schedule is one request's whole life: who is asked, what they press and how often, and the
faults that are put in its own way. What hits a process or the database hits every request that
is alive at that moment; it is counted once, for the schedule that drew it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Kind(StrEnum):
    """What may go wrong, in the words of the report."""

    KILL_AT_MESSAGE = "kill -9 at a database message"
    KILL_BEFORE = "kill -9 before Azure did the work"
    KILL_AFTER = "kill -9 after Azure did the work"
    KILL_LATE = "kill -9, and the request arrives late"
    PAUSE = "process paused longer than its lease"
    PAUSE_AT_COMMIT = "process paused right after a commit"
    CUT = "database connections cut"
    STALL = "database stalled"
    RESTART = "database restarted in good order"
    CRASH = "database killed and recovered"
    AZURE_429 = "Azure 429 with Retry-After"
    AZURE_5XX = "Azure 5xx"
    AZURE_DROP = "Azure connection cut before the work"
    AZURE_CUT = "Azure answer cut in the middle"
    AZURE_LOST = "Azure reply lost after the work"
    AZURE_SLOW = "Azure slow"
    WORK_FAILS_NOW = "Azure accepts and fails for now"
    WORK_FAILS_FOR_GOOD = "Azure accepts and fails for good"
    FORGOTTEN = "Azure forgets the operation"
    SLACK_429 = "Slack 429 with Retry-After"
    SLACK_5XX = "Slack 5xx"
    SLACK_LOST = "Slack reply lost after the work"
    REDELIVERED = "command delivered again"
    CLICKED_AGAIN = "click delivered again"
    DOUBLE_CLICK = "double click"
    TWENTY_CLICKS = "twenty-fold click"
    TWO_AT_ONCE = "two approvers at once"
    OWN_APPROVAL = "own approval tried"
    NOT_ALLOWED = "approval by one who may not"
    FORGED = "forged button"


class Ending(StrEnum):
    """What its people want of it."""

    APPROVED = "approved"
    DENIED = "denied"
    TAKEN_BACK = "taken back while it waits"
    STOPPED = "taken back while it runs"
    LEFT = "left undecided"


KILLS = frozenset({Kind.KILL_AT_MESSAGE, Kind.KILL_BEFORE, Kind.KILL_AFTER, Kind.KILL_LATE})
AT_A_MESSAGE = frozenset(
    {
        Kind.KILL_AT_MESSAGE,
        Kind.PAUSE_AT_COMMIT,
        Kind.CUT,
        Kind.STALL,
        Kind.RESTART,
        Kind.CRASH,
    }
)
AT_AZURE = frozenset({Kind.KILL_BEFORE, Kind.KILL_AFTER, Kind.KILL_LATE, Kind.PAUSE})
FAULTS_OF_AZURE = (
    Kind.AZURE_429,
    Kind.AZURE_5XX,
    Kind.AZURE_DROP,
    Kind.AZURE_CUT,
    Kind.AZURE_LOST,
    Kind.AZURE_SLOW,
)
#: What Azure accepts, and what becomes of it; the first two may end the request.
FAULTS_OF_WORK = {Kind.WORK_FAILS_NOW: 50, Kind.WORK_FAILS_FOR_GOOD: 25, Kind.FORGOTTEN: 25}
WORK_FAILS = frozenset({Kind.WORK_FAILS_NOW, Kind.WORK_FAILS_FOR_GOOD})
FAULTS_OF_SLACK = (Kind.SLACK_429, Kind.SLACK_5XX, Kind.SLACK_LOST)
#: How often each blow is drawn, in hundredths; the rest draw none.
_BLOWS = {
    Kind.KILL_AT_MESSAGE: 15,
    Kind.KILL_BEFORE: 5,
    Kind.KILL_AFTER: 8,
    Kind.KILL_LATE: 4,
    Kind.PAUSE: 5,
    Kind.PAUSE_AT_COMMIT: 8,
    Kind.CUT: 9,
    Kind.STALL: 4,
    Kind.RESTART: 2,
    Kind.CRASH: 2,
}
#: A request that was stopped cannot call back what a paused or killed process had sent on its
#: way: what arrives after the end is a leftover, found and listed. These wait for the end.
_ARRIVE_LATE = frozenset({Kind.KILL_LATE, Kind.PAUSE, Kind.PAUSE_AT_COMMIT})
#: What people try on a card, and how likely each is.
_MISCHIEF = {
    Kind.TWO_AT_ONCE: 0.15,
    Kind.OWN_APPROVAL: 0.15,
    Kind.NOT_ALLOWED: 0.1,
    Kind.FORGED: 0.06,
}
_MESSAGES_OF_A_LIFE = 250
_REQUESTS_OF_A_LIFE = 6
#: Longer than the pauses with which the product begins, which would hide that it does not wait.
_LONGEST_RETRY_AFTER_SECONDS = 12
_WORK_GOES_WRONG = 0.3
_SO_DOES_A_DELETION = 0.3
#: Azure is asked to change something only for these.
_BEGINS = frozenset({Ending.APPROVED, Ending.STOPPED})
_MORE_THAN_ANY_BOUND = 6


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. What each figure is for depends on the kind."""

    kind: Kind
    number: int = 0  #: after so many messages or requests
    passes: bool = False  #: the message at which it happens reaches its reader
    method: str = ""  #: of Azure's requests; empty: any
    times: int = 1
    status: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Schedule:
    """One request's life. `number` is its own over the whole run, from 1."""

    number: int
    begins_after_seconds: float
    disks: int
    consistent: bool
    approvals: int
    ending: Ending
    cleans_up: bool  #: what is half done is cleaned up; otherwise one goes on
    deliveries: int
    clicks: int
    clicked_again: bool
    mischief: tuple[Kind, ...]
    faults: tuple[Fault, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Everything that it brings, what people do included."""
        found = [fault.kind for fault in self.faults] + list(self.mischief)
        found += [Kind.REDELIVERED] * (self.deliveries > 1)
        found += [Kind.CLICKED_AGAIN] * self.clicked_again
        found += [Kind.DOUBLE_CLICK] * (self.clicks == 2)
        found += [Kind.TWENTY_CLICKS] * (self.clicks > 2)
        return tuple(found)


def schedules(seed: int, count: int, within_seconds: float) -> Iterator[Schedule]:
    """So many schedules, each from its own dice: the n-th is the same however many there are."""
    for number in range(1, count + 1):
        yield schedule(seed, number, within_seconds)


def schedule(seed: int, number: int, within_seconds: float) -> Schedule:
    """The schedule of that number, which begins within so many seconds of its batch."""
    dice = Random(f"{seed}/{number}")
    approvals = _weighted(dice, {1: 55, 2: 20, 0: 25})
    ending = _ending(dice, approvals)
    return Schedule(
        number=number,
        begins_after_seconds=round(dice.uniform(0, within_seconds), 2),
        disks=_weighted(dice, {1: 45, 2: 35, 3: 20}),
        consistent=dice.random() < 0.15,
        approvals=approvals,
        ending=ending,
        cleans_up=dice.random() < 0.4,
        deliveries=_weighted(dice, {1: 75, 2: 18, 5: 7}),
        clicks=_weighted(dice, {1: 55, 2: 28, 20: 17}) if approvals else 1,
        clicked_again=bool(approvals) and dice.random() < 0.15,
        mischief=tuple(_mischief(dice)) if approvals else (),
        faults=(*_blow(dice, ending), *_little_faults(dice), *_faults_of_work(dice, ending)),
    )


def _ending(dice: Random, approvals: int) -> Ending:
    if not approvals:
        return _weighted(dice, {Ending.APPROVED: 85, Ending.STOPPED: 15})
    return _weighted(
        dice,
        {
            Ending.APPROVED: 80,
            Ending.DENIED: 5,
            Ending.TAKEN_BACK: 5,
            Ending.STOPPED: 8,
            Ending.LEFT: 2,
        },
    )


def _mischief(dice: Random) -> Iterator[Kind]:
    for kind, chance in _MISCHIEF.items():
        if dice.random() < chance:
            yield kind


def _blow(dice: Random, ending: Ending) -> Iterator[Fault]:
    """At most one thing that hits a process or the database."""
    none = 100 - sum(_BLOWS.values())
    kind = _weighted(dice, {**_BLOWS, None: none})
    if kind is None or (kind in _ARRIVE_LATE and ending is not Ending.APPROVED):
        return
    most = _MESSAGES_OF_A_LIFE if kind in AT_A_MESSAGE else _REQUESTS_OF_A_LIFE
    yield Fault(
        kind,
        number=dice.randrange(most),
        passes=dice.random() < 0.5,
        method=_weighted(dice, {"": 60, "PUT": 40}) if kind in AT_AZURE else "",
        seconds=round(dice.uniform(0.5, 3.0), 1),
    )


def _little_faults(dice: Random) -> Iterator[Fault]:
    """What only one call meets, or the same one a few times."""
    for _ in range(_weighted(dice, {0: 35, 1: 40, 2: 25})):
        of_slack = dice.random() < 0.2
        kind = dice.choice(FAULTS_OF_SLACK if of_slack else FAULTS_OF_AZURE)
        yield Fault(
            kind,
            number=dice.randrange(3),
            method="" if of_slack else _weighted(dice, {"": 50, "PUT": 50}),
            times=_weighted(dice, {1: 50, 2: 35, 3: 15}),
            status=dice.choice((500, 502, 503, 504)),
            seconds=float(dice.randint(1, _LONGEST_RETRY_AFTER_SECONDS)),
        )


def _faults_of_work(dice: Random, ending: Ending) -> Iterator[Fault]:
    """What Azure accepts and does not carry out, or does not know any more when it is asked.

    What is deleted is mostly what failed, so a deletion goes wrong beside it.
    """
    if ending not in _BEGINS or dice.random() >= _WORK_GOES_WRONG:
        return
    yield _fault_of_work(dice, "PUT")
    if dice.random() < _SO_DOES_A_DELETION:
        yield _fault_of_work(dice, "DELETE")


def _fault_of_work(dice: Random, method: str) -> Fault:
    """One that fails for now does so once, or more often than a request may be sent."""
    kind = _weighted(dice, FAULTS_OF_WORK)
    often = _weighted(dice, {1: 40, _MORE_THAN_ANY_BOUND: 60})
    return Fault(
        kind,
        number=_weighted(dice, {0: 80, 1: 20}),
        method=method,
        times=often if kind is Kind.WORK_FAILS_NOW else 1,
    )


def _weighted(dice: Random, weights: Mapping[T, int]) -> T:
    return dice.choices(list(weights), list(weights.values()))[0]


def numbers(found: Sequence[Schedule]) -> str:
    """`1–50`: which schedules these are."""
    return f"{found[0].number}–{found[-1].number}"
