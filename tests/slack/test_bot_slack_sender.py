"""The sender between PostgreSQL's outbox and Slack: order, pace, crashes and absences."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from advisor.errors import DatabaseUnreachable
from bot.database.opening import open_database
from bot.database.outbox import Outbox
from bot.database.pool import Database
from bot.jobs.told_of_messages import told_of_messages
from bot.loops import running
from bot.slack.calls import Calls
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA, BOT
from deploy.local.slack.people import Channel as PlayedChannel
from deploy.local.slack.standin import SlackStandIn
from tests.databases import Served
from tests.slack.sender_desk import (
    OPS,
    PARTNER,
    Desk,
    OwnServer,
    direct,
    sending,
    thread,
    whisper,
)


@pytest.fixture
async def database(served: Served, tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(OwnServer(SecretStr(served.url), tmp_path)) as database:
        yield database


@pytest.fixture
def desk(database: Database, slack: SlackStandIn, calls: Calls) -> Desk:
    return Desk(database, slack, calls)


# --- order and pace -------------------------------------------------------------------------


async def test_a_card_and_its_notes_come_in_order_a_second_apart(desk: Desk) -> None:
    """Slack's own limit is in force; it never has to refuse."""
    await desk.ask(OPS, thread("first"), thread("second"))
    async with sending(desk.sender()):
        await desk.slack.until(lambda: len(desk.texts()) == 3)
    card, first, second = desk.slack.messages(OPS)
    assert (first.text, second.text) == ("first", "second")
    assert first.thread_ts == second.thread_ts == card.ts
    assert float(first.ts) - float(card.ts) >= 1
    assert float(second.ts) - float(first.ts) >= 1
    assert desk.errors() == []


async def test_a_whisper_and_a_direct_message_reach_their_person(desk: Desk) -> None:
    await desk.ask(OPS, whisper("psst"), direct("hello"))
    async with sending(desk.sender()):
        await desk.slack.until(lambda: len(desk.texts()) + len(desk.texts("D01ADA")) == 3)
    # It leads to the card, where that was posted before.
    assert [text.partition(" The card: ")[0] for text in desk.texts("D01ADA")] == ["hello"]
    assert [each.text for each in desk.slack.messages(OPS) if each.only_for == ADA.id] == ["psst"]


async def test_a_card_that_changed_meanwhile_is_edited_once_to_how_it_is_now(desk: Desk) -> None:
    request, sender = await desk.ask(), desk.sender(card_seconds=3600)
    assert await sender.step()
    for why in ("a", "b", "c"):
        request = await desk.change(request.id, why=why)
    assert not await sender.step(), "it rests, whatever changes"
    await desk.pass_time()
    assert await sender.step()
    await desk.pass_time()
    assert not await sender.step()
    assert desk.texts() == [f"{request.id} is at version {request.version}: c"]
    assert desk.slack.counts["chat.postMessage"] == 1
    assert desk.slack.counts["chat.update"] == 1


async def test_a_channel_does_not_wait_for_another_whose_slack_is_slow(desk: Desk) -> None:
    desk.slack.faults.add(Fault(Kind.SLOW, "chat.*", seconds=3))
    await desk.ask(OPS)
    await desk.ask(PARTNER)
    async with sending(desk.sender()):
        await desk.slack.until(lambda: desk.slack.counts["chat.postMessage"] == 2)
        assert not (desk.texts() and desk.texts(PARTNER)), "both are asked before one has answered"
        await desk.slack.until(lambda: desk.texts() and desk.texts(PARTNER))


async def test_three_senders_send_each_message_once(desk: Desk) -> None:
    channels = [f"C9{number}" for number in range(8)]
    for each in channels:
        desk.slack.workspace.channels[each] = PlayedChannel(each, each, {BOT.id, ADA.id})
        desk.slack.workspace.messages[each] = {}
        await desk.ask(each, thread(f"note in {each}"))
    async with sending(*(desk.sender() for _ in range(3))):
        await desk.slack.until(lambda: all(len(desk.texts(each)) == 2 for each in channels))
        await asyncio.sleep(1.2)
    assert [len(desk.texts(each)) for each in channels] == [2] * len(channels)
    assert desk.errors() == []


async def test_a_sender_with_one_slot_comes_to_every_channel(desk: Desk) -> None:
    await desk.ask(OPS, thread("note"))
    await desk.ask(PARTNER, thread("note"))
    async with sending(desk.sender(at_once=1)):
        await desk.slack.until(lambda: len(desk.texts()) == len(desk.texts(PARTNER)) == 2)


async def test_a_sender_that_is_woken_does_not_wait_out_its_pause(desk: Desk) -> None:
    sender = desk.sender(idle_seconds=60)
    async with sending(sender):
        await asyncio.sleep(0.2)
        await desk.ask()
        sender.wake()
        await desk.slack.until(lambda: desk.texts())


async def test_a_sender_is_told_by_the_database_and_does_not_look_all_the_time(desk: Desk) -> None:
    sender = desk.sender(idle_seconds=60)
    async with sending(sender), running(partial(told_of_messages, desk.database, sender.wake)):
        await asyncio.sleep(0.5)
        await desk.ask()
        await desk.slack.until(lambda: desk.texts())
        await desk.ask(PARTNER)
        await desk.slack.until(lambda: desk.texts(PARTNER))


async def test_a_card_that_was_left_alone_shows_two_changes_in_a_row_and_then_rests(
    desk: Desk,
) -> None:
    request, sender = await desk.ask(), desk.sender(card_seconds=3600)
    assert await sender.step()
    async with desk.database.connection() as connection:
        await connection.execute("UPDATE messages SET not_before = now() - interval '3 seconds'")
    for why in ("approved", "running"):
        request = await desk.change(request.id, why=why)
        assert await sender.step()
        assert desk.texts()[0].endswith(why)
    await desk.change(request.id, why="half of it")
    assert not await sender.step()


# --- what Slack does ------------------------------------------------------------------------


async def test_a_429_of_a_channels_posts_is_kept_for_every_sender(desk: Desk) -> None:
    desk.slack.faults.add(Fault(Kind.STATUS, "chat.postMessage", status=429, retry_after="3"))
    cards = [await desk.ask(OPS) for _ in range(2)]  # that which was not refused waits as well
    refused_at = time.time()
    assert await desk.sender().step()
    assert not await desk.sender().step()
    async with sending(desk.sender(), desk.sender()):
        await desk.slack.until(lambda: len(desk.texts()) == len(cards))
    assert min(float(card.ts) for card in desk.slack.messages(OPS)) - refused_at >= 3
    assert desk.errors() == ["ratelimited"]


async def test_whispers_and_edits_do_not_wait_for_the_posts_of_their_channel(desk: Desk) -> None:
    """Slack's limits are in force: posts by the channel, the others by the workspace."""
    requests = [await desk.ask() for _ in range(3)]
    async with sending(desk.sender()):
        await desk.slack.until(lambda: len(desk.texts()) == 3)
    for request in requests:
        await desk.change(request.id, whisper(f"psst {request.id}"), thread("later"), why="done")
    await desk.outbox.pause(OPS, 3600)
    await desk.pass_time()
    while await desk.sender().step():
        pass
    assert sorted(text[:4] for text in desk.texts()) == ["psst"] * 3 + [requests[0].id[:4]] * 3
    assert sum(text.endswith("done") for text in desk.texts()) == 3
    assert desk.errors() == []


async def test_a_card_posted_anew_is_the_one_that_is_edited_and_answered_from_then_on(
    desk: Desk,
) -> None:
    request = await desk.ask()
    async with sending(desk.sender()):
        await desk.slack.until(lambda: desk.texts())
        desk.slack.faults.add(
            Fault(Kind.STATUS, "chat.update", status=200, code="edit_window_closed")
        )
        await asyncio.sleep(1.1)  # the pace of the channel, for the card that is posted anew
        await desk.change(request.id, why="new")
        await desk.slack.until(lambda: len(desk.texts()) == 2)
        await desk.change(request.id, thread("note"), why="newest")
        await desk.slack.until(lambda: len(desk.texts()) == 3)
        await desk.slack.until(lambda: desk.texts()[1].endswith("newest"))
    old, new, note = desk.slack.messages(OPS)
    assert old.text.endswith("version 2: ")
    assert note.thread_ts == new.ts


async def test_a_card_whose_answer_was_lost_is_posted_again_after_a_pause_only(
    desk: Desk,
) -> None:
    desk.slack.faults.add(Fault(Kind.LOST, "chat.postMessage"))
    await desk.ask()
    async with sending(desk.sender(lost_seconds=2)):
        await desk.slack.until(lambda: len(desk.texts()) == 2)
    first, second = desk.slack.messages(OPS)
    assert float(second.ts) - float(first.ts) >= 2


async def test_a_card_that_was_adopted_during_the_pause_is_not_posted_again(desk: Desk) -> None:
    desk.slack.faults.add(Fault(Kind.LOST, "chat.postMessage"))
    request = await desk.ask()
    async with sending(desk.sender(lost_seconds=60)):
        await desk.slack.until(lambda: desk.texts())
        await asyncio.sleep(0.3)
        (card,) = desk.slack.messages(OPS)
        await desk.outbox.adopt_card(request.id, OPS, card.ts)
        await desk.change(request.id, thread("note"), why="clicked")
        shown = [f"{request.id} is at version 3: clicked", "note"]
        await desk.slack.until(lambda: desk.texts() == shown)
    assert desk.slack.counts["chat.postMessage"] == 2


async def test_a_message_that_slack_will_not_take_lets_the_next_one_through(desk: Desk) -> None:
    refusal = Fault(Kind.STATUS, "chat.postEphemeral", status=200, code="nonsense", times=None)
    desk.slack.faults.add(refusal)
    await desk.ask(OPS, whisper("never"), thread("note"))
    async with sending(desk.sender()):
        await desk.slack.until(lambda: "note" in desk.texts())
    assert "never" not in desk.texts()


async def test_a_card_that_cannot_be_made_does_not_stop_the_others(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    bad = await desk.ask()
    desk.unrenderable.add(bad.id)
    good = await desk.ask()
    async with sending(desk.sender()):
        await desk.slack.until(lambda: desk.texts())
    assert desk.texts()[0].startswith(good.id)
    assert f"The card of {bad.id} could not be made." in caplog.text
    assert desk.rendered.count(bad.id) == 1


# --- crashes and absences -------------------------------------------------------------------


async def test_what_a_sender_that_died_had_begun_waits_and_is_then_sent_by_another(
    desk: Desk,
) -> None:
    desk.slack.faults.add(Fault(Kind.HANG, "chat.postMessage", seconds=0.9))
    await desk.ask()
    dying = asyncio.create_task(desk.sender(lease_seconds=3600).step())
    await desk.slack.until(lambda: desk.slack.counts["chat.postMessage"])
    dying.cancel()
    with suppress(asyncio.CancelledError):
        await dying
    await desk.lapse()
    assert not await desk.sender().step(), "it may be in Slack, so it is not repeated at once"
    await desk.pass_time()
    async with sending(desk.sender()):  # the channel rests where the first one's call timed out
        await desk.slack.until(lambda: bool(desk.texts()))
    assert len(desk.texts()) == 1


async def test_a_sender_told_to_stop_finishes_what_it_is_sending(desk: Desk) -> None:
    desk.slack.faults.add(Fault(Kind.SLOW, "chat.postMessage", seconds=0.7))
    request = await desk.ask()
    async with sending(desk.sender()):
        await desk.slack.until(lambda: desk.slack.counts["chat.postMessage"])
    (card,) = desk.slack.messages(OPS)
    await asyncio.sleep(1.1)
    await desk.change(request.id, why="later")
    assert await desk.sender().step()
    assert [each.ts for each in desk.slack.messages(OPS)] == [card.ts]


class Absent:
    """The outbox, with a database that is away for the first so many calls of some methods."""

    def __init__(self, outbox: Outbox, **away: int) -> None:
        self._outbox, self._away = outbox, away

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._outbox, name)

        async def call(*arguments: Any) -> Any:
            if self._away.get(name, 0) > 0:
                self._away[name] -= 1
                raise DatabaseUnreachable("The database does not answer.")
            return await real(*arguments)

        return call


async def test_a_message_that_slack_has_is_not_sent_twice_because_the_database_went_away(
    desk: Desk,
) -> None:
    await desk.ask()
    async with sending(desk.sender(Absent(desk.outbox, sent=2))):
        await desk.slack.until(lambda: desk.texts())
        await asyncio.sleep(3.5)
    await asyncio.gather(desk.pass_time(), desk.outbox.pause(OPS, 0))
    assert not await desk.sender().step()
    assert desk.slack.counts["chat.postMessage"] == 1


async def test_a_database_that_is_away_is_said_once_and_waited_for(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bot.slack.outbox")
    await desk.ask()
    async with sending(desk.sender(Absent(desk.outbox, take_channel=5))):
        await desk.slack.until(lambda: desk.texts())
    assert caplog.text.count("No messages are sent for now") == 1
    assert caplog.text.count("The database answers again") == 1
