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
    OFTEN = "sent too often"
    BLIND = "sent without a look or a note"
    EARLY = "asked before a Retry-After was over"
    POSTED = "posted again"
    UNHELD = "written without the lease"


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
    work_failed: bool = False  #: Azure accepted work of it and failed: it may end so


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
    asked_at: datetime | None = None
    of_request: str = ""  #: the request whose points a deletion deletes
    left: frozenset[str] = frozenset()  #: ids that its end names as left, in audit and thread


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
    has_failed: bool = False  #: Azure began it and gave up, and it was deleted as such
    is_wreck: bool = False  #: Azure began it and gave up, and it exists as such


# --- what is counted -------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A request of a bot to Azure or Slack, as the stand-in met it. Paths are in lower case."""

    at: datetime
    answered_at: datetime
    who: str  #: the process; empty: it was gone when the harness looked
    method: str
    path: str
    status: int
    delivered: bool = True  #: the whole answer was sent
    retry_after_seconds: float = 0.0
    operation: str = ""  #: the path where the outcome of accepted work is asked
    state: str = ""  #: of the resource, of the operation, or Slack's ok or error
    code: str = ""  #: of an error
    channel: str = ""  #: of a message


@dataclass(frozen=True)
class Blow:
    """What stood in the way of a process, and how long; of all of them where none is named."""

    at: datetime
    until: datetime
    who: str = ""


@dataclass(frozen=True)
class Begun:
    """A step was planned, or planned anew."""

    at: datetime
    target: str
    verb: str


@dataclass(frozen=True)
class Noted:
    """A step was noted as sent."""

    at: datetime
    target: str
    verb: str


@dataclass(frozen=True)
class Sending:
    """A message was noted as being sent, or (`is_anew`) is to be posted a further time."""

    at: datetime
    message_id: int
    who: str
    where: frozenset[str]  #: the channel and the person it may go to
    request_id: str = ""
    is_anew: bool = False


@dataclass(frozen=True)
class Move:
    """Something that only the holder of a request's lease may write. Empty: nobody holds it."""

    at: datetime
    request_id: str
    who: str
    holder: str
    what: str


@dataclass(frozen=True)
class Counted:
    """Everything that is counted, each kind in the order of time."""

    asked: tuple[Asked, ...] = ()
    blows: tuple[Blow, ...] = ()
    steps: tuple[Begun | Noted, ...] = ()
    sendings: tuple[Sending, ...] = ()
    moves: tuple[Move, ...] = ()


# --- all of it -------------------------------------------------------------------------------


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
    counted: Counted = Counted()
