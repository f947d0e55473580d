"""Modals, from the click to what their submission does, with a real Bolt app."""

from __future__ import annotations

import pytest
from slack_play import plain, section
from slack_played import Played, form
from slack_sdk.errors import SlackApiError

# --- modals ---------------------------------------------------------------------------------


async def test_a_modal_is_filled_in_and_submitted(played: Played) -> None:
    await played.with_form(private_metadata="r1")
    view = played.slack.modal("ada")
    assert view
    filled = {
        "why": "upgrade",
        "disks": ["os", "data"],
        "kind": "os",
        "disk": "data",
        "who": "U02GRACE",
    }
    await played.slack.submit("ada", view, filled)
    body = played.heard[-1]
    assert body["type"] == "view_submission"
    assert body["view"]["private_metadata"] == "r1"
    values = body["view"]["state"]["values"]
    assert values["why"]["why"] == {"type": "plain_text_input", "value": "upgrade"}
    assert values["keep"]["keep"]["selected_date"] == "2026-11-29"
    assert [each["value"] for each in values["disks"]["disks"]["selected_options"]] == [
        "os",
        "data",
    ]
    assert values["kind"]["kind"]["selected_option"]["value"] == "os"
    assert values["who"]["who"]["selected_user"] == "U02GRACE"
    assert played.slack.modal("ada") is None


@pytest.mark.parametrize(
    ("why", "objection"),
    [("", "Please complete this required field."), ("x" * 21, "Use at most 20 characters.")],
)
async def test_what_is_missing_is_said_before_anything_is_sent(
    played: Played, why: str, objection: str
) -> None:
    await played.with_form()
    view, heard = played.slack.modal("ada"), len(played.heard)
    assert view
    await played.slack.submit("ada", view, {"why": why})
    assert view.errors == {"why": objection}
    assert len(played.heard) == heard
    assert played.slack.modal("ada") is view


async def test_the_apps_errors_stand_in_the_modal(played: Played) -> None:
    await played.with_form()
    view = played.slack.modal("ada")
    assert view
    played.acknowledge = {"response_action": "errors", "errors": {"why": "Say more."}}
    await played.slack.submit("ada", view, {"why": "no"})
    assert view.errors == {"why": "Say more."}
    played.acknowledge = {"response_action": "errors", "errors": {"nowhere": "x"}}
    acted = await played.slack.submit("ada", view, {"why": "no"})
    assert acted.problem == "We had some trouble connecting. Try again?"


async def test_a_submission_can_update_push_and_clear(played: Played) -> None:
    await played.with_form()
    view = played.slack.modal("ada")
    assert view
    changed = form(title=plain("Changed"))
    played.acknowledge = {"response_action": "update", "view": changed}
    await played.slack.submit("ada", view, {"why": "a"})
    assert played.slack.modal("ada") is view
    assert view.given["title"]["text"] == "Changed"
    played.acknowledge = {"response_action": "push", "view": form(title=plain("On top"))}
    await played.slack.submit("ada", view, {"why": "a"})
    top = played.slack.modal("ada")
    assert top
    assert (top.previous_id, top.root_id) == (view.id, view.id)
    played.acknowledge = {"response_action": "clear"}
    await played.slack.submit("ada", top, {"why": "a"})
    assert played.slack.modal("ada") is None


async def test_three_modals_stand_on_each_other_and_no_more(played: Played) -> None:
    await played.with_form()
    for count in (2, 3, 4):
        top = played.slack.modal("ada")
        assert top
        await played.slack.press("ada", top, "next")
        trigger = played.heard[-1]["trigger_id"]
        push = played.client.views_push(trigger_id=trigger, view=form())
        if count < 4:
            await push
        else:
            with pytest.raises(SlackApiError, match="push_limit_reached"):
                await push


async def test_a_view_is_updated_by_its_id_unless_it_changed_meanwhile(played: Played) -> None:
    await played.with_form(external_id="mine")
    view = played.slack.modal("ada")
    assert view
    old = view.hash
    await played.client.views_update(view_id=view.id, hash=old, view=form(external_id="mine"))
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await played.client.views_update(view_id=view.id, hash=old, view=form())
    await played.client.views_update(external_id="mine", view=form(title=plain("By name")))
    assert view.given["title"]["text"] == "By name"
    with pytest.raises(SlackApiError, match="not_found"):
        await played.client.views_update(view_id="V9", view=form())


async def test_a_view_of_more_than_a_quarter_megabyte_is_too_large(played: Played) -> None:
    await played.with_form()
    view = played.slack.modal("ada")
    assert view
    blocks = [section("x" * 2990) for _ in range(90)]
    with pytest.raises(SlackApiError, match="view_too_large"):
        await played.client.views_update(view_id=view.id, view=form(blocks=blocks))


async def test_closing_is_told_where_it_was_asked_for(played: Played) -> None:
    await played.with_form()
    await played.slack.close("ada")
    assert played.heard[-1]["type"] == "block_actions"
    await played.with_form(notify_on_close=True)
    await played.slack.close("ada", everything=True)
    assert (played.heard[-1]["type"], played.heard[-1]["is_cleared"]) == ("view_closed", True)
    assert played.slack.modal("ada") is None
