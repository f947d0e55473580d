"""What a person asked for: the flags of `advise` as values, the same from the terminal and Slack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from advisor.model import Consistency, Event, Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
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
    written_gib_per_day: Decimal | None = None
    peak_write_mb_per_s: Decimal | None = None
    to: str | None = None  #: a region's ARM name, or zone:N
    currency: str = "USD"
