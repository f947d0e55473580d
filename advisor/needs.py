"""What one VM must survive and how well: from flags, tags, the tiers of vmbackup.toml, defaults.

The tiers that ship follow Microsoft's guidance (backup-recovery, 2023-01-12: Azure Backup for
production, snapshots for development and test, Site Recovery where minutes matter) and match on
the tags of the Cloud Adoption Framework (resource-tagging, 2025-06-19): names in any case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from advisor.asked import AdviceAsked
from advisor.errors import UsageError
from advisor.model import Consistency, Event, EventNeed, Need, Retention
from advisor.regions import region

TIER_TAG = "vmbackup-tier"
SETTINGS_FILE = "vmbackup.toml"  #: where tiers of one's own stand

DAY = timedelta(days=1)
#: Power states in which nothing runs (states-billing: deallocated, and stopped by the guest).
STOPPED = frozenset({"deallocated", "stopped"})
#: A geo-redundant vault's secondary lags by 24 h of backup and 12 h of copying
#: (backup-azure-arm-restore-vms, 2026-01-23).
CROSS_REGION_RPO = timedelta(hours=36)

DEFAULT_RPO = {Event.DELETION: DAY, Event.ZONE: DAY, Event.REGION: CROSS_REGION_RPO}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A named need and the tags that select it.

    `unpaired_zone`: where the region has no pair, what is asked for `region` is asked for `zone`.
    """

    name: str
    tags: Mapping[str, tuple[str, ...]]
    need: Need
    unpaired_zone: bool = False


_PRODUCTION = Need(
    deletion=EventNeed(rpo=DAY),
    region=EventNeed(rpo=CROSS_REGION_RPO, rto=DAY),
    retention=Retention(daily=30, weekly=12),
    isolated=True,
    consistency=Consistency.FILE_SYSTEM,
    tier="production",
)

SHIPPED_TIERS: tuple[Tier, ...] = (
    Tier(
        name="mission-critical",
        tags={"criticality": ("mission-critical",)},
        need=replace(
            _PRODUCTION,
            region=EventNeed(rpo=timedelta(minutes=15), rto=timedelta(hours=1)),
            tier="mission-critical",
        ),
    ),
    Tier(
        name="development",
        tags={"environment": ("dev", "development", "test", "qa", "stage")},
        need=Need(
            deletion=EventNeed(rpo=DAY),
            retention=Retention(daily=7),
            consistency=Consistency.NONE,
            tier="development",
        ),
    ),
    Tier(
        name="production",
        tags={"environment": ("prod", "production")},
        need=_PRODUCTION,
        unpaired_zone=True,
    ),
)
SHIPPED_DEFAULT = "production"

#: The framework also writes `env`; either name is read.
TAG_ALIASES = {"env": "environment"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiers:
    """The tiers in force, the first that matches a VM's tags wins; else the default."""

    tiers: tuple[Tier, ...] = SHIPPED_TIERS
    default: str = SHIPPED_DEFAULT

    def named(self, name: str) -> Tier | None:
        return next((tier for tier in self.tiers if tier.name == name.lower()), None)


# --- choosing --------------------------------------------------------------------------------


def need_of(
    tags: Mapping[str, str],
    region_name: str,
    asked: AdviceAsked,
    tiers: Tiers,
    power_state: str | None = None,
) -> Need:
    """The need of one VM. Raises UsageError for a tier tag that names no tier.

    Of a VM that is stopped a crash-consistent point is enough unless a flag says otherwise:
    nothing runs in it that could be cut off.
    """
    tier, origin = _tier_of(tags, tiers)
    need = _for_region(tier, region_name)
    parts = dict.fromkeys(("deletion", "zone", "region", "retention", "isolated"), origin)
    need = replace(need, origin={**parts, "consistency": origin})
    return _with_flags(_of_stopped(need) if power_state in STOPPED else need, asked)


def _of_stopped(need: Need) -> Need:
    if need.consistency <= Consistency.CRASH:
        return need
    origin = {**need.origin, "consistency": "the VM is stopped"}
    return replace(need, consistency=Consistency.CRASH, origin=origin)


def _tier_of(tags: Mapping[str, str], tiers: Tiers) -> tuple[Tier, str]:
    by_name = {TAG_ALIASES.get(name.lower(), name.lower()): value for name, value in tags.items()}
    wanted = by_name.get(TIER_TAG)
    if wanted is not None:
        tier = tiers.named(wanted)
        if tier is None:
            known = ", ".join(tier.name for tier in tiers.tiers)
            raise UsageError(f"The tag {TIER_TAG} names no tier; there are {known}.")
        return tier, f"tag {TIER_TAG}"
    for tier in tiers.tiers:
        for tag, values in tier.tags.items():
            if by_name.get(tag, "").lower() in values:
                return tier, f"tier {tier.name}, by tag {tag}"
    default = tiers.named(tiers.default) or SHIPPED_TIERS[-1]
    return default, f"tier {default.name}, the default"


def _for_region(tier: Tier, region_name: str) -> Need:
    need = tier.need
    if tier.unpaired_zone and need.region and not region(region_name).pair:
        return replace(need, region=None, zone=need.region)
    return need


def _with_flags(need: Need, asked: AdviceAsked) -> Need:
    changes: dict[str, Any] = {}
    if asked.survive:
        changes |= {event.value: _event_need(need, event, asked) for event in Event}
    else:
        if asked.rpo or asked.rto:
            changes["deletion"] = _tightened(need.deletion, Event.DELETION, asked.rpo, asked.rto)
        if asked.region_rpo or asked.region_rto:
            changes["region"] = _tightened(
                need.region, Event.REGION, asked.region_rpo, asked.region_rto
            )
    for part, value in (
        ("retention", asked.keep),
        ("isolated", asked.isolated),
        ("consistency", asked.consistency),
    ):
        if value is not None:
            changes[part] = value
    origin = {**need.origin, **dict.fromkeys(changes, "flag")}
    return replace(need, **changes, origin=origin)


def _event_need(need: Need, event: Event, asked: AdviceAsked) -> EventNeed | None:
    """With --survive only the events named are asked for; --rpo and --rto are about each."""
    if event not in asked.survive:
        return None
    if event is Event.REGION:
        rpo, rto = asked.region_rpo or asked.rpo, asked.region_rto or asked.rto
    else:
        rpo, rto = asked.rpo, asked.rto
    return _tightened(need.of(event), event, rpo, rto)


def _tightened(
    current: EventNeed | None, event: Event, rpo: timedelta | None, rto: timedelta | None
) -> EventNeed:
    current = current or EventNeed(rpo=DEFAULT_RPO[event])
    return EventNeed(rpo=rpo or current.rpo, rto=rto or current.rto)
