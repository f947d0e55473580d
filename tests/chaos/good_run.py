"""A run in which all is well, and the same with something changed; the oracle is tried on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.chaos.evidence import Entry, Evidence, Made, Played, Point, Pressed, Row, Yes

T0 = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
VM, DISK, OTHER_DISK = "/vms/vm-1", "/disks/vm-1-os", "/disks/vm-1-data-1"
SNAPSHOT, OTHER_SNAPSHOT = "/snapshots/vm-1-os", "/snapshots/vm-1-data-1"
ADA, GRACE, LINUS, OLU = "U01ADA", "U02GRACE", "U03LINUS", "U04OLU"
HASH = "a" * 64
AT_SCHEDULE_7 = 7


def later(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


ROW = Row(
    id="r-1",
    vm_id=VM,
    action="snapshot",
    state="done",
    requester=ADA,
    kind="snapshot",
    disks=(DISK,),
    plan_hash=HASH,
    decide_by=later(3600),
    finished_at=later(30),
)
MADE = Made(later(10), SNAPSHOT, "snapshot", VM, DISK, "r-1", HASH)
PLAYED = Played(
    number=AT_SCHEDULE_7,
    vm_id=VM,
    requester=ADA,
    approvals_needed=1,
    may_approve=frozenset({GRACE, LINUS}),
    pressed=(Pressed(GRACE, later(4)),),
)
YES = Yes("r-1", 1, GRACE, HASH, later(5))
GOOD = Evidence(
    played=(PLAYED,),
    rows=(ROW,),
    approvals=(YES,),
    made=(MADE,),
    there=frozenset({SNAPSHOT}),
    points=(Point(SNAPSHOT, "r-1"),),
    audit=(Entry(1, "r-1", "asked", "", "h1"), Entry(2, "r-1", "moved", "h1", "h2")),
    head=(2, "h2"),
)


def with_row(**changes: Any) -> Evidence:
    return replace(GOOD, rows=(replace(ROW, **changes),))


def with_played(**changes: Any) -> Evidence:
    return replace(GOOD, played=(replace(PLAYED, **changes),))


def with_yes(**changes: Any) -> Evidence:
    return replace(GOOD, approvals=(replace(YES, **changes),))
