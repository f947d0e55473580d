"""The fleets in files and what is said of them are what they are called."""

from __future__ import annotations

from pathlib import Path

from advisor.fleet.large import Sizes, large_fleet
from tests.bench import fleet_bench, fleet_live_bench, fleet_page_bench
from tests.bench.__main__ import PIECES
from tests.bench.fleet_files import taken, write_fleet


def test_a_fleet_in_a_file_has_so_many_vms(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    write_fleet(path, 1_030, alike=3)
    found = large_fleet([str(path)], taken(), 1, Sizes(cut_from=0))
    assert found is not None
    assert (found.count, found.unread) == (1_030, ())


def test_the_memory_of_all_processes_and_the_time_are_measured(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    write_fleet(path, 30)
    ran = fleet_bench.run(path, tmp_path / "fleet.html")
    assert (tmp_path / "fleet.html").stat().st_size > 10_000
    assert ran.processor_seconds > 0
    assert 10 < ran.peak_mib < 1_000


def test_what_a_fleet_takes_is_told_beside_what_is_wanted() -> None:
    one = {
        "vms": 10_000,
        "alike": 1,
        "file_mib": 80,
        "seconds": 3.0,
        "judging_seconds": 1.0,
        "processor_seconds": 5.5,
        "peak_mib": 250,
        "vms_per_second_of_one_core": 1_818,
        "reading_alone_seconds": 0.5,
        "multiple_of_reading": 11.0,
    }
    large = one | {"vms": 100_000, "seconds": 30.0}
    alike = large | {"alike": 12}
    lines = fleet_bench.told(
        {
            "cores": 2,
            "small": one,
            "large": large,
            "alike": alike,
            "ratio": 10.0,
            "processor_ratio": 9.9,
        }
    )
    assert (
        "10,000 VMs, all different, 80 MiB: 3.0 s by the clock, 5.5 s of processors, 250 MiB"
        in lines[0]
    )
    assert "12 each come from one template" in lines[2]
    assert "10 times the fleet in 10.00 times the time" in lines[-1]


def test_a_fleet_from_azure_is_told_beside_its_quota_and_its_calls() -> None:
    one = {
        "vms": 10_000,
        "seconds": 11.0,
        "processor_seconds": 9.0,
        "judging_seconds": 20.0,
        "calls": 45,
        "quota_seconds": 10.0,
        "whole": True,
    }
    lines = fleet_live_bench.told({"fleets": [one]})
    assert "11.0 s, 1.10 x the 10.0 s of the quota" in lines[0]
    assert "45 calls (aim: at most 86)" in lines[0]


def test_where_there_is_no_browser_that_is_said() -> None:
    assert "not measured" in fleet_page_bench.told(None)[0]


def test_a_whole_bench_takes_less_than_ten_minutes_where_nothing_else_runs() -> None:
    assert sum(piece.about_seconds for piece in PIECES.values()) < 600
