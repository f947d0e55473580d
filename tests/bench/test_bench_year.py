"""What `make bench` tells of the simulated year."""

from __future__ import annotations

from tests.bench.year_bench import told, year_figures


async def test_the_first_the_third_and_the_last_month_are_told() -> None:
    figures = await year_figures(vms=3)
    lines = list(told(figures))
    assert [line.split(" ")[0] for line in lines[1:]] == ["first", "third", "last"]
    assert "2025-11" in lines[1]
    assert "aim: below 5%" in lines[2]
    assert "2026-10" in lines[3]
