"""What is asked of Azure: once, of the right resource, at the right time, of the right host."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

ACTIONS, SNAPSHOTS = "tests/actions/test_actions_", "bot/azure/snapshots.py"

ROWS = (
    Mutant(
        name="the address of an operation is asked at another host",
        file="bot/azure/operations.py",
        old="    return parts.scheme, parts.hostname, port,",
        new='    return parts.scheme, "", port,',
        tests=(f"{ACTIONS}operations.py::test_only_an_address_at_the_door_is_kept",),
    ),
    Mutant(
        name="a Retry-After in seconds is ignored",
        file="bot/azure/refusals.py",
        old='found = [_wait(headers.get("Retry-After", ""), headers.get("Date", ""))]',
        new='found = [_wait("", headers.get("Date", ""))]',
        tests=(f"{ACTIONS}faults.py::test_what_passes_says_how_long_and_is_sent_only_once",),
    ),
    Mutant(
        name="of two waits that an answer names the shorter holds",
        file="bot/azure/refusals.py",
        old="return max((wait for wait in found if wait is not None), default=None)",
        new="return min((wait for wait in found if wait is not None), default=None)",
        tests=(f"{ACTIONS}words.py::test_of_two_waits_that_an_answer_names_the_longer_holds",),
    ),
    Mutant(
        name="the wait of an operation in progress is ignored",
        file="bot/azure/operations.py",
        old="        return Outcome(OperationState.SUCCEEDED)\n"
        "    return Outcome(OperationState.IN_PROGRESS, retry_after(headers))",
        new="        return Outcome(OperationState.SUCCEEDED)\n"
        "    return Outcome(OperationState.IN_PROGRESS)",
        tests=(
            f"{ACTIONS}operations.py::test_an_operation_is_in_progress_until_it_succeeded",
            "tests/workflow/test_workflow_outcomes.py"
            "::test_work_in_progress_is_asked_no_sooner_than_azure_says",
        ),
    ),
    Mutant(
        name="a PUT is sent twice where the connection breaks",
        file="bot/azure/connection.py",
        old="            middlewares=(_send_once,),\n",
        new="",
        tests=(
            f"{ACTIONS}faults.py::test_a_lost_reply_makes_no_second_snapshot",
            f"{ACTIONS}faults.py::test_the_lost_reply_of_another_act_is_seen_by_a_look_too",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="a 404 of something on the way counts as: there is no such resource",
        file="bot/azure/connection.py",
        old="    return azure_words(answer)[0].lower() in GONE",
        new="    return True",
        tests=(f"{ACTIONS}faults.py::test_a_look_that_failed_is_not_taken_for_an_empty_place",),
    ),
    Mutant(
        name="an operation that could not be asked counts as failed",
        file="bot/azure/connection.py",
        old="if status < 400 or status in (401, 408, 429) or status >= 500:",
        new="if status < 400 or status in (401, 408) or status >= 500:",
        tests=(f"{ACTIONS}operations.py::test_an_operation_that_cannot_be_asked_has_not_failed",),
    ),
    Mutant(
        name="a resource of the right name and another uniqueId is deleted",
        file="bot/azure/ownership.py",
        old='    if not same_text(unique_id, expect["unique_id"]):',
        new="    if not unique_id:",
        tests=(f"{ACTIONS}deleting.py",),
    ),
    Mutant(
        name="what was never noted in the ledger is deleted",
        file="bot/azure/ownership.py",
        old='    if not expect["unique_id"] or not expect["time_created"]:',
        new='    if not expect["unique_id"] and not expect["time_created"]:',
        tests=(f"{ACTIONS}deleting.py",),
    ),
    Mutant(
        name="a snapshot whose tags people changed is deleted",
        file="bot/azure/ownership.py",
        old='if name := other_tag(resource, expect["tags"]):',
        new='if name := other_tag(resource, identity(expect["tags"])):',
        tests=(
            "tests/workflow/test_workflow_deleting.py"
            "::test_a_tag_that_people_changed_keeps_the_snapshot_and_the_thread_says_so",
        ),
    ),
    Mutant(
        name="a disk that is attached to a VM is deleted",
        file=SNAPSHOTS,
        old='resource.get("managedBy") and standing.state is not LookState.FOREIGN:',
        new='resource.get("managedBy") and standing.state is LookState.FOREIGN:',
        tests=(f"{ACTIONS}restoring.py::test_a_disk_that_is_attached_is_not_deleted",),
    ),
    Mutant(
        name="a deletion is sent without a last look",
        file=SNAPSHOTS,
        old="        if (await check_before(self, azure, step)).state is LookState.ABSENT:\n"
        "            return await azure.delete(step.target_id)\n        return None\n",
        new="        return await azure.delete(step.target_id)\n",
        tests=(f"{ACTIONS}deleting.py",),
    ),
    Mutant(
        name="a snapshot is taken of another disk of the same name",
        file="bot/azure/sources.py",
        old="    if disk and not same_text(unique_id(disk, source_id), wanted):",
        new="    if disk and not unique_id(disk, source_id):",
        tests=(
            "tests/workflow/test_workflow_begin_in_time.py"
            "::test_no_snapshot_is_taken_of_another_disk_of_that_name",
        ),
    ),
    Mutant(
        name="something of the same name that another made is taken for the step's own",
        file="bot/azure/ownership.py",
        old='    if other_tag(resource, expect["tags"]):\n        return _NOT_OURS\n',
        new="",
        tests=(f"{ACTIONS}snapshots.py::test_what_is_not_this_requests_is_left_alone",),
    ),
    Mutant(
        name="an OS disk that nobody planned is swapped",
        file="bot/azure/machines.py",
        old='        if same_id(in_place, expected(step)["disk_id"]):',
        new='        if in_place and expected(step)["disk_id"]:',
        tests=(f"{ACTIONS}restoring.py::test_an_os_disk_that_nobody_planned_is_not_swapped",),
    ),
    Mutant(
        name="a snapshot counts as there before Azure has copied it",
        file="bot/azure/verb.py",
        old='    is_there = state == "succeeded" and percent in (None, 100)\n',
        new='    is_there = state == "succeeded"\n',
        tests=(
            f"{ACTIONS}snapshots.py"
            "::test_a_snapshot_of_an_ultra_disk_is_there_only_when_all_is_copied",
        ),
    ),
    Mutant(
        name="the name of a snapshot is not derived from its disk, so two disks share one",
        file="bot/requests/names.py",
        old="digest = hashlib.sha256(key.lower().encode())",
        new="digest = hashlib.sha256(label.lower().encode())",
        tests=("tests/requests/test_planning_names.py",),
    ),
    Mutant(
        name="the name of what a request makes is not derived from the request",
        file="bot/requests/names.py",
        old='    start = f"{PREFIX}-{request_id}-" if request_id else f"{PREFIX}-"\n',
        new='    start = f"{PREFIX}-"\n',
        tests=("tests/requests/test_planning_names.py",),
    ),
    Mutant(
        name="a change of tags drops those that others set",
        file="bot/azure/retag.py",
        old='{"tags": {**kept, **sent(step)["tags"]}}',
        new='{"tags": {**sent(step)["tags"]}}',
        tests=(
            f"{ACTIONS}restoring.py::test_what_is_kept_longer_says_so_and_keeps_its_other_tags",
        ),
    ),
)
