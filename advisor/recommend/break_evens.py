"""Where the answer would turn: by retention, and by how soon one must be back elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from advisor.model import Assessment, Event, LineKind, Verdict
from advisor.options.azure_backup import option as backup
from advisor.options.azure_backup.policy_rules import FEWEST_DAILY_POINTS
from advisor.options.case import Case
from advisor.options.site_recovery import option as site_recovery
from advisor.options.snapshots import option as snapshots
from advisor.words import about, counted, duration, money

LONGEST_DAYS = 3650  #: beyond ten years a break-even is no help


def break_evens(case: Case, ranked: Sequence[Assessment]) -> tuple[str, ...]:
    """Sentences; none where an option is not allowed or lacks a price."""
    return tuple(_by_retention(case, ranked)) + tuple(_by_time(ranked))


# --- retention -------------------------------------------------------------------------------


def _by_retention(case: Case, ranked: Sequence[Assessment]) -> Iterator[str]:
    own = _cheapest(ranked, snapshots.NAME, full=False, to=None)
    vault = _cheapest(ranked, backup.NAME, archive=False) if own else None
    if own is None or vault is None:
        return
    days = retention_break_even(case, own, vault)
    if days is None:
        return
    if days < 1:
        yield "Azure Backup is cheaper than daily snapshots whatever the retention."
    elif days >= LONGEST_DAYS:
        yield "Daily snapshots are cheaper than Azure Backup whatever the retention."
    else:
        most = counted(int(days), "day")
        yield f"Daily snapshots are cheaper than Azure Backup up to {most} of retention."


def _cheapest(ranked: Sequence[Assessment], option: str, **wanted: object) -> Assessment | None:
    """The cheapest allowed complete configuration once a day, by its likely cost."""
    fitting = (
        each
        for each in ranked
        if each.proposal.option == option
        and each.proposal.verdict is Verdict.YES
        and each.monthly.likely is not None
        and each.proposal.configuration["every"] == "24h"
        and all(each.proposal.configuration.get(key) == value for key, value in wanted.items())
    )
    return min(fitting, key=lambda each: each.monthly.likely or Decimal(0), default=None)


def retention_break_even(case: Case, own: Assessment, vault: Assessment) -> Decimal | None:
    """Daily points n at which both cost the same; both grow by a day's change for each point.

    snapshots: s * U * (1 + (n-1) * c);  vault: f + v * U * (1 + (n-1) * c), f not depending on n,
    and never for fewer points than a daily policy keeps.
    """
    used, share = case.sizing.used_gib.range.likely, case.growth.shares_per_day.likely
    price_own, _ = _storage(own, "Snapshots")
    price_vault, vault_amount = _storage(vault, "Vault storage")
    if price_own is None or price_vault is None or not used or not share:
        return None
    if vault.monthly.likely is None or vault_amount is None:
        return None
    fixed = vault.monthly.likely - vault_amount
    if price_own <= price_vault:
        return Decimal(LONGEST_DAYS)
    days = 1 + (fixed / (used * (price_own - price_vault)) - 1) / share
    if days >= FEWEST_DAILY_POINTS:
        return days
    least = fixed + price_vault * used * (1 + (FEWEST_DAILY_POINTS - 1) * share)
    return 1 + (least / (used * price_own) - 1) / share


def _storage(each: Assessment, name: str) -> tuple[Decimal | None, Decimal | None]:
    for line in each.lines:
        if line.usage.name == name and line.usage.kind is LineKind.RECURRING and line.monthly:
            return line.unit_price, line.monthly.likely
    return None, None


# --- time ------------------------------------------------------------------------------------


def _by_time(ranked: Sequence[Assessment]) -> Iterator[str]:
    replica = _allowed(ranked, site_recovery.NAME, Event.REGION)
    copied = _allowed(ranked, backup.NAME, Event.REGION)
    if replica is None or copied is None:
        return
    region = copied.recovery[Event.REGION]
    if region is None or replica.monthly.likely is None:
        return
    price = money(replica.monthly.likely, replica.monthly.currency)
    yield (
        f"Site Recovery, {price} a month, pays only if you must be back in another region within"
        f" less than {about(region.rto.likely)} or lose less than {duration(region.rpo)}."
    )


def _allowed(ranked: Sequence[Assessment], option: str, event: Event) -> Assessment | None:
    return next(
        (
            each
            for each in ranked
            if each.proposal.option == option
            and each.proposal.verdict is Verdict.YES
            and each.recovery[event]
        ),
        None,
    )
