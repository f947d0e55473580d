"""The changes of a request as values: the move, its audit entry, the messages, the reservation.

Workers and the judge of clicks make these values; the store writes each in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot.requests.model import Approval, Requester, Step, Wish
from bot.requests.states import State

# --- asking ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request to be stored, before anything is read from Azure."""

    id: str  #: `r-` and 12 hexadecimal digits, chosen by the caller
    requester: Requester
    wish: Wish
    content_key: str  #: an equal key within 24 hours means the same request
    trace: str = ""  #: in which it is asked for, as W3C's traceparent


@dataclass(frozen=True, slots=True, kw_only=True)
class AskResult:
    """The stored request. `is_new` is False where Slack delivered the same one before;
    `request_id` is then the id of the first."""

    request_id: str
    is_new: bool


# --- what a change writes --------------------------------------------------------------------


class NoteKind(StrEnum):
    """Where a message goes."""

    THREAD = "thread"  #: in the thread of the request's card
    WHISPER = "whisper"  #: in a channel, visible to one person
    DIRECT = "direct"  #: to one person


#: A message as Slack receives it: `text` and `blocks`.
Body = Mapping[str, Any]
#: From the hash of the audit chain's head after this change: the body of a message that shows it.
Signed = Callable[[str], Body]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A message that is sent once for its key and request.

    `of_request` is the request whose thread the message goes to, where that is another one: a
    deletion is reported under the card of the request whose points it deletes.
    """

    key: str
    kind: NoteKind
    message: Body | Signed
    channel_id: str = ""  #: of a whisper; a thread is in the channel of the card
    user_id: str = ""  #: of a whisper or a direct message
    of_request: str = ""
    unless_in: str = ""  #: of a direct message: whoever is in this channel reads it there


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One row of the audit chain: what happened, and who did it (empty: vmbackup itself)."""

    kind: str
    who: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)  #: JSON; other values become text


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """The amount that this request reserves of a team's monthly budget; at most one per request.

    Every final state but `done` releases the reservation. `limit` None: the team has no limit.
    """

    team: str
    month: str  #: "2026-11"
    amount: Decimal
    currency: str
    limit: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many break-glass requests this person may make; this request is not counted."""

    user_id: str
    since: datetime
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeQuota:
    """How many requests for this VM may go without an approval; this request is not counted."""

    vm_key: str
    since: datetime
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A later expiry for the points of another request; the reminder before it is sent anew."""

    request_id: str
    expires_at: datetime
    arm_ids: tuple[str, ...] = ()  #: empty: all points of that request


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """A point that is not deleted when it expires, because Azure deletes it for nobody yet."""

    arm_id: str
    until: datetime  #: its deletion is not tried before


#: A worker takes the request as soon as the change is written.
WAKE_AT_ONCE = timedelta(0)

#: The fields of a request that a change may set, beside its state.
CHANGEABLE = frozenset(
    {
        "revision",
        "plan",
        "channel_id",
        "decide_by",
        "approved_at",
        "begin_by",
        "finished_at",
        "expires_at",
        "reminded_at",
        "why",
        "cancel_asked_by",
        "button",
        "look_by",
        "looked_by",
        "escalated_at",
        "free_at",
        "undo_began",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one request, written completely or not at all.

    The store sets `approved_at` and `finished_at` where `to` implies them, unless `fields` has
    them. A new `button` is bound to the request and its revision.
    """

    to: State | None  #: None: the state stays
    entry: AuditEntry
    fields: Mapping[str, Any] = field(default_factory=dict)  #: of `CHANGEABLE`
    notes: tuple[Note, ...] = ()
    steps: tuple[Step, ...] | None = None  #: replace all stored steps
    reserve: Reserve | None = None
    quota: Quota | None = None
    free: FreeQuota | None = None  #: the request goes without an approval, and counts
    extend: Extension | None = None
    put_off: tuple[PutOff, ...] = ()
    new_card: bool = False  #: post a new card instead of editing the posted one
    #: When a worker takes the request next; None: only another event wakes a worker.
    wake_in: timedelta | None = WAKE_AT_ONCE


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickJudgement:
    """What is written for one click: always an answer, seldom a change."""

    notes: tuple[Note, ...]  #: the answer; a change has notes of its own besides
    waits: bool = False  #: the notes say only that the click is judged later
    change: Change | None = None
    approval: Approval | None = None  #: of the revision that waits
    entry: AuditEntry | None = None  #: the audit entry where there is no change
    create: Ask | None = None  #: another request: the clean-up of a half-done one


# --- why the store refuses a change ----------------------------------------------------------


class ChangeRefused(Exception):
    """The store wrote nothing; the caller reads the request again."""


class MovedOn(ChangeRefused):
    """The request changed since it was read, or another worker holds its lease."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        super().__init__(f"{request_id} has moved on.")


class LiveElsewhere(ChangeRefused):
    """Another live request has the same VM and action: `request_id`."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        super().__init__(f"{request_id} is under way already.")


class OverBudget(ChangeRefused):
    """The team's monthly budget does not cover the amount."""

    def __init__(self, limit: Decimal, reserved: Decimal) -> None:
        self.limit, self.reserved = limit, reserved
        super().__init__(f"{reserved} of {limit} are taken already.")


class UsedUp(ChangeRefused):
    """This person has no break-glass request left in the quota."""

    def __init__(self, most: int, used: int) -> None:
        self.most, self.used = most, used
        super().__init__(f"{used} of {most} times are used.")
