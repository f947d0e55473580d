"""How far estimates are off in a simulated year: in the first, the third and the last month.

The fleet is one that nobody looked at while the learning was written (tests/bill/year).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.bill.year.judging import HELD_OUT_SEED, YearJudged, year_judged

VMS = 40
#: What the project wants of itself: half of the estimates within this share, by the third month.
AIM = Decimal("0.05")
_PLACES = {"first": 0, "third": 2, "last": -1}


async def year_figures(vms: int = VMS) -> dict[str, Any]:
    """Medians, and what nine of ten stay within, as shares of the true cost."""
    with tempfile.TemporaryDirectory() as cache:
        found = await year_judged(vms, HELD_OUT_SEED, Path(cache))
    return {"vms": found.vms, "months": {name: _month(found, at) for name, at in _PLACES.items()}}


def _month(found: YearJudged, place: int) -> dict[str, str]:
    return {
        "month": str(found.months[place]),
        "median": f"{found.errors[place]:.4f}",
        "ninetieth": f"{found.ninetieths[place]:.4f}",
        "as_told": f"{found.told[place]:.4f}",
    }


def told(figures: Mapping[str, Any]) -> Iterator[str]:
    """For people."""
    yield f"Estimates of {figures['vms']} simulated VMs that were held out, off by (median, 90 %):"
    for name, each in figures["months"].items():
        aim = f"   (aim: below {AIM:.0%})" if name == "third" else ""
        median, ninetieth = Decimal(each["median"]), Decimal(each["ninetieth"])
        yield f"{name:<6} month, {each['month']}: {median:.1%}, {ninetieth:.1%}{aim}"
