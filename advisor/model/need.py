"""What a VM needs, and how much it holds and changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from advisor.model.basics import NO_RETENTION, Consistency, Event, Range, Retention, Source
from advisor.model.known import Disk
from advisor.model.measured import RestoreMeasured

#: Every figure of a need, by the name that `Need.stated` knows it by.
FIGURES = frozenset(
    {f"{event.value}.{figure}" for event in Event for figure in ("asked", "rpo", "rto")}
    | {"retention", "isolated", "consistency"}
)


class EventNeed(NamedTuple):
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
    retention: Retention = NO_RETENTION
    isolated: bool = False
    consistency: Consistency = Consistency.NONE
    tier: str = ""
    #: The figures that somebody stated, by a flag, a vmbackup tag, a tier of one's own or
    #: criticality: any of FIGURES. The others come from a shipped tier and are not stated.
    stated: frozenset[str] = frozenset()
    leave_out: frozenset[str] = frozenset()  #: `Disk.key` of disks that need no protection
    notices: tuple[str, ...] = ()  #: sentences on tags that choose nothing
    origin: Mapping[str, str] = field(default_factory=dict)

    def of(self, event: Event) -> EventNeed | None:
        """The need for one event, or None where it is not asked for."""
        needed: EventNeed | None = _OF_EVENT[event](self)
        return needed


_OF_EVENT = {event: attrgetter(event.value) for event in Event}


class Estimate(NamedTuple):
    """A range with where it comes from. `basis` is a sentence with the article."""

    range: Range
    source: Source
    basis: str
    amount: bool = False  #: stated as an amount, which does not grow with what is used


class DiskSize(NamedTuple):
    """The sizes of one disk. `provisioned_gib` is None where nobody said it."""

    disk: Disk
    provisioned_gib: int | None
    used_gib: Range
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """The four sizes of a VM, and how long restores of such sizes took.

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
    restores: tuple[RestoreMeasured, ...] = ()  #: measured, the newest first
    restores_read_at: datetime | None = None
