"""Presses that Slack's page would not offer: forged, replayed, stale, or by somebody who may not.

Nothing of this changes Azure, and nothing is shown but text: the fixture looks after each test.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from deploy.local.slack.people import BOT, DENNIS, GRACE, LINUS, OLU, SLACKBOT
from tests.journeys.requesting_system import CORNERS, GUS, Requesting

pytestmark = pytest.mark.asyncio(loop_scope="session")

NO_REQUEST = "This button belongs to no request that this bot knows. Nothing was done."
VALUES: list[Any] = [
    "AAAAAAAAAAAAAAAAAAAAAAAA",
    "",
    "r-000000000000",
    "\x00",
    "A" * 100_000,
    "'; DROP TABLE requests; --",
    "{0}{button.__class__}%s%n",
    "../../../etc/passwd",
    "<!channel>",
    7,
    None,
    {"button": "x"},
    ["x", "y"],
    "\ud800",
]


async def untouched(place: Requesting, request_id: str, state: str = "waiting") -> None:
    """Nobody's click counted."""
    (row,) = await place.rows("SELECT state, revision FROM requests WHERE id = %s", request_id)
    assert (row["state"], row["revision"]) == (state, 1)
    assert await place.rows("SELECT 1 FROM approvals WHERE request_id = %s", request_id) == []


# --- values ----------------------------------------------------------------------------------


async def test_a_value_that_nobody_was_given_is_answered_and_does_nothing(
    either_quiet: Requesting,
) -> None:
    place = either_quiet
    since = await place.now()
    presses = [
        place.press_of(GRACE.id, value, None, corner)
        for value, corner in zip(VALUES, CORNERS, strict=False)
    ]
    for outcome in [await place.forge(press) for press in presses]:
        assert not outcome.why
    await place.until_answered(len(VALUES), since, GRACE.id)
    assert set((await place.said_to(since, GRACE.id))[GRACE.id]) == {NO_REQUEST}
    for corner, _ in zip(CORNERS, VALUES, strict=False):
        await place.until_told("grace", NO_REQUEST, corner)


@pytest.mark.parametrize("action_id", ["request:", "request:APPROVE", "request:{0}", "request:run"])
async def test_a_button_that_this_bot_never_had_is_said_to_be_another_bots(
    quiet: Requesting, action_id: str
) -> None:
    count = "SELECT count(*) FROM clicks"
    before = await quiet.rows(count)
    press = quiet.press_of(LINUS.id, "x", None, "corner-19", action_id=action_id)
    seen = quiet.seen("corner-19")
    assert not (await quiet.forge(press)).why
    (told,) = await quiet.until_there(seen, "corner-19")
    assert told.text == "This button is of another version of this bot. Nothing was done."
    assert await quiet.rows(count) == before


async def test_a_press_without_something_that_slack_always_sends_does_nothing(
    requests_over_http: Requesting,
) -> None:
    place, since = requests_over_http, await requests_over_http.now()
    for missing in ("user", "channel", "actions", "container", "team", "trigger_id"):
        press = place.press_of("U08NOBODY", "x", None, "corner-18")
        del press[missing]
        await asyncio.wait_for(place.forge(press), 10)
    await place.until_answered(3, since, "U08NOBODY")
    assert (await place.ask("requests", channel="corner-17")).answer
    assert place.changed_nothing()


# --- people ----------------------------------------------------------------------------------


async def test_nobody_who_may_not_decide_decides(quiet: Requesting) -> None:
    """All of them but Ada are in the group of approvers, as far as Slack's list goes."""
    request_id, card = await quiet.waiting("wiki-01")
    value = await quiet.button(request_id)
    refusals = {
        quiet.slack.who("ada"): "This is your own request; somebody else has to decide it",
        GUS.id: "gus is a guest in this workspace; guests may not do this.",
        OLU.id: "olu belongs to another workspace; only people of this one may do this.",
        DENNIS.id: "The account of dennis is deactivated.",
        BOT.id: "vmbackup is an app; only people may do this.",
        SLACKBOT.id: "slackbot is an app; only people may do this.",
        "U99NOBODY": "Slack does not say now who this person is, so the answer is no",
        "'; DELETE FROM requests": "Slack does not say now who this person is",
    }
    since = await quiet.now()
    for who in refusals:
        assert not (await quiet.forge(quiet.press_of(who, value, card, "office"))).why
        denial = _denial(quiet, who, value, card.ts, "office", "I say no.")
        assert not (await quiet.forge(denial)).why
    await quiet.until_answered(2 * len(refusals), since, *refusals)
    said = await quiet.said_to(since, *refusals)
    for who, sentence in refusals.items():
        assert said[who]
        assert all(told.startswith(sentence) for told in said[who])
    await untouched(quiet, request_id)


async def test_only_the_requester_cancels_and_what_is_over_stays_over(quiet: Requesting) -> None:
    request_id, card = await quiet.waiting("mail-01")
    value = await quiet.button(request_id)
    for kind in ("cancel", "go_on", "clean_up", "looked"):
        press = quiet.press_of(LINUS.id, value, card, "office", action_id=f"request:{kind}")
        assert not (await quiet.forge(press)).why
    sentences = ("Only whoever asked may cancel this.", "is not half done", "decided in the usual")
    for sentence in sentences:
        await _until_said(quiet, LINUS.id, sentence)
    await untouched(quiet, request_id)
    await quiet.slack.press("ada", card, "request:cancel")
    await quiet.until_state(request_id, "cancelled")
    await quiet.forge(quiet.press_of(LINUS.id, value, card, "office"))
    await _until_said(quiet, LINUS.id, "This is decided already: ")
    await untouched(quiet, request_id, "cancelled")


async def _until_said(place: Requesting, user_id: str, part: str) -> None:
    await place.until_row(
        "SELECT 1 FROM messages WHERE user_id = %s AND position(%s IN message ->> 'text') > 0",
        user_id,
        part,
    )


# --- places, revisions, times ----------------------------------------------------------------


async def test_a_button_decides_in_its_own_channel_only(quiet: Requesting) -> None:
    """Pressed in two other rooms, by hand and by the form of a denial, and under another card."""
    request_id, card = await quiet.waiting("files-01")
    value = await quiet.button(request_id)
    sentence = "This request is not decided here, but in its own channel. Nothing was done."
    for room in ("corner-15", "#shared-with-partner"):
        assert not (await quiet.forge(quiet.press_of(GRACE.id, value, card, room))).why
    denial = _denial(quiet, GRACE.id, value, card.ts, "corner-16", "Not now.")
    assert not (await quiet.forge(denial)).why
    for room in ("corner-15", "#shared-with-partner", "corner-16"):
        await quiet.until_told("grace", sentence, room)
    await untouched(quiet, request_id)


async def test_a_stranger_in_the_shared_channel_sees_the_card_and_decides_nothing(
    quiet: Requesting,
) -> None:
    request_id, card = await quiet.waiting("edge-01")
    assert card.channel == quiet.slack.where("#shared-with-partner")
    await quiet.slack.press("olu", card, "request:approve")
    await quiet.until_told("olu", "olu belongs to another workspace", card.channel)
    await quiet.slack.press("olu", card, "request:cancel")
    await _until_said(quiet, OLU.id, "Only whoever asked may cancel this.")
    await untouched(quiet, request_id)


async def test_a_button_of_an_older_revision_decides_nothing(quiet: Requesting) -> None:
    """The disk grows after the card was posted: the approval is void, and asked for again."""
    request_id, card = await quiet.waiting("sql-02")
    old = await quiet.button(request_id)
    disk = next(
        body
        for body in quiet.azure.world.of_type("Microsoft.Compute/disks")
        if str(body.get("managedBy", "")).lower().endswith("/sql-02")
    )
    disk["properties"]["diskSizeGB"] += 512
    quiet.azure.world.put(disk)
    await quiet.slack.press("grace", card, "request:approve")
    await quiet.until_row("SELECT 1 FROM requests WHERE id = %s AND revision = 2", request_id)
    await quiet.until_state(request_id, "waiting")
    new = await quiet.button(request_id)
    assert new != old
    await quiet.forge(quiet.press_of(LINUS.id, old, card, "data"))
    await _until_said(quiet, LINUS.id, "The plan changed since this button was shown.")
    (row,) = await quiet.rows("SELECT state, revision FROM requests WHERE id = %s", request_id)
    assert (row["state"], row["revision"]) == ("waiting", 2)
    revisions = await quiet.rows("SELECT revision FROM approvals WHERE request_id = %s", request_id)
    assert [each["revision"] for each in revisions] == [1]


async def test_what_has_lapsed_or_was_denied_is_not_approved_any_more(quiet: Requesting) -> None:
    late, denied = [await quiet.ask_for(f"snapshot {vm} why") for vm in ("orders-01", "crm-01")]
    late_card, denied_card = await quiet.card(late), await quiet.card(denied)
    value = await quiet.button(late)
    await quiet.rows(
        "UPDATE requests SET decide_by = now(), next_at = now() + '2 s' WHERE id = %s", late
    )
    assert not (await quiet.forge(quiet.press_of(GRACE.id, value, late_card, "apps"))).why
    await _until_said(quiet, GRACE.id, "The time to decide is over.")
    await quiet.slack.press("grace", denied_card, "request:deny")
    view = quiet.slack.modal("grace")
    assert view is not None
    await quiet.slack.submit("grace", view, {"reason": "Not <!here> and not today."})
    await quiet.until_state(denied, "denied")
    await quiet.until_state(late, "lapsed")
    approval = quiet.press_of(GRACE.id, await quiet.button(denied), denied_card, "apps")
    assert not (await quiet.forge(approval)).why
    await _until_said(quiet, GRACE.id, "This is decided already: @grace denied it: ")
    await untouched(quiet, denied, "denied")
    await untouched(quiet, late, "lapsed")


# --- helpers ---------------------------------------------------------------------------------


def _denial(
    place: Requesting, user_id: str, button: Any, ts: str, room: str, reason: Any
) -> dict[str, Any]:
    """The form of a denial as if it had been sent, with whatever it carries."""
    metadata = {"button": button, "channel": place.slack.where(room), "ts": ts}
    return place.form_of(
        user_id,
        "request:deny",
        json.dumps(metadata),
        {"reason": {"reason": {"type": "plain_text_input", "value": reason}}},
    )
