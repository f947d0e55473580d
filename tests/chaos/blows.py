"""Faults armed: each schedule's own, put where they happen, and noted when they do."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from deploy.local.azure.server import AzureStandIn
from deploy.local.faults import Asked, Faults
from deploy.local.faults import Fault as StandInFault
from deploy.local.faults import Kind as StandInKind
from deploy.local.slack.standin import SlackStandIn
from deploy.local.watching import HangUp, Watch
from tests.chaos.crew import Crew, Member
from tests.chaos.evidence import Blow
from tests.chaos.proxy import Trigger
from tests.chaos.report import Fired
from tests.chaos.schedules import AT_A_MESSAGE, AT_AZURE, Fault, Kind, Schedule
from tests.chaos.setting import group_of

_AZURE = {
    Kind.AZURE_429: StandInKind.STATUS,
    Kind.AZURE_5XX: StandInKind.STATUS,
    Kind.AZURE_DROP: StandInKind.DROP,
    Kind.AZURE_CUT: StandInKind.CUT,
    Kind.AZURE_LOST: StandInKind.LOST,
    Kind.AZURE_SLOW: StandInKind.SLOW,
    Kind.WORK_FAILS_NOW: StandInKind.WORK_FAILS,
    Kind.WORK_FAILS_FOR_GOOD: StandInKind.WORK_FAILS,
    Kind.FORGOTTEN: StandInKind.OPERATION_FORGOTTEN,
}
#: What Azure says of work that it fails: its code and its words. Where it is for now, they name
#: a wait, which is shorter here than people's patience.
FAILURES = {
    Kind.WORK_FAILS_NOW: (
        "InternalServerError",
        "The storage is busy. Please try again after '1' seconds.",
    ),
    Kind.WORK_FAILS_FOR_GOOD: ("OddDisk", "The disk is odd."),
}
_SLACK = {
    Kind.SLACK_429: StandInKind.STATUS,
    Kind.SLACK_5XX: StandInKind.STATUS,
    Kind.SLACK_LOST: StandInKind.LOST,
}
_TOO_MANY = 429
#: The server's answer to a COMMIT.
_COMMITTED = b"COMMIT\0"
_CONNECTS_WITHIN_SECONDS, _RECOVERS_WITHIN_SECONDS = 1.0, 15.0
#: What the outbox sends.
_SLACK_OPERATIONS = "chat.*"


class Noticing(Faults):
    """The faults of a stand-in, which tell who met one."""

    def __init__(self, told: Callable[[StandInFault], None]) -> None:
        super().__init__()
        self._told = told

    def meet(self, asked: Asked) -> StandInFault | None:
        found = super().meet(asked)
        if found is not None:
            self._told(found)
        return found


@dataclass
class Journal:
    """What really happened, and when the last of it did."""

    fired: list[Fired] = field(default_factory=list)
    last_at: float = field(default_factory=time.monotonic)
    blows: list[Blow] = field(default_factory=list)
    _owners: dict[int, tuple[StandInFault, Fired]] = field(default_factory=dict)

    def note(self, fired: Fired) -> None:
        """Something happened now; a fault that goes on is counted once."""
        self.last_at = time.monotonic()
        if fired not in self.fired:
            self.fired.append(fired)

    def hit(self, who: str, seconds: float) -> None:
        """A process (empty: all of them) is in trouble from now on for so long."""
        now = datetime.now(UTC)
        self.blows.append(Blow(now, now + timedelta(seconds=seconds), who))

    def own(self, fault: StandInFault, fired: Fired) -> None:
        """Whose fault of a stand-in this is."""
        self._owners[id(fault)] = (fault, fired)

    def met(self, fault: StandInFault) -> None:
        self.note(self._owners[id(fault)][1])


@dataclass(frozen=True)
class Stage:
    """Everything that can be hit. `server_process` is the database server's, None while away."""

    azure: AzureStandIn
    slack: SlackStandIn
    crew: Crew
    journal: Journal
    server_process: Callable[[], int | None]
    pause_seconds: float  #: longer than a lease lasts


def armed(stage: Stage, schedule: Schedule) -> list[Callable[[], object]]:
    """Puts every fault of a schedule in force; what is returned takes them away again."""
    return [_armed(stage, schedule, fault) for fault in schedule.faults]


def _armed(stage: Stage, schedule: Schedule, fault: Fault) -> Callable[[], object]:
    fired = Fired(fault.kind, schedule.number)
    if fault.kind in AT_A_MESSAGE:
        return _at_a_message(stage, schedule, fault, fired)
    if fault.kind in AT_AZURE:
        return _at_a_request(stage, schedule, fault, fired)
    faults = stage.slack.faults if fault.kind in _SLACK else stage.azure.faults
    rule = _of_slack(fault) if fault.kind in _SLACK else _of_azure(fault, schedule)
    stage.journal.own(rule, fired)
    return partial(faults.remove, faults.add(rule))


# --- at the n-th message of the database -----------------------------------------------------


def _at_a_message(
    stage: Stage, schedule: Schedule, fault: Fault, fired: Fired
) -> Callable[[], object]:
    member = stage.crew.members[schedule.number % len(stage.crew.members)]

    def act() -> None:
        if _hit(stage, member, fault):
            stage.journal.note(fired)

    breaks = fault.kind in (Kind.KILL_AT_MESSAGE, Kind.CUT)
    is_at_commit = fault.kind is Kind.PAUSE_AT_COMMIT
    trigger = Trigger(
        member.proxy.count + 1 + fault.number,
        fault.passes or is_at_commit,
        breaks,
        act,
        _COMMITTED if is_at_commit else b"",
    )
    member.proxy.at(trigger)
    return partial(member.proxy.forget, trigger)


def _hit(stage: Stage, member: Member, fault: Fault) -> bool:
    """Whether there was something to hit."""
    match fault.kind:
        case Kind.KILL_AT_MESSAGE:
            return _killed(stage, member)
        case Kind.PAUSE_AT_COMMIT:
            return _paused(stage, member)
        case Kind.CUT:
            stage.journal.hit(member.name, _CONNECTS_WITHIN_SECONDS)
            return member.proxy.cut() > 0
        case Kind.STALL:
            stage.journal.hit(member.name, fault.seconds)
            member.proxy.stall(fault.seconds)
            return True
    server = stage.server_process()
    if server is None:
        return False
    stage.journal.hit("", _RECOVERS_WITHIN_SECONDS)
    os.kill(server, signal.SIGINT if fault.kind is Kind.RESTART else signal.SIGKILL)
    return True


def _killed(stage: Stage, member: Member) -> bool:
    stage.journal.hit(member.name, 0.0)
    return member.kill()


def _paused(stage: Stage, member: Member) -> bool:
    stage.journal.hit(member.name, stage.pause_seconds)
    return member.pause(stage.pause_seconds)


# --- at the n-th request of Azure ------------------------------------------------------------


def _at_a_request(
    stage: Stage, schedule: Schedule, fault: Fault, fired: Fired
) -> Callable[[], object]:
    async def call(port: int) -> None:
        member = stage.crew.owner_of(port)
        if member is None:
            return
        if fault.kind is Kind.PAUSE:
            if _paused(stage, member):
                stage.journal.note(fired)
            return
        if _killed(stage, member):
            stage.journal.note(fired)
        if fault.kind is not Kind.KILL_LATE:
            raise HangUp
        await asyncio.sleep(fault.seconds)
        stage.journal.note(fired)  # it arrives now

    watch = Watch(
        _path_of(schedule),
        call,
        method=fault.method,
        skip=fault.number,
        is_after=fault.kind is Kind.KILL_AFTER,
    )
    stage.azure.watches.add(watch)
    return partial(stage.azure.watches.remove, watch)


def _path_of(schedule: Schedule) -> str:
    return f"/resourceGroups/{group_of(schedule)}/"


# --- of the stand-ins' own faults ------------------------------------------------------------


def _of_azure(fault: Fault, schedule: Schedule) -> StandInFault:
    is_429 = fault.kind is Kind.AZURE_429
    code, words = FAILURES.get(fault.kind, ("", ""))
    return StandInFault(
        _AZURE[fault.kind],
        method=fault.method,
        path=_path_of(schedule),
        skip=fault.number,
        times=fault.times,
        status=_TOO_MANY if is_429 else fault.status,
        retry_after=f"{fault.seconds:.0f}" if is_429 else None,
        code=code,
        message=words,
        seconds=fault.seconds if fault.kind is Kind.AZURE_SLOW else 0.0,
    )


def _of_slack(fault: Fault) -> StandInFault:
    is_429 = fault.kind is Kind.SLACK_429
    return StandInFault(
        _SLACK[fault.kind],
        operation=_SLACK_OPERATIONS,
        skip=fault.number,
        times=fault.times,
        status=_TOO_MANY if is_429 else fault.status,
        retry_after=f"{fault.seconds:.0f}" if is_429 else None,
    )
