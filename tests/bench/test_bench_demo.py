"""The demo's part of the bench measures what it says; how fast that is, is for people to read."""

from __future__ import annotations

from tests.bench.demo_bench import AIMS, demo_figures, told


async def test_the_demo_is_measured_from_enter_to_the_card_and_from_approve_to_its_beginning() -> (
    None
):
    found = await demo_figures(rounds=1)
    assert set(found) == set(AIMS)
    assert all(milliseconds > 0 for milliseconds in found.values())
    assert found["acknowledgement"] < found["card"]
    lines = told(found)
    assert len(lines) == len(AIMS)
    assert all("aim: at most" in line for line in lines)
