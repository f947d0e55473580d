"""The protection found on a VM: its cost, whether it meets the need, and what a change means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from advisor.model import (
    Assessment,
    Coverage,
    Event,
    InPlace,
    KnownVm,
    Plan,
    Protection,
    ProtectionKind,
    ProtectionState,
    Reading,
)
from advisor.options import BY_NAME, OPTIONS
from advisor.options.case import Case
from advisor.options.descriptions import option_name
from advisor.options.row import FoundInPlace, Option
from advisor.prices.pricing import Pricer
from advisor.recommend.assess import NOTHING_MET, Judge
from advisor.words import age, listed, money

#: States in which a protection makes no new points that a need could rest on.
FAILING = frozenset(
    {
        ProtectionState.STOPPED,
        ProtectionState.SOFT_DELETED,
        ProtectionState.OVERDUE,
        ProtectionState.ERROR,
        ProtectionState.PENDING,
        ProtectionState.FAILED_OVER,
    }
)

#: secure-by-default, 2025-11-10: soft-deleted data is kept free for so long.
FREE_SOFT_DELETE_DAYS = 14

#: States whose words say all that the reading's own sentence would.
_STATED_FULLY = frozenset(
    {ProtectionState.STOPPED, ProtectionState.OVERDUE, ProtectionState.SOFT_DELETED}
)
#: States in which a protection costs nothing yet, or nothing any more.
_FREE = frozenset({ProtectionState.PENDING, ProtectionState.SOFT_DELETED})

_STATE_WORDS = {
    ProtectionState.ACTIVE: "runs",
    ProtectionState.OVERDUE: "is overdue: no point for longer than its schedule allows",
    ProtectionState.STOPPED: "is stopped; its old points are kept and cost",
    ProtectionState.SOFT_DELETED: (
        "is deleted and can still be undeleted; until then this vault takes the VM no second time"
    ),
    ProtectionState.ERROR: "fails",
    ProtectionState.PENDING: "is configured and has no point yet",
    ProtectionState.FAILED_OVER: "has failed over and replicates nothing",
    ProtectionState.UNKNOWN: "was found; its state could not be read",
}


#: The option of each kind of protection, and what its row says of one that was found.
_OF_KIND: Mapping[ProtectionKind, tuple[Option[Any], FoundInPlace[Any]]] = {
    kind: (option, option.found)
    for option in OPTIONS
    if option.found
    for kind in option.found.kinds
}


def assess_in_place(
    known: KnownVm, case: Case, judge: Judge, pricer: Pricer, now: datetime
) -> tuple[InPlace, ...]:
    """Every protection found, priced where enough of it was read."""
    return tuple(
        _in_place(protection, _priced(protection, case, judge, pricer), now)
        for protection in known.protections
    )


def _priced(found: Protection, case: Case, judge: Judge, pricer: Pricer) -> Assessment | None:
    option, rules = _OF_KIND[found.kind]
    chosen = rules.configuration(case, found)
    if chosen is None:
        return None
    [proposal] = option.propose(case, [chosen])
    assessed = judge.assess(proposal, *pricer.bill(proposal.usages), in_place=True)
    return _met_nothing(assessed, found.state) if found.state in FAILING else assessed


def _met_nothing(assessed: Assessment, state: ProtectionState) -> Assessment:
    """Stopped, deleted or overdue: it costs and protects from nothing new."""
    return Assessment(
        proposal=assessed.proposal,
        lines=assessed.lines,
        monthly=assessed.monthly,
        recovery=assessed.recovery,
        met=NOTHING_MET,
        meets_need=False,
        unmet=(f"{Event.DELETION.value}: the protection {_STATE_WORDS[state]}",),
        in_place=True,
    )


def _in_place(found: Protection, assessed: Assessment | None, now: datetime) -> InPlace:
    return InPlace(
        protection=found,
        age=now - found.last_point if found.last_point else None,
        assessment=assessed,
        sentence=_sentence(found, assessed, now),
    )


def _sentence(found: Protection, assessed: Assessment | None, now: datetime) -> str:
    parts = [f"{_OF_KIND[found.kind][1].words(found)} {_STATE_WORDS[found.state]}"]
    if found.last_point:
        parts.append(f"last point {_ago(now - found.last_point)}")
    if found.vault:
        redundancy = f" ({found.vault.redundancy})" if found.vault.redundancy else ""
        parts.append(f"vault {found.vault.name}{redundancy}")
    if found.policy:
        kept = f" keeping {found.policy.retention}" if found.policy.retention else ""
        parts.append(f"policy {found.policy.name}{kept}")
    parts += _cost(found, assessed)
    said = found.detail if found.state not in _STATED_FULLY else ""
    return "; ".join(parts) + "." + (f" {said}" if said else "")


def _ago(passed: timedelta) -> str:
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


# --- nothing found ---------------------------------------------------------------------------


def unprotected(known: KnownVm) -> str:
    """`unprotected` only where everything that could hold protection was read.

    Else what is known: "not in vault v1", "not in any vault, and its snapshots were not read", or
    that nothing was looked at; empty when protected.
    """
    if any(found.state is ProtectionState.ACTIVE for found in known.protections):
        return ""
    if known.protections:
        return "nothing that was found makes new recovery points"
    coverage = known.coverage
    if _all_vaults_read(coverage):
        unread = _points_not_read(coverage)
        rest = f", and its {listed(unread)} were not read"
        return f"not in any vault{rest}" if unread else "unprotected"
    if coverage.vaults_read and coverage.backup_items is not Reading.FAILED:
        several = "s" if len(coverage.vaults_read) > 1 else ""
        return f"not in vault{several} {listed(coverage.vaults_read)}"
    return "whether anything protects it was not read"


def _all_vaults_read(coverage: Coverage) -> bool:
    return coverage.all_vaults and coverage.replicated_items is Reading.READ


def _points_not_read(coverage: Coverage) -> list[str]:
    """Of what lies beside the vaults and protects too."""
    read = {
        ProtectionKind.SNAPSHOTS: coverage.snapshots,
        ProtectionKind.RESTORE_POINTS: coverage.restore_points,
    }
    return [
        kind.value.replace("-", " ")
        for kind, reading in read.items()
        if reading is not Reading.READ
    ]


# --- changing --------------------------------------------------------------------------------


def changes(in_place: Sequence[InPlace], winner: Plan | None) -> tuple[str, ...]:
    """What a move from the protection in place to the winner saves, costs or makes impossible."""
    if winner is None:
        return ()
    priced = [
        each.assessment
        for each in in_place
        if each.assessment and each.protection.state not in _FREE
    ]
    if winner.in_place:
        return tuple(_beside(priced, winner))
    return tuple(_difference(priced, winner)) + tuple(_forbidden(priced, winner))


def _beside(priced: Sequence[Assessment], winner: Plan) -> Iterator[str]:
    """Protection in place that costs and is not part of the plan."""
    for each in priced:
        if each not in winner.parts and each.monthly.likely:
            cost = money(each.monthly.likely, each.monthly.currency)
            name = option_name(each.option)
            yield f"The need does not ask for the {name} in place: without it {cost} a month less."


def _difference(priced: Sequence[Assessment], winner: Plan) -> Iterator[str]:
    amounts = [each.monthly.likely for each in priced]
    if not amounts or None in amounts or winner.monthly.likely is None:
        return
    now = sum((amount for amount in amounts if amount is not None), Decimal(0))
    change = winner.monthly.likely - now
    currency = winner.monthly.currency
    if change < 0:
        yield f"Changing from what is in place saves about {money(-change, currency)} a month."
    elif change > 0:
        yield f"Changing from what is in place costs about {money(change, currency)} a month more."


def _forbidden(priced: Sequence[Assessment], winner: Plan) -> Iterator[str]:
    """Changes that Azure does not allow, and what follows."""
    wanted = {part.option: part.proposal.configuration for part in winner.parts}
    for each in priced:
        found, want = BY_NAME[each.option].found, wanted.get(each.option)
        if found and want:
            yield from found.forbidden(each.proposal.configuration, want)
