"""The VM of a form is chosen while typing: over both transports, and what is chosen is opaque."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from requesting_bot import Kept, bot_on

from bot.commands.manifest import manifest
from bot.messages.vm_picker import VmChoice
from bot.requests.action import Action
from bot.requests.model import Wish
from deploy.local.slack.people import ADA
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.views import View

WEB, DB = VmChoice("t1", "web-01", "rg-shop"), VmChoice("t2", "db-01", "rg-shop")


@pytest.fixture
def kept() -> Kept:
    return Kept(offers=[WEB, DB])


@pytest.fixture(params=["socket", "http"])
async def slack(request: pytest.FixtureRequest, kept: Kept) -> AsyncIterator[SlackStandIn]:
    http = "http://127.0.0.1:1" if request.param == "http" else ""
    async with SlackStandIn(manifest(http)) as slack, bot_on(slack, kept):
        slack.workspace.is_rate_limited = False
        yield slack


async def a_form(slack: SlackStandIn) -> View:
    await slack.type_command("ada", "ops", "/vmbackup snapshot")
    view = slack.modal("ada")
    assert view is not None
    return view


async def looked_up(kept: Kept, times: int) -> None:
    """Wait until the bot has looked the person up so often; Slack sees nothing of it."""
    async with asyncio.timeout(5):
        while kept.looked_up != [ADA.id] * times:
            await asyncio.sleep(0.01)


async def test_what_is_typed_is_answered_with_vms_and_one_is_chosen_by_what_stands_for_it(
    slack: SlackStandIn, kept: Kept
) -> None:
    view = await a_form(slack)
    found = await slack.suggest("ada", view, "chosen_vm", "web")
    assert (found.problem, kept.typed) == ("", [(ADA.id, "web")])
    (option,) = found.options
    assert (option["value"], option["text"]["text"]) == ("t1", "web-01")
    assert option["description"]["text"] == "rg-shop"
    await slack.submit("ada", view, {"chosen_vm": "t1"})
    await slack.until(lambda: kept.previewed)
    assert kept.previewed == [Wish(action=Action.SNAPSHOT, vm="/subscriptions/s/t1")]


async def test_a_character_more_is_asked_for_anew_and_none_is_no_question(
    slack: SlackStandIn, kept: Kept
) -> None:
    view = await a_form(slack)
    assert (await slack.suggest("ada", view, "chosen_vm", "")).outcome.why == "not_sent"
    assert len((await slack.suggest("ada", view, "chosen_vm", "0")).options) == 2
    assert len((await slack.suggest("ada", view, "chosen_vm", "01")).options) == 2
    assert [typed for _, typed in kept.typed] == ["0", "01"]


async def test_a_name_that_is_pasted_by_who_is_not_known_yet_is_answered_at_once(
    slack: SlackStandIn, kept: Kept
) -> None:
    view = await a_form(slack)
    await looked_up(kept, 1)  # once the form is shown
    kept.strangers = {ADA.id}  # a minute later
    found = await slack.suggest("ada", view, "chosen_vm", "web-01")
    assert [option["value"] for option in found.options] == ["t1"]
    assert kept.looked_up == [ADA.id] * 2


async def test_a_list_is_answered_though_slack_does_not_say_in_time_who_types(
    slack: SlackStandIn, kept: Kept
) -> None:
    view = await a_form(slack)
    await looked_up(kept, 1)
    kept.strangers, kept.said = {ADA.id}, asyncio.Event()
    found = await slack.suggest("ada", view, "chosen_vm", "web")
    assert (found.problem, found.options) == ("", ())
    kept.said.set()
    async with asyncio.timeout(5):
        while kept.strangers:
            await asyncio.sleep(0.01)
    found = await slack.suggest("ada", view, "chosen_vm", "web-")
    assert [option["value"] for option in found.options] == ["t1"]
    assert kept.looked_up == [ADA.id] * 2  # what Slack said late serves the next character


async def test_who_is_known_and_offered_nothing_is_not_looked_up_and_can_type_a_name(
    slack: SlackStandIn, kept: Kept
) -> None:
    kept.offers = []
    view = await a_form(slack)
    await looked_up(kept, 1)
    found = await slack.suggest("ada", view, "chosen_vm", "web")
    assert (found.problem, found.options) == ("", ())
    assert kept.looked_up == [ADA.id]
    await slack.submit("ada", view, {"vm": "web-01"})
    await slack.until(lambda: kept.previewed)
    assert kept.previewed[0].vm == "web-01"


@pytest.mark.parametrize(
    ("filled", "field", "sentence"),
    [
        ({}, "vm", "Choose a VM from the list, or type a name like web-01."),
        ({"chosen_vm": "t1", "vm": "db-01"}, "vm", "not both"),
        ({"chosen_vm": "t2"}, "chosen_vm", "is not in the list any more"),
    ],
)
async def test_one_vm_is_named_and_no_more(
    slack: SlackStandIn, kept: Kept, filled: dict[str, str], field: str, sentence: str
) -> None:
    view = await a_form(slack)
    await slack.suggest("ada", view, "chosen_vm", "01")
    kept.offers = [WEB]
    await slack.submit("ada", view, filled)
    assert list(view.errors) == [field]
    assert sentence in view.errors[field]
    assert kept.previewed == []
