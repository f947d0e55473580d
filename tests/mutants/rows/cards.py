"""Cards by id, what is done with what was made, and who hears directly."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

RULES = "bot/requests/approval/"
CLICKS = "tests/requests/test_rules_by_id.py::"
BY_ID = "tests/workflow/test_workflow_by_id.py::"
DELETING = "tests/workflow/test_workflow_delete_now.py::"

COSTS = "tests/bot/test_bot_cost_follows.py::"
CHOICES = "tests/workflow/test_workflow_vm_choices.py::"

ROWS = (
    Mutant(
        name="whom the settings do not name is offered VMs",
        file="bot/vm_choices.py",
        old="if not known or not self._may_ask(requester):",
        new="if not known:",
        tests=(
            f"{CHOICES}test_whom_the_settings_do_not_name_is_offered_no_vm",
            f"{CHOICES}test_who_is_not_known_yet_is_offered_nothing_and_slack_is_not_asked",
        ),
    ),
    Mutant(
        name="a form shows the cost of what was chosen before",
        file="bot/slack/inbound/cost_follows.py",
        old="if form.chosen == number:",
        new="if number:",
        tests=(f"{COSTS}test_a_late_answer_never_takes_the_place_of_a_newer_one",),
    ),
    Mutant(
        name="a late cost takes the place of a form that was sent",
        file="bot/slack/inbound/modals.py",
        old='known = {"hash": known_hash} if known_hash else {}',
        new="known: dict[str, str] = {}",
        tests=(f"{COSTS}test_an_answer_that_comes_after_the_form_was_sent_changes_nothing",),
    ),
    Mutant(
        name="a VM that no rule has is offered",
        file="bot/vm_choices.py",
        old="if wanted in one.name.lower() and has_rule(one, self.rules)",
        new="if wanted in one.name.lower()",
        tests=(f"{CHOICES}test_a_vm_that_no_rule_has_is_offered_to_nobody",),
    ),
    Mutant(
        name="anybody cancels by id",
        file=f"{RULES}clicks.py",
        old="""    ruling = _by_rule(case, plan)
    if not ruling.allowed:  # nobody else is told how a request stands that is over
        return _refused(ruling)
    return replace(_ended_or_stopped(case), why_allowed=ruling.why)


def _may_stop(""",
        new="""    ruling = _by_rule(case, plan)
    return replace(_ended_or_stopped(case), why_allowed=ruling.why)


def _may_stop(""",
        tests=(f"{CLICKS}test_nobody_else_cancels_by_id_or_learns_how_a_request_stands",),
    ),
    Mutant(
        name="a button of another revision counts, as a cancellation by id does",
        file=f"{RULES}clicks.py",
        old="if click.kind is not ClickKind.WITHDRAW:",
        new="if click.kind is ClickKind.APPROVE:",
        tests=(
            "tests/requests/test_rules_clicks.py::test_a_button_of_another_revision_says_look_again",
        ),
    ),
    Mutant(
        name="whoever may neither ask nor decide has things deleted",
        file=f"{RULES}clicks.py",
        old="if not ruling.allowed and not _by_rule(case, plan).allowed:",
        new="if ruling.is_unknown:",
        tests=(f"{CLICKS}test_who_may_not_ask_may_not_ask_for_a_deletion_either",),
    ),
    Mutant(
        name="what is not done is deleted early",
        file=f"{RULES}clicks.py",
        old="if request.state is not State.DONE or plan is None or facts.effect",
        new="if plan is None or facts.effect",
        tests=(f"{CLICKS}test_only_what_is_done_is_deleted_early",),
    ),
    Mutant(
        name="the snapshots of another person are deleted without an approval",
        file="bot/actions/delete/facts.py",
        old=" and set(plan.of_requesters) <= {requester}",
        new="",
        tests=(
            f"{DELETING}test_those_of_another_person_are_deleted_only_once_somebody_else_approves",
        ),
    ),
    Mutant(
        name="people are asked to approve the deletion of an attached disk",
        file="bot/workflow/deletable.py",
        old="if found.state in (LookState.FAILED, LookState.FOREIGN):",
        new="if found.state is LookState.FOREIGN:",
        tests=(f"{DELETING}test_an_attached_disk_is_refused_before_anybody_is_asked",),
    ),
    Mutant(
        name="a card that is gone is posted anew for each who asks",
        file="bot/database/cards.py",
        old="AND (ts <> '' OR shown_version >= wanted_version))",
        new=")",
        tests=(
            "tests/database/test_store_outbox.py"
            "::test_of_two_who_found_a_card_given_up_one_posts_it_anew",
        ),
    ),
    Mutant(
        name="who is not in the channel of the card hears nothing",
        file="bot/slack/outbox.py",
        old="await self._is_member(pending.unless_in, pending.user_id):",
        new="await self._is_member(pending.unless_in, pending.user_id) is not False:",
        tests=(
            "tests/slack/test_bot_slack_direct.py"
            "::test_where_slack_does_not_say_who_is_there_it_is_told_directly",
        ),
    ),
)
