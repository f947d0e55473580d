"""What is written together or not at all: money, the audit, the ledger, one live request."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

BUDGETS, STORE = "bot/database/budgets.py", "tests/database/test_store_"

ROWS = (
    Mutant(
        name="a loop that is cancelled once and does not notice keeps the process from ending",
        file="bot/loops.py",
        old="        while tasks:\n            for task in tasks:",
        new="        if tasks:\n            for task in tasks:",
        tests=(
            "tests/bot/test_bot_loops.py::"
            "test_a_loop_that_does_not_look_is_cancelled_again_until_it_ends",
        ),
    ),
    Mutant(
        name="a bot whose Azure is real works on a clock that a page can move forward",
        file="bot/database/one_clock.py",
        old="if text != PLAIN and not is_played:",
        new="if text == PLAIN and not is_played:",
        tests=(
            "tests/database/test_database_one_clock.py::"
            "test_a_bot_whose_azure_is_real_refuses_a_clock_that_can_be_moved",
        ),
    ),
    Mutant(
        name="a bot starts without looking whose clock the database has",
        file="bot/composition/connecting.py",
        old="await refuse_moved_clock(database, is_played=settings.azure_is_local)",
        new="await refuse_moved_clock(database, is_played=True)",
        tests=(
            "tests/database/test_database_one_clock.py::"
            "test_vmbackup_bot_says_it_in_one_sentence_and_starts_nothing",
        ),
    ),
    Mutant(
        name="a budget is overdrawn by the request that does not fit any more",
        file=BUDGETS,
        old="others + wanted.amount > wanted.limit",
        new="others > wanted.limit",
        tests=(f"{STORE}budgets.py::test_a_budget_is_never_overdrawn_by_those_who_ask_at_once",),
        asks_chaos=True,
    ),
    Mutant(
        name="the lock of a budget does not wait for whoever has it",
        file=BUDGETS,
        old="SELECT pg_advisory_xact_lock(",
        new="SELECT pg_try_advisory_xact_lock(",
        tests=(f"{STORE}budgets.py::test_whoever_reserves_waits_for_whom_the_budget_is_locked_by",),
    ),
    Mutant(
        name="money of a request that is done is given back, too",
        file="bot/requests/states.py",
        old="RELEASES_BUDGET = FINAL - {_S.DONE}",
        new="RELEASES_BUDGET = FINAL",
        tests=(f"{STORE}budgets.py::test_money_is_given_back_on_every_end_but_done",),
    ),
    Mutant(
        name="money that was given back still counts",
        file=BUDGETS,
        old="      AND given_back_at IS NULL AND request_id <> %(request_id)s\n",
        new="      AND request_id <> %(request_id)s\n",
        tests=(f"{STORE}budgets.py::test_money_that_was_given_back_is_free_for_another_request",),
    ),
    Mutant(
        name="one more goes without an approval than the rule allows",
        file=BUDGETS,
        old="free, excluding=request_id) >= free.most:",
        new="free, excluding=request_id) > free.most:",
        tests=(
            f"{STORE}budgets.py::test_of_those_at_once_only_so_many_for_a_vm_go_without_an_approval",
        ),
    ),
    Mutant(
        name="a VM may have two live requests for the same where one is half done",
        file="bot/migrations/versions/v0002_requests.py",
        old="WHERE state IN ('planning', 'waiting', 'approved', 'running', 'half done')",
        new="WHERE state IN ('planning', 'waiting', 'approved', 'running')",
        tests=(f"{STORE}moves.py::test_the_schema_names_the_same_states",),
    ),
    Mutant(
        name="the audit lacks the steps that made something",
        file="bot/database/steps.py",
        old="            if before.state is not step.state:\n",
        new="            if before.state is not step.state and point is None:\n",
        tests=(f"{STORE}leases.py::test_writing_a_step_again_changes_nothing",),
        asks_chaos=True,
    ),
    Mutant(
        name="the audit's rows may be numbered twice by writers at once",
        file="bot/database/audit.py",
        old="(SELECT seq, hash FROM audit_head FOR UPDATE)",
        new="(SELECT seq, hash FROM audit_head)",
        tests=(f"{STORE}audit.py::test_rows_written_by_many_at_once_are_one_chain",),
        asks_chaos=True,
    ),
    Mutant(
        name="a point changes hands: the ledger gives it to another request",
        file="bot/database/steps.py",
        old='        " WHERE points.request_id = EXCLUDED.request_id RETURNING arm_key"\n',
        new='        " RETURNING arm_key"\n',
        tests=(f"{STORE}leases.py::test_a_resource_is_never_two_requests_own",),
    ),
    Mutant(
        name="an approval is written after its time",
        file="bot/database/decisions.py",
        old="request.state is State.WAITING and in_time and bound and others",
        new="request.state is State.WAITING and bound and others",
        tests=(
            f"{STORE}judging.py::test_an_approval_after_the_time_is_not_written_whatever_the_judgement",
        ),
    ),
    Mutant(
        name="a click that waits for Slack counts as answered",
        file="bot/database/decisions.py",
        old="            if not locked.judgement.waits:\n",
        new="            if locked.click:\n",
        tests=(
            "tests/workflow/test_workflow_patch_day.py"
            "::test_a_click_that_meets_slacks_limit_is_stored_and_judged_afterwards",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="a command that Slack delivers again after half an hour is another request",
        file="bot/database/intake.py",
        old="CONTENT_KEPT = timedelta(hours=24)",
        new="CONTENT_KEPT = timedelta(minutes=24)",
        tests=(f"{STORE}asking.py::test_a_key_is_forgotten_after_a_day",),
    ),
    Mutant(
        name="a job whose worker died is never forgotten, and wakes nobody",
        file="bot/jobs/enqueue.py",
        old="last_heartbeat < now() - %(stalled)s::interval",
        new="last_heartbeat < now() - %(longest)s::interval",
        tests=(
            "tests/jobs/test_jobs_nudges.py::test_jobs_without_a_worker_are_forgotten_and_others_are_kept",
        ),
    ),
    Mutant(
        name="of two wake-ups for later the later one holds",
        file="bot/jobs/enqueue.py",
        old="DO UPDATE SET scheduled_at = least(procrastinate_jobs.scheduled_at, excluded",
        new="DO UPDATE SET scheduled_at = greatest(procrastinate_jobs.scheduled_at, excluded",
        tests=("tests/jobs/test_jobs_nudges.py",),
        asks_chaos=True,
    ),
)
