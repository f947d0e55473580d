"""What the lists show of what was made, beside what Azure shows."""

from __future__ import annotations

from bot.composition.request_parts import request_service_of
from bot.messages.listings import PointStatus, points_listing
from bot.requests.model import Requester
from deploy.local.slack.people import ADA, TEAM
from tests.workflow.told import OPS, Told


async def test_what_somebody_else_deleted_is_named_and_costs_nothing(tale: Told) -> None:
    """An hour after it was made Azure would show it; until then it is as the ledger has it."""
    request_id = await tale.done("web-01")
    for body in tale.snapshots(request_id):
        tale.azure.world.remove(body["id"])
    requester = Requester(team_id=TEAM.id, user_id=ADA.id, channel_id=OPS)
    keeper = request_service_of(tale.connections, lambda: None)
    at_first = await keeper.points(requester, "web-01")
    assert {point.standing for point in at_first.points} == {PointStatus.KEPT}
    await tale.execute("UPDATE points SET made_at = made_at - interval '61 minutes'")
    found = await keeper.points(requester, "web-01")
    assert found.points
    assert {point.standing for point in found.points} == {PointStatus.VANISHED}
    message = points_listing(found.points, await tale.store.now(), "web-01", found.not_read)
    assert "of web-01, nothing a month." in message.text
    assert "not in Azure any more: somebody else deleted it" in message.text
    assert "nothing any more" in str(message.blocks)


async def test_the_size_billed_is_said_without_a_number_that_nobody_knows(tale: Told) -> None:
    await tale.done("web-01")
    requester = Requester(team_id=TEAM.id, user_id=ADA.id, channel_id=OPS)
    found = await request_service_of(tale.connections, lambda: None).points(requester, "web-01")
    blocks = str(points_listing(found.points, await tale.store.now()).blocks)
    size = found.points[0].size_gib
    assert f"used part of {size:,} GB" in blocks
    assert "not known of" not in blocks
