"""The cards and notes of requests in every state, as files that a person has read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.actions.snapshot.words import happens as what_happens
from bot.messages import direct_notes as direct
from bot.messages import request_notes as notes
from bot.messages import urgent_notes as urgent
from bot.messages.asked_notes import asked, existing_request, found_card
from bot.messages.blocks import Message
from bot.messages.list_page import ListAsked
from bot.messages.listings import ListedPoint, PointStatus, points_listing
from bot.messages.made_buttons import MadeVerb
from bot.messages.made_forms import MadeFound, made_form
from bot.messages.plan_note import plan_note
from bot.messages.request_card import request_card
from bot.messages.request_list import RequestsFound, requests_listing
from bot.messages.snapshot_modal import ask_form, deny_form, vm_form
from bot.requests.model import StepState
from bot.requests.request import Request
from bot.requests.states import State
from tests.bot import sample_requests as some
from tests.golden.slack_as_text import drawn, view_drawn

Compare = Callable[[str, str], None]
THERE, SENT, TODO, REFUSED = StepState.THERE, StepState.SENT, StepState.TODO, StepState.REFUSED
LINK = "https://example.slack.com/archives/C222/p1700000000000100"
HEAD = "9b74c9897bac770ffc029102a200c5de"
HALF = some.steps(THERE, REFUSED, TODO, why=some.QUOTA)
ASKED = some.a_request()
DONE = some.a_request(State.DONE)
YES = (some.an_approval(), some.an_approval("U333", why_allowed="named by the rule production"))


def _why(state: State, why: str) -> Message:
    return request_card(some.a_request(state, why=why), YES[:1], facts=some.FACTS)


CARDS: dict[str, Callable[[], Message]] = {
    "planning": lambda: request_card(some.a_request(State.PLANNING)),
    "waiting": lambda: request_card(ASKED, YES[:1], facts=some.FACTS),
    "waiting, revision 2": lambda: request_card(
        some.a_request(revision=2, why="The disk web-01_log has been added."), YES, (), some.FACTS
    ),
    "waiting, no price": lambda: request_card(
        some.a_request(plan=some.UNPRICED), (), (), some.FACTS
    ),
    "waiting, restore point": lambda: request_card(
        some.a_request(plan=some.RESTORE_POINT), (), (), some.FACTS
    ),
    "waiting, 33 disks": lambda: request_card(
        some.a_request(plan=some.MANY_DISKS), (), (), some.FACTS
    ),
    "waiting, one disk": lambda: request_card(
        some.a_request(plan=some.ONE_DISK), (), (), replace(some.FACTS, approvals_needed=1)
    ),
    "approved": lambda: request_card(some.a_request(State.APPROVED), YES, (), some.FACTS),
    "running": lambda: request_card(
        some.a_request(State.RUNNING), YES, some.steps(THERE, TODO, SENT), some.FACTS
    ),
    "running, being stopped": lambda: request_card(
        some.a_request(State.RUNNING, cancel_asked_by="U111"), YES, some.steps(THERE, SENT, TODO)
    ),
    "half done": lambda: request_card(
        some.a_request(State.HALF_DONE, why=some.QUOTA), YES, HALF, some.FACTS, some.POINTS[:1]
    ),
    "done": lambda: request_card(DONE, YES, some.steps(*[THERE] * 3), some.FACTS, some.POINTS),
    "done, kept longer": lambda: request_card(
        replace(DONE, expires_at=some.NOW + 5 * 24 * some.HOUR), YES, (), some.FACTS, some.LONGER
    ),
    "done, deleted since": lambda: request_card(DONE, YES, some.steps(*[THERE] * 3), some.FACTS),
    "cleaned up": lambda: request_card(some.a_request(State.CLEANED_UP), YES, HALF),
    "failed": lambda: _why(State.FAILED, some.QUOTA),
    "refused": lambda: _why(State.REFUSED, "No rule names this VM."),
    "denied": lambda: _why(State.DENIED, "@bob denied it: not during the sale."),
    "cancelled": lambda: _why(State.CANCELLED, "ada took it back."),
    "lapsed": lambda: _why(State.LAPSED, "Nobody decided within 8 h."),
    "break glass": lambda: request_card(
        some.a_request(State.DONE, wish=some.GLASS, look_by=some.NOW + 4 * some.HOUR),
        (),
        (),
        some.FACTS,
        some.POINTS,
    ),
    "break glass, not begun": lambda: request_card(GLASS, (), (), some.FACTS),
    "break glass, looked at": lambda: request_card(
        some.a_request(State.DONE, wish=some.GLASS, look_by=some.NOW, looked_by="U222"),
        (),
        (),
        some.FACTS,
        some.POINTS,
    ),
    "restore": lambda: request_card(some.restoring(), (), (), some.FACTS),
    "swap": lambda: request_card(some.swapping(), (), (), some.FACTS),
    "swap, done": lambda: request_card(some.swapping(State.DONE), YES, (), some.FACTS),
    "copy": lambda: request_card(some.copying(), (), (), some.FACTS),
    "extend": lambda: request_card(some.extending(), (), (), some.FACTS),
    "extend, done": lambda: request_card(
        some.extending(state=State.DONE, expires_at=some.NOW + 5 * 24 * some.HOUR), YES
    ),
    "restore, done": lambda: request_card(
        some.restoring(state=State.DONE, expires_at=None), YES, (), some.FACTS, some.RESTORED
    ),
    "delete": lambda: request_card(some.deleting(state=State.DONE)),
    "delete, waiting": lambda: request_card(some.deleting(requester=some.ADA), (), (), some.FACTS),
}
GLASS = some.a_request(State.APPROVED, wish=some.GLASS, look_by=some.NOW + 4 * some.HOUR)
NOTES: dict[str, Callable[[], Message]] = {
    "asked": lambda: asked(ASKED.id, "a snapshot of web-01", ["C111"]),
    "asked, with two channels": lambda: asked(ASKED.id, "a snapshot of web-01", ["C111", "C222"]),
    "asked, with no channel": lambda: asked(ASKED.id, "a snapshot of web-01"),
    "asked again": lambda: asked(ASKED.id, "a snapshot of web-01", is_new=False, url=LINK),
    "asked, by breaking the glass": lambda: asked(
        ASKED.id, "a snapshot of web-01", ["C111"], breaks_glass=True
    ),
    "pointed to": lambda: existing_request(ASKED, url=LINK),
    "pointed to one's own": lambda: existing_request(ASKED, ASKED.requester, LINK),
    "pointed to one whose card was gone": lambda: existing_request(ASKED, is_anew=True),
    "the card is found": lambda: found_card(ASKED, "C222", LINK, is_anew=False),
    "the card was gone": lambda: found_card(ASKED, "C222", "", is_anew=True),
    "there is no card": lambda: found_card(ASKED, "", "", is_anew=False),
    "directly: approved": lambda: direct.approved(ASKED, "U222"),
    "directly: denied": lambda: direct.denied(ASKED, "U222", "not during the sale"),
    "directly: stopped": lambda: direct.stopped(ASKED, "U222"),
    "directly: expired": lambda: direct.expired(ASKED),
    "directly: done": lambda: direct.done(DONE, some.POINTS),
    "directly: half done": lambda: direct.half_done(some.a_request(State.HALF_DONE), some.QUOTA),
    "directly: failed": lambda: direct.failed(some.a_request(State.FAILED), some.QUOTA),
    "directly: expires soon": lambda: direct.expires_soon(DONE),
    "refused": lambda: notes.refused(ASKED, "No rule names this VM."),
    "approved, one of two": lambda: notes.approved(
        ASKED, "U222", "member of vm-approvers", "1 person of members of dbas", HEAD
    ),
    "approved": lambda: notes.approved(ASKED, "U333", "named by the rule", "", HEAD),
    "without approval": lambda: notes.without_approval(ASKED, "It costs less than 1 USD", HEAD),
    "denied": lambda: notes.denied(ASKED, "U222", "not during the sale", HEAD),
    "cancelled": lambda: notes.cancelled(ASKED, "U111", HEAD),
    "stopping": lambda: notes.stopping(ASKED, "U111", HEAD),
    "going on": lambda: notes.resuming(ASKED, "U111", HEAD),
    "cleaning up": lambda: notes.cleaning_up(ASKED, "U111", HEAD),
    "broken glass": lambda: notes.break_glass(GLASS, ("S111", "U333"), HEAD),
    "superseded": lambda: urgent.superseded(ASKED, "U444", GLASS.id, HEAD),
    "superseded, to the requester": lambda: urgent.is_superseded(ASKED, "@eve broke the glass"),
    "followed": lambda: urgent.followed(ASKED, "U444"),
    "followed, to who broke the glass": lambda: urgent.is_followed(
        some.a_request(State.RUNNING), LINK
    ),
    "looked": lambda: notes.reviewed(GLASS, "U222", HEAD),
    "escalated": lambda: notes.escalated(GLASS, ("S111",), HEAD),
    "voided": lambda: notes.voided(
        replace(ASKED, revision=2), ("The disk web-01_log was added.", "It costs 14 % more."), HEAD
    ),
    "reminder": lambda: notes.reminder(ASKED, some.FACTS),
    "lapsed": lambda: notes.lapsed(ASKED),
    "failed": lambda: notes.failed(ASKED, some.QUOTA),
    "half done": lambda: notes.half_done(some.a_request(State.HALF_DONE), HALF),
    "cleaned up": lambda: notes.cleaned_up(ASKED),
    "cleaned up, with something left": lambda: notes.cleaned_up(ASKED, [some.POINTS[0].arm_id]),
    "result": lambda: notes.result(DONE, some.POINTS),
    "result of a swap": lambda: notes.result(some.swapping(State.DONE), some.POINTS[:1]),
    "expires soon": lambda: notes.expires_soon(DONE, some.POINTS, Decimal("0.37")),
    "deleted": lambda: notes.deleted(some.deleting(), some.POINTS),
    "not deleted": lambda: notes.not_deleted(some.deleting(), "It is locked (CanNotDelete)."),
}


@pytest.mark.parametrize("name", CARDS)
def test_the_card_of_a_request_reads_as_it_did(name: str, golden: Compare) -> None:
    golden(f"requests/card, {name}.txt", drawn(CARDS[name]()))


PLANS: dict[str, Callable[[], Message]] = {
    "snapshots": lambda: plan_note(ASKED, some.a_plan(), some.FACTS),
    "33 disks": lambda: plan_note(ASKED, some.MANY_DISKS, some.FACTS),
    "a restore": lambda: _planned(some.restoring()),
    "a copy": lambda: _planned(some.copying()),
    "an extension": lambda: _planned(some.extending()),
    "a deletion": lambda: _planned(some.deleting(requester=some.ADA)),
}


def _planned(request: Request) -> Message:
    assert request.plan is not None
    about = replace(request.plan, of_request=request.wish.of_request)
    return plan_note(request, about, some.FACTS, LINK)


def test_the_plans_in_the_threads_read_as_they_did(golden: Compare) -> None:
    told = (f"--- {name}\n{drawn(note())}" for name, note in PLANS.items())
    golden("requests/plans.txt", "\n".join(told))


def test_the_notes_of_a_request_read_as_they_did(golden: Compare) -> None:
    told = (f"--- {name}\n{drawn(note())}" for name, note in NOTES.items())
    golden("requests/notes.txt", "\n".join(told))


def test_the_lists_read_as_they_did(golden: Compare) -> None:
    standings = (PointStatus.KEPT, PointStatus.ORPHAN, PointStatus.LEFTOVER)
    listed = [
        replace(
            ListedPoint.of(point, Decimal("12.5") if number == 0 else None, standing),
            request_id=f"r-00000000000{number}",
        )
        for number, (point, standing) in enumerate(zip(some.POINTS, standings, strict=True))
    ]
    now = some.NOW + 30 * some.HOUR
    kept = {number: f"r-00000000000{number}" for number in range(1, 5)}
    waiting, done, deleted, half = (
        replace(each, id=kept[number])
        for number, each in enumerate((ASKED, DONE, DONE, DONE), start=1)
    )
    of_done = [replace(point, request_id=done.id) for point in some.POINTS]
    gone = [replace(point, deleted_at=now) for point in some.POINTS]
    unpriced = replace(some.POINTS[0], request_id=half.id, cost_a_month=None)
    found = RequestsFound(
        requests=(waiting, done, half, deleted),
        points={done.id: of_done, deleted.id: gone, half.id: [unpriced, gone[1]]},
        total=57,
        every=69,
        kept=(*of_done, unpriced),
    )
    web = ListAsked(name="snapshots", vm="web-01")
    told = (
        points_listing(listed, now, web, ("The subscription s-2 could not be read.",)),
        points_listing((), now),
        points_listing([replace(listed[0], standing=PointStatus.VANISHED)], now),
        requests_listing(found, ListAsked(name="requests", vm="web-01")),
        requests_listing(replace(found, requests=(deleted,)), ListAsked(name="requests", start=56)),
        requests_listing(RequestsFound(requests=(), every=3)),
        requests_listing(RequestsFound(requests=())),
    )
    golden("requests/lists.txt", "\n".join(map(drawn, told)))


def test_the_forms_read_as_they_did(golden: Compare) -> None:
    wish = replace(ASKED.wish, reason="")
    views = (
        vm_form(replace(wish, vm=""), "C111"),
        ask_form(some.a_plan(), what_happens(some.a_plan()), wish, "C111"),
        ask_form(
            some.RESTORE_POINT,
            what_happens(some.RESTORE_POINT),
            replace(some.GLASS, consistent=True),
            "C111",
        ),
        deny_form("b-0123456789abcdef", "C111", "1.2", ASKED),
        *(
            made_form(verb, MadeFound(request=DONE, points=some.POINTS), "C111")
            for verb in MadeVerb
        ),
    )
    golden("requests/forms.txt", "\n".join(map(view_drawn, views)))
