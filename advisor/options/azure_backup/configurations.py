"""Which configurations of Azure Backup there are: proposed, said on the command line, found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from itertools import product
from typing import Any

from advisor.errors import UsageError
from advisor.model import Need, Protection, Retention, Verdict
from advisor.options.azure_backup.archive import ARCHIVE_REDUNDANCIES, archived_points
from advisor.options.azure_backup.chosen import (
    DEFAULT_KEEP,
    PLAINEST_FIRST,
    BackupConfiguration,
    shared,
)
from advisor.options.azure_backup.policy_rules import (
    DAY,
    FEWEST_DAILY_POINTS,
    STANDARD_WEEKLY_DAYS,
    WEEK,
)
from advisor.options.azure_backup.reasons import BackupReasons
from advisor.options.case import Case, once
from advisor.options.disks_left_out import keys_of, not_needed, written
from advisor.quantities import parse_days, parse_duration, parse_retention
from advisor.regions import region
from advisor.retention import DAYS_PER_WEEK

# --- figures, each with its article ----------------------------------------------------------

#: backup-instant-restore-capability, 2025-06-16: what the portal sets up, too.
DEFAULT_INSTANT_RESTORE_DAYS = {"standard": 2, "enhanced": 7}
DEFAULT_WEEKLY_KEEP = Retention(weekly=12)
ENHANCED_FREQUENCIES = tuple(timedelta(hours=hours) for hours in (24, 12, 8, 6, 4))
REDUNDANCIES = ("lrs", "zrs", "grs", "grs-crr")


# --- proposed ---------------------------------------------------------------------------------


def configurations(case: Case) -> Sequence[BackupConfiguration]:
    """Every policy worth pricing into every vault, kept as the need says; with archive where it may
    pay.

    Instant restore as long as the portal sets it up: whoever wants points of many days back finds
    them in the vault. What the portal does not offer, Standard for Trusted Launch, is none.
    """
    alike = _configurations(
        case.need.retention,
        often=_frequencies(case.need),
        standard=case.vm.security_type not in ENHANCED_ONLY,
        forbidden=once(case, BackupReasons).forbidden,
        archive=region(case.vm.region).archive is not Verdict.NO,
    )
    left_out = not_needed(case)
    if not left_out:
        return alike
    text = written(case, left_out)
    return tuple(replace(each, left_out=left_out, leave_out=text) for each in alike)


#: backup-azure-vms-enhanced-policy, 2025-06-11: the portal offers these the Enhanced policy only.
ENHANCED_ONLY = frozenset({"TrustedLaunch", "ConfidentialVM"})


def _frequencies(need: Need) -> tuple[timedelta, ...]:
    """Of the Enhanced policy: once a day, and as seldom as the RPO of a deletion allows.

    They cost the same, and more points are more that can fail. Only the snapshots beside the disks
    are taken that often, and they serve a deletion alone: the vault gets a point a day.
    """
    if need.deletion is None or need.deletion.rpo >= DAY:
        return (DAY,)
    usual = (every for every in ENHANCED_FREQUENCIES if every <= need.deletion.rpo)
    return DAY, next(usual, ENHANCED_FREQUENCIES[-1])


@lru_cache(maxsize=1024)
def _configurations(
    retention: Retention,
    *,
    often: tuple[timedelta, ...],
    standard: bool,
    archive: bool,
    forbidden: frozenset[str],
) -> tuple[BackupConfiguration, ...]:
    keep = vault_retention(retention)
    schedules = (("standard", DAY), *(("enhanced", every) for every in often))
    archives = (False, True) if archive and archived_points(keep)[0] else (False,)
    return tuple(
        BackupConfiguration(
            policy=policy,
            every=every,
            redundancy=redundancy,
            instant_restore_days=DEFAULT_INSTANT_RESTORE_DAYS[policy],
            keep=keep,
            archive=archived,
        )
        for (policy, every), redundancy, archived in product(schedules, REDUNDANCIES, archives)
        if (standard or policy == "enhanced")
        and (not archived or redundancy in ARCHIVE_REDUNDANCIES)
        and (policy not in forbidden or _stands_for_all(every, redundancy, archived))
    )


def _stands_for_all(every: timedelta, redundancy: str, archived: bool) -> bool:
    """One of the configurations of a policy that the VM may not have says it for the others."""
    return every == DAY and redundancy == PLAINEST_FIRST[0] and not archived


def vault_retention(wanted: Retention) -> Retention:
    """The need's retention within what a daily policy allows: at least seven daily points."""
    return wanted._replace(daily=max(wanted.daily, FEWEST_DAILY_POINTS))


def weekly_retention(wanted: Retention) -> Retention:
    """The need's retention within what a weekly policy allows: no daily points, and as many weekly
    ones as reach back as far, at least one.
    """
    weeks = max(-(-wanted.daily // DAYS_PER_WEEK), 1)
    return wanted._replace(daily=0, weekly=max(wanted.weekly, weeks))


# --- said and found ---------------------------------------------------------------------------


def said_configuration(case: Case, said: Mapping[str, Any]) -> BackupConfiguration:
    """The configuration of `estimate`'s flags, the rest by default. Raises UsageError."""
    policy = str(said.get("policy") or "enhanced")
    redundancy = str(said.get("redundancy") or "grs")
    if policy not in DEFAULT_INSTANT_RESTORE_DAYS:
        raise UsageError(f"A policy is standard or enhanced, not {policy}.")
    if redundancy not in REDUNDANCIES:
        raise UsageError(f"A vault is one of {', '.join(REDUNDANCIES)}, not {redundancy}.")
    keep = parse_retention(str(said["keep"])) if said.get("keep") else None
    every = _said_frequency(said.get("every"), keep)
    if said.get("archive") and redundancy not in ARCHIVE_REDUNDANCIES:
        raise UsageError("Archive takes the points of lrs and grs vaults, not of zrs ones.")
    said_days = said.get("instant_restore")
    days = parse_days(str(said_days)) if said_days else _default_days(policy, every)
    left_out = keys_of(case, str(said.get("leave_out") or ""))
    if said.get("crash_only") and policy != "enhanced":
        raise UsageError("Points without the agent need the Enhanced policy.")
    if days < 1:
        raise UsageError("Instant restore keeps its snapshots for at least one day: 1d.")
    return BackupConfiguration(
        policy=policy,
        every=every,
        redundancy=redundancy,
        instant_restore_days=days,
        keep=keep or (DEFAULT_KEEP if every <= DAY else DEFAULT_WEEKLY_KEEP),
        archive=bool(said.get("archive")),
        crash_only=bool(said.get("crash_only")),
        left_out=left_out,
        leave_out=written(case, left_out),
        vault_region=_vault_region(case, said.get("vault_region")),
    )


def _vault_region(case: Case, name: Any) -> str:
    """ARM's name of the vault's region where it is not the VM's own."""
    return "" if name in (None, "", case.vm.region) else str(name)


def _said_frequency(said: Any, keep: Retention | None) -> timedelta:
    """Once a day, or once a week where only weekly points are kept, unless said."""
    only_weekly = keep is not None and keep.weekly and not keep.daily
    every = parse_duration(str(said)) if said else (WEEK if only_weekly else DAY)
    if every not in ENHANCED_FREQUENCIES and not (DAY < every <= WEEK and not every % DAY):
        raise UsageError("Azure Backup runs every 4h, 6h, 8h, 12h or 24h, or weekly: 7d.")
    return every


def _default_days(policy: str, every: timedelta) -> int:
    """Days of instant restore that a new policy has."""
    if policy == "standard" and every > DAY:
        return STANDARD_WEEKLY_DAYS.most
    return DEFAULT_INSTANT_RESTORE_DAYS[policy]


def found_configuration(case: Case, found: Protection) -> BackupConfiguration | None:
    """The configuration of a backup that is in place; None where too little was read.

    It is the same in every state: what a stopped or a deleted one was is what it would be again.
    """
    vault, policy = found.vault, found.policy
    if vault is None or vault.redundancy not in REDUNDANCIES or policy is None:
        return None
    if policy.enhanced is None or not policy.retention or not any(policy.retention):
        return None
    kind = "enhanced" if policy.enhanced else "standard"
    every = policy.every or policy.interval or DAY
    left_out = found.left_out - {disk.key for disk in case.vm.disks if disk.is_os}
    return shared(
        BackupConfiguration(
            policy=kind,
            every=every,
            redundancy=vault.redundancy,
            instant_restore_days=policy.instant_restore_days or _default_days(kind, every),
            keep=policy.retention,
            archive=bool(policy.archive) and vault.redundancy in ARCHIVE_REDUNDANCIES,
            crash_only=policy.crash_only,
            left_out=left_out,
            leave_out=written(case, left_out),
            vault_region=_vault_region(case, vault.region),
            interval=policy.interval,
            found=True,
            seen=found.consistency,
        )
    )
