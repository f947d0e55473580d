"""One configuration of Site Recovery: where to, how far back, in which churn mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from advisor.options.case import Case
from advisor.options.disks_left_out import NOTHING_LEFT_OUT
from advisor.quantities import format_duration

#: azure-to-azure-common-questions, 2025-07-25: a test failover each quarter is recommended.
DRILLS_PER_YEAR = 4


@dataclass(frozen=True, kw_only=True)
class ReplicationConfiguration:
    """Where to, how far back points reach, which churn mode, and how often it is rehearsed.

    What depends on nothing else is worked out once: the same few serve thousands of VMs.
    """

    to: str = ""  #: a region's ARM name, or zone:N; empty: none could be chosen
    recovery_points: timedelta = timedelta(hours=24)
    churn: str = "normal"  #: normal or high
    drills_per_year: int = DRILLS_PER_YEAR
    left_out: frozenset[str] = NOTHING_LEFT_OUT  #: `Disk.key` of disks that are not replicated
    leave_out: str = ""  #: the same as `--leave-out` has them

    @cached_property
    def mapping(self) -> Mapping[str, Any]:
        """Keyed by `estimate`'s flags; disks left out stand there only where there are any."""
        left_out = {"leave_out": self.leave_out} if self.leave_out else {}
        return {
            "to": self.to or None,
            "recovery_points": format_duration(self.recovery_points),
            "churn_mode": self.churn,
            "drills": self.drills_per_year,
            **left_out,
        }

    @cached_property
    def to_zone(self) -> bool:
        return self.to.startswith("zone:")

    def target_region(self, case: Case) -> str:
        return case.vm.region if self.to_zone else self.to
