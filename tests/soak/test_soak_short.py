"""Twenty seconds of the soak: no work is lost or doubled, and everything that expired is gone."""

from __future__ import annotations

from pathlib import Path

from tests.soak.report import failures, told
from tests.soak.running import run

SECONDS, SEED = 20.0, 7


async def test_twenty_seconds_of_traffic_under_faults_lose_and_double_nothing(
    data_directory: Path,
) -> None:
    found = await run(SECONDS, SEED, data_directory / "soak")
    assert failures(found) == [], told(found)
    assert found.evidence.came
    assert found.faults
    assert found.acknowledged
