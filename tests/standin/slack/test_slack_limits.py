"""Slack's limits, one by one: what is just allowed passes, what is beyond is named."""

from __future__ import annotations

from typing import Any

import pytest
from slack_play import button, buttons, plain, section
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from deploy.local.slack.limits import block_problems, view_problems

OPS = "C01OPS"


def option(value: str = "v", text: str = "t") -> dict[str, Any]:
    return {"text": plain(text), "value": value}


def options(count: int) -> list[dict[str, Any]]:
    return [option(str(number)) for number in range(count)]


def table(rows: int = 1, cells: int = 1, text: str = "x", **more: Any) -> dict[str, Any]:
    row = [{"type": "raw_text", "text": text} for _ in range(cells)]
    return {"type": "table", "rows": [list(row) for _ in range(rows)], **more}


def act(element: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "actions", "elements": [element]}]


def select(**more: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "a", **more}


def entry(element: dict[str, Any], label: str = "L", **more: Any) -> list[dict[str, Any]]:
    return [{"type": "input", "label": plain(label), "element": element, **more}]


TYPED = {"type": "plain_text_input", "action_id": "a"}
CONFIRM = {"title": plain("t"), "text": plain("x"), "confirm": plain("y"), "deny": plain("n")}

#: What is just allowed, what is beyond it, and where that is said to be.
MESSAGES: dict[str, tuple[list[Any], list[Any], str]] = {
    "50 blocks": ([section("x")] * 50, [section("x")] * 51, "/blocks"),
    "section text 3000": ([section("x" * 3000)], [section("x" * 3001)], "/blocks/0/text/text"),
    "empty text": ([section("x")], [section("")], "/blocks/0/text/text"),
    "section without text": ([section("x")], [{"type": "section"}], "/blocks/0"),
    "10 fields": (
        [{"type": "section", "fields": [plain("x")] * 10}],
        [{"type": "section", "fields": [plain("x")] * 11}],
        "/blocks/0/fields",
    ),
    "field 2000": (
        [{"type": "section", "fields": [plain("x" * 2000)]}],
        [{"type": "section", "fields": [plain("x" * 2001)]}],
        "/blocks/0/fields/0/text",
    ),
    "header 150": (
        [{"type": "header", "text": plain("x" * 150)}],
        [{"type": "header", "text": plain("x" * 151)}],
        "/blocks/0/text/text",
    ),
    "header plain": (
        [{"type": "header", "text": plain("x")}],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        "/blocks/0/text/type",
    ),
    "25 actions": (
        [buttons(*(f"a{number}" for number in range(25)))],
        [buttons(*(f"a{number}" for number in range(26)))],
        "/blocks/0/elements",
    ),
    "10 in context": (
        [{"type": "context", "elements": [plain("x")] * 10}],
        [{"type": "context", "elements": [plain("x")] * 11}],
        "/blocks/0/elements",
    ),
    "5 context actions": (
        [{"type": "context_actions", "elements": [{"type": "feedback_buttons"}] * 5}],
        [{"type": "context_actions", "elements": [{"type": "feedback_buttons"}] * 6}],
        "/blocks/0/elements",
    ),
    "button text 75": (
        act(button("a", text=plain("x" * 75))),
        act(button("a", text=plain("x" * 76))),
        "/blocks/0/elements/0/text/text",
    ),
    "button value 2000": (
        act(button("a", value="x" * 2000)),
        act(button("a", value="x" * 2001)),
        "/blocks/0/elements/0/value",
    ),
    "button url 3000": (
        act(button("a", url="x" * 3000)),
        act(button("a", url="x" * 3001)),
        "/blocks/0/elements/0/url",
    ),
    "button label 75": (
        act(button("a", accessibility_label="x" * 75)),
        act(button("a", accessibility_label="x" * 76)),
        "/blocks/0/elements/0/accessibility_label",
    ),
    "button prompt 4000": (
        act(button("a", agent_prompt="x" * 4000)),
        act(button("a", agent_prompt="x" * 4001)),
        "/blocks/0/elements/0/agent_prompt",
    ),
    "button style": (
        act(button("a", style="danger")),
        act(button("a", style="loud")),
        "/blocks/0/elements/0/style",
    ),
    "action_id 255": (
        act(button("a" * 255)),
        act(button("a" * 256)),
        "/blocks/0/elements/0/action_id",
    ),
    "block_id 255": (
        [section("x") | {"block_id": "b" * 255}],
        [section("x") | {"block_id": "b" * 256}],
        "/blocks/0/block_id",
    ),
    "block_id unique": (
        [section("x") | {"block_id": "a"}, section("x") | {"block_id": "b"}],
        [section("x") | {"block_id": "a"}, section("x") | {"block_id": "a"}],
        "/blocks/1/block_id",
    ),
    "action_id unique": (
        [buttons("a", "b")],
        [buttons("a"), buttons("a")],
        "/blocks/1/elements/0/action_id",
    ),
    "confirm title 100": (
        act(button("a", confirm=CONFIRM | {"title": plain("x" * 100)})),
        act(button("a", confirm=CONFIRM | {"title": plain("x" * 101)})),
        "/blocks/0/elements/0/confirm/title/text",
    ),
    "confirm text 300": (
        act(button("a", confirm=CONFIRM | {"text": plain("x" * 300)})),
        act(button("a", confirm=CONFIRM | {"text": plain("x" * 301)})),
        "/blocks/0/elements/0/confirm/text/text",
    ),
    "confirm button 30": (
        act(button("a", confirm=CONFIRM | {"deny": plain("x" * 30)})),
        act(button("a", confirm=CONFIRM | {"deny": plain("x" * 31)})),
        "/blocks/0/elements/0/confirm/deny/text",
    ),
    "100 options": (
        act(select(options=options(100))),
        act(select(options=options(101))),
        "/blocks/0/elements/0/options",
    ),
    "no options": (
        act(select(options=options(1))),
        act(select(options=[])),
        "/blocks/0/elements/0/options",
    ),
    "100 groups": (
        act(select(option_groups=[{"label": plain("g"), "options": options(1)}] * 100)),
        act(select(option_groups=[{"label": plain("g"), "options": options(1)}] * 101)),
        "/blocks/0/elements/0/option_groups",
    ),
    "option text 75": (
        act(select(options=[option(text="x" * 75)])),
        act(select(options=[option(text="x" * 76)])),
        "/blocks/0/elements/0/options/0/text/text",
    ),
    "option value 150": (
        act(select(options=[option("x" * 150)])),
        act(select(options=[option("x" * 151)])),
        "/blocks/0/elements/0/options/0/value",
    ),
    "overflow 5": (
        act({"type": "overflow", "action_id": "a", "options": options(5)}),
        act({"type": "overflow", "action_id": "a", "options": options(6)}),
        "/blocks/0/elements/0/options",
    ),
    "checkboxes 10": (
        act({"type": "checkboxes", "action_id": "a", "options": options(10)}),
        act({"type": "checkboxes", "action_id": "a", "options": options(11)}),
        "/blocks/0/elements/0/options",
    ),
    "radio buttons 10": (
        act({"type": "radio_buttons", "action_id": "a", "options": options(10)}),
        act({"type": "radio_buttons", "action_id": "a", "options": options(11)}),
        "/blocks/0/elements/0/options",
    ),
    "placeholder 150": (
        act(select(options=options(1), placeholder=plain("x" * 150))),
        act(select(options=options(1), placeholder=plain("x" * 151))),
        "/blocks/0/elements/0/placeholder/text",
    ),
    "input label 2000": (
        entry(TYPED, "x" * 2000),
        entry(TYPED, "x" * 2001),
        "/blocks/0/label/text",
    ),
    "input hint 2000": (
        entry(TYPED, hint=plain("x" * 2000)),
        entry(TYPED, hint=plain("x" * 2001)),
        "/blocks/0/hint/text",
    ),
    "input length 3000": (
        entry(TYPED | {"max_length": 3000}),
        entry(TYPED | {"max_length": 3001}),
        "/blocks/0/element/max_length",
    ),
    "image alt required": (
        [{"type": "image", "image_url": "https://x.test/a", "alt_text": "a"}],
        [{"type": "image", "image_url": "https://x.test/a"}],
        "/blocks/0",
    ),
    "image alt 2000": (
        [{"type": "image", "image_url": "https://x.test/a", "alt_text": "a" * 2000}],
        [{"type": "image", "image_url": "https://x.test/a", "alt_text": "a" * 2001}],
        "/blocks/0/alt_text",
    ),
    "image url 3000": (
        [{"type": "image", "image_url": "u" * 3000, "alt_text": "a"}],
        [{"type": "image", "image_url": "u" * 3001, "alt_text": "a"}],
        "/blocks/0/image_url",
    ),
    "image title 2000": (
        [{"type": "image", "image_url": "u", "alt_text": "a", "title": plain("x" * 2000)}],
        [{"type": "image", "image_url": "u", "alt_text": "a", "title": plain("x" * 2001)}],
        "/blocks/0/title/text",
    ),
    "video title 200": (
        [{"type": "video", "alt_text": "a", "title": plain("x" * 200)}],
        [{"type": "video", "alt_text": "a", "title": plain("x" * 201)}],
        "/blocks/0/title/text",
    ),
    "markdown 12000 over all": (
        [{"type": "markdown", "text": "x" * 6000}] * 2,
        [{"type": "markdown", "text": "x" * 6000}, {"type": "markdown", "text": "x" * 6001}],
        "/blocks",
    ),
    "table 100 rows": ([table(100)], [table(101)], "/blocks/0/rows"),
    "table 20 cells": ([table(1, 20)], [table(1, 21)], "/blocks/0/rows/0"),
    "table 20 settings": (
        [table(column_settings=[{"is_wrapped": True}] * 20)],
        [table(column_settings=[{"is_wrapped": True}] * 21)],
        "/blocks/0/column_settings",
    ),
    "table 10000 characters": (
        [table(10, 10, "x" * 100)],
        [table(10, 10, "x" * 101)],
        "/blocks/0/rows",
    ),
    "table cells": (
        [{"type": "table", "rows": [[{"type": "raw_number", "value": 3}]]}],
        [{"type": "table", "rows": [[{"type": "mrkdwn", "text": "x"}]]}],
        "/blocks/0/rows/0/0/type",
    ),
    "table ragged": (
        [table(2, 2)],
        [{"type": "table", "rows": [*table(1, 2)["rows"], *table(1, 1)["rows"]]}],
        "/blocks/0/rows/1",
    ),
    "one table": ([table()], [table(), table()], "/blocks"),
    "alert in a message": (
        [section("x")],
        [{"type": "alert", "text": plain("x")}],
        "/blocks/0/type",
    ),
    "card title 150": (
        [{"type": "card", "title": plain("x" * 150)}],
        [{"type": "card", "title": plain("x" * 151)}],
        "/blocks/0/title/text",
    ),
    "card body 200": (
        [{"type": "card", "body": plain("x" * 200)}],
        [{"type": "card", "body": plain("x" * 201)}],
        "/blocks/0/body/text",
    ),
    "card 3 actions": (
        [{"type": "card", "actions": [button(each) for each in "abc"]}],
        [{"type": "card", "actions": [button(each) for each in "abcd"]}],
        "/blocks/0/actions",
    ),
    "card with something": (
        [{"type": "card", "title": plain("x")}],
        [{"type": "card", "subtitle": plain("x")}],
        "/blocks/0",
    ),
    "10 cards": (
        [{"type": "carousel", "elements": [{"type": "card", "title": plain("x")}] * 10}],
        [{"type": "carousel", "elements": [{"type": "card", "title": plain("x")}] * 11}],
        "/blocks/0/elements",
    ),
    "container of 10": (
        [{"type": "container", "child_blocks": [section("x")] * 10}],
        [{"type": "container", "child_blocks": [section("x")] * 11}],
        "/blocks/0/child_blocks",
    ),
    "task status": (
        [{"type": "task_card", "status": "complete"}],
        [{"type": "task_card", "status": "great"}],
        "/blocks/0/status",
    ),
    "data table rows": (
        [{"type": "data_table", "caption": plain("c"), "rows": table(2)["rows"]}],
        [{"type": "data_table", "caption": plain("c"), "rows": table(1)["rows"]}],
        "/blocks/0/rows",
    ),
    "data table caption": (
        [{"type": "data_table", "caption": plain("c"), "rows": table(2)["rows"]}],
        [{"type": "data_table", "rows": table(2)["rows"]}],
        "/blocks/0",
    ),
    "data table page": (
        [{"type": "data_table", "caption": "c", "rows": table(2)["rows"], "page_size": 100}],
        [{"type": "data_table", "caption": "c", "rows": table(2)["rows"], "page_size": 101}],
        "/blocks/0/page_size",
    ),
    "2 charts": (
        [{"type": "data_visualization", "title": "c"}] * 2,
        [{"type": "data_visualization", "title": "c"}] * 3,
        "/blocks",
    ),
    "rich text runs": (
        [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}],
        [
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "sound"}]}],
            }
        ],
        "/blocks/0/elements/0/elements/0/type",
    ),
    "unknown block": ([section("x")], [{"type": "banner"}], "/blocks/0/type"),
    "a field nobody knows": ([section("x")], [section("x") | {"colour": "red"}], "/blocks/0"),
}


@pytest.mark.parametrize("name", MESSAGES)
async def test_a_message_beyond_a_limit_is_refused_with_the_path(
    client: AsyncWebClient, name: str
) -> None:
    allowed, beyond, pointer = MESSAGES[name]
    await client.chat_postMessage(channel=OPS, text="x", blocks=allowed)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=OPS, text="x", blocks=beyond)
    response = caught.value.response
    assert response["error"] == "invalid_blocks"
    (message,) = response["response_metadata"]["messages"]
    assert message.startswith("[ERROR] ")
    assert message.endswith(f"[json-pointer:{pointer}]")


async def test_mixed_blocks_of_many_characters_are_too_long_together(
    client: AsyncWebClient,
) -> None:
    await client.chat_postMessage(channel=OPS, text="x", blocks=[section("x" * 2640)] * 5)
    with pytest.raises(SlackApiError, match="msg_blocks_too_long"):
        await client.chat_postMessage(channel=OPS, text="x", blocks=[section("x" * 2641)] * 5)


def test_strange_blocks_are_problems_and_never_crashes() -> None:
    for strange in (None, 3, "x", {}, [None], [3], [{}], [{"type": 3}], [{"type": "section"}]):
        assert block_problems(strange, "message")
    for strange in (None, [], {}, {"type": "modal"}, {"type": "home"}, {"type": []}):
        assert view_problems(strange)
