"""Advice as people meet it: alone, shared, opened, asked for again; and who may not have it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA, BOT, OLU, Channel
from deploy.local.slack.views import View
from deploy.local.slack.workspace import Message
from tests.journeys.requesting_system import GUS, STAFF, Requesting
from tests.journeys.running_system import GRAPH, PATIENCE_SECONDS, RESPONSE, texts

pytestmark = pytest.mark.asyncio(loop_scope="session")

CARD = "web-01 is unprotected. Protect it with Azure Backup"
PARTNER, INVITED, FINANCE = "C04PARTNER", "C70INVITED", "G71QUIET"


@pytest.fixture
def room(either_desk: Requesting) -> Requesting:
    """With a channel to which a partner has been invited, and a private one without the bot."""
    workspace = either_desk.slack.workspace
    invited = Channel(INVITED, "invited", {*STAFF}, is_ext_shared=True)
    private = Channel(FINANCE, "quiet", {ADA.id}, kind="private")
    for each in (invited, private):
        workspace.channels[each.id], workspace.messages[each.id] = each, {}
    return either_desk


def for_all(messages: list[Message]) -> list[Message]:
    return [each for each in messages if not each.only_for]


def view_texts(view: View) -> str:
    return "\n".join(texts(Message("", "", "", "", view.blocks)))


async def asked(place: Requesting, words: str, user: str = "ada", channel: str = "#ops") -> Message:
    return (await place.ask(words, user, channel)).answer


async def until_view(place: Requesting, part: str, user: str = "ada") -> View:
    """The modal of a person, as soon as it says this."""

    def found() -> bool:
        view = place.slack.modal(user)
        return view is not None and part in view_texts(view)

    try:
        await place.slack.until(found, PATIENCE_SECONDS)
    except TimeoutError:
        view = place.slack.modal(user)
        raise AssertionError(f"{view and view_texts(view)}\n{place.log()[-2000:]}") from None
    view = place.slack.modal(user)
    assert view is not None
    return view


async def told_after(place: Requesting, before: set[str], channel: str = "#ops") -> Message:
    (told,) = await place.until_there(before, channel)
    return told


# --- for whom --------------------------------------------------------------------------------


async def test_an_advice_is_for_whoever_asked(room: Requesting) -> None:
    before = room.seen()
    card = await asked(room, "advise web-01")
    assert card.text.startswith(CARD)
    assert for_all(room.new(before)) == []
    assert card.only_for == ADA.id


async def test_with_share_the_channel_sees_it_at_once(room: Requesting) -> None:
    card = await asked(room, "advise web-01 --share")
    assert (card.only_for, card.text.startswith(CARD)) == ("", True)
    assert "Asked for by ada: /vmbackup advise web-01 --share" in texts(card)
    assert "Share here" not in texts(card)


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        (PARTNER, "This channel is shared with another company, so only you see it."),
        (INVITED, "This channel is shared with another company, so only you see it."),
        (FINANCE, "Slack does not show this bot who reads this channel, so only you see it."),
    ],
)
async def test_nothing_about_a_vm_is_public_where_others_read_or_nobody_knows_who_does(
    room: Requesting, channel: str, said: str
) -> None:
    before = room.seen(channel)
    card = await asked(room, "advise web-01 --share", channel=channel)
    assert card.only_for == ADA.id
    assert said in card.text
    for words in ("snapshots", "requests", "requests web-01", "advice", "advise web-99"):
        assert (await asked(room, words, channel=channel)).only_for == ADA.id
    assert for_all(room.new(before, channel)) == []


@pytest.mark.parametrize(
    ("user_id", "said"),
    [
        (GUS.id, "gus is a guest in this workspace; guests may not do this."),
        (OLU.id, "olu belongs to another workspace; only people of this one may do this."),
        (BOT.id, "vmbackup is an app; only people may do this."),
        ("U99NOBODY", "Slack does not say now who this person is"),
    ],
)
async def test_guests_strangers_apps_and_whoever_is_unknown_get_no_advice(
    room: Requesting, user_id: str, said: str
) -> None:
    """Slack's composer does not let a stranger type it; a delivery says what it says."""
    for words in ("advise web-01", "advise web-01 --share", "advice"):
        before = room.seen("#ops")
        room.azure.forget()
        await room.forge(room.command_of(user_id, words), "slash_commands")
        (told,) = await room.until_there(before)
        assert said in told.text
        assert told.only_for == user_id
        assert room.queries() == []


# --- what opens ------------------------------------------------------------------------------


async def test_why_and_the_bill_open_from_what_is_stored(room: Requesting) -> None:
    card = await asked(room, "advise web-01")
    await room.slack.press("ada", card, "advice:why")
    why = view_texts(await until_view(room, "Why"))
    assert "It is the cheapest" in why
    assert "subscription" in why
    await room.slack.close("ada")
    await room.slack.press("ada", card, "advice:bill")
    bill = view_texts(await until_view(room, "USD a month"))
    assert "Protected instance" in bill
    assert "Vault storage" in bill
    await room.slack.close("ada")


async def test_a_changed_vm_is_said_in_what_opens_and_in_what_is_shown_again(
    room: Requesting,
) -> None:
    card = await asked(room, "advise wiki-01")
    (machine,) = [
        body
        for body in room.azure.world.of_type("Microsoft.Compute/virtualMachines")
        if body["name"] == "wiki-01"
    ]
    tags = dict(machine.get("tags") or {})
    machine["tags"] = tags | {"owner": "shop"}
    try:
        await room.slack.press("ada", card, "advice:why")
        assert "Its tags changed: owner is new." in view_texts(await until_view(room, "Given on"))
        await room.slack.close("ada")
        again = await asked(room, f"advice {id_of(card)}")
        assert again.text.startswith("Given on")
        assert "Its tags changed: owner is new." in again.text
    finally:
        machine["tags"] = tags


async def test_what_cannot_be_read_again_is_said_and_the_advice_is_shown(
    room: Requesting,
) -> None:
    card = await asked(room, "advise web-01")
    room.put(Fault(Kind.STATUS, GRAPH, status=403, code="AuthorizationFailed", times=10))
    again = await asked(room, f"advice {id_of(card)}")
    assert "Whether the VM changed since could not be read" in again.text
    assert CARD in again.text


async def test_an_advice_that_did_not_change_says_so_and_is_listed(room: Requesting) -> None:
    card = await asked(room, "advise web-01")
    again = await asked(room, f"advice {id_of(card)}")
    assert "Nothing of it changed since." in again.text
    assert CARD in again.text
    assert f"{id_of(card)}: web-01" in (await asked(room, "advice")).text


async def test_an_id_that_is_none_is_refused_with_what_to_type(room: Requesting) -> None:
    shown = await room.say("advice web-01")
    assert "“web-01” is not the id of an advice" in shown.text
    assert "There is no advice a-0123456789ab" in (await asked(room, "advice a-0123456789ab")).text


async def test_who_lost_the_right_opens_nothing(room: Requesting) -> None:
    """Judged at the click: the card stays on the screen of whoever left."""
    card = await asked(room, "advise web-01 --share")
    for action, title in (("advice:why", "Why"), ("advice:bill", "The bill")):
        body = room.press_of(GUS.id, id_of(card), card, "#ops", action_id=action)
        await room.forge(body)
        view = await until_view(room, "guests may not do this", GUS.id)
        assert view.given["title"]["text"] == title
        assert "USD" not in view_texts(view)
        room.slack.workspace.modals[GUS.id] = []


def id_of(card: Message) -> str:
    values = [
        each["value"]
        for block in card.blocks
        if block["type"] == "actions"
        for each in block["elements"]
        if each["action_id"] == "advice:why"
    ]
    return str(values[0])


# --- sharing ---------------------------------------------------------------------------------


async def test_share_here_posts_it_once_for_the_channel(room: Requesting) -> None:
    card, before = await asked(room, "advise web-01"), room.seen()
    await asyncio.gather(*(room.slack.press("ada", card, "advice:share") for _ in range(2)))
    await room.until_there(before, count=2)
    (shared,), (told,) = (
        for_all(room.new(before)),
        [each for each in room.new(before) if each.only_for],
    )
    assert shared.text.startswith(CARD)
    assert "Shared by ada: /vmbackup advise web-01" in texts(shared)
    assert told.text == "This channel has it already."
    await room.slack.press("grace", shared, "advice:bill")
    assert "Vault storage" in view_texts(await until_view(room, "USD a month", "grace"))
    await room.slack.close("grace")


async def test_a_channel_that_is_shared_meanwhile_gets_nothing(room: Requesting) -> None:
    """Judged again at the click, with the channel read anew."""
    channel = room.slack.workspace.channels["C16TEST"]
    card = await asked(room, "advise web-01", channel=channel.id)
    before = room.seen(channel.id)
    channel.is_ext_shared = True
    try:
        await room.slack.press("ada", card, "advice:share")
        told = await told_after(room, before, channel.id)
        assert told.only_for == ADA.id
        assert "shared with another company" in told.text
        assert for_all(room.new(before, channel.id)) == []
    finally:
        channel.is_ext_shared = False


async def test_who_became_a_guest_shares_nothing(room: Requesting) -> None:
    card, before = await asked(room, "advise web-01", channel="#dev"), room.seen("#dev")
    body = room.press_of(GUS.id, id_of(card), card, "#dev", action_id="advice:share")
    await room.forge(body)
    told = await told_after(room, before, "#dev")
    assert "guests may not do this" in told.text
    assert for_all(room.new(before, "#dev")) == []


async def test_an_address_that_expired_is_posted_by_the_bot_itself(room: Requesting) -> None:
    card, before = await asked(room, "advise web-01", channel="#north"), room.seen("#north")
    room.slack.faults.add(Fault(Kind.STATUS, RESPONSE, status=404, code="expired_url", times=1))
    await room.slack.press("ada", card, "advice:share")
    assert (await told_after(room, before, "#north")).only_for == ""


# --- from the card ---------------------------------------------------------------------------


async def test_known_sizes_are_asked_with_and_answered_where_the_card_is(
    room: Requesting,
) -> None:
    card = await asked(room, "advise web-01 --survive region")
    await room.slack.press("ada", card, "advice:sizes")
    form = await until_view(room, "What is known of web-01?")
    acted = await room.slack.submit("ada", form, {"used": "many", "churn": ""})
    form = await until_view(room, "What is known of web-01?")
    assert "used" in form.errors, (acted, form.errors)
    before = room.seen()
    await room.slack.submit("ada", form, {"used": "144GB", "churn": "2%"})
    answer = await told_after(room, before)
    assert answer.only_for == ADA.id
    assert "144 GB (stated) in use" in answer.text
    assert "Only you see the advice" in view_texts(await until_view(room, "Looking at web-01"))
    await room.slack.close("ada")
    (row,) = await room.rows("SELECT words FROM advices WHERE id = %s", id_of(answer))
    assert row["words"] == [
        *("web-01", "--survive", "region", "--used", "144GB", "--churn", "2%"),
    ]


async def test_an_empty_form_of_sizes_asks_for_one(room: Requesting) -> None:
    card = await asked(room, "advise web-01")
    await room.slack.press("ada", card, "advice:sizes")
    form = await until_view(room, "What is known of web-01?")
    await room.slack.submit("ada", form, {"used": "", "churn": ""})
    form = await until_view(room, "What is known of web-01?")
    assert form.errors == {"used": "State at least one of the two."}
    await room.slack.close("ada")


async def test_the_snapshot_button_opens_the_form_for_this_vm(room: Requesting) -> None:
    card = await asked(room, "advise web-01")
    await room.slack.press("ada", card, "advise:snapshot")
    assert "web-01" in view_texts(await until_view(room, "web-01"))
    await room.slack.close("ada")


FORGED: list[Any] = ["", "a-zzz", "a-" + "0" * 500, "'; DROP TABLE advices; --", {"a": 1}, None]


@pytest.mark.parametrize("value", FORGED)
async def test_a_button_with_another_value_finds_nothing(room: Requesting, value: Any) -> None:
    body = room.press_of(ADA.id, value, None, "#corner-3", action_id="advice:why")
    await room.forge(body)
    await until_view(room, "There is no advice")
    await room.slack.close("ada")


# --- what Slack does not take -----------------------------------------------------------------


async def test_a_slack_without_tables_gets_the_rows_as_a_list_and_keeps_the_buttons(
    room: Requesting,
) -> None:
    room.slack.faults.add(Fault(Kind.STATUS, RESPONSE, status=400, code="invalid_blocks", times=1))
    card = await asked(room, "advise web-01")
    kinds = [block["type"] for block in card.blocks]
    assert "table" not in kinds
    assert "actions" in kinds
