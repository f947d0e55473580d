"""`vmbackup estimate`: one option, in one configuration, for a VM that does not exist yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import click

from advisor.asking import EstimateAsked, StatedDisk
from advisor.cli.asking import (
    CURRENCY_OPTION,
    DURATION,
    REGION,
    RETENTION,
    SIZE_OPTIONS,
    TARGET,
    Quantity,
    with_options,
)
from advisor.cli.output import color, complain_if_missing, json_text, output_format, width
from advisor.errors import UsageError
from advisor.model import Estimated
from advisor.quantities import format_duration, parse_days, parse_duration, parse_size_gib, plain

#: ARM's names of managed disks (disks-types, 2026-08).
DISK_SKUS = (
    "Standard_LRS",
    "StandardSSD_LRS",
    "StandardSSD_ZRS",
    "Premium_LRS",
    "Premium_ZRS",
    "PremiumV2_LRS",
    "UltraSSD_LRS",
)
_SKU_BY_LOWER = {sku.lower(): sku for sku in DISK_SKUS}
_LARGEST_DISK_GIB = 65_536  # an Ultra disk or a Premium SSD v2 (disks-types)
_DISK = re.compile(r"([^:]+):([^:]+)(?::([^:]+))?")

#: The flags of each option; any other of these is refused with it.
FLAGS_OF: Mapping[str, tuple[str, ...]] = {
    "azure-backup": ("policy", "every", "redundancy", "instant_restore", "keep", "archive"),
    "site-recovery": ("to", "recovery_points", "churn_mode", "drills"),
    "snapshots": ("every", "count", "keep", "redundancy", "full", "to", "consistent"),
}


def parse_disk(text: str) -> StatedDisk:
    """`Premium_LRS:128:40` -> a disk of 128 GiB that holds 40. Raises UsageError."""
    match = _DISK.fullmatch(text.strip())
    if not match:
        raise UsageError(f"“{text}” is not a disk. Write it like Premium_LRS:128 or …:128:40.")
    sku = _SKU_BY_LOWER.get(match[1].strip().lower())
    if sku is None:
        raise UsageError(f"“{match[1]}” is not a kind of disk. There are {', '.join(DISK_SKUS)}.")
    size = parse_size_gib(match[2])
    if size != int(size) or not 1 <= size <= _LARGEST_DISK_GIB:
        raise UsageError(f"A disk has 1 to {_LARGEST_DISK_GIB} whole GB, not {match[2]}.")
    return StatedDisk(
        sku=sku, provisioned_gib=int(size), used_gib=_used(match[3], size) if match[3] else None
    )


def parse_recovery_points(text: str) -> timedelta:
    """`24h` as any duration, and `0h`: no points but the latest. Raises UsageError."""
    return timedelta(0) if text.strip() in ("0", "0h", "0d", "0min") else parse_duration(text)


def _used(text: str, size: Decimal) -> Decimal:
    used = parse_size_gib(text)
    if used > size:
        raise UsageError(f"A disk of {plain(size)} GB cannot hold {plain(used)} GB.")
    return used


def _flag(name: str, help_text: str, **settings: Any) -> Any:
    """A flag of some options only; its help begins with theirs."""
    key = name.removeprefix("--").replace("-", "_")
    owners = ", ".join(option for option, flags in FLAGS_OF.items() if key in flags)
    return click.option(name, key, help=f"[{owners}] {help_text}", **settings)


ESTIMATE_OPTIONS = (
    click.argument("option", type=click.Choice(list(FLAGS_OF), case_sensitive=False)),
    click.option("--region", type=REGION, required=True, help="Where the VM is: westeurope."),
    click.option(
        "--disk",
        "disks",
        type=Quantity("sku:provisioned_gib[:used_gib]", parse_disk),
        multiple=True,
        required=True,
        help="A disk, once for each; the first is the OS disk: Premium_LRS:128:40.",
    ),
    click.option(
        "--os",
        "os_type",
        type=click.Choice(["windows", "linux"], case_sensitive=False),
        help="The operating system; what is used and changed is assumed by it.",
    ),
    *SIZE_OPTIONS,
    _flag(
        "--policy",
        "The kind of policy.",
        type=click.Choice(["standard", "enhanced"], case_sensitive=False),
    ),
    _flag("--every", "Time between two points: 4h.", type=DURATION),
    _flag(
        "--redundancy",
        "How points are stored; a snapshot is lrs or zrs.",
        type=click.Choice(["lrs", "zrs", "grs", "grs-crr"], case_sensitive=False),
    ),
    _flag(
        "--instant-restore", "How long snapshots are kept: 5d.", type=Quantity("days", parse_days)
    ),
    _flag("--keep", "Points kept: daily=30,weekly=12,monthly=12.", type=RETENTION),
    _flag("--archive", "Move old points to the archive tier.", is_flag=True),
    _flag("--to", "Where to replicate or copy: norwayeast, zone:2.", type=TARGET),
    _flag(
        "--recovery-points",
        "How far back points are kept: 24h; 0h for none.",
        type=Quantity("duration", parse_recovery_points),
    ),
    _flag(
        "--churn-mode",
        "What replication carries; by default what the disks and their writes ask for.",
        type=click.Choice(["normal", "high"], case_sensitive=False),
    ),
    _flag("--drills", "Rehearsals a year.", type=click.IntRange(0, 366), metavar="N"),
    _flag("--count", "How many snapshots are kept.", type=click.IntRange(1, 500), metavar="N"),
    _flag("--full", "Full snapshots instead of incremental ones.", is_flag=True),
    _flag(
        "--consistent",
        "Points of all disks at one moment.",
        type=click.Choice(["crash", "application"], case_sensitive=False),
    ),
    CURRENCY_OPTION,
    click.option("--strict", is_flag=True, help="Exit 6 when a price is missing."),
    click.option("--json", is_flag=True, help="For programs."),
    click.option("--markdown", is_flag=True, help="For a ticket or a wiki."),
)


@click.command()
@with_options(*ESTIMATE_OPTIONS)
def estimate(strict: bool, json: bool, markdown: bool, **flags: Any) -> int:
    """What one OPTION costs a month, for a VM that does not exist yet.

    OPTION is azure-backup, site-recovery or snapshots. A flag that begins with an option's name
    in brackets belongs to that option only.
    """
    form = output_format(json, markdown)
    asked = estimate_asked_from(flags)
    from advisor.advising import estimate as worked_out
    from advisor.prices.saved import load_book

    estimated = worked_out(asked, load_book(), datetime.now(UTC))
    click.echo(_shown(estimated, form).rstrip("\n"))
    return complain_if_missing(strict, estimated.assessment.monthly.missing)


def estimate_asked_from(flags: Mapping[str, Any]) -> EstimateAsked:
    """The flags as click read them. Raises UsageError for one of another option."""
    option = flags["option"]
    configuration = {flag for flags_of_one in FLAGS_OF.values() for flag in flags_of_one}
    said = {flag: flags[flag] for flag in flags if flag in configuration and _given(flags[flag])}
    for flag in said:
        if flag not in FLAGS_OF[option]:
            raise UsageError(_not_a_flag_of(option, flag))
    os_type = flags["os_type"]
    return EstimateAsked(
        option=option,
        region=flags["region"],
        disks=flags["disks"],
        churn_share_per_day=flags["churn_share_per_day"],
        written_gib_per_day=flags["written_gib_per_day"],
        peak_write_mb_per_s=flags["peak_write_mb_per_s"],
        os_type=os_type.capitalize() if os_type else None,
        said={flag: _as_said(flag, value) for flag, value in said.items()},
        currency=flags["currency"],
    )


def _given(value: Any) -> bool:
    return value is not None and value is not False


def _as_said(flag: str, value: Any) -> str | bool | int:
    """A value in the configuration's own words: 4h, 5d, daily=30."""
    if isinstance(value, timedelta):
        return format_duration(value) if value else "0h"
    if flag == "instant_restore":
        return f"{value}d"
    return value if isinstance(value, bool | int) else str(value)


def _not_a_flag_of(option: str, flag: str) -> str:
    own = ", ".join(_spelled(name) for name in FLAGS_OF[option])
    return f"{_spelled(flag)} does not belong to {option}. Its flags are {own}."


def _spelled(flag: str) -> str:
    return f"--{flag.replace('_', '-')}"


def _shown(estimated: Estimated, form: str) -> str:
    if form == "json":
        from advisor.present.as_json import estimated_to_dict

        return json_text(estimated_to_dict(estimated))
    if form == "markdown":
        from advisor.present.as_markdown import estimated_markdown

        return estimated_markdown(estimated)
    from advisor.present.as_text import estimated_text

    return estimated_text(estimated, width=width(), color=color())
