"""The nouns of a request: the requester, the wish, the priced plan, the approvals, the steps.

Every class is frozen and holds ids and values only; plans and wishes can be stored as JSON
(pydantic's TypeAdapter reads and writes them). Times have a time zone and come from the clock of
the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from advisor.model import Consistency
from bot.requests.action import Action

# --- what is asked for -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """The person who asked, and where. The name is for people to read and identifies nobody."""

    team_id: str
    user_id: str  #: empty: vmbackup itself (an expiry)
    user_name: str = ""
    channel_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the requester typed or chose, before anything is read from Azure.

    An empty field means the default of the settings, or all.
    """

    action: Action
    vm: str = ""  #: as typed; for `snapshot`
    of_request: str = ""  #: the request that made the points; for the other actions
    points: tuple[str, ...] = ()  #: names of the points, where not all are meant
    disks: tuple[str, ...] = ()  #: names, `os`, `data0` (the lun)
    consistent: bool = False  #: one restore point instead of separate snapshots
    keep: timedelta | None = None
    reason: str = ""
    to_region: str = ""  #: for `copy`
    swap_os_disk: bool = False  #: for `restore`: replace the OS disk
    break_glass: bool = False


# --- the plan --------------------------------------------------------------------------------


class Kind(StrEnum):
    """The kind of resource that a request makes."""

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
    """What the plan costs. The plan hash does not include it.

    An amount is None where a price is missing (named in `missing`), and never 0. The range shown
    uses every size that is known; rules and budgets compare `limit_*`: the high end, where every
    used size that was stated by flags or tags counts as the provisioned size.
    """

    currency: str
    a_month: Money | None
    until_expiry: Money | None
    limit_a_month: Decimal | None
    limit_until_expiry: Decimal | None
    #: Of an extension: what its points cost from their making to their present expiry, as rules
    #: count it. Rules add it; budgets do not, because it was reserved before.
    limit_before: Decimal | None = Decimal(0)
    once: Money | None = None  #: of a copy: the traffic between regions; part of `until_expiry`
    missing: tuple[str, ...] = ()
    prices_as_of: str = ""
    basis: str = ""  #: one sentence: how the amount was calculated


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskSettings:
    """What a disk is set to beside its kind and size; a default is what Azure gives by itself."""

    iops: int | None = None  #: of Ultra and Premium SSD v2, where it is set apart from the size
    mb_per_s: int | None = None  #: the same
    sector_size: int | None = None  #: the same
    performance_tier: str = ""  #: of Premium SSD: P10, P30, ...
    max_shares: int = 1
    bursting: bool = False  #: on-demand bursting
    performance_plus: bool = False  #: set when the disk is made, and never after
    disk_access_id: str = ""  #: the disk access through which alone it is exported


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDisk:
    """One disk of the plan: its properties today, and the resource that will be made from it."""

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
    settings: DiskSettings = DiskSettings()
    in_background: bool = False  #: Ultra and Premium SSD v2: usable when the copy is complete
    source_id: str = ""  #: ARM id of the source: the disk, or a point
    target_id: str = ""  #: ARM id of the resource that will be made


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSeen:
    """A tag that a VM was seen with, and when a plan last showed it."""

    name: str
    value: str
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPlan:
    """Exactly what the request will do. An approval is bound to `plan_hash(plan)`."""

    action: Action
    revision: int
    kind: Kind
    vm_id: str  #: ARM id as Azure spells it
    vm_name: str
    vm_uuid: str  #: properties.vmId: another VM of the same name has another vmId
    subscription_id: str
    resource_group: str  #: of the VM, and of the resources that are made
    region: str
    target_region: str
    consistency: Consistency
    why_consistency: str  #: one sentence
    incremental: bool
    disks: tuple[PlannedDisk, ...]
    keep: timedelta | None  #: from the moment of creation; None: a restored disk does not expire
    expires_at: datetime | None = None  #: of `extend`: the new expiry
    of_request: str = ""
    of_requesters: tuple[str, ...] = ()  #: Slack ids of the requesters of the points concerned
    swap_os_disk: bool = False
    os_disk_id: str = ""  #: of `restore`: the OS disk that the VM has today
    attaches: bool = False  #: whether each disk with a `lun` is attached there
    vm_runs: bool = True  #: of `restore`: the VM is started again once its OS disk was swapped
    taken_at: datetime | None = None  #: of an action on points: when the oldest point was made
    left_out: tuple[str, ...] = ()  #: of a restore point: ids of the VM's disks that it excludes
    rule: str = ""  #: the name of the rule that holds
    settings_digest: str = ""  #: of the rules' part of the settings
    vm_tags: Mapping[str, str] = field(default_factory=dict)
    vm_tags_gone: tuple[TagSeen, ...] = ()  #: that the VM had lately: they still tighten
    notes: tuple[str, ...] = ()  #: what the approvers should know
    cost: Cost

    @property
    def vm_key(self) -> str:
        """The lower-cased ARM id, by which VMs are compared."""
        return self.vm_id.lower()


# --- the request -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's approval of one revision of the plan."""

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
    LOOKED = "looked"  #: a break-glass request was reviewed
    DELETE_NOW = "delete_now"  #: what a request made is to be deleted before it expires
    WITHDRAW = "withdraw"  #: a cancellation that is typed with the request's id: it has no button


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A button that a person pressed; it is stored before it is judged, and judged once."""

    id: str  #: from Slack's own ids: the same delivery is the same click
    kind: ClickKind
    button: str  #: the value of the button, untrusted
    team_id: str
    user_id: str
    user_name: str
    channel_id: str
    message_ts: str
    text: str = ""  #: the reason of a denial
    trace: str = ""  #: in which it was pressed, as W3C's traceparent


# --- steps and points ------------------------------------------------------------------------


class StepState(StrEnum):
    """How far a step came."""

    TODO = "todo"  #: no request was sent to Azure
    SENT = "sent"  #: a request may have reached Azure; look before sending another
    THERE = "there"  #: Azure shows the wanted resource
    REFUSED = "refused"  #: Azure refused, or the resource is not vmbackup's; `why` has the reason
    UNDONE = "undone"  #: the step was rolled back


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One idempotent change of one resource. `verb` names a row of `bot.azure.verbs.VERBS`."""

    number: int
    verb: str
    target_id: str  #: ARM id of the resource that the step makes, changes or deletes
    body: Mapping[str, Any]  #: the content of the request to Azure
    what: str  #: for people: "snapshot of web-01_OsDisk"
    after: int | None = None  #: the step that must succeed first; None: side by side
    state: StepState = StepState.TODO
    percent: int | None = None  #: of a copy in the background
    why: str = ""
    disk_id: str = ""  #: the disk that the step is about
    attempts: int = 0  #: how often the request was sent
    accepted: int = 0  #: how often Azure accepted it
    conflicts: int = 0  #: how often Azure refused it for now, where that is counted
    lost: int = 0  #: how often it was sent and no answer came
    operation: str = ""  #: the address that says how far the accepted work came; empty: none
    #: The address is not asked before this time. Without an address: what Azure accepted failed,
    #: or nobody knows what became of it, and it could be sent again from then on.
    ask_at: datetime | None = None
    undoing: bool = False  #: the five fields above are of the request that undoes the step
    #: Properties that Azure gave the resource; they are compared before it is ever deleted.
    unique_id: str = ""
    time_created: str = ""

    @property
    def is_due_again(self) -> bool:
        """Whether what Azure accepted last failed or has no address, and may be sent again."""
        return not self.operation and self.ask_at is not None


class InAzure(StrEnum):
    """Whether Azure still showed a point when it was last looked for."""

    NOT_LOOKED = ""
    THERE = "there"
    GONE = "gone"  #: somebody else deleted it
    UNKNOWN = "unknown"  #: it could not be read; `Point.not_read` says why


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A resource that vmbackup made in Azure: a row of the ledger."""

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
    delete_after: datetime | None = None  #: its deletion is not tried before: it is immutable
    in_azure: InAzure = InAzure.NOT_LOOKED
    looked_at: datetime | None = None  #: when Azure was last asked for it
    not_read: str = ""  #: why it is not known whether it is there
