"""What stands already: each protection found, as it is today and as it would be when mended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

from advisor.model import (
    Assessment,
    Event,
    KnownVm,
    PointTier,
    Proposal,
    Protection,
    ProtectionKind,
    ProtectionState,
)
from advisor.options import OPTIONS
from advisor.options.case import Case
from advisor.options.row import FoundInPlace, Option
from advisor.prices.pricing import Pricer
from advisor.recommend.assess import NO_DISKS, NOT_COVERED, Judge
from advisor.recommend.look import served

#: A first point starts at its time and may take most of a day (backup-azure-vms-introduction,
#: 2026-01-28): it is overdue an interval of its schedule and this after it was configured.
FIRST_POINT_SLACK = timedelta(hours=24)
USUAL_INTERVAL = timedelta(days=1)  #: where the schedule was not read

#: The option of each kind of protection, and what its row says of one that was found.
OF_KIND: Mapping[ProtectionKind, tuple[Option[Any], FoundInPlace[Any]]] = {
    kind: (option, option.found)
    for option in OPTIONS
    if option.found
    for kind in option.found.kinds
}

#: Kinds of which single points are made by hand, too: without a schedule they promise nothing.
BY_HAND = frozenset({ProtectionKind.SNAPSHOTS, ProtectionKind.RESTORE_POINTS})

STATE_WORDS = {
    ProtectionState.ACTIVE: "runs",
    ProtectionState.OVERDUE: "is overdue: no point for longer than its schedule allows",
    ProtectionState.STOPPED: "is stopped; its old points are kept and billed",
    ProtectionState.SOFT_DELETED: (
        "is deleted and can still be undeleted; until then this vault does not take the VM again"
    ),
    ProtectionState.ERROR: "fails",
    ProtectionState.PENDING: "is configured and has no point yet",
    ProtectionState.FAILED_OVER: "has failed over and replicates nothing",
    ProtectionState.UNKNOWN: "was found; its state could not be read",
}


class Health(Enum):
    """What a protection is good for today."""

    RUNS = "runs"
    WAITS = "waits"  #: its first point is not overdue
    BROKEN = "broken"  #: somebody wants it, and it makes no points or is behind
    ENDED = "ended"  #: stopped or deleted on purpose, and it can be taken up again
    UNREADABLE = "unreadable"  #: found, and too little of it was read to judge it
    LOOSE = "loose"  #: points that nothing makes anew


_BY_STATE = {
    ProtectionState.ACTIVE: Health.RUNS,
    ProtectionState.OVERDUE: Health.BROKEN,
    ProtectionState.ERROR: Health.BROKEN,
    ProtectionState.FAILED_OVER: Health.BROKEN,
    ProtectionState.STOPPED: Health.ENDED,
    ProtectionState.SOFT_DELETED: Health.ENDED,
    ProtectionState.UNKNOWN: Health.UNREADABLE,
}


class Standing(NamedTuple):
    """One protection. `mended` is None where too little was read to judge and price it."""

    found: Protection
    health: Health
    mended: Assessment | None
    today: Assessment | None
    option: Option[Any] | None  #: the row that knows what may be changed in place
    look_again: datetime | None = None  #: when a first point that is waited for is overdue


def standings(
    known: KnownVm, case: Case, judge: Judge, pricer: Pricer, now: datetime
) -> tuple[Standing, ...]:
    """Every protection found, in the order in which it was found."""
    moment = known.taken or now
    return tuple(_standing(found, case, judge, pricer, moment) for found in known.protections)


def _standing(
    found: Protection, case: Case, judge: Judge, pricer: Pricer, now: datetime
) -> Standing:
    proposal = _proposal(found, case)
    if proposal is None:
        return Standing(found, _without_configuration(found), None, None, None)
    option = OF_KIND[found.kind][0]
    bill = pricer.bill(proposal.usages)
    mended = judge.assess(proposal, *bill, in_place=True)
    health = _BY_STATE.get(found.state, Health.WAITS)
    if found.state is ProtectionState.PENDING and _first_point_due(found, now) < now:
        health = Health.BROKEN
    if health is not Health.RUNS:
        today = _nothing_met(mended, found, judge)
        return Standing(found, health, mended, today, option, _again(found, health, now))
    today = mended
    if found.rpo is not None and any(found.rpo > tier.rpo for tier in proposal.tiers):
        behind = proposal._replace(
            tiers=tuple(_not_sooner(tier, found.rpo) for tier in proposal.tiers)
        )
        today = judge.assess(behind, *bill, in_place=True)
        if today.met != mended.met:
            health = Health.BROKEN
    return Standing(found, health, mended, today, option)


def _not_sooner(tier: PointTier, rpo: timedelta) -> PointTier:
    return tier._replace(rpo=max(tier.rpo, rpo))


def _without_configuration(found: Protection) -> Health:
    if found.kind is ProtectionKind.DATABASE_BACKUP:
        return Health.LOOSE  # points of databases: none of the VM
    if found.kind in BY_HAND and not found.observed:
        return Health.LOOSE
    return Health.UNREADABLE


def _proposal(found: Protection, case: Case) -> Proposal | None:
    """What its configuration gives, without the disks that its points leave out."""
    known = OF_KIND.get(found.kind)
    chosen = known[1].configuration(case, found) if known else None
    if known is None or chosen is None:
        return None
    [proposal] = known[0].propose(case, [chosen])
    return without_disks(proposal, found.left_out, case)


def without_disks(proposal: Proposal, left_out: frozenset[str], case: Case) -> Proposal:
    """The proposal whose points do not hold these disks either, of those that hold data."""
    stored = {size.disk.key for size in case.stored_disks}
    missing = frozenset(left_out & stored) if left_out else NO_DISKS
    if not missing or all(missing <= tier.left_out for tier in proposal.tiers):
        return proposal
    tiers = tuple(tier._replace(left_out=tier.left_out | missing) for tier in proposal.tiers)
    return proposal._replace(tiers=tiers)


def is_locked(standings: Iterable[Standing], part: Assessment) -> bool:
    """Whether what is in place lies in a vault whose immutability is locked."""
    of_part = (each.found for each in standings if each.mended is part)
    return any(found.vault is not None and found.vault.is_locked for found in of_part)


def last_point_days(part: Assessment) -> int:
    """How long the last point made today stays where nobody deletes it."""
    return max([tier.retention_days for tier in part.proposal.tiers if tier.isolated], default=0)


# --- the first point -------------------------------------------------------------------------


def _first_point_due(found: Protection, now: datetime) -> datetime:
    """When the first point is overdue; without a beginning that is known, counted from now."""
    policy = found.policy
    interval = found.every or (policy.every if policy else None) or USUAL_INTERVAL
    return (found.since or now) + interval + FIRST_POINT_SLACK


def _again(found: Protection, health: Health, now: datetime) -> datetime | None:
    return _first_point_due(found, now) if health is Health.WAITS else None


# --- what meets nothing ----------------------------------------------------------------------


def _nothing_met(mended: Assessment, found: Protection, judge: Judge) -> Assessment:
    """As it is today: it may cost, and protects from nothing new."""
    serves = {event for tier in mended.proposal.tiers for event in served(tier)}
    said = f"what protects it {STATE_WORDS[found.state]}"
    return mended._replace(
        met=frozenset(),
        met_if={},
        meets_need=False,
        unmet=tuple(
            f"{event.value}: {said}" if event in serves else NOT_COVERED[event]
            for event in judge.asked or (Event.DELETION,)
        ),
    )
