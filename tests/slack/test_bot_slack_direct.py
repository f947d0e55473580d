"""Whoever asked and is not in the channel of the card hears directly; a card's address is kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.database.opening import open_database
from bot.database.pool import Database
from bot.requests.changes import Note, NoteKind
from bot.slack.calls import Calls
from bot.slack.people import People
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA
from deploy.local.slack.standin import SlackStandIn
from tests.databases import Served
from tests.slack.sender_desk import OPS, Desk, OwnServer

DIRECT = "D01ADA"
SECRET = "C0ELSEWHERE"  #: nobody of whom Slack knows is there


@pytest.fixture
async def database(served: Served, tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(OwnServer(SecretStr(served.url), tmp_path)) as database:
        yield database


@pytest.fixture
def desk(database: Database, slack: SlackStandIn, calls: Calls) -> Desk:
    return Desk(database, slack, calls)


def told(key: str, unless_in: str = OPS) -> Note:
    message = {"text": key, "blocks": [{"type": "divider"}]}
    return Note(key=key, kind=NoteKind.DIRECT, message=message, user_id=ADA.id, unless_in=unless_in)


async def sent(desk: Desk, *notes: Note) -> None:
    """Send everything that is due, as the bot does."""
    await desk.ask(OPS, *notes)
    people = People(desk.calls, clock=desk.slack.clock.now)
    sender = desk.sender(is_member=people.is_member)
    async with asyncio.timeout(20):
        while await _due(desk):
            if not await sender.step():
                await asyncio.sleep(0.1)


async def _due(desk: Desk) -> bool:
    async with desk.database.connection() as connection:
        row = await (
            await connection.execute(
                "SELECT count(*) FROM messages WHERE sent_at IS NULL AND given_up_at IS NULL"
                " AND (kind <> 'card' OR shown_version < wanted_version)"
            )
        ).fetchone()
    return bool(row and row[0])


def leave(desk: Desk) -> None:
    desk.slack.workspace.channels[OPS].members.discard(ADA.id)


async def test_who_is_in_the_channel_of_the_card_is_not_told_twice(desk: Desk) -> None:
    await sent(desk, told("it is done"))
    assert desk.slack.messages(DIRECT) == []


async def test_who_is_not_there_is_told_directly_with_a_link_to_the_card(desk: Desk) -> None:
    leave(desk)
    await sent(desk)
    await desk.change("r-000000000001", told("it is done"))
    await desk.pass_time()
    people = People(desk.calls, clock=desk.slack.clock.now)
    await desk.sender(is_member=people.is_member).step()
    await desk.sender(is_member=people.is_member).step()
    (link,) = (await desk.store.links(["r-000000000001"])).values()
    (message,) = desk.slack.messages(DIRECT)
    assert message.text == f"it is done The card: {link}"
    assert desk.slack.counts["conversations.open"] == 1


async def test_where_slack_does_not_say_who_is_there_it_is_told_directly(desk: Desk) -> None:
    desk.slack.faults.add(Fault(Kind.STATUS, "conversations.members", status=500, times=9))
    await sent(desk, told("it is done"))
    assert len(desk.slack.messages(DIRECT)) == 1


async def test_a_missing_scope_is_said_once_to_the_person_and_once_in_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    app = desk.slack.workspace.app
    desk.slack.workspace.app = replace(app, scopes=app.scopes - {"im:write"})
    with caplog.at_level(logging.ERROR):
        await sent(desk, told("it is approved", SECRET), told("it is done", SECRET))
    said = [each.text for each in desk.slack.messages(OPS) if each.only_for == ADA.id]
    assert sum("im:write" in text for text in said) == 1
    assert sum("im:write" in record.message for record in caplog.records) == 1


async def test_the_address_of_a_card_is_kept(desk: Desk) -> None:
    await sent(desk)
    (card,) = desk.slack.messages(OPS)
    (link,) = (await desk.store.links(["r-000000000001"])).values()
    assert link.endswith(f"/p{card.ts.replace('.', '')}")


async def test_an_address_that_slack_did_not_say_is_asked_for_after_the_next_edit(
    desk: Desk,
) -> None:
    desk.slack.faults.add(Fault(Kind.STATUS, "chat.getPermalink", status=500, times=1))
    await sent(desk)
    assert await desk.store.links(["r-000000000001"]) == {}
    await desk.change("r-000000000001", why="it moved")
    await desk.pass_time()
    await desk.sender().step()
    assert await desk.store.links(["r-000000000001"]) != {}
