"""The cost in an open form follows what is chosen in it, over both transports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from requesting_bot import Kept, bot_on

from advisor.errors import AzureUnreachable
from bot.commands.manifest import manifest
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.views import View

DAY = timedelta(days=1)


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture(params=["socket", "http"])
async def slack(request: pytest.FixtureRequest, kept: Kept) -> AsyncIterator[SlackStandIn]:
    http = "http://127.0.0.1:1" if request.param == "http" else ""
    async with SlackStandIn(manifest(http)) as slack, bot_on(slack, kept):
        slack.workspace.is_rate_limited = False
        yield slack


async def a_form(slack: SlackStandIn, kept: Kept) -> View:
    """The form with the plan; what the bot read and changed for it is forgotten."""
    await slack.type_command("ada", "ops", "/vmbackup snapshot web-01")
    await until_shown(slack, "3 days")
    view = slack.modal("ada")
    assert view is not None
    kept.previewed.clear()
    return view


async def until_shown(slack: SlackStandIn, kept_for: str) -> None:
    await slack.until(lambda: f"{kept_for} from the moment it is made" in shown(slack))


async def until_read(kept: Kept, times: int) -> None:
    """Wait until so many plans were asked for; Slack sees nothing of it."""
    async with asyncio.timeout(5):
        while len(kept.previewed) < times:
            await asyncio.sleep(0.01)


def shown(slack: SlackStandIn) -> str:
    return str(getattr(slack.modal("ada"), "given", ""))


async def test_each_choice_has_its_plan_and_what_is_filled_in_stays(
    slack: SlackStandIn, kept: Kept
) -> None:
    view = await a_form(slack, kept)
    await slack.press("ada", view, "keep", "5d", filled={"reason": "before the update"})
    await until_shown(slack, "5 days")
    await slack.press("ada", view, "disks", ["os"])
    await until_read(kept, 2)
    await slack.press("ada", view, "how", "consistent")
    await until_read(kept, 3)
    assert [(one.keep, one.disks, one.consistent) for one in kept.previewed] == [
        (5 * DAY, (), False),
        (5 * DAY, ("os",), False),
        (5 * DAY, ("os",), True),
    ]
    await slack.until(lambda: len(slack.called("views.update")) == 4)
    assert all(call.error == "" for call in slack.called("views.update"))
    await slack.submit("ada", view, {})
    ((_, wish, _),) = kept.asks
    assert (wish.keep, wish.disks, wish.reason) == (5 * DAY, ("os",), "before the update")


async def test_a_late_answer_never_takes_the_place_of_a_newer_one(
    slack: SlackStandIn, kept: Kept
) -> None:
    view = await a_form(slack, kept)
    late = asyncio.Event()
    kept.held.append(late)
    acted = await slack.press("ada", view, "keep", "5d")
    assert acted.problem == ""  # acknowledged before the plan is there
    await until_read(kept, 1)
    await slack.press("ada", view, "keep", "6d")
    late.set()
    await until_shown(slack, "6 days")
    updates = str([call.args for call in slack.called("views.update")])
    assert "5 days from the moment" not in updates
    assert [one.keep for one in kept.previewed] == [5 * DAY, 6 * DAY]


async def test_an_answer_that_comes_after_the_form_was_sent_changes_nothing(
    slack: SlackStandIn, kept: Kept
) -> None:
    view = await a_form(slack, kept)
    late = asyncio.Event()
    kept.held.append(late)
    await slack.press("ada", view, "keep", "5d")
    await until_read(kept, 1)
    await slack.submit("ada", view, {"reason": "why"})
    assert "Request r-5f0c1a2b3c4d sent" in shown(slack)
    late.set()
    await slack.until(lambda: len(slack.called("views.update")) == 2)
    assert slack.called("views.update")[-1].error == "hash_conflict"
    assert "Request r-5f0c1a2b3c4d sent" in shown(slack)


async def test_what_has_no_plan_shows_no_cost(slack: SlackStandIn, kept: Kept) -> None:
    view = await a_form(slack, kept)
    assert "11.30 USD" in shown(slack)
    await slack.press("ada", view, "keep", "soon")
    await slack.until(lambda: "is not a duration" in shown(slack))
    assert "USD" not in shown(slack)
    kept.error = AzureUnreachable("web-01", "no answer & no more.")
    await slack.press("ada", view, "keep", "2d")
    await slack.until(lambda: "no answer & no more." in shown(slack))
    kept.error = None
    await slack.press("ada", view, "keep", "4d")
    await until_shown(slack, "4 days")
    assert "11.30 USD" in shown(slack)
