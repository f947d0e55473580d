"""The simulated year: what the product learns of bills makes its estimates right, month by month.

The fleet is one that nobody looked at while the learning was written. Its true sizes are hidden
from the product, which sees the disks, the policies and what the played Cost Management answers.
"""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from tests.bill.year.judging import FIRST, HELD_OUT_SEED, LAST, SEEN_SEED, year_judged
from tests.bill.year.truth import fleet, lived

VMS = 10


def test_the_simulation_imports_nothing_of_the_product() -> None:
    told = (
        "import sys, tests.bill.year.truth; "
        "print([name for name in sys.modules if name.split('.')[0] in ('advisor', 'bot')])"
    )
    found = subprocess.run(
        [sys.executable, "-c", told], check=True, capture_output=True, text=True, cwd=_ROOT
    )
    assert found.stdout.strip() == "[]"


def test_each_day_is_another_and_each_fleet_too() -> None:
    vm = fleet(3, HELD_OUT_SEED)[0]
    days = list(lived(vm, FIRST, LAST, HELD_OUT_SEED))
    assert len(days) == 365
    assert [one.day for one in days][:1] == [FIRST]
    assert any(a.vault_gib != b.vault_gib for a, b in pairwise(days))
    assert fleet(3, HELD_OUT_SEED) != fleet(3, SEEN_SEED)
    assert fleet(3, HELD_OUT_SEED) == fleet(3, HELD_OUT_SEED)


async def test_by_the_third_month_half_of_the_estimates_are_within_five_percent(
    tmp_path: Path,
) -> None:
    """Held against what the simulation says each VM cost, those of a shared vault included."""
    found = await year_judged(VMS, HELD_OUT_SEED, tmp_path)
    assert len(found.months) == 12
    assert found.learned == found.vms == VMS
    for errors in (found.errors, found.told):
        assert errors[2] < Decimal("0.05")
        assert errors[2] < errors[0]
        assert errors[-1] < Decimal("0.05")


_ROOT = Path(__file__).parents[2]
