"""Response addresses: how long and how often they work, and what they change."""

from __future__ import annotations

from typing import Any

import aiohttp
from slack_played import Played
from slack_sdk.webhook.async_client import AsyncWebhookClient

from deploy.local.slack.people import ADA, BOT

# --- response addresses ---------------------------------------------------------------------


async def respond(body: dict[str, Any], **given: Any) -> tuple[int, str]:
    webhook = AsyncWebhookClient(body["response_url"], retry_handlers=[])
    answer = await webhook.send_dict(given)
    return answer.status_code, str(answer.body)


async def typed(played: Played, channel: str = "random") -> dict[str, Any]:
    played.acknowledge = "Looking"
    await played.slack.type_command("ada", channel, "/vmbackup help")
    return played.heard[-1]


async def test_a_response_address_works_where_the_bot_is_no_member(played: Played) -> None:
    body = await typed(played)
    assert await respond(body, text="for all", response_type="in_channel") == (200, "ok")
    assert await respond(body, text="for you") == (200, "ok")
    shown = [(each.text, each.only_for) for each in played.slack.messages("random")]
    assert shown == [("Looking", ADA.id), ("for all", ""), ("for you", ADA.id)]


async def test_it_works_five_times_within_half_an_hour(played: Played) -> None:
    body = await typed(played)
    for _ in range(5):
        assert (await respond(body, text="x"))[0] == 200
    status, said = await respond(body, text="x")
    assert (status, "used_url" in said) == (404, True)
    body = await typed(played)
    played.slack.clock.forward(30 * 60 + 1)
    status, said = await respond(body, text="x")
    assert (status, "expired_url" in said) == (404, True)
    status, said = await respond({"response_url": body["response_url"] + "0"}, text="x")
    assert status == 404


async def test_it_replaces_and_deletes_the_original_even_an_ephemeral_one(played: Played) -> None:
    body = await typed(played)
    await respond(body, text="Done", replace_original=True)
    (message,) = played.slack.messages("random")
    assert (message.text, message.only_for) == ("Done", ADA.id)
    await respond(body, delete_original=True)
    assert played.slack.messages("random") == []


async def test_a_buttons_response_address_replaces_the_message_it_is_on(played: Played) -> None:
    message = await played.posted("a")
    await played.slack.press("ada", message, "a")
    await respond(played.heard[-1], text="Gone", replace_original=True)
    assert [(each.text, each.blocks) for each in played.slack.messages("ops")] == [("Gone", [])]
    await respond(played.heard[-1], text="More", thread_ts=message.ts, response_type="in_channel")
    assert played.slack.messages("ops")[-1].thread_ts == message.ts


async def test_blocks_beyond_the_limits_are_named_there_too(played: Played) -> None:
    body = await typed(played)
    status, said = await respond(body, text="x", blocks=[{"type": "banner"}])
    assert status == 200
    assert "invalid_blocks" in said
    assert "/blocks/0/type" in said
    async with (
        aiohttp.ClientSession() as session,
        session.post(body["response_url"], json={}) as got,
    ):
        assert (await got.json())["error"] == "no_text"


async def test_a_message_by_the_bot_is_the_bots(played: Played) -> None:
    body = await typed(played)
    await respond(body, text="x", response_type="in_channel")
    assert played.slack.messages("random")[-1].user == BOT.id
