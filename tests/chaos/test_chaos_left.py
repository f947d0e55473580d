"""What Azure began, gave up and did not delete: it may stay where its people know of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.evidence import Asked, Counted, Evidence, Rule
from tests.chaos.gathering import left_of, made_of
from tests.chaos.good_run import AT_SCHEDULE_7, GOOD, MADE, PLAYED, ROW, SNAPSHOT, later
from tests.chaos.oracle import judge
from tests.chaos.setting import Remembered

OPERATION = "/subscriptions/s/providers/microsoft.compute/locations/westeurope/diskoperations/1"
KEY = "/subscriptions/s/resourcegroups/rg/providers/microsoft.compute/snapshots/os"
PUT = Asked(later(10), later(10), "bot-0", "PUT", SNAPSHOT, 202)
LOOK = Asked(later(15), later(15), "bot-0", "GET", SNAPSHOT, 200, state="failed")
DELETE = Asked(later(16), later(16), "bot-0", "DELETE", SNAPSHOT, 202, operation=OPERATION)
OUTCOME = Asked(later(20), later(20), "bot-0", "GET", OPERATION, 200, state="failed")
FAILED = replace(
    ROW,
    state="failed",
    why="Azure says no (OddDisk): The disk is odd.",
    left=frozenset({SNAPSHOT}),
)


def run(
    *, asked: tuple[Asked, ...] = (LOOK, DELETE, OUTCOME), is_wreck: bool = True, **changes: Any
) -> Evidence:
    """Azure gave up the snapshot of the one request, and then its deletion; it is named."""
    return replace(
        GOOD,
        played=(replace(PLAYED, work_failed=True),),
        rows=(replace(FAILED, **changes),),
        made=(replace(MADE, is_wreck=is_wreck),),
        points=(),
        counted=Counted(asked=asked),
    )


def lost(evidence: Evidence) -> list[tuple[int, str]]:
    return [(each.schedule, each.sentence) for each in judge(evidence) if each.rule is Rule.LOST]


@pytest.mark.parametrize("state", ["failed", "cancelled", "cleaned up"])
def test_what_azure_gave_up_and_did_not_delete_may_stay_where_it_is_named(state: str) -> None:
    assert lost(run(state=state)) == []


BLAMED: dict[str, Evidence] = {
    "nobody was told of it": run(left=frozenset()),
    "another one was named": run(left=frozenset({"/snapshots/another"})),
    "its deletion was never asked for": run(asked=(LOOK,)),
    "its deletion is not known to have failed": run(asked=(LOOK, DELETE)),
    "its deletion was done": run(asked=(LOOK, DELETE, replace(OUTCOME, state="succeeded"))),
    "only the work that made it failed": run(asked=(replace(PUT, operation=OPERATION), OUTCOME)),
    "it is whole": run(is_wreck=False),
    "all of it is said to be deleted": run(state="cleaned up", left=frozenset()),
    "nobody had approved it": run(state="denied"),
}


@pytest.mark.parametrize("name", BLAMED)
def test_what_exists_of_a_request_that_is_over_is_blamed_where(name: str) -> None:
    ((schedule, sentence),) = lost(BLAMED[name])
    assert (schedule, sentence.endswith(f"{SNAPSHOT} exists.")) == (AT_SCHEDULE_7, True)


def test_only_what_the_people_were_told_counts_as_named() -> None:
    told = "Snapshot of vm-1 failed. What follows could not be removed. /Snapshots/OS."
    assert left_of(["/Snapshots/OS", "/Snapshots/data"], told) == {"/snapshots/os"}
    assert left_of(["/Snapshots/OS"], "") == frozenset()


@pytest.mark.parametrize(
    ("state", "is_wreck"),
    [("Failed", True), ("Deleting", True), ("Updating", False), ("Succeeded", False)],
)
def test_a_wreck_is_known_by_what_azure_shows_of_it_in_the_end(state: str, is_wreck: bool) -> None:
    resources = Remembered()
    resources.is_watching = True
    resources[KEY] = {
        "id": KEY,
        "type": "Microsoft.Compute/snapshots",
        "tags": {"vmbackup-request": "r-1"},
        "properties": {
            "provisioningState": "Updating",
            "creationData": {"sourceResourceId": "/disks/os"},
        },
    }
    resources[KEY]["properties"]["provisioningState"] = state
    assert [each.is_wreck for each in made_of(resources, ["r-1"])] == [is_wreck]
    resources.pop(KEY)
    assert [each.is_wreck for each in made_of(resources, ["r-1"])] == [False]
