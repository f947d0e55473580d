"""What the page in the browser is served: its files, its guard, its live view, its deeds."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_play import app_of, buttons, over_socket, plain
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from deploy.local.control import TOKEN_HEADER
from deploy.local.slack.page_server import FILES
from deploy.local.slack.standin import SlackStandIn

OPS, ADA, GRACE = "C01OPS", "U01ADA", "U02GRACE"


class Page:
    """A page as one person has it open, without the browser."""

    def __init__(self, slack: SlackStandIn, session: aiohttp.ClientSession) -> None:
        self.base, self.session = slack.people.url, session
        self.headers = {TOKEN_HEADER: slack.control_token}

    async def act(self, who: str, **deed: Any) -> dict[str, Any]:
        url = f"{self.base}/page/act?as={who}"
        async with self.session.post(url, json=deed, headers=self.headers) as got:
            return dict(await got.json()) | {"status": got.status}

    async def changes(self, who: str) -> AsyncIterator[dict[str, Any]]:
        url = f"{self.base}/page/changes?as={who}"
        async with self.session.get(url, headers=self.headers) as got:
            async for line in got.content:
                yield json.loads(line)


@pytest.fixture
async def page(slack: SlackStandIn) -> AsyncIterator[Page]:
    async with aiohttp.ClientSession(read_bufsize=2**20) as session:
        yield Page(slack, session)


# --- files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("file", sorted(path.name for path in FILES.iterdir()))
async def test_every_file_is_served_under_a_strict_policy(
    slack: SlackStandIn, page: Page, file: str
) -> None:
    async with page.session.get(f"{page.base}/page/{file}") as got:
        assert got.status == 200
        policy = got.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert slack.control_token not in await got.text()


@pytest.mark.parametrize("name", ["..%2fstandin.py", "standin.py", ".", "nothing.js"])
async def test_nothing_else_is_served(page: Page, name: str) -> None:
    url = URL(f"{page.base}/page/{name}", encoded=True)
    async with page.session.get(url) as got:
        assert got.status in (403, 404)


@pytest.mark.parametrize("path", sorted(FILES.glob("*.js")), ids=lambda path: path.name)
def test_no_script_makes_markup_of_text_or_fetches_from_outside(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for trap in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert trap not in text
    imports = re.findall(r'from "([^"]+)"', text)
    assert all(each.startswith("/page/") for each in imports)
    assert not re.search(r"fetch\(\s*[`\"']https?:", text)


def test_the_page_has_nothing_inline_and_nothing_from_outside() -> None:
    text = (FILES / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"\son\w+=|<style|javascript:|https?://", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    for sheet in FILES.glob("*.css"):
        assert not re.search(r"@import|url\(", sheet.read_text(encoding="utf-8"))


# --- the guard ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {TOKEN_HEADER: "wrong"},
        {TOKEN_HEADER: "right", "Origin": "https://evil.test"},
        {TOKEN_HEADER: "right", "Host": "evil.test"},
    ],
)
async def test_strangers_neither_look_nor_act(
    slack: SlackStandIn, page: Page, headers: dict[str, str]
) -> None:
    right = slack.control_token
    given = {name: right if value == "right" else value for name, value in headers.items()}
    for method, path in (("GET", "changes"), ("POST", "act"), ("GET", "files/F1")):
        url = f"{page.base}/page/{path}?as={ADA}"
        async with page.session.request(method, url, headers=given, json={"do": "close"}) as got:
            assert got.status == 403
    assert slack.messages("ops") == []


@pytest.mark.parametrize("who", ["U05DENNIS", "U00VMBACKUP", "U99", ""])
async def test_nobody_acts_as_the_gone_or_as_a_bot(page: Page, who: str) -> None:
    assert (await page.act(who, do="type", channel=OPS, text="x"))["status"] == 400


# --- the live view --------------------------------------------------------------------------


async def test_the_first_line_is_the_whole_as_this_person_sees_it(
    slack: SlackStandIn, client: AsyncWebClient, page: Page
) -> None:
    await client.chat_postMessage(channel=OPS, text="for all")
    await client.chat_postEphemeral(channel=OPS, user=GRACE, text="for Grace")
    whole = await anext(page.changes(ADA))
    state = whole["state"]
    assert (whole["what"], state["me"], state["team"]) == ("state", ADA, "Meridian")
    assert [each["text"] for each in state["messages"][OPS]] == ["for all"]
    names = [each["name"] for each in state["channels"] if each["kind"] != "im"]
    assert names == ["ops", "random", "shared-with-partner"]
    assert state["app"]["commands"][0]["name"] == "/vmbackup"


async def test_changes_come_as_they_happen_to_those_who_see_them(
    slack: SlackStandIn, client: AsyncWebClient, page: Page
) -> None:
    changes = page.changes(ADA)
    await anext(changes)
    await client.chat_postEphemeral(channel=OPS, user=GRACE, text="for Grace")
    ts = (await client.chat_postMessage(channel=OPS, text="for all"))["ts"]
    shown = await anext(changes)
    assert (shown["what"], shown["message"]["text"]) == ("message", "for all")
    await client.chat_update(channel=OPS, ts=ts, text="changed")
    assert (await anext(changes))["message"]["edited"]
    await client.chat_delete(channel=OPS, ts=ts)
    removed = await anext(changes)
    assert (removed["what"], removed["message"]["ts"]) == ("removed", ts)


async def test_a_guest_sees_only_the_shared_channel_and_no_commands(page: Page) -> None:
    state = (await anext(page.changes("U04OLU")))["state"]
    assert [each["name"] for each in state["channels"]] == ["shared-with-partner"]
    assert state["app"]["commands"] == []


# --- deeds ----------------------------------------------------------------------------------


async def test_one_types_presses_fills_in_and_closes(
    slack: SlackStandIn, client: AsyncWebClient, page: Page
) -> None:
    app = app_of(slack)
    text_input = {"type": "plain_text_input", "action_id": "why"}
    view = {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Why"),
        "submit": plain("Save"),
        "blocks": [
            {"type": "input", "block_id": "why", "label": plain("Why"), "element": text_input}
        ],
    }
    saved = []

    @app.action("ask")
    async def _(ack: Any, body: dict[str, Any]) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    @app.view("form")
    async def _(ack: Any, body: dict[str, Any]) -> None:
        saved.append(body["view"]["state"]["values"]["why"]["why"]["value"])
        await ack()

    async with over_socket(slack, app):
        await page.act(ADA, do="type", channel=OPS, text="hello")
        posted = await client.chat_postMessage(channel=OPS, text="x", blocks=[buttons("ask")])
        press = {"do": "press", "channel": OPS, "ts": posted["ts"], "action": "ask"}
        assert (await page.act(ADA, **press))["ok"]
        shown = slack.modal("ada")
        assert shown
        answer = await page.act(ADA, do="submit", view=shown.id, filled={"why": ""})
        assert not answer["ok"]
        assert shown.errors
        assert (await page.act(GRACE, do="submit", view=shown.id, filled={"why": "mine"}))[
            "problem"
        ] == "That is not possible: view_not_found."
        assert (await page.act(ADA, do="submit", view=shown.id, filled={"why": "upgrade"}))["ok"]
    assert saved == ["upgrade"]
    assert slack.modal("ada") is None


@pytest.mark.parametrize(
    "deed",
    [
        {"do": "dance"},
        {},
        {"do": "press", "channel": OPS},
        {"do": "type", "channel": OPS},
        {"do": "type", "channel": OPS, "text": 3},
    ],
)
async def test_a_strange_deed_is_refused_in_a_sentence(page: Page, deed: dict[str, Any]) -> None:
    answer = await page.act(ADA, **deed)
    assert (answer["status"], answer["ok"]) == (400, False)
    assert answer["problem"].startswith("The page asked for something strange")


async def test_one_does_not_write_where_one_is_not(page: Page) -> None:
    answer = await page.act(ADA, do="type", channel="G03FINANCE", text="hello")
    assert answer["problem"] == "That is not possible: not_in_channel."


async def test_a_file_is_downloaded_and_never_shown_as_a_page(
    slack: SlackStandIn, client: AsyncWebClient, page: Page
) -> None:
    await client.files_upload_v2(channel=OPS, filename="a.html", content="<b>x</b>")
    file = slack.messages("ops")[0].files[0]["id"]
    url = f"{page.base}/page/files/{file}?as={ADA}"
    async with page.session.get(url, headers=page.headers) as got:
        assert got.content_type == "application/octet-stream"
        assert await got.text() == "<b>x</b>"
