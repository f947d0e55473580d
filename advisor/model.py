"""The nouns of the advice: what is known of a VM, what is needed, what it would cost.

Everything here is frozen and holds no behaviour beyond reading itself. Units are in the
names: `_gib` is 2**30 bytes (Azure's billing "GB" is this one), `_mb_per_s` is 10**6 bytes
a second, a month is 730 hours and 365/12 days. Money and quantities are `Decimal`.
`None` in a property of a VM or disk means: not known. It never means "no".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import Any

HOURS_PER_MONTH = Decimal(730)  #: Azure's own month: 730 hours
DAYS_PER_MONTH = Decimal(365) / 12


def no_tags() -> Mapping[str, str]:
    """The default of a resource without tags: empty and not to be written to."""
    return MappingProxyType({})


class Verdict(StrEnum):
    """An answer of three values. What could not be read is never a no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Event(StrEnum):
    """What a VM may have to survive."""

    DELETION = "deletion"  #: a file, a disk, the VM, a bad change
    ZONE = "zone"  #: a datacentre
    REGION = "region"  #: a whole region


class Consistency(IntEnum):
    """How good a recovery point is, worst first; `label` is its name outside."""

    NONE = 0  #: separate snapshots of several disks: no common moment
    CRASH = 1  #: as after pulling the plug
    FILE_SYSTEM = 2  #: file systems flushed and frozen
    APPLICATION = 3  #: applications flushed too (VSS, scripts)

    @property
    def label(self) -> str:
        """`none`, `crash`, `file-system` or `application`."""
        return self.name.lower().replace("_", "-")

    @classmethod
    def of(cls, label: str) -> Consistency:
        """Read a label; raises KeyError for any other text."""
        return cls[label.upper().replace("-", "_")]


class Source(StrEnum):
    """Where a size comes from, best first."""

    MEASURED = "measured"  #: Azure Monitor
    BILLED = "billed"  #: quantities of the bill
    STATED = "stated"  #: flags or tags
    ASSUMED = "assumed"  #: a documented habit, named


class Reading(Enum):
    """Whether a resource was read. The three are never mixed up."""

    READ = "read"  #: read; an absent property has ARM's default
    NOT_SUPPLIED = "not supplied"  #: nobody gave it to us (a VM list without the disks)
    FAILED = "failed"  #: it should have been there and could not be read


# --- inventory ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """One managed disk of a VM, joined from the VM's storage profile and the disk resource.

    `reading` says whether the disk *resource* was read; what stands in the VM's own storage
    profile (name, lun, caching, size and SKU where present) is known even when it is not.
    """

    name: str
    is_os: bool
    reading: Reading
    id: str | None = None  #: full ARM id as Azure spells it
    lun: int | None = None
    sku: str | None = None  #: ARM's name: Premium_LRS, StandardSSD_ZRS, UltraSSD_LRS, ...
    size_gib: int | None = None  #: provisioned size
    caching: str | None = None  #: None, ReadOnly, ReadWrite
    write_accelerator: bool = False
    ephemeral: bool = False  #: diffDiskSettings.option == Local
    unmanaged: bool = False  #: a VHD in a storage account
    max_shares: int | None = None  #: more than 1: a shared disk
    encryption_type: str | None = None  #: EncryptionAtRestWithPlatformKey, ...WithCustomerKey, ...
    disk_encryption_set_id: str | None = None
    azure_disk_encryption: bool | None = None  #: ADE: BitLocker or dm-crypt in the guest
    network_access_policy: str | None = None
    public_network_access: str | None = None
    data_access_auth_mode: str | None = None  #: AzureActiveDirectory: backup fails
    security_type: str | None = None
    architecture: str | None = None  #: x64 or Arm64
    logical_sector_size: int | None = None  #: 512 or 4096
    iops: int | None = None  #: diskIOPSReadWrite
    throughput_mb_per_s: int | None = None  #: diskMBpsReadWrite
    performance_plus: bool | None = None
    unique_id: str | None = None
    zones: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=no_tags)

    @property
    def key(self) -> str:
        """What identifies the disk: its lower-cased ARM id, or its name where it has none."""
        return (self.id or self.name).lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The marketplace or gallery image a VM was made from."""

    publisher: str | None = None
    offer: str | None = None
    sku: str | None = None
    version: str | None = None
    id: str | None = None  #: gallery or custom image


@dataclass(frozen=True, slots=True, kw_only=True)
class Vm:
    """One virtual machine, as far as it is known."""

    id: str  #: full ARM id as Azure spells it
    name: str
    resource_group: str
    subscription_id: str
    region: str  #: ARM's name: westeurope
    size: str | None  #: Standard_D2s_v3
    disks: tuple[Disk, ...]
    vm_id: str | None = None  #: properties.vmId
    zones: tuple[str, ...] = ()
    os_type: str | None = None  #: Windows or Linux
    os_name: str | None = None  #: from the agent: "ubuntu", "Windows Server 2022 Datacenter"
    os_version: str | None = None
    image: Image | None = None
    power_state: str | None = None  #: running, deallocated, stopped, ...
    priority: str | None = None  #: Regular, Spot, Low
    security_type: str | None = None  #: None is ARM's default (Standard); TrustedLaunch, ...
    encryption_at_host: bool = False
    disk_controller: str | None = None  #: SCSI, NVMe
    architecture: str | None = None  #: x64 or Arm64 where the VM or its disks say so
    generation: str | None = None  #: V1, V2
    scale_set_id: str | None = None
    scale_set_mode: str | None = None  #: Flexible or Uniform where known
    availability_set_id: str | None = None
    host_id: str | None = None  #: dedicated host or host group
    plan: str | None = None  #: marketplace plan
    created: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=no_tags)

    @property
    def key(self) -> str:
        """The lower-cased ARM id: what everything is matched on."""
        return self.id.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How many points of each kind are kept. Zero: none of that kind."""

    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    yearly: int = 0

    def __str__(self) -> str:
        """`daily=30,weekly=12`, as `--keep` reads it."""
        parts = (
            ("daily", self.daily),
            ("weekly", self.weekly),
            ("monthly", self.monthly),
            ("yearly", self.yearly),
        )
        return ",".join(f"{name}={count}" for name, count in parts if count)


class ProtectionKind(StrEnum):
    """What kind of protection was found on a VM."""

    BACKUP = "azure-backup"
    SITE_RECOVERY = "site-recovery"
    SNAPSHOTS = "snapshots"
    RESTORE_POINTS = "restore-points"


class ProtectionState(StrEnum):
    """What state it was found in. Only ACTIVE protection can meet a need."""

    ACTIVE = "active"
    OVERDUE = "overdue"  #: no recovery point for longer than its schedule allows
    STOPPED = "stopped"  #: stopped, the data kept
    SOFT_DELETED = "soft-deleted"
    ERROR = "error"  #: the last run failed, or replication is critical
    PENDING = "pending"  #: configured, no recovery point yet
    UNKNOWN = "unknown"  #: found, its state not read


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPolicy:
    """A vault's policy for VMs, as read."""

    name: str
    id: str | None = None
    enhanced: bool | None = None  #: policyType V2
    every: timedelta | None = None  #: between backups
    instant_restore_days: int | None = None
    retention: Retention | None = None
    archive: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """A Recovery Services vault, as read."""

    id: str
    name: str
    region: str | None = None
    redundancy: str | None = None  #: lrs, zrs, grs, grs-crr
    soft_delete: str | None = None
    immutability: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """One protection found on a VM. A field that was not read is None."""

    kind: ProtectionKind
    state: ProtectionState
    id: str | None = None
    last_point: datetime | None = None
    vault: Vault | None = None
    policy: BackupPolicy | None = None
    target: str | None = None  #: Site Recovery: the region, or zone:N
    rpo: timedelta | None = None  #: Site Recovery: as last calculated
    recovery_points: timedelta | None = None  #: Site Recovery: how far back points are kept
    last_test_failover: datetime | None = None
    count: int = 0  #: snapshots or restore points found
    regions: tuple[str, ...] = ()  #: snapshots: where they lie
    detail: str = ""  #: one sentence, where there is more to say


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRead:
    """Something that could not be read or was not supplied, and what would supply it."""

    what: str  #: "the disks", "the backup items of vault v1"
    why: str  #: "not supplied", "403 AuthorizationFailed"
    remedy: str  #: the command or the permission that would supply it
    failed: bool = False  #: it was tried and failed (else: nobody supplied it)

    def __str__(self) -> str:
        return f"{self.what}: {self.why}" + (f" ({self.remedy})" if self.remedy else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was read besides the VM itself, so that "nothing found" can be told from "not looked".

    Each is a Reading; `vaults_read` names the vaults whose items were read one by one
    (files of `az backup item list`), empty when all were read at once.
    """

    disks: Reading = Reading.NOT_SUPPLIED
    backup_items: Reading = Reading.NOT_SUPPLIED
    replicated_items: Reading = Reading.NOT_SUPPLIED
    snapshots: Reading = Reading.NOT_SUPPLIED
    restore_points: Reading = Reading.NOT_SUPPLIED
    metrics: Reading = Reading.NOT_SUPPLIED
    all_vaults: bool = False  #: every vault that could hold an item was read
    vaults_read: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskWrites:
    """What Azure Monitor measured of the writes to the VM's disks.

    `written_gib_per_day`: mean over the days looked at. `peak_mb_per_s`: the highest hourly
    mean, per VM and per disk (keyed by `Disk.key`). Source: Azure Monitor's "OS Disk Write
    Bytes/Sec" + "Data Disk Write Bytes/Sec" (azure-to-azure-troubleshoot-replication).
    """

    days: int
    written_gib_per_day: Decimal
    peak_mb_per_s: Decimal
    peak_mb_per_s_by_disk: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVm:
    """A VM with everything found around it: what an inventory hands to the advice."""

    vm: Vm
    protections: tuple[Protection, ...] = ()
    writes: DiskWrites | None = None
    coverage: Coverage = Coverage()
    not_read: tuple[NotRead, ...] = ()


# --- need -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EventNeed:
    """How well one event must be survived."""

    rpo: timedelta
    rto: timedelta | None = None  #: None: any


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What must be survived and how well, for one VM.

    `isolated` (out of reach of whoever can delete the VM), `consistency` and `retention` are
    asked of the tier that meets `deletion`; `zone` and `region` are about being back.
    `origin` says where each part came from: flag, tag, tier or default.
    """

    deletion: EventNeed | None = None
    zone: EventNeed | None = None
    region: EventNeed | None = None
    retention: Retention = Retention()
    isolated: bool = False
    consistency: Consistency = Consistency.NONE
    tier: str = ""
    origin: Mapping[str, str] = field(default_factory=dict)

    def of(self, event: Event) -> EventNeed | None:
        """The need for one event, or None where it is not asked for."""
        return {Event.DELETION: self.deletion, Event.ZONE: self.zone, Event.REGION: self.region}[
            event
        ]


# --- sizing ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Range:
    """Low, likely and high of one quantity or amount; low <= likely <= high."""

    low: Decimal
    likely: Decimal
    high: Decimal

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def times(self, factor: Decimal) -> Range:
        """Scaled by a factor of zero or more."""
        return Range(self.low * factor, self.likely * factor, self.high * factor)

    @classmethod
    def exactly(cls, value: Decimal) -> Range:
        return cls(value, value, value)


ZERO = Decimal(0)
NOTHING = Range(ZERO, ZERO, ZERO)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A range with where it comes from. `basis` is a sentence with the article."""

    range: Range
    source: Source
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskSize:
    """The sizes of one disk. `provisioned_gib` is None where nobody said it."""

    disk: Disk
    provisioned_gib: int | None
    used_gib: Range
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """The four sizes of a VM.

    `changed_gib_per_day`: distinct blocks, what Backup and snapshots store.
    `written_gib_per_day` and `peak_write_mb_per_s`: what Site Recovery must carry.
    """

    disks: tuple[DiskSize, ...]
    used_gib: Estimate
    changed_gib_per_day: Estimate
    written_gib_per_day: Estimate
    peak_write_mb_per_s: Estimate | None  #: None: not measured, not stated
    peak_write_mb_per_s_by_disk: Mapping[str, Decimal] = field(default_factory=dict)
    not_known: tuple[str, ...] = ()  #: sizes that nobody supplied, as sentences


# --- options --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reason:
    """What one rule says of one option for one VM."""

    rule: str  #: nvme-controller
    verdict: Verdict
    text: str  #: a sentence that holds the values looked at
    source: str  #: the article and its date
    blocking: bool = True  #: a no (or an unknown of what was supplied) decides the option
    not_supplied: bool = False  #: unknown because nobody supplied the resource: never blocks


@dataclass(frozen=True, slots=True)
class Rto:
    """Time until running again, with its source: `documented` or `assumed`."""

    low: timedelta
    likely: timedelta
    high: timedelta
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointTier:
    """One tier of recovery points: where points lie and what they are good for."""

    name: str
    events: tuple[Event, ...]
    rpo: timedelta
    rto: Rto
    retention_days: int
    consistency: Consistency
    isolated: bool
    note: str = ""


class LineKind(StrEnum):
    """How a line counts. A total is the sum of its recurring and drill lines."""

    RECURRING = "recurring"
    DRILL = "drill"
    ONE_TIME = "one-time"  #: shown beside the total: the first copy
    CREDIT = "credit"  #: shown beside the total: Site Recovery's free 31 days


@dataclass(frozen=True, slots=True)
class Meter:
    """What identifies a price, in the Retail Prices API's words.

    `region` is ARM's name. For traffic between regions it is the source, `to_region` the target.
    """

    service: str
    product: str
    sku: str
    meter: str
    region: str
    to_region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """A line of a bill before it is priced: how much of which meter a month, and why."""

    name: str
    kind: LineKind
    meter: Meter
    unit: str  #: the Retail Prices API's unitOfMeasure: 1 GB/Month, 1/Month, 1 GiB/Hour
    quantity: Range | None  #: None: not known, for the reason in `basis`
    source: Source
    basis: str  #: how the quantity came about, as a sentence
    optional: bool = False  #: its absence does not make a plan incomplete


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the bill: a usage with its price.

    `unit_price` and `monthly` are None exactly when `missing` names what is missing.
    """

    usage: Usage
    unit_price: Decimal | None
    monthly: Range | None
    missing: str = ""
    carried: bool = False  #: the price was carried over from other regions
    true_on: str = ""  #: the date the price was true


@dataclass(frozen=True, slots=True)
class Monthly:
    """What a plan costs a month.

    `low` is the sum of the known lines: a floor when `missing` is not empty, and then
    `likely` and `high` are None.
    """

    currency: str
    low: Decimal
    likely: Decimal | None
    high: Decimal | None
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return not self.missing


Configuration = Mapping[str, Any]
"""Keyed by `vmbackup estimate`'s flags with underscores, with the same lower-case values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One option in one configuration, before pricing."""

    option: str
    configuration: Configuration
    verdict: Verdict
    reasons: tuple[Reason, ...]
    tiers: tuple[PointTier, ...]
    usages: tuple[Usage, ...]
    notes: tuple[str, ...] = ()  #: sentences worth knowing: what an event's null means
    order: int = 0  #: among the option's configurations, the plainest first


# --- advice ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recovery:
    """What an option gives for one event, read off the tier named."""

    rpo: timedelta
    rto: Rto
    tier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One option in one configuration, judged, priced and held against the need."""

    proposal: Proposal
    lines: tuple[Line, ...]
    monthly: Monthly
    recovery: Mapping[Event, Recovery | None]
    met: frozenset[Event]  #: the events of the need that it meets
    meets_need: bool | None  #: None: there was no need to hold it against
    unmet: tuple[str, ...]
    in_place: bool = False

    @property
    def option(self) -> str:
        return self.proposal.option

    @property
    def verdict(self) -> Verdict:
        return self.proposal.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One option, or options together, with what they cost together."""

    parts: tuple[Assessment, ...]
    monthly: Monthly
    met: frozenset[Event]
    unmet: tuple[str, ...] = ()
    in_place: bool = False

    @property
    def options(self) -> tuple[str, ...]:
        return tuple(part.option for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class InPlace:
    """A protection that was found, what it costs and whether it meets the need."""

    protection: Protection
    age: timedelta | None  #: of the last point
    assessment: Assessment | None  #: None: too little was read to price it
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOfBill:
    """The bill of one month after starting, before the steady state is reached."""

    month: int
    amount: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Everything there is to say about one VM."""

    known: KnownVm
    need: Need
    sizing: Sizing
    in_place: tuple[InPlace, ...]
    unprotected: str  #: "unprotected", "not in vault v1", or "" when something protects it
    not_read: tuple[str, ...]
    recommended: Plan | None
    reasons: tuple[str, ...]
    not_covered: tuple[str, ...]
    changes: tuple[str, ...]  #: what moving from what is in place would save, cost or forbid
    nearest: tuple[Plan, ...]  #: when nothing meets the need
    assessments: tuple[Assessment, ...]  #: every configuration, best first
    break_evens: tuple[str, ...]
    drives_spread: str
    by_month: tuple[MonthOfBill, ...]  #: of the recommended plan
    warnings: tuple[str, ...]
    currency: str
    prices_as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """The answer of `estimate`: one option in one configuration, and its first months."""

    sizing: Sizing
    assessment: Assessment
    by_month: tuple[MonthOfBill, ...]
    drives_spread: str
    prices_as_of: str
