"""Cards, notes, lists and forms of requests: Slack's limits, hostile text, and what they offer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sample_requests import (
    FACTS,
    NOW,
    POINTS,
    VM_ID,
    a_disk,
    a_plan,
    a_request,
    an_approval,
    extending,
    steps,
    wild_approvals,
    wild_facts,
    wild_plans,
    wild_points,
    wild_requests,
    wild_steps,
    wild_text,
    wild_wishes,
)
from slack_limits import problems

from bot.actions.snapshot.words import happens as what_happens
from bot.messages import asked_notes, direct_notes
from bot.messages import request_notes as notes
from bot.messages import urgent_notes as urgent
from bot.messages.blocks import Message
from bot.messages.list_page import ListAsked
from bot.messages.listings import ListedPoint, PointStatus, points_listing
from bot.messages.made_buttons import MadeVerb
from bot.messages.made_forms import MadeFound, made_form, made_loading
from bot.messages.plan_note import plan_note
from bot.messages.request_buttons import FACES, kinds
from bot.messages.request_card import request_card
from bot.messages.request_list import RequestsFound, requests_listing
from bot.messages.request_words import progress, retention
from bot.messages.snapshot_modal import (
    ask_form,
    deny_form,
    loading,
    message_view,
    no_plan,
    plan_blocks,
    vm_form,
    with_plan,
)
from bot.requests.action import Action
from bot.requests.model import ClickKind, StepState, Wish
from bot.requests.plans.consistency import ASK_TOGETHER
from bot.requests.states import FINAL, State
from deploy.local.slack.limits import (
    MESSAGE_BLOCKS_CHARACTERS,
    block_problems,
    characters_of,
    view_problems,
)

slowly = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
THERE, TODO = StepState.THERE, StepState.TODO


def refused(message: Message) -> list[str]:
    """What Slack would refuse, by both descriptions of its limits, or read as markup."""
    blocks = json.loads(json.dumps(list(message.blocks)))
    found = problems(message.as_dict()) + block_problems(blocks, "message")
    return found + (["too much"] if characters_of(blocks) > MESSAGE_BLOCKS_CHARACTERS else [])


# --- limits and hostile text ----------------------------------------------------------------


@slowly
@given(wild_requests, wild_approvals, wild_steps, wild_facts, wild_points)
def test_every_card_is_within_slacks_limits_and_holds_no_markup(
    request: Any, approvals: Any, parts: Any, facts: Any, points: Any
) -> None:
    assert refused(request_card(request, approvals, parts, facts, points)) == []


@slowly
@given(wild_requests, wild_plans, wild_facts)
def test_every_plan_in_a_thread_is_within_slacks_limits_and_holds_no_markup(
    request: Any, plan: Any, facts: Any
) -> None:
    assert refused(plan_note(request, plan, facts)) == []


@slowly
@given(wild_requests, wild_steps, wild_facts, wild_points, wild_text, st.lists(wild_text))
def test_every_note_is_within_slacks_limits_and_holds_no_markup(
    request: Any, parts: Any, facts: Any, points: Any, text: str, many: list[str]
) -> None:
    for message in (
        asked_notes.asked(text, text, many, url=text, is_new=False),
        asked_notes.asked(text, text, many),
        asked_notes.existing_request(request, url=text),
        asked_notes.found_card(request, text, text, is_anew=False),
        direct_notes.approved(request, text),
        direct_notes.denied(request, text, text),
        direct_notes.done(request, points),
        direct_notes.half_done(request, text),
        direct_notes.expires_soon(request),
        notes.refused(request, text),
        notes.answer(text),
        notes.approved(request, text, text, text, text),
        notes.without_approval(request, text, text),
        notes.denied(request, text, text, text),
        notes.break_glass(request, many, text),
        urgent.superseded(request, text, text, text),
        urgent.is_superseded(request, text),
        urgent.followed(request, text),
        urgent.is_followed(request),
        notes.escalated(request, many, text),
        notes.voided(request, many, text),
        notes.reminder(request, facts),
        notes.failed(request, text),
        notes.half_done(request, parts),
        notes.result(request, points),
        notes.expires_soon(request, points),
        notes.deleted(request, points),
        notes.not_deleted(request, text),
    ):
        assert refused(message) == []


@slowly
@given(wild_points, st.lists(wild_requests, max_size=60), wild_text, st.lists(wild_text))
def test_every_list_is_within_slacks_limits_and_holds_no_markup(
    points: Any, requests: Any, vm: str, not_read: list[str]
) -> None:
    listed = [ListedPoint.of(point, standing=PointStatus.LEFTOVER) for point in points]
    asked = ListAsked(name="snapshots", vm=vm)
    assert refused(points_listing(listed, NOW, asked, not_read)) == []
    own = [replace(each, id=f"r-{number:012x}") for number, each in enumerate(requests)]
    kept = {each.id: points[:40] for each in own}
    found = RequestsFound(requests=own, points=kept, every=99, kept=points)
    assert refused(requests_listing(found, replace(asked, name="requests"))) == []


@slowly
@given(wild_requests, wild_points)
def test_every_form_about_what_was_made_is_within_slacks_limits(request: Any, points: Any) -> None:
    found = MadeFound(request=request, points=points)
    denied = deny_form("b-1", "C111", "1.2", request)
    assert view_problems(json.loads(json.dumps(denied))) == []
    for verb in MadeVerb:
        assert view_problems(json.loads(json.dumps(made_form(verb, found, "C111")))) == []
        assert view_problems(json.loads(json.dumps(made_loading(verb)))) == []


@slowly
@given(wild_plans, wild_wishes, wild_text)
@example(a_plan(), Wish(action=Action.SNAPSHOT, vm=""), "\N{GRINNING FACE}" * 400)
@example(a_plan(), Wish(action=Action.SNAPSHOT, vm=""), '\x00"' * 400)
def test_every_form_is_within_slacks_limits(plan: Any, wish: Wish, text: str) -> None:
    """However long JSON's escapes make a text, twelvefold at most: the metadata stays whole."""
    for view in (
        vm_form(wish, text),
        loading(text),
        message_view(notes.answer(text)),
        (form := ask_form(plan, what_happens(plan), wish, text)),
        with_plan(form, plan_blocks(plan, what_happens(plan))),
        with_plan(form, no_plan(text)),
        deny_form(text, text, text),
    ):
        assert view_problems(json.loads(json.dumps(view))) == []
        json.loads(view["private_metadata"] or "{}")


# --- what is offered ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (State.WAITING, {ClickKind.APPROVE, ClickKind.DENY, ClickKind.CANCEL}),
        (State.APPROVED, {ClickKind.CANCEL}),
        (State.RUNNING, {ClickKind.CANCEL}),
        (State.HALF_DONE, {ClickKind.GO_ON, ClickKind.CLEAN_UP}),
        *((state, set()) for state in sorted(FINAL)),
    ],
)
def test_a_card_offers_what_its_state_allows(state: State, offered: set[ClickKind]) -> None:
    assert set(kinds(a_request(state))) == offered
    actions = [each for each in request_card(a_request(state)).blocks if each["type"] == "actions"]
    buttons = [button for block in actions for button in block["elements"]]
    assert {button["action_id"] for button in buttons} == {f"request:{kind}" for kind in offered}
    assert {button["value"] for button in buttons} <= {"b-0123456789abcdef"}


def test_every_kind_of_click_has_a_button_with_words_of_its_own() -> None:
    """But one: a cancellation by id is typed."""
    assert set(FACES) == set(ClickKind) - {ClickKind.WITHDRAW}
    assert len({face.text for face in FACES.values()}) == len(FACES)


def test_what_is_being_stopped_offers_no_second_stop() -> None:
    assert list(kinds(a_request(State.RUNNING, cancel_asked_by="U111"))) == []


def test_a_half_done_extension_has_nothing_to_clean_up() -> None:
    assert list(kinds(extending(state=State.HALF_DONE))) == [ClickKind.GO_ON]


def test_a_broken_glass_offers_the_look_until_somebody_looked() -> None:
    unseen = a_request(State.DONE, look_by=NOW)
    assert list(kinds(unseen)) == [ClickKind.LOOKED]
    assert list(kinds(a_request(State.DONE, look_by=NOW, looked_by="U222"))) == []


# --- the wording -----------------------------------------------------------------------------


def test_the_text_of_a_card_carries_the_whole_meaning() -> None:
    """What notifications show and screen readers say."""
    text = request_card(a_request(), (an_approval(),), (), FACTS).text
    for part in (
        "Snapshot of web-01: waiting for approval (1 of 2).",
        "ada asks for 3 incremental snapshots (os 128 GB, data0 1,024 GB, log 1,024 GB)",
        "Reason: before kernel update.",
        "kept 3 days: about 1.11 USD (0.78 to 2.38).",
        "Each disk is crash-consistent, but the 3 disks are captured moments apart.",
        "rule “production” may approve until 23 Nov 2026, 00:20 UTC, ada may not.",
    ):
        assert part in text


def test_a_vm_of_the_form_is_called_by_its_name() -> None:
    """The form binds it by its full id, which would be cut."""
    request = a_request(State.REFUSED, wish=Wish(action=Action.SNAPSHOT, vm=VM_ID), plan=None)
    assert notes.refused(request, "No.").text.startswith("Snapshot of web-01 (r-")


@pytest.mark.parametrize(("hours", "wording"), [(48, "2 days"), (24, "1 day"), (36, "36 h")])
def test_a_retention_is_written_in_days(hours: int, wording: str) -> None:
    assert retention(a_plan(keep=timedelta(hours=hours))).startswith(f"{wording} from the moment")


def test_rules_that_hold_together_are_named_one_by_one() -> None:
    note = plan_note(a_request(), a_plan(), replace(FACTS, rule_name="all + data", why_rule=""))
    assert "“all” and “data”." in json.dumps(note.blocks, ensure_ascii=False)


def test_only_the_thread_says_what_could_be_asked_instead() -> None:
    """Whoever approves a plan cannot ask for another one."""
    plan = a_plan(why_consistency=f"Each at its time.{ASK_TOGETHER}")
    assert ASK_TOGETHER in plan_note(a_request(), plan, FACTS).text
    card = request_card(a_request(plan=plan))
    assert "Each at its time." in card.text
    assert ASK_TOGETHER not in card.text


def test_approvals_of_an_earlier_revision_are_not_counted() -> None:
    card = request_card(a_request(revision=2), (an_approval(),), (), FACTS)
    assert "waiting for approval (0 of 2)" in card.text


def test_a_missing_price_is_named_and_never_zero() -> None:
    from sample_requests import UNPRICED

    text = request_card(a_request(plan=UNPRICED)).text
    assert "cost not known (no price for snapshot storage in westeurope)." in text
    assert "0.00" not in text


def test_more_disks_than_fit_are_counted_with_their_size() -> None:
    disks = tuple(a_disk(f"{number:03d}-{'x' * 70}", number) for number in range(64))
    note = plan_note(a_request(), a_plan(disks=disks), FACTS)
    (table,) = (block for block in note.blocks if block["type"] == "table")
    shown = len(table["rows"]) - 2
    assert 10 < shown < 64
    last = [cell["text"] for cell in table["rows"][-1]]
    assert last[0] == f"and {64 - shown} more disks"
    assert last[2] == f"{(64 - shown) * 1024:,} GB"


@pytest.mark.parametrize(
    ("states", "said"),
    [((THERE, TODO, TODO), "1 of 3 disks"), ((THERE, THERE, THERE), "3 of 3 disks")],
)
def test_progress_counts_disks(states: tuple[StepState, ...], said: str) -> None:
    assert progress(steps(*states)) == said


def test_the_listing_names_orphans_and_adds_up_what_is_known() -> None:
    kept, gone = ListedPoint.of(POINTS[0]), ListedPoint.of(POINTS[1], standing=PointStatus.ORPHAN)
    text = points_listing((kept, gone), NOW + timedelta(hours=3)).text
    assert "2 snapshots and restore points, of 1 request: 7.40 USD a month (5.20 to" in text
    assert "2 snapshots of web-01: 1 of 2 orphan: its VM is not found" in text


def test_the_listing_leaves_what_somebody_else_deleted_out_of_the_total() -> None:
    kept, gone = ListedPoint.of(POINTS[0]), ListedPoint.of(POINTS[1], standing=PointStatus.VANISHED)
    listed = points_listing((kept, gone), NOW + timedelta(hours=3))
    assert ", of 1 request: 3.70 USD a month (2.60 to 8.00)." in listed.text
    assert "1 of 2 not in Azure any more: somebody else deleted it" in listed.text


def test_the_form_binds_the_vm_by_its_full_id() -> None:
    """Two VMs may be called the same; what is asked for is the one whose plan was shown."""
    view = ask_form(
        a_plan(), what_happens(a_plan()), Wish(action=Action.SNAPSHOT, vm="web-01"), "C111"
    )
    assert json.loads(view["private_metadata"])["vm"] == a_plan().vm_id
