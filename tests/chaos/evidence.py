"""What the oracle judges: values gathered from Azure's log, the database's rows, the people.

Ids of Azure are lower-cased here; times are aware and of this machine, whose clock the played
Azure, the database and the people share.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Rule(StrEnum):
    """What must never happen. The first four are the figures of the closing line."""

    LOST = "lost"
    DOUBLED = "doubled"
    UNAPPROVED = "unapproved"
    STUCK = "stuck"
    BROKEN = "audit chain broken"


@dataclass(frozen=True)
class Violation:
    """One breach, of the schedule of that number (0: of none in particular)."""

    rule: Rule
    schedule: int
    sentence: str


@dataclass(frozen=True)
class Pressed:
    """Somebody pressed a button that approves."""

    user_id: str
    at: datetime


@dataclass(frozen=True)
class Played:
    """What the people of one schedule did, and who of them might do what."""

    number: int
    vm_id: str
    requester: str
    approvals_needed: int
    may_approve: frozenset[str]
    typed: int = 1  #: how often the command was typed, redeliveries not counted
    acknowledged: bool = True  #: somebody read that it was asked
    waits_for_nobody: bool = False  #: its people left it undecided: waiting is its rest
    pressed: tuple[Pressed, ...] = ()
    gave_up: str = ""  #: what its people waited for in vain


@dataclass(frozen=True)
class Row:
    """A request as the database has it in the end."""

    id: str
    vm_id: str
    action: str
    state: str
    requester: str
    revision: int = 1
    kind: str = ""  #: of what its plan makes; empty: there is no plan
    disks: tuple[str, ...] = ()
    plan_hash: str = ""
    decide_by: datetime | None = None
    finished_at: datetime | None = None
    why: str = ""  #: it ended so, in the product's own words


@dataclass(frozen=True)
class Yes:
    """An approval."""

    request_id: str
    revision: int
    user_id: str
    plan_hash: str
    at: datetime


@dataclass(frozen=True)
class Entry:
    """A row of the audit chain."""

    seq: int
    request_id: str
    kind: str
    previous: str
    hash: str


@dataclass(frozen=True)
class Point:
    """A row of the ledger that was not marked as deleted."""

    arm_id: str
    request_id: str


@dataclass(frozen=True)
class Made:
    """Something that came to be in Azure. `request_id` is what it says of itself."""

    at: datetime
    arm_id: str
    kind: str
    vm_id: str
    disk_id: str  #: of a snapshot; a restore point is of the whole VM
    request_id: str
    plan_hash: str = ""  #: of a snapshot; a restore point carries none


@dataclass(frozen=True)
class Evidence:
    """Everything about one run, gathered when all was quiet or the time was over."""

    played: tuple[Played, ...] = ()
    rows: tuple[Row, ...] = ()
    approvals: tuple[Yes, ...] = ()
    made: tuple[Made, ...] = ()
    there: frozenset[str] = frozenset()  #: what exists in Azure now
    points: tuple[Point, ...] = ()
    audit: tuple[Entry, ...] = ()
    head: tuple[int, str] = (0, "")  #: the last number and hash, from the head's own row
    verified: str = ""  #: what the product's own check found wrong; empty: nothing
    unanswered: tuple[str, ...] = ()  #: requests (or buttons) of clicks that nobody judged
    undone_steps: dict[str, int] = field(default_factory=dict)  #: of requests that are done
