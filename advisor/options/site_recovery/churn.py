"""Whether Site Recovery carries what a VM writes at its peak."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from advisor.model import Disk, Reason, Source, Verdict
from advisor.options.case import Case
from advisor.options.meters import disk_sku
from advisor.options.site_recovery.rules import MATRIX
from advisor.quantities import plain

BYTES_PER_GIB, BYTES_PER_MB, SECONDS_PER_DAY = 2**30, 10**6, 86_400

HIGH_CHURN = "concepts-azure-to-azure-high-churn-support, 2026-01-06"


SOURCES = {"normal": MATRIX, "high": HIGH_CHURN}


class ChurnLimit(NamedTuple):
    """MB/s that may be written, at the largest I/O size the article lists."""

    vm: Decimal
    standard_disk: Decimal
    premium_disk: Decimal  #: 128 GiB and more
    large_premium_disk: Decimal  #: `large_gib` and more
    large_gib: int


#: MATRIX (normal) and HIGH_CHURN: per VM and per disk.
CHURN_LIMITS = {
    "normal": ChurnLimit(Decimal(54), Decimal(2), Decimal(8), Decimal(20), 512),
    "high": ChurnLimit(Decimal(100), Decimal(8), Decimal(30), Decimal(50), 1024),
}


#: What is said of nearly every VM, by the mode.
_NOT_MEASURED = {
    mode: Reason(
        "churn",
        Verdict.UNKNOWN,
        "Peak writes were not measured, so whether replication keeps up is not known; "
        "let vmbackup read Azure Monitor or pass --peak-write 12MB/s.",
        source,
        not_supplied=True,
    )
    for mode, source in SOURCES.items()
}


def churn_reason(case: Case, mode: str) -> Reason:
    """Peak writes against the limits of a churn mode. Without a measurement: unknown, not a no."""
    source = SOURCES[mode]
    peak, mean, limit = case.sizing.peak_write_mb_per_s, _known_mean(case), CHURN_LIMITS[mode]
    if mean is not None and mean > limit.vm:
        text = f"{_mb(mean)} written on average exceed {_mb(limit.vm)} a VM ({mode} churn)."
        return Reason("churn", Verdict.NO, text, source)
    if peak is None:
        return _NOT_MEASURED[mode]
    value = peak.range.likely
    if value > limit.vm:
        text = f"Peak writes of {_mb(value)} exceed {_mb(limit.vm)} a VM ({mode} churn)."
        return Reason("churn", Verdict.NO, text, source)
    return (
        _disk_churn(case, mode, source)
        or _unsplit_churn(case, mode, source, value)
        or _kept_up(value, limit, source)
    )


def _kept_up(value: Decimal, limit: ChurnLimit, source: str) -> Reason:
    text = f"Peak writes of {_mb(value)}, at most {_mb(limit.vm)} a VM."
    return Reason("churn", Verdict.YES, text, source)


def _known_mean(case: Case) -> Decimal | None:
    """MB/s written over the day, where that was measured or stated."""
    written = case.sizing.written_gib_per_day
    if written.source is Source.ASSUMED:
        return None
    return written.range.likely * BYTES_PER_GIB / SECONDS_PER_DAY / BYTES_PER_MB


def _unsplit_churn(case: Case, mode: str, source: str, value: Decimal) -> Reason | None:
    """A peak known of the whole VM only, against the smallest limit of its disks."""
    limits = [disk_limit(disk, mode) for disk in case.vm.disks if not disk.ephemeral]
    known = [limit for limit in limits if limit is not None]
    if case.sizing.peak_write_mb_per_s_by_disk or not known or value <= min(known):
        return None
    if len(limits) == 1:
        text = f"Peak writes of {_mb(value)}; at most {_mb(known[0])} a disk ({mode} churn)."
        return Reason("churn", Verdict.NO, text, source)
    text = (
        f"Peak writes of {_mb(value)} are within {_mb(CHURN_LIMITS[mode].vm)} a VM; whether one"
        f" disk writes more than its {_mb(min(known))} is not known ({mode} churn)."
    )
    return Reason("churn", Verdict.UNKNOWN, text, source, True, True)


def _disk_churn(case: Case, mode: str, source: str) -> Reason | None:
    """The disk furthest above its limit, if any is."""
    peaks = case.sizing.peak_write_mb_per_s_by_disk
    above: list[tuple[Decimal, str, str]] = []
    for disk in case.vm.disks if peaks else ():
        most, value = disk_limit(disk, mode), peaks.get(disk.key)
        if value is not None and most is not None and value > most:
            text = (
                f"The disk {disk.name} peaks at {_mb(value)}; at most {_mb(most)} a disk"
                f" ({mode} churn)."
            )
            above.append((most - value, disk.name, text))
    return Reason("churn", Verdict.NO, min(above)[2], source) if above else None


def disk_limit(disk: Disk, mode: str) -> Decimal | None:
    """MB/s one disk may write, by the size and family of its replica; None where not known."""
    if disk.sku is None or disk.size_gib is None:
        return None
    limit = CHURN_LIMITS[mode]
    if disk_sku(disk.sku).family in ("Standard", "StandardSSD"):
        return limit.standard_disk
    return limit.large_premium_disk if disk.size_gib >= limit.large_gib else limit.premium_disk


def _mb(value: Decimal) -> str:
    return f"{plain(round(value, 1))} MB/s"
