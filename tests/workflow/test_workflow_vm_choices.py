"""The VMs that a form offers while one types: by the rules, from memory, by an opaque value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.composition.request_parts import request_service_of
from bot.jobs.known_vms import MOST_LATE_SECONDS, KnownVms
from bot.messages.snapshot_modal import ask_form
from bot.messages.vm_picker import VmChoice
from bot.request_service import RequestService
from bot.requests.action import Action
from bot.requests.model import Requester, Wish
from deploy.local.slack.people import ADA, GRACE, OLU, TEAM
from tests.workflow.workflow_system import OPS, System

EVERY_SECONDS = 60.0

ONLY_SHOP = """
[requests.ask]
users = ["U02GRACE"]
[[requests.rules]]
name = "shop"
resource_groups = ["rg-shop-prod"]
channel = "C01OPS"
approver_users = ["U02GRACE", "U03LINUS"]
"""


@dataclass
class Typing:
    """People who type into a form, with the VMs in the bot's memory."""

    system: System
    vms: KnownVms
    now: float = 0.0

    @property
    def service(self) -> RequestService:
        return request_service_of(replace(self.system.connections, vms=self.vms), lambda: None)

    async def known(self, user: str) -> Requester:
        requester = Requester(team_id=TEAM.id, user_id=user, channel_id=OPS)
        await self.service.look_up(requester)
        return requester

    async def offered(self, user: str, typed: str) -> list[VmChoice]:
        return list(self.service.offered_vms(await self.known(user), typed))


@pytest.fixture
async def typing(system: System) -> Typing:
    typing = Typing(
        system, KnownVms(system.connections.inventory.names, EVERY_SECONDS, lambda: typing.now)
    )
    await typing.vms.once()
    return typing


async def test_who_may_ask_is_offered_the_vms_that_are_meant(typing: Typing) -> None:
    names = [one.name for one in await typing.offered(ADA.id, "01")]
    assert "web-01" in names
    assert all("01" in name for name in names)
    first = [one.name for one in await typing.offered(ADA.id, "W")]
    begin = [name.lower().startswith("w") for name in first]
    assert begin == sorted(begin, reverse=True)
    assert begin[0]


async def test_whom_the_settings_do_not_name_is_offered_no_vm(typing: Typing) -> None:
    assert await typing.offered(OLU.id, "web") == []
    typing.system.with_rules(ONLY_SHOP)
    assert await typing.offered(ADA.id, "web") == []
    assert [one.name for one in await typing.offered(GRACE.id, "web-01")] == ["web-01"]


async def test_a_vm_that_no_rule_has_is_offered_to_nobody(typing: Typing) -> None:
    typing.system.with_rules(ONLY_SHOP)
    assert await typing.offered(GRACE.id, "erp-01") == []


async def test_who_is_not_known_yet_is_offered_nothing_and_slack_is_not_asked(
    typing: Typing,
) -> None:
    requester = Requester(team_id=TEAM.id, user_id=ADA.id, channel_id=OPS)
    typing.system.with_rules(ONLY_SHOP.replace("U02GRACE", ADA.id, 1))  # nobody is remembered
    service, before = typing.service, len(typing.system.slack.calls)
    assert service.offered_vms(requester, "web") == ()
    assert not service.knows(requester)
    assert len(typing.system.slack.calls) == before
    await service.look_up(requester)
    before = len(typing.system.slack.calls)
    assert service.knows(requester)
    assert [one.name for one in service.offered_vms(requester, "web-01")] == ["web-01"]
    assert len(typing.system.slack.calls) == before


async def test_what_was_read_long_ago_offers_nothing(typing: Typing) -> None:
    requester = await typing.known(ADA.id)
    typing.now += EVERY_SECONDS + MOST_LATE_SECONDS + 1
    assert typing.service.offered_vms(requester, "web") == ()


async def test_a_choice_is_opaque_and_leads_to_the_full_id_in_every_process(
    typing: Typing,
) -> None:
    (choice,) = await typing.offered(ADA.id, "web-01")
    vm_id = typing.service.chosen_vm(choice.token)
    assert vm_id.endswith("/web-01")
    shown = f"{choice.token} {choice.name} {choice.where}".lower()
    assert "/" not in shown
    assert vm_id.split("/")[2].lower() not in shown  # the subscription
    other = KnownVms(typing.system.connections.inventory.names, EVERY_SECONDS, lambda: 0.0)
    await other.once()
    elsewhere = request_service_of(replace(typing.system.connections, vms=other), lambda: None)
    assert elsewhere.chosen_vm(choice.token) == vm_id
    assert typing.service.chosen_vm("0" * 32) == ""


async def test_at_most_a_hundred_are_offered_and_those_of_one_place_are_told_apart(
    typing: Typing,
) -> None:
    def vm(subscription: str, name: str) -> str:
        return (
            f"/subscriptions/{subscription}/resourceGroups/rg/providers/Microsoft.Compute"
            f"/virtualMachines/{name}"
        )

    async def many() -> list[str]:
        return [vm("s-1", f"app-{number:03}") for number in range(200)] + [vm("s-2", "app-000")]

    typing.vms = KnownVms(many, EVERY_SECONDS, lambda: 0.0)
    await typing.vms.once()
    offered = await typing.offered(ADA.id, "app")
    assert len(offered) == 100
    assert [one.where for one in offered[:3]] == [
        "rg, subscription s-1",
        "rg, subscription s-2",
        "resource group rg",
    ]
    assert len({one.token for one in offered}) == 100


async def test_the_subscription_is_shown_only_of_a_vm_that_its_group_does_not_tell_apart(
    typing: Typing,
) -> None:
    requester = await typing.known(ADA.id)
    wish = Wish(action=Action.SNAPSHOT, vm="web-01", keep=timedelta(days=1))
    found = await typing.service.preview(requester, wish)
    assert found.is_only
    form = ask_form(found.plan, found.happens, wish, OPS, is_only=found.is_only)
    assert found.plan.subscription_id not in str(form["blocks"])

    async def twice() -> list[str]:
        return [found.plan.vm_id, found.plan.vm_id.replace(found.plan.subscription_id, "other")]

    typing.vms = KnownVms(twice, EVERY_SECONDS, lambda: 0.0)
    unknown = await typing.service.preview(requester, wish)
    await typing.vms.once()
    ambiguous = await typing.service.preview(requester, wish)
    assert not unknown.is_only
    assert not ambiguous.is_only
    form = ask_form(found.plan, found.happens, wish, OPS, is_only=False)
    assert found.plan.subscription_id in str(form["blocks"])
