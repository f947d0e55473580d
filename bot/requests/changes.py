"""What is written when a request changes: the move, its audit entry, the messages, the money.

Pure values: whoever decides makes them, and the store writes each in one transaction.
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
    """A request to be written down: nothing was read yet."""

    id: str  #: `r-` and 12 hexadecimal digits, chosen by whoever asks
    requester: Requester
    wish: Wish
    content_key: str  #: the same key within 24 hours is the same request


@dataclass(frozen=True, slots=True, kw_only=True)
class AskResult:
    """What became of it. Not new: the same was delivered before, and `request_id` is that one."""

    request_id: str
    is_new: bool


# --- what a change writes --------------------------------------------------------------------


class NoteKind(StrEnum):
    """Where a message goes."""

    THREAD = "thread"  #: under the request's card, wherever that is
    WHISPER = "whisper"  #: in a channel, for one person's eyes
    DIRECT = "direct"  #: to one person


#: A message of Slack as it is sent: `text` and `blocks`.
Body = Mapping[str, Any]
#: A message that shows the audit's head after this change: given its hash, it is the body.
Signed = Callable[[str], Body]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A message that is sent once for its key and request.

    `of_request` is whose thread it goes to, where that is another's: a deletion is told under
    the card of what it deletes.
    """

    key: str
    kind: NoteKind
    message: Body | Signed
    channel_id: str = ""  #: of a whisper; a thread is where the card is
    user_id: str = ""  #: of a whisper or a direct message
    of_request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One row of the audit: what happened, by whom (empty: vmbackup itself)."""

    kind: str
    who: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)  #: JSON; other values become texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """Money of a team's month that this request needs; one request holds one reservation.

    It is given back on every end but `done`. `limit` None: the team has none.
    """

    team: str
    month: str  #: "2026-11"
    amount: Decimal
    currency: str
    limit: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How often this person may break the glass; this request is not counted."""

    user_id: str
    since: datetime
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """The end of what another request made, put off; it will be reminded of anew."""

    request_id: str
    expires_at: datetime
    arm_ids: tuple[str, ...] = ()  #: empty: all that it made


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
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one request, written whole or not at all.

    `approved_at` and `finished_at` are set by the store where `to` means them and `fields` does
    not say otherwise. A new `button` is bound to the request and its revision.
    """

    to: State | None  #: None: it stays where it is
    entry: AuditEntry
    fields: Mapping[str, Any] = field(default_factory=dict)  #: of `CHANGEABLE`
    notes: tuple[Note, ...] = ()
    steps: tuple[Step, ...] | None = None  #: in place of those there are
    reserve: Reserve | None = None
    quota: Quota | None = None
    extend: Extension | None = None
    new_card: bool = False  #: post the card anew instead of editing the one that is there
    #: When a worker goes on with it; None: when something else asks for it.
    wake_in: timedelta | None = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickJudgement:
    """What one click comes to: always an answer, seldom more."""

    notes: tuple[Note, ...]  #: the answer; with a change, beside the change's own notes
    change: Change | None = None
    approval: Approval | None = None  #: a yes to the revision that waits
    entry: AuditEntry | None = None  #: the audit's row where there is no change
    create: Ask | None = None  #: another request: to clean up what is half done


# --- what a change may meet ------------------------------------------------------------------


class ChangeRefused(Exception):
    """Nothing was written; whoever wanted the change looks again."""


class MovedOn(ChangeRefused):
    """The request is not as it was when it was read, or the lease on it is somebody else's."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        super().__init__(f"{request_id} has moved on.")


class LiveElsewhere(ChangeRefused):
    """Another request for the same thing is under way: `request_id`."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        super().__init__(f"{request_id} is under way already.")


class OverBudget(ChangeRefused):
    """The team's month has not that much left."""

    def __init__(self, limit: Decimal, reserved: Decimal) -> None:
        self.limit, self.reserved = limit, reserved
        super().__init__(f"{reserved} of {limit} are taken already.")


class UsedUp(ChangeRefused):
    """This person broke the glass too often of late."""

    def __init__(self, most: int, used: int) -> None:
        self.most, self.used = most, used
        super().__init__(f"{used} of {most} times are used.")
