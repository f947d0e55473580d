"""The nouns of a request: who asked for what, the priced plan, the approvals, the steps.

Everything is frozen and holds ids and values only; plans and wishes can be kept as JSON (pydantic's
TypeAdapter reads and writes them). Times are aware and come from the database's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from advisor.model import Consistency
from bot.requests.action import Action, ActionRow
from bot.requests.states import State

# --- what is asked for -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Who asked, and where; the name is for people to read and identifies nobody."""

    team_id: str
    user_id: str  #: empty: vmbackup itself (an expiry)
    user_name: str = ""
    channel_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for, before anything was read. Empty means: as the settings say, or all."""

    action: Action
    vm: str = ""  #: as typed; for `snapshot`
    of_request: str = ""  #: whose points it is about; for the other actions
    points: tuple[str, ...] = ()  #: their names, where not all
    disks: tuple[str, ...] = ()  #: names, `os`, `data0` (the lun)
    consistent: bool = False  #: one restore point instead of separate snapshots
    keep: timedelta | None = None
    reason: str = ""
    to_region: str = ""  #: for `copy`
    swap_os_disk: bool = False  #: for `restore`: in the place of the OS disk, not beside
    break_glass: bool = False


# --- the plan --------------------------------------------------------------------------------


class Kind(StrEnum):
    """What is made."""

    SNAPSHOT = "snapshot"
    RESTORE_POINT = "restore point"
    DISK = "disk"


class Money(NamedTuple):
    """Low, likely and high of an amount in the plan's currency."""

    low: Decimal
    likely: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the plan costs. Stands beside the hash, not in it.

    `None` where a price is missing (named in `missing`); it is never 0. The range shown uses
    every size that is known; `limit_*` are what rules and budgets look at: the high end with
    every used size that was stated by flags or tags taken as the provisioned size.
    """

    currency: str
    a_month: Money | None
    until_expiry: Money | None
    limit_a_month: Decimal | None
    limit_until_expiry: Decimal | None
    once: Money | None = None  #: of a copy: sending it there; part of `until_expiry`
    missing: tuple[str, ...] = ()
    prices_as_of: str = ""
    basis: str = ""  #: one sentence: how the amount came about


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDisk:
    """One disk of the plan: what it is today, and what will be made of it."""

    id: str  #: ARM id of the disk
    name: str
    unique_id: str
    size_gib: int
    sku: str
    is_os: bool
    lun: int | None = None
    encryption_type: str = ""
    encryption_set_id: str = ""
    zones: tuple[str, ...] = ()
    in_background: bool = False  #: Ultra and Premium SSD v2: usable when the copy is complete
    source_id: str = ""  #: ARM id of what it is made from: the disk, or a point
    target_id: str = ""  #: ARM id of what will be made


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPlan:
    """What will happen, exactly. An approval is bound to `plan_hash(plan)`."""

    action: Action
    revision: int
    kind: Kind
    vm_id: str  #: ARM id as Azure spells it
    vm_name: str
    vm_uuid: str  #: properties.vmId: another VM of the same name has another one
    subscription_id: str
    resource_group: str  #: of the VM; what is made lies there, too
    region: str
    target_region: str
    consistency: Consistency
    why_consistency: str  #: one sentence
    incremental: bool
    disks: tuple[PlannedDisk, ...]
    keep: timedelta | None  #: from the moment it is made; None: a restored disk is kept
    expires_at: datetime | None = None  #: of `extend`: until then
    of_request: str = ""
    of_requesters: tuple[str, ...] = ()  #: who asked for what it is about, by their Slack ids
    swap_os_disk: bool = False
    os_disk_id: str = ""  #: of `restore`: the OS disk that is in place today
    attaches: bool = False  #: whether each disk with a `lun` is attached there
    vm_runs: bool = True  #: of `restore`: the VM is started again once its OS disk was swapped
    taken_at: datetime | None = None  #: of what is done with points: when the oldest was made
    left_out: tuple[str, ...] = ()  #: of a restore point: ids of the VM's disks not in it
    rule: str = ""  #: the name of the rule chosen
    settings_digest: str = ""  #: of the rules' part of the settings
    vm_tags: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()  #: what those who approve should know
    cost: Cost

    @property
    def vm_key(self) -> str:
        """The lower-cased ARM id: what everything is matched on."""
        return self.vm_id.lower()


# --- the request -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One row: the truth about a request. A job is only a wake-up that carries its id."""

    id: str  #: `r-` and 12 hexadecimal digits
    row: ActionRow  #: of its action, from the table of actions
    state: State
    revision: int
    version: int  #: counts every change; the card shows one version
    wish: Wish
    requester: Requester
    plan: RequestPlan | None
    channel_id: str  #: of the card; empty while it is planned
    asked_at: datetime
    decide_by: datetime | None = None
    approved_at: datetime | None = None
    begin_by: datetime | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None  #: of what was made
    reminded_at: datetime | None = None
    why: str = ""  #: the sentence of its last move
    cancel_asked_by: str = ""
    button: str = ""  #: the opaque id of this revision's buttons
    attempts: int = 0  #: of what fails for the moment (Azure away), in this state
    look_by: datetime | None = None  #: break-glass: somebody else looks until then
    looked_by: str = ""

    @property
    def action(self) -> Action:
        """What it changes in Azure."""
        return self.row.facts.action


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's yes to one revision of the plan."""

    request_id: str
    revision: int
    user_id: str
    user_name: str
    plan_hash: str
    why_allowed: str  #: "member of vm-approvers"
    at: datetime


class ClickKind(StrEnum):
    """The buttons under a request, by the part of the action_id after `request:`."""

    APPROVE = "approve"
    DENY = "deny"
    CANCEL = "cancel"
    GO_ON = "go_on"
    CLEAN_UP = "clean_up"
    LOOKED = "looked"  #: a break-glass act was looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A button that was pressed; kept before it is judged, judged once."""

    id: str  #: from Slack's own ids: the same delivery is the same click
    kind: ClickKind
    button: str  #: the value it carried, whatever that is
    team_id: str
    user_id: str
    user_name: str
    channel_id: str
    message_ts: str
    text: str = ""  #: the reason of a denial


# --- what is done ----------------------------------------------------------------------------


class StepState(StrEnum):
    """Where a step stands."""

    TODO = "todo"  #: nothing was sent
    SENT = "sent"  #: it was asked of Azure, perhaps; look before asking again
    THERE = "there"  #: Azure shows what was wanted
    REFUSED = "refused"  #: Azure says no, or what is there is not ours; `why` says it
    UNDONE = "undone"  #: taken back


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One idempotent act on one resource. `verb` names a row of `bot.azure.verbs.VERBS`."""

    number: int
    verb: str
    target_id: str  #: the ARM id that it makes, changes or deletes
    body: Mapping[str, Any]  #: what is sent
    what: str  #: for people: "snapshot of web-01_OsDisk"
    after: int | None = None  #: the step that must be there first; None: side by side
    state: StepState = StepState.TODO
    percent: int | None = None  #: of a copy in the background
    why: str = ""
    disk_id: str = ""  #: the disk it is about
    attempts: int = 0
    #: What Azure said of what was made; compared before it is ever deleted.
    unique_id: str = ""
    time_created: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Something that we made in Azure: the ledger's row."""

    arm_id: str
    kind: Kind
    request_id: str
    vm_id: str
    vm_name: str
    disk_id: str
    disk_name: str
    size_gib: int
    region: str
    unique_id: str
    time_created: str
    made_at: datetime
    expires_at: datetime | None
    plan_hash: str
    requester_id: str
    approver_ids: tuple[str, ...] = ()
    cost_a_month: Money | None = None
    currency: str = "USD"
    deleted_at: datetime | None = None
