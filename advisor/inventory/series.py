"""Points in time that were found, as a regular series or as loose ones.

Azure schedules neither snapshots nor restore points, so whoever takes them leaves only their times
to see a schedule by.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

FEWEST = 3  #: points that make a series: two gaps of one length
#: How far a gap of a series may lie from its middle one: schedules start late and clocks change.
_UNEVEN = 4  # a quarter
#: A series whose newest point is older than this many gaps has ended: one point may be missed.
_GAPS_ALLOWED = 2


class Series(NamedTuple):
    """A regular series: the longest time between two points, and how far back it reaches."""

    every: timedelta
    kept: timedelta


def series_of(lists: Iterable[Sequence[datetime]], now: datetime) -> Series | None:
    """The series that every one of these lists of times is, their slowest; None: they are loose."""
    found = [_series(times, now) for times in lists]
    if not found or None in found:
        return None
    every = [one for one in found if one]
    return Series(max(one.every for one in every), min(one.kept for one in every))


def _series(times: Sequence[datetime], now: datetime) -> Series | None:
    """The even run that the newest point ends, where it is long enough and goes on."""
    newest_first = sorted(set(times), reverse=True)
    gaps = [newer - older for newer, older in itertools.pairwise(newest_first)]
    run = _even(gaps)
    if len(run) < FEWEST - 1 or now - newest_first[0] > _GAPS_ALLOWED * max(run):
        return None
    return Series(max(run), sum(run, timedelta()) + max(run))


def _even(gaps: Sequence[timedelta]) -> Sequence[timedelta]:
    """The longest beginning of the gaps in which each lies within a quarter of the first two's
    mean; a thinned-out retention has longer gaps further back."""
    if len(gaps) < FEWEST - 1:
        return ()
    middle = (gaps[0] + gaps[1]) / 2
    return list(itertools.takewhile(lambda gap: abs(gap - middle) <= middle / _UNEVEN, gaps))
