"""What the demo's page does to Azure, Slack and the bot, over the wire and without a browser."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from deploy.local.bot_process import BotProcess
from deploy.local.control import TOKEN_HEADER
from deploy.local.demo import demo_world, system
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.workspace import Message
from tests.demo.demo_program import Demo, demo

PATIENCE_SECONDS = 60.0
DAY_SECONDS = 86_400
SNAPSHOT = "/vmbackup snapshot web-01 before kernel update --keep 1d"


async def press(slack: SlackStandIn, who: str, name: str) -> None:
    """Press that button of the newest card that has it, once there is one."""

    def found() -> tuple[Message, str] | None:
        for message in reversed(slack.messages("#ops")):
            for block in message.blocks:
                for each in block.get("elements", ()) if block["type"] == "actions" else ():
                    if each.get("text", {}).get("text") == name:
                        return message, each["action_id"]
        return None

    await slack.until(found, PATIENCE_SECONDS)
    there = found()
    assert there is not None
    await slack.press(who, there[0], there[1])


async def shows(slack: SlackStandIn, true: Any) -> Mapping[str, Any]:
    """What the panel shows once that is true of it."""
    beside = slack.page.beside
    assert beside is not None
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not true(view := beside.view()):
            await asyncio.sleep(0.05)
    return view


async def does(slack: SlackStandIn, **deed: Any) -> None:
    assert slack.page.beside is not None
    assert await slack.page.beside.act(deed) == ""


def made(view: Mapping[str, Any], state: str = "ready") -> list[str]:
    return [each["disk"] for each in view["snapshots"] if each["state"] == state]


async def asked_and_approved(slack: SlackStandIn, bot: BotProcess) -> None:
    await bot.ready()
    await slack.type_command("ada", "#ops", SNAPSHOT)
    await press(slack, "grace", "Approve")


async def test_a_snapshot_appears_is_ready_and_is_gone_seconds_after_the_clock_was_moved(
    data_directory: Path,
) -> None:
    async with system(demo_world(0), data_directory) as (azure, slack, bot):
        await asked_and_approved(slack, bot)
        view = await shows(slack, lambda view: len(made(view)) == 2)
        web = next(each for each in view["vms"] if each["name"] == "web-01")
        assert (web["sign"], web["word"], web["snapshots"]) == ("🔴", "unprotected", 2)
        # The disks of one request are asked for at once: Azure may hear of either first.
        assert sorted((each["what"], each["about"]) for each in view["jobs"][:2]) == [
            ("Take snapshot", "web-01-data-1"),
            ("Take snapshot", "web-01-os"),
        ]
        ahead = azure.world.now
        await does(slack, do="forward", seconds=DAY_SECONDS + 60)
        assert (azure.world.now - ahead).total_seconds() > DAY_SECONDS
        await shows(slack, lambda view: not view["snapshots"])


async def test_where_half_fails_the_panel_and_the_card_say_which_half(
    data_directory: Path,
) -> None:
    async with system(demo_world(0), data_directory) as (_, slack, bot):
        await does(slack, do="switch", switch="half", on=True)
        await asked_and_approved(slack, bot)
        view = await shows(slack, lambda view: made(view))
        assert made(view) == ["web-01-os"]
        half = lambda: any("half done" in each.text for each in slack.messages("#ops"))  # noqa: E731
        await slack.until(half, PATIENCE_SECONDS)
        assert {each["id"]: each["on"] for each in view["switches"]}["half"]


async def test_what_was_asked_while_the_bot_was_dead_and_slack_away_is_done_later(
    data_directory: Path,
) -> None:
    async with system(demo_world(0), data_directory) as (_, slack, bot):
        await bot.ready()
        await does(slack, do="switch", switch="slack", on=True)
        await slack.type_command("ada", "#ops", SNAPSHOT)
        await does(slack, do="kill-bot")
        assert not (await shows(slack, lambda view: not view["bot_runs"]))["bot_runs"]
        await does(slack, do="switch", switch="slack", on=False)
        await does(slack, do="start-bot")
        await bot.ready()
        await press(slack, "grace", "Approve")
        await shows(slack, lambda view: len(made(view)) == 2)


async def test_what_the_page_cannot_ask_for_is_refused(data_directory: Path) -> None:
    async with system(demo_world(0), data_directory) as (_, slack, bot):
        await bot.ready()
        assert slack.page.beside is not None
        for deed in (
            {"do": "dance"},
            {"do": "forward", "seconds": -1},
            {"do": "forward", "seconds": True},
            {"do": "switch", "switch": "gravity", "on": True},
            {"do": "reset"},
        ):
            with pytest.raises(ValueError, match=r".+"):
                await slack.page.beside.act(deed)


def asked_of(shown: Demo, path: str, body: Mapping[str, Any]) -> Any:
    base, _, token = shown.url.partition("#")
    url = f"{base}page/{path}?as=U01ADA"
    request = Request(url, json.dumps(body).encode(), {TOKEN_HEADER: token})
    with urlopen(request) as answer:
        return json.loads(answer.read())


def state_of(shown: Demo) -> Any:
    base, _, token = shown.url.partition("#")
    request = Request(f"{base}page/changes?as=U01ADA", headers={TOKEN_HEADER: token})
    with urlopen(request) as answer:
        return json.loads(answer.readline())["state"]


def type_on(shown: Demo, text: str) -> None:
    answer = asked_of(shown, "act", {"do": "type", "channel": "C01OPS", "text": text})
    assert answer["ok"], answer["problem"]


def until_said(shown: Demo, text: str) -> None:
    """Until that stands in a message of #ops, for Ada's eyes."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while text not in json.dumps(messages_of(shown)):
        assert time.monotonic() < ends, messages_of(shown)
        time.sleep(0.1)


def messages_of(shown: Demo) -> list[Any]:
    found: list[Any] = state_of(shown)["messages"]["C01OPS"]
    return found


def stop(shown: Demo) -> None:
    shown.process.send_signal(signal.SIGINT)
    assert shown.ended() == "Stopped.\n"


def test_each_start_is_clean_unless_the_last_one_is_kept(data_directory: Path) -> None:
    with demo(data_directory) as first:
        type_on(first, SNAPSHOT)
        until_said(first, '"Approve"')
        asked_of(first, "beside", {"do": "forward", "seconds": 3600})
        stop(first)
    with demo(data_directory, "--keep") as kept:
        until_said(kept, '"Approve"')
        type_on(kept, SNAPSHOT)
        until_said(kept, "one already")
        assert beside_of(kept)["ahead_seconds"] == 3600
        stop(kept)
    with demo(data_directory) as clean:
        assert messages_of(clean) == []
        assert beside_of(clean)["ahead_seconds"] == 0
        type_on(clean, SNAPSHOT)
        until_said(clean, '"Approve"')
        assert "one already" not in json.dumps(messages_of(clean))
        assert asked_of(clean, "beside", {"do": "reset"})["ok"]
        until_empty(clean)
        type_on(clean, SNAPSHOT)
        until_said(clean, '"Approve"')
        stop(clean)


def beside_of(shown: Demo) -> Any:
    base, _, token = shown.url.partition("#")
    request = Request(f"{base}page/beside?as=U01ADA", headers={TOKEN_HEADER: token})
    with urlopen(request) as answer:
        return json.loads(answer.readline())


def until_empty(shown: Demo) -> None:
    """Until everything is up anew, at the same address: the bot connected, nothing said yet."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        assert time.monotonic() < ends
        try:
            state = state_of(shown)
        except OSError:
            state = None
        if state and state["app"]["connections"] and not state["messages"]["C01OPS"]:
            return
        time.sleep(0.1)
