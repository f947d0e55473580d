"""Who may approve, what an approval is bound to, and that it is judged again at the beginning."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

RULES, WHO = "bot/requests/approval/", "bot/requests/approval/who_may.py"
CHECK, CHOOSE = "bot/workflow/approval_check.py", "bot/requests/approval/choose_rule.py"
PURE, FLOW = "tests/requests/test_", "tests/workflow/test_workflow_"

ROWS = (
    Mutant(
        name="whoever may not ask is told what there is",
        file="bot/known_at_once.py",
        old="            if await self._may_ask(requester, wish.action):\n",
        new="            if wish.action:\n",
        tests=(
            f"{FLOW}known_at_once.py::test_whoever_may_not_ask_does_not_learn_what_there_is",
            f"{FLOW}known_at_once.py::test_only_vms_that_a_rule_covers_are_offered",
        ),
    ),
    Mutant(
        name="the names of VMs that no rule covers are offered",
        file="bot/known_at_once.py",
        old="[one.name for one in known if has_rule(one, self.rules)]",
        new="[one.name for one in known]",
        tests=(f"{FLOW}known_at_once.py::test_only_vms_that_a_rule_covers_are_offered",),
    ),
    Mutant(
        name="whoever may not ask has a deletion put before the approvers",
        file="bot/workflow/state_planning.py",
        old="    if not await _is_clean_up(ports, request):  # that was judged with its button\n",
        new="    if request.row.facts.effect is not Effect.DELETES:\n",
        tests=(
            f"{FLOW}deleting.py::test_whoever_may_not_ask_gets_no_deletion_before_the_approvers",
        ),
    ),
    Mutant(
        name="one approves one's own request from another workspace",
        file=WHO,
        old="person is None or person.user_id != requester.user_id:",
        new="""\
person is None or (person.team_id, person.user_id) != (
        requester.team_id,
        requester.user_id,
    ):""",
        tests=(f"{PURE}rules_deciding.py",),
    ),
    Mutant(
        name="the requester's own approval counts at the beginning",
        file=WHO,
        old="tuple(one for one in first.values() if one.user_id != requester.user_id)",
        new="tuple(first.values())",
        tests=(f"{PURE}rules_deciding.py",),
    ),
    Mutant(
        name="an approval of another plan counts",
        file=WHO,
        old="if (approval.revision, approval.plan_hash) == (revision, plan_hash):",
        new="if approval.revision == revision:",
        tests=(f"{PURE}rules_deciding.py",),
    ),
    Mutant(
        name="guests decide",
        file=WHO,
        old="        (person.is_guest, RulingReason.GUEST),\n",
        new="",
        tests=(f"{PURE}rules_deciding.py",),
    ),
    Mutant(
        name="two approvals of one group stand for those of two groups",
        file=WHO,
        old="        if within.count(Within.YES) >= demand.approvals:\n            continue",
        new="        if len(people) >= demand.approvals:\n            continue",
        tests=(f"{PURE}rules_deciding.py", f"{PURE}rules_clicks.py"),
    ),
    Mutant(
        name="the approval is judged at the click and not at the beginning",
        file=CHECK,
        old="    return () if ruling.allowed else (ruling.sentence,)",
        new="    return ()",
        tests=(f"{FLOW}voiding.py::test_an_approver_who_left_the_group_or_the_company_voids_it",),
        asks_chaos=True,
    ),
    Mutant(
        name="an approval is begun however old it is",
        file=CHECK,
        old="    if not age.allowed:\n        return (age.sentence,)\n",
        new="",
        tests=(f"{FLOW}voiding.py::test_an_approval_that_was_not_begun_in_time_is_void",),
    ),
    Mutant(
        name="an approval is begun at the very end of its time",
        file=WHO,
        old="now >= approved_at + begin_within",
        new="now > approved_at + begin_within",
        tests=(f"{PURE}rules_deciding.py",),
    ),
    Mutant(
        name="a group is as it was up to a minute ago when the work begins",
        file=CHECK,
        old="groups = await slack.groups(group_ids, fresh=True)",
        new="groups = await slack.groups(group_ids)",
        tests=(f"{FLOW}voiding.py::test_an_approver_who_left_the_group_or_the_company_voids_it",),
    ),
    Mutant(
        name="a group is as it was up to a minute ago when somebody clicks",
        file="bot/workflow/clicks.py",
        old="people.groups(group_ids, fresh=True)",
        new="people.groups(group_ids)",
        tests=(f"{FLOW}deciding.py::test_who_left_the_group_after_the_plan_decides_nothing",),
    ),
    Mutant(
        name="a reading of a minute ago counts as fresh",
        file="bot/slack/remembered.py",
        old="(FRESH_SECONDS if fresh else self._kept_seconds)",
        new="self._kept_seconds",
        tests=(
            "tests/slack/test_bot_slack_people.py"
            "::test_a_fresh_reading_serves_decisions_for_ten_seconds_and_not_longer",
        ),
    ),
    Mutant(
        name="what changed since the approval is not compared",
        file="bot/workflow/state_approved.py",
        old="(*void, *what_changed(plan, again, ports.rules.price_rise_percent))",
        new="void",
        tests=(
            f"{FLOW}voiding.py::test_a_change_after_the_approval_is_shown_and_needs_a_new_approval",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="whoever asked and left the company has the request carried out",
        file="bot/workflow/state_approved.py",
        old="        await approval_check.require_requester(approved)\n",
        new="",
        tests=(f"{FLOW}requester.py::test_a_request_whose_requester_left_does_not_begin",),
    ),
    Mutant(
        name="the work begins on what is being deleted",
        file="bot/workflow/state_approved.py",
        old="        await approval_check.require_no_deletion(approved)\n",
        new="",
        tests=(f"{FLOW}running.py::test_a_request_that_is_being_cleaned_up_is_not_resumed",),
    ),
    Mutant(
        name="the plan's hash does not hold the settings",
        file="bot/requests/plan_hash.py",
        old='        "settings_digest": plan.settings_digest,\n',
        new="",
        tests=(f"{PURE}planning_hash.py",),
    ),
    Mutant(
        name="the plan's hash does not hold the identity of the disks",
        file="bot/requests/plan_hash.py",
        old='        "unique_id": disk.unique_id.lower(),\n',
        new="",
        tests=(f"{PURE}planning_hash.py",),
    ),
    Mutant(
        name="a rule of a tag stands alone, so a tag opens what no rule opens",
        file=CHOOSE,
        old="    if not any(not rule.tags for rule in matching):",
        new="    if not matching:",
        tests=(f"{PURE}rules_choosing.py",),
    ),
    Mutant(
        name="of two rules that hold the looser one says what goes without approval",
        file=CHOOSE,
        old="    if len(free) < len(matching):",
        new="    if not free:",
        tests=(f"{PURE}rules_choosing.py",),
    ),
    Mutant(
        name="a rule with tags allows another region",
        file=CHOOSE,
        old="for rule in matching if not rule.tags)\n\n\ndef _strictest",
        new="for rule in matching)\n\n\ndef _strictest",
        tests=(f"{PURE}rules_regions.py",),
    ),
    Mutant(
        name="a plan without a price goes without approval",
        file=CHOOSE,
        old="""\
    if free is None or plan.keep is None or cost is None:
        return True
    return cost >=""",
        new="""\
    if free is None or plan.keep is None:
        return True
    return (cost or Decimal(0)) >=""",
        tests=(f"{PURE}rules_choosing.py",),
    ),
    Mutant(
        name="a letter that looks the same takes a VM out of its rule",
        file=f"{RULES}tag_match.py",
        old=".translate(_SMALL)",
        new="",
        tests=(f"{PURE}rules_tags.py",),
    ),
    Mutant(
        name="a tag that was taken off before the asking counts no more",
        file=f"{RULES}tag_match.py",
        old="        if as_read(one.name) == wanted_name and as_read(one.value) in wanted:\n"
        "            return one\n",
        new="        return None\n",
        tests=(f"{PURE}rules_tags.py",),
    ),
    Mutant(
        name="a button decides in any channel",
        file=f"{RULES}clicks.py",
        old="    if click.channel_id != request.channel_id:",
        new="    if not click.channel_id:",
        tests=(f"{PURE}rules_clicks.py",),
    ),
    Mutant(
        name="a click is answered no, and lost, where Slack limits the readings",
        file="bot/workflow/clicks.py",
        old="SlackSays(person=None, groups={}, wait_seconds=throttled.seconds)",
        new="SlackSays(person=None, groups={})",
        tests=(
            f"{FLOW}patch_day.py::test_a_click_that_meets_slacks_limit_is_stored_and_judged_afterwards",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="a broken glass approves the later revisions, too",
        file=f"{RULES}break_glass.py",
        old="request.revision == BREAK_GLASS_REVISION",
        new="request.revision >= BREAK_GLASS_REVISION",
        tests=(
            f"{FLOW}break_glass.py"
            "::test_a_later_revision_of_a_break_glass_request_rests_on_its_approver",
        ),
    ),
    Mutant(
        name="a broken glass does not take the place of what waits",
        file="bot/workflow/break_glass.py",
        old="request.wish.break_glass and change.to is State.APPROVED",
        new="request.wish.break_glass and change.to is State.WAITING",
        tests=(
            f"{FLOW}break_glass.py"
            "::test_break_glass_takes_the_place_of_what_still_waits_whoever_asked",
        ),
    ),
    Mutant(
        name="a broken glass supersedes what is approved already",
        file="bot/workflow/break_glass.py",
        old="first.state is not State.WAITING:",
        new="first.state not in (State.WAITING, State.APPROVED):",
        tests=(f"{FLOW}break_glass.py::test_break_glass_follows_what_is_approved_already",),
    ),
)
