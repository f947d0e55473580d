"""A short run of the chaos, always the same one: nothing lost, doubled, unapproved or stuck."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.report import told
from tests.chaos.running import run
from tests.chaos.schedules import KILLS

SCHEDULES, SEED, SPREAD_SECONDS = 20, 1, 6.0
#: `make chaos` is strict about 60 s; this runs on any machine, beside anything.
REST_SECONDS = 180.0


async def test_twenty_requests_survive_kills_outages_and_impatient_people(
    data_directory: Path,
) -> None:
    """The seed brings kills, cuts, a crash of the database, faults of Azure's and Slack's."""
    tally = await run(
        SCHEDULES,
        SEED,
        spread_seconds=SPREAD_SECONDS,
        rest_seconds=REST_SECONDS,
        keep=data_directory / "chaos",
    )
    assert tally.is_good, told(tally)
    assert KILLS & {fired.kind for fired in tally.fired}
    assert len(tally.schedules) == SCHEDULES
