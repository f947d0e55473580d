"""Who decides, from the asking to the end: approvals, denials, time, money and broken glass."""

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
from tests.workflow.told import QUICK, SETTINGS, Once, Told

TEXT = SETTINGS.read_text()
RULE = '[[requests.rules]]\nname = "everything"\nchannel = "C01OPS"\n'
FREE = RULE + 'without_approval = {cost_below = 100, keep_at_most = "1d"}\n'


async def state_of(tale: Told, request_id: str) -> State:
    return (await tale.get(request_id)).state


# --- approvals -------------------------------------------------------------------------------


async def test_two_approvals_are_of_two_people(tale: Told) -> None:
    """The rule of production data wants two; one person's second press is not the second."""
    request_id = await tale.ask("sql-02")
    await tale.approve(request_id, GRACE.id)
    again = await tale.press(request_id, ClickKind.APPROVE, GRACE.id)
    assert "You approved this already" in await tale.answer(again)
    assert await state_of(tale, request_id) is State.WAITING
    assert tale.snapshots(request_id) == []
    await tale.approve(request_id, LINUS.id)
    assert await state_of(tale, request_id) is State.DONE
    (made, *_) = tale.snapshots(request_id)
    assert made["tags"]["vmbackup-approvers"] == f"{GRACE.id} {LINUS.id}"


async def test_of_two_approvers_at_once_one_wins_and_the_other_reads_who_was_first(
    tale: Told,
) -> None:
    request_id = await tale.ask("dev-04")
    clicks = await asyncio.gather(
        *(tale.press(request_id, ClickKind.APPROVE, who) for who in (GRACE.id, LINUS.id))
    )
    answers = [await tale.answer(click) for click in clicks]
    assert sum("Approved:" in answer for answer in answers) == 1
    (other,) = (answer for answer in answers if "Approved:" not in answer)
    (approval,) = await tale.store.approvals(request_id)
    assert f"{approval.user_name} approved it first" in other
    await tale.workflow.carry_on(request_id)
    assert len(tale.snapshots(request_id)) == 1


async def test_one_denial_ends_it_whoever_approved_before(tale: Told) -> None:
    request_id = await tale.ask("sql-02")
    await tale.approve(request_id, GRACE.id)
    await tale.press(request_id, ClickKind.DENY, LINUS.id, text="Not during the audit.")
    late = await tale.press(request_id, ClickKind.APPROVE, GRACE.id)
    assert await state_of(tale, request_id) is State.DENIED
    assert "decided already" in await tale.answer(late)
    assert "Not during the audit." in await tale.notes(request_id)
    assert await tale.reserved() == 0
    assert tale.snapshots(request_id) == []


@pytest.mark.parametrize("who", [ADA, OLU, DENNIS], ids=lambda each: each.name)
async def test_those_who_may_not_decide_decide_nothing(tale: Told, who: Person) -> None:
    """The requester herself, a stranger of a shared channel, somebody who left."""
    request_id = await tale.ask("dev-04")
    click = await tale.press(request_id, ClickKind.APPROVE, who.id)
    await tale.workflow.carry_on(request_id)
    assert await tale.answer(click)
    assert await tale.store.approvals(request_id) == ()
    assert await state_of(tale, request_id) is State.WAITING


# --- time ------------------------------------------------------------------------------------


async def test_those_who_approve_are_reminded_once_each_time_and_then_it_lapses(
    tale: Told,
) -> None:
    request_id = await tale.ask("dev-04")
    for hours, reminders in ((1, 1), (0, 1), (3, 2), (0, 2)):
        await tale.later(request_id, timedelta(hours=hours, seconds=1))
        await tale.at_once(request_id)
        assert (await tale.notes(request_id)).count("still waits for approval") == reminders
    ((reminded,),) = await tale.rows(
        "SELECT count(*) FROM audit WHERE request_id = %s AND kind = 'reminded'", request_id
    )
    assert reminded == 2
    await tale.later(request_id, timedelta(hours=4))
    late = await tale.press(request_id, ClickKind.APPROVE, GRACE.id)
    assert "The time to decide is over" in await tale.answer(late)
    await tale.at_once(request_id)
    assert await state_of(tale, request_id) is State.LAPSED
    assert await tale.reserved() == 0
    assert "Nobody decided" in await tale.notes(request_id)


# --- money -----------------------------------------------------------------------------------


async def test_a_budget_holds_what_is_asked_for_and_gets_it_back(tale: Told) -> None:
    first = await tale.ask("web-01")
    one = await tale.reserved()
    assert one > 0
    tale.with_rules(TEXT.replace("a_month = 500", f"a_month = {one * Decimal('1.5'):.4f}"))
    second = await tale.ask("web-02")
    request = await tale.get(second)
    assert request.state is State.REFUSED
    assert "budget" in request.why
    assert await tale.reserved() == one
    await tale.press(first, ClickKind.CANCEL, ADA.id)
    assert await state_of(tale, first) is State.CANCELLED
    assert await tale.reserved() == 0
    done = await tale.done("web-02")
    assert await tale.reserved() == one  # spent, not given back
    assert tale.snapshots(done)


async def test_a_plan_that_is_asked_again_reserves_its_own_price(tale: Told) -> None:
    request_id = await tale.ask("web-01")
    before = await tale.reserved()
    await tale.approve(request_id, begin=False)
    tale.at_prices("2")
    await tale.workflow.carry_on(request_id)
    assert await state_of(tale, request_id) is State.WAITING
    assert await tale.reserved() > before
    await tale.approve(request_id, begin=False)
    tale.at_prices("100000")
    await tale.at_once(request_id)
    request = await tale.get(request_id)
    assert request.state is State.FAILED
    assert "budget" in request.why
    assert await tale.reserved() == 0
    assert tale.snapshots(request_id) == []


# --- rules -----------------------------------------------------------------------------------


async def test_below_the_cost_and_life_of_the_rule_nobody_approves(tale: Told) -> None:
    tale.with_rules(TEXT.replace(RULE, FREE))
    free = await tale.ask("dev-04", keep=timedelta(days=1))
    longer = await tale.ask("web-01", keep=timedelta(days=2))
    assert await state_of(tale, free) is State.DONE
    assert len(tale.snapshots(free)) == 1
    assert "No approval is needed" in await tale.notes(free)
    assert await state_of(tale, longer) is State.WAITING


async def test_what_went_without_approval_and_is_half_done_has_its_buttons(tale: Told) -> None:
    tale.with_rules(TEXT.replace(RULE, FREE))
    tale.azure.faults.add(
        Fault(Kind.STATUS, "Snapshots_CreateOrUpdate", path="data", times=None, status=409,
              code="ScopeLocked", message="are locked: 'x'.")
    )  # fmt: skip
    request_id = await tale.ask("web-01", keep=timedelta(days=1))
    assert await state_of(tale, request_id) is State.HALF_DONE
    await tale.press(request_id, ClickKind.CLEAN_UP, ADA.id)
    await tale.workflow.carry_on((await tale.of(request_id))[0])
    assert await state_of(tale, request_id) is State.CLEANED_UP


async def test_without_a_rule_nobody_may_and_it_says_what_to_configure(tale: Told) -> None:
    tale.with_rules("[requests.ask]\neverybody = true\n")
    request = await tale.get(await tale.ask())
    assert request.state is State.REFUSED
    assert "requests.rules" in request.why
    tale.with_rules("")
    request = await tale.get(await tale.ask())
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
    tale: Told, channel: str, more: str, said: str
) -> None:
    tale.with_rules(TEXT.replace(RULE, RULE.replace("C01OPS", channel) + more))
    request = await tale.get(await tale.ask("dev-04"))
    assert request.state is (State.REFUSED if said else State.WAITING)
    assert said in request.why


# --- broken glass ----------------------------------------------------------------------------


async def test_broken_glass_is_taken_at_once_loudly_and_looked_at_by_another(tale: Told) -> None:
    request_id = await tale.ask("dev-04", break_glass=True)
    request = await tale.get(request_id)
    assert request.state is State.DONE
    assert request.plan is not None
    assert request.plan.keep == timedelta(hours=24)
    assert len(tale.snapshots(request_id)) == 1
    assert "broke the glass" in await tale.notes(request_id)
    own = await tale.press(request_id, ClickKind.LOOKED, ADA.id)
    assert "You broke this glass" in await tale.answer(own)
    await tale.press(request_id, ClickKind.LOOKED, LINUS.id)
    assert (await tale.get(request_id)).looked_by == LINUS.id
    await tale.later(request_id, timedelta(hours=5))
    await tale.workflow.look_after()
    assert "Nobody looked" not in await tale.notes(request_id)


async def test_broken_glass_that_nobody_looks_at_is_escalated_once(tale: Told) -> None:
    request_id = await tale.ask("dev-04", break_glass=True)
    await tale.workflow.look_after()
    assert "Nobody looked" not in await tale.notes(request_id)
    await tale.later(request_id, timedelta(hours=4, seconds=1))
    await tale.workflow.look_after()
    await tale.workflow.look_after()
    assert (await tale.notes(request_id)).count("Nobody looked") == 1


async def test_nothing_is_escalated_into_a_channel_that_others_share(tale: Told) -> None:
    """It is said where the glass was broken, and the audit says why not where it was to be."""
    tale.with_rules(TEXT.replace('escalate_to = "C01OPS"', 'escalate_to = "C04PARTNER"'))
    request_id = await tale.ask("dev-04", break_glass=True)
    await tale.later(request_id, timedelta(hours=5))
    await tale.workflow.look_after()
    rows = await tale.rows(
        "SELECT channel_id FROM messages WHERE request_id = %s AND key = 'escalated'", request_id
    )
    assert rows == [("C01OPS",)]
    entries = await tale.rows(
        "SELECT kind, detail::text FROM audit WHERE request_id = %s", request_id
    )
    said = dict(entries)
    assert "C04PARTNER is shared with another workspace" in said["escalated"]
    assert '"escalates_to": "C01OPS"' in said["broke the glass"]


async def test_the_glass_breaks_so_often_so_long_and_for_those_named_alone(tale: Told) -> None:
    refusals = {
        await tale.ask("web-01", break_glass=True, keep=timedelta(hours=25)): "24",
        await tale.ask("web-01", user=LINUS.id, break_glass=True): "may not break the glass",
    }
    for vm in ("dev-04", "api-arm-01"):
        assert await state_of(tale, await tale.ask(vm, break_glass=True)) is State.DONE
    refusals[await tale.ask("web-01", break_glass=True)] = "this week"
    for request_id, why in refusals.items():
        request = await tale.get(request_id)
        assert request.state is State.REFUSED
        assert why in request.why


async def test_broken_glass_that_is_void_is_approved_like_any_other(tale: Told) -> None:
    once = Once(ports_of(tale.connections, tale.acts, QUICK).plans)
    request_id = await tale.ask("dev-04", by=tale.told_with(plans=once), break_glass=True)
    assert await state_of(tale, request_id) is State.APPROVED
    await tale.later(request_id, timedelta(minutes=61))
    await tale.at_once(request_id)
    request = await tale.get(request_id)
    assert (request.state, request.look_by) == (State.WAITING, None)
    assert tale.snapshots(request_id) == []
    await tale.approve(request_id, LINUS.id)
    assert await state_of(tale, request_id) is State.DONE


# --- one at a time ---------------------------------------------------------------------------


async def test_a_second_request_for_the_same_vm_is_pointed_to_the_first(tale: Told) -> None:
    first, second = await tale.ask("web-01"), await tale.ask("web-01", user=LINUS.id)
    assert await state_of(tale, first) is State.WAITING
    request = await tale.get(second)
    assert request.state is State.REFUSED
    assert first in await tale.notes(second)
    assert "You asked for one already" not in await tale.notes(second)
    mine = await tale.notes(await tale.ask("web-01"))
    assert f"You asked for one already: {first}" in mine
    await tale.press(first, ClickKind.CANCEL, ADA.id)
    assert await state_of(tale, await tale.ask("web-01")) is State.WAITING


@pytest.mark.parametrize("kind", [ClickKind.APPROVE, ClickKind.DENY])
async def test_a_group_that_is_unreadable_at_the_click_decides_nothing(
    tale: Told, kind: ClickKind
) -> None:
    """What was read for the plan a moment ago is no answer to who may decide now."""
    request_id = await tale.ask("dev-04")
    tale.slack.faults.add(Fault(Kind.STATUS, "usergroups.users.list", status=500, times=None))
    click = await tale.press(request_id, kind, GRACE.id, text="no")
    assert "does not say now who belongs" in await tale.answer(click)
    assert await state_of(tale, request_id) is State.WAITING
    assert await tale.store.approvals(request_id) == ()


async def test_a_person_who_is_unreadable_at_the_click_decides_nothing(tale: Told) -> None:
    request_id = await tale.ask("dev-04")
    await tale.connections.people.person(GRACE.id)
    tale.slack.faults.add(Fault(Kind.STATUS, "users.info", status=500, times=None))
    await tale.press(request_id, ClickKind.APPROVE, GRACE.id)
    assert await state_of(tale, request_id) is State.WAITING


async def test_who_left_the_group_after_the_plan_decides_nothing(tale: Told) -> None:
    request_id = await tale.ask("dev-04")
    tale.slack.set_group("grace")
    await tale.press(request_id, ClickKind.DENY, LINUS.id, text="no")
    assert await state_of(tale, request_id) is State.WAITING


async def test_twenty_clicks_in_a_row_ask_slack_for_a_group_a_few_times(tale: Told) -> None:
    """It may be asked 20 times a minute, and only the groups of the rule that holds are read."""
    request_id = await tale.ask("dev-04")
    before = tale.slack.counts["usergroups.users.list"]
    for number in range(20):
        await tale.press(request_id, ClickKind.DENY, (GRACE, LINUS)[number % 2].id)
    assert tale.slack.counts["usergroups.users.list"] - before <= 5


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


async def card_of(tale: Told, request_id: str) -> str:
    """The card as it would be sent now: its text and its blocks."""
    card = await render_of(tale.store, tale.connections.rules, tale.connections.people)(request_id)
    assert card is not None
    return f"{card.text}\n{card.blocks}"


async def test_of_two_demands_the_thread_and_the_card_say_which_is_open(tale: Told) -> None:
    (name, value), *_ = vm_of(tale, "web-01")["tags"].items()
    rules = TWO_DEMANDS.replace("GRACE", GRACE.id).replace("LINUS", LINUS.id)
    tale.with_rules(rules.replace("TAGS", f'{name} = ["{value}"]'))
    request_id = await tale.ask("web-01")
    assert f"1 person of {GRACE.id}; 1 person of {LINUS.id}" in await card_of(tale, request_id)
    await tale.approve(request_id, GRACE.id)
    assert await state_of(tale, request_id) is State.WAITING
    assert f"More are needed: 1 person of {LINUS.id}." in await tale.notes(request_id)
    card = await card_of(tale, request_id)
    assert f"1 approval so far; still needed: 1 person of {LINUS.id}" in card
    assert "1 of 1" not in card
    await tale.approve(request_id, LINUS.id, begin=False)
    assert "Enough: it is checked once more" in await tale.notes(request_id)


async def test_the_card_says_why_its_rule_holds_and_what_the_budget_has_left(tale: Told) -> None:
    request_id = await tale.ask("web-01")
    card = await card_of(tale, request_id)
    (team,) = tale.connections.rules.teams
    left = f"{team.a_month - await tale.reserved():,.2f} {team.currency}"
    assert f"the team {team.name} has {left} left" in card
    assert "it holds for" in card
