"""The figures of a patch day are counted over the wire, and said with their aims."""

from __future__ import annotations

from tests.bench.patch_day_bench import patch_day_figures, told


async def test_a_small_patch_day_has_all_its_figures() -> None:
    found = await patch_day_figures(approvals=3, edits=2)
    assert (found["approvals"], found["done"], found["refused_by_slack"]) == (3, 3, 0)
    assert found["readings"] >= 1
    assert found["seconds"] >= 3
    assert found["seconds_of_an_edit"] > 0
    approvals, edits = told(found)
    assert approvals.startswith("patch day                3 of 3 approvals in ")
    assert "(aim: all, within 300 s)" in approvals
    assert "(aim: under 1) of the second that a post waits; 2 cards of one channel" in edits
