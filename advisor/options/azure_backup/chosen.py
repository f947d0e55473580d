"""One configuration of Azure Backup: a policy, the vault it writes to, the disks it leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any

from advisor.model import Consistency, Reason, Retention
from advisor.options.azure_backup.archive import days_in_vault
from advisor.options.azure_backup.policy_rules import POLICIES
from advisor.options.azure_backup.vault_rules import VAULT_RPO
from advisor.options.disks_left_out import NOTHING_LEFT_OUT
from advisor.quantities import format_duration
from advisor.retention import span_days

DEFAULT_KEEP = Retention(daily=30)


#: Vaults, the plainest first: what survives no event more is no better for being farther away.
PLAINEST_FIRST = ("lrs", "zrs", "grs", "grs-crr")


@dataclass(frozen=True, kw_only=True)
class BackupConfiguration:
    """A policy and the vault it writes to.

    What depends on nothing else is worked out once: the same few serve thousands of VMs.
    """

    policy: str = "enhanced"  #: standard or enhanced
    every: timedelta = timedelta(days=1)  #: the longest time between two points
    redundancy: str = "grs"
    instant_restore_days: int = 7
    keep: Retention = DEFAULT_KEEP
    archive: bool = False
    crash_only: bool = False  #: no agent is asked
    left_out: frozenset[str] = NOTHING_LEFT_OUT  #: `Disk.key`s, of a list of disks
    leave_out: str = ""  #: the same as `--leave-out` has them
    vault_region: str = ""  #: where it is not the VM's own
    #: Of a policy that was found: between two runs inside a window shorter than a day.
    interval: timedelta | None = field(default=None, compare=False)
    #: It is in place, so Azure allows it, and whether it works is seen from its points.
    found: bool = field(default=False, compare=False)
    #: Of a policy that is to be assigned instead of one found: it breaks a limit that that keeps.
    refused: bool = field(default=False, compare=False)
    #: Of a protection that was found: the consistency that its points say they have.
    seen: Consistency | None = field(default=None, compare=False)

    @cached_property
    def mapping(self) -> Mapping[str, Any]:
        """Keyed by `estimate`'s flags; what few have stands there only where it is so."""
        return {
            "policy": self.policy,
            "every": format_duration(self.every),
            "redundancy": self.redundancy,
            "instant_restore": f"{self.instant_restore_days}d",
            "keep": str(self.keep),
            "archive": self.archive,
            **({"crash_only": True} if self.crash_only else {}),
            **({"leave_out": self.leave_out} if self.leave_out else {}),
            **({"vault_region": self.vault_region} if self.vault_region else {}),
        }

    @cached_property
    def order(self) -> tuple[object, ...]:
        """Among equals the plainest first: Standard, seldom, LRS, no archive."""
        return (
            self.policy != "standard",
            -self.every,
            self.archive,
            PLAINEST_FIRST.index(self.redundancy),
        )

    @cached_property
    def billed(self) -> str:
        """What its bill depends on, as a key: not how often it runs."""
        policy = (self.policy, self.redundancy, self.instant_restore_days, self.archive, self.keep)
        return repr((*policy, sorted(self.left_out), self.vault_region))

    @cached_property
    def ruled(self) -> str:
        """What the VM's rules depend on, as a key."""
        agentless = self.crash_only and not self.found
        vault = (self.redundancy, self.vault_region, self.archive)
        return repr((self.policy, *vault, agentless))

    @cached_property
    def holds(self) -> str:
        """What its points hold, and how good they are, as a key."""
        held = (self.policy, self.crash_only, sorted(self.left_out))
        return repr((*held, self.found, self.seen))

    @cached_property
    def instant(self) -> str:
        """What its points beside the disks give, as a key."""
        return f"{self.every} {self.instant_restore_days} {self.holds}"

    @cached_property
    def kept(self) -> str:
        """What its points in the vault give, as a key."""
        vault = (self.redundancy, self.vault_region, self.retention_days)
        archive = self.keep if self.archive else None
        return f"{max(VAULT_RPO, self.every)} {vault} {archive!r} {self.holds}"

    @cached_property
    def noted(self) -> str:
        """What its notes depend on, as a key."""
        every = self.every if self.interval else None
        return repr((self.redundancy, bool(self.left_out), self.vault_region, self.interval, every))

    @cached_property
    def retention_days(self) -> int:
        """How far back the oldest point reaches, in the vault or in its archive."""
        return span_days(self.keep)

    @cached_property
    def vault_days(self) -> int:
        """How far back the oldest point reaches that can be restored without putting it back."""
        return days_in_vault(self.keep) if self.archive else self.retention_days

    @cached_property
    def policy_reasons(self) -> tuple[Reason, ...]:
        """What the policy's own limits have against it; nothing when it is possible.

        A policy that was found runs, whatever the articles say.
        """
        return self._broken if self.refused or not self.found else ()

    @cached_property
    def broken_anew(self) -> frozenset[str]:
        """The limits that the policy would break were it set up anew."""
        return frozenset(reason.rule for reason in self._broken)

    @cached_property
    def _broken(self) -> tuple[Reason, ...]:
        return _against(self.policy, self.every, self.instant_restore_days, self.keep)


@lru_cache(maxsize=4096)
def _against(
    policy: str, every: timedelta, instant_restore_days: int, keep: Retention
) -> tuple[Reason, ...]:
    """What the limits of a policy have against one."""
    found = (rule(policy, every, instant_restore_days, keep) for rule in POLICIES)
    return tuple(reason for reason in found if reason is not None)


_FIELDS = tuple(each.name for each in fields(BackupConfiguration))
_values_of = attrgetter(*_FIELDS)


def shared(chosen: BackupConfiguration) -> BackupConfiguration:
    """One for all VMs that may have the same, so that what depends on it is worked out once."""
    return _shared(_values_of(chosen))


@lru_cache(maxsize=4096)
def _shared(values: tuple[Any, ...]) -> BackupConfiguration:
    """Of every field: two that are equal may still differ in what was seen of them."""
    return BackupConfiguration(**dict(zip(_FIELDS, values, strict=True)))
