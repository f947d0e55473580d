"""Advises on so many VMs of the fleet for each line that comes in, and says what each round took.

`python -P tests/bench/advising_rounds.py VMS ROUNDS`, with PYTHONPATH at the tree that is measured:
this one, or that of an earlier commit. What is imported here was there already at BEFORE
(tests/bench/beside_commit.py).
"""

from __future__ import annotations

import gc
import sys
from time import process_time

from advisor.advising import advise_briefly
from advisor.asked import AdviceAsked
from advisor.model import KnownVm
from advisor.needs import Tiers
from advisor.prices.pricing import Pricer
from advisor.prices.shipped import shipped_book
from tests.bench.fleet import NOW, SEED, fleet

READY = "ready"
WARM_UP_VMS = 300
MADE_BETWEEN_LOOKS = 50_000  #: of the collector: as the command has it now, in both trees


def main(vms: int, rounds: int) -> None:
    tiers, pricer = Tiers(), Pricer(shipped_book(), "USD", NOW.date())

    def seconds(part: list[KnownVm]) -> float:
        """Of the processor, for all of them."""
        begun = process_time()
        for known in part:
            advise_briefly(known, AdviceAsked(vm=known.vm.name), tiers, pricer, NOW)
        return process_time() - begun

    gc.set_threshold(MADE_BETWEEN_LOOKS)
    every = fleet(vms * rounds)
    seconds(fleet(WARM_UP_VMS, seed=SEED + 1))
    gc.collect()
    gc.freeze()  # the fleet and the book stay: the collector need not walk them
    print(READY, flush=True)
    for number, _ in zip(range(rounds), sys.stdin, strict=False):
        print(seconds(every[number * vms : (number + 1) * vms]), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
