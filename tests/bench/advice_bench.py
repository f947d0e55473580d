"""How many VMs one core advises on a second: the brief advice of a fleet, and advice in full."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from time import perf_counter, process_time
from typing import Any

from advisor.advising import advise_briefly, advise_known
from advisor.asked import AdviceAsked
from advisor.model import Advice, KnownVm
from advisor.needs import Tiers
from advisor.prices.pricing import Pricer
from advisor.prices.shipped import shipped_book
from tests.bench.fleet import NOW, SEED, fleet

Advise = Callable[[KnownVm], Advice]

VMS = 10_000
WARM_UP_VMS = 200

#: What the project wants of itself: at least this many VMs.
AIM_VMS_PER_SECOND = 1000


def advice(count: int) -> dict[str, Any]:
    """Advice on that many distinct VMs, one after the other in this process; a tenth in full."""
    vms = fleet(count)
    _advise_all(fleet(WARM_UP_VMS, seed=SEED + 1), _briefly())
    brief = _timed(vms, _briefly())
    return {**brief, "in_full": _timed(vms[: max(1, count // 10)], _in_full())}


def _briefly() -> Advise:
    """Every configuration judged; what the VM may use priced, held against the need and ordered."""
    tiers, pricer = Tiers(), Pricer(shipped_book(), "USD", NOW.date())
    return lambda known: advise_briefly(known, AdviceAsked(vm=known.vm.name), tiers, pricer, NOW)


def _in_full() -> Advise:
    """The same with every sentence, the bill month by month and what drives the spread."""
    tiers, book = Tiers(), shipped_book()
    return lambda known: advise_known(known, AdviceAsked(vm=known.vm.name), tiers, book, NOW)


def _timed(vms: Sequence[KnownVm], advise: Advise) -> dict[str, Any]:
    gc.collect()
    gc.freeze()  # the fleet and the book stay: the collector need not walk them
    wall, processor = perf_counter(), process_time()
    configurations, recommended = _advise_all(vms, advise)
    wall, processor = perf_counter() - wall, process_time() - processor
    gc.unfreeze()
    return {
        "vms": len(vms),
        "configurations_per_vm": round(configurations / len(vms), 1),
        "with_a_recommendation": recommended,
        "vms_per_second": round(len(vms) / wall, 1),
        "vms_per_second_of_one_core": round(len(vms) / processor, 1),
    }


def _advise_all(vms: Sequence[KnownVm], advise: Advise) -> tuple[int, int]:
    """How many configurations were judged and priced, and how many VMs got a recommendation."""
    configurations = recommended = 0
    for known in vms:
        given = advise(known)
        configurations += len(given.assessments)
        recommended += given.recommended is not None
    return configurations, recommended


def told(found: dict[str, Any]) -> list[str]:
    """The figures for people."""
    return [
        f"{found['vms_per_second_of_one_core']:.0f} VMs a second of one core "
        f"(aim: over {AIM_VMS_PER_SECOND}), {found['vms_per_second']:.0f} by the clock:",
        f"{found['vms']:,} distinct VMs, {found['configurations_per_vm']} configurations each, "
        f"{found['with_a_recommendation']:,} with a recommendation.",
        f"{found['in_full']['vms_per_second_of_one_core']:.0f} a second with each month's bill.",
    ]
