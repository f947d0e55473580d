"""How the VMs of the sample fleet are protected, as tables: vaults, policies, items, snapshots."""

from __future__ import annotations

from typing import NamedTuple

from deploy.local.fleet.recovery import PolicySpec
from deploy.local.fleet.sample_vms import DEVELOPMENT, PRODUCTION


class VaultRow(NamedTuple):
    """A vault with its policies; those named in POLICIES."""

    name: str
    subscription: str
    group: str
    region: str
    redundancy: str  #: lrs, zrs, grs, grs-crr
    policies: tuple[str, ...] = ()
    replicates: tuple[tuple[str, str], ...] = ()  #: (from region, to region)


class ItemRow(NamedTuple):
    """A backup item: `hours` since its last recovery point, None for none yet."""

    vm: str  #: group/name
    vault: str
    policy: str
    state: str = "active"
    hours: float | None = 8.0
    points: int = 30


class ReplicatedRow(NamedTuple):
    """A replicated item; `to` is a region or zone:N; `drill_days` since its last drill."""

    vm: str
    vault: str
    to: str
    state: str = "Protected"
    health: str = "Normal"
    rpo_seconds: int | None = 142
    drill_days: int | None = None


class RestoreRow(NamedTuple):
    """A restore by Azure Backup that was completed, of a point that was `point_days` old."""

    vm: str
    vault: str
    days: float  #: ago
    minutes: float
    point_days: float
    kind: str = "Recover to an alternate virtual machine"


class SnapshotRow(NamedTuple):
    """A snapshot of one disk of a VM; `copy_to` makes a copy in that region too."""

    name: str
    vm: str
    disk: int  #: 0 is the OS disk
    days: float
    copy_to: str = ""


POLICIES = {
    policy.name: policy
    for policy in (
        PolicySpec("DefaultPolicy"),
        PolicySpec("EnhancedPolicy", enhanced=True, instant_days=7),
        PolicySpec("vm-every-4h", enhanced=True, every_hours=4, instant_days=7, weekly=12),
        PolicySpec("vm-long", daily=30, weekly=12, monthly=12, yearly=7, instant_days=5),
        PolicySpec("vm-weekly", every_hours=168, instant_days=5, daily=0, weekly=12),
    )
}
REPLICATION_POLICY = "24-hour-retention-policy"
REPLICATION_HOURS = 24

VAULTS = (
    VaultRow("rsv-weu-prod", PRODUCTION, "rg-backup-weu", "westeurope", "grs",
             ("DefaultPolicy", "vm-every-4h", "vm-long")),
    VaultRow("rsv-weu-local", PRODUCTION, "rg-backup-weu", "westeurope", "lrs",
             ("DefaultPolicy", "vm-weekly")),
    VaultRow("rsv-weu-zone", PRODUCTION, "rg-backup-weu", "westeurope", "zrs",
             ("EnhancedPolicy",)),
    VaultRow("rsv-neu-prod", PRODUCTION, "rg-backup-neu", "northeurope", "grs",
             ("DefaultPolicy",)),
    VaultRow("rsv-neu-crr", PRODUCTION, "rg-backup-neu", "northeurope", "grs-crr",
             ("vm-every-4h",)),
    VaultRow("rsv-neu-dr", PRODUCTION, "rg-dr-neu", "northeurope", "lrs",
             replicates=(("westeurope", "northeurope"),)),
    VaultRow("rsv-weu-dr", PRODUCTION, "rg-dr-weu", "westeurope", "lrs",
             replicates=(("westeurope", "westeurope"),)),
    VaultRow("rsv-bec-prod", PRODUCTION, "rg-backup-bec", "belgiumcentral", "lrs",
             ("DefaultPolicy",)),
    VaultRow("rsv-eus-prod", PRODUCTION, "rg-backup-eus", "eastus", "grs", ("EnhancedPolicy",)),
    VaultRow("rsv-eus-dev", DEVELOPMENT, "rg-backup-dev", "eastus", "lrs", ("EnhancedPolicy",)),
)  # fmt: skip

ITEMS = (
    ItemRow("rg-data-prod/sql-01", "rsv-weu-prod", "vm-every-4h", hours=2, points=42),
    ItemRow("rg-shop-prod/web-02", "rsv-weu-local", "DefaultPolicy", hours=9),
    ItemRow("rg-shop-prod/web-03", "rsv-weu-zone", "EnhancedPolicy", hours=9),
    ItemRow("rg-app-a/app-01", "rsv-weu-local", "DefaultPolicy", hours=8),
    ItemRow("rg-app-a/crm-01", "rsv-weu-prod", "DefaultPolicy", hours=9),
    ItemRow("rg-office-prod/mail-01", "rsv-weu-prod", "vm-long", "failed", 33, 51),
    ItemRow("rg-office-prod/wiki-01", "rsv-weu-local", "DefaultPolicy", hours=12 * 24, points=21),
    ItemRow("rg-office-prod/files-01", "rsv-weu-local", "vm-weekly", hours=70, points=12),
    ItemRow("rg-erp-prod/erp-01", "rsv-weu-prod", "DefaultPolicy", "pending", None, 0),
    ItemRow("rg-payments/pay-01", "rsv-weu-prod", "vm-every-4h", hours=3, points=42),
    ItemRow("rg-finance/ledger-2012", "rsv-weu-local", "DefaultPolicy", hours=10),
    ItemRow("rg-data-neu/db-01", "rsv-neu-crr", "vm-every-4h", hours=1, points=42),
    ItemRow("rg-legacy-neu/legacy-01", "rsv-neu-prod", "", "soft-deleted", 5 * 24, 17),
    ItemRow("rg-legacy-neu/report-01", "rsv-neu-prod", "", "stopped", 84 * 24, 30),
    ItemRow("rg-us-prod/store-us-01", "rsv-eus-prod", "EnhancedPolicy", hours=7),
    ItemRow("rg-batch/trial-01", "rsv-eus-dev", "EnhancedPolicy", hours=11, points=7),
)

REPLICATED = (
    ReplicatedRow("rg-data-prod/sql-01", "rsv-neu-dr", "northeurope", drill_days=73),
    ReplicatedRow("rg-data-prod/sql-02", "rsv-neu-dr", "northeurope", rpo_seconds=96),
    ReplicatedRow(
        "rg-app-a/crm-01", "rsv-neu-dr", "northeurope", health="Critical", rpo_seconds=31_800
    ),
    ReplicatedRow(
        "rg-app-a/orders-01",
        "rsv-neu-dr",
        "northeurope",
        "InitialReplicationInProgress",
        rpo_seconds=None,
    ),
    ReplicatedRow("rg-erp-prod/erp-01", "rsv-weu-dr", "zone:2", drill_days=30),
)

SNAPSHOTS = (
    SnapshotRow("dev-03-before-upgrade", "rg-dev/dev-03", 0, 538),
    SnapshotRow("dev-03-before-cleanup", "rg-dev/dev-03", 0, 212),
    SnapshotRow("test-02-os-nightly", "rg-test/test-02", 0, 0.3, "northeurope"),
    SnapshotRow("test-02-data-nightly", "rg-test/test-02", 1, 0.3, "northeurope"),
    SnapshotRow("dev-05-os-only", "rg-dev/dev-05", 0, 1),
    SnapshotRow("hana-01-log-monday", "rg-sap-prod/hana-01", 2, 2),
)

#: (group, name, subscription, days) of snapshots whose source disk was deleted.
ORPHANED_SNAPSHOTS = (
    ("rg-shop-prod", "old-shop-final", PRODUCTION, 730),
    ("rg-dev", "dev-01-keep-me", DEVELOPMENT, 401),
)
#: (group, name, subscription, GiB, days) of disks left behind by VMs that are gone, each with
#: a snapshot that outlived the VM.
LEFT_DISKS = (
    ("rg-shop-prod", "cart-01-os", PRODUCTION, 128, 300),
    ("rg-test", "loadtest-02-data", DEVELOPMENT, 512, 150),
)
#: A collection of a VM's own points: (vm, name, hours since each point, consistency).
COLLECTIONS = (
    ("rg-test/test-01", "test-01-points", (50.0, 26.0, 2.0), "CrashConsistent"),
    ("rg-data-prod/fci-02", "fci-02-forgotten", (900.0,), "ApplicationConsistent"),
)
#: VMs with an Enhanced policy keep their instant-restore points in AzureBackupRG_<region>_1.
INSTANT_RESTORE_POINTS = 3

#: Rehearsed restores: of crm-01 from the vault, of the disks of web-02 from its snapshots.
RESTORES = (
    RestoreRow("rg-app-a/crm-01", "rsv-weu-prod", days=12, minutes=48.4, point_days=5),
    RestoreRow("rg-shop-prod/web-02", "rsv-weu-local", 3, 11.2, 0.5, "Recover disks"),
)


class BackedUpRow(NamedTuple):
    """A VM whose daily backups of the last `days` days are in the jobs of its vault."""

    vm: str
    vault: str
    days: int


BACKED_UP = (BackedUpRow("rg-app-a/crm-01", "rsv-weu-prod", 6),)
DRILL_MINUTES = 14  #: what each drill of Site Recovery took
