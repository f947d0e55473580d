"""Buttons, triggers, the App Home and shortcuts, with a real Bolt app."""

from __future__ import annotations

from typing import Any

import pytest
from slack_play import buttons, client_of, plain, rich_manifest, section
from slack_played import OPS, Played, form
from slack_sdk.errors import SlackApiError

from deploy.local.slack.errors import SlackError
from deploy.local.slack.people import ADA, OLU
from deploy.local.slack.standin import SlackStandIn

# --- buttons --------------------------------------------------------------------------------


async def test_a_button_says_who_pressed_what_where(played: Played) -> None:
    message = await played.posted("approve", "reject")
    acted = await played.slack.press("ada", message, "reject")
    assert not acted.problem
    (body,) = played.heard
    assert body["user"]["id"] == ADA.id
    assert body["container"] == {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": OPS,
        "is_ephemeral": False,
    }
    (action,) = body["actions"]
    assert (action["action_id"], action["block_id"]) == ("reject", message.blocks[0]["block_id"])
    assert body["message"]["ts"] == message.ts


async def test_a_guest_from_elsewhere_presses_with_their_own_teams_id(played: Played) -> None:
    message = await played.posted("approve", channel="C04PARTNER")
    await played.slack.press("olu", message, "approve")
    assert played.heard[0]["user"]["team_id"] == OLU.team.id


@pytest.mark.parametrize("who", ["dennis", "vmbackup"])
async def test_the_gone_and_bots_press_nothing(played: Played, who: str) -> None:
    message = await played.posted("approve")
    with pytest.raises(SlackError, match="account_inactive"):
        await played.slack.press(who, message, "approve")


async def test_without_interactivity_in_the_manifest_nothing_is_delivered() -> None:
    manifest = rich_manifest()
    manifest["settings"]["interactivity"] = {"is_enabled": False}
    async with SlackStandIn(manifest) as slack:
        await client_of(slack).chat_postMessage(channel=OPS, text="x", blocks=[buttons("a")])
        acted = await slack.press("ada", slack.messages("ops")[0], "a")
    assert acted.problem == "This app is not configured to handle interactive responses."


# --- triggers -------------------------------------------------------------------------------


async def test_a_trigger_opens_one_modal_within_three_seconds(played: Played) -> None:
    await played.slack.press("ada", await played.posted("show"), "show")
    trigger = played.heard[0]["trigger_id"]
    await played.client.views_open(trigger_id=trigger, view=form())
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await played.client.views_open(trigger_id=trigger, view=form())
    await played.slack.press("ada", await played.posted("show2"), "show2")
    played.slack.clock.forward(3.1)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await played.client.views_open(trigger_id=played.heard[1]["trigger_id"], view=form())
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        await played.client.views_open(trigger_id="1.2.3", view=form())


async def test_a_view_that_is_refused_leaves_the_trigger_whole(played: Played) -> None:
    await played.slack.press("ada", await played.posted("show"), "show")
    trigger = played.heard[0]["trigger_id"]
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await played.client.views_open(trigger_id=trigger, view=form(title=plain("x" * 25)))
    await played.client.views_open(trigger_id=trigger, view=form())


# --- the home and shortcuts -----------------------------------------------------------------


async def test_the_home_is_published_when_it_is_opened(played: Played) -> None:
    home = {"type": "home", "blocks": [section("Your VMs"), buttons("refresh")]}

    async def publish(body: dict[str, Any]) -> None:
        if body.get("event", {}).get("type") == "app_home_opened":
            await played.client.views_publish(user_id=body["event"]["user"], view=home)

    played.then = publish
    await played.slack.open_home("ada")
    await played.slack.until(lambda: played.slack.home("ada"))
    view = played.slack.home("ada")
    assert view
    await played.slack.press("ada", view, "refresh")
    assert played.heard[-1]["container"] == {"type": "view", "view_id": view.id}
    old = view.hash
    await played.client.views_publish(user_id=ADA.id, view=home, hash=old)
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await played.client.views_publish(user_id=ADA.id, view=home, hash=old)


async def test_shortcuts_come_from_the_manifest(played: Played) -> None:
    message = await played.posted("a")
    await played.slack.people.shortcut(ADA.id, "advise")
    assert "channel" not in played.heard[-1]
    await played.slack.people.shortcut(ADA.id, "about", message)
    assert played.heard[-1]["message"]["ts"] == message.ts
    with pytest.raises(SlackError, match="shortcut_not_found"):
        await played.slack.people.shortcut(ADA.id, "nothing")


async def test_a_guest_of_another_workspace_has_neither_home_nor_shortcuts(played: Played) -> None:
    with pytest.raises(SlackError, match="not_enabled"):
        await played.slack.open_home("olu")
    with pytest.raises(SlackError, match="shortcut_not_found"):
        await played.slack.people.shortcut(OLU.id, "advise")
