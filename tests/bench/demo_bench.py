"""The demo as people feel it: from Enter to what is shown, and from Approve to the work under way.

In the demo's own processes: the bot is a process of its own over Socket Mode, Azure and Slack are
played, and Slack's limits are in force.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from statistics import median
from typing import Any

from deploy.local.bot_process import BotProcess
from deploy.local.demo import demo_world, system
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.workspace import Message
from tests.journeys.running_system import data_directory

OPS = "#ops"
#: VMs of one rule and one approver, whose snapshots share nothing.
VMS = ("web-01", "web-02", "crm-01", "portal-01")
ROUNDS = 5
MOST_ROUNDS_OF_4 = 2  #: with some twelve edits each, within Slack's fifty a minute
#: What the project wants of itself, in milliseconds.
AIMS = {
    "acknowledgement": 100.0,
    "card": 1000.0,
    "in_progress": 500.0,
    "in_progress_of_4": 1500.0,
}
_LONGEST_SECONDS = 60.0
#: Nobody approves in the second in which the card was posted.
_READ_SECONDS = 3.0
_BEGUN = ("running", "in progress", "done")


async def demo_figures(rounds: int = ROUNDS) -> dict[str, Any]:
    """Each figure in milliseconds, as the median of its rounds.

    Four in a row are measured at a Slack of their own: fifty edits a minute are all that it takes,
    and the rounds before them would have used them up.
    """
    async with _started() as (slack, bot):
        await _advice(slack, VMS[0])  # what is imported and read once is no part of it
        advice = [await _advice(slack, VMS[0]) for _ in range(rounds)]
        alone = [await _approvals(slack, bot, VMS[:1]) for _ in range(rounds)]
    async with _started() as (slack, bot):
        together = [await _approvals(slack, bot, VMS) for _ in range(min(rounds, MOST_ROUNDS_OF_4))]
    return {
        "acknowledgement": _milliseconds([each[0] for each in advice]),
        "card": _milliseconds([each[1] for each in advice]),
        "in_progress": _milliseconds([each[0] for each in alone]),
        "in_progress_of_4": _milliseconds([max(each) for each in together]),
    }


@asynccontextmanager
async def _started() -> AsyncIterator[tuple[SlackStandIn, BotProcess]]:
    with data_directory() as data:
        async with system(demo_world(0), data) as (_, slack, bot):
            await bot.ready()
            yield slack, bot


async def _advice(slack: SlackStandIn, vm: str) -> tuple[float, float]:
    """Seconds from Enter to the acknowledgement and to the card."""
    before, began = _seen(slack), time.perf_counter()
    await slack.type_command("ada", OPS, f"/vmbackup advise {vm}")
    acknowledged = time.perf_counter() - began

    def is_there() -> bool:
        return any(each.blocks and vm in _heading(each) for each in _new(slack, before))

    await slack.until(is_there, _LONGEST_SECONDS)
    return acknowledged, time.perf_counter() - began


async def _approvals(slack: SlackStandIn, bot: BotProcess, vms: Sequence[str]) -> list[float]:
    """Seconds from each press of Approve until its card says that the work is under way.

    Pressed one right after the other; then everything is waited for, so that rounds do not meet.
    """
    cards = [await _asked(slack, vm) for vm in vms]
    await asyncio.sleep(_READ_SECONDS)
    seconds = await asyncio.gather(*(_approved(slack, card) for card in cards))
    for card in cards:
        await slack.until(lambda card=card: "done" in _heading(card), _LONGEST_SECONDS)
    return list(seconds)


async def _asked(slack: SlackStandIn, vm: str) -> Message:
    """The card of a new request of that VM, once it can be approved."""
    before = _seen(slack)
    await slack.type_command("ada", OPS, f"/vmbackup snapshot {vm} round {len(before)} --keep 1m")

    def found() -> Message | None:
        return next((each for each in _new(slack, before) if _approve(each)), None)

    await slack.until(found, _LONGEST_SECONDS)
    card = found()
    assert card is not None
    return card


async def _approved(slack: SlackStandIn, card: Message) -> float:
    began = time.perf_counter()
    await slack.press("grace", card, _approve(card))
    await slack.until(lambda: any(word in _heading(card) for word in _BEGUN), _LONGEST_SECONDS)
    return time.perf_counter() - began


def _approve(message: Message) -> str:
    """The action of its button to approve, or nothing."""
    for block in message.blocks:
        for each in block.get("elements", ()) if block["type"] == "actions" else ():
            if each.get("text", {}).get("text") == "Approve":
                return str(each["action_id"])
    return ""


def _heading(message: Message) -> str:
    headers = (each["text"]["text"] for each in message.blocks if each["type"] == "header")
    return next(headers, "")


def _seen(slack: SlackStandIn) -> set[str]:
    return {each.ts for each in slack.messages(OPS)}


def _new(slack: SlackStandIn, before: set[str]) -> list[Message]:
    return [each for each in slack.messages(OPS) if each.ts not in before]


def _milliseconds(seconds: Sequence[float]) -> float:
    return round(median(seconds) * 1000, 1)


def told(found: dict[str, Any]) -> list[str]:
    """The figures for people."""
    names = {
        "acknowledgement": "Enter to acknowledgement",
        "card": "Enter to card",
        "in_progress": "Approve to in progress, alone",
        "in_progress_of_4": "  the last of four in a row",
    }
    return [
        f"{name:<32}{found[key]:>8.1f} ms   (aim: at most {AIMS[key]:.0f})"
        for key, name in names.items()
    ]


if __name__ == "__main__":
    print("\n".join(told(asyncio.run(demo_figures()))))
