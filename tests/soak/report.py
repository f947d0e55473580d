"""What a run measured, in lines for people; the last says whether it held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.soak.judging import doubled, lost
from tests.soak.measures import Growth, Stored, growth_of, percentile, without_bound
from tests.soak.running import Run

#: At these minutes the report says what the process held.
TOLD_MINUTES = (0, 1, 2, 5, 10, 20, 30, 45, 60)


def memory_of(run: Run) -> Growth:
    return growth_of([each.seconds for each in run.samples], [each.rss_mib for each in run.samples])


def descriptors_of(run: Run) -> Growth:
    values = [float(each.descriptors) for each in run.samples]
    return growth_of([each.seconds for each in run.samples], values)


def failures(run: Run) -> list[str]:
    """Why the run did not hold, as sentences; none where it did."""
    grown = without_bound(memory_of(run), descriptors_of(run), run.seconds)
    return [
        *(f"lost: {each}" for each in lost(run.evidence)),
        *(f"doubled: {each}" for each in doubled(run.evidence)),
        *(f"without bound: {each}" for each in grown),
    ]


def told(run: Run) -> str:
    """The whole report."""
    found = failures(run)
    lines = [*_traffic(run), *_process(run), *_acknowledged(run), *_database(run), "", *found]
    counts = f"{len(lost(run.evidence))} lost, {len(doubled(run.evidence))} doubled"
    grows = any(each.startswith("without bound") for each in found)
    bound = ", and the process grows without bound" if grows else ""
    return "\n".join([*lines, f"soak: {len(run.heard.asked)} requests, {counts}{bound}"])


def _traffic(run: Run) -> Iterator[str]:
    states = Counter(row.state for row in run.evidence.rows)
    ended = ", ".join(f"{count} {state}" for state, count in states.most_common())
    yield (
        f"{run.seconds / 60:.1f} min: {len(run.heard.asked)} requests (with the deletions of what "
        f"expired: {ended}), "
        f"{run.heard.advices} advices, {run.heard.others} lists and Home tabs; "
        f"{len(run.evidence.came)} snapshots made"
    )
    met = ", ".join(f"{count} {name}" for name, count in sorted(run.faults.items()))
    yield f"faults met: {met or 'none'}"


def _process(run: Run) -> Iterator[str]:
    memory, descriptors = memory_of(run), descriptors_of(run)
    yield (
        f"memory: {memory.start:.0f} MiB at the start, {memory.peak:.0f} at most, "
        f"{memory.end:.0f} at the end; {memory.slope_per_hour:+.1f} MiB an hour in the second half"
    )
    yield f"memory and descriptors: {_at_minutes(run)}"
    yield (
        f"descriptors: {descriptors.start:.0f} at the start, {descriptors.peak:.0f} at most, "
        f"{descriptors.end:.0f} at the end; threads: {max(each.threads for each in run.samples)} "
        "at most"
    )


def _at_minutes(run: Run) -> str:
    """What the process held at each minute of `TOLD_MINUTES` that the run came to."""
    told = [
        (minute, next((each for each in run.samples if each.seconds >= minute * 60), None))
        for minute in TOLD_MINUTES
    ]
    return ", ".join(
        f"{minute} min {sample.rss_mib:.0f} MiB with {sample.descriptors}"
        for minute, sample in told
        if sample is not None
    )


def _acknowledged(run: Run) -> Iterator[str]:
    half, most, longest = (percentile(run.acknowledged, share) for share in (0.5, 0.99, 1.0))
    yield (
        f"acknowledged: {len(run.acknowledged)} deliveries, 50 % within {half * 1000:.0f} ms, 99 % "
        f"within {most * 1000:.0f} ms, all within {longest * 1000:.0f} ms; "
        f"{run.not_acknowledged} not taken while the connection was broken"
    )


def _database(run: Run) -> Iterator[str]:
    grown = run.after.size_bytes - run.before.size_bytes
    requests = max(len(run.heard.asked), 1)
    yield (
        f"database: {run.before.size_bytes / 1024**2:.1f} MiB before, "
        f"{run.after.size_bytes / 1024**2:.1f} after; {grown * 1000 // requests:,} bytes for each "
        "1,000 requests, with the advices beside them"
    )
    sizes = ", ".join(f"{size // 1024:,} KiB {name}" for name, size in run.after.largest.items())
    yield f"largest tables: {sizes}"
    yield f"rows after the traffic: {_rows(run.after)}"
    for name, stored in run.pruned.items():
        yield f"rows after {name}: {_rows(stored)}"


def _rows(stored: Stored) -> str:
    return ", ".join(f"{count:,} {table}" for table, count in stored.rows.items())
