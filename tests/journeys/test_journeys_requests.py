"""Requests from the command to their end, with the true bot, over both transports."""

from __future__ import annotations

import asyncio

import pytest

from deploy.local.slack.people import GRACE, LINUS
from tests.journeys.requesting_system import Requesting

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_request_is_asked_approved_taken_said_and_listed(
    either_desk: Requesting,
) -> None:
    desk = either_desk
    request_id = await desk.ask_for("snapshot web-01 before kernel update --keep 3d")
    card = await desk.card(request_id)
    assert card.channel == desk.slack.where("shop")
    assert "before kernel update" in card.text
    assert desk.acts() == []
    assert not (await desk.slack.press("grace", card, "request:approve")).problem
    said = await desk.until_shown(card.channel, lambda one: "It is taken" in one.text)
    assert said.thread_ts == card.ts
    made = desk.made_of(request_id)
    assert len(made) == 2
    assert desk.acts() == ["Snapshots_CreateOrUpdate"] * 2
    for body in made:
        assert body["properties"]["networkAccessPolicy"] == "DenyAll"
        assert body["properties"]["publicNetworkAccess"] == "Disabled"
        assert body["id"].lower() in said.text.lower()
    await _is_listed(desk, request_id, [body["name"] for body in made])


async def _is_listed(desk: Requesting, request_id: str, names: list[str]) -> None:
    listed = (await desk.ask("snapshots web-01")).answer
    assert listed.only_for == desk.slack.who("ada")
    assert all(name in listed.text for name in names)
    requests = (await desk.ask("requests web-01")).answer
    assert f"{request_id}: Snapshot of web-01, done." in requests.text
