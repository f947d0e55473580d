"""Who decides, from the asking to the end: approvals, denials, time, money, break-glass."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.composition.request_parts import ports_of, render_of
from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA, DENNIS, GRACE, LINUS, OLU, Person
from tests.workflow.test_workflow_voiding import vm_of
from tests.workflow.workflow_system import QUICK, SETTINGS, PlansOnce, System

TEXT = SETTINGS.read_text()
RULE = '[[requests.rules]]\nname = "everything"\nchannel = "C01OPS"\n'
FREE = RULE + 'without_approval = {cost_below = 100, keep_at_most = "1d"}\n'


async def state_of(system: System, request_id: str) -> State:
    return (await system.get(request_id)).state


# --- approvals -------------------------------------------------------------------------------


async def test_two_approvals_are_of_two_people(system: System) -> None:
    """The rule of production data wants two; one person's second press is not the second."""
    request_id = await system.ask("sql-02")
    await system.approve(request_id, GRACE.id)
    again = await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    assert "You approved this already" in await system.answer(again)
    assert await state_of(system, request_id) is State.WAITING
    assert system.snapshots(request_id) == []
    await system.approve(request_id, LINUS.id)
    assert await state_of(system, request_id) is State.DONE
    (made, *_) = system.snapshots(request_id)
    assert made["tags"]["vmbackup-approvers"] == f"{GRACE.id} {LINUS.id}"


async def test_of_two_approvers_at_once_one_wins_and_the_other_reads_who_was_first(
    system: System,
) -> None:
    request_id = await system.ask("dev-04")
    clicks = await asyncio.gather(
        *(system.press(request_id, ClickKind.APPROVE, who) for who in (GRACE.id, LINUS.id))
    )
    answers = [await system.answer(click) for click in clicks]
    assert sum("Approved:" in answer for answer in answers) == 1
    (other,) = (answer for answer in answers if "Approved:" not in answer)
    (approval,) = await system.store.approvals(request_id)
    assert f"{approval.user_name} approved it first" in other
    await system.workflow.carry_on(request_id)
    assert len(system.snapshots(request_id)) == 1


async def test_one_denial_ends_a_request_that_has_an_approval(system: System) -> None:
    request_id = await system.ask("sql-02")
    await system.approve(request_id, GRACE.id)
    await system.press(request_id, ClickKind.DENY, LINUS.id, text="Not during the audit.")
    late = await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    assert await state_of(system, request_id) is State.DENIED
    assert "decided already" in await system.answer(late)
    assert "Not during the audit." in await system.notes(request_id)
    assert await system.reserved() == 0
    assert system.snapshots(request_id) == []


@pytest.mark.parametrize("who", [ADA, OLU, DENNIS], ids=lambda each: each.name)
async def test_those_who_may_not_decide_decide_nothing(system: System, who: Person) -> None:
    """The requester herself, a stranger of a shared channel, a person who left."""
    request_id = await system.ask("dev-04")
    click = await system.press(request_id, ClickKind.APPROVE, who.id)
    await system.workflow.carry_on(request_id)
    assert await system.answer(click)
    assert await system.store.approvals(request_id) == ()
    assert await state_of(system, request_id) is State.WAITING


# --- time ------------------------------------------------------------------------------------


async def test_those_who_approve_are_reminded_once_each_time_and_then_it_lapses(
    system: System,
) -> None:
    request_id = await system.ask("dev-04")
    for hours, reminders in ((1, 1), (0, 1), (3, 2), (0, 2)):
        await system.later(request_id, timedelta(hours=hours, seconds=1))
        await system.at_once(request_id)
        assert (await system.notes(request_id)).count("still waits for approval") == reminders
    ((reminded,),) = await system.rows(
        "SELECT count(*) FROM audit WHERE request_id = %s AND kind = 'reminded'", request_id
    )
    assert reminded == 2
    await system.later(request_id, timedelta(hours=4))
    late = await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    assert "The time to decide is over" in await system.answer(late)
    await system.at_once(request_id)
    assert await state_of(system, request_id) is State.LAPSED
    assert await system.reserved() == 0
    assert "Nobody decided" in await system.notes(request_id)


# --- money -----------------------------------------------------------------------------------


async def test_a_budget_holds_what_is_asked_for_and_gets_it_back(system: System) -> None:
    first = await system.ask("web-01")
    one = await system.reserved()
    assert one > 0
    system.with_rules(TEXT.replace("a_month = 500", f"a_month = {one * Decimal('1.5'):.4f}"))
    second = await system.ask("web-02")
    request = await system.get(second)
    assert request.state is State.REFUSED
    assert "budget" in request.why
    assert await system.reserved() == one
    await system.press(first, ClickKind.CANCEL, ADA.id)
    assert await state_of(system, first) is State.CANCELLED
    assert await system.reserved() == 0
    done = await system.complete("web-02")
    assert await system.reserved() == one  # spent, not given back
    assert system.snapshots(done)


async def test_a_plan_that_is_asked_again_reserves_its_own_price(system: System) -> None:
    request_id = await system.ask("web-01")
    before = await system.reserved()
    await system.approve(request_id, begin=False)
    system.at_prices("2")
    await system.workflow.carry_on(request_id)
    assert await state_of(system, request_id) is State.WAITING
    assert await system.reserved() > before
    await system.approve(request_id, begin=False)
    system.at_prices("100000")
    await system.at_once(request_id)
    request = await system.get(request_id)
    assert request.state is State.FAILED
    assert "budget" in request.why
    assert await system.reserved() == 0
    assert system.snapshots(request_id) == []


# --- rules -----------------------------------------------------------------------------------


async def test_below_the_cost_and_retention_of_the_rule_nobody_approves(system: System) -> None:
    system.with_rules(TEXT.replace(RULE, FREE))
    free = await system.ask("dev-04", keep=timedelta(days=1))
    longer = await system.ask("web-01", keep=timedelta(days=2))
    assert await state_of(system, free) is State.DONE
    assert len(system.snapshots(free)) == 1
    assert "No approval is needed" in await system.notes(free)
    assert await state_of(system, longer) is State.WAITING


async def test_a_half_done_request_without_approval_has_its_buttons(system: System) -> None:
    system.with_rules(TEXT.replace(RULE, FREE))
    system.azure.faults.add(
        Fault(Kind.STATUS, "Snapshots_CreateOrUpdate", path="data", times=None, status=409,
              code="ScopeLocked", message="are locked: 'x'.")
    )  # fmt: skip
    request_id = await system.ask("web-01", keep=timedelta(days=1))
    assert await state_of(system, request_id) is State.HALF_DONE
    await system.press(request_id, ClickKind.CLEAN_UP, ADA.id)
    await system.workflow.carry_on((await system.of(request_id))[0])
    assert await state_of(system, request_id) is State.CLEANED_UP


async def test_without_a_rule_nobody_may_and_it_says_what_to_configure(system: System) -> None:
    system.with_rules("[requests.ask]\neverybody = true\n")
    request = await system.get(await system.ask())
    assert request.state is State.REFUSED
    assert "requests.rules" in request.why
    system.with_rules("")
    request = await system.get(await system.ask())
    assert request.state is State.REFUSED
    assert "requests.ask" in request.why


@pytest.mark.parametrize(
    ("channel", "more", "said"),
    [
        ("C02RANDOM", "", "not a member"),
        ("C04PARTNER", "", "shared with another workspace"),
        ("C0NOWHERE", "", "C0NOWHERE"),
        ("C04PARTNER", "external_channel = true\n", ""),
    ],
)
async def test_the_channel_of_the_card_is_checked_at_the_asking(
    system: System, channel: str, more: str, said: str
) -> None:
    system.with_rules(TEXT.replace(RULE, RULE.replace("C01OPS", channel) + more))
    request = await system.get(await system.ask("dev-04"))
    assert request.state is (State.REFUSED if said else State.WAITING)
    assert said in request.why


# --- break-glass -----------------------------------------------------------------------------


async def test_break_glass_takes_at_once_is_announced_and_reviewed_by_another_person(
    system: System,
) -> None:
    request_id = await system.ask("dev-04", break_glass=True)
    request = await system.get(request_id)
    assert request.state is State.DONE
    assert request.plan is not None
    assert request.plan.keep == timedelta(hours=24)
    assert len(system.snapshots(request_id)) == 1
    assert "broke the glass" in await system.notes(request_id)
    own = await system.press(request_id, ClickKind.LOOKED, ADA.id)
    assert "You broke this glass" in await system.answer(own)
    await system.press(request_id, ClickKind.LOOKED, LINUS.id)
    assert (await system.get(request_id)).looked_by == LINUS.id
    await system.later(request_id, timedelta(hours=5))
    await system.workflow.look_after()
    assert "Nobody looked" not in await system.notes(request_id)


async def test_a_missing_review_is_escalated_once(system: System) -> None:
    request_id = await system.ask("dev-04", break_glass=True)
    await system.workflow.look_after()
    assert "Nobody looked" not in await system.notes(request_id)
    await system.later(request_id, timedelta(hours=4, seconds=1))
    await system.workflow.look_after()
    await system.workflow.look_after()
    assert (await system.notes(request_id)).count("Nobody looked") == 1


async def test_no_review_is_escalated_into_a_shared_channel(system: System) -> None:
    """The break-glass channel gets the note, and the audit says why the other one does not."""
    system.with_rules(TEXT.replace('escalate_to = "C01OPS"', 'escalate_to = "C04PARTNER"'))
    request_id = await system.ask("dev-04", break_glass=True)
    await system.later(request_id, timedelta(hours=5))
    await system.workflow.look_after()
    rows = await system.rows(
        "SELECT channel_id FROM messages WHERE request_id = %s AND key = 'escalated'", request_id
    )
    assert rows == [("C01OPS",)]
    entries = await system.rows(
        "SELECT kind, detail::text FROM audit WHERE request_id = %s", request_id
    )
    said = dict(entries)
    assert "C04PARTNER is shared with another workspace" in said["escalated"]
    assert '"escalates_to": "C01OPS"' in said["broke the glass"]


async def test_break_glass_is_limited_by_times_retention_and_persons(system: System) -> None:
    refusals = {
        await system.ask("web-01", break_glass=True, keep=timedelta(hours=25)): "24",
        await system.ask("web-01", user=LINUS.id, break_glass=True): "may not break the glass",
    }
    for vm in ("dev-04", "api-arm-01"):
        assert await state_of(system, await system.ask(vm, break_glass=True)) is State.DONE
    refusals[await system.ask("web-01", break_glass=True)] = "this week"
    for request_id, why in refusals.items():
        request = await system.get(request_id)
        assert request.state is State.REFUSED
        assert why in request.why


async def test_a_void_break_glass_request_is_approved_like_any_other(system: System) -> None:
    once = PlansOnce(ports_of(system.connections, system.acts, QUICK).plans)
    request_id = await system.ask("dev-04", by=system.workflow_with(plans=once), break_glass=True)
    assert await state_of(system, request_id) is State.APPROVED
    await system.later(request_id, timedelta(minutes=61))
    await system.at_once(request_id)
    request = await system.get(request_id)
    assert (request.state, request.look_by) == (State.WAITING, None)
    assert system.snapshots(request_id) == []
    await system.approve(request_id, LINUS.id)
    assert await state_of(system, request_id) is State.DONE


# --- one at a time ---------------------------------------------------------------------------


async def test_a_second_request_for_the_same_vm_is_pointed_to_the_first(system: System) -> None:
    first, second = await system.ask("web-01"), await system.ask("web-01", user=LINUS.id)
    assert await state_of(system, first) is State.WAITING
    request = await system.get(second)
    assert request.state is State.REFUSED
    assert first in await system.notes(second)
    assert "You asked for one already" not in await system.notes(second)
    mine = await system.notes(await system.ask("web-01"))
    assert f"You asked for one already: {first}" in mine
    await system.press(first, ClickKind.CANCEL, ADA.id)
    assert await state_of(system, await system.ask("web-01")) is State.WAITING


@pytest.mark.parametrize("kind", [ClickKind.APPROVE, ClickKind.DENY])
async def test_a_group_that_is_unreadable_at_the_click_decides_nothing(
    system: System, kind: ClickKind
) -> None:
    """The reading that the plan used a moment ago does not say who may decide now."""
    request_id = await system.ask("dev-04")
    system.slack.faults.add(Fault(Kind.STATUS, "usergroups.users.list", status=500, times=None))
    click = await system.press(request_id, kind, GRACE.id, text="no")
    assert "does not say now who belongs" in await system.answer(click)
    assert await state_of(system, request_id) is State.WAITING
    assert await system.store.approvals(request_id) == ()


async def test_a_person_who_is_unreadable_at_the_click_decides_nothing(system: System) -> None:
    request_id = await system.ask("dev-04")
    await system.connections.people.person(GRACE.id)
    system.slack.faults.add(Fault(Kind.STATUS, "users.info", status=500, times=None))
    await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    assert await state_of(system, request_id) is State.WAITING


async def test_who_left_the_group_after_the_plan_decides_nothing(system: System) -> None:
    request_id = await system.ask("dev-04")
    await system.press(request_id, ClickKind.DENY, DENNIS.id, text="no")  # the group is read
    system.slack.set_group("grace")
    system.age_readings()
    await system.press(request_id, ClickKind.DENY, LINUS.id, text="no")
    assert await state_of(system, request_id) is State.WAITING


async def test_twenty_clicks_in_a_row_ask_slack_for_a_group_a_few_times(system: System) -> None:
    """Slack allows 20 calls a minute, and only the groups of the rule that holds are read."""
    request_id = await system.ask("dev-04")
    before = system.slack.counts["usergroups.users.list"]
    for number in range(20):
        await system.press(request_id, ClickKind.DENY, (GRACE, LINUS)[number % 2].id)
    assert system.slack.counts["usergroups.users.list"] - before <= 5


# --- what the card and the thread say --------------------------------------------------------


TWO_DEMANDS = """
[requests.ask]
everybody = true
[[requests.rules]]
name = "everything"
channel = "C01OPS"
approver_users = ["GRACE"]
[[requests.rules]]
name = "web"
tags = {TAGS}
channel = "C01OPS"
approver_users = ["LINUS"]
"""


async def card_of(system: System, request_id: str) -> str:
    """The card as it would be sent now: its text and its blocks."""
    card = await render_of(system.store, system.connections.rules, system.connections.people)(
        request_id
    )
    assert card is not None
    return f"{card.text}\n{card.blocks}"


async def test_of_two_demands_the_thread_and_the_card_say_which_is_open(system: System) -> None:
    (name, value), *_ = vm_of(system, "web-01")["tags"].items()
    rules = TWO_DEMANDS.replace("GRACE", GRACE.id).replace("LINUS", LINUS.id)
    system.with_rules(rules.replace("TAGS", f'{name} = ["{value}"]'))
    request_id = await system.ask("web-01")
    assert f"1 person of {GRACE.id}; 1 person of {LINUS.id}" in await card_of(system, request_id)
    await system.approve(request_id, GRACE.id)
    assert await state_of(system, request_id) is State.WAITING
    assert f"More are needed: 1 person of {LINUS.id}." in await system.notes(request_id)
    card = await card_of(system, request_id)
    assert f"1 approval so far; still needed: 1 person of {LINUS.id}" in card
    assert "1 of 1" not in card
    await system.approve(request_id, LINUS.id, begin=False)
    assert "Enough: it is checked once more" in await system.notes(request_id)


async def test_the_thread_says_why_its_rule_holds_and_what_the_budget_has_left(
    system: System,
) -> None:
    request_id = await system.ask("web-01")
    said = await system.notes(request_id)
    (team,) = system.connections.rules.teams
    left = f"{team.a_month - await system.reserved():,.2f} {team.currency}"
    assert f"the team {team.name} has {left} left" in said
    assert "it holds for" in said
