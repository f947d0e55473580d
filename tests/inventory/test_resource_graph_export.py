"""The files that the printed queries make tell the same of a VM as reading it live."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from advisor.inventory.coverage import InventoryRead, known_vms
from advisor.inventory.exports import parse_exports
from advisor.inventory.files import NamedText
from advisor.inventory.find import Fleet
from advisor.inventory.graph_records import read_rows
from advisor.inventory.joining import Resources
from advisor.inventory.resource_graph import WantedVm, queries
from advisor.model import Reading
from tests.wire import sample_fleet
from tests.wire.kql import Graph

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph(sample_fleet.shop())


def as_az_prints_it(rows: list[dict[str, Any]]) -> str:
    return json.dumps(
        {"count": len(rows), "data": rows, "skip_token": None, "total_records": len(rows)}
    )


def exported(graph: Graph) -> Fleet:
    files = [
        NamedText(one.file_name, as_az_prints_it(graph.ask(one.text))) for one in queries(None)
    ]
    return parse_exports(files, NOW)


def read_live(graph: Graph, wanted: WantedVm) -> Fleet:
    found: dict[str, tuple[Any, ...]] = {}
    looked = {}
    for query in queries(wanted):
        found |= read_rows(graph.ask(query.text)).found
        looked |= dict.fromkeys(query.parts, Reading.READ)
    read = InventoryRead(at_once=looked, narrowed=True)
    return Fleet(known_vms(Resources(**found), read, NOW))


@pytest.mark.parametrize(
    "name", ["web-01", "shop/web-02", "lab/web-02", "db-01", "db-02", "sql-01"]
)
def test_an_export_of_everything_and_a_live_reading_know_the_same(graph: Graph, name: str) -> None:
    group, _, alone = name.rpartition("/")
    live = read_live(graph, WantedVm(alone, group)).find(name)
    assert exported(graph).find(name) == live
    assert live.coverage.all_vaults
    assert live.not_read == ()


def test_another_vm_of_the_name_has_nothing_of_the_protected_one() -> None:
    """Same name, two groups, one of them backed up: the other is unprotected, and known to be."""
    rows = [*sample_fleet.shop(), sample_fleet.vm("web-01", "lab")]
    rows.append(sample_fleet.disk("web-01-os", "lab"))
    fleet = read_live(Graph(rows), WantedVm("web-01"))
    assert [len(one.protections) for one in fleet.vms] == [0, 4]
    assert all(one.coverage.all_vaults for one in fleet.vms)
