"""Reading a whole fleet over the wire: cut off, throttled, refused, killed; and going on later."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest

from advisor.azure.estate_reading import EstateReading
from advisor.azure.graph import GraphPage, ResourceGraph
from advisor.azure.kept_pages import KeptPages
from advisor.errors import AzureRefused, UsageError
from advisor.inventory.coverage import InventoryPart
from advisor.inventory.estate import Estate
from advisor.inventory.resource_graph import GraphQuery, queries
from advisor.model import Reading, StateNow
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from deploy.local.faults import Fault, Kind
from deploy.local.fleet.generate import generated_world
from deploy.local.fleet.sample import sample_world
from tests.bench.fleet import NOW
from tests.fleet.reading import asked_parts, read, reported

GRAPH = "ResourceGraph_Resources"
VMS, PROTECTION, POINTS = asked_parts()
#: VMs with their disks fill three pages of a thousand rows.
SEVERAL_PAGES = 800


@pytest.fixture(scope="module")
def large() -> World:
    return generated_world(SEVERAL_PAGES)


def _same(one: Estate, other: Estate, now: datetime) -> bool:
    return reported(one, now) == reported(other, now)


async def test_a_fleet_of_several_pages_is_read_whole(large: World) -> None:
    async with AzureStandIn(large) as azure:
        estate = await read(azure)
        assert azure.counts[GRAPH] > 3
    assert len(estate.fleet.vms) == SEVERAL_PAGES
    assert not estate.looked.unclear


async def test_throttling_is_waited_for_as_azure_says(large: World) -> None:
    now = large.now
    async with AzureStandIn(large) as azure:
        whole = await read(azure, now=now)
        azure.faults.add(Fault(Kind.STATUS, operation=GRAPH, status=429, retry_after="1", times=2))
        again = await read(azure, now=now)
    assert _same(whole, again, now)


async def test_a_storm_of_429_leaves_a_partial_fleet_that_resumes_to_the_same(
    large: World, tmp_path: Path
) -> None:
    now = large.now
    async with AzureStandIn(large) as azure:
        whole = await read(azure, now=now)
        azure.faults.add(
            Fault(Kind.STATUS, operation=GRAPH, status=429, retry_after="0", skip=3, times=None)
        )
        partial = await read(azure, KeptPages(tmp_path, resume=False), tries=2)
        assert 0 < len(partial.fleet.vms) < SEVERAL_PAGES
        [note] = [one for one in partial.looked.unclear if one.what == VMS]
        assert "1,000 of " in note.why
        assert "rows came, then: 429" in note.why
        assert partial.looked.at_once[InventoryPart.DISKS] is Reading.FAILED
        azure.faults.clear()
        asked_before = azure.counts[GRAPH]
        resumed = await read(azure, KeptPages(tmp_path, resume=True), now=now)
        assert azure.counts[GRAPH] - asked_before < asked_before
    assert _same(whole, resumed, now)
    assert not list(tmp_path.iterdir()), "a reading that is whole keeps nothing"


async def test_what_protects_vms_is_unknown_where_its_query_broke_off(tmp_path: Path) -> None:
    """Nothing is called unprotected because a page is missing."""
    world = sample_world()
    async with AzureStandIn(world) as azure:
        azure.faults.add(Fault(Kind.FORBIDDEN, operation=GRAPH, times=None, skip=1))
        estate = await read(azure, KeptPages(tmp_path, resume=False), tries=1)
    states = {row.state for row in reported(estate, world.now).rows.values()}
    assert StateNow.UNPROTECTED not in states
    assert estate.looked.at_once[InventoryPart.BACKUP_ITEMS] is Reading.FAILED
    assert {one.what for one in estate.looked.unclear} == {PROTECTION, POINTS}


async def test_without_any_vm_the_error_is_said(tmp_path: Path) -> None:
    async with AzureStandIn(sample_world()) as azure:
        azure.faults.add(Fault(Kind.FORBIDDEN, operation=GRAPH, times=None))
        with pytest.raises(AzureRefused, match="the VMs and their disks"):
            await read(azure, KeptPages(tmp_path, resume=False), tries=1)


async def test_a_page_that_was_half_written_when_the_process_died_is_asked_again(
    large: World, tmp_path: Path
) -> None:
    now = large.now
    async with AzureStandIn(large) as azure:
        whole = await read(azure, now=now)
        azure.faults.add(
            Fault(Kind.STATUS, operation=GRAPH, status=503, skip=4, times=None, retry_after="0")
        )
        await read(azure, KeptPages(tmp_path, resume=False), tries=1)
        azure.faults.clear()
        for path in tmp_path.glob("*.jsonl"):
            text = path.read_text(encoding="utf-8")
            path.write_text(text[: len(text) - len(text) // 4], encoding="utf-8")
        resumed = await read(azure, KeptPages(tmp_path, resume=True), now=now)
    assert _same(whole, resumed, now)


def test_what_was_kept_of_another_question_is_not_used(tmp_path: Path) -> None:
    from advisor.azure.kept_pages import KeptPage

    [vms, *_] = queries(None)
    KeptPages(tmp_path, resume=False).keep(vms, KeptPage([{"id": "x"}], None, 1))
    [path] = tmp_path.iterdir()
    page = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(page) + "\n", encoding="utf-8")
    assert len(list(KeptPages(tmp_path, resume=True).pages(vms))) == 1
    path.write_text(json.dumps({**page, "asked": "another"}) + "\n", encoding="utf-8")
    assert list(KeptPages(tmp_path, resume=True).pages(vms)) == []


def test_what_was_kept_of_another_subscription_or_yesterday_is_not_used(tmp_path: Path) -> None:
    from advisor.azure.kept_pages import GOOD_FOR_SECONDS, KeptPage

    [vms, *_] = queries(None)
    kept = KeptPages(tmp_path, resume=False, scope=["SUB-A"])
    kept.keep(vms, KeptPage([{"id": "x"}], "next", 2))
    assert len(list(KeptPages(tmp_path, resume=True, scope=["sub-a"]).pages(vms))) == 1
    assert list(KeptPages(tmp_path, resume=True, scope=["sub-b"]).pages(vms)) == []
    [path] = tmp_path.iterdir()
    old = path.stat().st_mtime - GOOD_FOR_SECONDS - 1
    os.utime(path, (old, old))
    assert list(KeptPages(tmp_path, resume=True, scope=["sub-a"]).pages(vms)) == []


def test_what_is_kept_is_as_old_as_its_first_page(tmp_path: Path) -> None:
    """A reading that goes on again and again makes the file new each time."""
    from advisor.azure.kept_pages import GOOD_FOR_SECONDS, KeptPage

    [vms, *_] = queries(None)
    kept = KeptPages(tmp_path, resume=False)
    kept.keep(vms, KeptPage([{"id": "x"}], "next", 2))
    [path] = tmp_path.iterdir()
    line = json.loads(path.read_text(encoding="utf-8"))
    line["at"] -= GOOD_FOR_SECONDS + 1
    path.write_text(json.dumps(line) + "\n", encoding="utf-8")
    kept.keep(vms, KeptPage([{"id": "y"}], None, 2))
    assert list(KeptPages(tmp_path, resume=True).pages(vms)) == []


@pytest.mark.parametrize(
    "damage",
    [
        {"rows": None},
        {"rows": ["a row that is none"]},
        {"token": 7},
        {"total": "two"},
        {"at": None},
    ],
)
def test_a_kept_page_that_was_damaged_is_asked_for_again(
    damage: dict[str, object], tmp_path: Path
) -> None:
    from advisor.azure.kept_pages import KeptPage

    [vms, *_] = queries(None)
    kept = KeptPages(tmp_path, resume=False)
    kept.keep(vms, KeptPage([{"id": "x"}], "next", 2))
    [path] = tmp_path.iterdir()
    good = path.read_text(encoding="utf-8")
    path.write_text(good + json.dumps(json.loads(good) | damage) + "\n", encoding="utf-8")
    assert [page.rows for page in kept.pages(vms)] == [[{"id": "x"}]]
    assert path.read_text(encoding="utf-8") == good


def test_a_disk_that_takes_no_page_is_said_in_a_sentence(tmp_path: Path) -> None:
    from advisor.azure.kept_pages import KeptPage

    [vms, *_] = queries(None)
    kept = KeptPages(tmp_path, resume=False)
    (tmp_path / "vms-and-disks.jsonl").symlink_to("/dev/full")
    with pytest.raises(UsageError, match="cannot hold what is read: No space left on device"):
        kept.keep(vms, KeptPage([{"id": "x"}], None, 1))


def test_only_the_owner_may_read_what_is_kept(tmp_path: Path) -> None:
    from advisor.azure.kept_pages import KeptPage

    kept = KeptPages(tmp_path / "reading", resume=False)
    [vms, *_] = queries(None)
    kept.keep(vms, KeptPage([{"id": "x"}], None, 1))
    [path] = (tmp_path / "reading").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert (tmp_path / "reading").stat().st_mode & 0o077 == 0


class CutShort:
    """A Resource Graph that counts more rows than it gives, and offers no next page."""

    async def pages(self, query: GraphQuery, token: str | None = None) -> AsyncIterator[GraphPage]:
        yield GraphPage([VM] if query.what == VMS else [], None, 7, {})


VM = {
    "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/web-01",
    "type": "microsoft.compute/virtualmachines",
    "name": "web-01",
    "location": "westeurope",
    "properties": {"hardwareProfile": {"vmSize": "Standard_B2s"}, "storageProfile": {}},
}


async def test_fewer_rows_than_azure_counted_are_no_whole_answer() -> None:
    estate = await EstateReading(cast("ResourceGraph", CutShort()), None).read(NOW)
    assert {one.what for one in estate.looked.unclear} == {VMS, PROTECTION, POINTS}
    assert all("of 7 rows" in one.why for one in estate.looked.unclear)
    assert set(estate.looked.at_once.values()) == {Reading.FAILED}
