"""The outbox: in order, one sender a channel, cards edited in place, nothing sent blindly twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from running_postgres import ask
from store_samples import CHANNEL, a_note, a_plan, a_step, asked, to, to_waiting

from bot.database import Database
from bot.database.outbox import Outbox, PendingMessage
from bot.database.store import Store
from bot.requests.changes import AuditEntry, Change, Note, NoteKind
from bot.requests.model import StepState
from bot.requests.request import Request
from bot.requests.states import State
from tests.databases import Served


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


async def noting(store: Store, request: Request, *notes: Note) -> Request:
    return await store.move(request, Change(to=None, entry=AuditEntry(kind="noted"), notes=notes))


async def take(outbox: Outbox, channel: str = CHANNEL) -> PendingMessage:
    """The next message of the channel, which must be the one that is due."""
    assert await outbox.take_channel("mine", 10) == channel
    pending = await outbox.next_message(channel, "mine")
    assert pending is not None
    assert await outbox.sending(pending.id, "mine")
    return pending


async def send(outbox: Outbox, ts: str = "1.1", channel: str = CHANNEL) -> PendingMessage:
    pending = await take(outbox, channel)
    await outbox.sent(pending.id, ts, pending.version)
    await outbox.pause(channel, 0)
    return pending


async def test_the_card_comes_first_and_its_thread_in_order(store: Store, outbox: Outbox) -> None:
    request = await asked(store)
    assert await outbox.take_channel("mine", 10) is None
    first = replace(to_waiting(), notes=(a_note("one"), a_note("two")))
    request = await store.move(request, first)
    card = await send(outbox, "1.1")
    assert (card.kind, card.request_id, card.message, card.ts) == ("card", request.id, None, "")
    assert card.version == request.version
    one, two = await send(outbox, "1.2"), await send(outbox, "1.3")
    assert [each.message for each in (one, two)] == [
        {"text": "one", "blocks": []},
        {"text": "two", "blocks": []},
    ]
    assert [each.thread_ts for each in (one, two)] == ["1.1", "1.1"]
    assert await outbox.take_channel("mine", 10) is None


async def test_a_note_of_the_same_key_is_sent_once(store: Store, outbox: Outbox) -> None:
    request = await store.move(await asked(store), to_waiting())
    for _ in range(3):
        request = await noting(store, request, a_note("same"))
    await send(outbox)
    assert (await send(outbox)).kind == "thread"
    assert await outbox.take_channel("mine", 10) is None


async def test_what_one_person_is_told_holds_back_no_card(store: Store, outbox: Outbox) -> None:
    aside = Note(key="aside", kind=NoteKind.WHISPER, message={}, channel_id=CHANNEL, user_id="UBEN")
    whispers = tuple(
        replace(aside, key=f"aside-{each}", message={"text": str(each)}) for each in range(3)
    )
    request = await store.move(await asked(store), replace(to_waiting(), notes=whispers))
    await noting(store, request, a_note("later"))
    kinds = [(await send(outbox)).kind for _ in range(5)]
    assert kinds == ["card", "thread", "whisper", "whisper", "whisper"]


async def test_a_card_is_due_whenever_its_request_changed(store: Store, outbox: Outbox) -> None:
    request = await store.move(await asked(store), to_waiting())
    await send(outbox, "1.1")
    request = await store.move(request, to(State.APPROVED))
    await store.take(request.id, "worker", 30)
    await store.move(request, to(State.RUNNING, steps=(a_step(),)), "worker")
    card = await take(outbox)
    assert (card.ts, card.version) == ("1.1", 4)
    # While it is being sent, the request goes on: the card stays due.
    await store.note_step(request.id, "worker", a_step(state=StepState.SENT))
    await outbox.sent(card.id, "1.1", card.version)
    await outbox.pause(CHANNEL, 0)
    assert (await send(outbox)).version == 5
    assert await outbox.take_channel("mine", 10) is None


async def test_a_card_posted_anew_is_not_taken_for_the_one_before(
    served: Served, store: Store, outbox: Outbox
) -> None:
    """The old one's answer arrives after the new revision was written."""
    request = await store.move(await asked(store), to_waiting())
    old = await take(outbox)
    anew = to_waiting(a_plan(revision=2), revision=2, button="button-2")
    await store.move(request, replace(anew, new_card=True))
    await outbox.sent(old.id, "1.1", old.version)
    await outbox.pause(CHANNEL, 0)
    new = await send(outbox, "2.2")
    assert (new.ts, new.version) == ("", 3)
    assert await ask(served, "SELECT ts FROM messages") == "2.2"


async def test_in_another_channel_the_card_is_posted_anew_and_its_thread_follows(
    store: Store, outbox: Outbox
) -> None:
    request = await store.move(await asked(store), to_waiting())
    await send(outbox, "1.1")
    request = await noting(store, request, a_note("still to be sent"))
    elsewhere = to_waiting(a_plan(revision=2), revision=2, button="button-2", channel_id="C0OTHER")
    await store.move(request, elsewhere)
    card = await send(outbox, "2.2", "C0OTHER")
    note = await send(outbox, "2.3", "C0OTHER")
    assert (card.kind, card.ts, note.kind, note.thread_ts) == ("card", "", "thread", "2.2")
    assert await outbox.take_channel("mine", 10) is None


async def test_one_sender_has_a_channel_and_the_others_have_others(
    store: Store, outbox: Outbox
) -> None:
    notes = [
        a_note(f"n-{number}", NoteKind.DIRECT, user_id=f"U{number % 5}") for number in range(20)
    ]
    await store.move(await asked(store), to(State.REFUSED, notes=tuple(notes)))
    taken = await asyncio.gather(*(outbox.take_channel(f"s-{n}", 30) for n in range(8)))
    channels = [each for each in taken if each]
    assert len(channels) == len(set(channels))
    while (more := await outbox.take_channel("last", 30)) is not None:
        channels.append(more)
    assert sorted(channels) == [f"U{number}" for number in range(5)]


async def test_a_lease_that_ran_out_sends_nothing(
    served: Served, store: Store, outbox: Outbox
) -> None:
    await store.move(await asked(store), to_waiting())
    assert await outbox.take_channel("sleeper", 10) == CHANNEL
    pending = await outbox.next_message(CHANNEL, "sleeper")
    assert pending is not None
    await ask(served, "UPDATE channels SET lease_until = now() - interval '1 second'")
    assert not await outbox.sending(pending.id, "sleeper")  # even if nobody took it
    assert await outbox.take_channel("other", 10) == CHANNEL
    assert not await outbox.sending(pending.id, "sleeper")
    assert await outbox.next_message(CHANNEL, "sleeper") is None
    assert await outbox.sending(pending.id, "other")


async def test_what_was_begun_and_never_ended_is_sent_again_only_after_a_pause(
    served: Served, store: Store, outbox: Outbox
) -> None:
    """The sender died: the message may be in the channel."""
    await store.move(await asked(store), to_waiting())
    begun = await take(outbox)
    await ask(served, "UPDATE channels SET lease_until = now() - interval '1 second'")
    assert await outbox.take_channel("other", 10) is None
    await ask(served, "UPDATE messages SET not_before = not_before - interval '15 seconds'")
    assert (await take(outbox)).id == begun.id


async def test_a_channel_rests_as_long_as_it_was_told_and_only_from_posts(
    served: Served, store: Store, outbox: Outbox
) -> None:
    request = await store.move(await asked(store), to_waiting())
    await send(outbox)
    await noting(store, request, a_note("one"))
    await outbox.pause(CHANNEL, 60)
    await outbox.pause(CHANNEL, 0)
    edited = await send(outbox)
    assert (edited.kind, edited.ts) == ("card", "1.1")
    assert await outbox.take_channel("mine", 10) is None
    await ask(served, "UPDATE channels SET next_at = now()")
    assert (await take(outbox)).kind == "thread"


async def test_an_edit_that_failed_keeps_the_pace_of_a_post(store: Store, outbox: Outbox) -> None:
    """Slack may not let the card be edited any more, and then it is posted anew."""
    request = await store.move(await asked(store), to_waiting())
    await send(outbox)
    await noting(store, request)
    edit = await take(outbox)
    await outbox.put_off(edit.id, 0, "edit_window_closed")
    await outbox.pause(CHANNEL, 60)
    assert await outbox.take_channel("mine", 10) is None


async def test_what_is_put_off_holds_its_own_thread_and_no_other(
    store: Store, outbox: Outbox
) -> None:
    request = await store.move(await asked(store), to_waiting())
    await send(outbox, "1.1")
    other = await asked(store, 2)
    plan = a_plan(vm=f"{a_plan().vm_id}-2")
    other = await store.move(other, to_waiting(plan, button="button-2"))
    await send(outbox, "2.2")
    # Each note counts a version: cards first, so that only the notes are left.
    await noting(store, request, a_note("one"), a_note("two"))
    await noting(store, other, a_note("three"))
    while (pending := await take(outbox)).kind == "card":
        await outbox.sent(pending.id, pending.ts, pending.version)
        await outbox.pause(CHANNEL, 0)
    await outbox.put_off(pending.id, 60, "throttled")
    await outbox.pause(CHANNEL, 0)
    three = await send(outbox)
    assert (pending.request_id, three.request_id) == (request.id, other.id)
    assert await outbox.take_channel("mine", 10) is None


async def test_what_is_given_up_lets_the_next_one_go(store: Store, outbox: Outbox) -> None:
    request = await store.move(await asked(store), to_waiting())
    await send(outbox, "1.1")
    request = await noting(store, request, a_note("one"), a_note("two"))
    await send(outbox, "1.1")
    one = await take(outbox)
    await outbox.give_up(one.id, "invalid_blocks")
    await outbox.pause(CHANNEL, 0)
    assert (await send(outbox)).id > one.id
    await noting(store, request)
    card = await take(outbox)
    await outbox.give_up(card.id, "channel_not_found")
    await outbox.pause(CHANNEL, 0)
    assert await outbox.take_channel("mine", 10) is None


async def test_what_waits_for_a_card_that_is_given_up_goes_to_whoever_asked(
    store: Store, outbox: Outbox
) -> None:
    """Without it a request whose card cannot be posted would end without a word."""
    request = await store.move(await asked(store), to_waiting())
    request = await noting(store, request, a_note("one"))
    card = await take(outbox)
    assert (card.kind, card.ts) == ("card", "")
    await outbox.give_up(card.id, "channel_not_found")
    await outbox.pause(CHANNEL, 0)
    note = await take(outbox)
    assert (note.kind, note.user_id) == ("direct", request.requester.user_id)
    assert request.requester.user_id


async def test_of_two_who_found_a_card_given_up_one_posts_it_anew(
    store: Store, outbox: Outbox
) -> None:
    request = await store.move(await asked(store), to_waiting())
    given_up = await take(outbox)
    await outbox.give_up(given_up.id, "channel_not_found")
    await outbox.pause(CHANNEL, 0)
    card = await store.card(request.id)
    assert card is not None
    assert card.is_given_up
    assert [await store.post_anew(card) for _ in range(2)] == [True, False]
    assert (await send(outbox)).kind == "card"
    assert await outbox.take_channel("mine", 10) is None


async def test_with_such_a_note_the_direct_message_of_the_same_is_said_too(
    store: Store, outbox: Outbox
) -> None:
    """Whoever asked would be told twice; what is told directly of something else is still sent."""
    request = await store.move(await asked(store), to_waiting())
    here = {"kind": NoteKind.DIRECT, "user_id": request.requester.user_id, "channel_id": CHANNEL}
    both = a_note("one"), a_note("told-one", **here, unless_in=CHANNEL)
    request = await noting(store, request, *both, a_note("told-two", **here, unless_in=CHANNEL))
    card = await take(outbox)
    await outbox.give_up(card.id, "channel_not_found")
    said = []
    for _ in range(2):
        await outbox.pause(CHANNEL, 0)
        note = await take(outbox)
        said.append((note.kind, note.message and note.message["text"]))
        await outbox.sent(note.id, "1.1", 0)
    assert sorted(said) == [("direct", "one"), ("direct", "told-two")]
    await outbox.pause(CHANNEL, 0)
    assert await outbox.take_channel("mine", 10) is None


async def test_a_card_is_adopted_only_while_none_is_known(store: Store, outbox: Outbox) -> None:
    request = await store.move(await asked(store), to_waiting())
    assert not await outbox.adopt_card(request.id, "C0OTHER", "1.1")
    assert await outbox.adopt_card(request.id, CHANNEL, "1.1")
    assert not await outbox.adopt_card(request.id, CHANNEL, "2.2")
    assert (await send(outbox, "1.1")).ts == "1.1"
