"""What Azure allows to change in place on a backup that was found: on this VM, or on its vault.

A policy that other VMs share is never edited: another one is assigned. By default nothing is kept
shorter than it is; a change that shortens says what it takes away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from advisor.model import Adjustment, Consistency, Protection, Retention, Vault, Verdict
from advisor.options.azure_backup.archive import ARCHIVE_REDUNDANCIES, archived_points
from advisor.options.azure_backup.bill import shared_disks
from advisor.options.azure_backup.chosen import BackupConfiguration, shared
from advisor.options.azure_backup.configurations import (
    DEFAULT_INSTANT_RESTORE_DAYS,
    ENHANCED_FREQUENCIES,
    REDUNDANCIES,
    found_configuration,
    vault_retention,
    weekly_retention,
)
from advisor.options.azure_backup.policy_rules import DAY, instant_restore_limits
from advisor.options.azure_backup.vault_rules import archive_reason, pair_of, vault_reasons
from advisor.options.case import Case, once
from advisor.options.disks_left_out import holding_data, not_needed, written
from advisor.options.phrases import REDUNDANCY_WORDS
from advisor.retention import span_days
from advisor.words import counted, duration, listed

#: backup-azure-vms-enhanced-policy, 2025-06-11
NO_WAY_BACK = "Azure forbids the way from the Enhanced policy back to Standard."
#: archive-tier-support, 2025-06-24
STAYS_ARCHIVED = "A point that lies in the archive tier never goes back to the vault for good."
PUT_BACK_FIRST = (
    "Archived points are put back first, up to 15 h, and are not restored in another region."
)
#: reliability-backup, 2026-08-11
NEVER_OFF = "Cross-region restore is never switched off again."
#: backup-support-matrix-iaas, 2026-03-26
BEFORE_FIRST_BACKUP = (
    "The vault's redundancy can be changed only until its first backup; afterwards it cannot."
)


@dataclass(frozen=True, kw_only=True)
class _Change:
    """One step: what to do, and the configuration that it makes of the one before."""

    what: str
    changes: dict[str, object] = field(default_factory=dict)
    takes_away: tuple[str, ...] = ()
    irreversible: str = ""
    of_setting: bool = False


def adjustments(case: Case, found: Protection) -> tuple[Adjustment, ...]:
    """Every change that Azure allows in place, one by one, and together what the need asks for.

    None where too little of the protection was read to say what it is.
    """
    base, vault = found_configuration(case, found), found.vault
    if base is None or vault is None:
        return ()
    wanted = tuple(_wanted(case, base))
    crossing = tuple(_crossing(case, base, vault))
    made = [_adjusted(case, base, (each,)) for each in wanted]
    made += [_of_vault(case, base, vault, (each,)) for each in crossing]
    if len(wanted) > 1:
        made.append(_adjusted(case, base, wanted))
    if wanted and crossing:
        made.append(_of_vault(case, base, vault, (*wanted, *crossing)))
    made += [_adjusted(case, base, (each,)) for each in _other(case, base, vault, wanted)]
    if vault.has_first_backup is False:
        made += list(_redundancies(case, base, vault))
    return tuple(made)


def _adjusted(case: Case, base: BackupConfiguration, steps: tuple[_Change, ...]) -> Adjustment:
    chosen = base
    for step in steps:
        chosen = replace(chosen, **step.changes)  # type: ignore[arg-type]
    refused = bool(chosen.broken_anew - base.broken_anew)
    if refused is not chosen.refused:
        chosen = replace(chosen, refused=refused)
    chosen = shared(chosen)
    return Adjustment(
        what=listed(step.what for step in steps),
        configuration=chosen.mapping,
        chosen=chosen,
        left_out=holding_data(case, once(case, shared_disks) | chosen.left_out),
        takes_away=tuple(each for step in steps for each in step.takes_away),
        irreversible=" ".join(step.irreversible for step in steps if step.irreversible),
        of_setting=all(step.of_setting for step in steps),
    )


def _of_vault(
    case: Case, base: BackupConfiguration, vault: Vault, steps: tuple[_Change, ...]
) -> Adjustment:
    return _adjusted(case, base, steps)._replace(whole_vault=vault.items)


# --- what the need asks for ------------------------------------------------------------------


def _wanted(case: Case, base: BackupConfiguration) -> Iterator[_Change]:
    """Nothing of these takes anything away."""
    yield from _disks(case, base)
    yield from _policy(case, base)


def _disks(case: Case, base: BackupConfiguration) -> Iterator[_Change]:
    """The excluded or later disks that hold data are taken in."""
    missed = holding_data(case, base.left_out) - once(case, shared_disks)
    if not missed:
        return
    names = listed(disk.name for disk in case.vm.disks if disk.key in missed)
    stays = not_needed(case) & base.left_out
    what = f"take {names} into the backup"
    if not stays:
        what += " and drop its list of disks, so that disks attached later come in, too"
    yield _Change(what=what, changes={"left_out": stays, "leave_out": written(case, stays)})


def _policy(case: Case, base: BackupConfiguration) -> Iterator[_Change]:
    """Another policy, which runs as often as is asked and keeps no less than is kept now."""
    every = _schedule(case, base)
    keep = _longer(base.keep, case.need.retention, every, anew=every < base.every)
    agent = base.crash_only and case.need.consistency > Consistency.CRASH
    enhanced = base.policy == "standard" and (every < DAY or bool(once(case, shared_disks)))
    if every < base.every or keep != base.keep or agent or enhanced:
        yield _assigned(base, every, keep, enhanced=enhanced, agent=agent)


def _assigned(
    base: BackupConfiguration,
    every: timedelta,
    keep: Retention,
    *,
    enhanced: bool,
    agent: bool,
) -> _Change:
    policy = "enhanced" if enhanced else base.policy
    days = base.instant_restore_days
    if enhanced or every != base.every:
        limits = instant_restore_limits(policy, every)
        days = DEFAULT_INSTANT_RESTORE_DAYS[policy] if enhanced else days
        days = min(max(days, limits.fewest), limits.most)
    parts = [f"runs every {duration(every)}"] if every != base.every else []
    parts += [f"keeps {keep}"] if keep != base.keep else []
    parts += ["asks the VM agent for consistent points"] if agent else []
    kind = "an Enhanced policy" if enhanced else "another policy"
    return _Change(
        what=f"assign {kind}" + (f" that {listed(parts)}" if parts else ""),
        changes={
            "policy": policy,
            "every": every,
            "interval": base.interval if every == base.every else None,
            "keep": keep,
            "instant_restore_days": days,
            "crash_only": base.crash_only and not agent,
        },
        irreversible=NO_WAY_BACK if enhanced else "",
    )


def _schedule(case: Case, base: BackupConfiguration) -> timedelta:
    """The longest time between two points that meets the need, or what there is."""
    asked = case.need.deletion
    if asked is None or base.every <= asked.rpo:
        return base.every
    meeting = [every for every in ENHANCED_FREQUENCIES if every <= asked.rpo]
    by_snapshots = not case.need.isolated  # the vault gets one point a day, however often it runs
    if asked.rpo < DAY and by_snapshots and meeting:
        return max(meeting)
    return min(base.every, DAY)


def _longer(kept: Retention, wanted: Retention, every: timedelta, *, anew: bool) -> Retention:
    """What is kept now; of a policy that is assigned anyway, of each kind the more.

    `anew`: the schedule changes. Where it does not, another policy is assigned only where what is
    kept does not reach back far enough.
    """
    if not anew and span_days(wanted) <= span_days(kept):
        return kept
    kept = Retention(*(max(one, other) for one, other in zip(kept, wanted, strict=True)))
    return vault_retention(kept) if every <= DAY else weekly_retention(kept)


# --- of the whole vault ----------------------------------------------------------------------


def _crossing(case: Case, base: BackupConfiguration, vault: Vault) -> Iterator[_Change]:
    if base.redundancy != "grs" or not pair_of(case, base.vault_region):
        return
    if _allowed(case, base, "grs-crr"):
        yield _Change(
            what=f"switch on cross-region restore for the whole vault {vault.name}",
            changes={"redundancy": "grs-crr"},
            irreversible=NEVER_OFF,
        )


def _redundancies(case: Case, base: BackupConfiguration, vault: Vault) -> Iterator[Adjustment]:
    """As long as no item of the vault has a point."""
    for redundancy in REDUNDANCIES:
        if redundancy == base.redundancy or not _allowed(case, base, redundancy):
            continue
        if base.archive and redundancy not in ARCHIVE_REDUNDANCIES:
            continue
        words = REDUNDANCY_WORDS[redundancy]
        crossing = " with cross-region restore" if redundancy == "grs-crr" else ""
        step = _Change(
            what=f"change the redundancy of vault {vault.name} to {words}{crossing}",
            changes={"redundancy": redundancy},
            irreversible=NEVER_OFF if crossing else "",
        )
        yield _of_vault(case, base, vault, (step,))._replace(urgent=BEFORE_FIRST_BACKUP)


def _allowed(case: Case, base: BackupConfiguration, redundancy: str) -> bool:
    reasons = vault_reasons(case, redundancy, base.vault_region)
    return all(reason.verdict is Verdict.YES for reason in reasons)


# --- what saves, or what is a setting ---------------------------------------------------------


def _other(
    case: Case, base: BackupConfiguration, vault: Vault, wanted: tuple[_Change, ...]
) -> Iterator[_Change]:
    asked = any(each.changes.get("policy") == "enhanced" for each in wanted)
    if base.policy == "standard" and not asked:
        yield _assigned(base, base.every, base.keep, enhanced=True, agent=False)
    yield from _shorter(case, base, vault)
    yield from _archive(case, base)
    yield from _instant_restore(base)


def _shorter(case: Case, base: BackupConfiguration, vault: Vault) -> Iterator[_Change]:
    """A policy that keeps what is asked and no more. Never where immutability is locked."""
    wanted = case.need.retention
    if not any(wanted) or vault.is_locked:
        return
    keep = vault_retention(wanted) if base.every <= DAY else weekly_retention(wanted)
    if span_days(keep) >= span_days(base.keep):
        return
    lost = (
        f"Points older than {counted(span_days(keep), 'day')} are deleted and do not come back:"
        " ask first whether a law or a contract wants them."
    )
    immutable = (vault.immutability or "").lower() == "unlocked"
    takes = (lost, "The vault's immutability must be switched off first.") if immutable else (lost,)
    yield _Change(
        what=f"assign another policy that keeps {keep}", changes={"keep": keep}, takes_away=takes
    )


def _archive(case: Case, base: BackupConfiguration) -> Iterator[_Change]:
    if base.archive or base.redundancy not in ARCHIVE_REDUNDANCIES:
        return
    if not archived_points(base.keep)[0]:
        return
    if archive_reason(case, base.vault_region).verdict is Verdict.YES:
        yield _Change(
            what="assign another policy that moves old points to the archive tier",
            changes={"archive": True},
            takes_away=(PUT_BACK_FIRST,),
            irreversible=STAYS_ARCHIVED,
        )


def _instant_restore(base: BackupConfiguration) -> Iterator[_Change]:
    """As many days as the portal sets up, and the fewest that Azure allows."""
    limits = instant_restore_limits(base.policy, base.interval or base.every)
    default = DEFAULT_INSTANT_RESTORE_DAYS[base.policy]
    now = base.instant_restore_days
    for days in sorted({min(max(default, limits.fewest), limits.most), limits.fewest} - {now}):
        lost = (
            f"Restores within minutes reach back {counted(days, 'day')} instead of"
            f" {counted(now, 'day')}; older points come from the vault."
        )
        yield _Change(
            what=f"assign another policy with {counted(days, 'day')} of instant restore",
            changes={"instant_restore_days": days},
            takes_away=(lost,) if days < now else (),
            of_setting=True,
        )
