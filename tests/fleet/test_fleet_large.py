"""A fleet in large files: cut, read and judged in parts, it is the fleet that is read at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from advisor.errors import InputUnreadable
from advisor.fleet.cores import Work
from advisor.fleet.large import Sizes, large_fleet
from advisor.fleet.report import summed_report
from advisor.fleet.sources import FleetSource, WholeFleet
from advisor.inventory.coverage import InventoryPart
from advisor.inventory.exports import parse_estate
from advisor.inventory.files import read_files
from advisor.inventory.fleet_parts import bounds_of, cut_files
from advisor.model.fleet import FleetReport, FleetRow
from advisor.needs import Tiers
from advisor.prices.shipped import shipped_book
from deploy.local.fleet.generate import generated_world
from deploy.local.fleet.sample import sample_world

#: So small that a hundred VMs are cut into dozens of pieces and of parts.
SMALL = Sizes(cut_from=0, piece=20_000, part=60_000)
Body = Mapping[str, Any]
READ = [part.value for part in InventoryPart]


class Fleet(NamedTuple):
    """The resources of a fleet, and when they were read."""

    rows: list[Body]
    now: datetime


class Answer(NamedTuple):
    """What a fleet is found to be."""

    rows: list[FleetRow]
    report: FleetReport
    count: int


def _bundle(rows: Sequence[Body], indent: int | None = None) -> str:
    taken = "2026-11-01T00:00:00Z"
    said = {"version": 1, "read": READ, "taken": taken}
    return json.dumps({"vmbackup": said, "resources": rows}, indent=indent)


#: How a fleet may stand in a file.
FORMS: Mapping[str, Callable[[Sequence[Body]], str]] = {
    "a bundle": _bundle,
    "a bundle with line breaks": lambda rows: _bundle(rows, 2),
    "a list": json.dumps,
    "a list as az prints it": lambda rows: json.dumps(rows, indent=2) + "\n",
    "a line for each": lambda rows: "\n".join(map(json.dumps, rows)),
    "one after the other": lambda rows: "\n".join(json.dumps(row, indent=1) for row in rows),
    "with a byte order mark": lambda rows: "\ufeff" + json.dumps(rows),
}


@pytest.fixture(scope="module")
def sample() -> Fleet:
    world = sample_world()
    return Fleet(list(world.resources.values()), world.now)


@pytest.fixture(scope="module")
def generated() -> Fleet:
    world = generated_world(150, seed=3)
    return Fleet(list(world.resources.values()), world.now)


def _answer(source: FleetSource, now: datetime) -> Answer:
    work = Work("USD", Tiers(), shipped_book(), now)
    rows: list[FleetRow] = []

    def passing() -> Any:
        for row in source.rows(work):
            rows.append(row)
            yield row

    report = summed_report(
        passing(), source.others(work), source.unread, "USD", lambda row: row.region, now=now
    )
    return Answer(rows, report, source.count)


def _whole(paths: Sequence[str], now: datetime) -> Answer:
    with Path("/dev/null").open("rb") as nothing:
        return _answer(WholeFleet(parse_estate(read_files(paths, nothing), now)), now)


def _large(paths: Sequence[str], now: datetime, cores: int = 1) -> Answer:
    found = large_fleet(paths, now, cores, SMALL)
    assert found is not None
    return _answer(found, now)


def _written(folder: Path, text: str, name: str = "fleet.json") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def _found(path: str, now: datetime) -> FleetSource | None:
    """As the command takes it, which reads at once what is told to be wrong."""
    try:
        return large_fleet([path], now, 1, SMALL)
    except InputUnreadable:
        return None


@pytest.mark.parametrize("form", FORMS)
def test_a_fleet_in_pieces_is_the_fleet_at_once(form: str, sample: Fleet, tmp_path: Path) -> None:
    path = _written(tmp_path, FORMS[form](sample.rows))
    assert _large([path], sample.now) == _whole([path], sample.now)


def test_a_small_fleet_is_cut_into_many_pieces_and_parts(sample: Fleet, tmp_path: Path) -> None:
    [file] = cut_files([_written(tmp_path, json.dumps(sample.rows))], 0, SMALL.piece)
    assert len(file.pieces) > 10
    assert len(bounds_of([file], SMALL.part)) > 2


def test_several_cores_and_files_change_nothing(generated: Fleet, tmp_path: Path) -> None:
    kinds: dict[str, list[Body]] = {}
    for row in generated.rows:
        kinds.setdefault(row["type"].rpartition("/")[2], []).append(row)
    kept = {kind: rows for kind, rows in kinds.items() if "provider" in rows[0]["id"]}
    wanted = ("virtualMachines", "disks", "snapshots", "protectedItems", "vaults", "backupPolicies")
    paths = [_written(tmp_path, json.dumps(kept[kind]), f"{kind}.json") for kind in wanted]
    assert _large(paths, generated.now, cores=2) == _whole(paths, generated.now)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_in_a_file_does_not_matter(seed: int, generated: Fleet, tmp_path: Path) -> None:
    rows = list(generated.rows)
    Random(seed).shuffle(rows)
    path = _written(tmp_path, _bundle(rows))
    assert _large([path], generated.now) == _whole([path], generated.now)


def test_a_disk_that_names_no_vm_or_another_is_still_joined(
    generated: Fleet, tmp_path: Path
) -> None:
    rows = [dict(row) for row in generated.rows]
    disks = [row for row in rows if row["type"].endswith("/disks")]
    for number, disk in enumerate(disks):
        if number % 3 == 0:
            disk.pop("managedBy", None)
        elif number % 3 == 1:
            disk["managedBy"] = disks[-number].get("managedBy", "")
    path = _written(tmp_path, _bundle(rows))
    assert _large([path], generated.now) == _whole([path], generated.now)


def test_brackets_in_a_text_cost_a_cut_and_never_an_answer(sample: Fleet, tmp_path: Path) -> None:
    rows = [dict(row) for row in sample.rows]
    for number, row in enumerate(rows):
        row["tags"] = {
            **(row.get("tags") or {}),
            "note": ("}, {", '{"a": "}"}', '\\"{{', "]")[number % 4],
        }
    path = _written(tmp_path, json.dumps(rows))
    found = _found(path, sample.now)
    assert found is None or _answer(found, sample.now) == _whole([path], sample.now)


def test_a_resource_that_stands_twice_is_read_at_once(sample: Fleet, tmp_path: Path) -> None:
    first = _written(tmp_path, json.dumps(sample.rows))
    second = _written(tmp_path, json.dumps(sample.rows[:9]), "again.json")
    assert large_fleet([first, second], sample.now, 1, SMALL) is None


@pytest.mark.parametrize(
    "text",
    ["", "nothing", "[]", "[1, 2]", '[{"id": "x"}', '{"value": [', "[{}, NaN]", "WARNING: x\n[]"],
)
def test_what_cannot_be_cut_is_left_to_be_read_at_once(
    text: str, sample: Fleet, tmp_path: Path
) -> None:
    path = _written(tmp_path, text)
    assert _found(path, sample.now) is None


def test_a_small_file_is_read_at_once(sample: Fleet, tmp_path: Path) -> None:
    path = _written(tmp_path, json.dumps(sample.rows))
    assert large_fleet([path], sample.now) is None
    assert large_fleet([str(tmp_path / "absent.json")], sample.now) is None
