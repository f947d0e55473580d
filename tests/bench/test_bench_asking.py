"""The figures of requests that are kept first are counted over the wire, and said."""

from __future__ import annotations

from tests.bench.acknowledging import beside
from tests.bench.asking_bench import asking_figures, told
from tests.journeys.running_system import played


async def test_a_few_requests_that_are_kept_have_all_their_figures() -> None:
    async with (
        played(http=True) as place,
        beside(place, "nothing", place.bot.log.parent) as nothing,
    ):
        found = await asking_figures(place, nothing, {2: 1})
    assert {*found} == {"2", "2 and a worker"}
    assert all(each["of"] == 2 and each["multiple"] > 0 for each in found.values())
    apart, together = told(found)
    assert apart.startswith("ask, 2 at once")
    assert together.startswith("ask, 2 and a worker at once")
