"""A large fleet read from Azure is put by on the disk: its report is that of one held in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from advisor.azure.estate_reading import EstateReading, GatheredEstate
from advisor.azure.graph import GraphPage, ResourceGraph
from advisor.azure.kept_pages import KeptPages
from advisor.fleet.cores import Work
from advisor.fleet.large import fleet_of_pages
from advisor.fleet.report import summed_report
from advisor.fleet.sources import FleetSource, WholeFleet
from advisor.inventory.estate import Estate
from advisor.inventory.resource_graph import GraphQuery
from advisor.model import StateNow
from advisor.model.fleet import FleetReport, FleetRow
from advisor.needs import Tiers
from advisor.prices.shipped import shipped_book
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from deploy.local.faults import Fault, Kind
from deploy.local.fleet.generate import generated_world
from deploy.local.fleet.sample import sample_world
from tests.bench.fleet import NOW
from tests.fleet.reading import asked_parts, live

GRAPH = "ResourceGraph_Resources"
VMS, PROTECTION, POINTS = asked_parts()
#: So small that the fleets here are large, and lie in several parts.
LARGE_BYTES, PART_BYTES = 1, 200_000


@pytest.fixture(scope="module")
def world() -> World:
    return generated_world(400, world=sample_world())


def _told(source: FleetSource) -> tuple[list[FleetRow], FleetReport]:
    work, rows = Work("USD", Tiers(), shipped_book(), NOW), list[FleetRow]()

    def passing() -> Any:
        for row in source.rows(work):
            rows.append(row)
            yield row

    others, unread = source.others(work), source.unread
    return rows, summed_report(passing(), others, unread, "USD", lambda row: row.region, now=NOW)


async def _gathered(azure: AzureStandIn, kept: KeptPages, tries: int = 1) -> GatheredEstate:
    async with live(azure, tries) as inventory:
        return await EstateReading(inventory.graph(), kept, large_bytes=LARGE_BYTES).gathered()


async def _in_memory(azure: AzureStandIn, tries: int = 1) -> Estate:
    async with live(azure, tries) as inventory:
        return await inventory.everything(NOW)


def _from_disk(kept: KeptPages, gathered: GatheredEstate) -> FleetSource:
    return fleet_of_pages(kept.places(), gathered.looked, NOW, 1, PART_BYTES)


async def test_a_large_fleet_on_the_disk_is_the_fleet_in_memory(
    world: World, tmp_path: Path
) -> None:
    kept = KeptPages(tmp_path, resume=False)
    async with AzureStandIn(world) as azure:
        gathered = await _gathered(azure, kept)
        whole = await _in_memory(azure)
    assert gathered.is_large
    assert gathered.is_whole
    assert not any(one.found.found for one in gathered.answers), "nothing is held beside the disk"
    rows, report = _told(_from_disk(kept, gathered))
    wanted_rows, wanted = _told(WholeFleet(whole))
    assert rows == wanted_rows
    assert report == wanted


@pytest.mark.parametrize("skip", [1, 3])
async def test_a_large_fleet_of_which_a_part_came_says_so_and_resumes(
    skip: int, world: World, tmp_path: Path
) -> None:
    kept = KeptPages(tmp_path, resume=False)
    async with AzureStandIn(world) as azure:
        whole = await _in_memory(azure)
        azure.faults.add(Fault(Kind.FORBIDDEN, operation=GRAPH, skip=skip, times=None))
        partial = await _gathered(azure, kept)
        assert not partial.is_whole
        rows, report = _told(_from_disk(kept, partial))
        states = {row.vm_id: row.state for row in _told(WholeFleet(whole))[0]}
        for row in rows:
            assert row.state is not StateNow.UNPROTECTED or states[row.vm_id] is row.state
        assert any("403" in each for each in report.unread), report.unread
        azure.faults.clear()
        resumed = KeptPages(tmp_path, resume=True)
        gathered = await _gathered(azure, resumed)
    assert _told(_from_disk(resumed, gathered)) == _told(WholeFleet(whole))


class OneRowMore:
    """A Resource Graph in which a VM is made between two pages: the rest moves one on."""

    def __init__(self) -> None:
        self.total = 4

    async def pages(self, query: GraphQuery, token: str | None = None) -> AsyncIterator[GraphPage]:
        if query.what != VMS:
            yield GraphPage([], None, 0, {})
            return
        yield GraphPage([_vm("b"), _vm("c")], "next", 4, {})
        yield GraphPage([_vm("c"), _vm("d"), _vm("e")], None, self.total, {})


def _vm(name: str) -> dict[str, Any]:
    return {
        "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/"
        + name,
        "type": "microsoft.compute/virtualmachines",
        "name": name,
        "location": "westeurope",
        "properties": {"hardwareProfile": {"vmSize": "Standard_B2s"}, "storageProfile": {}},
    }


async def test_a_snapshot_of_a_large_fleet_that_cannot_be_read_is_named_and_a_gap(
    tmp_path: Path,
) -> None:
    wrong = _vm("wrong") | {
        "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/snapshots/wrong",
        "type": "microsoft.compute/snapshots",
        "properties": {"timeCreated": "yesterday"},
    }

    class WithWrong:
        async def pages(self, query: GraphQuery, token: str | None = None) -> Any:
            rows = {VMS: [_vm("a")], POINTS: [wrong]}.get(query.what, [])
            yield GraphPage(rows, None, len(rows), {})

    kept = KeptPages(tmp_path, resume=False)
    reading = EstateReading(cast("ResourceGraph", WithWrong()), kept, large_bytes=LARGE_BYTES)
    gathered = await reading.gathered()
    [row], report = _told(_from_disk(kept, gathered))
    assert row.state is StateNow.UNKNOWN
    assert any("the snapshot wrong" in each for each in report.unread), report.unread


async def test_a_vm_that_comes_on_two_pages_is_one_vm(tmp_path: Path) -> None:
    estate = await EstateReading(cast("ResourceGraph", OneRowMore()), None).read(NOW)
    assert [one.vm.name for one in estate.fleet.vms] == ["b", "c", "d", "e"]


async def test_an_answer_that_was_too_short_is_asked_for_anew(tmp_path: Path) -> None:
    graph = OneRowMore()
    graph.total = 5  # Azure counts one that never came
    reading = EstateReading(cast("ResourceGraph", graph), KeptPages(tmp_path, resume=False))
    gathered = await reading.gathered()
    assert [one.failed is not None for one in gathered.answers] == [True, False, False]
    graph.total = 4
    again = EstateReading(cast("ResourceGraph", graph), KeptPages(tmp_path, resume=True))
    resumed = await again.gathered()
    assert resumed.is_whole
    assert len(resumed.estate(NOW).fleet.vms) == 4


async def test_how_many_rows_came_is_told_page_by_page(world: World, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    async with AzureStandIn(world) as azure, live(azure) as inventory:
        kept = KeptPages(tmp_path, resume=False)
        await inventory.gathered(kept, lambda came, total: told.append((came, total)))
    assert [came for came, _ in told] == sorted(came for came, _ in told)
    assert told[-1][0] == told[-1][1]
