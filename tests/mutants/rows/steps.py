"""The steps of a running request: noted, looked for, sent, bounded, undone."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

STEP, TURN = "bot/workflow/one_step.py", "bot/workflow/running_turn.py"
FLOW = "tests/workflow/test_workflow_"

ROWS = (
    Mutant(
        name="the worker notes SENT after the PUT",
        file=STEP,
        old="""\
    await turn.store(replace(step, state=StepState.SENT, attempts=step.attempts + 1, why=""))
    await _send(turn, number)
""",
        new="""\
    turn.steps[number] = step
    await _send(turn, number)
    step = turn.steps[number]
    await turn.store(replace(step, state=StepState.SENT, attempts=step.attempts + 1, why=""))
""",
        tests=(f"{FLOW}noted_first.py",),
        asks_chaos=True,
    ),
    Mutant(
        name="the worker does not count how often it sent a step",
        file=STEP,
        old="state=StepState.SENT, attempts=step.attempts + 1, why",
        new="state=StepState.SENT, attempts=step.attempts, why",
        tests=(
            f"{FLOW}begin_in_time.py::test_a_snapshot_whose_reply_was_lost_counts_as_begun",
            f"{FLOW}running.py::test_a_snapshot_whose_step_was_given_up_is_found",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="the worker sends a step again without a look",
        file=STEP,
        old="    standing = await _look(turn, number)\n    if outcome",
        new="""\
    standing = LookResult(LookState.ABSENT)
    if not step.attempts:
        standing = await _look(turn, number)
    if outcome""",
        tests=(f"{FLOW}snapshot.py",),
        asks_chaos=True,
    ),
    Mutant(
        name="the wait that Azure names is lost with the worker",
        file=TURN,
        old="            await self.lease.keep_wait(self.ports.pace.at_most(wait))\n",
        new="",
        tests=(
            f"{FLOW}begin_in_time.py::test_a_worker_that_dies_leaves_the_wait_that_azure_named",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="the next step is sent in the turn in which Azure named a wait",
        file=STEP,
        old="    if turn.wait is not None:\n        return True",
        new="    if turn.wait is not None and step.attempts:\n        return True",
        tests=(
            f"{FLOW}begin_in_time.py::test_after_a_wait_was_named_nothing_more_is_sent_in_this_turn",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="an operation is asked before the wait that Azure named for it is over",
        file=STEP,
        old="if step.operation and turn.seconds_until_asked(step) and not turn.is_too_late:",
        new="if step.operation and turn.is_asked_later(step) and not turn.is_too_late:",
        tests=(f"{FLOW}outcomes.py::test_within_a_turn_an_operation_is_asked_after_its_wait_only",),
    ),
    Mutant(
        name="what Azure accepts and never does is sent without a bound",
        file=STEP,
        old="    if step.accepted >= SENDS_AT_MOST:\n        raise RefusedForGood(step.why",
        new="    if step.conflicts >= SENDS_AT_MOST:\n        raise RefusedForGood(step.why",
        tests=(
            f"{FLOW}outcomes.py::test_what_is_accepted_and_never_comes_is_sent_three_times_at_most",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="what is to be undone is sent without a bound",
        file="bot/workflow/undo_step.py",
        old="        if self.step.accepted and sent >= SENDS_AT_MOST:",
        new="        if self.step.accepted and self.step.conflicts >= SENDS_AT_MOST:",
        tests=(f"{FLOW}outcomes.py::test_what_is_undone_is_sent_as_often_as_its_bound",),
    ),
    Mutant(
        name="a roll-back that had no answer before the crash does not count",
        file="bot/workflow/undo_step.py",
        old="        if self.step.accepted and sent >= SENDS_AT_MOST:",
        new="        if self.step.accepted >= SENDS_AT_MOST:",
        tests=(f"{FLOW}undoing_crashes.py",),
    ),
    Mutant(
        name="a roll-back is sent before it is noted",
        file="bot/workflow/undo_step.py",
        old="        await self._note_sending()",
        new="        pass",
        tests=(f"{FLOW}undoing_crashes.py",),
    ),
    Mutant(
        name="a deletion that failed is waited for as long as the resource shows as being deleted",
        file="bot/azure/verb.py",
        old='is_coming = state == "deleting" and not step.is_due_again',
        new='is_coming = state == "deleting"',
        tests=(
            f"{FLOW}outcomes.py::test_a_wreck_whose_deletion_fails_once_is_deleted_although_it_shows_as_deleting",
        ),
    ),
    Mutant(
        name="the failure that the operation tells is ignored",
        file=STEP,
        old="outcome.refusal and standing.state is not LookState.THERE:",
        new="outcome.refusal and standing.state is LookState.FAILED:",
        tests=(
            f"{FLOW}outcomes.py::test_what_fails_for_good_after_it_was_accepted_is_sent_once_and_says_why",
        ),
    ),
    Mutant(
        name="a request that Azure refuses as a conflict is sent for ever",
        file=STEP,
        old="replace(step, conflicts=step.conflicts + 1, why=error.sentence)",
        new="replace(step, conflicts=1, why=error.sentence)",
        tests=(
            f"{FLOW}outcomes.py::test_a_conflict_that_never_ends_is_sent_a_bounded_number_of_times",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="a stop that is asked for while the steps run is seen in the next turn only",
        file=STEP,
        old="    stored = await turn.ports.store.get(turn.held.request.id)\n",
        new="    stored = turn.held.request\n",
        tests=(f"{FLOW}running.py::test_cancelling_stops_before_the_next_disk_and_is_half_done",),
        asks_chaos=True,
    ),
    Mutant(
        name="a step is sent although the step before it failed",
        file=STEP,
        old="before is None or before.state is StepState.THERE",
        new="before is None or before.state in ENDED",
        tests=(f"{FLOW}after_done.py::test_a_swap_that_azure_refuses_is_undone",),
    ),
    Mutant(
        name="what had to wait has the expiry of when it was planned",
        file=STEP,
        old="    step = await turn.held.dated(step)\n",
        new="",
        tests=(f"{FLOW}retention.py::test_a_snapshot_that_azure_put_off_has_its_whole_retention",),
    ),
    Mutant(
        name="a restore that failed is rolled back from the first step on",
        file="bot/workflow/rollback.py",
        old="    for place in reversed(range(len(left))):",
        new="    for place in range(len(left)):",
        tests=(
            f"{FLOW}after_done.py::test_a_swap_that_azure_refuses_is_undone",
            f"{FLOW}stopping.py",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="a restore that failed is not rolled back",
        file="bot/workflow/rollback.py",
        old="undo = undo_of(step) if step.state is StepState.THERE else None",
        new="undo = undo_of(step) if step.state is StepState.SENT else None",
        tests=(f"{FLOW}after_done.py::test_a_swap_that_azure_refuses_is_undone",),
    ),
    Mutant(
        name="what a step made before it was given up is not looked for",
        file="bot/workflow/rollback.py",
        old="return step.state is StepState.REFUSED and bool(step.attempts)",
        new="return step.state is StepState.SENT and bool(step.attempts)",
        tests=(f"{FLOW}running.py::test_a_snapshot_whose_step_was_given_up_is_found",),
        asks_chaos=True,
    ),
    Mutant(
        name="a resumed restore does once more to the VM what was done before",
        file="bot/workflow/begin_steps.py",
        old="return step.state is StepState.THERE and step.verb not in MAKES",
        new="return step.state is StepState.THERE and step.verb in MAKES",
        tests=(
            f"{FLOW}stopping.py::test_a_vm_that_was_started_by_hand_is_not_stopped_again_at_a_resume",
        ),
    ),
)
