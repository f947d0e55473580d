"""What was measured of a VM instead of assumed: its sizes, and how long restores took."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from advisor.model.basics import Range, Source


class RestoredFrom(StrEnum):
    """Which tier of which kind of points a restore was from: a time holds for no other."""

    INSTANT = "instant restore"  #: Azure Backup's snapshots beside the disks
    VAULT = "the vault"
    SECONDARY = "the vault's copy in the paired region"
    SNAPSHOT = "snapshots"  #: snapshots and restore points that no vault takes
    REPLICA = "the replica"  #: Site Recovery


class SizeMeasured(NamedTuple):
    """A size of the whole VM: GiB in use, or GiB of distinct blocks changed a day."""

    gib: Range
    source: Source
    said: str  #: what measured it, as the subject of a sentence: `guest metrics of workspace 1a2b`
    on: datetime  #: when that was true


class RestoreMeasured(NamedTuple):
    """One restore or failover that was completed."""

    vm: str  #: the name of the VM that was restored
    is_own: bool  #: whether that is the VM at hand
    place: RestoredFrom
    what: str  #: `a restore of its disks`, `a test failover`
    by: str  #: `vault rsv-weu-prod`, `vmbackup, r-0123456789ab`
    took: timedelta
    ended: datetime
    makes_vm: bool = True  #: whether a VM runs in the end, and not just its disks are there
    used_gib: Range | None = None  #: data of whoever was restored; None: as the VM at hand


class Measurements(NamedTuple):
    """All that was measured of a VM besides its writes, and when that was read."""

    used: SizeMeasured | None = None
    changed: SizeMeasured | None = None
    restores: tuple[RestoreMeasured, ...] = ()
    read_at: datetime | None = None  #: None: nothing was
    #: When `measure` last read all that may tell a size; None: it did not, or too long ago.
    whole_on: datetime | None = None

    def age_days(self, on: datetime) -> int:
        """Whole days from then until it was read."""
        return max(0, (self.read_at - on).days) if self.read_at else 0


NOTHING_MEASURED = Measurements()
