"""The lists show the points of the ledger beside what Azure shows."""

from __future__ import annotations

from bot.composition.request_parts import request_service_of
from bot.messages.listings import PointStatus, points_listing
from bot.requests.model import Requester
from deploy.local.slack.people import ADA, TEAM
from tests.workflow.workflow_system import OPS, System


async def test_a_point_that_was_deleted_in_azure_is_named_and_costs_nothing(system: System) -> None:
    """Azure shows a snapshot within an hour after it was made; until then the ledger counts."""
    request_id = await system.complete("web-01")
    for body in system.snapshots(request_id):
        system.azure.world.remove(body["id"])
    requester = Requester(team_id=TEAM.id, user_id=ADA.id, channel_id=OPS)
    service = request_service_of(system.connections, lambda: None)
    at_first = await service.points(requester, "web-01")
    assert {point.standing for point in at_first.points} == {PointStatus.KEPT}
    await system.execute("UPDATE points SET made_at = made_at - interval '61 minutes'")
    found = await service.points(requester, "web-01")
    assert found.points
    assert {point.standing for point in found.points} == {PointStatus.VANISHED}
    message = points_listing(found.points, await system.store.now(), "web-01", found.not_read)
    assert "of web-01, nothing a month." in message.text
    assert "not in Azure any more: somebody else deleted it" in message.text
    assert "nothing any more" in str(message.blocks)


async def test_the_billed_size_is_shown_without_an_unknown_number(system: System) -> None:
    await system.complete("web-01")
    requester = Requester(team_id=TEAM.id, user_id=ADA.id, channel_id=OPS)
    found = await request_service_of(system.connections, lambda: None).points(requester, "web-01")
    blocks = str(points_listing(found.points, await system.store.now()).blocks)
    size = found.points[0].size_gib
    assert f"used part of {size:,} GB" in blocks
    assert "not known of" not in blocks
