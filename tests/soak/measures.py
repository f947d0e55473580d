"""What is measured while the soak runs: memory, descriptors, acknowledgements, the database."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import linear_regression, median

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

MIB = 1024**2
#: A run is cut into so many spans of time; the last is held against the middle one. What was
#: loaded in the first spans is the warming up.
SPANS = 5
#: What a process that does not leak may grow from the middle to the end of a run.
MEMORY_SHARE, MEMORY_MIB = 0.15, 24.0
DESCRIPTORS = 24
#: From half an hour on the slope of the second half counts as well: at this one a container of the
#: compose file (1 GiB) would be full within a day.
SLOPE_MIB_PER_HOUR, SLOPE_JUDGED_SECONDS = 30.0, 1800.0
#: A shorter run is all warming up: growth is told and judged only from here on.
JUDGED_SECONDS = 300.0


@dataclass
class Measured:
    is_good: bool = False


@dataclass
class Stopwatch:
    """Seconds of what ended well; what did not is counted."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    @contextmanager
    def running(self) -> Iterator[Measured]:
        began, measured = time.monotonic(), Measured()
        yield measured
        if measured.is_good:
            self.seconds.append(time.monotonic() - began)
        else:
            self.failed += 1


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so great a share of the values does not exceed; not a number of none."""
    if not values:
        return math.nan
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


@dataclass(frozen=True)
class Sample:
    """One look at the bot's process."""

    seconds: float  #: since the traffic began
    rss_mib: float
    descriptors: int
    threads: int


def sample_of(process: psutil.Process, since: float) -> Sample:
    with process.oneshot():
        return Sample(
            time.monotonic() - since,
            process.memory_info().rss / MIB,
            process.num_fds(),
            process.num_threads(),
        )


@dataclass(frozen=True)
class Growth:
    """How a figure went: at the start, at most, at the end; medians of the middle and last span."""

    start: float
    peak: float
    end: float
    middle: float
    last: float
    slope_per_hour: float  #: of the second half, by least squares


def growth_of(times: Sequence[float], values: Sequence[float]) -> Growth:
    """Of at least two samples."""
    half = len(values) // 2
    slope = linear_regression(times[half:], values[half:]).slope if len(values) > 3 else 0.0
    spans = [_span(times, values, number) for number in range(SPANS)]
    return Growth(values[0], max(values), values[-1], spans[SPANS // 2], spans[-1], slope * 3600)


def _span(times: Sequence[float], values: Sequence[float], number: int) -> float:
    whole = times[-1] - times[0]
    begins, ends = (times[0] + whole * edge / SPANS for edge in (number, number + 1))
    found = [value for at, value in zip(times, values, strict=True) if begins <= at <= ends]
    return median(found or values)


def without_bound(memory: Growth, descriptors: Growth, seconds: float) -> list[str]:
    """What grows so that it will not end, as sentences; a short run says nothing."""
    if seconds < JUDGED_SECONDS:
        return []
    found = []
    if memory.last > memory.middle * (1 + MEMORY_SHARE) + MEMORY_MIB:
        found.append(f"memory grew from {memory.middle:.0f} to {memory.last:.0f} MiB")
    if seconds >= SLOPE_JUDGED_SECONDS and memory.slope_per_hour > SLOPE_MIB_PER_HOUR:
        found.append(f"memory grows by {memory.slope_per_hour:.0f} MiB an hour")
    if descriptors.last > descriptors.middle + DESCRIPTORS:
        found.append(f"descriptors grew from {descriptors.middle:.0f} to {descriptors.last:.0f}")
    return found


@dataclass(frozen=True)
class Stored:
    """What the database holds: bytes on disk and rows by table."""

    size_bytes: int
    rows: Mapping[str, int]
    largest: Mapping[str, int]  #: bytes of the largest tables, with their indexes


TABLES = (
    "requests",
    "steps",
    "points",
    "approvals",
    "clicks",
    "buttons",
    "messages",
    "audit",
    "advices",
    "procrastinate_jobs",
    "procrastinate_events",
)


_LARGEST = """
    SELECT relname, pg_total_relation_size(oid) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC LIMIT 5
"""


def stored_in(keywords: Mapping[str, str]) -> Stored:
    with psycopg.connect(make_conninfo(**keywords), autocommit=True) as connection:
        connection.execute("VACUUM")
        found = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        rows = {
            table: _one(connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone())
            for table in TABLES
        }
        kept = "SELECT count(*) FROM requests WHERE content_key IS NOT NULL"
        rows["keys of commands"] = _one(connection.execute(kept).fetchone())
        largest = connection.execute(_LARGEST).fetchall()
        return Stored(_one(found), rows, {str(name): int(size) for name, size in largest})


def _one(row: tuple[int, ...] | None) -> int:
    return int(row[0]) if row else 0
