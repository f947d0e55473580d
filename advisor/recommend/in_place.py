"""The protection found on a VM, in sentences: its state, its cost, and what was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from advisor.model import (
    ZERO,
    Assessment,
    Coverage,
    InPlace,
    KnownVm,
    Monthly,
    Protection,
    ProtectionKind,
    ProtectionState,
    Reading,
)
from advisor.prices.pricing import together
from advisor.recommend.standing import BY_HAND, OF_KIND, STATE_WORDS, Health, Standing
from advisor.words import age, capital, counted, listed, money, sentences

#: secure-by-default, 2025-11-10: soft-deleted data is kept free for so long.
FREE_SOFT_DELETE_DAYS = 14

#: What was read longer ago says nothing of the last scheduled point. Ours: half a day.
AN_OLD_READING = timedelta(hours=12)

#: States whose words say all that the reading's own sentence would.
_STATED_FULLY = frozenset(
    {ProtectionState.STOPPED, ProtectionState.OVERDUE, ProtectionState.SOFT_DELETED}
)


def in_place(
    standing: Standing, assessed: Assessment | None, known: KnownVm, now: datetime
) -> InPlace:
    """One protection with the age of its last point, as of when it was read."""
    moment = known.taken or now
    found = standing.found
    return InPlace(
        protection=found,
        age=moment - found.last_point if found.last_point else None,
        assessment=assessed,
        sentence=_sentence(standing, assessed, moment),
    )


def as_of(known: KnownVm, now: datetime) -> Iterator[str]:
    """When what protects the VM was read, where that is too long ago to speak of today."""
    if known.taken is not None and now - known.taken > AN_OLD_READING:
        yield (
            f"What protects it was read on {known.taken.astimezone(UTC):%Y-%m-%d %H:%M} UTC,"
            f" {ago(now - known.taken)}: read it again first."
        )


def protection_words(found: Protection) -> str:
    """The subject of a sentence about it: `Azure Backup`, `Site Recovery to northeurope`."""
    known = OF_KIND.get(found.kind)
    if known is not None:
        return known[1].words(found)
    if found.kind is ProtectionKind.DATABASE_BACKUP:
        names = f" of {listed(found.databases)}" if found.databases else ""
        return f"Azure Backup{names} inside the VM"
    return "Azure Disk Backup"


def _sentence(standing: Standing, assessed: Assessment | None, now: datetime) -> str:
    found = standing.found
    parts = [capital(f"{protection_words(found)} {_state(standing)}".rstrip())]
    if found.last_point:
        parts.append(f"last point {ago(now - found.last_point)}")
    if found.last_test_failover:
        parts.append(f"last test failover {ago(now - found.last_test_failover)}")
    if found.vault:
        redundancy = f" ({found.vault.redundancy})" if found.vault.redundancy else ""
        parts.append(f"vault {found.vault.name}{redundancy}")
    if found.policy:
        kept = f" keeping {found.policy.retention}" if found.policy.retention else ""
        parts.append(f"policy {found.policy.name}{kept}")
    parts += _cost(found, assessed)
    said = (found.detail,) if found.state not in _STATED_FULLY else ()
    return "; ".join(parts) + f". {sentences((*said, *found.health))}".rstrip()


def _state(standing: Standing) -> str:
    found = standing.found
    if standing.health is Health.LOOSE and found.kind in BY_HAND:
        return ""  # its words say that nothing makes new ones: it neither runs nor is overdue
    if standing.health is Health.BROKEN and found.state is ProtectionState.ACTIVE:
        return "runs and is behind"
    if standing.health is Health.BROKEN and found.state is ProtectionState.PENDING:
        return "is configured, and its first point is overdue"
    return STATE_WORDS[found.state]


def ago(passed: timedelta) -> str:
    """A point that a clock ahead of ours has dated into the future was made just now."""
    return f"{age(passed)} ago" if passed >= timedelta(minutes=1) else "just now"


def _cost(found: Protection, assessed: Assessment | None) -> Iterator[str]:
    """What it costs: nothing before the first point, nothing in soft delete's first days."""
    if found.state is ProtectionState.PENDING:
        yield "it costs from its first point on"
    elif assessed and assessed.monthly.likely is not None:
        cost = money(assessed.monthly.likely, assessed.monthly.currency)
        if found.state is ProtectionState.SOFT_DELETED:
            yield f"{cost} a month until deleted, but for the first {FREE_SOFT_DELETE_DAYS} days"
        else:
            yield f"about {cost} a month"


def cost_today(found: Sequence[InPlace], currency: str) -> Monthly | None:
    """What all in place costs a month; None where one of them cannot be priced.

    A first point that is waited for counts as if it were there: nobody has to do anything for it.
    """
    counted_ones = []
    for each in found:
        if each.protection.state is ProtectionState.SOFT_DELETED:
            counted_ones.append(Monthly(currency, ZERO, ZERO, ZERO))
        elif each.assessment is not None:
            counted_ones.append(each.assessment.monthly)
        elif each.protection.kind is not ProtectionKind.DATABASE_BACKUP:
            return None
    together_ = together(counted_ones, currency)
    return None if together_.missing else together_


# --- nothing found ---------------------------------------------------------------------------


def unprotected(known: KnownVm) -> str:
    """`unprotected` only where everything that could hold protection was read.

    Else what is known: "not in vault v1", "not in any vault, and its snapshots were not read", or
    that nothing was looked at; empty when protected.
    """
    of_vm = [
        found for found in known.protections if found.kind is not ProtectionKind.DATABASE_BACKUP
    ]
    if any(found.state is ProtectionState.ACTIVE for found in of_vm):
        return ""
    if of_vm:
        return "nothing that was found makes new recovery points"
    coverage = known.coverage
    if vaults_read(coverage):
        unread = points_not_read(coverage)
        rest = f", and its {listed(unread)} were not read"
        return f"not in any vault{rest}" if unread else "unprotected"
    if coverage.vaults_read and coverage.backup_items is not Reading.FAILED:
        several = "s" if len(coverage.vaults_read) > 1 else ""
        return f"not in vault{several} {listed(coverage.vaults_read)}"
    return "whether anything protects it was not read"


def vaults_read(coverage: Coverage) -> bool:
    """Whether everything was read that a vault could do for the VM."""
    return coverage.all_vaults and coverage.replicated_items is Reading.READ


def points_not_read(coverage: Coverage) -> list[str]:
    """Of what lies beside the vaults and protects too."""
    read = {
        ProtectionKind.SNAPSHOTS.value: coverage.snapshots,
        "restore points": coverage.restore_points,
        "Azure Disk Backup instances": coverage.disk_backups,
    }
    return [what for what, reading in read.items() if reading is not Reading.READ]


def disks_named(names: Iterable[str]) -> str:
    """`web-01-data0`, or `3 disks (a, b, c)`."""
    every = list(names)
    if len(every) == 1:
        return every[0]
    return f"{counted(len(every), 'disk')} ({listed(every)})"
