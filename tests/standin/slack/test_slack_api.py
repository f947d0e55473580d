"""The Web API over the wire, by Slack's own SDK: what it answers and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_play import SCOPES, client_of, plain, rich_manifest, section
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from deploy.local.slack.people import ADA, APPROVERS, BOT, DENNIS, GRACE, LINUS, OLU
from deploy.local.slack.standin import SlackStandIn

OPS, RANDOM, FINANCE = "C01OPS", "C02RANDOM", "G03FINANCE"


async def refusal(awaitable: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        await awaitable
    return caught.value.response


async def error(awaitable: Any) -> str:
    return str((await refusal(awaitable))["error"])


# --- who calls ------------------------------------------------------------------------------


async def test_auth_test_says_who_the_bot_is(slack: SlackStandIn, client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["user_id"], answer["user"], answer["team_id"]) == (
        BOT.id,
        "vmbackup",
        "T0VMBACKUP",
    )
    assert answer.headers["X-OAuth-Scopes"] == ",".join(sorted(SCOPES))


async def test_a_wrong_token_or_none_is_refused(slack: SlackStandIn) -> None:
    assert await error(client_of(slack, "xoxb-wrong").auth_test()) == "invalid_auth"
    async with aiohttp.ClientSession() as session, session.post(slack.api_url + "auth.test") as got:
        assert (await got.json())["error"] == "not_authed"


async def test_each_kind_of_token_opens_only_its_own_methods(slack: SlackStandIn) -> None:
    assert (
        await error(client_of(slack, slack.app_token).chat_postMessage(channel=OPS, text="x"))
        == "not_allowed_token_type"
    )
    assert (
        await error(client_of(slack).apps_connections_open(app_token=slack.bot_token))
        == "not_allowed_token_type"
    )
    answer = await client_of(slack).apps_connections_open(app_token=slack.app_token)
    assert answer["url"].startswith("ws://127.0.0.1:")


async def test_a_method_that_slack_does_not_have_is_unknown(client: AsyncWebClient) -> None:
    assert await error(client.api_call("chat.shout")) == "unknown_method"


async def test_arguments_are_read_from_query_form_and_json(slack: SlackStandIn) -> None:
    url, headers = slack.api_url + "users.info", {"Authorization": f"Bearer {slack.bot_token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for given in ({"params": {"user": ADA.id}}, {"data": {"user": ADA.id}}):
            async with session.post(url, **given) as got:
                assert (await got.json())["user"]["name"] == "ada"
        async with session.post(url, json={"user": ADA.id}) as got:
            assert (await got.json())["user"]["name"] == "ada"
        async with session.post(
            url, data=b"{", headers={"Content-Type": "application/json"}
        ) as got:
            assert (await got.json())["error"] == "invalid_json"


METHODS_AND_SCOPES = [
    ("chat.postMessage", {"channel": OPS, "text": "x"}, "chat:write"),
    ("chat.postEphemeral", {"channel": OPS, "user": ADA.id, "text": "x"}, "chat:write"),
    ("chat.update", {"channel": OPS, "ts": "1.1", "text": "x"}, "chat:write"),
    ("chat.delete", {"channel": OPS, "ts": "1.1"}, "chat:write"),
    ("users.info", {"user": ADA.id}, "users:read"),
    ("users.list", {}, "users:read"),
    ("usergroups.list", {}, "usergroups:read"),
    ("usergroups.users.list", {"usergroup": APPROVERS.id}, "usergroups:read"),
    ("conversations.list", {}, "channels:read"),
    ("conversations.info", {"channel": OPS}, "channels:read"),
    ("conversations.members", {"channel": OPS}, "channels:read"),
    ("conversations.join", {"channel": RANDOM}, "channels:join"),
    ("conversations.open", {"users": ADA.id}, "im:write"),
    ("files.getUploadURLExternal", {"filename": "a", "length": 1}, "files:write"),
    ("files.completeUploadExternal", {"files": [{"id": "F1"}]}, "files:write"),
]


@pytest.mark.parametrize(("method", "args", "scope"), METHODS_AND_SCOPES)
async def test_a_call_outside_the_manifests_scopes_is_refused(
    method: str, args: dict[str, Any], scope: str
) -> None:
    async with SlackStandIn(rich_manifest(scopes=["commands"])) as slack:
        response = await refusal(client_of(slack).api_call(method, json=args))
    assert response["error"] == "missing_scope"
    assert scope in response["needed"].split(",")
    assert response["provided"] == "commands"


async def test_a_missing_argument_is_named(client: AsyncWebClient) -> None:
    response = await refusal(client.api_call("chat.postMessage", json={"text": "x"}))
    assert response["error"] == "invalid_arguments"
    assert response["response_metadata"]["messages"] == [
        "[ERROR] missing required field: channel [json-pointer:/]"
    ]


# --- messages -------------------------------------------------------------------------------


async def test_a_message_is_posted_changed_linked_and_deleted(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel="#ops", text="hello", blocks=[section("*hi*")])
    assert posted["channel"] == OPS
    assert posted["message"]["bot_id"] == "B0VMBACKUP"
    (message,) = slack.messages("ops")
    assert message.blocks[0]["block_id"]
    ts = posted["ts"]
    link = (await client.chat_getPermalink(channel=OPS, message_ts=ts))["permalink"]
    assert link.endswith(f"/archives/{OPS}/p{ts.replace('.', '')}")
    changed = await client.chat_update(channel=OPS, ts=ts, text="bye", blocks=[section("bye")])
    assert changed["message"]["edited"]["user"] == BOT.id
    await client.chat_delete(channel=OPS, ts=ts)
    assert slack.messages("ops") == []
    assert await error(client.chat_update(channel=OPS, ts=ts, text="again")) == "message_not_found"


async def test_an_update_with_text_alone_removes_the_blocks(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    ts = (await client.chat_postMessage(channel=OPS, text="a", blocks=[section("b")]))["ts"]
    await client.chat_update(channel=OPS, ts=ts, text="only this")
    (message,) = slack.messages("ops")
    assert (message.text, message.blocks) == ("only this", [])


async def test_an_update_wants_the_channels_id_and_the_bots_own_message(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    acted = await slack.type_command("ada", "ops", "my own words")
    assert acted.message
    ts = (await client.chat_postMessage(channel=OPS, text="a"))["ts"]
    update = client.chat_update
    assert await error(update(channel="#ops", ts=ts, text="x")) == "channel_not_found"
    assert await error(update(channel=OPS, ts=acted.message.ts, text="x")) == "cant_update_message"
    assert (
        await error(client.chat_delete(channel=OPS, ts=acted.message.ts)) == "cant_delete_message"
    )


async def test_an_ephemeral_message_is_seen_by_one_and_cannot_be_updated(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    answer = await client.chat_postEphemeral(channel=OPS, user=ADA.id, text="psst")
    assert [each.text for each in slack.workspace.visible_to(ADA.id, OPS)] == ["psst"]
    assert slack.workspace.visible_to(GRACE.id, OPS) == []
    assert (
        await error(client.chat_update(channel=OPS, ts=answer["message_ts"], text="x"))
        == "message_not_found"
    )
    assert (
        await error(client.chat_postEphemeral(channel=OPS, user=OLU.id, text="x"))
        == "user_not_in_channel"
    )


@pytest.mark.parametrize(
    ("channel", "code"),
    [(RANDOM, "not_in_channel"), (FINANCE, "channel_not_found"), ("C9", "channel_not_found")],
)
async def test_the_bot_posts_only_where_it_is_a_member(
    client: AsyncWebClient, channel: str, code: str
) -> None:
    assert await error(client.chat_postMessage(channel=channel, text="x")) == code


async def test_with_chat_write_public_it_posts_in_public_channels_too() -> None:
    async with SlackStandIn(rich_manifest(scopes=[*SCOPES, "chat:write.public"])) as slack:
        await client_of(slack).chat_postMessage(channel=RANDOM, text="x")
        assert len(slack.messages("random")) == 1


async def test_a_persons_id_as_channel_is_their_direct_message(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    answer = await client.chat_postMessage(channel=ADA.id, text="for you")
    assert answer["channel"] == "D01ADA"
    assert await error(client.chat_postMessage(channel=DENNIS.id, text="x")) == "user_disabled"


async def test_without_a_messages_tab_the_bot_cannot_write_to_a_person() -> None:
    made = rich_manifest()
    made["features"]["app_home"]["messages_tab_enabled"] = False
    async with SlackStandIn(made) as slack:
        post = client_of(slack).chat_postMessage(channel=ADA.id, text="for you")
        assert await error(post) == "messages_tab_disabled"


async def test_an_archived_channel_takes_no_message(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    slack.workspace.channels[OPS].is_archived = True
    assert (await client.conversations_info(channel=OPS))["channel"]["is_archived"] is True
    assert await error(client.chat_postMessage(channel=OPS, text="x")) == "is_archived"
    whisper = client.chat_postEphemeral(channel=OPS, user=ADA.id, text="x")
    assert await error(whisper) == "is_archived"


async def test_a_guest_is_told_apart(slack: SlackStandIn, client: AsyncWebClient) -> None:
    slack.workspace.people[ADA.id] = replace(ADA, is_guest=True)
    assert (await client.users_info(user=ADA.id))["user"]["is_restricted"] is True
    assert (await client.users_info(user=GRACE.id))["user"]["is_restricted"] is False


async def test_replies_go_to_a_thread_that_is_there(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    ts = (await client.chat_postMessage(channel=OPS, text="a"))["ts"]
    await client.chat_postMessage(channel=OPS, text="b", thread_ts=ts)
    assert slack.messages("ops")[-1].thread_ts == ts
    post = client.chat_postMessage(channel=OPS, text="b", thread_ts="1.000001")
    assert await error(post) == "thread_not_found"


async def test_a_message_without_words_or_blocks_is_refused(client: AsyncWebClient) -> None:
    post = client.api_call("chat.postMessage", json={"channel": OPS, "text": " "})
    assert await error(post) == "no_text"


async def test_text_is_cut_at_forty_thousand_and_an_update_is_refused_beyond_four(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    ts = (await client.chat_postMessage(channel=OPS, text="x" * 40_001))["ts"]
    assert len(slack.messages("ops")[0].text) == 40_000
    long = client.chat_update(channel=OPS, ts=ts, text="x" * 4001)
    assert await error(long) == "msg_too_long"


async def test_blocks_that_are_no_json_are_called_so(client: AsyncWebClient) -> None:
    post = client.api_call("chat.postMessage", params={"channel": OPS, "blocks": "[{"})
    assert await error(post) == "invalid_blocks_format"


# --- people, groups, channels ---------------------------------------------------------------


async def test_users_are_told_apart_guest_gone_and_bot(client: AsyncWebClient) -> None:
    users = {each["name"]: each for each in (await client.users_list())["members"]}
    assert users["dennis"]["deleted"] is True
    assert users["olu"]["team_id"] != users["ada"]["team_id"]
    assert users["olu"]["is_stranger"] is True
    assert users["vmbackup"]["is_bot"] is True
    assert await error(client.users_info(user="U99")) == "user_not_found"


async def test_users_come_in_pages(client: AsyncWebClient) -> None:
    names, cursor = [], ""
    while True:
        page = await client.users_list(limit=2, cursor=cursor)
        names += [each["name"] for each in page["members"]]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break
    assert names == ["ada", "grace", "linus", "olu", "dennis", "vmbackup"]
    assert await error(client.users_list(cursor="somewhere")) == "invalid_cursor"


async def test_the_approvers_are_a_user_group_which_needs_a_paid_plan(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    (group,) = (await client.usergroups_list(include_users=True))["usergroups"]
    assert (group["handle"], group["users"]) == ("vm-approvers", [GRACE.id, LINUS.id])
    members = await client.usergroups_users_list(usergroup=group["id"])
    assert members["users"] == [GRACE.id, LINUS.id]
    assert await error(client.usergroups_users_list(usergroup="S9")) == "no_such_subteam"
    slack.workspace.has_paid_plan = False
    assert await error(client.usergroups_list()) == "plan_upgrade_required"
    assert await error(client.usergroups_users_list(usergroup="S9")) == "plan_upgrade_required"


async def test_channels_are_listed_described_and_joined(client: AsyncWebClient) -> None:
    listed = {each["name"]: each for each in (await client.conversations_list())["channels"]}
    assert set(listed) == {"ops", "random", "shared-with-partner"}
    assert listed["shared-with-partner"]["is_ext_shared"] is True
    assert listed["random"]["is_member"] is False
    assert await error(client.conversations_info(channel=FINANCE)) == "channel_not_found"
    members = await client.conversations_members(channel=OPS)
    assert set(members["members"]) == {ADA.id, GRACE.id, LINUS.id, BOT.id}
    joined = await client.conversations_join(channel=RANDOM)
    assert joined["channel"]["is_member"] is True
    assert (await client.conversations_join(channel=RANDOM))["warning"] == "already_in_channel"
    await client.chat_postMessage(channel=RANDOM, text="hello")
    assert await error(client.conversations_list(types="secret")) == "invalid_types"
    opened = await client.conversations_open(users=GRACE.id)
    assert opened["channel"]["id"] == "D02GRACE"


# --- files ----------------------------------------------------------------------------------


async def test_a_file_is_uploaded_in_three_steps_by_the_sdk(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    await client.files_upload_v2(
        channel=OPS, filename="fleet.csv", content="vm,cost\n", initial_comment="The fleet"
    )
    (message,) = slack.messages("ops")
    assert message.text == "The fleet"
    (shown,) = message.files
    assert (shown["name"], shown["size"], shown["mimetype"]) == ("fleet.csv", 8, "text/csv")
    assert slack.workspace.files[shown["id"]].content == b"vm,cost\n"
    assert slack.counts["files.upload"] == 1


async def test_a_file_that_was_not_uploaded_cannot_be_shared(client: AsyncWebClient) -> None:
    begun = await client.files_getUploadURLExternal(filename="a.txt", length=3)
    complete = client.files_completeUploadExternal(files=[{"id": begun["file_id"]}])
    assert await error(complete) == "file_not_found"
    async with aiohttp.ClientSession() as session:
        async with session.post(begun["upload_url"], data=b"four") as got:
            assert (got.status, await got.text()) == (400, "length_mismatch")
        async with session.post(begun["upload_url"], data=b"abc") as got:
            assert (got.status, await got.text()) == (200, "OK - 3")


async def test_an_address_for_a_file_is_asked_for_with_a_form_alone(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    as_json = client.api_call("files.getUploadURLExternal", json={"filename": "a", "length": 3})
    assert await error(as_json) == "invalid_arguments"
    too_large = client.files_getUploadURLExternal(filename="a", length=1024**3 + 1)
    assert await error(too_large) == "file_upload_size_restricted"
    with_alt = client.files_getUploadURLExternal(filename="a.png", length=3, alt_txt="x" * 1001)
    assert await error(with_alt) == "alt_txt_too_large"


# --- checking blocks without posting --------------------------------------------------------


async def test_blocks_are_validated_without_a_token(slack: SlackStandIn) -> None:
    client = client_of(slack, "")
    good = [section("fine")]
    assert (await client.api_call("blocks.validate", json={"blocks": good}))["ok"]
    bad = {"blocks": [{"type": "header", "text": plain("x" * 151)}]}
    response = await refusal(client.api_call("blocks.validate", json={"message": bad}))
    assert response["error"] == "invalid_blocks"
    assert response["errors"] == [
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    ]
    view = {"type": "modal", "title": plain("x" * 25), "blocks": good}
    response = await refusal(client.api_call("blocks.validate", json={"view": view}))
    assert response["errors"] == ["must be less than 25 characters [json-pointer:/view/title/text]"]
