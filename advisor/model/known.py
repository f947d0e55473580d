"""What is known of a VM: itself, its disks, what protects it, and what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from advisor.model.basics import Consistency, Range, Reading, Retention, no_tags
from advisor.model.measured import NOTHING_MEASURED, Measurements


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
    ephemeral_placement: str | None = None  #: CacheDisk, ResourceDisk, NvmeDisk; None: not said
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
    performance_tier: str | None = None  #: of Premium SSD: P10, P30, ...
    bursting: bool = False  #: on-demand bursting
    disk_access_id: str | None = None  #: private links lead to it
    unique_id: str | None = None
    zones: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=no_tags)

    @property
    def key(self) -> str:
        """What identifies the disk: its lower-cased ARM id, or its name where it has none."""
        return (self.id or self.name).lower()


class Image(NamedTuple):
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
    agent_provisioned: bool | None = None  #: osProfile's provisionVMAgent; None: not said
    agent_status: str | None = None  #: of the VM agent, in the instance view: Ready, Not Ready
    created: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=no_tags)

    @property
    def key(self) -> str:
        """The lower-cased ARM id: what everything is matched on."""
        return self.id.lower()


class ProtectionKind(StrEnum):
    """What kind of protection was found on a VM."""

    BACKUP = "azure-backup"
    SITE_RECOVERY = "site-recovery"
    SNAPSHOTS = "snapshots"
    RESTORE_POINTS = "restore-points"
    DISK_BACKUP = "azure-disk-backup"  #: scheduled snapshots of single disks, by a Backup vault
    DATABASE_BACKUP = "database-backup"  #: SQL Server or SAP HANA in the VM: points of databases


class ProtectionState(StrEnum):
    """What state it was found in. Only ACTIVE protection can meet a need."""

    ACTIVE = "active"
    OVERDUE = "overdue"  #: no recovery point for longer than its schedule allows
    STOPPED = "stopped"  #: stopped, the data kept
    SOFT_DELETED = "soft-deleted"
    ERROR = "error"  #: the last run failed, or replication is critical
    PENDING = "pending"  #: configured, no recovery point yet
    FAILED_OVER = "failed-over"  #: the VM's copy runs, and nothing is replicated any more
    UNKNOWN = "unknown"  #: found, its state not read


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPolicy:
    """A vault's policy for VMs, as read."""

    name: str
    id: str | None = None
    enhanced: bool | None = None  #: policyType V2
    every: timedelta | None = None  #: the longest time between two backups
    interval: timedelta | None = None  #: between backups inside an hourly window
    #: `every` where no backup runs just as an hourly window ends, which no article decides; None:
    #: there is no doubt.
    every_at_worst: timedelta | None = None
    crash_only: bool = False  #: snapshotConsistencyType OnlyCrashConsistent
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
    granularity: str | None = None  #: VaultLevel (ARM's default), ProtectedItemLevel, ...
    items: int | None = None  #: protected items of the vault that were read; None: not read
    has_first_backup: bool | None = None  #: whether any of its items has a recovery point

    @property
    def is_locked(self) -> bool:
        """Whether its immutability is locked: nobody shortens or deletes its points."""
        return (self.immutability or "").lower() == "locked"


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
    #: `Disk.key` of each disk of the VM that its points do not hold: excluded, or attached later.
    left_out: frozenset[str] = frozenset()
    selective: bool = False  #: Azure Backup with a list of disks: restores disks only, no whole VM
    later_disks: bool | None = None  #: whether disks attached later are taken in; None: not known
    consistency: Consistency | None = None  #: of its points, where they say so
    #: The longest time between two points: of a schedule read, or of a regular series observed.
    every: timedelta | None = None
    observed: bool = False  #: `every` was observed of three or more evenly spaced points
    kept: timedelta | None = None  #: how long a schedule that was read keeps its points
    since: datetime | None = None  #: when it was configured, or seen first
    oldest_point: datetime | None = None  #: Azure Backup: of the points that are kept
    drill_since: datetime | None = None  #: a test failover that was never cleaned up
    drill_left: bool = False  #: the same, where its time is not known
    health: tuple[str, ...] = ()  #: what Azure says of its health where that is not good, sentences
    databases: tuple[str, ...] = ()  #: names of the databases, of a database backup
    unread: tuple[str, ...] = ()  #: restore points: collections whose points were not read
    detail: str = ""  #: one sentence, where there is more to say


class NotRead(NamedTuple):
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
    disk_backups: Reading = Reading.NOT_SUPPLIED  #: instances of Azure Disk Backup
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
    until: datetime | None = None  #: when those days ended; None: as the VM was read


class BilledSizes(NamedTuple):
    """What the quantities of a final month's bill tell of a VM's data. Never from amounts: a
    discount is no smaller disk.

    `churn_share_per_day` is None where what was billed does not tell it apart from the used data.
    """

    used_gib: Range  #: of all disks that hold data
    churn_share_per_day: Range | None
    month: str  #: of UTC: 2026-10
    told_by: tuple[str, ...]  #: the meters, as in a bill: vault storage, snapshots
    vms: int = 1  #: over how many VMs the vault's bill was shared out; 1: it is this one's
    #: The disks that it is of, as `disks_mark` has them: with others it tells nothing any more.
    disks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVm:
    """A VM with everything found around it: what an inventory hands to the advice."""

    vm: Vm
    protections: tuple[Protection, ...] = ()
    writes: DiskWrites | None = None
    measured: Measurements = NOTHING_MEASURED
    billed: BilledSizes | None = None  #: None: nothing was learned of its bill
    coverage: Coverage = Coverage()
    taken: datetime | None = None  #: when what is known was read; None: now, as far as is known
    not_read: tuple[NotRead, ...] = ()
