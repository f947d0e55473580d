"""How requests and points end: expiry, deletion, clean-up, reminders, escalation."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

FLOW, LISTING = "tests/workflow/test_workflow_", "tests/database/test_store_listing.py"

ROWS = (
    Mutant(
        name="a point that is extended meanwhile is deleted",
        file="bot/workflow/begin_steps.py",
        old="any(_is_retained(one, approved.now) for one in due)",
        new="all(_is_retained(one, approved.now) for one in points)",
        tests=(
            f"{FLOW}deleting.py"
            "::test_nothing_is_deleted_where_one_point_of_two_was_extended_meanwhile",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="an expiry deletes every point of the request, also those that were extended",
        file="bot/workflow/reminders_and_expiry.py",
        old="named = tuple(expired) if len(expired) < len(points) else ()",
        new="named = tuple(expired) if len(expired) > len(points) else ()",
        tests=(f"{FLOW}extension.py::test_an_extension_of_one_point_leaves_the_others_to_expire",),
    ),
    Mutant(
        name="what is being extended or restored is deleted as expired",
        file="bot/database/queries.py",
        old="""\

              OR other.action <> ALL(%(deleting)s)
                  AND other.state IN ('approved', 'running')))""",
        new="))",
        tests=(f"{LISTING}::test_what_is_being_extended_is_not_deleted_meanwhile",),
    ),
    Mutant(
        name="a deletion that failed is asked for again at once, without an end",
        file="bot/database/queries.py",
        old="other.finished_at > vmbackup_now() - %(pause)s",
        new="other.finished_at > vmbackup_now() + %(pause)s",
        tests=(f"{LISTING}::test_what_expired_is_found_until_somebody_deletes_it",),
    ),
    Mutant(
        name="a half-done request that is denied is over, and nobody cleans up",
        file="bot/workflow/click_changes.py",
        old="""\
notes.denied(request, click.user_id, click.text, head, exists=exists),
        )
        + accepted.told("denied", direct_notes.denied(request, click.user_id, click.text)),
        wake_in=None,
    )
    return return_to_half_done(request, change) if exists else change""",
        new="""\
notes.denied(request, click.user_id, click.text, head, exists=exists),
        )
        + accepted.told("denied", direct_notes.denied(request, click.user_id, click.text)),
        wake_in=None,
    )
    return change""",
        tests=(
            f"{FLOW}running.py"
            "::test_half_done_that_is_asked_again_and_denied_can_still_be_cleaned_up",
        ),
    ),
    Mutant(
        name="a half-done request is cleaned up while a point of it is left",
        file="bot/workflow/deletion.py",
        old="    if await ports.store.points(request_id=source_id, alive=True):\n        return\n",
        new="",
        tests=(
            f"{FLOW}deleting.py"
            "::test_a_deletion_that_is_refused_leaves_a_half_done_request_to_be_cleaned_up",
        ),
    ),
    Mutant(
        name="the end of a clean-up does not name what Azure did not delete",
        file="bot/workflow/deletion.py",
        old="left = await rest_of(ports, await ports.store.steps(source_id))",
        new="left: list[str] = []",
        tests=(
            f"{FLOW}left.py::test_what_azure_does_not_delete_is_named_when_the_rest_is_cleaned_up",
        ),
    ),
    Mutant(
        name="what cannot be looked at after a clean-up counts as gone",
        file="bot/workflow/rollback.py",
        old="    except (RefusedForNow, RefusedForGood):\n        return True",
        new="    except (RefusedForNow, RefusedForGood):\n        return False",
        tests=(
            f"{FLOW}left.py::test_what_cannot_be_looked_at_when_the_rest_is_cleaned_up_is_named",
        ),
    ),
    Mutant(
        name="a missing review is not escalated once somebody asks again",
        file="bot/workflow/new_revision.py",
        old='"look_by": request.look_by if approved.points else None,',
        new='"look_by": None,',
        tests=(
            f"{FLOW}break_glass.py::test_a_missing_review_is_escalated_while_the_request_waits_again",
        ),
    ),
    Mutant(
        name="what a resume makes is deleted before what was extended meanwhile",
        file="bot/workflow/begin_steps.py",
        old="return max(by_plan, before) if by_plan and before else by_plan",
        new="return by_plan",
        tests=(
            f"{FLOW}extension.py::test_what_a_resume_makes_is_kept_as_long_as_what_was_extended",
        ),
    ),
)
