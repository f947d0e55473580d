"""The lists show the points of the ledger beside what Azure shows."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.composition.request_parts import comparison_of, request_service_of
from bot.messages.list_page import ListAsked
from bot.messages.listings import PointStatus, points_listing
from bot.requests.model import Requester
from deploy.local.slack.people import ADA, TEAM
from tests.workflow.workflow_system import OPS, System

DAY = timedelta(days=1)


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
    unsure = await service.points(requester, "web-01")
    assert {point.standing for point in unsure.points} == {PointStatus.NOT_READ}
    await compared(system)
    found = await service.points(requester, "web-01")
    assert found.points
    assert {point.standing for point in found.points} == {PointStatus.VANISHED}
    asked = ListAsked(name="snapshots", vm="web-01")
    message = points_listing(found.points, found.at, asked, found.not_read)
    assert "of web-01, of 1 request: nothing a month." in message.text
    assert "not in Azure any more: somebody else deleted it" in message.text
    assert "made:" not in str(message.blocks)


async def compared(system: System) -> None:
    """The ledger is compared with Azure, point by point."""
    await comparison_of(system.connections, system.acts).look()


async def test_a_point_in_a_resource_group_that_may_not_be_read_is_not_called_deleted(
    system: System,
) -> None:
    """Resource Graph lists it no more; nobody deleted it, and it goes on costing."""
    request_id = await system.complete("web-01")
    for body in system.snapshots(request_id):
        system.azure.world.forbidden.add(body["id"].split("/providers/")[0])
    await system.execute("UPDATE points SET made_at = made_at - interval '61 minutes'")
    requester = Requester(team_id=TEAM.id, user_id=ADA.id, channel_id=OPS)
    service = request_service_of(system.connections, lambda: None)
    for _ in range(2):
        found = await service.points(requester, "web-01")
        assert {point.standing for point in found.points} == {PointStatus.NOT_READ}
        message = points_listing(found.points, found.at, None, found.not_read)
        assert "nothing a month" not in message.text
        assert "deleted it" not in message.text
        await compared(system)


def hold_until(system: System, request_id: str, until: datetime) -> str:
    """One snapshot of the request gets a policy that holds until then; the snapshot's name."""
    body = system.snapshots(request_id)[0]
    body["properties"]["immutabilityPolicy"] = {
        "type": "Unlocked",
        "immutabilityDurationDays": 9,
        "policyExpirationTime": until.isoformat(),
        "isPolicyExpired": False,
    }
    return str(body["name"])


async def test_an_immutable_snapshot_is_listed_so_and_promised_no_earlier_deletion(
    system: System,
) -> None:
    request_id = await system.complete("web-01", keep=DAY)
    now = await system.store.now()
    until = now + 9 * DAY
    name = hold_until(system, request_id, until)
    requester = Requester(team_id=TEAM.id, user_id=ADA.id, channel_id=OPS)
    found = await request_service_of(system.connections, lambda: None).points(requester, "web-01")
    held, other = sorted(found.points, key=lambda one: not one.arm_id.endswith(f"/{name}"))
    assert held.is_immutable_longer
    assert not other.is_immutable_longer
    message = points_listing(found.points, now)
    assert str(message.blocks).count("1 of 2 immutable until") == 1
    assert message.text.count("immutable until") == 1
    assert message.text.count("kept until ") == 1


async def test_what_is_immutable_beyond_its_expiry_is_said_in_the_reminder_and_when_it_stays(
    system: System,
) -> None:
    request_id = await system.complete("dev-04", keep=DAY)
    hold_until(system, request_id, await system.store.now() + 9 * DAY)
    await system.later(request_id, timedelta(hours=20))
    await system.workflow.look_after()
    assert "and what of it is immutable on" in await system.notes(request_id)
    await system.later(request_id, timedelta(hours=5))
    assert await system.sweep(request_id) == []
    assert "can be deleted later" in await system.notes(request_id)
    assert len(system.snapshots(request_id)) == 1


async def test_the_billed_size_is_shown_without_an_unknown_number(system: System) -> None:
    await system.complete("web-01")
    requester = Requester(team_id=TEAM.id, user_id=ADA.id, channel_id=OPS)
    found = await request_service_of(system.connections, lambda: None).points(requester, "web-01")
    blocks = str(points_listing(found.points, await system.store.now()).blocks)
    size = sum(point.size_gib for point in found.points)
    assert f"used part of {size:,} GB" in blocks
    assert "not known of" not in blocks
