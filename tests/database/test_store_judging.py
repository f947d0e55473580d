"""Clicks: each judged once, on locked rows, and answered in the transaction of its effect."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import psycopg
import pytest
from running_postgres import ask
from store_samples import (
    ADA,
    CHANNEL,
    NOON,
    WakesNoted,
    a_click,
    a_note,
    a_plan,
    an_approval,
    an_ask,
    request_id,
    to,
    to_waiting,
)

from bot.database import Database
from bot.database.audit import Audit
from bot.database.store import Store
from bot.requests.action import Action
from bot.requests.changes import AuditEntry, Change, ClickJudgement, NoteKind
from bot.requests.model import Approval, Click
from bot.requests.request import Request
from bot.requests.states import State
from tests.databases import Served

ID = request_id(1)


@pytest.fixture
async def waiting(store: Store) -> Request:
    await store.ask([an_ask()])
    request = await store.get(ID)
    assert request is not None
    return await store.move(request, to_waiting())


def answer(click: Click, text: str = "no") -> ClickJudgement:
    note = a_note(
        f"answer-{click.id}",
        NoteKind.WHISPER,
        channel_id=click.channel_id,
        user_id=click.user_id,
        message={"text": text, "blocks": []},
    )
    return ClickJudgement(notes=(note,))


def approving(
    click: Click, request: Request | None, approvals: tuple[Approval, ...], now: datetime
) -> ClickJudgement:
    """Two people are enough; who is not waited for is told so."""
    if request is None or request.state is not State.WAITING:
        return answer(click, "it is decided")
    if click.user_id in [each.user_id for each in approvals]:
        return answer(click, "you said so before")
    approval = an_approval(request, click.user_id, at=now)
    entry = AuditEntry(kind="approved", who=click.user_id)
    if len(approvals) + 1 < 2:
        return replace(answer(click, "one more"), approval=approval, entry=entry)
    change = Change(to=State.APPROVED, entry=entry)
    return replace(answer(click, "that is enough"), approval=approval, change=change)


async def answers(served: Served) -> list[str]:
    found = await ask(
        served,
        "SELECT array_agg(message ->> 'text' ORDER BY message ->> 'text') FROM messages"
        " WHERE kind = 'whisper'",
    )
    return list(found or [])


async def test_twenty_people_at_once_are_each_answered_and_two_of_them_approve(
    served: Served, store: Store, database: Database, waiting: Request
) -> None:
    """Each click judged by three workers at the same time."""
    clicks = [a_click(number, user_id=f"U{number:02}") for number in range(20)]
    await store.press(clicks)
    await asyncio.gather(*(store.judge(each.id, approving) for each in clicks * 3))
    assert await answers(served) == ["it is decided"] * 18 + ["one more", "that is enough"]
    approvals = await store.approvals(ID, 1)
    assert len(approvals) == 2
    request = await store.get(ID)
    assert request is not None
    assert request.state is State.APPROVED
    rows = await Audit(database).of_request(ID)
    assert [row.who for row in rows[2:]] == [each.user_id for each in approvals]
    assert await store.due_clicks(100) == []


async def test_twenty_clicks_of_one_person_are_one_approval(
    served: Served, store: Store, waiting: Request
) -> None:
    """And one answer of each kind, as long as it is on its way: nobody reads it nineteen times."""
    clicks = [a_click(number) for number in range(20)]
    await store.press(clicks)
    await asyncio.gather(*(store.judge(each.id, approving) for each in clicks))
    assert await answers(served) == ["one more", "you said so before"]
    assert await store.due_clicks(100) == []
    assert len(await store.approvals(ID)) == 1


async def test_a_click_after_the_answer_was_sent_is_answered_again(
    served: Served, store: Store, waiting: Request
) -> None:
    for number in range(3):
        await store.press([a_click(number)])
        await store.judge(f"click-{number}", approving)
        await ask(served, "UPDATE messages SET sent_at = now() WHERE kind = 'whisper' RETURNING 1")
    assert await answers(served) == ["one more", "you said so before", "you said so before"]


async def test_an_approval_that_is_not_enough_shows_on_the_card(
    store: Store, waiting: Request
) -> None:
    await store.press([a_click()])
    await store.judge("click-1", approving)
    kept = await store.get(ID)
    assert kept is not None
    assert kept.version == waiting.version + 1
    (approval,) = await store.approvals(ID)
    assert (approval.user_id, approval.revision) == ("UBEN", 1)


async def test_the_judgement_sees_the_approvals_of_the_revision_in_force_and_the_time(
    store: Store, waiting: Request
) -> None:
    seen: list[tuple[Request | None, int, datetime]] = []

    def look(
        click: Click, request: Request | None, approvals: tuple[Approval, ...], now: datetime
    ) -> ClickJudgement:
        seen.append((request, len(approvals), now))
        return answer(click)

    await store.press([a_click(number) for number in (1, 2, 3)])
    await store.judge("click-1", approving)
    await store.judge("click-2", look)
    current = await store.get(ID)
    assert current is not None
    plan = a_plan(revision=2)
    again = await store.move(current, to_waiting(plan, revision=2, button="button-2"))
    before = await store.now()
    await store.judge("click-3", look)  # the button of revision 1
    assert [(request, count) for request, count, _ in seen] == [(current, 1), (again, 0)]
    assert before <= seen[-1][2] <= await store.now()


async def test_a_button_of_nothing_is_answered_and_moves_nothing(
    served: Served, store: Store
) -> None:
    await store.press([a_click(button="forged"), a_click(2, button="")])
    await store.judge("click-1", approving)
    await store.judge("click-2", approving)
    assert await answers(served) == ["it is decided"]
    assert await store.due_clicks(100) == []

    def acting(click: Click, *_: object) -> ClickJudgement:
        return replace(answer(click), change=to(State.APPROVED))

    await store.press([a_click(3, button="forged")])
    with pytest.raises(ValueError, match="can change nothing"):
        await store.judge("click-3", acting)
    assert await store.due_clicks(10) == ["click-3"]


async def test_a_judgement_that_fails_leaves_the_click_to_be_judged(
    served: Served, store: Store, waiting: Request
) -> None:
    def failing(click: Click, request: Request | None, *_: object) -> ClickJudgement:
        assert request is not None
        judged = replace(answer(click), approval=an_approval(request))
        return replace(judged, change=to(State.RUNNING))

    await store.press([a_click()])
    with pytest.raises(ValueError, match="does not move"):
        await store.judge("click-1", failing)
    assert (await store.approvals(ID), await answers(served)) == ((), [])
    assert await store.click("click-1") == a_click()
    await store.judge("click-1", approving)
    assert await answers(served) == ["one more"]
    assert await store.click("click-1") is None


@pytest.mark.parametrize(
    "wrong",
    [{"user_id": "UADA"}, {"user_id": ""}, {"revision": 2}, {"request_id": request_id(2)}],
    ids=["the requester", "nobody", "another revision", "another request"],
)
async def test_an_approval_that_cannot_be_is_not_written_whatever_the_judgement(
    store: Store, waiting: Request, wrong: dict[str, object]
) -> None:
    def mistaken(click: Click, request: Request | None, *_: object) -> ClickJudgement:
        assert request is not None
        return replace(answer(click), approval=an_approval(request, **wrong))  # type: ignore[arg-type]

    await store.press([a_click()])
    with pytest.raises(ValueError, match="cannot be approved like this"):
        await store.judge("click-1", mistaken)
    assert await store.approvals(ID) == ()


async def test_an_approval_after_the_time_is_not_written_whatever_the_judgement(
    store: Store, waiting: Request
) -> None:
    late = Change(to=None, entry=AuditEntry(kind="late"), fields={"decide_by": NOON})
    past = await store.move(waiting, replace(late, fields={"decide_by": await store.now()}))
    assert past.decide_by is not None
    await store.press([a_click()])
    with pytest.raises(ValueError, match="cannot be approved like this"):
        await store.judge("click-1", approving)


async def test_the_database_itself_refuses_ones_own_approval(
    served: Served, waiting: Request
) -> None:
    own = (
        "INSERT INTO approvals (request_id, revision, user_id, user_name, requester_user, "
        "plan_hash,"
        f" why_allowed, at) VALUES ('{ID}', 1, 'UADA', '', '%s', 'x', '', now())"
    )
    with pytest.raises(psycopg.errors.CheckViolation):
        await ask(served, own % ADA.user_id)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await ask(served, own % "UOTHER")


async def test_a_click_may_ask_for_another_request(
    store: Store, woken: WakesNoted, waiting: Request
) -> None:
    """Twice the same: it is one request, and the second is told no differently."""
    clean_up = an_ask(7, key="clean-up-1", action=Action.DELETE, of_request=ID)

    def cleaning(click: Click, *_: object) -> ClickJudgement:
        return replace(
            answer(click), create=clean_up, entry=AuditEntry(kind="clean up", who="UBEN")
        )

    await store.press([a_click(1), a_click(2)])
    await asyncio.gather(store.judge("click-1", cleaning), store.judge("click-2", cleaning))
    created = await store.get(request_id(7))
    assert created is not None
    assert created.wish.of_request == ID
    assert [each for each, _ in woken.asked].count(request_id(7)) == 1


async def test_a_card_that_is_not_known_is_adopted_by_a_click_on_it(
    served: Served, store: Store, waiting: Request
) -> None:
    """Not by one on another revision's, or in another channel; and only while none is known."""
    shown = "SELECT ts FROM messages WHERE kind = 'card'"
    clicks = [
        a_click(1, channel_id="C0OTHER", message_ts="1.1"),
        a_click(2, message_ts="2.2"),
        a_click(3, message_ts="3.3"),
    ]
    await store.press(clicks)
    for click, expected in zip(clicks, ("", "2.2", "2.2"), strict=True):
        await store.judge(click.id, lambda click, *_: answer(click))
        assert await ask(served, shown) == expected
    plan = a_plan(revision=2)
    new = replace(to_waiting(plan, revision=2, button="button-2"), new_card=True)
    await store.move(waiting, new)
    await store.press([a_click(4, message_ts="2.2"), a_click(5, button="button-2")])
    await store.judge("click-4", lambda click, *_: answer(click))
    assert await ask(served, shown) == ""
    await store.judge("click-5", lambda click, *_: answer(click))
    assert await ask(served, shown) == a_click().message_ts


async def test_decisions_end_with_the_hash_of_the_audit(
    served: Served, store: Store, database: Database, waiting: Request
) -> None:
    def denying(click: Click, *_: object) -> ClickJudgement:
        told = a_note("denied", message=lambda head: {"text": head})
        change = Change(to=State.DENIED, entry=AuditEntry(kind="denied", who="UBEN"), notes=(told,))
        return replace(answer(click), change=change)

    await store.press([a_click()])
    await store.judge("click-1", denying)
    told = await ask(served, "SELECT message ->> 'text' FROM messages WHERE key = 'denied'")
    assert told == await Audit(database).head()
    channel = await ask(served, "SELECT channel_id FROM messages WHERE key = 'denied'")
    assert channel == CHANNEL


async def test_clicks_wait_for_as_long_as_the_sweep_lets_them(store: Store) -> None:
    await store.press([a_click()])
    assert await store.due_clicks(10, timedelta(minutes=1)) == []
    assert await store.due_clicks(0) == []
    assert await store.due_clicks(10) == ["click-1"]
