"""What was measured of VMs before, kept for later answers: what of it still counts, and as JSON.

Each part has its own source and date, and takes the place of the same part that was found earlier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import InvalidOperation
from typing import Any, NamedTuple

from advisor.billed_sizes import disks_mark
from advisor.model import (
    DiskWrites,
    KnownVm,
    RestoredFrom,
    RestoreMeasured,
    SizeMeasured,
    Source,
)
from advisor.quantities import decimal_of_text, plain, range_of_texts, range_texts

#: Ours: by then the bill of a whole later month is final, which says more of what a VM holds now.
DAYS_AT_MOST = 60


class KeptMeasures(NamedTuple):
    """What measuring found of one VM; a part that is None, or empty, was not found."""

    disks: str  #: the disks that it is of, as `disks_mark` has them
    used: SizeMeasured | None = None
    changed: SizeMeasured | None = None
    writes: DiskWrites | None = None  #: with the time until which they are
    restores: tuple[RestoreMeasured, ...] = ()
    on: datetime | None = None  #: when it was measured last

    def over(self, before: KeptMeasures | None) -> KeptMeasures:
        """This, and what was found before of the same disks where this found nothing.

        Restores that count no more are left out: else each one that was ever made would be kept.
        """
        if before is None or before.disks != self.disks:
            return self
        young = (one for one in before.restores if not self.on or _is_young(one.ended, self.on))
        return KeptMeasures(
            self.disks,
            self.used or before.used,
            self.changed or before.changed,
            self.writes or before.writes,
            _together(self.restores, young),
            self.on,
        )


def measures_of(known: KnownVm) -> KeptMeasures:
    """What was measured of a VM when it was read."""
    writes, read_at = known.writes, known.measured.read_at
    return KeptMeasures(
        disks=disks_mark(known.vm.disks),
        used=known.measured.used,
        changed=known.measured.changed,
        writes=replace(writes, until=writes.until or read_at) if writes else None,
        restores=known.measured.restores,
        on=read_at,
    )


def with_measures(known: KnownVm, kept: KeptMeasures | None, now: datetime) -> KnownVm:
    """The VM with what was measured before, where the same was not measured now.

    Of other disks than it has now, and of longer ago than DAYS_AT_MOST, nothing counts.
    """
    if kept is None or kept.disks != disks_mark(known.vm.disks):
        return known
    measured, writes = known.measured, known.writes
    if writes is None and kept.writes is not None and _is_young(kept.writes.until, now):
        writes = kept.writes
    young = tuple(one for one in kept.restores if _is_young(one.ended, now))
    found = measured._replace(
        used=measured.used or _young(kept.used, now),
        changed=measured.changed or _young(kept.changed, now),
        restores=_together(measured.restores, young),
        whole_on=kept.on if _is_young(kept.on, now) else None,
    )
    if found == measured and writes is known.writes:
        return known
    return replace(known, writes=writes, measured=found._replace(read_at=now))


def _young(found: SizeMeasured | None, now: datetime) -> SizeMeasured | None:
    return found if found is not None and _is_young(found.on, now) else None


def _is_young(on: datetime | None, now: datetime) -> bool:
    return on is not None and now - on <= timedelta(days=DAYS_AT_MOST)


def _together(
    new: Sequence[RestoreMeasured], before: Iterable[RestoreMeasured]
) -> tuple[RestoreMeasured, ...]:
    """Each restore once: as it was read last."""
    found = {(one.by, one.vm.lower(), one.ended): one for one in (*before, *new)}
    return tuple(sorted(found.values(), key=lambda one: one.ended, reverse=True))


# --- as JSON ---------------------------------------------------------------------------------


class MeasuresUnreadable(ValueError):
    """What was measured cannot be read: another version wrote it, or it is damaged."""


def measures_to_dict(one: KeptMeasures) -> dict[str, Any]:
    return {
        "disks": one.disks,
        "used": None if one.used is None else _size_to_dict(one.used),
        "changed": None if one.changed is None else _size_to_dict(one.changed),
        "writes": None if one.writes is None else _writes_to_dict(one.writes),
        "restores": [_restore_to_dict(each) for each in one.restores],
        "on": None if one.on is None else one.on.isoformat(),
    }


def measures_from(document: Mapping[str, Any]) -> KeptMeasures:
    """What `measures_to_dict` made. Raises MeasuresUnreadable."""
    try:
        used, changed, writes = (document[key] for key in ("used", "changed", "writes"))
        return KeptMeasures(
            disks=str(document["disks"]),
            used=None if used is None else _size_from(used),
            changed=None if changed is None else _size_from(changed),
            writes=None if writes is None else _writes_from(writes),
            restores=tuple(map(_restore_from, document["restores"])),
            on=None if document["on"] is None else _moment(document["on"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise MeasuresUnreadable(str(error)) from error


def _size_to_dict(one: SizeMeasured) -> dict[str, Any]:
    on = one.on.isoformat()
    return {"gib": range_texts(one.gib), "source": one.source.value, "said": one.said, "on": on}


def _size_from(found: Mapping[str, Any]) -> SizeMeasured:
    return SizeMeasured(
        gib=range_of_texts(found["gib"]),
        source=Source(found["source"]),
        said=str(found["said"]),
        on=_moment(found["on"]),
    )


def _writes_to_dict(one: DiskWrites) -> dict[str, Any]:
    peaks = one.peak_mb_per_s_by_disk
    return {
        "days": one.days,
        "written_gib_per_day": plain(one.written_gib_per_day),
        "peak_mb_per_s": plain(one.peak_mb_per_s),
        "peak_mb_per_s_by_disk": {disk: plain(peaks[disk]) for disk in sorted(peaks)},
        "until": None if one.until is None else one.until.isoformat(),
    }


def _writes_from(found: Mapping[str, Any]) -> DiskWrites:
    peaks: Mapping[str, str] = found["peak_mb_per_s_by_disk"]
    return DiskWrites(
        days=int(found["days"]),
        written_gib_per_day=decimal_of_text(found["written_gib_per_day"]),
        peak_mb_per_s=decimal_of_text(found["peak_mb_per_s"]),
        peak_mb_per_s_by_disk={str(disk): decimal_of_text(peak) for disk, peak in peaks.items()},
        until=None if found["until"] is None else _moment(found["until"]),
    )


def _restore_to_dict(one: RestoreMeasured) -> dict[str, Any]:
    return {
        "vm": one.vm,
        "is_own": one.is_own,
        "place": one.place.name,
        "what": one.what,
        "by": one.by,
        "took_seconds": one.took.total_seconds(),
        "ended": one.ended.isoformat(),
        "makes_vm": one.makes_vm,
        "used_gib": None if one.used_gib is None else range_texts(one.used_gib),
    }


def _restore_from(found: Mapping[str, Any]) -> RestoreMeasured:
    used = found["used_gib"]
    return RestoreMeasured(
        vm=str(found["vm"]),
        is_own=bool(found["is_own"]),
        place=RestoredFrom[found["place"]],
        what=str(found["what"]),
        by=str(found["by"]),
        took=timedelta(seconds=float(found["took_seconds"])),
        ended=_moment(found["ended"]),
        makes_vm=bool(found["makes_vm"]),
        used_gib=None if used is None else range_of_texts(used),
    )


def _moment(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return value
