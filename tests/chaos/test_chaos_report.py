"""The report's figures are those of the run, and any breach fails it."""

from __future__ import annotations

from tests.chaos.evidence import Rule, Violation
from tests.chaos.report import Fired, Tally, closing_line, told
from tests.chaos.schedules import Kind, schedules

FIVE = list(schedules(1, 5, 1.0))


def good() -> Tally:
    fired = [Fired(Kind.CUT, 1), Fired(Kind.CUT, 2), Fired(Kind.PAUSE, 3)]
    return Tally(seed=1, schedules=FIVE, fired=fired, wanted_done=4, got_done=4)


def test_a_good_run_closes_with_zeros() -> None:
    assert told(good()).splitlines()[-1] == (
        "chaos: 5 schedules, 0 lost, 0 doubled, 0 unapproved, 0 stuck"
    )
    assert good().is_good


def test_a_schedule_counts_once_for_each_rule_that_it_broke() -> None:
    run = good()
    run.violations = [
        Violation(Rule.LOST, 2, "One."),
        Violation(Rule.LOST, 2, "Two."),
        Violation(Rule.DOUBLED, 2, "Three."),
        Violation(Rule.LOST, 3, "Four."),
        Violation(Rule.STUCK, 0, "Five."),
    ]
    assert closing_line(run) == "chaos: 5 schedules, 2 lost, 1 doubled, 0 unapproved, 1 stuck"
    assert not run.is_good


def test_what_was_survived_leaves_out_the_schedules_with_a_breach() -> None:
    run = good()
    run.violations = [Violation(Rule.UNAPPROVED, 2, "Made without asking.")]
    lines = told(run).splitlines()
    (cut,) = [line for line in lines if line.startswith(Kind.CUT)]
    assert cut.split()[-2:] == ["2", "1"]
    assert "schedule 2: unapproved: Made without asking." in lines
    assert "The same again: make chaos ARGS='--seed 1'" in lines


def test_a_broken_audit_fails_the_run_though_the_four_figures_are_zero() -> None:
    run = good()
    run.violations = [Violation(Rule.BROKEN, 0, "Entry 3 does not follow 1.")]
    assert not run.is_good
    assert "audit chain: BROKEN, 0 entries" in told(run)
    assert closing_line(run).endswith("0 lost, 0 doubled, 0 unapproved, 0 stuck")


def test_a_run_in_which_hardly_anything_was_done_fails() -> None:
    run = good()
    run.got_done = 1
    assert not run.is_good
    assert "proves little: only 1 of 4 that were wanted are done." in told(run)


def test_every_kind_has_a_line_whether_it_happened_or_not() -> None:
    lines = told(good()).splitlines()
    assert all(any(line.startswith(kind) for line in lines) for kind in Kind)
