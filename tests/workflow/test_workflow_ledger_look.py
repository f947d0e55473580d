"""The lists agree with Azure after a restart: what is gone, what is not known, what is not ours."""

from __future__ import annotations

import copy
from datetime import timedelta

from bot.composition.request_parts import comparison_of, request_service_of
from bot.jobs.sweep import Chore, Sweep
from bot.messages.blocks import Message
from bot.messages.list_page import ListAsked
from bot.messages.listings import PointStatus, points_listing
from bot.messages.request_list import requests_listing
from bot.requests.model import InAzure, Requester
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA, TEAM
from tests.workflow.workflow_system import OPS, System

GET, DELETE, GRAPH = "Snapshots_Get", "Snapshots_Delete", "*Resources*"
ADAS = Requester(team_id=TEAM.id, user_id=ADA.id, channel_id=OPS)


async def restarted(system: System) -> None:
    """A new worker begins, and its first sweep compares the ledger with Azure."""
    system.start_new_worker()
    look = comparison_of(system.connections, system.acts).look
    await Sweep([Chore("comparing the ledger with Azure", look, 3600)], 0.1).once()


async def requests_of(system: System) -> Message:
    asked = ListAsked(name="requests")
    service = request_service_of(system.connections, lambda: None)
    return requests_listing(await service.requests(ADAS, asked), asked)


async def snapshots_of(system: System) -> Message:
    found = await request_service_of(system.connections, lambda: None).points(ADAS, "")
    return points_listing(found.points, found.at, None, found.not_read)


async def states(system: System, request_id: str) -> list[InAzure]:
    return sorted(one.in_azure for one in await system.store.points(request_id=request_id))


async def test_a_snapshot_that_somebody_deleted_is_said_in_both_lists_and_on_the_card(
    system: System,
) -> None:
    request_id = await system.complete("web-01")
    gone = system.snapshots(request_id)[0]
    system.azure.world.remove(gone["id"])
    before = (await system.get(request_id)).version
    await restarted(system)
    assert await states(system, request_id) == [InAzure.GONE, InAzure.THERE]
    assert "made; 1 of 2 no longer in Azure, as of" in (await requests_of(system)).text
    assert (await snapshots_of(system)).text.count(PointStatus.VANISHED) == 1
    assert (await system.get(request_id)).version == before + 1
    disk = gone["properties"]["creationData"]["sourceResourceId"].rpartition("/")[2]
    card = await system.until_said("No longer in Azure, as of")
    assert f" UTC: {disk} (1 of 2)." in card
    await restarted(system)
    assert (await system.get(request_id)).version == before + 1  # nothing new, nothing written
    audited = await system.rows(
        "SELECT count(*) FROM audit WHERE request_id = %s AND kind = 'no longer in Azure'",
        request_id,
    )
    assert audited == [(1,)]


async def test_where_all_is_there_the_state_is_as_before_and_the_time_is_said(
    system: System,
) -> None:
    request_id = await system.complete("web-01")
    await restarted(system)
    assert await states(system, request_id) == [InAzure.THERE, InAzure.THERE]
    text = (await requests_of(system)).text
    assert "no longer in Azure" not in text
    assert "Azure was compared with the ledger on" in text


async def test_what_may_not_be_read_is_unknown_and_named_and_never_gone(system: System) -> None:
    """Resource Graph shows nothing of it, and Azure does not let us look."""
    request_id = await system.complete("dev-04")
    (body,) = system.snapshots(request_id)
    system.azure.world.remove(body["id"])
    system.azure.faults.add(Fault(Kind.FORBIDDEN, GET, times=None))
    await restarted(system)
    assert await states(system, request_id) == [InAzure.UNKNOWN]
    text = (await requests_of(system)).text
    assert "made; 1 of 1 not read, as of" in text
    assert f"{body['name']}: not read." in text
    assert "no longer in Azure" not in text
    assert PointStatus.NOT_READ in (await snapshots_of(system)).text


async def test_a_reading_that_failed_leaves_what_was_known_and_is_said(system: System) -> None:
    request_id = await system.complete("web-01")
    system.azure.world.remove(system.snapshots(request_id)[0]["id"])
    await restarted(system)
    system.azure.faults.add(Fault(Kind.STATUS, GRAPH, status=503, times=None))
    await restarted(system)
    text = (await requests_of(system)).text
    assert "Azure could not be read on" in text
    assert "1 of 2 no longer in Azure, as of" in text
    assert PointStatus.VANISHED in (await snapshots_of(system)).text


async def test_what_the_database_does_not_know_is_listed_as_such_and_never_deleted(
    system: System,
) -> None:
    """The database was restored from a backup that is older than the snapshot."""
    request_id = await system.complete("dev-04")
    (body,) = system.snapshots(request_id)
    for table in ("messages", "reservations", "points", "steps", "approvals", "buttons", "clicks"):
        await system.execute(f"DELETE FROM {table}")  # type: ignore[arg-type]
    await system.execute("DELETE FROM requests")
    system.azure.forget()
    await restarted(system)
    requests = (await requests_of(system)).text
    assert "In Azure and not in the ledger, as of" in requests
    assert str(body["name"]) in requests
    assert PointStatus.UNKNOWN in (await snapshots_of(system)).text
    await system.workflow.look_after()
    assert system.azure.asked(DELETE) == []
    assert len(system.snapshots(request_id)) == 1


async def test_restore_points_that_resource_graph_need_not_show_are_asked_for_by_themselves(
    system: System,
) -> None:
    request_id = await system.complete("web-01", consistent=True)
    await system.execute("UPDATE points SET made_at = made_at - interval '2 hours'")
    await restarted(system)
    assert await states(system, request_id) == [InAzure.THERE]
    assert PointStatus.VANISHED not in (await snapshots_of(system)).text


async def test_a_snapshot_of_the_same_name_that_somebody_made_again_is_not_taken_for_ours(
    system: System,
) -> None:
    request_id = await system.complete("dev-04")
    (body,) = system.snapshots(request_id)
    body["properties"] = copy.deepcopy(body["properties"]) | {"uniqueId": "another"}
    await restarted(system)
    assert await states(system, request_id) == [InAzure.UNKNOWN]
    assert "Its uniqueId is another one" in (await requests_of(system)).text


async def test_a_point_that_is_made_again_under_its_name_is_there(system: System) -> None:
    """A finding is about one resource: its ledger row begins anew with another."""
    request_id = await system.complete("dev-04")
    await system.execute(
        "UPDATE points SET in_azure = 'gone', looked_at = now() WHERE request_id = %s", request_id
    )
    await restarted(system)
    assert await states(system, request_id) == [InAzure.THERE]
    (point,) = await system.store.points(request_id=request_id)
    assert point.looked_at is not None
    assert await system.store.now() - point.looked_at < timedelta(minutes=5)
