"""What a person asked for: the flags as values, the same from the terminal and from Slack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from advisor.model import Consistency, Event, Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceAsked:
    """One request for advice. None: not said, so tags, tiers and assumptions decide."""

    vm: str  #: web-01, rg/web-01 or a full ARM id
    survive: tuple[Event, ...] = ()  #: empty: not said
    rpo: timedelta | None = None  #: of deletion (of every event asked by --survive otherwise)
    rto: timedelta | None = None
    region_rpo: timedelta | None = None
    region_rto: timedelta | None = None
    keep: Retention | None = None
    isolated: bool | None = None
    consistency: Consistency | None = None
    used_gib: Decimal | None = None  #: of the whole VM
    churn_share_per_day: Decimal | None = None  #: 0.02 for 2 %
    changed_gib_per_day: Decimal | None = None  #: --churn as an amount
    written_gib_per_day: Decimal | None = None
    peak_write_mb_per_s: Decimal | None = None
    to: str | None = None  #: a region's ARM name, or zone:N
    leave_out: tuple[int, ...] = ()  #: LUNs of data disks that need no protection
    currency: str = "USD"


class StatedDisk(NamedTuple):
    """One `--disk` of `estimate`. The first is the OS disk."""

    sku: str  #: ARM's name: Premium_LRS
    provisioned_gib: int
    used_gib: Decimal | None = None  #: None: assumed
    iops: int | None = None  #: of an Ultra disk or a Premium SSD v2; None: not said
    throughput_mb_per_s: int | None = None


class EstimateAsked(NamedTuple):
    """One request for an estimate of a VM that does not exist yet.

    `said` holds only the configuration flags that were given, keyed with underscores, values
    as typed in lower case: {"policy": "enhanced", "every": "4h", "instant_restore": "5d"}.
    """

    option: str  #: its name in the table of options
    region: str  #: ARM's name
    disks: tuple[StatedDisk, ...]
    churn_share_per_day: Decimal | None = None
    changed_gib_per_day: Decimal | None = None
    written_gib_per_day: Decimal | None = None
    peak_write_mb_per_s: Decimal | None = None
    os_type: str | None = None  #: Windows or Linux
    size: str | None = None  #: the VM's: Standard_D4s_v5
    said: Mapping[str, str | bool | int] = MappingProxyType({})
    currency: str = "USD"
