"""The oracle is no yes-man: for each rule there is a run that breaks it, and it says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos.evidence import (
    Entry,
    Evidence,
    Point,
    Pressed,
    Rule,
    Violation,
)
from tests.chaos.good_run import (
    ADA,
    AT_SCHEDULE_7,
    DISK,
    GOOD,
    GRACE,
    LINUS,
    MADE,
    OLU,
    OTHER_DISK,
    OTHER_SNAPSHOT,
    PLAYED,
    ROW,
    YES,
    later,
    with_played,
    with_row,
    with_yes,
)
from tests.chaos.oracle import judge
from tests.chaos.report import COUNTS


def test_a_run_in_which_all_is_well_has_no_breach() -> None:
    assert judge(GOOD) == ()


def test_nothing_at_all_is_no_breach() -> None:
    assert judge(Evidence()) == ()


BREACHES: dict[str, tuple[Rule, str, Callable[[], Evidence]]] = {
    "a command was acknowledged and is nowhere": (
        Rule.LOST,
        "Acknowledged, and no row",
        lambda: replace(GOOD, rows=(), approvals=(), made=(), points=(), there=frozenset()),
    ),
    "done without its snapshot": (
        Rule.LOST,
        "has no snapshot of /disks/vm-1-os",
        lambda: replace(GOOD, made=(), points=(), there=frozenset()),
    ),
    "done with one snapshot of two": (
        Rule.LOST,
        "has no snapshot of /disks/vm-1-data-1",
        lambda: with_row(disks=(DISK, OTHER_DISK)),
    ),
    "done without its restore point": (
        Rule.LOST,
        "has no restore point of it",
        lambda: replace(with_row(kind="restore point"), made=(), points=(), there=frozenset()),
    ),
    "done and gone from Azure": (
        Rule.LOST,
        "has no snapshot",
        lambda: replace(GOOD, there=frozenset()),
    ),
    "failed, and the snapshot exists": (
        Rule.LOST,
        "is failed, and /snapshots/vm-1-os exists",
        lambda: with_row(state="failed"),
    ),
    "refused for a fault that passed": (
        Rule.LOST,
        "r-1 is refused for what passes: The database was away.",
        lambda: replace(
            with_row(state="refused", why="The database was away."),
            made=(),
            points=(),
            there=frozenset(),
        ),
    ),
    "waiting while its second was turned away": (
        Rule.STUCK,
        "r-1 is still waiting",
        lambda: replace(
            with_played(typed=2),
            rows=(replace(ROW, state="waiting"), replace(ROW, id="r-2", state="refused")),
        ),
    ),
    "cleaned up, and the snapshot exists": (
        Rule.LOST,
        "is cleaned up, and",
        lambda: with_row(state="cleaned up"),
    ),
    "the snapshot is not in the ledger": (
        Rule.LOST,
        "is not in the ledger",
        lambda: replace(GOOD, points=()),
    ),
    "half done, and what exists is not in the ledger": (
        Rule.LOST,
        "is half done, and",
        lambda: replace(with_row(state="half done"), points=()),
    ),
    "the ledger has what is not there": (
        Rule.LOST,
        "it is not there",
        lambda: replace(GOOD, points=(*GOOD.points, Point(OTHER_SNAPSHOT, "r-1"))),
    ),
    "failed for another reason than Azure's": (
        Rule.LOST,
        "r-1 is failed for what passes: It was tired.",
        lambda: replace(
            with_row(state="failed", why="It was tired."),
            played=(replace(PLAYED, work_failed=True),),
            made=(),
            points=(),
            there=frozenset(),
        ),
    ),
    "two snapshots of a disk": (
        Rule.DOUBLED,
        "2 of kind snapshot for r-1",
        lambda: replace(GOOD, made=(MADE, replace(MADE, arm_id=OTHER_SNAPSHOT, at=later(11)))),
    ),
    "made, deleted and made again": (
        Rule.DOUBLED,
        "2 of kind snapshot for r-1",
        lambda: replace(GOOD, made=(MADE, replace(MADE, at=later(20)))),
    ),
    "two restore points of a VM": (
        Rule.DOUBLED,
        "2 of kind restore point",
        lambda: replace(
            GOOD,
            made=(
                MADE,
                replace(MADE, arm_id="/p1", kind="restore point", disk_id=""),
                replace(MADE, arm_id="/p2", kind="restore point", disk_id=""),
            ),
        ),
    ),
    "one command, two requests": (
        Rule.DOUBLED,
        "2 requests about /vms/vm-1, typed 1 times",
        lambda: replace(GOOD, rows=(ROW, replace(ROW, id="r-2", state="denied"))),
    ),
    "two live requests about a VM": (
        Rule.DOUBLED,
        "2 live requests",
        lambda: replace(
            with_played(typed=2),
            rows=(replace(ROW, state="waiting"), replace(ROW, id="r-2", state="running")),
        ),
    ),
    "one person counted twice": (
        Rule.DOUBLED,
        "U02GRACE approved r-1, revision 1, 2 times",
        lambda: replace(GOOD, approvals=(YES, replace(YES, at=later(6)))),
    ),
    "made for nobody": (
        Rule.UNAPPROVED,
        "was made for no request",
        lambda: replace(GOOD, made=(MADE, replace(MADE, arm_id=OTHER_SNAPSHOT, request_id=""))),
    ),
    "made for a request that there is not": (
        Rule.UNAPPROVED,
        "was made for r-9",
        lambda: replace(GOOD, made=(MADE, replace(MADE, arm_id="/s9", request_id="r-9"))),
    ),
    "made of another VM than the request's": (
        Rule.UNAPPROVED,
        "was made for r-1",
        lambda: replace(GOOD, made=(MADE, replace(MADE, arm_id="/s9", vm_id="/vms/vm-2"))),
    ),
    "no approval": (Rule.UNAPPROVED, "0 valid approvals of 1", lambda: replace(GOOD, approvals=())),
    "one approval of two": (
        Rule.UNAPPROVED,
        "1 valid approvals of 2",
        lambda: with_played(approvals_needed=2),
    ),
    "approved by the requester": (
        Rule.UNAPPROVED,
        "0 valid",
        lambda: replace(
            with_yes(user_id=ADA),
            played=(
                replace(
                    PLAYED,
                    may_approve=frozenset({ADA, GRACE}),
                    pressed=(Pressed(ADA, later(4)),),
                ),
            ),
        ),
    ),
    "approved by one who may not": (
        Rule.UNAPPROVED,
        "0 valid",
        lambda: replace(
            with_yes(user_id=OLU), played=(replace(PLAYED, pressed=(Pressed(OLU, later(4)),)),)
        ),
    ),
    "approved by one who pressed nothing": (
        Rule.UNAPPROVED,
        "0 valid",
        lambda: with_played(pressed=()),
    ),
    "approved before it was pressed": (
        Rule.UNAPPROVED,
        "0 valid",
        lambda: with_yes(at=later(3)),
    ),
    "approved after it was made": (Rule.UNAPPROVED, "0 valid", lambda: with_yes(at=later(11))),
    "approved too late": (
        Rule.UNAPPROVED,
        "0 valid",
        lambda: with_row(decide_by=later(4.5)),
    ),
    "another plan was approved": (
        Rule.UNAPPROVED,
        "0 valid",
        lambda: with_yes(plan_hash="b" * 64),
    ),
    "the rows name another requester": (
        Rule.UNAPPROVED,
        "0 valid",
        lambda: with_row(requester=LINUS),
    ),
    "made after the end": (
        Rule.UNAPPROVED,
        "was made after r-1 was done",
        lambda: with_row(finished_at=later(9)),
    ),
    "still running": (Rule.STUCK, "r-1 is still running", lambda: with_row(state="running")),
    "approved and never begun": (
        Rule.STUCK,
        "r-1 is still approved",
        lambda: with_row(state="approved"),
    ),
    "waiting though somebody decided": (
        Rule.STUCK,
        "r-1 is still waiting",
        lambda: with_row(state="waiting"),
    ),
    "a state that nobody knows": (
        Rule.STUCK,
        "r-1 is still dreaming",
        lambda: with_row(state="dreaming"),
    ),
    "the people waited in vain": (
        Rule.STUCK,
        "The card never came.",
        lambda: with_played(gave_up="The card never came."),
    ),
    "a click without an answer": (
        Rule.STUCK,
        "A click on r-1 was never answered",
        lambda: replace(GOOD, unanswered=("r-1",)),
    ),
    "done with a step undone": (
        Rule.STUCK,
        "done with 1 steps undone",
        lambda: replace(GOOD, undone_steps={"r-1": 1}),
    ),
    "a gap in the audit": (
        Rule.BROKEN,
        "Entry 3 does not follow 1",
        lambda: replace(GOOD, audit=(GOOD.audit[0], replace(GOOD.audit[1], seq=3)), head=(3, "h2")),
    ),
    "an entry that was changed": (
        Rule.BROKEN,
        "Entry 2 does not follow 1",
        lambda: replace(GOOD, audit=(replace(GOOD.audit[0], hash="x"), GOOD.audit[1])),
    ),
    "the audit's last entry taken away": (
        Rule.BROKEN,
        "The head is (2, 'h2'), not (1, 'h1')",
        lambda: replace(GOOD, audit=GOOD.audit[:1]),
    ),
    "the product's own check says no": (
        Rule.BROKEN,
        "Broken at 5.",
        lambda: replace(GOOD, verified="Broken at 5."),
    ),
    "a request that the audit does not know": (
        Rule.BROKEN,
        "r-1 was never written down",
        lambda: replace(GOOD, audit=(Entry(1, "", "began", "", "h1"),), head=(1, "h1")),
    ),
}


@pytest.mark.parametrize("name", BREACHES)
def test_each_breach_is_found_and_said(name: str) -> None:
    rule, sentence, evidence = BREACHES[name]
    found = [each for each in judge(evidence()) if each.rule is rule]
    assert any(sentence in each.sentence for each in found), judge(evidence())


def test_every_rule_has_runs_that_break_it() -> None:
    """Those of what is counted stand in test_chaos_counts."""
    assert {rule for rule, _, _ in BREACHES.values()} == set(Rule) - set(COUNTS)


def test_a_breach_names_its_schedule() -> None:
    found = judge(replace(GOOD, approvals=()))
    assert [(each.rule, each.schedule) for each in found] == [(Rule.UNAPPROVED, AT_SCHEDULE_7)]


FINE: dict[str, Evidence] = {
    "failed for Azure's own reason": replace(
        with_row(state="failed", why="Azure says no (OddDisk): The disk is odd."),
        played=(replace(PLAYED, work_failed=True),),
        made=(replace(MADE, has_failed=True),),
        points=(),
        there=frozenset(),
    ),
    "given up by Azure, deleted, and made again": replace(
        GOOD, made=(replace(MADE, has_failed=True), replace(MADE, at=later(20)))
    ),
    "nothing needed approval": replace(with_played(approvals_needed=0, pressed=()), approvals=()),
    "left to wait": replace(
        with_row(state="waiting", finished_at=None),
        played=(replace(PLAYED, waits_for_nobody=True),),
        made=(),
        points=(),
        there=frozenset(),
    ),
    "half done and known": replace(
        with_row(state="half done", disks=(DISK, OTHER_DISK), finished_at=None)
    ),
    "cleaned up": replace(with_row(state="cleaned up"), points=(), there=frozenset()),
    "typed again, and the second was left": replace(
        with_played(typed=2),
        rows=(ROW, replace(ROW, id="r-2", state="waiting", finished_at=None)),
        audit=(*GOOD.audit, Entry(3, "r-2", "asked", "h2", "h3")),
        head=(3, "h3"),
    ),
    "typed again, and the second points to the first": replace(
        with_played(typed=2),
        rows=(ROW, replace(ROW, id="r-2", state="refused")),
        audit=(*GOOD.audit, Entry(3, "r-2", "asked", "h2", "h3")),
        head=(3, "h3"),
    ),
    "two approvals needed and given": replace(
        with_played(
            approvals_needed=2, pressed=(Pressed(GRACE, later(4)), Pressed(LINUS, later(5)))
        ),
        approvals=(YES, replace(YES, user_id=LINUS, at=later(6))),
    ),
    "cleaned up by a deletion": replace(
        with_row(state="cleaned up"),
        rows=(
            replace(ROW, state="cleaned up"),
            replace(ROW, id="r-2", action="delete", requester=""),
        ),
        audit=(*GOOD.audit, Entry(3, "r-2", "asked", "h2", "h3")),
        head=(3, "h3"),
        points=(),
        there=frozenset(),
    ),
    "a restore point": replace(
        with_row(kind="restore point"),
        made=(replace(MADE, kind="restore point", disk_id="", plan_hash=""),),
    ),
    "never acknowledged and not kept": replace(
        with_played(acknowledged=False),
        rows=(),
        approvals=(),
        made=(),
        points=(),
        there=frozenset(),
    ),
}


@pytest.mark.parametrize("name", FINE)
def test_what_is_right_is_not_blamed(name: str) -> None:
    found: tuple[Violation, ...] = judge(FINE[name])
    assert found == ()
