"""A request is cancelled by its id, and its card is found, or posted anew where it is gone."""

from __future__ import annotations

import pytest

from bot.composition.request_parts import request_service_of
from bot.request_service import NotAllowed, RequestService
from bot.requests.action import Action
from bot.requests.model import Requester
from bot.requests.states import State
from deploy.local.slack.people import ADA, GRACE, LINUS, TEAM
from tests.workflow.workflow_system import OPS, System

RANDOM = "C02RANDOM"
ONLY_GRACE = """
[requests.ask]
users = ["U01ADA"]
[[requests.rules]]
name = "all"
channel = "C01OPS"
approver_users = ["U02GRACE"]
"""


def service(system: System) -> RequestService:
    return request_service_of(system.connections, lambda: None)


def somebody(user_id: str) -> Requester:
    return Requester(team_id=TEAM.id, user_id=user_id, user_name=user_id, channel_id=RANDOM)


async def withdrawn(system: System, request_id: str, by: str, reason: str = "") -> str:
    """Type the cancellation in another channel, and judge it; the answer."""
    key = f"withdraw-{by}-{request_id}"
    await service(system).withdraw(somebody(by), request_id, reason, key)
    await system.workflow.judge(key)
    return await system.answer(key)


async def test_whoever_asked_cancels_by_id_and_the_vm_is_free_again(system: System) -> None:
    request_id = await system.ask("dev-04")
    assert await withdrawn(system, request_id, ADA.id) == "Cancelled. Nothing was made."
    assert (await system.get(request_id)).state is State.CANCELLED
    assert (await system.get(await system.ask("dev-04"))).state is State.WAITING


async def test_whoever_may_decide_cancels_by_id_with_a_reason(system: System) -> None:
    request_id = await system.ask("dev-04")
    await withdrawn(system, request_id, GRACE.id, "its card is gone")
    request = await system.get(request_id)
    assert request.state is State.CANCELLED
    assert request.why.endswith("stopped it: its card is gone")


async def test_nobody_else_cancels_by_id(system: System) -> None:
    system.with_rules(ONLY_GRACE)
    request_id = await system.ask("dev-04")
    assert "may not decide this" in await withdrawn(system, request_id, LINUS.id)
    assert (await system.get(request_id)).state is State.WAITING


async def test_a_cancellation_of_no_request_is_refused_at_once(system: System) -> None:
    with pytest.raises(NotAllowed, match="There is no request r-0123456789ab"):
        await service(system).withdraw(somebody(ADA.id), "r-0123456789ab", "", "k")


async def test_the_card_is_found_by_its_address(system: System) -> None:
    request_id = await system.ask("dev-04")
    await system.until_said("waiting for approval")
    found = await service(system).find_card(somebody(ADA.id), request_id)
    (card,) = (each for each in system.slack.messages(OPS) if request_id in each.text)
    assert found.place.link.endswith(f"/archives/{OPS}/p{card.ts.replace('.', '')}")
    assert not found.place.is_anew
    assert await service(system).card_link(request_id) == found.place.link


async def test_a_card_that_is_gone_is_posted_anew_and_can_be_decided_on(system: System) -> None:
    request_id = await system.ask("dev-04")
    await system.until_said("waiting for approval")
    (card,) = (each for each in system.slack.messages(OPS) if request_id in each.text)
    await system.slack.workspace.remove(card)
    first = await service(system).find_card(somebody(ADA.id), request_id)
    second = await service(system).find_card(somebody(ADA.id), request_id)
    assert first.place.is_anew
    assert not second.place.is_anew
    await system.until_said("waiting for approval")
    (anew,) = (
        each
        for each in system.slack.messages(OPS)
        if request_id in each.text and "The plan" not in each.text
    )
    assert anew.ts != card.ts
    await system.approve(request_id)
    assert (await system.get(request_id)).state is State.DONE


async def test_asked_already_leads_to_the_card_and_posts_one_that_is_gone_anew(
    system: System,
) -> None:
    request_id = await system.ask("dev-04")
    await system.until_said("waiting for approval")
    link = await service(system).card_link(request_id)
    again = await system.ask("dev-04")
    assert link in await system.notes(again)
    (card,) = (each for each in system.slack.messages(OPS) if each.text.startswith("Snapshot of"))
    await system.slack.workspace.remove(card)
    assert "Its card was gone and is posted anew." in await system.notes(await system.ask("dev-04"))


async def test_what_was_made_is_shown_to_its_asker_and_to_who_may_list_or_ask_for_more(
    system: System,
) -> None:
    request_id = await system.complete("dev-04")
    system.with_rules(ONLY_GRACE)
    found = await service(system).what_was_made(somebody(ADA.id), request_id, Action.EXTEND)
    assert found.request.id == request_id
    with pytest.raises(NotAllowed):
        await service(system).what_was_made(somebody(LINUS.id), request_id, Action.EXTEND)
    system.with_rules(f'{ONLY_GRACE}[requests.restore]\nusers = ["U03LINUS"]\n')
    assert await service(system).what_was_made(somebody(LINUS.id), request_id, Action.RESTORE)
    with pytest.raises(NotAllowed):
        await service(system).what_was_made(somebody(LINUS.id), request_id, Action.EXTEND)
