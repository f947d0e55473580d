"""What the soak calls lost, doubled and growing without bound."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.soak.judging import Asked, Ending, Evidence, Row, Snapshot, doubled, lost
from tests.soak.measures import (
    JUDGED_SECONDS,
    SLOPE_JUDGED_SECONDS,
    Growth,
    growth_of,
    percentile,
    without_bound,
)

TAKEN = Snapshot("/s/1", "/d/1", "r-1")
GOOD = Evidence(
    asked=[
        Asked(1, "web-01", Ending.DONE, 1, "r-1"),
        Asked(2, "web-02", Ending.DENIED, 1, "r-2"),
    ],
    rows=[
        Row("r-1", "done", "snapshot soak 1", frozenset({"/d/1"})),
        Row("r-2", "denied", "snapshot soak 2", frozenset({"/d/2"})),
        Row("r-3", "done", "delete r-1", frozenset()),
    ],
    came=[TAKEN],
    there=frozenset(),
    undeleted=frozenset(),
    unsent=0,
    unanswered_clicks=0,
    unanswered=[],
    chain="",
)


def test_what_was_done_once_is_neither_lost_nor_doubled() -> None:
    assert lost(GOOD) == []
    assert doubled(GOOD) == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"rows": GOOD.rows[1:]}, "r-1 was promised and is not in the database"),
        (
            {"rows": [replace(GOOD.rows[0], state="running"), *GOOD.rows[1:]]},
            "r-1 never ended: it is running",
        ),
        (
            {"rows": [replace(GOOD.rows[0], state="refused", why="why"), *GOOD.rows[1:]]},
            "r-1 was to be done and is refused: why",
        ),
        ({"came": []}, "r-1 is done with 0 of 1 disks"),
        (
            {"asked": [*GOOD.asked, Asked(3, "web-01", Ending.DONE, 2)]},
            "soak 3 was typed 2 times and never taken",
        ),
        ({"unsent": 2}, "2 messages never reached Slack"),
        ({"unanswered_clicks": 1}, "1 clicks were never judged"),
        ({"unanswered": ["advise web-01"]}, "advise web-01: no answer came"),
        ({"there": frozenset({"/s/1"})}, "/s/1 expired and is still there"),
        ({"undeleted": frozenset({"/s/1"})}, "/s/1 is gone, and the ledger has it"),
        ({"chain": "it is broken at 3"}, "the audit does not verify: it is broken at 3"),
    ],
)
def test_what_is_lost_is_named(changed: dict[str, object], sentence: str) -> None:
    assert sentence in lost(replace(GOOD, **changed))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"came": [TAKEN, TAKEN]}, "r-1 took /d/1 2 times"),
        (
            {"rows": [*GOOD.rows, replace(GOOD.rows[0], id="r-4")]},
            "“snapshot soak 1” is 2 requests",
        ),
        ({"rows": [*GOOD.rows, replace(GOOD.rows[2], id="r-5")]}, "“delete r-1” is 2 requests"),
        (
            {"came": [TAKEN, Snapshot("/s/2", "/d/2", "r-2")]},
            "/s/2 was made for r-2, which is not done",
        ),
        (
            {"came": [TAKEN, Snapshot("/s/2", "/d/2", "")]},
            "/s/2 was made for nobody, which is not done",
        ),
    ],
)
def test_what_is_doubled_is_named(changed: dict[str, object], sentence: str) -> None:
    assert sentence in doubled(replace(GOOD, **changed))


def test_a_command_that_came_twice_and_is_refused_for_the_first_is_not_doubled() -> None:
    again = replace(GOOD.rows[0], id="r-4", state="refused", why="r-1 is under way for the same.")
    assert doubled(replace(GOOD, rows=[*GOOD.rows, again])) == []


def _of(*values: float) -> Growth:
    return growth_of([60.0 * minute for minute in range(len(values))], values)


def test_a_process_that_goes_on_growing_is_told_from_one_that_has_warmed_up() -> None:
    level = _of(*[100.0, 140.0, *[150.0] * 58])
    leaks = _of(*[100.0 + 4 * minute for minute in range(60)])
    assert without_bound(level, level, JUDGED_SECONDS) == []
    assert without_bound(leaks, level, JUDGED_SECONDS) == ["memory grew from 218 to 314 MiB"]
    assert without_bound(level, leaks, JUDGED_SECONDS) == ["descriptors grew from 218 to 314"]
    assert without_bound(leaks, leaks, JUDGED_SECONDS - 1) == []


def test_in_half_an_hour_a_slow_leak_is_told_by_its_slope() -> None:
    level = _of(*[150.0] * 60)
    slow = _of(*[150.0 + minute for minute in range(60)])
    assert without_bound(slow, level, SLOPE_JUDGED_SECONDS - 1) == []
    assert without_bound(slow, level, SLOPE_JUDGED_SECONDS) == ["memory grows by 60 MiB an hour"]


def test_a_slope_is_that_of_the_second_half_in_an_hour() -> None:
    found = _of(*[0.0] * 30, *[float(minute) for minute in range(30)])
    assert found.slope_per_hour == pytest.approx(60.0)
    assert (found.start, found.peak, found.end) == (0.0, 29.0, 29.0)


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.5) == 2.0
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.99) == 4.0
    assert percentile([], 0.5) != percentile([], 0.5)
