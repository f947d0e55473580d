"""Who may be turned away: the second for the same, and a deletion of what is gone already."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.evidence import Entry, Evidence, Made, Row, Rule
from tests.chaos.good_run import AT_SCHEDULE_7, GOOD, MADE, PLAYED, ROW, later
from tests.chaos.oracle import judge

ODD = "Azure says no (OddDisk): The disk is odd."
UNDER_WAY = "{} is under way for the same."
GONE = "Nothing of that request exists any more, so nothing can be done with it."

#: Azure accepted it and failed: the request may end so.
FAILED = replace(ROW, state="failed", why=ODD, finished_at=later(30))
SECOND = replace(
    ROW, id="r-2", state="refused", why=UNDER_WAY.format("r-1"), asked_at=later(20), kind=""
)
HALF_DONE = replace(ROW, state="half done", finished_at=None)
CLEANED_UP = replace(ROW, state="cleaned up")
DELETION = replace(
    ROW, id="r-8", action="delete", of_request="r-1", kind="", disks=(), finished_at=later(30)
)
SECOND_DELETION = replace(
    DELETION, id="r-9", state="refused", why=UNDER_WAY.format("r-8"), asked_at=later(20)
)


def run(*rows: Row, made: tuple[Made, ...] = (), work_failed: bool = False) -> Evidence:
    """These requests about the one VM, with what exists of them; all else is well."""
    entries = tuple(
        Entry(number, row.id, "asked", f"h{number - 1}" if number > 1 else "", f"h{number}")
        for number, row in enumerate(rows, 1)
    )
    there = frozenset(each.arm_id for each in made)
    return replace(
        GOOD,
        played=(replace(PLAYED, typed=2, work_failed=work_failed),),
        rows=rows,
        made=made,
        there=there,
        points=tuple(point for point in GOOD.points if point.arm_id in there),
        audit=entries,
        head=(len(entries), f"h{len(entries)}"),
    )


FINE: dict[str, Evidence] = {
    "the first was failed by Azure after the second had pointed to it": run(
        FAILED, SECOND, work_failed=True
    ),
    "a second deletion points to the first, which is done": run(
        CLEANED_UP, replace(DELETION, state="done"), SECOND_DELETION
    ),
    "a second deletion points to the first, which Azure failed": run(
        HALF_DONE,
        replace(DELETION, state="failed", why=ODD),
        SECOND_DELETION,
        made=(MADE,),
        work_failed=True,
    ),
    "a deletion of what is gone already": run(
        CLEANED_UP, replace(DELETION, state="refused", why=GONE)
    ),
}


@pytest.mark.parametrize("name", FINE)
def test_who_is_rightly_turned_away_is_not_blamed(name: str) -> None:
    assert judge(FINE[name]) == ()


BLAMED: dict[str, tuple[Evidence, set[str]]] = {
    "the first failed for what passes, and so did the second with it": (
        run(replace(FAILED, why="It was tired."), SECOND, work_failed=True),
        {"r-1", "r-2"},
    ),
    "the first was over before the second was asked": (
        run(FAILED, replace(SECOND, asked_at=later(31)), work_failed=True),
        {"r-2"},
    ),
    "the second does not point to the first, which Azure failed": (
        run(FAILED, replace(SECOND, why="The database was away."), work_failed=True),
        {"r-2"},
    ),
    "nobody knows when the second was asked": (
        run(FAILED, replace(SECOND, asked_at=None), work_failed=True),
        {"r-2"},
    ),
    "two that point to each other": (
        run(replace(SECOND, id="r-1", why=UNDER_WAY.format("r-2")), SECOND),
        {"r-1", "r-2"},
    ),
    "a deletion is turned away while its points exist": (
        run(HALF_DONE, replace(DELETION, state="refused", why=GONE), made=(MADE,)),
        {"r-8"},
    ),
    "a deletion points to one of other points": (
        run(
            HALF_DONE,
            replace(DELETION, state="done", of_request="r-0"),
            SECOND_DELETION,
            made=(MADE,),
        ),
        {"r-9"},
    ),
    "a snapshot is turned away, and a deletion about its VM is done": (
        run(replace(SECOND, id="r-1", why="The database was away."), DELETION),
        {"r-1"},
    ),
}


@pytest.mark.parametrize("name", BLAMED)
def test_who_is_wrongly_turned_away_is_blamed_with_the_schedule(name: str) -> None:
    evidence, ids = BLAMED[name]
    lost = [each for each in judge(evidence) if each.rule is Rule.LOST]
    assert {each.sentence.partition(" ")[0] for each in lost} == ids
    assert {each.schedule for each in lost} == {AT_SCHEDULE_7}
    assert all("for what passes" in each.sentence for each in lost)


def test_a_deletion_that_is_done_does_not_excuse_a_request_that_nobody_decides() -> None:
    waiting = replace(ROW, state="waiting", finished_at=None)
    found = judge(run(waiting, replace(DELETION, state="done")))
    assert "r-1 is still waiting." in [each.sentence for each in found]
