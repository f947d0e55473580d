"""VMs that the digest does not find: deleted, not to be read any more, or only not listed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from bot.database.fleet_digest import DigestStore
from bot.jobs.weekly_digest import PARTIAL_PAUSE_SECONDS, PARTIAL_TRIES
from deploy.local.azure.graph.rows import Lagging
from deploy.local.faults import Fault, Kind
from tests.databases import Served
from tests.fleet.half_year import PROD, SHOP, WEEK
from tests.fleet.living_fleet import Place, living

GET_GROUP, GET_VM = "ResourceGroups_Get", "VirtualMachines_Get"
SIDE = "rg-side"
UNREADABLE = f"Resource group {SIDE} (subscription {SHOP}): 2 VMs in it cannot be read any more: "


@pytest.fixture
async def place(served: Served) -> AsyncIterator[Place]:
    """A week after the first reading: two VMs in a resource group of their own, unprotected."""
    async with living(served) as found:
        for name in ("side-01", "side-02"):
            found.fleet.add_vm(name, SHOP, PROD, (64,), SIDE)
        await week(found)
        yield found


async def week(place: Place) -> str:
    """What the digest says, and the week after it passes; empty where it is silent."""
    before = len(messages(place))
    assert await place.workers[0].once()
    said = messages(place)[before:]
    place.forward(WEEK)
    place.fleet.nightly()
    return "\n".join(one["text"] for one in said)


def messages(place: Place) -> list[Mapping[str, Any]]:
    with psycopg.connect(make_conninfo(**place.served.connection_keywords)) as connection:
        rows = connection.execute("SELECT message FROM messages ORDER BY id").fetchall()
    return [row[0] for row in rows]


async def remembered(place: Place, name: str) -> Mapping[str, Any] | None:
    seen = await DigestStore(place.database).seen()
    return next((vm for key, vm in seen.items() if key.endswith(f"/{name}")), None)


async def test_vms_of_a_resource_group_without_rights_are_not_gone_and_not_new_afterwards(
    place: Place,
) -> None:
    was = await remembered(place, "side-01")
    assert was is not None
    place.fleet.hide_group(SIDE)
    said = await week(place)
    assert "1 resource group not to be read." in said
    assert f"{UNREADABLE}403 AuthorizationFailed. What became of them is not known." in said
    assert "gone" not in said
    assert (place.azure.counts[GET_GROUP], place.azure.counts[GET_VM]) == (1, 0)
    assert await remembered(place, "side-01") == {**was, "is_lost": True}
    assert await week(place) == "", "it is told once"
    place.fleet.show_again()
    assert await week(place) == "", "they are as they were"
    assert await remembered(place, "side-01") == was


async def test_what_changed_while_it_could_not_be_read_is_told_when_rights_come_back(
    place: Place,
) -> None:
    place.fleet.hide_group(SIDE)
    await week(place)
    place.fleet.remove_vm("side-01")
    assert await week(place) == ""
    place.fleet.show_again()
    said = await week(place)
    assert "1 VM changed." in said
    assert "side-01: (rg-side, westeurope) It is gone: Azure was asked for it" in said
    assert await remembered(place, "side-01") is None


async def test_a_vm_that_may_be_read_only_now_is_not_new(place: Place) -> None:
    place.fleet.hide_group("rg-other")
    place.fleet.add_vm("other-01", SHOP, PROD, (64,), "rg-other")
    assert await week(place) == ""
    place.fleet.show_again()
    said = await week(place)
    assert "other-01: (rg-other, westeurope) It is read for the first time and unprotected." in said


async def test_a_resource_group_that_was_deleted_takes_one_question_for_all_its_vms(
    place: Place,
) -> None:
    for name in ("side-01", "side-02"):
        place.fleet.remove_vm(name)
    said = await week(place)
    assert "2 VMs changed." in said
    assert said.count("It is gone: Azure knows its resource group no more.") == 2
    assert (place.azure.counts[GET_GROUP], place.azure.counts[GET_VM]) == (1, 0)


async def test_a_vm_that_resource_graph_does_not_list_for_a_while_is_no_change(
    place: Place,
) -> None:
    late = place.fleet.vm("side-01")["id"].lower()
    was = await remembered(place, "side-01")
    place.fleet.world.part(Lagging).ids.add(late)
    assert await week(place) == ""
    assert (place.azure.counts[GET_GROUP], place.azure.counts[GET_VM]) == (0, 1)
    assert await remembered(place, "side-01") == was
    place.fleet.world.part(Lagging).ids.clear()
    assert await week(place) == ""


async def test_a_question_that_fails_is_asked_again_and_is_no_change(place: Place) -> None:
    was = await remembered(place, "side-01")
    place.fleet.remove_vm("side-01")
    place.azure.faults.add(Fault(Kind.STATUS, GET_VM, status=503, times=None))
    worker = place.workers[0]
    for _ in range(PARTIAL_TRIES):
        assert not await worker.once()
        place.forward(timedelta(seconds=PARTIAL_PAUSE_SECONDS + 1))
    place.fleet.add_vm("new-01", SHOP, PROD, (64,))
    said = await week(place)
    assert "1 VM changed. new-01" in said
    unknown = "what became of 1 VM not listed any more: it answered 503"
    assert f"Not read this time, so that nothing is said of it: {unknown}." in said
    assert await remembered(place, "side-01") == was
    place.azure.faults.clear()
    assert "side-01: (rg-side, westeurope) It is gone" in await week(place)
