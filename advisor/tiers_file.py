"""The needs part of vmbackup.toml: tiers of one's own before the shipped ones.

default_tier = "production"
[tiers.gold]
tags = { serviceclass = ["gold"] }
deletion = { rpo = "4h" }
region = { rpo = "36h", rto = "24h", unpaired = "zone" }
keep = "daily=30,weekly=12"
isolated = true
consistency = "file-system"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from advisor.errors import SettingsUnreadable, UsageError
from advisor.model import Consistency, EventNeed, Need, Retention
from advisor.needs import SHIPPED_DEFAULT, SHIPPED_TIERS, TAG_ALIASES, Tier, Tiers
from advisor.quantities import parse_duration, parse_retention


class _EventTable(BaseModel):
    model_config = ConfigDict(extra="forbid")
    rpo: timedelta = Field(description="How much may be lost at most: 4h.")
    rto: timedelta | None = Field(None, description="How soon it must run again; none: any time.")

    @field_validator("rpo", "rto", mode="before")
    @classmethod
    def _duration(cls, value: Any) -> Any:
        return _read(parse_duration, value)


class _RegionTable(_EventTable):
    unpaired: str = Field(
        default="region",
        pattern="^(region|zone)$",
        description="zone: where the region has no pair, the same is asked for the zone instead.",
    )


class _TierTable(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    tags: dict[str, list[str]] = Field(
        default_factory=dict, description="The tags and values that choose the tier."
    )
    deletion: _EventTable | None = Field(
        None, description="A file, a disk, the VM lost or changed for the worse."
    )
    zone: _EventTable | None = Field(None, description="A datacentre lost.")
    region: _RegionTable | None = Field(None, description="A whole region lost.")
    keep: Retention = Field(Retention(), description="Points kept: daily=30,weekly=12.")
    isolated: bool = Field(
        False, description="Whether points must be safe from whoever can delete the VM."
    )
    consistency: Consistency = Field(
        Consistency.NONE, description="The least a point must be: none, crash, …, application."
    )

    @field_validator("keep", mode="before")
    @classmethod
    def _retention(cls, value: Any) -> Any:
        return _read(parse_retention, value)

    @field_validator("consistency", mode="before")
    @classmethod
    def _consistency(cls, value: Any) -> Any:
        labels = [level.label for level in Consistency]
        if value not in labels:
            raise ValueError(f"is one of {', '.join(labels)}")
        return Consistency.of(value)


class NeedsTable(BaseModel):
    """The keys of the settings file that say needs; docs/settings.md has their table."""

    model_config = ConfigDict(extra="ignore")
    default_tier: str = Field(
        SHIPPED_DEFAULT, description="The tier of a VM whose tags choose none."
    )
    tiers: dict[str, _TierTable] = Field(
        default_factory=dict,
        description="Tiers of your own, by name; they are tried before the shipped ones.",
    )


def _read(parse: Any, value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError('is written in quotes, like rpo = "4h" or keep = "daily=30"')
    try:
        return parse(value)
    except UsageError as error:
        raise ValueError(str(error)) from error


def load_tiers(path: Path) -> Tiers:
    """The tiers of a settings file before the shipped ones.

    Raises SettingsUnreadable that names the file, the key and what is wrong there.
    """
    try:
        table = NeedsTable.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise SettingsUnreadable(str(path), "", f"it cannot be read: {why}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SettingsUnreadable(str(path), place, first["msg"]) from error
    own = tuple(_tier(name.lower(), entry) for name, entry in table.tiers.items())
    tiers = Tiers(tiers=own + _not_named(own), default=table.default_tier.lower())
    if tiers.named(tiers.default) is None:
        raise SettingsUnreadable(str(path), "default_tier", f"no tier is called {tiers.default}")
    return tiers


def _not_named(own: tuple[Tier, ...]) -> tuple[Tier, ...]:
    names = {tier.name for tier in own}
    return tuple(tier for tier in SHIPPED_TIERS if tier.name not in names)


def _tier(name: str, entry: _TierTable) -> Tier:
    return Tier(
        name=name,
        stated=True,
        tags=_tags(entry.tags),
        unpaired_zone=bool(entry.region and entry.region.unpaired == "zone"),
        need=Need(
            deletion=_need_of_table(entry.deletion),
            zone=_need_of_table(entry.zone),
            region=_need_of_table(entry.region),
            retention=entry.keep,
            isolated=entry.isolated,
            consistency=entry.consistency,
            tier=name,
        ),
    )


def _tags(said: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """In lower case, under the name that a VM's tags are looked up by."""
    tags: dict[str, tuple[str, ...]] = {}
    for tag, values in said.items():
        name = TAG_ALIASES.get(tag.lower(), tag.lower())
        tags[name] = (*tags.get(name, ()), *(value.lower() for value in values))
    return tags


def _need_of_table(table: _EventTable | None) -> EventNeed | None:
    return EventNeed(rpo=table.rpo, rto=table.rto) if table else None
