"""What one VM must survive and how well: from flags, tags, the tiers of vmbackup.toml, defaults.

The tiers that ship follow Microsoft's guidance (backup-recovery, 2023-01-12: Azure Backup for
production, snapshots for development and test, Site Recovery where minutes matter) and match on
the tags of the Cloud Adoption Framework (resource-tagging, 2025-06-19): names in any case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from advisor.asked import AdviceAsked
from advisor.errors import UsageError
from advisor.model import FIGURES, Consistency, Event, EventNeed, Need, Retention
from advisor.regions import REGIONS

TIER_TAG = "vmbackup-tier"
SETTINGS_FILE = "vmbackup.toml"  #: where tiers of one's own stand

DAY = timedelta(days=1)
#: Power states in which nothing runs (states-billing: deallocated, and stopped by the guest).
STOPPED = frozenset({"deallocated", "stopped"})
#: A geo-redundant vault's secondary lags by 24 h of backup and 12 h of copying
#: (backup-azure-arm-restore-vms, 2026-01-23).
CROSS_REGION_RPO = timedelta(hours=36)

DEFAULT_RPO = {Event.DELETION: DAY, Event.ZONE: DAY, Event.REGION: CROSS_REGION_RPO}


class Tier(NamedTuple):
    """A named need and the tags that select it.

    `unpaired_zone`: where the region has no pair, what is asked for `region` is asked for `zone`.
    `stated`: whoever chose it said what is needed; a tier that ships and is chosen by
    `environment`, or by nothing at all, is a habit and no statement.
    """

    name: str
    tags: Mapping[str, tuple[str, ...]]
    need: Need
    unpaired_zone: bool = False
    stated: bool = False


_PRODUCTION = Need(
    deletion=EventNeed(rpo=DAY),
    region=EventNeed(rpo=CROSS_REGION_RPO, rto=DAY),
    retention=Retention(daily=30, weekly=12),
    isolated=True,
    consistency=Consistency.FILE_SYSTEM,
    tier="production",
)

#: The framework's own values, and those that shops write for the same (resource-tagging,
#: 2025-06-19; resource-abbreviations).
DEVELOPMENT_VALUES = (
    *("dev", "development", "test", "qa", "stage"),
    *("staging", "uat", "sandbox", "nonprod"),
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
        stated=True,
    ),
    Tier(
        name="development",
        tags={"environment": DEVELOPMENT_VALUES},
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

#: What a need's `origin` is said of.
PARTS = ("deletion", "zone", "region", "retention", "isolated", "consistency")

#: The framework also writes `env`; either name is read.
TAG_ALIASES = {"env": "environment"}


class Tiers(NamedTuple):
    """The tiers in force, the first that matches a VM's tags wins; else the default."""

    tiers: tuple[Tier, ...] = SHIPPED_TIERS
    default: str = SHIPPED_DEFAULT

    def named(self, name: str) -> Tier | None:
        return next((tier for tier in self.tiers if tier.name == name.lower()), None)


# --- choosing --------------------------------------------------------------------------------


class _Chosen(NamedTuple):
    """The tier that a VM's tags choose, by what, and the tags that choose none."""

    tier: Tier
    origin: str
    stated: bool
    notices: tuple[str, ...] = ()


def need_of(tags: Mapping[str, str], region_name: str, asked: AdviceAsked, tiers: Tiers) -> Need:
    """The need of one VM. Raises UsageError for a tier tag that names no tier."""
    chosen = _tier_of(tags, tiers)
    need = _for_region(chosen.tier, region_name)
    need = replace(
        need,
        origin=dict.fromkeys(PARTS, chosen.origin),
        stated=FIGURES if chosen.stated else need.stated,
        notices=chosen.notices,
    )
    return _with_flags(need, asked)


def _tier_of(tags: Mapping[str, str], tiers: Tiers) -> _Chosen:
    by_name = _by_name(tags)
    wanted = by_name.get(TIER_TAG)
    if wanted is not None:
        tier = tiers.named(wanted)
        if tier is None:
            known = ", ".join(tier.name for tier in tiers.tiers)
            raise UsageError(f"The tag {TIER_TAG} names no tier; there are {known}.")
        return _Chosen(tier, f"tag {TIER_TAG}", stated=True)
    notices = tuple(_choosing_none(by_name, tiers))
    for tier in tiers.tiers:
        for tag, values in tier.tags.items():
            if by_name.get(tag, "").lower() in values:
                return _Chosen(tier, f"tier {tier.name}, by tag {tag}", tier.stated, notices)
    default = tiers.named(tiers.default) or SHIPPED_TIERS[-1]
    return _Chosen(default, f"tier {default.name}, the default", default.stated, notices)


def _by_name(tags: Mapping[str, str]) -> dict[str, str]:
    """The values under lower-cased names; an alias counts only where its own name is absent."""
    plain = {name.strip().lower(): value.strip() for name, value in tags.items()}
    aliased = {own: plain[alias] for alias, own in TAG_ALIASES.items() if alias in plain}
    return {**aliased, **plain}


def _choosing_none(by_name: Mapping[str, str], tiers: Tiers) -> Iterator[str]:
    """Tags that a tier is chosen by, with a value that chooses none."""
    named = {tag for tier in tiers.tiers for tag in tier.tags if tag in by_name}
    for tag in sorted(named):
        said = by_name[tag]
        choosing = {value for tier in tiers.tiers for value in tier.tags.get(tag, ())}
        if said.lower() not in choosing:
            yield (
                f"The tag {tag}={said or '(empty)'} chooses no tier; values that do:"
                f" {', '.join(sorted(choosing))}."
            )


def _for_region(tier: Tier, region_name: str) -> Need:
    """A region that we do not know may have a pair: only one known to have none asks for less."""
    need = tier.need
    if tier.unpaired_zone and need.region and _has_no_pair(region_name):
        return replace(need, region=None, zone=need.region)
    return need


def _has_no_pair(region_name: str) -> bool:
    return region_name in REGIONS and not REGIONS[region_name].pair


# --- flags -----------------------------------------------------------------------------------


#: What of a request is about the need, and that of one which says nothing of it.
_of_need = attrgetter(
    *("survive", "rpo", "rto", "region_rpo", "region_rto", "keep", "isolated", "consistency")
)
_NOTHING_SAID = _of_need(AdviceAsked(vm=""))


def _with_flags(need: Need, asked: AdviceAsked) -> Need:
    if _of_need(asked) == _NOTHING_SAID:  # of every VM of a fleet
        return need
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
    return replace(need, **changes, origin=origin, stated=need.stated | _stated(asked))


def _stated(asked: AdviceAsked) -> frozenset[str]:
    """The figures that the flags state, each by itself: --rpo says nothing of the RTO."""
    said: set[str] = set()
    for event in Event:
        about_region = event is Event.REGION
        named = event in asked.survive
        rpo, rto = (asked.region_rpo, asked.region_rto) if about_region else (None, None)
        if named or (event is Event.DELETION and not asked.survive):
            rpo, rto = rpo or asked.rpo, rto or asked.rto
        figures = {"rpo": rpo, "rto": rto, "asked": bool(asked.survive) or rpo or rto}
        said |= {f"{event.value}.{name}" for name, value in figures.items() if value}
    parts = {
        "retention": asked.keep,
        "isolated": asked.isolated,
        "consistency": asked.consistency,
    }
    return frozenset(said | {part for part, value in parts.items() if value is not None})


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
