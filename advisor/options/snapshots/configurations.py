"""Which configurations of snapshots there are: proposed, and said on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from advisor.errors import UsageError
from advisor.model import Need, Retention
from advisor.options.case import Case
from advisor.options.snapshots.bill import DAY, DEFAULT_KEEP, SnapshotConfiguration
from advisor.options.snapshots.rules import SHORTEST_SNAPSHOT_INTERVAL
from advisor.quantities import parse_duration, parse_retention

FREQUENCIES = tuple(timedelta(hours=hours) for hours in (24, 12, 8, 6, 4))

#: What a copy in another region lags behind: the copy is started when the snapshot is there and
#: takes at most as long again as the interval. Assumed; the article on copying gives no figure.
COPY_LAG_INTERVALS = 2


def configurations(case: Case) -> Sequence[SnapshotConfiguration]:
    """Every configuration worth pricing for this need, the plainest first."""
    keep = case.need.retention if case.need.retention != Retention() else DEFAULT_KEEP
    target = case.to if case.to and not case.to.startswith("zone:") else case.paired_region
    return _configurations(keep, case.has_zones, target, _frequencies(case.need))


def _frequencies(need: Need) -> tuple[timedelta, ...]:
    """Once a day, and as seldom as each event asked for allows: more often only costs more.

    A copy in another region lags behind, so a need for `region` asks for more.
    """
    wanted = [DAY]
    for event, lag in ((need.deletion, 1), (need.zone, 1), (need.region, COPY_LAG_INTERVALS)):
        if event is not None:
            wanted.append(_seldom_enough(event.rpo / lag))
    return tuple(sorted(set(wanted), reverse=True))


def _seldom_enough(rpo: timedelta) -> timedelta:
    """The longest usual time between snapshots within an RPO; the RPO itself below them all."""
    usual = next((every for every in FREQUENCIES if every <= rpo), None)
    return usual or max(rpo, SHORTEST_SNAPSHOT_INTERVAL)


@lru_cache(maxsize=1024)
def _configurations(
    keep: Retention, zones: bool, target: str, frequencies: tuple[timedelta, ...]
) -> tuple[SnapshotConfiguration, ...]:
    redundancies = ("lrs", "zrs") if zones else ("lrs",)
    chosen = [
        SnapshotConfiguration(every=every, keep=keep, redundancy=redundancy, to=to)
        for every in frequencies
        for to in ((None, target) if target else (None,))
        for redundancy in redundancies
    ]
    chosen += [
        SnapshotConfiguration(keep=keep, redundancy=redundancy, full=True)
        for redundancy in redundancies
    ]
    chosen += [
        SnapshotConfiguration(every=every, keep=keep, redundancy=redundancies[-1], consistent=level)
        for every in (DAY, FREQUENCIES[-1])
        for level in ("crash", "application")
    ]
    return tuple(chosen)


def said_configuration(case: Case, said: Mapping[str, Any]) -> SnapshotConfiguration:
    """The configuration of `estimate`'s flags, the rest by default. Raises UsageError."""
    if said.get("count") and said.get("keep"):
        raise UsageError("Give --count or --keep, not both.")
    default = "zrs" if case.has_zones and not said.get("full") else "lrs"
    redundancy = str(said.get("redundancy") or default)
    if redundancy not in ("lrs", "zrs"):
        raise UsageError(f"Snapshots are lrs or zrs, not {redundancy}.")
    if str(said.get("to") or "").startswith("zone:"):
        raise UsageError("Snapshots are copied to a region, not to a zone: --to northeurope.")
    if said.get("full") and said.get("consistent"):
        raise UsageError("Restore points are incremental: leave out --full or --consistent.")
    keep, every = said.get("keep"), parse_duration(str(said.get("every") or "24h"))
    if every > DAY and not said.get("count"):
        raise UsageError("With less than one snapshot a day, say how many are kept: --count 8.")
    return SnapshotConfiguration(
        every=every,
        keep=parse_retention(str(keep)) if keep else DEFAULT_KEEP,
        count=int(said["count"]) if said.get("count") else None,
        redundancy=redundancy,
        full=bool(said.get("full")),
        to=str(said["to"]) if said.get("to") else None,
        consistent=str(said["consistent"]) if said.get("consistent") else None,
    )
